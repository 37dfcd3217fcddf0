// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate-diff - show again and again what has changed in the table of sockets
 */
#include <stdlib.h>

#include "diff/changes.h"
#include "fail.h"
#include "select.h"

static struct nst_source source;	/* holds a large buffer */

static bool read_table(const struct nst_select *select, const struct nst_options *options)
{
	static struct nst_reading reading;
	struct nst_row row;

	if (!nst_view_begin(&reading, &source, select, options))
		return false;
	if (reading.grouped)
		return nst_fail(NST_EXIT_USAGE, "--diff and group= do not go together");
	while (nst_reading_row(&reading, &row))
		if (!nst_changes_add(&row))
			return false;
	return !nst_trouble();
}

int main(int argc, char **argv)
{
	static struct nst_options options;
	static struct nst_select select;

	nst_view_init();
	if (nst_options_parse(&options, argc, argv, NST_OPT_DIFF) &&
	    nst_view_open(&source, &select, &options))
		while (read_table(&select, &options) && nst_changes_print(&options) && nst_flush() &&
		       nst_view_again(&source, options.interval))
			continue;
	return nst_tell(EXIT_SUCCESS);
}
