// SPDX-License-Identifier: GPL-2.0-only
/*
 * What netstat tells besides the sockets of the Internet.
 */
#include <stdio.h>

#include "fail.h"
#include "netstat/document.h"
#include "netstat/face.h"

/* Says what netstat does when there are no counters of a family. */
static int refuse_families(const char *families)
{
	printf("netstat: No statistics support for specified address family: ");
	for (; *families; families++)
		printf("%s%s", *families == 'x' ? "unix" : *families == '6' ? "inet6" : "inet",
		       families[1] ? "," : "\n");
	return 1;
}

static const char *families_of(const struct nst_options *options)
{
	return *options->families ? options->families : "4";
}

/* What -r and -s ask for is of a family; returns netstat's status if it is not. */
static int check_families(const struct nst_options *options)
{
	bool statistics = options->parts & NST_PART_STATISTICS;
	const char *families = families_of(options);

	if (!strchr(families, 'x') && !(statistics && families[1]))
		return 0;
	if (statistics && (options->flags & (NST_OPT_AS_NETSTAT | NST_OPT_JSON)) == NST_OPT_AS_NETSTAT)
		return refuse_families(families);
	return nst_fail(NST_EXIT_USAGE, statistics ?
			"-s: counters are of one family, -4 or -6" :
			"-r: no routes of UNIX sockets");
}

/* Prints what is no document, or what is in one. */
static int print_parts(const struct nst_options *options, bool again)
{
	const char *family = families_of(options);
	int status = 0;

	if (options->parts & NST_PART_STATISTICS)
		nst_statistics_print(options, *family == '6');
	for (; options->parts & NST_PART_ROUTES && *family && !status; family++)
		status = nst_routes_print(options, *family == '6');
	if (options->parts & NST_PART_INTERFACES)
		nst_interfaces_print(options, again);
	if (options->parts & NST_PART_MULTICAST)
		status = nst_multicast_print(options);
	if (options->parts & NST_PART_UNIX && !status)
		status = nst_unix_print(options);
	return status;
}

static int print_document(const struct nst_options *options)
{
	const bool statistics = options->parts & NST_PART_STATISTICS;
	int status;

	nst_document_begin(statistics ? "statistics" :
			   options->parts & NST_PART_ROUTES ? "routes" :
			   options->parts & NST_PART_INTERFACES ? "interfaces" :
			   options->parts & NST_PART_MULTICAST ? "multicast_groups" :
								 "unix_sockets",
			   statistics);
	status = print_parts(options, false);
	nst_document_end(statistics, options->parts & NST_PART_UNIX && nst_holders_are_hidden());
	return status;
}

/* Prints all but the sockets of the Internet; @again: it is not the first time. */
int nst_face_print(const struct nst_options *options, bool again)
{
	int status = 0;

	if (options->parts & NST_PART_MASQUERADE)
		return nst_fail(NST_EXIT_IO,
				"masquerading is part of connection tracking: conntrack -L -g");
	if (options->parts & (NST_PART_ROUTES | NST_PART_STATISTICS))
		status = check_families(options);
	if (status || nst_trouble())
		return status;
	return options->flags & NST_OPT_JSON ? print_document(options) :
					       print_parts(options, again);
}
