/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The visit of one socket: look, copy, look again.
 *
 * No lock keeps the socket still. It may change, or its memory may become another socket
 * of its kind, at any time. So a visit has an order:
 *
 * 1. First look: namespace, family, bucket, state. What is not wanted ends here.
 * 2. Ports and addresses are copied; what the filter does not want ends here.
 * 3. What is one socket's own is loaded: the address of its struct socket, its inode and
 *    user, its cgroup, whether it is orphaned. A struct socket is freed by RCU: within
 *    this section no second one has that address.
 * 4. Everything else is copied.
 * 5. Second look: all of 1, 2 and 3 once more. Does anything differ, then the visit is
 *    made again.
 * 6. Only now are pointers of 3 followed: they belonged to a socket that was hooked, so
 *    what RCU frees behind them lasts for this section.
 *
 * So what was copied in 4 lies between two looks that saw the same socket, in the same
 * state, with the same ends. Of a socket that no file leads to (in an accept queue, an
 * orphan) 3 cannot tell one life from another: then both lives have the same ends, state
 * and place, and the row is right for both but for its queues and timer.
 *
 * struct sock_common begins full sockets, requests and TIME_WAIT alike, so its members
 * may be read before the kind is known. The kind cannot change within an RCU section:
 * kinds have slab caches of their own.
 *
 * A socket that the filter does not want needs no second look: if it was another
 * one in between, then neither was there all the time, and none is missed.
 */
#ifndef NST_WALK_SOCK_H
#define NST_WALK_SOCK_H

#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "compat/sock_inode.h"
#include "store/rows.h"
#include "walk/detail.h"
#include "walk/hash.h"
#include "walk/info.h"
#include "walk/netns.h"
#include "walk/walk.h"

/*
 * The namespace of a socket. NULL for one that is just being made from recycled
 * memory; only compared, never looked into.
 */
static inline struct net *nst_sock_net(const struct sock *sk)
{
	return data_race(sock_net(sk));	/* compared again after the copy */
}

/*
 * Whether @sk is of the walk's namespace, or of one of several, and of a family that is
 * asked for. If so, walk->scope.net is its namespace.
 */
static __always_inline bool nst_sock_wanted(struct nst_walk *walk, const struct sock *sk,
					    enum nst_table *table)
{
	struct net *net = nst_sock_net(sk);
	unsigned short family;

	if (net != walk->scope.net &&
	    (likely(!walk->scope.nets) || !nst_nets_enter(&walk->scope, net)))
		return false;

	family = READ_ONCE(sk->sk_family);
	if (family != AF_INET && family != AF_INET6)
		return false;

	*table = walk->at.table + (family == AF_INET6);
	return walk->query.tables & BIT(*table);
}

/**
 * struct nst_look - what the first look at a socket saw
 * @table: its table
 * @state: its state
 * @shown: the state that its row shows
 */
struct nst_look {
	enum nst_table table;
	unsigned int state;
	unsigned int shown;
};

/**
 * struct nst_kin - what differs by kind in a visit
 * @in_bucket: whether the socket's hash leads to this bucket
 * @state: loads the state
 * @shown: the state that a row shows; 0 for one that does not belong into the table
 * @is_full: whether a socket in this state is a full one
 * @no_rport: whether no remote port is shown
 * @keep: whether to make a record of a listener that the filter does not want; may be
 *	NULL
 * @copy: copies what its kind has
 * @unowned: why nobody holds it; may be NULL
 *
 * To be a static constant, as struct nst_kind.
 */
struct nst_kin {
	bool (*in_bucket)(const struct nst_walk *walk, const struct nst_hash *hash,
			  unsigned int bucket, const struct sock *sk);
	u8 (*state)(const struct sock *sk);
	u8 (*shown)(const struct sock *sk, u8 state);
	bool (*is_full)(u8 state);
	bool no_rport;
	bool (*keep)(const struct nst_walk *walk);
	void (*copy)(const struct nst_walk *walk, struct nst_sock *row, enum nst_table table,
		     const struct sock *sk, u8 state);
	enum nst_unowned (*unowned)(const struct nst_look *look, bool has_inode, bool dead);
};

