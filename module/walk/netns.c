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
 * are not there any more are left out with all their sockets, and so are those whose own
 * tables were not reached: what is shown of a namespace is what the walk of that one alone
 * would have shown. Since a namespace never comes back, one that is there after the walk
 * was there all the time.
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
#include <netstate/detail.h>

#include "compat/death_row.h"
#include "compat/net_id.h"
#include "compat/udp_table.h"
#include "owner/access.h"
#include "owner/files.h"
#include "rest.h"
#include "store/rows.h"
#include "walk/netns.h"
#include "walk/walk.h"

#define DYING_MAX 1000	/* namespaces on their way out that are stepped over at once */

/*
 * The namespace that follows another one, NULL for the first; that one is let go of,
 * and this one held. One that is held stays in the list, so each is met once, and new
 * ones are added at its end. Those on their way out are stepped over, in one RCU
 * section, since none of them can be held. There may be any number of them: past
 * DYING_MAX the walk ends there, and is incomplete.
 */
static struct net *next_net(struct nst_nets *nets, struct net *net)
{
	struct net *at = net ?: list_entry(&net_namespace_list, struct net, list);
	struct net *next = NULL;
	unsigned int dying = 0;

	rcu_read_lock();
	list_for_each_entry_continue_rcu(at, &net_namespace_list, list) {
		next = maybe_get_net(at);
		if (next)
			break;
		if (++dying == DYING_MAX) {
			nets->incomplete++;
			break;
		}
	}
	rcu_read_unlock();

	if (net)
		put_net(net);
	return next;
}

static __always_inline bool is_free(const void *slot)
{
	return !((const struct nst_namespace *)slot)->net;
}

static __always_inline bool is_net(const struct nst_slots *slots, const void *slot,
				   const void *key)
{
	return ((const struct nst_namespace *)slot)->net == key;
}

static __always_inline u32 home_of_net(const struct nst_slots *slots, const struct net *net)
{
	return nst_slots_hash(slots, (unsigned long)net, slots->bits);
}

static __always_inline u32 home(const struct nst_slots *slots, const void *slot)
{
	return home_of_net(slots, ((const struct nst_namespace *)slot)->net);
}

static const struct nst_slots_kind by_net = {
	.size = sizeof(struct nst_namespace),
	.is_free = is_free,
	.is = is_net,
	.home = home,
};

/* The slot of a namespace, or the free one where it belongs; NULL if there is neither. */
static struct nst_namespace *find(const struct nst_nets *nets, const struct net *net)
{
	return nst_slots_find(&nets->slots, &by_net, home_of_net(&nets->slots, net), net);
}

/* What is known of a namespace, which may be anything; NULL if it is none of them. */
static struct nst_namespace *find_noted(const struct nst_nets *nets, const struct net *net)
{
	struct nst_namespace *place = nets->slots.bits && net ? find(nets, net) : NULL;

	return place && place->net ? place : NULL;
}

/**
 * nst_nets_enter() - go on with a socket of another namespace
 * @scope: the scope of a walk over several namespaces
 * @net: the socket's; anything is allowed
 *
 * Cold, so that the walk of one namespace keeps nothing in hand for the call.
 *
 * Context: any.
 * Return: false if it is none of them.
 */
