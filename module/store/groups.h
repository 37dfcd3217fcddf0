/* SPDX-License-Identifier: GPL-2.0-only */
/* Groups of the sockets of a snapshot. */
#ifndef NST_GROUPS_H
#define NST_GROUPS_H

#include <netstate/group.h>

#include "store/pool.h"
#include "store/slots.h"

struct nst_rows;

/**
 * struct nst_groups - groups of sockets
 * @grouping: how they are made
 * @by_owner: whether by who holds the sockets
 * @words: so many 32-bit words of a key tell them apart
 * @seed: of their hash, so that nobody can choose addresses that collide
 * @netns: inode of the network namespace of the sockets, or of the one that is counted
 * @slots: while sockets are counted, the groups by their key
 * @group: after nst_groups_sort(), the groups in the order in which they are shown
 * @count: how many groups there are
 * @most: how many there may be
 * @other: the sockets that are in none of them, since there may be no more
 * @counts: all sockets, each once
 * @steps: how often a socket was put into a group
 * @pool: where the groups lie
 */
struct nst_groups {
	struct nst_grouping grouping;
	bool by_owner;
	unsigned int words;
	u32 seed;
	u32 netns;
	struct nst_slots slots;
	struct nst_group **group;
	u32 count;
	u32 most;
	struct nst_group other;
	struct nst_counts counts;
	u32 steps;
	struct nst_pool pool;
};

void nst_groups_init(struct nst_groups *groups, const struct nst_grouping *grouping, u32 netns,
		     struct nst_budget *budget);
int nst_groups_add_rows(struct nst_groups *groups, struct nst_rows *rows);
int nst_groups_sort(struct nst_groups *groups);
void nst_groups_free(struct nst_groups *groups);

/**
 * nst_groups_shown() - how many lines are to be shown
 * @groups: the groups, sorted
 *
 * Return: the number of groups, "top" at most, and one more if there are others.
 */
static inline u32 nst_groups_shown(const struct nst_groups *groups)
{
	return min(groups->count, groups->grouping.top) + !!groups->other.counts.total;
}

char *nst_groups_line(const struct nst_groups *groups, u32 i, char *text, bool bound);

#endif /* NST_GROUPS_H */
