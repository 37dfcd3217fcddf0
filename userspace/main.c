// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate - show the table of sockets in /proc/netstate
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "diff.h"
#include "fail.h"
#include "names.h"
#include "options.h"
#include "select.h"
#include "source.h"
#include "view.h"
#include "words.h"

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
		fputs("(Not all processes could be identified, non-owned process info\n"
		      " will not be shown, you would have to be root to see it all.)\n", stderr);
}

static void wait_for(double seconds)
{
	struct timespec rest = { .tv_sec = seconds };

	rest.tv_nsec = (seconds - rest.tv_sec) * 1e9;
	while (nanosleep(&rest, &rest) && errno == EINTR)
		continue;
}

static int check(struct nst_options *options)
{
	struct nst_filter filter;

	nst_words_parse(&options->filter, &filter);
	puts(options->filter);
	nst_flush();
	free(options->filter);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct nst_options options;
	struct nst_select select = { .need = 0 };
	int status = EXIT_SUCCESS;

	signal(SIGPIPE, leave);
	nst_options_parse(&options, argc, argv);
	if (options.flags & NST_OPT_CHECK)
		return check(&options);
	if (options.flags & NST_OPT_METRICS) {
		nst_source_open_metrics(&source);
	} else {
		nst_source_open(&source);
		nst_select_set(&select, &options, &source);
	}
	if (select.need & NST_SHOW_PROGRAM && source.filters)
		warn_of_hidden_owners();

	for (;;) {
		if (options.flags & NST_OPT_METRICS)
			nst_view_metrics(&source);
		else
			status = nst_view_table(&source, &select, &options);
		nst_flush();
		if (!options.interval)
			break;
		wait_for(options.interval);
		nst_names_forget_programs();
		nst_source_rewind(&source);
	}
	close(source.fd);
	nst_names_free();
	nst_diff_free();
	free(options.thresholds);
	free(options.filter);
	return status;
}
