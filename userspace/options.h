/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the reader was asked to do.
 */
#ifndef NETSTATE_OPTIONS_H
#define NETSTATE_OPTIONS_H

#include "table.h"

/* Which system's names states have; --states has a word for each system. */
enum nst_naming {
	NST_NAMING_LINUX, NST_NAMING_WINDOWS, NST_NAMING_ZOS, NST_NAMING_RFC, NST_NAMINGS
};

/* Bits of struct nst_options' @flags, named after the options. */
#define NST_OPT_ALL		BIT(0)
#define NST_OPT_LISTENING	BIT(1)
#define NST_OPT_WIDE		BIT(2)
#define NST_OPT_NUMERIC_HOSTS	BIT(3)
#define NST_OPT_NUMERIC_PORTS	BIT(4)
#define NST_OPT_NUMERIC_USERS	BIT(5)
#define NST_OPT_NUMERIC		(BIT(3) | BIT(4) | BIT(5))
#define NST_OPT_JSON		BIT(6)
#define NST_OPT_JSONL		BIT(7)
#define NST_OPT_COUNTS		BIT(8)
#define NST_OPT_METRICS		BIT(9)
#define NST_OPT_DIFF		BIT(10)
#define NST_OPT_CHECK		BIT(11)
#define NST_OPT_AS_NETSTAT	BIT(12)	/* the name we run under: print netstat's bytes only */
#define NST_OPT_SAVED		BIT(13)	/* the table is of another time, or of another host */
#define NST_OPT_TOP		BIT(14)
#define NST_OPT_SYMBOLIC	BIT(15)
#define NST_OPT_FIB		BIT(16)
#define NST_OPT_CACHE		BIT(17)
#define NST_OPT_FULL		BIT(18)
#define NST_OPT_DROP		BIT(19)
#define NST_OPT_YES		BIT(20)
#define NST_OPT_AGAIN		BIT(21)	/* -c was given, not only a number */
#define NST_OPT_REPORT		BIT(22)	/* the columns are those of a report, not netstat's */
#define NST_OPT_THRESHOLD	BIT(23)
#define NST_OPT_NO_HEADER	BIT(24)
#define NST_OPT_PIDS		BIT(25)
#define NST_OPT_DIAGNOSE	BIT(26)
#define NST_OPT_REQUIRE		BIT(27)	/* the module, or nothing */
#define NST_OPT_SORT		BIT(28)
/* Those that netstat lacks, and that are about sockets only. */
#define NST_OPT_OURS	(NST_OPT_JSON | NST_OPT_JSONL | NST_OPT_COUNTS | NST_OPT_DIFF | \
			 NST_OPT_METRICS | NST_OPT_CHECK | NST_OPT_TOP | NST_OPT_DROP | \
			 NST_OPT_REPORT | NST_OPT_THRESHOLD | NST_OPT_NO_HEADER | \
			 NST_OPT_PIDS | NST_OPT_SORT | NST_OPT_REQUIRE | NST_OPT_DIAGNOSE)

/* What is shown: bits of struct nst_options' @parts. */
#define NST_PART_SOCKETS	BIT(0)	/* of the Internet */
#define NST_PART_MULTICAST	BIT(1)
#define NST_PART_UNIX		BIT(2)
#define NST_PART_ROUTES		BIT(3)
#define NST_PART_INTERFACES	BIT(4)
#define NST_PART_STATISTICS	BIT(5)
#define NST_PART_MASQUERADE	BIT(6)
#define NST_PARTS_ALONE		0x78	/* one of these, and nothing else */

/* The command line. */
struct nst_options {
	unsigned int flags;	/* NST_OPT_* */
	unsigned int tables;	/* enum nst_table as bits, NST_TABLES_* */
	unsigned int show;	/* columns, NST_SHOW_* */
	unsigned int also;	/* columns that are needed, but not shown */
	unsigned int parts;	/* what they are columns of, NST_PART_* */
	unsigned int extended;	/* how often -e was given */
	char families[8];	/* those that were named, in that order: 4, 6, x */
	enum nst_naming naming;
	double interval;	/* seconds between tables; 0: one table */
	char *thresholds;	/* what counts are compared with; allocated, or NULL */
	const char *sort;	/* what rows are sorted by, or NULL */
	char *filter;		/* words, separated by spaces; allocated */
};

/* Whether all is numeric: -n was given, or each of its three parts. */
static inline bool nst_options_numeric(const struct nst_options *options)
{
	return (options->flags & NST_OPT_NUMERIC) == NST_OPT_NUMERIC;
}

bool nst_options_parse(struct nst_options *options, int argc, char **argv, unsigned int flags);

#endif /* NETSTATE_OPTIONS_H */