bool nst_nets_enter(struct nst_scope *scope, struct net *net)
{
	const struct nst_namespace *place = find_noted(scope->nets, net);

	if (!place)
		return false;

	scope->net = net;
	scope->netns = place - nst_nets_place(scope->nets, 0);
	scope->marks = place->marks;
	return true;
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
static int add(struct nst_nets *nets, struct net *net, struct nst_access *access)
{
	struct nst_namespace *place;
	int err;

	err = nst_slots_reserve(&nets->slots, &by_net, 1);
	if (err)
		return err;

	/* One that had this address before is gone, and this takes its place. */
	place = find(nets, net);
	if (!place)
		return -ENOMEM;
	nets->slots.count += !place->net;
	*place = (struct nst_namespace){
		.net = net,
		.id = nst_net_id(net),
		.inum = net->ns.inum,
		.marks = nst_access_may_administrate(access, net->user_ns),
		.unwalked = has_own_tcp(net) || has_own_udp(net),
	};
	nets->last = net;
	nets->shared |= (has_own_tcp(net) ? 0 : BIT(NST_TCP)) |
			(has_own_udp(net) ? 0 : BIT(NST_UDP));
	nets->own |= place->unwalked;
	return 0;
}

/**
 * struct getting - who gets which namespaces
 * @nets: where to
 * @filter: which of them
 * @access: the reader
 */
struct getting {
	struct nst_nets *nets;
	const struct nst_filter *filter;
	struct nst_access *access;
};

/* Notes a namespace, which is held, if the filter lets it through and the reader may enter it. */
static int get(void *arg, struct net *net)
{
	struct getting *getting = arg;

	if (!nst_filter_match_netns(getting->filter, net->ns.inum) ||
	    !nst_access_may_enter(getting->access, net->user_ns))
		return 0;

	return add(getting->nets, net, getting->access);
}

/* All that there are, for who may see them all. */
static int take_all(struct getting *getting)
{
	struct net *net = NULL;
	int err = 0;

	while (!err && (net = next_net(getting->nets, net)))
		err = get(getting, net) ?: nst_rest();
	if (net)
		put_net(net);

	return err;
}

/**
 * nst_nets_get() - find out which namespaces a reader is to see
 * @nets: filled in; to be freed with nst_nets_free(), after an error, too
 * @own: the namespace that the file was opened in; the caller keeps it alive
 * @filter: which of them
 * @access: the reader
 * @pids: the pid namespace of the reader's proc mount; the caller keeps it alive
 *
 * As the kernel has it (may_see_all_namespaces(), nsfs): all of them are for who is in the
 * first pid namespace and its administrator. Others get at those that a process is in
 * whose /proc/PID/ns/net they may open.
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_nets_get(struct nst_nets *nets, struct net *own, const struct nst_filter *filter,
		 struct nst_access *access, struct pid_namespace *pids)
{
	struct getting getting = { .nets = nets, .filter = filter, .access = access };
	int err = 0;

	memset(nets, 0, sizeof(*nets));
	nst_slots_init(&nets->slots, access->budget);
	nst_access_start(access);
	if (nst_filter_match_netns(filter, own->ns.inum))
		err = add(nets, own, access);
	if (err || !nst_access_may_leave(access))
		return err;

	if (nst_access_sees_all_nets(access))
		return take_all(&getting);

	return nst_files_nets(access, pids, get, &getting);
}

/*
 * What was noted of a namespace that is held. NULL if that was made later, also if it has
 * the address of one that was noted.
 */
static struct nst_namespace *known(const struct nst_nets *nets, const struct net *net)
{
	struct nst_namespace *place = find_noted(nets, net);

	return place && place->id == nst_net_id(net) ? place : NULL;
}

/**
 * nst_nets_each() - go through the namespaces that are still there
 * @nets: the namespaces
 * @visit: called with each while it is held; gives 0, or an error
 * @arg: its first argument
 *
 * Context: process context, may sleep.
 * Return: 0; what nst_rest() and @visit gave.
 */
int nst_nets_each(struct nst_nets *nets, int (*visit)(void *arg, struct net *net), void *arg)
{
	struct net *net = NULL;
	int err = 0;

	while (!err && (net = next_net(nets, net))) {
		if (known(nets, net))
			err = visit(arg, net);
		if (!err)
			err = nst_rest();
	}
	if (net)
		put_net(net);

	return err;
}

/* A namespace is still there. One that has devices to be named stays held until release_named(). */
static int find_alive(void *arg, struct net *net)
{
	struct nst_namespace *place = known(arg, net);

	if (place && !place->alive) {
		place->alive = true;
		if (place->devices)
			get_net(net);
	}

	return 0;
}

/* Lets go of what find_alive() has held; in any case, so it cannot be ended early. */
static void release_named(const struct nst_nets *nets)
{
	u32 i;

	for (i = 0; nets->slots.bits && i < 1U << nets->slots.bits; i++) {
		const struct nst_namespace *place = nst_nets_place(nets, i);

		if (place->alive && place->devices)
			put_net(place->net);
		if (!(i % 1024))
			cond_resched();
	}
}

/**
 * struct settling - how records of several namespaces are settled
 * @nets: the namespaces
 * @rows: the records
 * @name: names a device, where records have a struct nst_detail; else NULL
 * @devices: those that have been named
 */
struct settling {
	const struct nst_nets *nets;
	const struct nst_rows *rows;
	nst_name_device_fn *name;
	struct nst_slots *devices;
};

static bool settle(void *arg, struct nst_sock *sock, enum nst_table table)
{
	const struct settling *settling = arg;
	u32 *netns = nst_rows_netns(settling->rows, table, sock);
	const struct nst_namespace *place = nst_nets_place(settling->nets, *netns);

	*netns = place->inum;
	if (!place->alive || place->unwalked)
		return false;
	if (settling->name && place->devices)
		settling->name(settling->devices, nst_sock_detail(sock, table), place->net);
	return true;
}

/**
 * nst_nets_settle() - leave out namespaces that have gone, or were not walked whole
 * @nets: the namespaces
 * @rows: the records of the walk: those of such namespaces are dropped, the others say
 *	the inode of theirs afterwards
 * @name: names a device, where the records have a struct nst_detail; else NULL
 * @devices: those that have been named
 *
 * Context: process context, may sleep.
 * Return: 0; what nst_rest() gave.
 */
int nst_nets_settle(struct nst_nets *nets, struct nst_rows *rows, nst_name_device_fn *name,
		    struct nst_slots *devices)
{
	struct settling settling = {
		.nets = nets, .rows = rows, .name = name, .devices = devices,
	};
	int err = nst_nets_each(nets, find_alive, nets);

	if (!err)
		err = nst_rows_filter(rows, settle, &settling);

	release_named(nets);
	return err;
}

/**
 * nst_nets_free() - free a set of namespaces
 * @nets: the namespaces
 *
 * Context: may sleep.
 */
void nst_nets_free(struct nst_nets *nets)
{
	nst_slots_free(&nets->slots, sizeof(struct nst_namespace));
}
