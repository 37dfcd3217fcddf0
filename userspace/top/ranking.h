/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Groups of sockets in an order, and what has changed since they were read before.
 */
#ifndef NETSTATE_TOP_RANKING_H
#define NETSTATE_TOP_RANKING_H

#include "reading.h"

#define NST_RANK_KEY_MAX 80	/* longer than a key that the kernel writes */

/* What ranks groups besides the columns: how many sockets have been added. */
#define NST_RANK_GROWTH "growth"

/**
 * struct nst_rank_key - what a group's sockets have in common
 * @part: as the kernel writes it; the second one may be empty
 */
struct nst_rank_key {
	char part[NST_GROUP_KEYS][NST_RANK_KEY_MAX];
};

/**
 * struct nst_ranked - a group
 * @key: what its sockets have in common
 * @value: its numbers, in the order of the columns behind the keys
 * @before: those of the reading before, all 0 if it was not there; the same as @value
 *	in the first one
 * @is_new: it was not there
 * @place: where the kernel put it
 */
struct nst_ranked {
	struct nst_rank_key key;
	u64 value[NST_GROUP_COLUMNS];
	u64 before[NST_GROUP_COLUMNS];
	bool is_new;
	size_t place;
};

/**
 * struct nst_total - a count of line 1
 * @name: what it counts
 * @value: the count
 * @before: that of the reading before, if there was one
 */
struct nst_total {
	char name[16];
	u64 value;
	u64 before;
};

/**
 * struct nst_ranking - the groups of a reading
 * @head: their columns
 * @numbers: how many of these are numbers
 * @rates: how many of these, at the end, are not the kernel's
 * @total: all sockets together
 * @totals: how many counts that are
 * @group: the groups
 * @groups: how many
 * @shown: bit by bit, the numbers that are not 0 everywhere, since the first reading
 * @filled: this holds a reading
 */
struct nst_ranking {
	struct nst_groups_head head;
	unsigned int numbers;
	unsigned int rates;
	struct nst_total total[NST_GROUP_COLUMNS];
	unsigned int totals;
	struct nst_ranked *group;
	size_t groups;
	unsigned int shown;
	bool filled;
};

bool nst_ranking_read(struct nst_ranking *ranking, struct nst_source *source);
void nst_ranking_forget(struct nst_ranking *ranking);
int nst_ranking_column(const struct nst_ranking *ranking, const char *name);
void nst_ranking_sort(struct nst_ranking *ranking, const char *by);
size_t nst_ranking_find(const struct nst_ranking *ranking, const struct nst_rank_key *key);

#endif /* NETSTATE_TOP_RANKING_H */
