/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table, from its start to its end: one row, or one group, after the other.
 */
#ifndef NETSTATE_READING_H
#define NETSTATE_READING_H

#include "select.h"
#include "source.h"
#include "table.h"

/**
 * struct nst_reading - a table that is being read
 * @source: where it comes from
 * @select: what is wanted of it; NULL: all
 * @show: the columns that it has
 * @grouped: it is one of groups
 * @groups: then, its columns
 * @promised: how many rows line 1 says there are; valid with @is_promised
 * @is_promised: it says so, and the rows can be counted
 * @rows: how many there were so far
 * @counted: of these, the rows that were wanted
 * @counts: text of the counts: the kernel's, or those of nst_reading_count()
 */
struct nst_reading {
	struct nst_source *source;
	const struct nst_select *select;
	unsigned int show;
	bool grouped;
	struct nst_groups_head groups;
	u64 promised;
	bool is_promised;
	u64 rows;
	struct nst_counts counted;
	char counts[NST_HEAD_MAX];
};

bool nst_reading_begin(struct nst_reading *reading, struct nst_source *source,
		       const struct nst_select *select);
bool nst_reading_row(struct nst_reading *reading, struct nst_row *row);
bool nst_reading_group(struct nst_reading *reading, struct nst_word *line,
		       struct nst_word *column);
void nst_reading_count(struct nst_reading *reading);
bool nst_reading_count_rows(struct nst_reading *reading);

#endif /* NETSTATE_READING_H */
