/* SPDX-License-Identifier: GPL-2.0-only */
/* A walk over the kernel's socket tables. */
#ifndef NST_WALK_WALK_H
#define NST_WALK_WALK_H

#include <linux/types.h>

#include <netstate/prefilter.h>
#include <netstate/sock.h>

#include "store/slots.h"
#include "walk/sink.h"

struct hlist_nulls_node;
struct net;
struct nst_access;
struct nst_nets;
struct pid_namespace;
struct user_namespace;

/* How many chains are collected before they are walked. */
#define NST_WINDOW 1024
#define NST_TOLD_APART 32	/* sockets of a chain that are told apart without its lock */
#define NST_ANCHORS 4		/* sockets that are held during a rest in the midst of a chain */

/**
 * struct nst_scope - the network namespaces whose sockets are copied or counted
 * @net: the one namespace; the caller keeps it alive. Of several, that of the socket
 *	that was met last: only compared
 * @held: a namespace that is held all the time, by the caller or by the walk, or NULL
 * @user_ns: the namespace that counts the uids; the caller keeps it alive
 * @marks: whether the reader may know the marks of @net's sockets
 * @nets: the several namespaces, or NULL
 * @netns: of them, the number of @net's
 */
struct nst_scope {
	struct net *net;
	struct net *held;
	struct user_namespace *user_ns;
	bool marks;
	struct nst_nets *nets;
	u32 netns;
};

/**
 * struct nst_query - what is wanted of a socket
 * @tables: bit mask of enum nst_table: which tables
 * @filter: which of these; not used for counts
 * @prefilter: the filter's; not used for counts
 * @needs: what records must hold, NST_NEED_*
 * @dear: by how much the visit of a socket takes longer than a plain one; 1 is twice
 * @eager: whether to fetch all of a socket ahead, since most are likely to pass
 * @listeners: whether to keep all listeners, those that the filter does not let
 *	through as NST_UNOWNED_LISTENER
 */
struct nst_query {
	unsigned long tables;
	const struct nst_filter *filter;
	struct nst_prefilter prefilter;
	unsigned int needs;
	unsigned int dear;
	bool eager;
	bool listeners;
};

/**
 * struct nst_anchor - a socket that is held while the walk rests in the midst of its chain
 * @sk: the socket
 * @net: its namespace, which is held, too; or NULL
 * @ipv4: whether it is one of IPv4, and so can never be one of IPv6
 */
struct nst_anchor {
	struct sock *sk;
	struct net *net;
	bool ipv4;
};

/**
 * struct nst_place - where the walk is
 * @table: the IPv4 table of the two that are walked at the moment
 * @left: how many sockets may still be visited in this RCU section, or hold of a lock
 * @over: how many more have been visited, because the walk could not rest at them
 * @passed: how many that have been met were passed over in it, for nothing
 * @locked: whether the chain's lock is held, so that it stays as it is
 * @steps: how many sockets can be noted of a chain that is walked in steps, with rests; 0 if
 *	it is walked at once
 * @noted: those that have been met in that chain
 * @restarts: how often the walk has gone back to its head
 * @again: how many more sockets have been met again and passed over
 * @link: where the walk goes on after a rest
 * @anchors: how many of @anchor are held
 * @anchor: the sockets that are held since the last rest
 * @retries: how often a bucket was walked again, since it had changed or was long
 * @locks: how often one was walked under its lock
 * @buckets: the window: buckets that are not empty, or that somebody is filling
 * @met: what tells the sockets of the chain apart, see nst_hash_has_met()
 */
struct nst_place {
	enum nst_table table;
	unsigned int left;
	unsigned int over;
	unsigned int passed;
	bool locked;
	unsigned int steps;
	struct nst_slots noted;
	unsigned int restarts;
	unsigned int again;
	struct hlist_nulls_node **link;
	unsigned int anchors;
	struct nst_anchor anchor[NST_ANCHORS];
	unsigned int retries;
	unsigned int locks;
	u32 buckets[NST_WINDOW];
	u32 met[NST_TOLD_APART];
};

/**
 * struct nst_walk - a walk over the tables of one network namespace, or of several
 * @scope: whose sockets
 * @query: which of them
 * @sink: where they go
 * @at: where it is
 *
 * Too large for the stack.
 */
struct nst_walk {
	struct nst_scope scope;
	struct nst_query query;
	struct nst_sink sink;
	struct nst_place at;
};

unsigned long nst_walk_tables(void);
int nst_walk_all(struct nst_walk *walk);

int nst_walk_tcp(struct nst_walk *walk);
int nst_walk_tcp_of(struct nst_walk *walk, struct net *net);
int nst_walk_udp(struct nst_walk *walk);
int nst_walk_udp_of(struct nst_walk *walk, struct net *net);
int nst_walk_raw(struct nst_walk *walk);
int nst_walk_unhashed(struct nst_walk *walk, struct nst_access *access,
		      struct pid_namespace *ns);

bool nst_walk_has_udplite(void);

#endif /* NST_WALK_WALK_H */
