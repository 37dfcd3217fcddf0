// SPDX-License-Identifier: GPL-2.0-only
/*
 * What netstat tells besides the sockets of the Internet.
 */
#include <stdio.h>

#include "fail.h"
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

/* Prints what -r or -s asks for, which are of a family. */
static int print_of_family(const struct nst_options *options)
{
	const char *family = *options->families ? options->families : "4";
	bool statistics = options->parts & NST_PART_STATISTICS;
	bool refused = strchr(family, 'x') || (statistics && family[1]);
	int status = 0;

	if (refused && statistics && options->flags & NST_OPT_AS_NETSTAT)
		return refuse_families(family);
	if (refused)
		return nst_fail(NST_EXIT_USAGE, statistics ?
				"-s: counters are of one family, -4 or -6" :
				"-r: no routes of UNIX sockets");
	if (statistics)
		nst_statistics_print(*family == '6', options->tables);
	for (; !statistics && *family && !status; family++)
		status = nst_routes_print(options, *family == '6');
	return status;
}

/* Prints all but the sockets of the Internet; @again: it is not the first time. */
int nst_face_print(const struct nst_options *options, bool again)
{
	int status = 0;

	if (options->parts & NST_PART_MASQUERADE)
		nst_fail(NST_EXIT_IO, "masquerading is part of connection tracking: conntrack -L -g");
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
