// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups of the sockets of a capture. Their memory is bounded by the number of
 * groups, which has a limit of its own; sockets past it are counted together.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "store/budget.h"
#include "store/groups.h"
#include "store/rows.h"

#define FIRST_BITS 6		/* log2 of the first size of the hash table */
#define GROUPS_MAX (16 * 1024 * 1024)

static unsigned int groups_max = 16384;

static int set_groups_max(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 1, GROUPS_MAX);
}

static const struct kernel_param_ops groups_max_ops = {
	.set = set_groups_max,
	.get = param_get_uint,
};

module_param_cb(groups_max, &groups_max_ops, &groups_max, 0644);
MODULE_PARM_DESC(groups_max,
		 "groups that one read can tell apart; the others are one line (default 16384)");

static size_t table_size(unsigned int bits)
{
	return sizeof(struct nst_group *) << bits;
}

static bool is_key(const struct nst_groups *groups, const struct nst_group_key *a,
		   const struct nst_group_key *b)
{
	const u32 *x = (const u32 *)a, *y = (const u32 *)b;
	unsigned int i;

	for (i = 0; i < groups->words; i++)
		if (x[i] != y[i])
			return false;
	return true;
}

/* Where a group is in the table, or the free place where it belongs. */
static struct nst_group **find(const struct nst_groups *groups, const struct nst_group_key *key)
{
	u32 mask = (1U << groups->bits) - 1;
	u32 i = jhash2((const u32 *)key, groups->words, groups->seed) & mask;

	/* Ends: half of the places are free. */
	while (groups->group[i] && !is_key(groups, &groups->group[i]->key, key))
		i = (i + 1) & mask;

	return &groups->group[i];
}

/* Twice the table, or the first one. */
static int grow(struct nst_groups *groups)
{
	struct nst_group **old = groups->group, **table;
	unsigned int old_bits = groups->bits;
	unsigned int bits = old ? old_bits + 1 : FIRST_BITS;
	bool privileged = groups->pool.privileged;
	u32 i;

	table = nst_budget_alloc(table_size(bits), privileged);
	if (!table)
		return -ENOMEM;

	groups->group = table;
	groups->bits = bits;
	for (i = 0; old && i < 1U << old_bits; i++) {
		if (old[i])
			*find(groups, &old[i]->key) = old[i];
		if (!(i % 1024))
			cond_resched();
	}

	nst_budget_free(old, table_size(old_bits), privileged);
	return 0;
}

/* The group with a key, or what is counted in its place. */
static struct nst_group *group_of(struct nst_groups *groups, const struct nst_group_key *key)
{
	struct nst_group **place, *group;
	int err;

	if (!groups->group || groups->count >= 1U << (groups->bits - 1)) {
		err = grow(groups);
		if (err)
			return ERR_PTR(err);
	}

	place = find(groups, key);
	if (*place)
		return *place;
	if (groups->count == groups->most)
		return &groups->other;

	err = nst_pool_reserve(&groups->pool, sizeof(*group));
	if (err)
		return ERR_PTR(err);
	group = nst_pool_take(&groups->pool, sizeof(*group));
	memset(group, 0, sizeof(*group));
	group->key = *key;
	groups->count++;
	*place = group;
	return group;
}

/* Counts a socket for one of its holders, or for nobody. */
static int take_for(struct nst_groups *groups, struct nst_sock *sock, enum nst_table table,
		    const struct nst_process *process)
{
	struct nst_group_key key;
	struct nst_group *group;

	nst_group_key_make(&key, &groups->grouping, sock, table, nst_sock_more(sock, table),
			   process, groups->netns);
	group = group_of(groups, &key);
	if (IS_ERR(group))
		return PTR_ERR(group);

	nst_group_add(group, sock, table, groups->counts.total);
	if (!(++groups->steps % 256))
		cond_resched();
	return 0;
}

static int take_row(struct nst_groups *groups, struct nst_sock *sock, enum nst_table table)
{
	const struct nst_holder *holder;
	int err;

	nst_counts_add(&groups->counts, table, sock->state, 1);
	err = take_for(groups, sock, table, sock->owner);
	if (!sock->more || !groups->by_owner)
		return err;

	/* Of a program with several processes, the first makes it count. */
	for (holder = nst_sock_holders(sock, table)->first; holder && !err; holder = holder->next)
		err = take_for(groups, sock, table, holder->process);

	return err;
}

/**
 * nst_groups_init() - make an empty set of groups
 * @groups: filled in
 * @grouping: how they are to be made
 * @netns: inode of the network namespace of all sockets whose records do not say theirs
 * @privileged: whether the whole budget may be used
 */
void nst_groups_init(struct nst_groups *groups, const struct nst_grouping *grouping, u32 netns,
		     bool privileged)
{
	memset(groups, 0, sizeof(*groups));
	groups->grouping = *grouping;
	groups->by_owner = nst_grouping_by_owner(grouping);
	groups->words = nst_grouping_words(grouping);
	groups->seed = get_random_u32();
	groups->netns = netns;
	groups->most = READ_ONCE(groups_max);
	groups->pool.privileged = privileged;
}

/**
 * nst_groups_take() - count records in their groups
 * @groups: the groups
 * @rows: the records, with what the groups are made by: a struct nst_more behind each
 *	for cgroups, their holders for processes and programs
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOMEM.
 */
int nst_groups_take(struct nst_groups *groups, struct nst_rows *rows)
{
	struct nst_cursor cursor;
	struct nst_sock *sock;
	int err = 0;

	for (nst_cursor_start(rows, &cursor); !err && (sock = nst_cursor_row(&cursor));
	     nst_cursor_next(rows, &cursor)) {
		if (rows->netns)
			groups->netns = *nst_rows_netns(rows, cursor.table, sock);
		err = take_row(groups, sock, cursor.table);
	}

	return err;
}

static int compare(const void *a, const void *b)
{
	cond_resched();
	return nst_group_compare(*(const struct nst_group *const *)a,
				 *(const struct nst_group *const *)b);
}

/**
 * nst_groups_sort() - put the groups into the order in which they are shown
 * @groups: the groups; no more can be added
 *
 * Context: process context, may sleep.
 */
void nst_groups_sort(struct nst_groups *groups)
{
	u32 i, n = 0;

	for (i = 0; groups->group && i < 1U << groups->bits; i++)
		if (groups->group[i])
			groups->group[n++] = groups->group[i];
	sort(groups->group, n, sizeof(*groups->group), compare, NULL);
}

/**
 * nst_groups_free() - free all groups
 * @groups: the groups
 *
 * Context: may sleep.
 */
void nst_groups_free(struct nst_groups *groups)
{
	nst_budget_free(groups->group, table_size(groups->bits), groups->pool.privileged);
	groups->group = NULL;
	nst_pool_free(&groups->pool);
}

/**
 * nst_groups_line() - write a line
 * @groups: the groups, sorted
 * @i: which line, less than nst_groups_shown()
 * @text: where to; room for NST_GROUP_MAX bytes
 * @bound: whether it has a column for NST_BOUND
 *
 * Return: the end of the text.
 */
char *nst_groups_line(const struct nst_groups *groups, u32 i, char *text, bool bound)
{
	bool other = i >= min(groups->count, groups->grouping.top);

	return nst_format_group(text, other ? &groups->other : groups->group[i],
				&groups->grouping, other, bound);
}
