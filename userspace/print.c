// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table as netstat's text: net-tools 2.10, byte for byte. What the kernel prints, and
 * netstat does not, is left out under netstat's name: the counts, how many others hold a
 * socket, and who will own a connection that is still being set up.
 */
#include "forms.h"
#include "names/names.h"
#include "netstat/elsewhere.h"
#include "netstat/program.h"

#define ADDR_WIDTH	23	/* of the column */
#define TIMER_WIDTH	20	/* likewise, if one follows */
#define STATE_WIDTH	11
#define START_LEN	79	/* of the columns that all rows have, as the kernel writes them */
#define ADDR_MAX	22	/* characters of host and port together, the rest is cut */
#define PORT_MAX	18	/* how many of these the port may take */

/* Which sockets are shown, in netstat's words. */
const char *nst_print_which(unsigned int flags)
{
	if (flags & NST_OPT_ALL)
		return "servers and established";
	return flags & NST_OPT_LISTENING ? "only servers" : "w/o servers";
}

/* Prints line 1, which ends in the counts, but not under netstat's name. */
void nst_print_title(unsigned int flags, const char *counts)
{
	printf("Active Internet connections (%s)", nst_print_which(flags));
	if (!(flags & NST_OPT_AS_NETSTAT)) {
		putchar(' ');
		nst_put(stdout, nst_word_of(counts));
	}
	putchar('\n');
}

/* Prints lines 1 and 2. */
void nst_print_head(const struct nst_options *options, const char *counts)
{
	char columns[NST_HEAD_MAX];

	if (options->flags & NST_OPT_NO_HEADER)
		return;
	nst_print_title(options->flags, counts);
	*nst_format_columns(columns, options->show) = '\0';
	fputs(options->flags & NST_OPT_REPORT ? nst_elsewhere_head : columns, stdout);
}

/* Writes an address and a port, and cuts them as netstat does. */
static struct nst_word write_endpoint(char *text, const struct nst_options *options,
				      enum nst_table table, const struct nst_endpoint *end,
				      const u8 *addr, u16 number)
{
	char host_name[NST_NAME_MAX], port_name[NST_NAME_MAX];
	struct nst_word host = end->host, port = end->port;

	if (!(options->flags & NST_OPT_NUMERIC_HOSTS))
		host = nst_word_of(nst_name_host(table, addr, host_name));
	if (!(options->flags & NST_OPT_NUMERIC_PORTS))
		port = nst_word_of(nst_name_port(table, number, port_name));
	if (!(options->flags & NST_OPT_WIDE) && host.len + port.len > ADDR_MAX) {
		if (port.len > PORT_MAX)
			port.len = PORT_MAX;
		if (host.len > ADDR_MAX - port.len)
			host.len = ADDR_MAX - port.len;
	}
	snprintf(text, NST_NAME_MAX, "%.*s:%.*s", (int)host.len, host.start, (int)port.len,
		 port.start);
	return nst_word_of(text);
}

static void print_user(FILE *out, const struct nst_options *options, const struct nst_sock *sock)
{
	u32 uid = sock->uid == NST_UID_NONE ? 0 : sock->uid;	/* as netstat has it */
	char name[NST_NAME_MAX];

	putc_unlocked(' ', out);
	if (options->flags & NST_OPT_NUMERIC_USERS)
		fprintf(out, "%-10u", uid);
	else
		nst_put_padded(out, nst_word_of(nst_name_user(uid, name)), 10);
	fprintf(out, " %-10llu", (unsigned long long)sock->inode);
}

static void print_program(FILE *out, const struct nst_options *options, const struct nst_row *row)
{
	struct nst_word program = row->program;
	bool owned = row->sock.owner && (row->sock.inode || !(row->show & NST_SHOW_USER));

	/* netstat finds owners by inodes: without an inode, no owner. */
	if (options->flags & NST_OPT_AS_NETSTAT)
		program = nst_word_of(!owned ? "-" : nst_program_name(&row->owner,
								      options->flags & NST_OPT_SAVED));
	putc_unlocked(' ', out);
	nst_put_padded(out, program, 20);
}

