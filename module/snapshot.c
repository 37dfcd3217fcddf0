// SPDX-License-Identifier: GPL-2.0-only
/*
 * What one read shows: walk the tables, find the owners, count. Everything that is printed
 * afterwards comes from it.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>

#include <net/net_namespace.h>

#include <netstate/filter.h>
#include <netstate/info.h>

#include "owner/access.h"
#include "owner/owner.h"
#include "rest.h"
#include "snapshot.h"
#include "store/budget.h"
#include "store/holders.h"
#include "store/stats.h"
#include "store/unowned.h"
#include "walk/detail.h"
#include "walk/netns.h"
#include "walk/walk.h"

/* What each record has behind it. */
static size_t extra(unsigned int needs)
{
	if (needs & (NST_NEED_TCP | NST_NEED_MEM))
		return sizeof(struct nst_detail) + sizeof(struct nst_info);
	if (needs & NST_NEED_DETAIL)
		return sizeof(struct nst_detail);

	return needs & NST_NEED_HOLDERS ? sizeof(struct nst_holders) : 0;
}

/* The pids are those of the proc mount that the file was opened in. */
static struct pid_namespace *pids_of(const struct nst_access *access)
{
	return proc_pid_ns(file_inode(access->file)->i_sb);
}

/* Walks the tables, then the files of processes, if they may lead to more. */
static int walk_one(struct nst_walk *walk, struct nst_access *access, unsigned long unhashed)
{
	int err = nst_walk_all(walk);

	if (!err && unhashed) {
		walk->query.tables = unhashed;
		err = nst_walk_unhashed(walk, access, pids_of(access));
	}

	return err;
}

/* As walk_one(), all of the network namespaces that the filter lets through. */
static int walk_several(struct nst_walk *walk, struct nst_access *access, unsigned long unhashed,
			struct nst_slots *devices)
{
	struct nst_nets nets;
	int err;

	err = nst_nets_get(&nets, walk->scope.net, walk->query.filter, access, pids_of(access));
	if (!err && nets.slots.count) {
		walk->scope.nets = &nets;
		nst_nets_enter(&walk->scope, nets.last);
		err = walk_one(walk, access, unhashed);
		if (!err)
			err = nst_nets_settle(&nets, walk->sink.rows,
					      walk->query.needs & NST_NEED_DETAIL ?
					      nst_detail_name_device : NULL, devices);
	}

	walk->sink.incomplete += nets.incomplete;
	nst_nets_free(&nets);
	return err;
}

/* So many values of a filter are compared in the time that a socket takes. */
#define VALUES_PER_SOCKET 16

/*
 * By how much the visit of a socket takes longer than a plain one. An expression may be
 * asked for its tuple, and again for the rest.
 */
static unsigned int dear(const struct nst_filter *filter, unsigned int needs)
{
	unsigned int values = 0, i;

	for (i = 0; i < filter->tests; i++)
		values += filter->test[i].values;
	for (i = 0; i < filter->steps; i++)
		values += 2 * (1 + filter->step[i].test.values);

	return values / VALUES_PER_SOCKET + (needs & NST_NEED_DETAIL ? 1 : 0) +
	       (needs & NST_NEED_TCP ? 1 : 0) + (needs & NST_NEED_MEM ? 1 : 0);
}

/* What is wanted of a socket. Gives the tables of unhashed sockets that are wanted, too. */
static unsigned long make_query(struct nst_query *query, const struct nst_filter *filter,
				unsigned int needs)
{
	unsigned long tables = filter->tables & nst_walk_tables();

	query->filter = filter;
	query->needs = needs;
	query->dear = dear(filter, needs);
	nst_prefilter_make(&query->prefilter, filter);
	query->tables = tables & nst_prefilter_tables(&query->prefilter, false);
	query->eager = !query->prefilter.tuple && filter->states & BIT(NST_ESTABLISHED);
	query->listeners = needs & NST_NEED_LISTENERS;

	return tables & nst_prefilter_tables(&query->prefilter, true);
}

/* Which devices have been named, of one namespace. */
struct naming {
	struct nst_slots *devices;
	struct net *net;
};

/* Every record stays; those of several namespaces have been named by nst_nets_settle(). */
static bool name_device(void *arg, struct nst_sock *sock, enum nst_table table)
{
	const struct naming *naming = arg;

	nst_detail_name_device(naming->devices, nst_sock_detail(sock, table), naming->net);
	return true;
}

