/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A walk over the kernel's socket tables.
 */
#ifndef NST_WALK_WALK_H
#define NST_WALK_WALK_H

#include <linux/types.h>

#include <netstate/sieve.h>
#include <netstate/sock.h>

struct net;
struct nst_access;
struct nst_listeners;
struct nst_nets;
struct nst_rows;
struct pid_namespace;
struct user_namespace;

/* How many chains are collected before they are walked. */
#define NST_WINDOW 1024

/**
 * struct nst_tally - sockets by table and state
 * @state: by enum nst_table, enum nst_state
 * @orphans: TCP sockets that no process can reach any more
 */
struct nst_tally {
	u32 state[NST_TABLES][NST_STATES];
	u32 orphans;
};

/**
 * struct nst_walk - a walk over the tables of one network namespace, or of several
 * @net: the namespace; the caller keeps it alive. Of several, that of the socket that
 *	was met last: only compared
 * @user_ns: the namespace that counts the uids; the caller keeps it alive
 * @tables: bit mask of enum nst_table: what to take
 * @filter: what to take of it; not used without @rows
 * @sieve: the filter's; not used without @rows
 * @eager: whether to fetch all of a socket ahead, since most are likely to pass
 * @needs: what records must hold, NST_NEED_*
 * @servers: whether to keep all listeners, those that the filter does not let through
 *	as NST_FATE_SERVER
 * @marks: whether the reader may know the marks of @net's sockets
 * @rows: where the records go, or NULL
 * @groups: where the records are counted in groups at once, or NULL
 * @tally: where the counts go when there are no records
 * @listeners: where TCP sockets are counted by listener when there are no records,
 *	or NULL
 * @table: the IPv4 table of the two that are walked at the moment
 * @left: how many sockets may still be taken in this RCU section
 * @locked: whether the chain's lock is held
 * @nets: the several namespaces, or NULL; not without @rows
 * @netns: of them, the number of @net's place
 * @slots: the window: buckets that are not empty
 *
 * Too large for the stack.
 */
struct nst_walk {
	struct net *net;
	struct user_namespace *user_ns;
	unsigned long tables;
	const struct nst_filter *filter;
	struct nst_sieve sieve;
	bool eager;
	unsigned int needs;
	bool servers;
	bool marks;
	struct nst_rows *rows;
	struct nst_groups *groups;
	struct nst_tally tally;
	struct nst_listeners *listeners;
	enum nst_table table;
	unsigned int left;
	bool locked;
	struct nst_nets *nets;
	u32 netns;
	u32 slots[NST_WINDOW];
};

unsigned long nst_walk_tables(void);
int nst_walk_all(struct nst_walk *walk);

int nst_walk_tcp(struct nst_walk *walk);
int nst_walk_tcp_of(struct nst_walk *walk, struct net *net);
int nst_walk_udp(struct nst_walk *walk);
int nst_walk_udp_of(struct nst_walk *walk, struct net *net);
int nst_walk_raw(struct nst_walk *walk);
int nst_walk_files(struct nst_walk *walk, struct nst_access *access, struct pid_namespace *ns);

bool __cold nst_walk_enter(struct nst_walk *walk, struct net *net);

bool nst_walk_has_udplite(void);

#endif /* NST_WALK_WALK_H */
