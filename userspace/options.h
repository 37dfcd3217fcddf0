/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the reader was asked to do.
 */
#ifndef NETSTATE_OPTIONS_H
#define NETSTATE_OPTIONS_H

#include <netstate/sock.h>

/* Whose names states have; --states has a word for each. */
enum nst_naming {
	NST_NAMING_LINUX,
	NST_NAMING_WINDOWS,
	NST_NAMING_ZOS,
	NST_NAMING_RFC,
	NST_NAMINGS
};

/* Bits of struct nst_options' @flags, named after the options. */
#define NST_OPT_ALL		0x001
#define NST_OPT_LISTENING	0x002
#define NST_OPT_WIDE		0x004
#define NST_OPT_NUMERIC_HOSTS	0x008
#define NST_OPT_NUMERIC_PORTS	0x010
#define NST_OPT_NUMERIC_USERS	0x020
#define NST_OPT_NUMERIC		0x038
#define NST_OPT_JSON		0x040
#define NST_OPT_JSONL		0x080
#define NST_OPT_COUNTS		0x100
#define NST_OPT_METRICS		0x200
#define NST_OPT_DIFF		0x400
#define NST_OPT_CHECK		0x800
#define NST_OPT_AS_NETSTAT	0x1000	/* the name we run under: print netstat's bytes only */
#define NST_OPT_SAVED		0x2000	/* the table is of another time, or of another host */
#define NST_OPT_TOP		0x8000
#define NST_OPT_SYMBOLIC	0x10000
#define NST_OPT_FIB		0x20000
#define NST_OPT_CACHE		0x40000
#define NST_OPT_FULL		0x80000
#define NST_OPT_DROP		0x400000
#define NST_OPT_YES		0x800000
#define NST_OPT_AGAIN		0x1000000	/* -c was given, not only a number */

/* What is shown: bits of struct nst_options' @parts. */
#define NST_PART_SOCKETS	0x01	/* of the Internet */
#define NST_PART_MULTICAST	0x02
#define NST_PART_UNIX		0x04
#define NST_PART_ROUTES		0x08
#define NST_PART_INTERFACES	0x10
#define NST_PART_STATISTICS	0x20
#define NST_PART_MASQUERADE	0x40
#define NST_PARTS_ALONE		0x78	/* one of these, and nothing else */

/* Bits of struct nst_options' @tables that belong together. */
#define NST_TABLES_TCP		(BIT(NST_TCP) | BIT(NST_TCP6))
#define NST_TABLES_UDP		(BIT(NST_UDP) | BIT(NST_UDP6))
#define NST_TABLES_RAW		(BIT(NST_RAW) | BIT(NST_RAW6))
#define NST_TABLES_UDPLITE	(BIT(NST_UDPLITE) | BIT(NST_UDPLITE6))
#define NST_TABLES_IPV4		(BIT(NST_TCP) | BIT(NST_UDP) | BIT(NST_RAW) | BIT(NST_UDPLITE))
#define NST_TABLES_IPV6		(NST_TABLES_IPV4 << 1)
#define NST_TABLES_SCTP		BIT(NST_TABLES)	/* no table, but counters */

/**
 * struct nst_options - the command line
 * @answer: all that is to be printed: --help, --version; NULL: go on
 * @flags: NST_OPT_*
 * @tables: enum nst_table as bits
 * @show: columns, NST_SHOW_*
 * @parts: what they are columns of, NST_PART_*
 * @extended: how often -e was given
 * @families: the families that were named, in that order: 4, 6, x
 * @naming: whose names states have
 * @report: the columns are those of a report, not netstat's
 * @interval: seconds between tables; 0 for one table
 * @thresholds: what counts are compared with, separated by spaces; allocated, or NULL
 * @filter: the words of the filter, separated by spaces; allocated
 */
struct nst_options {
	const char *answer;
	unsigned int flags;
	unsigned int tables;
	unsigned int show;
	unsigned int parts;
	unsigned int extended;
	char families[8];
	enum nst_naming naming;
	bool report;
	double interval;
	char *thresholds;
	char *filter;
};

/* Whether nothing has a name: -n was given, or its parts were, all of them. */
static inline bool nst_options_numeric(const struct nst_options *options)
{
	return (options->flags & NST_OPT_NUMERIC) == NST_OPT_NUMERIC;
}

bool nst_options_parse(struct nst_options *options, int argc, char **argv, unsigned int flags);
void nst_options_free(struct nst_options *options);

#endif /* NETSTATE_OPTIONS_H */
