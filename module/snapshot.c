// SPDX-License-Identifier: GPL-2.0-only
/*
 * One picture of a network namespace's sockets: walk the tables, find the
 * owners, count. Everything that is printed afterwards comes from it.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <net/net_namespace.h>

#include <netstate/filter.h>
#include <netstate/more.h>

#include "owner/access.h"
#include "snapshot.h"
#include "walk/netns.h"
#include "owner/owner.h"
#include "store/servers.h"
#include "walk/walk.h"

/* What each record has behind it. */
static size_t extra(unsigned int needs)
{
	if (needs & NST_NEED_MORE)
		return sizeof(struct nst_more);

	return needs & NST_NEED_HOLDERS ? sizeof(struct nst_holders) : 0;
}

/* The pids are those of the proc mount that the file was opened in. */
static struct pid_namespace *pids_of(const struct nst_access *access)
{
	return proc_pid_ns(file_inode(access->file)->i_sb);
}

/* Walks the tables, then the files of processes, if they may lead to more. */
static int walk_one(struct nst_walk *walk, struct nst_access *access, unsigned long unlisted)
{
	int err = nst_walk_all(walk);

	if (!err && unlisted) {
		walk->tables = unlisted;
		err = nst_walk_files(walk, access, pids_of(access));
	}

	return err;
}

/* As walk_one(), all of the network namespaces that the filter lets through. */
static int walk_several(struct nst_walk *walk, struct nst_access *access, unsigned long unlisted)
{
	struct nst_nets nets;
	int err;

	err = nst_nets_take(&nets, walk->net, walk->filter, access);
	if (!err && nets.count) {
		walk->nets = &nets;
		nst_walk_enter(walk, nets.last);
		err = walk_one(walk, access, unlisted);
		if (!err)
			err = nst_nets_settle(&nets, walk->rows, walk->needs & NST_NEED_MORE);
	}

	nst_nets_free(&nets);
	return err;
}

static int walk(struct nst_capture *capture, struct net *net, const struct nst_filter *filter,
		struct nst_access *access, unsigned int needs)
{
	unsigned long tables = filter->tables & nst_walk_tables();
	struct nst_walk *walk;
	unsigned long unlisted;
	int err;

	walk = kzalloc(sizeof(*walk), GFP_KERNEL_ACCOUNT);
	if (!walk)
		return -ENOMEM;

	walk->net = net;
	walk->user_ns = access->file->f_cred->user_ns;
	walk->filter = filter;
	nst_sieve_make(&walk->sieve, filter);
	walk->tables = tables & nst_sieve_tables(&walk->sieve, false);
	unlisted = tables & nst_sieve_tables(&walk->sieve, true);
	walk->eager = !walk->sieve.tuple && filter->states & BIT(NST_ESTABLISHED);
	walk->needs = needs;
	walk->servers = needs & NST_NEED_SERVERS;
	walk->marks = needs & NST_NEED_MORE && nst_access_may_administrate(access, net->user_ns);
	walk->rows = &capture->rows;
	/*
	 * Who holds them is known only when all have been taken, and so is who is listed,
	 * and which of several namespaces are left out. What is in a group cannot be taken
	 * out of it again.
	 */
	if (nst_capture_is_grouped(capture) && !unlisted &&
	    !(needs & (NST_NEED_OWNER | NST_NEED_NETNS)))
		walk->groups = &capture->groups;
	if (needs & NST_NEED_NETNS)
		err = walk_several(walk, access, unlisted);
	else
		err = walk_one(walk, access, unlisted);
	nst_rows_trim(&capture->rows);
	kfree(walk);

	return err;
}

/* Counts the rows as they were captured. */
static void count(struct nst_capture *capture)
{
	int state, table;

	for (table = 0; table < NST_TABLES; table++) {
		const struct nst_sum *sum = &capture->rows.list[table].sum;

		for (state = 0; state < NST_STATES; state++)
			nst_counts_add(&capture->counts, table, state, sum->state[state]);
	}
}