/* Whether the kernel's line can be printed as it is. */
static bool is_as_read(const struct nst_options *options, const struct nst_row *row)
{
	const unsigned int as_read = NST_OPT_NUMERIC | NST_OPT_AS_NETSTAT;

	return (options->flags & as_read) == NST_OPT_NUMERIC && !options->naming &&
	       !(options->flags & NST_OPT_REPORT) &&
	       (options->show & ~NST_SHOW_WORDS) == (row->show & ~(NST_SHOW_PLAIN | NST_SHOW_NOTED)) &&
	       !(options->show & NST_SHOW_WORDS) == !row->detail.len &&
	       (options->flags & NST_OPT_WIDE || (row->local.text.len <= ADDR_WIDTH &&
						  row->remote.text.len <= ADDR_WIDTH));
}

/* Whether the columns that all rows have stand in the line as they would be printed. */
static bool is_start_as_read(const struct nst_options *options, const struct nst_row *row)
{
	const unsigned int numeric = NST_OPT_NUMERIC_HOSTS | NST_OPT_NUMERIC_PORTS;
	const char *p = row->line.start, *state = p + START_LEN - STATE_WIDTH;
	size_t len = row->state.len;

	return (options->flags & (numeric | NST_OPT_REPORT)) == numeric && !options->naming &&
	       row->line.len >= START_LEN && row->proto.start == p &&
	       !memcmp(p + 5, "      0      0 ", 15) && row->local.text.start == p + 20 &&
	       row->remote.text.start == p + 44 && row->remote.text.len <= ADDR_WIDTH &&
	       len <= STATE_WIDTH && (len ? row->state.start == state : state[-1] == ' ') &&
	       !memcmp(state + len, "           ", STATE_WIDTH - len);
}

/* Prints the columns that all rows have, or those of a report. */
static void print_start(FILE *out, const struct nst_options *options, const struct nst_row *row)
{
	struct nst_word local, remote, state = nst_elsewhere_state(options->naming, row);
	char near[NST_NAME_MAX], far[NST_NAME_MAX];

	local = write_endpoint(near, options, row->table, &row->local, row->sock.addr,
			       row->sock.lport);
	remote = write_endpoint(far, options, row->table, &row->remote, nst_row_remote(row),
				row->sock.rport);
	if (options->flags & NST_OPT_REPORT) {
		nst_elsewhere_report(out, row, local, remote, state);
		return;
	}
	fprintf(out, "%-5.*s %6u %6u ", (int)row->proto.len, row->proto.start, row->sock.recvq,
		row->sock.sendq);
	nst_put_padded(out, local, ADDR_WIDTH);
	putc_unlocked(' ', out);
	nst_put_padded(out, remote, ADDR_WIDTH);
	fprintf(out, " %-*.*s", STATE_WIDTH, (int)state.len, state.start);
}

/* Prints a row that has all columns that are shown, without a newline. */
void nst_print_row(FILE *out, const struct nst_options *options, const struct nst_row *row)
{
	if (is_as_read(options, row)) {
		nst_put(out, row->line);
		return;
	}
	if (is_start_as_read(options, row))
		nst_put(out, (struct nst_word){ row->line.start, START_LEN });
	else
		print_start(out, options, row);
	if (options->flags & NST_OPT_REPORT)
		return;
	if (options->show & NST_SHOW_USER)
		print_user(out, options, &row->sock);
	if (options->show & NST_SHOW_PROGRAM)
		print_program(out, options, row);
	if (options->show & NST_SHOW_TIMER) {
		putc_unlocked(' ', out);
		nst_put_padded(out, row->timer, options->show & NST_SHOW_NETNS ? TIMER_WIDTH : 0);
	}
	if (options->show & NST_SHOW_NETNS)
		fprintf(out, " %u", row->netns);
	if (options->show & NST_SHOW_WORDS && nst_options_numeric(options)) {
		putc_unlocked(' ', out);
		nst_put(out, row->detail);
	} else if (options->show & NST_SHOW_WORDS) {
		nst_cgroups_print_words(out, row->detail);
	}
}
