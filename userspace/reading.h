/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table, from its start to its end, and where it comes from: /proc/netstate, or a file
 * that one was saved in.
 */
#ifndef NETSTATE_READING_H
#define NETSTATE_READING_H

#include "table.h"

#define NST_SOURCE_BUFFER (256 * 1024)	/* also the longest line */

#define NST_HIDDEN_WORD " owners=some"	/* of line 1 */

struct nst_select;

/* An open table. */
struct nst_source {
	const char *path;
	bool filters;		/* it takes a filter, and applies it */
	bool saved;		/* it is of another time, or of another host */
	bool without;		/* it is made by netstate-proc, without the module: */
	char *question;		/* what was asked for; allocated */
	int child;		/* that process */
	int fd;
	unsigned long line;	/* number of the line that was read last */
	size_t start;		/* where the next line begins in @buffer */
	size_t end;		/* where what was read ends */
	char buffer[NST_SOURCE_BUFFER];
};

/* A table that is being read. */
struct nst_reading {
	struct nst_source *source;
	const struct nst_select *select;	/* what is wanted of it; NULL: all */
	unsigned int show;			/* the columns that it has */
	bool grouped;				/* it is one of groups */
	struct nst_groups_head groups;		/* then, its columns */
	bool is_promised;			/* line 1 says how many rows there are: */
	u64 promised;
	u64 rows;				/* how many there were so far */
	u64 incomplete;				/* parts that the kernel left out */
	bool (*count_row)(struct nst_word line);	/* NULL, or counts one that need not be read */
	bool hidden;				/* owners are hidden, and were asked for */
	struct nst_counts counted;		/* of these, the rows that were wanted */
	char counts[NST_HEAD_MAX];		/* the kernel's, or those of nst_reading_count() */
};

/* source.c */
const char *nst_source_saved(void);
bool nst_source_open(struct nst_source *source, bool required);
bool nst_source_open_metrics(struct nst_source *source);
void nst_source_close(struct nst_source *source);
bool nst_source_filter(struct nst_source *source, const char *filter);
bool nst_source_rewind(struct nst_source *source);
bool nst_source_line(struct nst_source *source, struct nst_word *line);

/* reading.c */
bool nst_reading_begin(struct nst_reading *reading, struct nst_source *source,
		       const struct nst_select *select);
bool nst_reading_row(struct nst_reading *reading, struct nst_row *row);
bool nst_reading_group(struct nst_reading *reading, struct nst_word *line, struct nst_word *column);
void nst_reading_count(struct nst_reading *reading);

#endif /* NETSTATE_READING_H */
