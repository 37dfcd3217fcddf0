// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw sockets: one table for IPv4 and one for IPv6, of all namespaces. A
 * socket stays in its chain from birth to end.
 */
#include <net/raw.h>

#include "compat/raw_table.h"
#include "walk/hash.h"
#include "walk/sock.h"

/* Its place depends on its protocol alone, which does not change. */
static __always_inline bool in_bucket(const struct nst_walk *walk, const struct nst_hash *hash,
				      unsigned int bucket, const struct sock *sk)
{
	return true;
}

static __always_inline void copy(const struct nst_walk *walk, struct nst_sock *row,
				 enum nst_table table, const struct sock *sk, u8 state)
{
	nst_datagram_copy(walk, row, table, sk, sk_rmem_alloc_get(sk));
}

static const struct nst_kin datagram = {
	.in_bucket = in_bucket,
	.state = nst_datagram_state,
	.shown = nst_datagram_shown,
	.is_full = nst_datagram_is_full,
	.no_rport = true,	/* what connect() was given as one is not shown */
	.copy = copy,
};

static __always_inline int visit(struct nst_walk *walk, const struct nst_hash *hash,
				 unsigned int bucket, struct sock *sk)
{
	return nst_visit(walk, &datagram, hash, bucket, sk);
}

static __always_inline int count(struct nst_walk *walk, const struct nst_hash *hash,
				 unsigned int bucket, struct sock *sk)
{
	return nst_visit_count(walk, &datagram, hash, bucket, sk);
}

static void lock(const struct nst_hash *hash, unsigned int bucket) __acquires(hash)
{
	nst_raw_lock(hash->table);
}

static void unlock(const struct nst_hash *hash, unsigned int bucket) __releases(hash)
{
	nst_raw_unlock(hash->table);
}

static bool in_chain(const struct nst_hash *hash, unsigned int bucket, const struct sock *sk)
{
	return true;
}

#define RAW(_visit) { \
	.stride = sizeof_field(struct raw_hashinfo, ht[0]), \
	.node = offsetof(struct sock, sk_node), \
	.nulls = __builtin_types_compatible_p(typeof(((struct raw_hashinfo *)NULL)->ht[0]), \
					      struct hlist_nulls_head), \
	.rcu = NST_RAW_RCU, \
	.visit = _visit, \
	.fetch = nst_sock_fetch, \
	.deref = nst_sock_deref, \
	.lock = lock, \
	.unlock = unlock, \
	.in_chain = in_chain, \
}

static const struct nst_kind raw = RAW(visit);
static const struct nst_kind counted_raw = RAW(count);

static int walk_table(struct nst_walk *walk, struct raw_hashinfo *table)
{
	const struct nst_hash hash = {
		.heads = &table->ht[0],
		.count = RAW_HTABLE_SIZE,
		.table = table,
	};

	walk->at.table = NST_RAW;
	return walk->sink.rows ? nst_hash_walk(walk, &raw, &hash) :
				 nst_hash_walk(walk, &counted_raw, &hash);
}

/**
 * nst_walk_raw() - copy or count all raw sockets of the namespace
 * @walk: the walk
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_walk_raw(struct nst_walk *walk)
{
	int err = 0;

	if (walk->query.tables & BIT(NST_RAW))
		err = walk_table(walk, &raw_v4_hashinfo);
#if IS_ENABLED(CONFIG_IPV6)
	if (!err && walk->query.tables & BIT(NST_RAW6))
		err = walk_table(walk, &raw_v6_hashinfo);
#endif

	return err;
}
