// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many network namespaces in one walk.
 *
 * Those that the reader may enter are noted before the walk, by their address. The
 * walk goes through the tables that namespaces share once, and looks up each socket's
 * namespace; then through the tables of those that have their own.
 *
 * A namespace is held only while it is looked at, or a table of its own is walked,
 * so it can go in the midst of this; then another one may get its address. So the
 * walk compares addresses and looks at nothing behind them, and after it those that
 * are not there any more are left out with all their sockets: what is shown of a
 * namespace is what the walk of that one alone would have shown. Since a namespace
 * never comes back, one that is there after the walk was there all the time.
 */
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include <netstate/filter.h>
#include <netstate/more.h>

#include "owner/access.h"
#include "store/budget.h"
#include "compat/death_row.h"
#include "compat/net_id.h"
#include "compat/udp_table.h"
#include "walk/netns.h"
#include "store/rows.h"
#include "walk/walk.h"
#include "walk/detail.h"

#define FIRST_BITS 6		/* log2 of the first number of places */

/*
 * The namespace that follows another one, NULL for the first; that one is let go of,
 * and this one held. One that is held stays in the list, so each is met once, and new
 * ones are added at its end. Those on their way out are stepped over, in one RCU
 * section: as many as have died since the kernel cleaned up last.
 */
static struct net *next_net(struct net *net)
{
	struct net *at = net ?: list_entry(&net_namespace_list, struct net, list);
	struct net *next = NULL;

	rcu_read_lock();
	list_for_each_entry_continue_rcu(at, &net_namespace_list, list) {
		next = maybe_get_net(at);
		if (next)
			break;
	}
	rcu_read_unlock();

	if (net)
		put_net(net);
	cond_resched();
	return next;
}

static size_t places_size(unsigned int bits)
{
	return sizeof(struct nst_namespace) << bits;
}

/* The place of a namespace, or the free one where it belongs. */
static struct nst_namespace *find(const struct nst_nets *nets, const struct net *net)
{
	u32 mask = (1U << nets->bits) - 1;
	u32 i = hash_ptr(net, nets->bits);

	/* Ends: half of the places are free. */
	while (nets->place[i].net && nets->place[i].net != net)
		i = (i + 1) & mask;

	return &nets->place[i];
}

/**
 * nst_nets_find() - look up a namespace
 * @nets: the namespaces, at least one
 * @net: anything
 *
 * Context: any.
 * Return: what is known of it; NULL if it is none of them.
 */
struct nst_namespace *nst_nets_find(const struct nst_nets *nets, const struct net *net)
{
	struct nst_namespace *place = find(nets, net);

	return place->net ? place : NULL;
}

/* Twice the places, or the first ones. */
static int grow(struct nst_nets *nets)
{
	unsigned int old_bits = nets->bits, bits = old_bits ? old_bits + 1 : FIRST_BITS;
	struct nst_namespace *old = nets->place, *place;
	u32 i;

	place = nst_budget_alloc(places_size(bits), nets->privileged);
	if (!place)
		return -ENOMEM;

	nets->place = place;
	nets->bits = bits;
	for (i = 0; old && i < 1U << old_bits; i++) {
		if (old[i].net)
			*find(nets, old[i].net) = old[i];
		if (!(i % 1024))
			cond_resched();
	}

	nst_budget_free(old, places_size(old_bits), nets->privileged);
	return 0;
}

static bool has_own_tcp(struct net *net)
{
	return nst_tcp_hashinfo(net) != nst_tcp_hashinfo(&init_net);
}

static bool has_own_udp(struct net *net)
{
	return nst_udp_table(net) != nst_udp_table(&init_net);
}

/* Notes a namespace, which is held. */
static int add(struct nst_nets *nets, struct net *net, const struct nst_access *access)
{
	struct nst_namespace *place;
	int err = 0;

	if (!nets->place || nets->count >= 1U << (nets->bits - 1))
		err = grow(nets);
	if (err)
		return err;

	/* One that had this address before is gone, and this takes its place. */
	place = find(nets, net);
	nets->count += !place->net;
	*place = (struct nst_namespace){
		.net = net,
		.id = nst_net_id(net),
		.inum = net->ns.inum,
		.marks = nst_access_may_administrate(access, net->user_ns),
	};
	nets->last = net;
	nets->shared |= (has_own_tcp(net) ? 0 : BIT(NST_TCP)) |
			(has_own_udp(net) ? 0 : BIT(NST_UDP));
	nets->own |= has_own_tcp(net) || has_own_udp(net);
	return 0;
}

/**
 * nst_nets_take() - find out which namespaces a reader is to see
 * @nets: filled in; to be freed with nst_nets_free(), after an error, too
 * @own: the namespace that the file was opened in; the caller keeps it alive
 * @filter: which of them
 * @access: the reader
 *
 * Context: process context, may sleep.
 * Return: 0; -EINTR when the task is being killed; -ENOMEM.
 */
