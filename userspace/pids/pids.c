// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate-pids - print the pids of the processes that hold sockets, each once, for kill
 */
#include <stdlib.h>

#include "fail.h"
#include "forms.h"
#include "select.h"

#define PIDS_MAX	(4 * 1024 * 1024)	/* the kernel's PID_MAX_LIMIT */

static u8 held[PIDS_MAX / 8];	/* a bit for each pid */

static void note(u32 pid)
{
	if (pid < PIDS_MAX)
		held[pid / 8] |= BIT(pid % 8);
}

/* Notes who holds a socket: the one that the row names, and all that it lists as owners. */
static void note_holders(const struct nst_row *row)
{
	struct nst_word rest = row->owners;
	struct nst_process owner;
	u32 others = row->sock.others;

	if (row->sock.owner)
		note(row->owner.pid);
	if (rest.len)
		nst_row_next_owner(&rest, &owner);
	for (; rest.len && nst_row_next_owner(&rest, &owner); others -= !!others)
		note(owner.pid);
	if (others)
		nst_fail(NST_EXIT_IO, "%.*s: more processes hold this socket than its row names",
			 (int)row->local.text.len, row->local.text.start);
}

static void print_pids(void)
{
	u32 pid;

	for (pid = 1; pid < PIDS_MAX; pid++)
		if (held[pid / 8] & BIT(pid % 8))
			printf("%u\n", pid);
	memset(held, 0, sizeof(held));
}

int main(int argc, char **argv)
{
	static struct nst_source source;	/* holds a large buffer */
	static struct nst_options options;
	static struct nst_reading reading;
	static struct nst_select select;
	struct nst_row row;

	nst_view_init();
	if (!nst_options_parse(&options, argc, argv, NST_OPT_PIDS) ||
	    !nst_view_open(&source, &select, &options))
		return nst_tell(EXIT_SUCCESS);
	while (nst_view_begin(&reading, &source, &select, &options)) {
		if (reading.grouped)
			nst_fail(NST_EXIT_USAGE, "--pids and group= do not go together");
		while (!nst_trouble() && nst_reading_row(&reading, &row))
			note_holders(&row);
		if (nst_trouble())
			break;
		print_pids();
		if (!nst_flush() || !options.interval ||
		    !nst_view_again(&source, options.interval))
			break;
	}
	return nst_tell(EXIT_SUCCESS);
}
