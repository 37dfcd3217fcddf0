// SPDX-License-Identifier: GPL-2.0-only
/*
 * A report: other columns than netstat's. There is one, byteinfo, with what the
 * report of that name shows on z/OS. What is not known of a socket is "-".
 */
#include "report.h"

/* Line 2. */
const char nst_report_head[] =
	"Proto BytesIn      BytesOut     Idle       Conn       PID/Program name     "
	"Local Address           Foreign Address         State\n";

static struct nst_word value(const struct nst_row *row, const char *key)
{
	struct nst_word word = nst_row_word(row, key);

	return word.len ? word : (struct nst_word){ "-", 1 };
}

/**
 * nst_report_row() - print a row, without a newline
 * @out: where to
 * @row: the row
 * @local: its local end, as text
 * @remote: its remote end
 * @state: its state
 */
void nst_report_row(FILE *out, const struct nst_row *row, const char *local, const char *remote,
		    struct nst_word state)
{
	struct nst_word in = value(row, "bytes_in"), sent = value(row, "bytes_out");
	struct nst_word idle = value(row, "idle"), number = value(row, "cookie");

	fprintf(out, "%-5.*s %-12.*s %-12.*s %-10.*s %-10.*s %-20.*s %-23s %-23s %.*s",
		(int)row->proto.len, row->proto.start, (int)in.len, in.start, (int)sent.len,
		sent.start, (int)idle.len, idle.start, (int)number.len, number.start,
		(int)row->program.len, row->program.start, local, remote, (int)state.len,
		state.start);
}
