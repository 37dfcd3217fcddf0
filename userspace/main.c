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

#include "cgroups.h"
#include "diff.h"
#include "drop.h"
#include "fail.h"
#include "holders.h"
#include "names.h"
#include "options.h"
#include "parts.h"
#include "select.h"
#include "source.h"
#include "top.h"
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
		fputs(NST_HOLDERS_HIDDEN, stderr);
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

/* Prints what -r or -s asks for, which are of a family; returns netstat's status. */
static int print_of_family(const struct nst_options *options)
{
	const char *family = *options->families ? options->families : "4";
	int status = 0;

	if (strchr(family, 'x') || (options->parts & NST_PART_STATISTICS && family[1]))
		nst_die(NST_EXIT_USAGE, options->parts & NST_PART_ROUTES ?
			"-r: no routes of UNIX sockets" : "-s: counters are of one family, -4 or -6");
	if (options->parts & NST_PART_STATISTICS)
		nst_statistics_print(*family == '6', options->tables);
	for (; options->parts & NST_PART_ROUTES && *family && !status; family++)
		status = nst_routes_print(options, *family == '6');
	return status;
}

/* Prints all but the sockets of the Internet; returns netstat's status. */
static int print_parts(const struct nst_options *options, bool again)
{
	int status = 0;

	if (options->parts & NST_PART_MASQUERADE)
		nst_die(NST_EXIT_IO, "masquerading is part of connection tracking: conntrack -L -g");
	if (options->parts & (NST_PART_ROUTES | NST_PART_STATISTICS))
		return print_of_family(options);
	if (options->parts & NST_PART_INTERFACES)
		nst_interfaces_print(options->flags & NST_OPT_ALL, options->extended, again);
	if (options->parts & NST_PART_MULTICAST)
		status = nst_multicast_print(options);
	if (options->parts & NST_PART_UNIX && !status)
		status = nst_unix_print(options);
	return status;
}

static void open_source(struct nst_select *select, struct nst_options *options)
{
	if (options->flags & NST_OPT_METRICS) {
		nst_source_open_metrics(&source);
		return;
	}
	nst_source_open(&source);
	nst_select_set(select, options, &source);
	if (source.filters)	/* a saved table's are another host's */
		nst_cgroups_open();
	if (select->need & NST_SHOW_PROGRAM && source.filters)
		warn_of_hidden_owners();
}

int main(int argc, char **argv)
{
	struct nst_options options;
	struct nst_select select = { .need = 0 };
	bool sockets, again = false;
	int status = EXIT_SUCCESS, failed;

	signal(SIGPIPE, leave);
	nst_options_parse(&options, argc, argv);
	if (options.flags & NST_OPT_CHECK)
		return check(&options);
	nst_drop_check(&options);
	if (options.flags & NST_OPT_TOP)
		return nst_top(&options, &source);
	sockets = options.parts & NST_PART_SOCKETS;
	if (sockets)
		open_source(&select, &options);

	for (;;) {
		if (options.flags & NST_OPT_METRICS)
			nst_view_metrics(&source);
		else if (options.flags & NST_OPT_DROP)
			status = nst_drop(&source, &select, &options);
		else if (sockets)
			status = nst_view_table(&source, &select, &options);
		failed = print_parts(&options, again);
		nst_flush();
		if (!options.interval || failed)
			break;
		wait_for(options.interval);
		nst_names_forget_programs();
		nst_cgroups_look_again();
		if (sockets)
			nst_source_rewind(&source);
		again = true;
	}
	if (sockets)
		close(source.fd);
	nst_names_free();
	nst_cgroups_free();
	nst_diff_free();
	free(options.thresholds);
	free(options.filter);
	return failed ? failed : status;
}
