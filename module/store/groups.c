// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups of the sockets of a snapshot. Their memory is bounded by the number of
 * groups, which has a limit of its own; sockets past it are counted together.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "params.h"
#include "rest.h"
#include "store/budget.h"
#include "store/groups.h"
#include "store/rows.h"

#define REST 256	/* times that a socket is counted between two rests */

/**
 * struct place - a slot of the groups
 * @group: the group, NULL in a free one
 * @hash: of its key
 */
struct place {
	struct nst_group *group;
	u32 hash;
};

/* What a slot is compared with. */
struct wanted {
	const struct nst_groups *groups;
	const struct nst_group_key *key;
	u32 hash;
};

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

static __always_inline bool is_free(const void *slot)
{
	return !((const struct place *)slot)->group;
}

static __always_inline bool is_wanted(const struct nst_slots *slots, const void *slot,
				      const void *key)
{
	const struct wanted *wanted = key;
	const struct place *place = slot;

	return place->hash == wanted->hash &&
	       is_key(wanted->groups, &place->group->key, wanted->key);
}

static __always_inline u32 home_of_hash(const struct nst_slots *slots, u32 hash)
{
	return hash >> (32 - slots->bits);
}

static __always_inline u32 home(const struct nst_slots *slots, const void *slot)
{
	return home_of_hash(slots, ((const struct place *)slot)->hash);
}

static const struct nst_slots_kind by_key = {
	.size = sizeof(struct place),
	.is_free = is_free,
	.is = is_wanted,
	.home = home,
};

/* The group with a key, or what is counted in its place. */
static struct nst_group *group_of(struct nst_groups *groups, const struct nst_group_key *key)
{
	const struct wanted wanted = {
		.groups = groups,
		.key = key,
		.hash = jhash2((const u32 *)key, groups->words, groups->seed),
	};
	struct nst_group *group;
	struct place *place;
	int err;

	err = nst_slots_reserve(&groups->slots, &by_key, 1);
	if (err)
		return ERR_PTR(err);

	place = nst_slots_find(&groups->slots, &by_key,
			       home_of_hash(&groups->slots, wanted.hash), &wanted);
	if (place && place->group)
		return place->group;
	if (!place || groups->count == groups->most)
		return &groups->other;

	err = nst_pool_reserve(&groups->pool, sizeof(*group));
	if (err)
		return ERR_PTR(err);
	group = nst_pool_alloc(&groups->pool, sizeof(*group));
	memset(group, 0, sizeof(*group));
	group->key = *key;
	*place = (struct place){ .group = group, .hash = wanted.hash };
	groups->slots.count++;
	groups->count++;
	return group;
}

/* Counts a socket for one of its holders, or for nobody. */
static int take_for(struct nst_groups *groups, struct nst_sock *sock, enum nst_table table,
		    const struct nst_process *process)
{
	struct nst_group_key key;
	struct nst_group *group;

	nst_group_key_make(&key, &groups->grouping, sock, table, nst_sock_detail(sock, table),
			   process, groups->netns);
	group = group_of(groups, &key);
	if (IS_ERR(group))
		return PTR_ERR(group);

	nst_group_add(group, sock, table, groups->counts.total);
	return ++groups->steps % REST ? 0 : nst_rest();
}

static int take_row(struct nst_groups *groups, struct nst_sock *sock, enum nst_table table)
{
	const struct nst_holder *holder;
	u32 more = sock->others;
	int err;

	nst_counts_add(&groups->counts, table, sock->state, 1);
	err = take_for(groups, sock, table, sock->owner);
	if (!more || !groups->by_owner)
		return err;

	/* Of a program with several processes, the first makes it count. */
	for (holder = nst_sock_holders(sock, table)->first; holder && more && !err;
	     holder = holder->next, more--)
		err = take_for(groups, sock, table, holder->process);

	/* Holders that are not noted, all of them together. */
	if (more)
		nst_group_add(&groups->other, sock, table, groups->counts.total);

	return err;
}

/**
 * nst_groups_init() - make an empty set of groups
 * @groups: filled in
 * @grouping: how they are to be made
 * @netns: inode of the network namespace of all sockets whose records do not say theirs
 * @budget: whom their memory is charged to
 */
void nst_groups_init(struct nst_groups *groups, const struct nst_grouping *grouping, u32 netns,
		     struct nst_budget *budget)
{
	memset(groups, 0, sizeof(*groups));
	groups->grouping = *grouping;
	groups->by_owner = nst_grouping_by_owner(grouping);
	groups->words = nst_grouping_words(grouping);
	groups->seed = get_random_u32();
	groups->netns = netns;
	groups->most = READ_ONCE(nst_params.groups_max);
	groups->pool.budget = budget;
	nst_slots_init(&groups->slots, budget);
}

/**
 * nst_groups_add_rows() - count records in their groups
 * @groups: the groups
 * @rows: the records, with what the groups are made by: a struct nst_detail behind each
 *	for cgroups, their holders for processes and programs
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_groups_add_rows(struct nst_groups *groups, struct nst_rows *rows)
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

static size_t sorted_size(const struct nst_groups *groups)
{
	return (size_t)groups->count * sizeof(*groups->group);
}

/**
 * nst_groups_sort() - put the groups into the order in which they are shown
 * @groups: the groups; no more can be added
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_groups_sort(struct nst_groups *groups)
{
	struct nst_slots *slots = &groups->slots;
	u32 i, n = 0;
	int err = 0;

	if (!groups->count)
		return 0;

	groups->group = nst_budget_alloc(slots->budget, sorted_size(groups));
	if (!groups->group)
		return -ENOMEM;

	for (i = 0; !err && i < 1U << slots->bits; i++) {
		const struct place *place = nst_slots_at(slots, &by_key, i);

		if (place->group)
			groups->group[n++] = place->group;
		if (!(i % 4096))
			err = nst_rest();
	}
	if (!err)
		sort(groups->group, n, sizeof(*groups->group), compare, NULL);

	nst_slots_free(slots, by_key.size);
	return err ?: nst_rest();
}

/**
 * nst_groups_free() - free all groups
 * @groups: the groups
 *
 * Context: may sleep.
 */
void nst_groups_free(struct nst_groups *groups)
{
	nst_budget_free(groups->slots.budget, groups->group, sorted_size(groups));
	groups->group = NULL;
	nst_slots_free(&groups->slots, by_key.size);
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