/* Step 1. Returns 0; 1 if the socket is not wanted; -EAGAIN if it is not in its place. */
static __always_inline int nst_look_first(struct nst_walk *walk, const struct nst_kin *kin,
					  const struct nst_hash *hash, unsigned int bucket,
					  const struct sock *sk, struct nst_look *look)
{
	if (!nst_sock_wanted(walk, sk, &look->table))
		return 1;
	if (!kin->in_bucket(walk, hash, bucket, sk))
		return -EAGAIN;

	look->state = kin->state(sk);
	look->shown = kin->shown(sk, look->state);
	return !look->shown;
}

/* Step 5, the part that is the same for copies and counts. */
static __always_inline bool nst_look_again(struct nst_walk *walk, const struct nst_kin *kin,
					   const struct nst_hash *hash, unsigned int bucket,
					   const struct sock *sk, const struct nst_look *look)
{
	u8 state = kin->state(sk);

	/* What a full socket shows follows from its state alone. */
	return state == look->state &&
	       (kin->is_full(state) || kin->shown(sk, state) == look->shown) &&
	       nst_sock_net(sk) == walk->scope.net &&
	       (READ_ONCE(sk->sk_family) == AF_INET6) == nst_table_is_ipv6(look->table) &&
	       kin->in_bucket(walk, hash, bucket, sk);
}

/* Prefetches what rows of all kinds of sockets need. @sk is not looked at. */
static __always_inline void nst_sock_fetch(const struct nst_walk *walk, const struct sock *sk)
{
	if (walk->query.needs & (NST_NEED_OWNER | NST_NEED_INODE))
		nst_inode_fetch(sk);
}

/* Prefetches what lies behind a full socket. */
static __always_inline void nst_sock_deref(const struct nst_walk *walk, const struct sock *sk)
{
	if (walk->query.needs & (NST_NEED_OWNER | NST_NEED_INODE))
		nst_inode_deref(sk);
}

/* The remote port. */
static __always_inline u16 nst_sock_rport(const struct nst_kin *kin, const struct sock *sk)
{
	return kin->no_rport ? 0 : ntohs(READ_ONCE(sk->sk_dport));
}

/* Copies ports and addresses. */
static __always_inline void nst_sock_copy_tuple(const struct nst_kin *kin, struct nst_sock *row,
						enum nst_table table, const struct sock *sk)
{
	row->lport = READ_ONCE(sk->sk_num);
	row->rport = nst_sock_rport(kin, sk);

#if IS_ENABLED(CONFIG_IPV6)
	if (nst_table_is_ipv6(table)) {
		/* Not at once: compared again by nst_sock_has_tuple() */
		data_race(memcpy(row->addr, &sk->sk_v6_rcv_saddr, 16));
		/* the same */
		data_race(memcpy(row->addr + 16, &sk->sk_v6_daddr, 16));
		return;
	}
#endif
	((__force __be32 *)row->addr)[0] = READ_ONCE(sk->sk_rcv_saddr);
	((__force __be32 *)row->addr)[1] = READ_ONCE(sk->sk_daddr);
}

/* Whether the socket still has the ports and addresses that were copied. */
static __always_inline bool nst_sock_has_tuple(const struct nst_kin *kin,
					       const struct nst_sock *row, enum nst_table table,
					       const struct sock *sk)
{
	if (row->lport != READ_ONCE(sk->sk_num) || row->rport != nst_sock_rport(kin, sk))
		return false;

#if IS_ENABLED(CONFIG_IPV6)
	if (nst_table_is_ipv6(table))
		/* A writer in between makes a difference: then the row is made again. */
		return !data_race(memcmp(row->addr, &sk->sk_v6_rcv_saddr, 16) ||
				  memcmp(row->addr + 16, &sk->sk_v6_daddr, 16));
#endif
	return ((__force __be32 *)row->addr)[0] == READ_ONCE(sk->sk_rcv_saddr) &&
	       ((__force __be32 *)row->addr)[1] == READ_ONCE(sk->sk_daddr);
}

