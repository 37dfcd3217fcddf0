// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate-check - counts against thresholds, as a plugin of a monitoring system
 */
#include <stdlib.h>

#include "check/threshold.h"
#include "fail.h"
#include "options.h"
#include "reading.h"
#include "select.h"

static struct nst_source source;	/* holds a large buffer */
static struct nst_reading reading;

static bool count(struct nst_options *options)
{
	static struct nst_select select;

	if (!options->thresholds)
		return nst_fail(NST_EXIT_USAGE, "--check-threshold says what is to be compared");
	if (!nst_source_open(&source) || !nst_select_set(&select, options, &source) ||
	    !nst_reading_begin(&reading, &source, &select) || !nst_reading_count_rows(&reading))
		return false;
	/* An incomplete table cannot be judged: sockets may be missing. */
	return !reading.incomplete ||
	       nst_fail(NST_EXIT_IO, "%s: the table is incomplete", source.path);
}

int main(int argc, char **argv)
{
	static struct nst_options options;
	int status = NST_PLUGIN_UNKNOWN;

	nst_fail_as_plugin();
	if (nst_options_parse(&options, argc, argv, 0) && count(&options))
		status = nst_threshold_print(options.thresholds, nst_word_of(reading.counts));
	return nst_tell(status);
}
