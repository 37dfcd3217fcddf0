// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate - show the table of sockets in /proc/netstate
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

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
	{ NST_OPT_PIDS, "--pids", "netstate-pids", "netstate" },
	{ NST_OPT_DIFF, "--diff", "netstate-diff", "netstate" },
	{ NST_OPT_DIAGNOSE, "--diagnose", "netstate-diagnose", "netstate" },
	{ NST_OPT_JSON | NST_OPT_JSONL, "--json", "netstate-json", "netstate" },
};

/*
 * Becomes that program: the one in this one's directory, or else the one that is installed.
 * If this program has more rights than its user, the user could choose that directory: then
 * only the installed one will do. Returns false if nothing asks for any of them.
 */
static bool run(unsigned int flags, char **argv)
{
	char path[PATH_MAX + 64], *slash;
	ssize_t len = getauxval(AT_SECURE) ? -1 : readlink("/proc/self/exe", path, PATH_MAX);
	size_t i = 0;

	while (i < ARRAY_SIZE(programs) && !(flags & programs[i].flag))
		i++;
	if (i == ARRAY_SIZE(programs) || flags & NST_OPT_METRICS)
		return false;
	path[len > 0 ? len : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash) {
		strcpy(slash + 1, programs[i].name);
		execv(path, argv);
	}
	snprintf(path, sizeof(path), NETSTATE_LIBEXECDIR "/%s", programs[i].name);
	execv(path, argv);
	nst_fail(NST_EXIT_USAGE,
		 "%s: %s is not installed, neither beside this program nor as %s (%s); "
		 "it is in the package %s", programs[i].option, programs[i].name, path,
		 strerror(errno), programs[i].package);
	return true;
}

/* Prints what is asked for, again and again if that is wanted; returns netstat's status. */
static int show(struct nst_options *options)
{
	static struct nst_source source;	/* holds a large buffer */
	static struct nst_select select;
	const bool sockets = options->parts & NST_PART_SOCKETS;
	const bool metrics = options->flags & NST_OPT_METRICS;
	struct nst_word line;
	int status, again = false;

	if (sockets && options->parts != NST_PART_SOCKETS && nst_source_saved())
		nst_warn("%s has another table's sockets; what follows them is this host's",
			 nst_source_saved());
	if (metrics ? !nst_source_open_metrics(&source) :
	    sockets && !nst_view_open(&source, &select, options))
		return 0;
	do {
		while (metrics && nst_source_line(&source, &line))
			printf("%.*s\n", (int)line.len, line.start);
		if (sockets && !metrics)
			nst_view_table(&source, &select, options);
		status = nst_trouble() ? 0 : nst_face_print(options, again++);
	} while (!nst_trouble() && nst_flush() && options->interval && !status &&
		 nst_view_again(sockets ? &source : NULL, options->interval));
	return status;
}

int main(int argc, char **argv)
{
	static struct nst_options options;
	struct nst_filter filter;
	int status = EXIT_SUCCESS;

	nst_view_init();
	if (nst_options_parse(&options, argc, argv, 0)) {
		if (options.interval &&
		    !(options.flags & (NST_OPT_AGAIN | NST_OPT_TOP | NST_OPT_CHECK | NST_OPT_DIAGNOSE)))
			nst_warn("again every %g s, as with -c; a port is asked for by lport= or rport=",
				 options.interval);
		if (!(options.flags & NST_OPT_CHECK))
			status = run(options.flags, argv) ? 0 : show(&options);
		else if (nst_words_parse(&options.filter, &filter))
			puts(options.filter);	/* as the kernel would get it */
	}
	return nst_tell(status);
}