/* Bytes between two sequence numbers, loaded one after the other: never negative. */
static inline u32 nst_distance(u32 to, u32 from)
{
	return max_t(int, to - from, 0);
}

/* Notes who uses a socket, as the reader's user namespace has it. */
static inline void nst_sock_set_uid(const struct nst_walk *walk, struct nst_sock *row, kuid_t uid)
{
	row->uid = from_kuid_munged(walk->scope.user_ns, uid);
}

/* Begins what only some records have. */
static inline void nst_row_begin_extra(const struct nst_walk *walk, enum nst_table table,
				       struct nst_sock *row)
{
	if (walk->query.needs & NST_NEED_HOLDERS)
		memset(nst_sock_holders(row, table), 0, sizeof(struct nst_holders));
	if (walk->query.needs & NST_NEED_NETNS)
		*nst_rows_netns(walk->sink.rows, table, row) = walk->scope.netns;
}

/* Fills in what comes before the ports and addresses of a record, and what follows them. */
static __always_inline void nst_row_set_up(const struct nst_walk *walk, struct nst_sock *row,
					   enum nst_table table, u8 state)
{
	/* One by one: for a memset() of this size compilers use a slow instruction. */
	row->inode = 0;
	row->socket = NULL;
	row->owner = NULL;
	row->last_pid = 0;
	row->others = 0;
	row->recvq = 0;
	row->sendq = 0;
	row->uid = 0;
	row->timer_left = 0;
	row->state = state;
	row->timer = NST_TIMER_OFF;
	row->unowned = NST_UNOWNED_UNKNOWN;
	row->dual = 0;
	row->retransmits = 0;
	row->probes = 0;
	if (unlikely(walk->query.needs & (NST_NEED_HOLDERS | NST_NEED_NETNS)))
		nst_row_begin_extra(walk, table, row);
}

/*
 * Step 2: begins the record of a socket.
 *
 * Return: 0; 1 if the filter does not want the socket; -ENOSPC without room.
 */
static __always_inline int nst_row_begin(struct nst_walk *walk, const struct nst_kin *kin,
					 enum nst_table table, const struct sock *sk, u8 state,
					 struct nst_sock **row)
{
	const struct nst_prefilter *prefilter = &walk->query.prefilter;

	if (!nst_prefilter_state(prefilter, table, state))
		return 1;
	if (prefilter->tuple && !nst_prefilter_ports(prefilter, READ_ONCE(sk->sk_num),
						     nst_sock_rport(kin, sk)))
		return 1;

	*row = nst_rows_next(walk->sink.rows, table);
	if (unlikely(!*row))
		return -ENOSPC;

	nst_sock_copy_tuple(kin, *row, table, sk);
	if (prefilter->tuple && !nst_filter_match_tuple(walk->query.filter, *row, table))
		return 1;

	nst_row_set_up(walk, *row, table, state);
	return 0;
}

/* The record of a listener that is not wanted itself, but may have to be named by others. */
static noinline int nst_row_begin_unwanted(struct nst_walk *walk, const struct nst_kin *kin,
					   enum nst_table table, const struct sock *sk, u8 state,
					   struct nst_sock **row)
{
	*row = nst_rows_next(walk->sink.rows, table);
	if (!*row)
		return -ENOSPC;

	nst_sock_copy_tuple(kin, *row, table, sk);
	nst_row_set_up(walk, *row, table, state);
	(*row)->unowned = NST_UNOWNED_LISTENER;
	return 0;
}

/* Keeps a complete record, if the filter does. Returns whether it does. */
static __always_inline bool nst_row_end(struct nst_walk *walk, const struct nst_sock *row,
					enum nst_table table)
{
	if (walk->query.prefilter.details &&
	    !nst_filter_match_details(walk->query.filter, row, table))
		return false;

	nst_rows_keep(walk->sink.rows, table, row);
	return true;
}

/*
 * Step 3 is for readers who ask for one of these. For others two lives with the same ends,
 * state and place give the same row, and step 3 would cost one more cache line.
 */
