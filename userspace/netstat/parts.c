// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which of netstat's tables are shown, by its rules.
 */
#include <stdlib.h>

#include "fail.h"
#include "netstat/parts.h"

/* Whether something else than Internet sockets is wanted as JSON, which is without names. */
static bool is_document(struct nst_options *options)
{
	if (!(options->flags & NST_OPT_JSON) || options->flags & NST_OPT_OURS & ~NST_OPT_JSON ||
	    *options->filter)
		return false;
	options->flags |= NST_OPT_NUMERIC;
	return !(options->parts & (options->parts - 1)) ||
	       nst_fail(NST_EXIT_USAGE, "--json: a document has one table");
}

/* Other options that netstat lacks are for Internet sockets only. */
static bool choose_parts(struct nst_options *options, unsigned int parts, bool narrowed)
{
	bool ours = options->flags & NST_OPT_OURS || *options->filter;
	unsigned int alone = parts & NST_PARTS_ALONE;

	if (alone & (alone - 1))
		return nst_fail(NST_EXIT_USAGE, "-r, -i, -s and -M: one at a time");
	options->parts = alone ? alone : parts;
	if (!alone && (!parts || narrowed))
		options->parts |= NST_PART_SOCKETS;
	if (ours && options->parts & ~NST_PART_SOCKETS && !is_document(options))
		return nst_fail(NST_EXIT_USAGE,
				"filters, reports, and other forms are for sockets of TCP, UDP and raw IP only");
	if (!(options->flags & NST_OPT_AS_NETSTAT))
		return true;
	/*
	 * netstat prints counters only once; and UNIX sockets, too, if no family or protocol
	 * is named.
	 */
	if (alone & NST_PART_STATISTICS)
		options->interval = 0;
	if (options->parts == NST_PART_SOCKETS && !narrowed && !ours && !getenv("NETSTATE_FILE"))
		options->parts |= NST_PART_UNIX;
	return true;
}

static bool choose_tables(struct nst_options *options, unsigned int tables, unsigned int families)
{
	const unsigned int all = NST_TABLES_IPV4 | NST_TABLES_IPV6;

	options->tables = tables ? tables : all | NST_TABLES_SCTP;
	if (families)
		options->tables &= families | NST_TABLES_SCTP;
	if (options->parts & NST_PART_STATISTICS)
		return true;
	options->tables &= all;
	if (tables & NST_TABLES_SCTP)
		return nst_fail(NST_EXIT_USAGE, "-S: of SCTP, only counters are shown: -s");
	if (!(options->flags & NST_OPT_DROP))
		return true;
	/* The kernel can't end UDP-Lite, and might end another raw socket: it ignores cookies. */
	options->tables &= NST_TABLES_TCP | NST_TABLES_UDP;
	return options->tables || nst_fail(NST_EXIT_USAGE, "--drop ends what is of TCP or UDP");
}

/**
 * nst_parts_choose() - choose what is shown
 * @options: its parts and tables are filled in; the rest is known
 * @parts: what was asked for, NST_PART_*
 * @tables: the tables of the protocols that were asked for, NST_TABLES_*; 0 if none were
 * @families: the same of families
 *
 * Return: whether it makes sense.
 */
bool nst_parts_choose(struct nst_options *options, unsigned int parts, unsigned int tables,
		      unsigned int families)
{
	/* A family asks for Internet sockets, too, but where a document is of groups. */
	const bool narrows = families && !(options->flags & NST_OPT_JSON &&
					   parts == NST_PART_MULTICAST);

	return choose_parts(options, parts, tables || narrows) &&
	       choose_tables(options, tables, families);
}

/* Whether an option stands on the command line with its whole name. */
bool nst_parts_is_given(const char *name, char **argv)
{
	size_t len = strlen(name);

	while (*argv && (strncmp(*argv, "--", 2) || strncmp(*argv + 2, name, len) ||
			 ((*argv)[2 + len] && (*argv)[2 + len] != '=')))
		argv++;
	return *argv;
}
