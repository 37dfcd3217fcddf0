/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text of a table of groups, taken apart.
 */
#ifndef NETSTATE_GROUPS_H
#define NETSTATE_GROUPS_H

#include <netstate/group.h>

#include "table.h"

#define NST_GROUP_COLUMNS 24	/* more than there are */
#define NST_GROUP_WIDTH 23	/* of what a group has in common, or wider */

/**
 * struct nst_groups_head - the names of a table's columns
 * @line: the line
 * @name: these
 * @columns: how many
 * @keys: how many of them, at the start, say what a group has in common
 */
struct nst_groups_head {
	char line[NST_GROUP_MAX];
	char name[NST_GROUP_COLUMNS][16];
	unsigned int columns;
	unsigned int keys;
};

bool nst_groups_parse_head(struct nst_groups_head *head, struct nst_word line);
bool nst_groups_parse_line(const struct nst_groups_head *head, struct nst_word line,
			   struct nst_word *column);

#endif /* NETSTATE_GROUPS_H */