#define NST_NEED_LIFE \
	(NST_NEED_OWNER | NST_NEED_INODE | NST_NEED_UID | NST_NEED_DETAIL | NST_NEED_UNOWNED)

/**
 * struct nst_life - what is a full socket's own
 * @inode: see nst_inode_load()
 * @uid: its user, if that is asked for. What the inode says of it is written to the socket,
 *	too: when it is made or accepted, and by fchown(2); and stays there when the inode
 *	goes. Before 6.17 /proc/net/tcp has the inode's, and root where there is none
 * @cgroup: see nst_detail_load_cgroup()
 * @ca: see nst_info_load_ca()
 * @dead: whether its process has closed it
 */
struct nst_life {
	struct nst_inode inode;
	kuid_t uid;
	struct cgroup *cgroup;
	const struct tcp_congestion_ops *ca;
	bool dead;
};

/* Step 3. */
static __always_inline struct nst_life nst_life_load(const struct nst_walk *walk,
						     const struct sock *sk)
{
	struct nst_life life = { .inode = nst_inode_load(sk) };

	if (walk->query.needs & NST_NEED_UID)
		life.uid = READ_ONCE(sk->sk_uid);
	if (likely(!(walk->query.needs & (NST_NEED_DETAIL | NST_NEED_UNOWNED))))
		return life;

	life.cgroup = nst_detail_load_cgroup(sk);
	if (walk->query.needs & NST_NEED_TCP)
		life.ca = nst_info_load_ca(sk);
	smp_rmb();	/* sock_orphan() sets the flag before it takes the inode away */
	/* A bit beside others that change. */
	life.dead = data_race(sock_flag(sk, SOCK_DEAD));
	return life;
}

/* Step 5, the part that is about a full socket. */
static __always_inline bool nst_life_is_same(const struct nst_walk *walk,
					     const struct nst_life *life, const struct sock *sk)
{
	struct nst_life now = nst_life_load(walk, sk);

	if (!nst_inode_is_same(&now.inode, &life->inode))
		return false;
	if (likely(!(walk->query.needs & (NST_NEED_UID | NST_NEED_DETAIL | NST_NEED_UNOWNED))))
		return true;

	return uid_eq(now.uid, life->uid) &&
	       now.cgroup == life->cgroup && nst_info_ca_is_same(now.ca, life->ca) &&
	       now.dead == life->dead;
}

/*
 * Why nobody holds a socket: what its kind knows of that; or, of one that is not on its way
 * to a process or from one, that the kernel keeps it to itself. A socket that a process
 * makes or accepts has a file before it is in a table; but for a raw one, an instant before.
 */
static __always_inline enum nst_unowned nst_life_unowned(const struct nst_walk *walk,
							 const struct nst_kin *kin,
							 const struct nst_look *look,
							 const struct nst_life *life)
{
	enum nst_unowned unowned = NST_UNOWNED_UNKNOWN;

	if (kin->unowned)
		unowned = kin->unowned(look, life->inode.socket, life->dead);
	if (walk->query.needs & NST_NEED_FILES && unowned == NST_UNOWNED_UNKNOWN &&
	    life->inode.socket && !nst_inode_has_file(&life->inode))
		unowned = NST_UNOWNED_KERNEL;

	return unowned;
}

/* Step 6. */
static __always_inline void nst_life_follow(const struct nst_walk *walk, struct nst_sock *row,
					    enum nst_table table, const struct nst_life *life)
{
	if (walk->query.needs & (NST_NEED_OWNER | NST_NEED_INODE)) {
		row->socket = life->inode.socket;
		row->inode = nst_inode_number(&life->inode);
	}
	if (walk->query.needs & NST_NEED_UID)
		nst_sock_set_uid(walk, row, life->uid);
	if (walk->query.needs & NST_NEED_DETAIL)
		nst_detail_copy_cgroup(nst_sock_detail(row, table), life->cgroup);
	if (walk->query.needs & NST_NEED_TCP)
		nst_info_copy_ca(nst_sock_detail(row, table), life->ca);
}