static int walk(struct nst_snapshot *snapshot, struct net *net, const struct nst_filter *filter,
		struct nst_access *access, unsigned int needs)
{
	struct nst_slots devices;
	struct naming naming = { .devices = &devices, .net = net };
	struct nst_walk *walk;
	unsigned long unhashed;
	int err;

	walk = nst_budget_alloc(access->budget, sizeof(*walk));
	if (!walk)
		return -ENOMEM;

	nst_slots_init(&walk->at.noted, access->budget);
	nst_slots_init(&devices, access->budget);
	walk->scope.net = net;
	walk->scope.held = net;
	walk->scope.user_ns = access->file->f_cred->user_ns;
	walk->scope.marks = needs & NST_NEED_DETAIL &&
			    nst_access_may_administrate(access, net->user_ns);
	unhashed = make_query(&walk->query, filter, needs);
	walk->sink.rows = &snapshot->rows;
	/*
	 * Owners, devices, unhashed sockets and dead namespaces are known only after the walk,
	 * and what is in a group cannot be taken out of it again.
	 */
	if (nst_snapshot_is_grouped(snapshot) && !unhashed &&
	    !(needs & (NST_NEED_OWNER | NST_NEED_NETNS | NST_NEED_LATE)))
		walk->sink.groups = &snapshot->groups;

	if (needs & NST_NEED_NETNS)
		err = walk_several(walk, access, unhashed, &devices);
	else
		err = walk_one(walk, access, unhashed);
	if (!err && needs & NST_NEED_DETAIL && !(needs & NST_NEED_NETNS))
		err = nst_rows_filter(&snapshot->rows, name_device, &naming);
	nst_detail_free_devices(&devices);

	snapshot->incomplete += walk->sink.incomplete;
	nst_rows_trim(&snapshot->rows);
	nst_budget_free(access->budget, walk, sizeof(*walk));
	return err;
}

/* Counts the rows as they are. */
static void count(struct nst_snapshot *snapshot)
{
	int state, table;

	for (table = 0; table < NST_TABLES; table++) {
		const struct nst_list_counts *counts = &snapshot->rows.list[table].counts;

		for (state = 0; state < NST_STATES; state++)
			nst_counts_add(&snapshot->counts, table, state, counts->state[state]);
	}

	nst_stats_add(NST_STAT_RECORDS, snapshot->counts.total);
}

/* Rows between two rests: each may meet a long filter, and that of listeners twice. */
#define LOOKS_REST 4

/**
 * struct last_look - choosing the rows, once all is known of them
 * @filter: which are to be shown
 * @rows: the rows
 * @netns: the inode of the network namespace, if the rows do not say theirs
 * @owners: whether owners were looked for
 * @holders: whether the rows have their holders
 * @processes: whether these may be some that do not pass
 * @looks: how many rows were looked at
 * @choosing: how to choose among these
 */
struct last_look {
	const struct nst_filter *filter;
	const struct nst_rows *rows;
	u32 netns;
	bool owners;
	bool holders;
	bool processes;
	u32 looks;
	struct nst_choosing choosing;
};

/* Whether the expression holds of a row, and some holder passes if there are any. */
static bool expression_holds(struct last_look *look, struct nst_sock *sock, enum nst_table table)
{
	u32 netns = look->rows->netns ? *nst_rows_netns(look->rows, table, sock) : look->netns;

	if (look->processes && sock->owner)
		return nst_holders_choose(&look->choosing, sock, table, netns);
	switch (nst_filter_answer(look->filter, sock, table, netns)) {
	case NST_YES:
		return true;
	case NST_NO:
		return false;
	default:
		/* Without a list, whoever was named has passed it. */
		return !look->holders ||
		       nst_holders_choose(&look->choosing, sock, table, netns);
	}
}

/*
 * Whether a row is to be shown, once all of it is known. An unhashed socket is not if its
 * holder has exited, or become invisible.
 */
static bool is_shown(void *arg, struct nst_sock *sock, enum nst_table table)
{
	struct last_look *look = arg;

	if (!(++look->looks % LOOKS_REST) && !look->choosing.err)
		look->choosing.err = nst_rest();

	return nst_filter_match_owner(look->filter, sock) &&
	       nst_filter_match_late(look->filter, sock, table) &&
	       (!look->owners || sock->last_pid || !nst_state_is_unhashed(table, sock->state)) &&
	       (!(look->filter->steps || look->processes) || expression_holds(look, sock, table));
}

