/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all kinds of sockets have in common, copied out of a struct sock that
 * may change or become another one meanwhile.
 *
 * struct sock_common begins full sockets, requests and TIME_WAIT alike, so its
 * members may be read before the kind is known. Each is loaded once; what has
 * been copied is compared with the socket again afterwards, and is thrown away
 * if it differs.
 */
#ifndef NST_WALK_SOCK_H
#define NST_WALK_SOCK_H

#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "compat/sock_inode.h"
#include "store/rows.h"
#include "walk/walk.h"
#include "walk/detail.h"

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
 * asked for. If so, walk->net is its namespace.
 */
static __always_inline bool nst_sock_wanted(struct nst_walk *walk, const struct sock *sk,
					    enum nst_table *table)
{
	struct net *net = nst_sock_net(sk);
	unsigned short family;

	if (net != walk->net && (likely(!walk->nets) || !nst_walk_enter(walk, net)))
		return false;

	family = READ_ONCE(sk->sk_family);
	if (family != AF_INET && family != AF_INET6)
		return false;

	*table = walk->table + (family == AF_INET6);
	return walk->tables & BIT(*table);
}

/* Prefetches what rows of all kinds of sockets need. @sk is not looked at. */
static __always_inline void nst_sock_fetch(const struct nst_walk *walk, const struct sock *sk)
{
	if (walk->needs & (NST_NEED_OWNER | NST_NEED_INODE))
		nst_inode_fetch(sk);
}

/* Prefetches what lies behind a full socket. */
static __always_inline void nst_sock_follow(const struct nst_walk *walk, const struct sock *sk)
{
	if (walk->needs & (NST_NEED_OWNER | NST_NEED_INODE))
		nst_inode_follow(sk);
}

/* The remote port. What connect() was given as one for a raw socket is not shown. */
static __always_inline u16 nst_sock_rport(enum nst_table table, const struct sock *sk)
{
	return table == NST_RAW || table == NST_RAW6 ? 0 : ntohs(READ_ONCE(sk->sk_dport));
}

/* Copies ports and addresses. */
static __always_inline void nst_sock_copy_tuple(struct nst_sock *row, enum nst_table table,
						const struct sock *sk)
{
	row->lport = READ_ONCE(sk->sk_num);
	row->rport = nst_sock_rport(table, sk);

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
static __always_inline bool nst_sock_has_tuple(const struct nst_sock *row, enum nst_table table,
					       const struct sock *sk)
{
	if (row->lport != READ_ONCE(sk->sk_num) || row->rport != ntohs(READ_ONCE(sk->sk_dport)))
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
	row->uid = from_kuid_munged(walk->user_ns, uid);
}

/* Begins what only some records have. */
static inline void nst_row_begin_extra(const struct nst_walk *walk, enum nst_table table,
				       struct nst_sock *row)
{
	if (walk->needs & NST_NEED_HOLDERS)
		memset(nst_sock_holders(row, table), 0, sizeof(struct nst_holders));
	if (walk->needs & NST_NEED_NETNS)
		*nst_rows_netns(walk->rows, table, row) = walk->netns;
}

/* Fills in what comes before the ports and addresses of a record, and what follows them. */
static __always_inline void nst_row_set_up(const struct nst_walk *walk, struct nst_sock *row,
					   enum nst_table table, u8 state)
{
	memset(row, 0, offsetof(struct nst_sock, lport));
	row->state = state;
	row->timer = NST_TIMER_OFF;
	row->fate = NST_FATE_NONE;
	row->retransmits = 0;
	row->probes = 0;
	if (unlikely(walk->needs & (NST_NEED_HOLDERS | NST_NEED_NETNS)))
		nst_row_begin_extra(walk, table, row);
}

/*
 * Begins the record of a socket: state, ports, addresses.
 *
 * A socket that the filter does not want needs no second look: if it was another
 * one in between, then neither was there all the time, and none is missed.
 *
 * Return: 0; 1 if the filter does not want the socket; -ENOSPC without room.
 */
static __always_inline int nst_row_begin(struct nst_walk *walk, enum nst_table table,
					 const struct sock *sk, u8 state, struct nst_sock **row)
{
	if (walk->sieve.tuple && !nst_sieve_ports(&walk->sieve, READ_ONCE(sk->sk_num),
						  nst_sock_rport(table, sk)))
		return 1;

	*row = nst_rows_next(walk->rows, table);
	if (unlikely(!*row))
		return -ENOSPC;

	nst_sock_copy_tuple(*row, table, sk);
	if (walk->sieve.tuple && !nst_filter_match_tuple(walk->filter, *row, table))
		return 1;

	nst_row_set_up(walk, *row, table, state);
	return 0;
}

/* Keeps a complete record, if the filter does. Returns whether it does. */
static __always_inline bool nst_row_end(struct nst_walk *walk, const struct nst_sock *row,
					enum nst_table table)
{
	if (walk->sieve.details && !nst_filter_match_details(walk->filter, row))
		return false;

	nst_rows_keep(walk->rows, table);
	return true;
}

/**
 * struct nst_full - what leads to more about a full socket
 * @inode: see nst_inode_load()
 * @cgroup: see nst_more_load_cgroup()
 * @dead: whether its process has closed it
 *
 * Loaded together with the copy, and followed when the socket has proved to be
 * the same all the time.
 */
struct nst_full {
	unsigned long inode;
	struct cgroup *cgroup;
	bool dead;
};

static __always_inline void nst_full_load(const struct nst_walk *walk, struct nst_full *full,
					  const struct sock *sk)
{
	full->inode = nst_inode_load(sk);
	full->cgroup = NULL;
	full->dead = false;
	if (likely(!(walk->needs & (NST_NEED_MORE | NST_NEED_FATE))))
		return;

	full->cgroup = nst_more_load_cgroup(sk);
	smp_rmb();	/* sock_orphan() sets the flag before it takes the inode away */
	/* A bit beside others that change. */
	full->dead = data_race(sock_flag(sk, SOCK_DEAD));
}

static __always_inline bool nst_full_is_same(const struct nst_walk *walk,
					     const struct nst_full *full, const struct sock *sk)
{
	struct nst_full now;

	nst_full_load(walk, &now, sk);
	return now.inode == full->inode && now.cgroup == full->cgroup && now.dead == full->dead;
}

/* Follows what was loaded. */
static __always_inline void nst_full_finish(const struct nst_walk *walk, struct nst_sock *row,
					    enum nst_table table, const struct sock *sk,
					    const struct nst_full *full)
{
	if (walk->needs & (NST_NEED_OWNER | NST_NEED_INODE))
		row->inode = nst_inode_number(full->inode);
	if (walk->needs & NST_NEED_UID)
		nst_sock_set_uid(walk, row, nst_inode_uid(full->inode, sk));
	if (walk->needs & NST_NEED_MORE)
		nst_more_copy_cgroup(nst_sock_more(row, table), full->cgroup);
}

/* Copies what UDP and raw sockets have. @received may be a little below 0 for a moment. */
static __always_inline void nst_datagram_copy(const struct nst_walk *walk, struct nst_sock *row,
					      enum nst_table table, const struct sock *sk,
					      int received)
{
	if (walk->needs & NST_NEED_QUEUES) {
		row->recvq = max(received, 0);
		row->sendq = max(sk_wmem_alloc_get(sk), 0);
	}
	if (walk->needs & NST_NEED_MORE) {
		nst_more_start(nst_sock_more(row, table), walk, sk);
		nst_more_copy_datagram(nst_sock_more(row, table), walk, sk);
	}
}

#endif /* NST_WALK_SOCK_H */
