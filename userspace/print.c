// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table as netstat's text: net-tools 2.10, byte for byte. What the kernel
 * prints, and netstat does not, is left out under netstat's name: the counts, how
 * many more processes hold a socket, and who will own a connection that is still
 * being set up.
 */
#include "cgroups.h"
#include "names.h"
#include "print.h"
#include "report.h"

#define ADDR_WIDTH	23	/* of the column */
#define TIMER_WIDTH	20	/* likewise, if one follows */
#define ADDR_MAX	22	/* letters of host and port together, the rest is cut */
#define PORT_MAX	18	/* how many of these the port may take */

/**
 * nst_print_which() - which sockets are shown, as a title has it
 * @flags: what is shown, NST_OPT_*
 *
 * Return: netstat's words.
 */
const char *nst_print_which(unsigned int flags)
{
	if (flags & NST_OPT_ALL)
		return "servers and established";
	return flags & NST_OPT_LISTENING ? "only servers" : "w/o servers";
}

/**
 * nst_print_title() - print line 1
 * @flags: what is shown, NST_OPT_*
 * @counts: what it ends in; not under netstat's name
 */
void nst_print_title(unsigned int flags, const char *counts)
{
	printf("Active Internet connections (%s)", nst_print_which(flags));
	if (!(flags & NST_OPT_AS_NETSTAT))
		printf(" %s", counts);
	putchar('\n');
}

/**
 * nst_print_head() - print lines 1 and 2
 * @options: what is shown
 * @counts: what line 1 ends in; not under netstat's name
 */
void nst_print_head(const struct nst_options *options, const char *counts)
{
	char columns[NST_HEAD_MAX];

	nst_print_title(options->flags, counts);
	*nst_format_columns(columns, options->show) = '\0';
	fputs(options->report ? nst_report_head : columns, stdout);
}

/* Writes an address and a port, and cuts them as netstat does. */
static void write_endpoint(char *text, const struct nst_options *options,
			   enum nst_table table, const struct nst_endpoint *end,
			   const u8 *addr, u16 number)
{
	struct nst_word host = end->host, port = end->port;

	if (!(options->flags & NST_OPT_NUMERIC_HOSTS)) {
		host.start = nst_name_host(table, addr);
		host.len = strlen(host.start);
	}
	if (!(options->flags & NST_OPT_NUMERIC_PORTS)) {
		port.start = nst_name_port(table, number);
		port.len = strlen(port.start);
	}
	if (!(options->flags & NST_OPT_WIDE) && host.len + port.len > ADDR_MAX) {
		if (port.len > PORT_MAX)
			port.len = PORT_MAX;
		if (host.len > ADDR_MAX - port.len)
			host.len = ADDR_MAX - port.len;
	}
	snprintf(text, NST_NAME_MAX, "%.*s:%.*s", (int)host.len, host.start,
		 (int)port.len, port.start);
}

static void print_user(FILE *out, const struct nst_options *options, const struct nst_sock *sock)
{
	if (options->flags & NST_OPT_NUMERIC_USERS)
		fprintf(out, " %-10u ", sock->uid);
	else
		fprintf(out, " %-10s ", nst_name_user(sock->uid));
	fprintf(out, "%-10llu", (unsigned long long)sock->inode);
}

static void print_program(FILE *out, const struct nst_options *options,
			  const struct nst_row *row)
{
	struct nst_word program = row->program;

	if (options->flags & NST_OPT_AS_NETSTAT) {
		/* It looks for a row's owner by its inode. */
		program.start = "-";
		if (row->sock.owner && (row->sock.inode || !(row->show & NST_SHOW_USER)))
			program.start = nst_name_program(&row->owner,
							 options->flags & NST_OPT_SAVED);
		program.len = strlen(program.start);
	}
	fprintf(out, " %-20.*s", (int)program.len, program.start);
}

/* Whether the kernel's own line is what is to be printed. */
static bool is_as_read(const struct nst_options *options, const struct nst_row *row)
{
	const unsigned int as_read = NST_OPT_NUMERIC | NST_OPT_AS_NETSTAT;

	return (options->flags & as_read) == NST_OPT_NUMERIC && !options->naming &&
	       options->show == (row->show | (row->more.len ? NST_SHOW_MORE : 0)) &&
	       (options->flags & NST_OPT_WIDE || (row->local.text.len <= ADDR_WIDTH &&
						  row->remote.text.len <= ADDR_WIDTH));
}

/**
 * nst_print_row() - print a row, without a newline
 * @out: where to
 * @options: what is shown
 * @row: the row; has all columns that are shown
 */
void nst_print_row(FILE *out, const struct nst_options *options, const struct nst_row *row)
{
	char local[NST_NAME_MAX], remote[NST_NAME_MAX];
	struct nst_word state = nst_naming_state(options->naming, row);

	if (!options->report && is_as_read(options, row)) {
		fwrite(row->line.start, 1, row->line.len, out);
		return;
	}
	write_endpoint(local, options, row->table, &row->local, row->sock.addr,
		       row->sock.lport);
	write_endpoint(remote, options, row->table, &row->remote, nst_row_remote(row),
		       row->sock.rport);
	if (options->report) {
		nst_report_row(out, row, local, remote, state);
		return;
	}
	fprintf(out, "%-5.*s %6u %6u %-*s %-*s %-11.*s", (int)row->proto.len, row->proto.start,
		row->sock.recvq, row->sock.sendq, ADDR_WIDTH, local, ADDR_WIDTH, remote,
		(int)state.len, state.start);
	if (options->show & NST_SHOW_USER)
		print_user(out, options, &row->sock);
	if (options->show & NST_SHOW_PROGRAM)
		print_program(out, options, row);
	if (options->show & NST_SHOW_TIMER)
		fprintf(out, " %-*.*s", options->show & NST_SHOW_NETNS ? TIMER_WIDTH : 0,
			(int)row->timer.len, row->timer.start);
	if (options->show & NST_SHOW_NETNS)
		fprintf(out, " %u", row->netns);
	if (options->show & NST_SHOW_MORE && nst_options_numeric(options))
		fprintf(out, " %.*s", (int)row->more.len, row->more.start);
	else if (options->show & NST_SHOW_MORE)
		nst_cgroups_print_words(out, row->more);
}
