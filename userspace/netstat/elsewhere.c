// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the netstat of other systems shows: their names of states, and a report, byteinfo,
 * with the columns of z/OS.
 */
#include "netstat/elsewhere.h"

#define ADDR_WIDTH	23	/* of a column */

const char nst_elsewhere_head[] =
	"Proto BytesIn      BytesOut     Idle       Conn       PID/Program name     "
	"Local Address           Foreign Address         State\n";

/* Finds the names that --states asks for; false if there are none of that word. */
bool nst_elsewhere_naming(const char *word, enum nst_naming *naming)
{
	static const char *const words[NST_NAMINGS] = {
		[NST_NAMING_LINUX] = "linux", [NST_NAMING_WINDOWS] = "windows",
		[NST_NAMING_ZOS] = "zos", [NST_NAMING_RFC] = "rfc",
	};

	for (*naming = 0; *naming < NST_NAMINGS; ++*naming)
		if (!strcmp(word, words[*naming]))
			return true;
	return false;
}

/*
 * The name that the state of a row has elsewhere: in Windows' netstat, in that of z/OS (as TSO
 * and its shell have it), in RFC 9293. Where a protocol has no states, the row's own text is
 * kept.
 */
struct nst_word nst_elsewhere_state(enum nst_naming naming, const struct nst_row *row)
{
	static const char *const names[NST_NAMINGS][NST_STATES] = {
		[NST_NAMING_WINDOWS] = {
			NULL, "ESTABLISHED", "SYN_SENT", "SYN_RECEIVED", "FIN_WAIT_1",
			"FIN_WAIT_2", "TIME_WAIT", "CLOSED", "CLOSE_WAIT", "LAST_ACK", "LISTENING",
			"CLOSING", "SYN_RECEIVED", "BOUND", "CLOSED",
		},
		[NST_NAMING_ZOS] = {
			NULL, "Establsh", "SynSent", "SynRcvd", "FinWait1", "FinWait2", "TimeWait",
			"Closed", "ClosWait", "LastAck", "Listen", "Closing", "SynRcvd", "Bound",
			"Closed",
		},
		[NST_NAMING_RFC] = {
			NULL, "ESTABLISHED", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1",
			"FIN-WAIT-2", "TIME-WAIT", "CLOSED", "CLOSE-WAIT", "LAST-ACK", "LISTEN",
			"CLOSING", "SYN-RECEIVED", "BOUND", "CLOSED",
		},
	};
	const char *name = NULL;

	if ((BIT(row->table) & NST_TABLES_TCP || row->sock.state == NST_UNHASHED) &&
	    row->sock.state < NST_STATES)
		name = names[naming][row->sock.state];
	else if (naming == NST_NAMING_ZOS && !(BIT(row->table) & NST_TABLES_RAW))
		name = "UDP";
	return name ? nst_word_of(name) : row->state;
}

/* Prints a row of the report, without a newline. */
void nst_elsewhere_report(FILE *out, const struct nst_row *row, struct nst_word local,
			  struct nst_word remote, struct nst_word state)
{
	static const struct {
		const char *key;
		int width;
	} columns[] = { { "bytes_in", 12 }, { "bytes_out", 12 }, { "idle", 10 }, { "cookie", 10 } };
	struct nst_word word;
	size_t i;

	nst_put_padded(out, row->proto, 5);
	for (i = 0; i < ARRAY_SIZE(columns); i++) {
		word = nst_word_value(row->detail, columns[i].key);
		fputc(' ', out);
		nst_put_padded(out, word.len ? word : nst_word_of("-"), columns[i].width);
	}
	fputc(' ', out);
	nst_put_padded(out, row->program, 20);
	fputc(' ', out);
	nst_put_padded(out, local, ADDR_WIDTH);
	fputc(' ', out);
	nst_put_padded(out, remote, ADDR_WIDTH);
	fputc(' ', out);
	nst_put(out, state);
}
