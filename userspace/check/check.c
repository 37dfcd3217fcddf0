// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate-check - counts against thresholds, as a plugin of a monitoring system; or is this
 * a filter?
 */
#include <stdlib.h>

#include "beside/count.h"
#include "check/threshold.h"
#include "explain/explain.h"
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
	if (!nst_source_open(&source, options->flags & NST_OPT_REQUIRE) ||
	    !nst_select_set(&select, options, &source) ||
	    !nst_reading_begin(&reading, &source, &select) || !nst_count_rows(&reading))
		return false;
	/* What nobody seems to hold may be anybody's. */
	if (reading.hidden)
		return nst_fail(NST_EXIT_IO, "who holds sockets is hidden from this user, "
				"and this filter asks for it; root sees all, "
				"and the group of the module's parameter owners_gid%s",
				source.without ? ". Without the module it is not known of "
				"SYN_RECV: state!=syn_recv leaves that out" : "");
	/* An incomplete table cannot be judged: sockets may be missing. */
	return !reading.incomplete ||
	       nst_fail(NST_EXIT_IO, "%s: the table is incomplete", source.path);
}

int main(int argc, char **argv)
{
	static struct nst_options options;
	static struct nst_filter filter;
	int status = EXIT_SUCCESS;

	if (!nst_options_parse(&options, argc, argv, 0))
		return nst_tell(status);
	if (!(options.flags & NST_OPT_CHECK))
		nst_fail_as_plugin();
	if (!nst_explain_parse(&options.filter, &filter))
		return nst_tell(status);
	if (options.flags & NST_OPT_CHECK)
		puts(options.filter);	/* as the kernel would get it */
	else if (count(&options))
		status = nst_threshold_print(options.thresholds, nst_word_of(reading.counts));
	return nst_tell(status);
}
