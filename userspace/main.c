// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate - show the table of sockets in /proc/netstate
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"
#include "forms.h"
#include "names/names.h"
#include "netstat/face.h"
#include "netstat/program.h"
#include "options.h"
#include "reading.h"
#include "select.h"

#ifndef NETSTATE_LIBEXECDIR
#define NETSTATE_LIBEXECDIR "/usr/local/libexec/netstate"
#endif

static struct nst_source source;	/* holds a large buffer */

/* Whoever reads what we print has seen enough. */
static void leave(int signal)
{
	(void)signal;
	_exit(EXIT_SUCCESS);
}

/* What netstat says when it may not look into all processes. */
static void warn_of_hidden_owners(void)
{
	int fd = open("/proc/1/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	else if (errno == EACCES)
		fputs(NST_HOLDERS_HIDDEN, stderr);
}

static void wait_for(double seconds)
{
	struct timespec rest = { .tv_sec = seconds };

	rest.tv_nsec = (seconds - rest.tv_sec) * 1e9;
	while (nanosleep(&rest, &rest) && errno == EINTR)
		continue;
}

/*
 * Becomes a program of its own: one that lies beside this one, or where they are installed.
 * Whoever runs this with more rights than they have can put nothing in its place.
 */
static bool run(const char *option, const char *name, const char *package, char **argv)
{
	char path[PATH_MAX + 64], *slash;
	ssize_t len = getauxval(AT_SECURE) ? -1 : readlink("/proc/self/exe", path, PATH_MAX);

	path[len > 0 ? len : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash) {
		strcpy(slash + 1, name);
		execv(path, argv);
	}
	snprintf(path, sizeof(path), NETSTATE_LIBEXECDIR "/%s", name);
	execv(path, argv);
	return nst_fail(NST_EXIT_USAGE,
			"%s: %s is not installed, neither beside this program nor as %s (%s); "
			"it is in the package %s", option, name, path, strerror(errno), package);
}

static bool check(struct nst_options *options)
{
	struct nst_filter filter;

	if (!nst_words_parse(&options->filter, &filter))
		return false;
	puts(options->filter);
	return nst_flush();
}

static bool open_source(struct nst_select *select, struct nst_options *options)
{
	if (options->flags & NST_OPT_METRICS)
		return nst_source_open_metrics(&source);
	if (!nst_source_open(&source) || !nst_select_set(select, options, &source))
		return false;
	if (source.filters)	/* a saved table's are another host's */
		nst_cgroups_open();
	if (select->need & NST_SHOW_PROGRAM && source.filters)
		warn_of_hidden_owners();
	return !nst_trouble();
}

/* Prints what is asked for, again and again if that is wanted; returns netstat's status. */
static int show(struct nst_options *options)
{
	static struct nst_select select;
	const bool sockets = options->parts & NST_PART_SOCKETS;
	bool again = false;
	int status;

	if (sockets && options->parts != NST_PART_SOCKETS && nst_source_saved())
		nst_warn("%s has another table's sockets; what follows them is this host's",
			 nst_source_saved());
	if (sockets && !open_source(&select, options))
		return 0;
	for (;; again = true) {
		if (options->flags & NST_OPT_METRICS)
			nst_view_metrics(&source);
		else if (sockets)
			nst_view_table(&source, &select, options);
		status = nst_trouble() ? 0 : nst_face_print(options, again);
		if (nst_trouble() || !nst_flush() || !options->interval || status)
			return status;
		wait_for(options->interval);
		nst_names_forget();
		nst_program_forget();
		nst_cgroups_forget();
		if (sockets && !nst_source_rewind(&source))
			return 0;
	}
}

int main(int argc, char **argv)
{
	struct nst_options options;
	int status = EXIT_SUCCESS;

	signal(SIGPIPE, leave);
	if (!nst_options_parse(&options, argc, argv, 0)) {
		/* said below */
	} else if (options.answer) {
		fputs(options.answer, stdout);
		nst_flush();
	} else if (options.flags & NST_OPT_CHECK) {
		check(&options);
	} else if (options.flags & NST_OPT_DROP) {
		run("--drop", "netstate-drop", "netstate", argv);
	} else if (options.flags & NST_OPT_TOP) {
		run("--top", "netstate-top", "netstate-top", argv);
	} else if (options.thresholds) {
		run("--check-threshold", "netstate-check", "netstate", argv);
	} else {
		if (options.interval && !(options.flags & NST_OPT_AGAIN))
			nst_warn("again every %g s, as with -c; a port is asked for by lport= or rport=",
				 options.interval);
		status = show(&options);
	}
	nst_names_forget();
	nst_cgroups_forget();
	nst_diff_free();
	nst_options_free(&options);
	return nst_tell(status);
}