/* Drops the rows that are not to be shown, now that all is known of them. */
static int look_last(struct nst_snapshot *snapshot, const struct net *net,
		     const struct nst_filter *filter, unsigned int match, unsigned int needs)
{
	struct last_look look = {
		.filter = filter,
		.rows = &snapshot->rows,
		.netns = net->ns.inum,
		.owners = needs & NST_NEED_OWNER,
		.holders = match & NST_NEED_HOLDERS,
		.processes = match & NST_NEED_PROCESSES,
		.choosing = {
			.filter = filter,
			.pool = &snapshot->pool,
			.lists = nst_filter_needs_show(filter) & NST_NEED_HOLDERS,
		},
	};
	int err = nst_rows_filter(&snapshot->rows, is_shown, &look);

	snapshot->incomplete += look.choosing.incomplete;
	return err ?: look.choosing.err;
}

/* Counts what is left in groups: all rows, or those after the last flush of the walk. */
static int group(struct nst_snapshot *snapshot)
{
	int err = nst_groups_add_rows(&snapshot->groups, &snapshot->rows);

	nst_rows_free(&snapshot->rows);
	nst_pool_free(&snapshot->pool);
	if (!err)
		err = nst_groups_sort(&snapshot->groups);
	snapshot->counts = snapshot->groups.counts;
	return err;
}

/* Finds everything that the read shows. */
static int find(struct nst_snapshot *snapshot, struct net *net, const struct nst_filter *filter,
		struct nst_access *access, unsigned int match, unsigned int needs)
{
	int err;

	nst_access_start(access);
	err = walk(snapshot, net, filter, access, needs);
	if (!err && needs & NST_NEED_OWNER)
		err = nst_owners_find(&snapshot->pool, &snapshot->rows, filter, needs, access,
				      pids_of(access), &snapshot->incomplete);
	if (!err && needs & NST_NEED_LISTENERS)
		err = nst_unowned_find_listeners(&snapshot->rows);
	if (!err && (match & (NST_NEED_OWNER | NST_NEED_LATE) ||
		     (filter->unhashed && needs & NST_NEED_OWNER) ||
		     (filter->steps && match & NST_NEED_NETNS)))
		err = look_last(snapshot, net, filter, match, needs);
	if (err)
		return err;

	nst_rows_trim(&snapshot->rows);
	if (nst_snapshot_is_grouped(snapshot))
		return group(snapshot);

	count(snapshot);
	return 0;
}

/**
 * nst_snapshot_build() - take a snapshot of a network namespace's sockets
 * @net: the namespace; the caller keeps it alive
 * @filter: which of them, or of which other namespaces', and which columns
 * @access: the reader, who sees the owners that it may see
 *
 * What the filter does not let through is not recorded, and what is not shown
 * nor asked for is not found out.
 *
 * Context: process context, may sleep.
 * Return: the snapshot, to be freed with nst_snapshot_free(); or an ERR_PTR():
 * -ENOMEM past the budget or without memory; what nst_rest() gave.
 */
struct nst_snapshot *nst_snapshot_build(struct net *net, const struct nst_filter *filter,
					struct nst_access *access)
{
	unsigned int match = nst_filter_needs_match(filter);
	unsigned int needs = match | nst_filter_needs_show(filter);
	struct nst_snapshot *snapshot;
	int err;

	if (filter->unhashed)	/* by which they are told apart */
		needs |= NST_NEED_INODE;
	snapshot = nst_budget_alloc(access->budget, sizeof(*snapshot));
	if (!snapshot)
		return ERR_PTR(-ENOMEM);

	snapshot->show = filter->show;
	snapshot->bound = filter->unhashed && filter->states & BIT(NST_BOUND);
	nst_rows_init(&snapshot->rows, extra(needs), needs & NST_NEED_NETNS, access->budget);
	nst_groups_init(&snapshot->groups, &filter->group, net->ns.inum, access->budget);
	snapshot->pool.budget = access->budget;

	err = find(snapshot, net, filter, access, match, needs);
	snapshot->hidden = access->hidden;
	if (!err)
		return snapshot;

	nst_snapshot_free(snapshot);
	return ERR_PTR(err);
}

/**
 * nst_snapshot_free() - free a snapshot
 * @snapshot: the snapshot, or NULL
 *
 * Context: may sleep.
 */
void nst_snapshot_free(struct nst_snapshot *snapshot)
{
	if (!snapshot)
		return;

	if (!nst_snapshot_is_grouped(snapshot))
		nst_stats_add(NST_STAT_RECORDS, -(s64)snapshot->counts.total);
	nst_rows_free(&snapshot->rows);
	nst_groups_free(&snapshot->groups);
	nst_pool_free(&snapshot->pool);
	nst_budget_free(snapshot->rows.budget, snapshot, sizeof(*snapshot));
}