/**
 * nst_visit() - make the record of a socket
 * @walk: the walk
 * @kin: what differs by kind
 * @hash: the hash table
 * @bucket: the bucket
 * @sk: the socket
 *
 * Context: under RCU, or the bucket's lock.
 * Return: as @visit of struct nst_kind.
 */
static __always_inline int nst_visit(struct nst_walk *walk, const struct nst_kin *kin,
				     const struct nst_hash *hash, unsigned int bucket,
				     const struct sock *sk)
{
	struct nst_life life = {};
	struct nst_look look;
	struct nst_sock *row;
	bool full;
	int err;

	err = nst_look_first(walk, kin, hash, bucket, sk, &look);
	if (err)
		return min(err, 0);

	err = nst_row_begin(walk, kin, look.table, sk, look.shown, &row);
	if (kin->keep && err > 0 && kin->keep(walk))
		err = nst_row_begin_unwanted(walk, kin, look.table, sk, look.shown, &row);
	if (err)
		return min(err, 0);

	full = walk->query.needs & NST_NEED_LIFE && kin->is_full(look.state);
	if (full)
		life = nst_life_load(walk, sk);
	smp_rmb();	/* the first look, and what is its own, before the copy */

	kin->copy(walk, row, look.table, sk, look.state);

	smp_rmb();	/* all of the copy before the second look */
	if (!nst_look_again(walk, kin, hash, bucket, sk, &look) ||
	    !nst_sock_has_tuple(kin, row, look.table, sk) ||
	    (full && !nst_life_is_same(walk, &life, sk)))
		return -EAGAIN;

	if (full)
		nst_life_follow(walk, row, look.table, &life);
	if (walk->query.needs & NST_NEED_UNOWNED && row->unowned == NST_UNOWNED_UNKNOWN)
		row->unowned = nst_life_unowned(walk, kin, &look, &life);

	if (row->unowned != NST_UNOWNED_LISTENER && nst_row_end(walk, row, look.table))
		return 0;
	if (kin->keep && kin->keep(walk)) {
		row->unowned = NST_UNOWNED_LISTENER;
		nst_rows_keep(walk->sink.rows, look.table, row);
	}
	return 0;
}

/* A socket that is only counted: nothing of it but its state is copied. */
static __always_inline int nst_visit_count(struct nst_walk *walk, const struct nst_kin *kin,
					   const struct nst_hash *hash, unsigned int bucket,
					   const struct sock *sk)
{
	struct nst_look look;
	int err = nst_look_first(walk, kin, hash, bucket, sk, &look);

	if (err)
		return min(err, 0);

	smp_rmb();	/* the state before the second look */
	if (!nst_look_again(walk, kin, hash, bucket, sk, &look))
		return -EAGAIN;

	walk->sink.counts.state[look.table][look.shown]++;
	return 0;
}

/* Copies what UDP and raw sockets have. @received may be a little below 0 for a moment. */
static __always_inline void nst_datagram_copy(const struct nst_walk *walk, struct nst_sock *row,
					      enum nst_table table, const struct sock *sk,
					      int received)
{
	if (walk->query.needs & NST_NEED_QUEUES) {
		row->recvq = max(received, 0);
		row->sendq = max(sk_wmem_alloc_get(sk), 0);
	}
	if (walk->query.needs & NST_NEED_DETAIL) {
		nst_detail_start(nst_sock_detail(row, table), walk, sk);
		nst_detail_copy_datagram(nst_sock_detail(row, table), walk, sk);
	}
}

/* States, as they are shown, of sockets that are full ones in any of them. */
static __always_inline u8 nst_datagram_state(const struct sock *sk)
{
	return READ_ONCE(sk->sk_state);
}

static __always_inline u8 nst_datagram_shown(const struct sock *sk, u8 state)
{
	return state < NST_STATES ? state : 0;
}

static __always_inline bool nst_datagram_is_full(u8 state)
{
	return true;
}

#endif /* NST_WALK_SOCK_H */
