// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate-metrics - print for Prometheus the counters that the kernel module has, or groups
 */
#include <stdlib.h>

#include "fail.h"
#include "forms.h"
#include "metrics/groups.h"

static bool print(struct nst_source *source)
{
	struct nst_word line;

	while (nst_check_output() && nst_source_line(source, &line))
		printf("%.*s\n", (int)line.len, line.start);
	return !nst_trouble() && nst_flush();
}

int main(int argc, char **argv)
{
	static struct nst_source source;	/* holds a large buffer */
	static struct nst_options options;
	struct nst_metrics_groups *groups = NULL;
	bool is_open = false;

	nst_view_init();
	if (!nst_options_parse(&options, argc, argv, NST_OPT_METRICS | NST_OPT_REQUIRE))
		return nst_tell(EXIT_SUCCESS);
	if (*options.filter)
		groups = nst_metrics_groups_open(&source, &options);
	else
		is_open = nst_source_open_metrics(&source);
	if (groups || is_open)
		while ((groups ? nst_metrics_groups_print(groups) && nst_flush() :
				 print(&source)) &&
		       options.interval && nst_view_again(&source, options.interval))
			continue;
	return nst_tell(EXIT_SUCCESS);
}
