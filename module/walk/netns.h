/* SPDX-License-Identifier: GPL-2.0-only */
/* The network namespaces whose sockets a snapshot shows. */
#ifndef NST_WALK_NETNS_H
#define NST_WALK_NETNS_H

#include <linux/types.h>

#include "store/slots.h"

struct net;
struct nst_access;
struct nst_filter;
struct nst_detail;
struct nst_rows;
struct nst_scope;
struct pid_namespace;

/* nst_detail_name_device() */
typedef void nst_name_device_fn(struct nst_slots *devices, struct nst_detail *detail,
				struct net *net);

/**
 * struct nst_namespace - a network namespace that the reader may enter
 * @net: the namespace; NULL for a free slot. During the walk it is only compared, since it
 *	may be gone; afterwards it is held, and used if @alive and @devices
 * @id: what tells it from another one at the same address, nst_net_id()
 * @inum: its inode
 * @marks: whether the reader may know its sockets' marks
 * @devices: whether there are rows with a number in place of a device's name
 * @unwalked: whether it has a table to itself that has not been walked
 * @alive: whether it has outlived the walk
 */
struct nst_namespace {
	struct net *net;
	u64 id;
	u32 inum;
	bool marks;
	bool devices;
	bool unwalked;
	bool alive;
};

/**
 * struct nst_nets - a set of network namespaces
 * @slots: of struct nst_namespace, by @net; records say the number of a slot
 * @last: the one that was noted last; only compared
 * @shared: the tables that at least one of them shares with others: NST_TCP, NST_UDP
 * @own: whether one of them has a table to itself
 * @incomplete: how often the walk over the namespaces ended at a run of dying ones
 */
struct nst_nets {
	struct nst_slots slots;
	struct net *last;
	unsigned long shared;
	bool own;
	u32 incomplete;
};

/**
 * nst_nets_place() - a namespace by its number
 * @nets: the namespaces
 * @number: the number of its slot
 *
 * Return: what is known of it.
 */
static inline struct nst_namespace *nst_nets_place(const struct nst_nets *nets, u32 number)
{
	return (struct nst_namespace *)nets->slots.slot + number;
}

int nst_nets_get(struct nst_nets *nets, struct net *own, const struct nst_filter *filter,
		 struct nst_access *access, struct pid_namespace *pids);
bool __cold nst_nets_enter(struct nst_scope *scope, struct net *net);
int nst_nets_each(struct nst_nets *nets, int (*visit)(void *arg, struct net *net), void *arg);
int nst_nets_settle(struct nst_nets *nets, struct nst_rows *rows, nst_name_device_fn *name,
		    struct nst_slots *devices);
void nst_nets_free(struct nst_nets *nets);

#endif /* NST_WALK_NETNS_H */