/*
 * Whether a socket that only a process led to is nobody's any more, or that of one that
 * the reader may not see by now.
 */
static bool is_gone(const struct nst_sock *sock, enum nst_table table)
{
	return !sock->last_pid && nst_state_is_unlisted(table, sock->state);
}

/* Lets go of the rows whose owner does not pass, and counts the others. */
static void choose(struct nst_capture *capture, const struct nst_filter *filter)
{
	struct nst_cursor cursor;
	struct nst_sock *sock;

	for (nst_cursor_start(&capture->rows, &cursor); (sock = nst_cursor_row(&cursor));
	     nst_cursor_next(&capture->rows, &cursor)) {
		if (nst_filter_match_owner(filter, sock) && !is_gone(sock, cursor.table))
			nst_counts_add(&capture->counts, cursor.table, sock->state, 1);
		else
			sock->state = 0;
		if (!cursor.index)
			cond_resched();
	}
}

/* Counts what is left in groups: all rows, or those after the last rest of the walk. */
static int group(struct nst_capture *capture)
{
	int err = nst_groups_take(&capture->groups, &capture->rows);

	nst_rows_free(&capture->rows);
	nst_pool_free(&capture->pool);
	if (err)
		return err;

	nst_groups_sort(&capture->groups);
	capture->counts = capture->groups.counts;
	return 0;
}

/**
 * nst_capture_take() - take a picture of a network namespace's sockets
 * @net: the namespace; the caller keeps it alive
 * @filter: which of them, or of which other namespaces', and which columns
 * @access: the reader, who sees the owners that it may see
 *
 * What the filter does not let through is not recorded, and what is not shown
 * nor asked for is not found out.
 *
 * Context: process context, may sleep.
 * Return: the capture, to be freed with nst_capture_free(); or an ERR_PTR():
 * -ENOMEM past the budget or without memory, -EINTR when the task is being
 * killed.
 */
struct nst_capture *nst_capture_take(struct net *net, const struct nst_filter *filter,
				     struct nst_access *access)
{
	unsigned int match = nst_filter_needs_match(filter);
	unsigned int needs = match | nst_filter_needs_show(filter);
	struct nst_capture *capture;
	int err;

	if (filter->unlisted)	/* by which they are told apart */
		needs |= NST_NEED_INODE;
	capture = kzalloc(sizeof(*capture), GFP_KERNEL_ACCOUNT);
	if (!capture)
		return ERR_PTR(-ENOMEM);

	capture->show = filter->show;
	capture->bound = filter->unlisted && filter->states & BIT(NST_BOUND);
	nst_rows_init(&capture->rows, extra(needs), needs & NST_NEED_NETNS, access->privileged);
	nst_groups_init(&capture->groups, &filter->group, net->ns.inum, access->privileged);
	capture->pool.privileged = access->privileged;

	err = walk(capture, net, filter, access, needs);
	if (!err && needs & NST_NEED_OWNER)
		err = nst_owners_find(&capture->pool, &capture->rows, filter, access,
				      pids_of(access));
	if (!err && needs & NST_NEED_SERVERS)
		err = nst_servers_find(&capture->rows);
	if (err)
		goto free;

	if (match & NST_NEED_OWNER || (filter->unlisted && needs & NST_NEED_OWNER))
		choose(capture, filter);
	else
		count(capture);
	if (nst_capture_is_grouped(capture)) {
		err = group(capture);
		if (err)
			goto free;
	}
	return capture;

free:
	nst_capture_free(capture);
	return ERR_PTR(err);
}

/**
 * nst_capture_free() - free a capture
 * @capture: the capture, or NULL
 *
 * Context: may sleep.
 */
void nst_capture_free(struct nst_capture *capture)
{
	if (!capture)
		return;

	nst_rows_free(&capture->rows);
	nst_groups_free(&capture->groups);
	nst_pool_free(&capture->pool);
	kfree(capture);
}
