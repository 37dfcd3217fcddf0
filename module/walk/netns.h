/* SPDX-License-Identifier: GPL-2.0-only */
/* The network namespaces whose sockets a capture shows. */
#ifndef NST_WALK_NETNS_H
#define NST_WALK_NETNS_H

#include <linux/types.h>

struct net;
struct nst_access;
struct nst_filter;
struct nst_rows;
struct nst_walk;

/**
 * struct nst_namespace - a network namespace that the reader may enter
 * @net: only compared: it may be gone by now; NULL for a free place
 * @id: what tells it from another one at the same address, nst_net_id()
 * @inum: its inode
 * @marks: whether the reader may know its sockets' marks
 * @devices: whether there are rows with a number in place of a device's name
 * @alive: whether it has outlived the walk
 */
struct nst_namespace {
	struct net *net;
	u64 id;
	u32 inum;
	bool marks;
	bool devices;
	bool alive;
};

/**
 * struct nst_nets - a set of network namespaces
 * @place: open addressing by @net; records say the number of a place
 * @bits: binary logarithm of the places
 * @count: how many are in use
 * @last: the one that was noted last; only compared
 * @shared: the tables that at least one of them shares with others: NST_TCP, NST_UDP
 * @own: whether one of them has a table to itself
 * @privileged: whether the whole budget may be used
 */
struct nst_nets {
	struct nst_namespace *place;
	unsigned int bits;
	u32 count;
	struct net *last;
	unsigned long shared;
	bool own;
	bool privileged;
};

int nst_nets_take(struct nst_nets *nets, struct net *own, const struct nst_filter *filter,
		  const struct nst_access *access);
struct nst_namespace *nst_nets_find(const struct nst_nets *nets, const struct net *net);
int nst_nets_walk(struct nst_nets *nets, struct nst_walk *walk);
int nst_nets_settle(struct nst_nets *nets, struct nst_rows *rows, bool more);
void nst_nets_free(struct nst_nets *nets);

#endif /* NST_WALK_NETNS_H */