int nst_nets_take(struct nst_nets *nets, struct net *own, const struct nst_filter *filter,
		  const struct nst_access *access)
{
	struct net *net = NULL;
	int err = 0;

	memset(nets, 0, sizeof(*nets));
	nets->privileged = access->privileged;
	if (nst_filter_match_netns(filter, own->ns.inum))
		err = add(nets, own, access);
	if (err || !nst_access_may_leave(access))
		return err;

	while ((net = next_net(net))) {
		if (net != own && nst_filter_match_netns(filter, net->ns.inum) &&
		    nst_access_may_enter(access, net->user_ns))
			err = add(nets, net, access);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (err) {
			put_net(net);
			break;
		}
	}

	return err;
}

/* What was noted of a namespace, which is held; NULL of one that was made later. */
static struct nst_namespace *known(const struct nst_nets *nets, const struct net *net)
{
	struct nst_namespace *place = nst_nets_find(nets, net);

	return place && place->id == nst_net_id(net) ? place : NULL;
}

/* Walks the tables that a namespace, which is held, has to itself. */
static int walk_own(struct nst_walk *walk, struct net *net)
{
	int err = 0;

	if (has_own_tcp(net))
		err = nst_walk_tcp_of(walk, net);
	if (!err && has_own_udp(net))
		err = nst_walk_udp_of(walk, net);

	return err;
}

/**
 * nst_nets_walk() - walk the tables that namespaces have to themselves
 * @nets: the namespaces
 * @walk: the walk
 *
 * Context: process context, may sleep.
 * Return: 0; -EINTR when the task is being killed; -ENOMEM.
 */
int nst_nets_walk(struct nst_nets *nets, struct nst_walk *walk)
{
	struct net *net = NULL;
	int err = 0;

	if (!nets->own)
		return 0;

	while (!err && (net = next_net(net))) {
		if (known(nets, net))
			err = walk_own(walk, net);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
	}
	if (net)
		put_net(net);

	return err;
}

/*
 * Finds out which namespaces are still there. Those that have devices to be named
 * stay held until release_named().
 */
static int check(const struct nst_nets *nets)
{
	struct net *net = NULL;

	while ((net = next_net(net))) {
		struct nst_namespace *place = known(nets, net);

		if (place) {
			place->alive = true;
			if (place->devices)
				get_net(net);
		}
		if (fatal_signal_pending(current)) {
			put_net(net);
			return -EINTR;
		}
	}

	return 0;
}

static void release_named(const struct nst_nets *nets)
{
	u32 i;

	for (i = 0; i < 1U << nets->bits; i++) {
		if (nets->place[i].alive && nets->place[i].devices)
			put_net(nets->place[i].net);
		if (!(i % 1024))
			cond_resched();
	}
}

/* Puts a device's name where its number is. */
static void name_device(struct nst_more *more, struct net *net)
{
	int ifindex;

	if (!(more->known & NST_KNOWS_DEVICE))
		return;

	memcpy(&ifindex, more->device, sizeof(ifindex));
	rcu_read_lock();
	if (!nst_more_set_device(more, net, ifindex))
		more->known &= ~NST_KNOWS_DEVICE;
	rcu_read_unlock();
}

/**
 * nst_nets_settle() - leave out namespaces that have gone
 * @nets: the namespaces
 * @rows: the records of the walk: those of namespaces that have gone are not to be
 *	shown, the others say the inode of theirs afterwards
 * @more: whether the records have a struct nst_more
 *
 * Context: process context, may sleep.
 * Return: 0; -EINTR when the task is being killed.
 */
int nst_nets_settle(struct nst_nets *nets, struct nst_rows *rows, bool more)
{
	struct nst_cursor cursor;
	struct nst_sock *sock;
	int err = check(nets);

	for (nst_cursor_start(rows, &cursor); !err && (sock = nst_cursor_row(&cursor));
	     nst_cursor_next(rows, &cursor)) {
		u32 *netns = nst_rows_netns(rows, cursor.table, sock);
		const struct nst_namespace *place = &nets->place[*netns];

		*netns = place->inum;
		if (!place->alive)
			nst_rows_forget(rows, cursor.table, sock);
		else if (more && place->devices)
			name_device(nst_sock_more(sock, cursor.table), place->net);
		if (!cursor.index)
			cond_resched();
	}

	release_named(nets);
	return err;
}

/**
 * nst_nets_free() - free a set of namespaces
 * @nets: the namespaces; may be all zeroes
 *
 * Context: may sleep.
 */
void nst_nets_free(struct nst_nets *nets)
{
	nst_budget_free(nets->place, places_size(nets->bits), nets->privileged);
	nets->place = NULL;
}
