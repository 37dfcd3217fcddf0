// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate - show the table of sockets in /proc/netstate
 */
#include <errno.h>
#include <stdlib.h>

#include "beside/run.h"
#include "fail.h"
#include "forms.h"
#include "netstat/face.h"
#include "select.h"

/* Some options are programs of their own; if several are given, the first in this table runs. */
static const struct {
	unsigned int flag;	/* NST_OPT_* */
	const char *option;
	const char *name;
	const char *package;
} programs[] = {
	{ NST_OPT_DROP, "--drop", "netstate-drop", "netstate" },
	{ NST_OPT_TOP, "--top", "netstate-top", "netstate-top" },
	{ NST_OPT_THRESHOLD, "--check-threshold", "netstate-check", "netstate" },
	{ NST_OPT_CHECK, "--check", "netstate-check", "netstate" },
	{ NST_OPT_PIDS, "--pids", "netstate-pids", "netstate" },
	{ NST_OPT_DIFF, "--diff", "netstate-diff", "netstate" },
	{ NST_OPT_DIAGNOSE, "--diagnose", "netstate-diagnose", "netstate" },
	{ NST_OPT_SORT, "sort=", "netstate-sort", "netstate" },
	{ NST_OPT_METRICS, "--metrics", "netstate-metrics", "netstate" },
	{ NST_OPT_JSON | NST_OPT_JSONL, "--json", "netstate-json", "netstate" },
};

/* Becomes that program; returns false if nothing asks for any of them. */
static bool run(unsigned int flags, char **argv)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(programs) && !(flags & programs[i].flag))
		i++;
	if (i == ARRAY_SIZE(programs))
		return false;
	nst_run(programs[i].name, argv);
	nst_fail(NST_EXIT_USAGE,
		 "%s: %s is not installed, neither beside this program nor as %s/%s (%s); "
		 "it is in the package %s", programs[i].option, programs[i].name,
		 NETSTATE_LIBEXECDIR, programs[i].name, strerror(errno), programs[i].package);
	return true;
}

/* Prints what is asked for, again and again if that is wanted; returns netstat's status. */
static int show(struct nst_options *options)
{
	static struct nst_source source;	/* holds a large buffer */
	static struct nst_select select;
	const bool sockets = options->parts & NST_PART_SOCKETS;
	int status, again = false;

	if (sockets && options->parts != NST_PART_SOCKETS && nst_source_saved())
		nst_warn("%s has another table's sockets; what follows them is this host's",
			 nst_source_saved());
	if (sockets && !nst_view_open(&source, &select, options))
		return 0;
	do {
		if (sockets)
			nst_view_table(&source, &select, options);
		status = nst_trouble() ? 0 : nst_face_print(options, again++);
	} while (!nst_trouble() && nst_flush() && options->interval && !status &&
		 nst_view_again(sockets ? &source : NULL, options->interval));
	return status;
}

int main(int argc, char **argv)
{
	static struct nst_options options;
	int status = EXIT_SUCCESS;

	nst_view_init();
	if (nst_options_parse(&options, argc, argv, 0)) {
		if (options.interval &&
		    !(options.flags & (NST_OPT_AGAIN | NST_OPT_TOP | NST_OPT_CHECK | NST_OPT_DIAGNOSE)))
			nst_warn("again every %g s, as with -c; a port is asked for by lport= or rport=",
				 options.interval);
		status = options.parts & NST_PART_SOCKETS && run(options.flags, argv) ?
			 0 : show(&options);
	}
	return nst_tell(status);
}
