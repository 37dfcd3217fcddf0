// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP and UDP-Lite. The table hashed by port holds every socket that has one;
 * all sockets of a port share a chain, which can be very long.
 *
 * The sockets are not recycled while RCU readers see them (SOCK_RCU_FREE), but
 * may be disconnected and bound again, to another chain.
 */
#include <net/udp.h>

#include "compat/udp_table.h"
#include "fetch.h"
#include "walk/hash.h"
#include "walk/netns.h"
#include "walk/sock.h"

/*
 * One of several namespaces is looked into here, which nobody holds. But the socket was
 * in its chain within this RCU section, or is under the chain's lock, and is freed by
 * RCU (SOCK_RCU_FREE). One that holds its namespace lets go of it then; one of the
 * kernel's own goes with the namespace, whose memory is freed only after all such
 * callbacks have run (the rcu_barrier() in cleanup_net()).
 */
static __always_inline bool in_bucket(const struct nst_walk *walk, const struct nst_hash *hash,
				      unsigned int bucket, const struct sock *sk)
{
	return udp_hashfn(walk->scope.net, READ_ONCE(udp_sk(sk)->udp_port_hash), hash->count - 1) ==
	       bucket;
}

static __always_inline void copy(const struct nst_walk *walk, struct nst_sock *row,
				 enum nst_table table, const struct sock *sk, u8 state)
{
	nst_datagram_copy(walk, row, table, sk, udp_rqueue_get((struct sock *)sk));
}

static const struct nst_kin datagram = {
	.in_bucket = in_bucket,
	.state = nst_datagram_state,
	.shown = nst_datagram_shown,
	.is_full = nst_datagram_is_full,
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

static __always_inline void fetch(const struct nst_walk *walk, const struct sock *sk)
{
	nst_sock_fetch(walk, sk);
	if (walk->query.needs & NST_NEED_QUEUES) {
		nst_fetch(&sk->sk_rmem_alloc);
		nst_fetch(&sk->sk_wmem_alloc);
	}
}

static void lock(const struct nst_hash *hash, unsigned int bucket) __acquires(hash)
{
	struct udp_table *table = hash->table;

	spin_lock_bh(&table->hash[bucket].lock);
}

static void unlock(const struct nst_hash *hash, unsigned int bucket) __releases(hash)
{
	struct udp_table *table = hash->table;

	spin_unlock_bh(&table->hash[bucket].lock);
}

/* The port of a socket that is in a chain changes only with the chain. */
static bool in_chain(const struct nst_hash *hash, unsigned int bucket, const struct sock *sk)
{
	return udp_hashfn(sock_net(sk), READ_ONCE(udp_sk(sk)->udp_port_hash), hash->count - 1) ==
	       bucket;
}

#define UDP(_visit) { \
	.stride = sizeof(*((struct udp_table *)NULL)->hash), \
	.node = offsetof(struct sock, sk_node), \
	.rcu = true, \
	.visit = _visit, \
	.fetch = fetch, \
	.deref = nst_sock_deref, \
	.lock = lock, \
	.unlock = unlock, \
	.returns = true, \
	.in_chain = in_chain, \
}

static const struct nst_kind udp = UDP(visit);
static const struct nst_kind counted_udp = UDP(count);

static int walk_table(struct nst_walk *walk, enum nst_table which, struct udp_table *table)
{
	const struct nst_hash hash = {
		.heads = &table->hash->head,
		.count = table->mask + 1,
		.table = table,
	};

	walk->at.table = which;
	return walk->sink.rows ? nst_hash_walk(walk, &udp, &hash) :
				 nst_hash_walk(walk, &counted_udp, &hash);
}

/**
 * nst_walk_has_udplite() - whether this kernel has UDP-Lite
 *
 * Return: true up to 7.0.
 */
bool nst_walk_has_udplite(void)
{
	return !!nst_udplite_table();
}

/**
 * nst_walk_udp() - copy or count all UDP and UDP-Lite sockets of the namespace
 * @walk: the walk; of several namespaces, what is in the tables that they share
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_walk_udp(struct nst_walk *walk)
{
	struct udp_table *udplite = nst_udplite_table();
	struct net *net = walk->scope.nets ? &init_net : walk->scope.net;
	int err = 0;

	if (walk->query.tables & (BIT(NST_UDP) | BIT(NST_UDP6)) &&
	    (!walk->scope.nets || walk->scope.nets->shared & BIT(NST_UDP)))
		err = walk_table(walk, NST_UDP, nst_udp_table(net));
	if (!err && udplite && walk->query.tables & (BIT(NST_UDPLITE) | BIT(NST_UDPLITE6)))
		err = walk_table(walk, NST_UDPLITE, udplite);

	return err;
}

/**
 * nst_walk_udp_of() - copy or count what a namespace has in a table of its own
 * @walk: the walk, of several namespaces
 * @net: the one; the caller keeps it alive
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_walk_udp_of(struct nst_walk *walk, struct net *net)
{
	if (!(walk->query.tables & (BIT(NST_UDP) | BIT(NST_UDP6))))
		return 0;

	return walk_table(walk, NST_UDP, nst_udp_table(net));
}
