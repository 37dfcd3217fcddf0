// SPDX-License-Identifier: GPL-2.0-only
/*
 * Raw sockets: one table for IPv4 and one for IPv6, of all namespaces. A
 * socket stays in its chain from birth to end.
 */
#include <net/raw.h>

#include "compat/raw_table.h"
#include "walk/hash.h"
#include "walk/sock.h"

static __always_inline int visit(struct nst_walk *walk, const struct nst_hash *hash,
				 unsigned int slot, struct sock *sk)
{
	struct nst_full full;
	struct nst_sock *row;
	enum nst_table table;
	u8 state;
	int err;

	if (!nst_sock_wanted(walk, sk, &table))
		return 0;

	state = READ_ONCE(sk->sk_state);
	if (!walk->rows) {
		if (state < NST_STATES)
			walk->tally.state[table][state]++;
		return 0;
	}

	if (!nst_sieve_state(&walk->sieve, table, state))
		return 0;

	err = nst_row_begin(walk, table, sk, state, &row);
	if (err)
		return min(err, 0);

	nst_datagram_copy(walk, row, table, sk, sk_rmem_alloc_get(sk));
	/* Not recycled, and hashed when it was found: what it leads to is its own. */
	nst_full_load(walk, &full, sk);
	nst_full_finish(walk, row, table, sk, &full);
	nst_row_end(walk, row, table);
	return 0;
}

static void lock(const struct nst_hash *hash, unsigned int slot) __acquires(hash)
{
	nst_raw_lock(hash->table);
}

static void unlock(const struct nst_hash *hash, unsigned int slot) __releases(hash)
{
	nst_raw_unlock(hash->table);
}

static const struct nst_kind raw = {
	.stride = sizeof_field(struct raw_hashinfo, ht[0]),
	.node = offsetof(struct sock, sk_node),
	.nulls = __builtin_types_compatible_p(typeof(((struct raw_hashinfo *)NULL)->ht[0]),
					      struct hlist_nulls_head),
	.rcu = NST_RAW_RCU,
	.visit = visit,
	.fetch = nst_sock_fetch,
	.follow = nst_sock_follow,
	.lock = lock,
	.unlock = unlock,
};

static int walk_table(struct nst_walk *walk, struct raw_hashinfo *table)
{
	const struct nst_hash hash = {
		.heads = &table->ht[0],
		.count = RAW_HTABLE_SIZE,
		.table = table,
	};

	walk->table = NST_RAW;
	return nst_hash_walk(walk, &raw, &hash);
}

/**
 * nst_walk_raw() - take all raw sockets of the namespace
 * @walk: the walk
 *
 * Context: process context, may sleep.
 * Return: 0; -EINTR when the task is being killed; -ENOMEM.
 */
int nst_walk_raw(struct nst_walk *walk)
{
	int err = 0;

	if (walk->tables & BIT(NST_RAW))
		err = walk_table(walk, &raw_v4_hashinfo);
#if IS_ENABLED(CONFIG_IPV6)
	if (!err && walk->tables & BIT(NST_RAW6))
		err = walk_table(walk, &raw_v6_hashinfo);
#endif

	return err;
}
