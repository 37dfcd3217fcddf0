/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The walk of one hash table of sockets, without its locks.
 *
 * All tables of the kernel's TCP, UDP and raw sockets are arrays of chains. A
 * chain is a hlist or a hlist_nulls; these differ in what the last pointer
 * holds (NULL, or an odd number that names the chain). Sockets come and go all
 * the time, and TCP sockets are SLAB_TYPESAFE_BY_RCU: within one RCU section
 * the memory of a socket that was found remains a socket of its kind, but may
 * become another one, in another chain, under the reader's eyes.
 *
 * What makes a walk right nevertheless:
 *
 * - Every node is *hooked*: its pprev points to the pointer through which the
 *   walk came to it. That is looked at before its ->next is loaded and again
 *   after. Unlinking clears or poisons pprev, and linking sets it, both before
 *   ->next can lead elsewhere (the writers hold the chain's lock for each, and
 *   unlock-lock orders their stores), so an unchanged pprev means that ->next
 *   was loaded from a node in its place. A neighbour's removal changes pprev,
 *   too: then the chain is walked again for nothing, which is rare and harmless.
 * - A hooked socket is alive at that moment, which lies within the RCU section.
 *   What it points to and RCU frees, or TYPESAFE slabs hold, can be looked at.
 * - The visit checks that the socket's hash leads to this chain, and that what
 *   it copied is of one life of the socket.
 * - The chain ends in its own end marker.
 * - A connection passes from one object to another within its chain, under the chain's
 *   lock (a request becomes a socket, a socket TIME_WAIT, TIME_WAIT a new socket). Kernels
 *   do that in four orders:
 *   1. The new object takes the old one's place. The walk meets one of them.
 *   2. The new one is added at the head, then the old one is deleted. A walk that began
 *      before may miss both; then the head has changed. One that began between the two
 *      meets both.
 *   3. The new one is added at the tail, then the old one is deleted: the walk may meet
 *      both.
 *   4. The old one is deleted, then the new one is added at the head. A walk, or a look at
 *      an empty bucket, that ends between the two misses both, and no pointer tells. The
 *      lock does: it is taken. When it is free again, the head has changed.
 *   So the head must be the same at the end, and two objects of a chain must not be of
 *   one connection: what they hash to, and their device, would be the same. Where order 4
 *   is possible (compat/move_order.h), the lock must be free before the head is looked at
 *   again. On other machines than x86 all this is enough only if all moves are in place:
 *   else the chains are walked under their locks, and an empty bucket may hide its last
 *   connection for a moment. tests/model tries all interleavings, and says what remains.
 *
 * So a chain is copied whole, or again: first a window of buckets at once, then
 * bucket by bucket. When one does not come to rest within NST_TRIES, or has more
 * sockets than can be told apart, or does not fit an RCU section, it is walked under
 * its own lock, as /proc/net/tcp walks every bucket.
 *
 * What bounds it, whatever users put into the chains and do with them meanwhile:
 *
 * - An RCU section, or a hold of a lock, takes NST_SECTION sockets at most, beside NST_BACK
 *   that are only passed over. The walk rests after two thirds of them, between two chains.
 *   A chain that is not at its end when the section is full is walked under its lock, in
 *   steps, and rests in its midst.
 * - For such a rest the walk lets go of the lock. Before that it holds some of the sockets
 *   that come next, NST_ANCHORS, each with its namespace first, and then does nothing but
 *   let others run. (A request or TIME_WAIT of another namespace is held by itself.) It
 *   goes on at the first of them that is still in the chain, and if there is none (all were
 *   closed, or their namespace is dying), at the head, NST_RESTARTS times at most.
 * - Where nothing moves, one socket may still leave its chain and come back. It comes back at
 *   the head, but one of IPv6 with SO_REUSEPORT at the tail (sk_add_node_rcu() and
 *   __inet_hash() of the kernel; it does not tell afterwards). A walk without the lock may
 *   meet that one again, so it tells those of IPv6 apart, too. After a rest, the walk would
 *   pass by all that is between: so at one of IPv6 it does not go on, but at the head, and
 *   passes over what it has noted. When that are more than NST_BACK, it does go on there, if
 *   the socket before is the one that was before it.
 * - Each socket that was visited in a chain that is walked in steps is noted: what is met
 *   again is passed over. So whatever others take out and add again during a rest, each is
 *   copied once, and what stays is copied. A walk that passes over NST_PASSES times as many
 *   as it has noted is given up: the chain counts as incomplete, and the read says so.
 * - Connections move, and so the head of their chain must be the same at the end. If it has
 *   changed during a rest, or the socket that comes next has left its place, the chain
 *   counts as incomplete. (Where a kernel adds at the tail, a connection that moves during
 *   a rest is met twice.)
 * - Under the lock a single socket that changes at every look is left out, and counted.
 *
 * Nearly all of the time goes into waiting for memory: a socket is spread over
 * seven cache lines or more, none of them cached on a busy host. So the buckets
 * of a window are looked at first, and while a chain is walked, the sockets of
 * chains to come are prefetched. What was prefetched is loaded anew when its turn
 * comes: a prefetch promises nothing.
 */
#ifndef NST_WALK_HASH_H
#define NST_WALK_HASH_H

#include <linux/hash.h>
#include <linux/rculist_nulls.h>
#include <linux/rcupdate.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "fetch.h"
#include "rest.h"
#include "store/addresses.h"
#include "walk/place.h"
#include "walk/walk.h"

#define NST_PASSES 8		/* times that a walk in steps passes over what it has noted */
#define NST_RESTARTS 2		/* times that a walk in steps goes back to the head */
#define NST_BACK 512		/* noted sockets up to which it also goes back to be sure */
#define NST_FETCH 16		/* chains ahead whose sockets are fetched */
#define NST_DEREF 8		/* chains ahead where what is fetched is looked into */
#define NST_LOOK (16 * 1024)	/* buckets that are looked at for one window */
#define NST_STEP 8		/* buckets that are skipped at once when all are empty */
#define NST_TRIES 8		/* tries of a chain without its lock, and as many with it */
#define NST_LOOKS 4		/* looks at a socket before its chain is walked again */

/**
 * struct nst_hash - a hash table of sockets
 * @heads: head of the first chain
 * @count: how many chains
 * @table: what the kind's lock and unlock need
 */
struct nst_hash {
	void *heads;
	unsigned int count;
	void *table;
};

/**
 * struct nst_kind - a kind of hash table
 * @stride: bytes from one head to the next
 * @node: offset of the chain's node in a socket
 * @nulls: whether the chains are hlist_nulls, else hlist
 * @nulls_base: number that the end marker of the first chain names
 * @rcu: whether the chains may be walked under RCU, else only under their lock
 * @moves: whether a connection may pass from one object to another in its chain
 * @returns: whether a socket may leave its chain and come back, if of IPv6 at the tail
 * @gaps: whether neither of the two may be in the chain for a moment (order 4)
 * @visit: copies or counts one socket, or leaves everything as it was. Called under RCU or the
 *	chain's lock. Return: 0; -EAGAIN when the socket is not what it seemed to be;
 *	-ENOSPC without room for a record
 * @fetch: prefetches what @visit will read of a socket. Must not look at it: it
 *	may be anything
 * @deref: prefetches what lies behind a socket that @fetch was given before.
 *	Called under RCU
 * @lock: takes a chain's lock
 * @unlock: releases it
 * @is_locked: whether somebody has it; only used with @gaps
 * @in_chain: whether a socket that is held, and in some chain, maybe of another table, is in
 *	this one, whose lock is held; not used with @moves
 *
 * To be a static constant: the compiler then makes a walk of its own for each
 * kind, without indirect calls.
 */
struct nst_kind {
	size_t stride;
	size_t node;
	bool nulls;
	unsigned int nulls_base;
	bool rcu;
	bool moves;
	bool returns;
	bool gaps;
	int (*visit)(struct nst_walk *walk, const struct nst_hash *hash, unsigned int bucket,
		     struct sock *sk);
	void (*fetch)(const struct nst_walk *walk, const struct sock *sk);
	void (*deref)(const struct nst_walk *walk, const struct sock *sk);
	void (*lock)(const struct nst_hash *hash, unsigned int bucket);
	void (*unlock)(const struct nst_hash *hash, unsigned int bucket);
	bool (*is_locked)(const struct nst_hash *hash, unsigned int bucket);
	bool (*in_chain)(const struct nst_hash *hash, unsigned int bucket, const struct sock *sk);
};

/*
 * Every node is taken for a hlist_nulls_node here: hlist_node has the same
 * layout, which sock_common relies on, too.
 */
static __always_inline struct hlist_nulls_node **nst_hash_head(const struct nst_kind *kind,
							       const struct nst_hash *hash,
							       unsigned int bucket)
{
	return hash->heads + (size_t)bucket * kind->stride;
}

/* Loads a pointer of a chain; what it leads to is safe to look at for the RCU section. */
static __always_inline struct hlist_nulls_node *nst_link_load(struct hlist_nulls_node **link)
{
	return READ_ONCE(*link);	/* dependency-ordered, as rcu_dereference() */
}

static __always_inline bool nst_link_is_end(const struct hlist_nulls_node *node)
{
	return !node || is_a_nulls(node);
}

/* The same of what a head leads to. Of a hlist_nulls it is never NULL. */
static __always_inline bool nst_head_is_end(const struct nst_kind *kind,
					    const struct hlist_nulls_node *first)
{
	return kind->nulls ? is_a_nulls(first) : !first;
}

static __always_inline struct sock *nst_link_sock(const struct nst_kind *kind,
						  struct hlist_nulls_node *node)
{
	return (void *)node - kind->node;
}

/* Whether the chain is walked under its lock, so that it stays as it is. */
static __always_inline bool nst_hash_is_held(const struct nst_walk *walk,
					     const struct nst_kind *kind)
{
	return walk->at.locked || !kind->rcu;
}

/* Begins what protects a chain while it is walked. */
static __always_inline void nst_hash_enter(const struct nst_walk *walk, const struct nst_kind *kind,
					   const struct nst_hash *hash, unsigned int bucket)
{
	if (nst_hash_is_held(walk, kind))
		kind->lock(hash, bucket);
	rcu_read_lock();
}

static __always_inline void nst_hash_leave(const struct nst_walk *walk, const struct nst_kind *kind,
					   const struct nst_hash *hash, unsigned int bucket)
{
	rcu_read_unlock();
	if (nst_hash_is_held(walk, kind))
		kind->unlock(hash, bucket);
}

/* Holds sockets that come next in the chain, whose lock is held, from @node on. */
static inline unsigned int nst_walk_anchor(const struct nst_walk *walk,
					   const struct nst_kind *kind,
					   struct hlist_nulls_node *node,
					   struct nst_anchor anchor[NST_ANCHORS])
{
	/* Of connections only the next will do: see the head of this file. */
	unsigned int most = kind->moves ? 1 : NST_ANCHORS;
	unsigned int n = 0, i;

	for (i = 0; i < most && !nst_link_is_end(node); i++, node = nst_link_load(&node->next)) {
		anchor[n].sk = nst_link_sock(kind, node);
		anchor[n].ipv4 = READ_ONCE(anchor[n].sk->sk_family) == AF_INET;
		n += nst_walk_hold(walk, anchor[n].sk, &anchor[n].net);
	}

	return n;
}

/*
 * Whether a node is still where it was, after it was seen to be of this chain: a listener
 * says so before it is in there, and waits for the chain's lock, while @now is of another.
 */
static inline bool nst_hash_is_at(const struct hlist_nulls_node *node,
				  struct hlist_nulls_node **now)
{
	smp_rmb();	/* what tells the chain before the second look at pprev */
	return READ_ONCE(node->pprev) == now;
}

/*
 * Sets walk->at.link to where the walk goes on after a rest at @link, under the chain's lock:
 * the link to the first anchor that is still in the chain, and has not come back to it behind
 * others; else the head. Under the lock, what is hooked stays so. Return: 0; -ESTALE if the
 * place is lost.
 */
static inline int nst_walk_go_on(struct nst_walk *walk, const struct nst_kind *kind,
				 const struct nst_hash *hash, unsigned int bucket,
				 struct hlist_nulls_node **link)
{
	bool back = false, skipped = false;
	unsigned int i;

	for (i = 0; i < walk->at.anchors; i++) {
		const struct nst_anchor *anchor = &walk->at.anchor[i];
		struct hlist_nulls_node *node = (void *)anchor->sk + kind->node;
		struct hlist_nulls_node **now = READ_ONCE(node->pprev);

		if (kind->moves) {
			if (now != link)
				return -ESTALE;
		} else if (!now || now == LIST_POISON2 ||
			   !kind->in_chain(hash, bucket, anchor->sk) ||
			   !nst_hash_is_at(node, now)) {
			continue;
		} else if (((kind->returns && !anchor->ipv4) || skipped) &&
			   (walk->at.noted.count <= NST_BACK || now != link)) {
			/* Maybe it has stayed: then those behind it must not be gone on at. */
			back = walk->at.noted.count <= NST_BACK;
			skipped = true;
			continue;
		}
		walk->at.link = now;
		return 0;
	}

	if (kind->moves || (!back && walk->at.restarts++ == NST_RESTARTS))
		return -ESTALE;

	walk->at.link = nst_hash_head(kind, hash, bucket);
	return 0;
}

/*
 * Rests in the midst of a chain, under its lock, before the socket that @link leads to. Sets
 * walk->at.link to where to go on.
 *
 * What is held is put at the next rest, or behind the end of the chain: the end of a socket
 * may want the lock.
 */
static noinline int nst_walk_pause(struct nst_walk *walk, const struct nst_kind *kind,
				   const struct nst_hash *hash, unsigned int bucket,
				   struct hlist_nulls_node **link) __must_hold(hash)
{
	struct nst_anchor anchor[NST_ANCHORS];
	unsigned int anchors = nst_walk_anchor(walk, kind, nst_link_load(link), anchor);
	int err;

	/* Nothing to hold: maybe a little further on. */
	if (!anchors && ++walk->at.over <= nst_walk_overrun(walk)) {
		walk->at.link = NULL;
		return 0;
	}

	nst_hash_leave(walk, kind, hash, bucket);
	nst_walk_release(walk);
	memcpy(walk->at.anchor, anchor, sizeof(anchor));
	walk->at.anchors = anchors;
	err = nst_rest();
	nst_hash_enter(walk, kind, hash, bucket);
	nst_walk_begin_anywhere(walk);

	return err ?: nst_walk_go_on(walk, kind, hash, bucket, link);
}

/*
 * Notes a socket of a chain that is walked in steps.
 *
 * Return: 0 if it is a new one; 1 if it has been met, and is passed over; -E2BIG without room;
 * -ESTALE if it must not be met again, or that has happened too often. The first NST_BACK of
 * a section do not count: each section visits others, too, or comes to the end of the chain.
 */
static inline int nst_walk_note(struct nst_walk *walk, const struct nst_kind *kind,
				const struct sock *sk)
{
	int err = nst_addresses_add(&walk->at.noted, sk);

	if (likely(!err))
		return 0;
	if (err == -ENOSPC)
		return -E2BIG;
	if (kind->moves)
		return -ESTALE;
	if (walk->at.passed < NST_BACK) {
		walk->at.passed++;
		return 1;
	}
	if (walk->at.again++ >= NST_PASSES * walk->at.noted.count)
		return -ESTALE;

	walk->at.left -= !!walk->at.left;
	return 1;
}

/* Fetches what will be read of a socket. */
static __always_inline void nst_hash_fetch(const struct nst_walk *walk, const struct nst_kind *kind,
					   struct hlist_nulls_node *node)
{
	nst_fetch_near(node);
	nst_fetch_near(nst_link_sock(kind, node));
	if (walk->query.eager)
		kind->fetch(walk, nst_link_sock(kind, node));
}

/*
 * Visits a socket until it holds still for a moment. Under the chain's lock one that
 * never does is left out by itself.
 */
static __always_inline int nst_hash_visit(struct nst_walk *walk, const struct nst_kind *kind,
					  const struct nst_hash *hash, unsigned int bucket,
					  struct sock *sk)
{
	unsigned int looks = 0;
	int err;

	do
		err = kind->visit(walk, hash, bucket, sk);
	while (unlikely(err == -EAGAIN) && ++looks < NST_LOOKS);

	if (unlikely(err == -EAGAIN) && nst_hash_is_held(walk, kind)) {
		walk->sink.incomplete++;
		return 0;
	}
	return err;
}

/*
 * Has nobody moved a connection in this chain since @first was loaded? The look at the lock
 * comes first, then the one at the head: if somebody had the lock and has let go of it, the
 * head has changed.
 */
static __always_inline bool nst_hash_is_still(const struct nst_walk *walk,
					      const struct nst_kind *kind,
					      const struct nst_hash *hash, unsigned int bucket,
					      const struct hlist_nulls_node *first)
{
	smp_rmb();	/* all of the chain before the look at its lock */
	if (kind->gaps && !nst_hash_is_held(walk, kind)) {
		if (kind->is_locked(hash, bucket))
			return false;
		smp_rmb();	/* the lock before the second look at the head */
	}

	return nst_link_load(nst_hash_head(kind, hash, bucket)) == first;
}

/*
 * Whether a walk without the lock may meet a socket twice, while the head stays the same.
 * Where nothing moves it is one of IPv6, which may have become one of IPv4 (IPV6_ADDRFORM)
 * when it is met again. @n is how many such have been met.
 */
static __always_inline bool nst_hash_may_meet_again(const struct nst_kind *kind,
						    const struct sock *sk, unsigned int n)
{
	return kind->moves ||
	       (kind->returns && (n || READ_ONCE(sk->sk_family) == AF_INET6));
}

/*
 * Notes a socket, the @n-th of its chain that may be met again. Returns whether it may have
 * been met, or another object of its connection; also if there are too many to tell. Objects
 * of one connection have the same hash and device; others of the same hash are on another
 * device, or rare: nobody can choose hashes, since the kernel's own is seeded. Where nothing
 * moves, it is the socket's address that tells.
 */
static __always_inline bool nst_hash_has_met(struct nst_walk *walk, const struct nst_kind *kind,
					     const struct sock *sk, unsigned int n)
{
	u32 one = kind->moves ?
		  READ_ONCE(sk->sk_hash) ^ hash_32(READ_ONCE(sk->sk_bound_dev_if), 32) :
		  hash_long((unsigned long)sk, 32);
	u32 *met = walk->at.met;
	unsigned int i;

	if (likely(!n)) {
		met[0] = one;
		return false;
	}
	if (n >= NST_TOLD_APART)
		return true;

	for (i = 0; i < n; i++)
		if (met[i] == one)
			return true;

	met[n] = one;
	return false;
}

/*
 * The section is full, but the chain is not at its end. A few sockets more are visited; then
 * the walk rests, if the chain is walked in steps, else that is what it needs. Sets
 * walk->at.link to where to go on, or to NULL: no rest.
 */
static __always_inline int nst_hash_go_over(struct nst_walk *walk, const struct nst_kind *kind,
					    const struct nst_hash *hash, unsigned int bucket,
					    struct hlist_nulls_node **link)
{
	walk->at.link = NULL;
	if (walk->at.steps)
		return nst_walk_pause(walk, kind, hash, bucket, link);

	return ++walk->at.over > nst_walk_overrun(walk) ? -E2BIG : 0;
}

/* Walks one chain; the head of this file says how. */
static __always_inline int nst_hash_walk_chain(struct nst_walk *walk, const struct nst_kind *kind,
					       const struct nst_hash *hash, unsigned int bucket)
{
	struct hlist_nulls_node **head = nst_hash_head(kind, hash, bucket);
	struct hlist_nulls_node **link = head;
	struct hlist_nulls_node *first = nst_link_load(head);
	struct hlist_nulls_node *node = first;
	unsigned int n = 0;
	int err;

	while (!nst_link_is_end(node)) {
		struct sock *sk = nst_link_sock(kind, node);
		struct hlist_nulls_node *next;

		if (READ_ONCE(node->pprev) != link)
			return -EAGAIN;
		smp_rmb();	/* hooked, and so alive, before the visit loads anything */

		if (unlikely(!walk->at.left)) {
			err = nst_hash_go_over(walk, kind, hash, bucket, link);
			if (err)
				return err;
			if (walk->at.link) {
				link = walk->at.link;
				node = nst_link_load(link);
				continue;
			}
		}

		/* For the next turn; loaded again below, where it counts. */
		next = nst_link_load(&node->next);
		if (!nst_link_is_end(next))
			nst_hash_fetch(walk, kind, next);

		err = walk->at.steps ? nst_walk_note(walk, kind, sk) : 0;
		if (likely(!err)) {
			err = nst_hash_visit(walk, kind, hash, bucket, sk);
			walk->at.left -= !!walk->at.left;
		}
		if (unlikely(err < 0))
			return err;
		if (!nst_hash_is_held(walk, kind) && nst_hash_may_meet_again(kind, sk, n) &&
		    nst_hash_has_met(walk, kind, sk, n++))
			return -EEXIST;

		next = nst_link_load(&node->next);
		smp_rmb();	/* ->next before the second look at pprev */
		if (READ_ONCE(node->pprev) != link)
			return -EAGAIN;

		link = &node->next;
		node = next;
	}

	if (kind->nulls ? get_nulls_value(node) != kind->nulls_base + bucket : !!node)
		return -EAGAIN;

	/* Under the lock, only a rest lets others in; where nothing moves, it does no harm. */
	if ((kind->moves || !nst_hash_is_held(walk, kind)) &&
	    !nst_hash_is_still(walk, kind, hash, bucket, first))
		return nst_hash_is_held(walk, kind) ? -ESTALE : -EAGAIN;

	return 0;
}

/* One try to walk a chain, under its lock if @locked. */
static __always_inline int nst_hash_try(struct nst_walk *walk, const struct nst_kind *kind,
					const struct nst_hash *hash, unsigned int bucket,
					bool locked)
{
	int err;

	walk->at.locked = locked;
	walk->at.locks += locked;
	walk->at.restarts = 0;
	walk->at.again = 0;
	nst_walk_begin_anywhere(walk);
	nst_hash_enter(walk, kind, hash, bucket);
	err = nst_hash_walk_chain(walk, kind, hash, bucket);
	nst_hash_leave(walk, kind, hash, bucket);
	nst_walk_release(walk);
	walk->at.locked = false;

	return err;
}

/*
 * Walks one chain until it was copied whole, or is counted as incomplete. Ends: each turn
 * is a try, of which there are 2 * NST_TRIES, or makes more room, until memory is used up.
 *
 * A chain that does not fit one section goes to its lock at once, and is walked in steps. So
 * does one of more than NST_TOLD_APART sockets that must be told apart.
 */
static __always_inline int nst_hash_walk_more(struct nst_walk *walk, const struct nst_kind *kind,
					      const struct nst_hash *hash, unsigned int bucket)
{
	unsigned int room = nst_walk_section(walk);
	unsigned int tries = 0;
	struct nst_undo undo;
	int err = nst_sink_flush(&walk->sink);

	if (err)
		return err;

	nst_sink_save(&walk->sink, walk->at.table, &undo);

	while (tries < 2 * NST_TRIES) {
		bool locked = tries >= NST_TRIES || !kind->rcu;

		err = nst_walk_prepare(walk, room);
		if (err == -ESTALE)
			break;
		if (err)
			return err;

		err = nst_hash_try(walk, kind, hash, bucket, locked && kind->rcu);
		if (!err)
			return 0;
		if (err == -ESTALE)
			break;

		nst_sink_undo(&walk->sink, walk->at.table, &undo);
		walk->at.retries += err != -ENOSPC;
		if (err == -ENOSPC && room <= UINT_MAX / 2) {
			room *= 2;
		} else if (err == -E2BIG && walk->at.steps <= UINT_MAX / 2) {
			walk->at.steps = max(2 * walk->at.steps, 4U * NST_SECTION);
			tries = max_t(unsigned int, tries, NST_TRIES);
		} else if (err == -EEXIST) {
			tries += NST_TRIES;
		} else if (err == -EAGAIN) {
			tries++;
		} else {
			return err == -ENOSPC || err == -E2BIG ? -ENOMEM : err;
		}
	}

	walk->sink.incomplete++;
	return 0;
}

/* Walks one chain by itself. */
static __always_inline int nst_hash_walk_again(struct nst_walk *walk, const struct nst_kind *kind,
					       const struct nst_hash *hash, unsigned int bucket)
{
	int err;

	err = nst_hash_walk_more(walk, kind, hash, bucket);
	nst_slots_free(&walk->at.noted, nst_addresses.size);
	walk->at.steps = 0;
	return err;
}

/* Whether NST_STEP buckets are all empty. */
static __always_inline bool nst_hash_are_empty(const struct nst_kind *kind,
					       const struct nst_hash *hash, unsigned int bucket)
{
	unsigned long all = kind->nulls ? 1 : 0;
	unsigned int i;

	for (i = 0; i < NST_STEP; i++) {
		unsigned long first;

		first = (unsigned long)nst_link_load(nst_hash_head(kind, hash, bucket + i));
		if (kind->nulls)
			all &= first;	/* end markers are odd */
		else
			all |= first;
	}

	return kind->nulls ? all : !all;
}

/*
 * Collects non-empty buckets from @from on, without a branch for each, and empty ones that
 * somebody is about to fill. In a @sparse table there is one branch for NST_STEP buckets;
 * that pays when most are empty. Returns how many it found; @to is where to go on.
 */
static __always_inline unsigned int nst_hash_scan(struct nst_walk *walk,
						  const struct nst_kind *kind,
						  const struct nst_hash *hash, unsigned int from,
						  unsigned int *to, bool sparse)
{
	unsigned int limit = hash->count - from > NST_LOOK ? from + NST_LOOK : hash->count;
	struct hlist_nulls_node *first;
	unsigned int found = 0;
	unsigned int bucket;

	for (bucket = from; bucket < limit && found <= NST_WINDOW - NST_STEP;) {
		unsigned int end = min(bucket + NST_STEP, limit);

		if (sparse && !kind->gaps && end - bucket == NST_STEP &&
		    nst_hash_are_empty(kind, hash, bucket)) {
			bucket = end;
			continue;
		}
		for (; bucket < end; bucket++) {
			walk->at.buckets[found] = bucket;
			first = nst_link_load(nst_hash_head(kind, hash, bucket));
			found += !nst_head_is_end(kind, first) || (kind->gaps &&
				 !nst_hash_is_still(walk, kind, hash, bucket, first));
		}
	}

	*to = bucket;
	return found;
}

/* Prefetches the first socket of a chain that will be walked soon. */
static __always_inline void nst_hash_fetch_chain(const struct nst_walk *walk,
						 const struct nst_kind *kind,
						 const struct nst_hash *hash, unsigned int i)
{
	nst_hash_fetch(walk, kind, nst_link_load(nst_hash_head(kind, hash, walk->at.buckets[i])));
}

/* Prefetches what lies behind the first socket of a chain. */
static __always_inline void nst_hash_deref_chain(const struct nst_walk *walk,
						 const struct nst_kind *kind,
						  const struct nst_hash *hash, unsigned int i)
{
	unsigned int bucket = walk->at.buckets[i];
	struct hlist_nulls_node *node = nst_link_load(nst_hash_head(kind, hash, bucket));

	if (!nst_link_is_end(node))
		kind->deref(walk, nst_link_sock(kind, node));
}

/**
 * nst_hash_walk_window() - walk the chains of a window, in one RCU section
 * @walk: the walk
 * @kind: the kind of hash table
 * @hash: the hash table
 * @from: index in walk->at.buckets of the first chain
 * @found: end of walk->at.buckets
 * @to: set to the index after the last chain that was tried
 *
 * Return: 0, or what the last chain that was tried gave.
 */
static __always_inline int nst_hash_walk_window(struct nst_walk *walk, const struct nst_kind *kind,
						const struct nst_hash *hash, unsigned int from,
						unsigned int found, unsigned int *to)
{
	unsigned int i;
	int err = 0;

	nst_walk_begin(walk);
	rcu_read_lock();
	for (i = from; i < found && walk->at.left && !err; i++) {
		if (i + NST_FETCH < found)
			nst_hash_fetch_chain(walk, kind, hash, i + NST_FETCH);
		if (walk->query.eager && i + NST_DEREF < found)
			nst_hash_deref_chain(walk, kind, hash, i + NST_DEREF);
		err = nst_hash_walk_chain(walk, kind, hash, walk->at.buckets[i]);
	}
	rcu_read_unlock();

	*to = i;
	return err;
}

/* Walks some of the chains in walk->at.buckets. */
static __always_inline int nst_hash_walk_some(struct nst_walk *walk, const struct nst_kind *kind,
					      const struct nst_hash *hash, unsigned int from,
					      unsigned int found, unsigned int *to)
{
	struct nst_undo undo;
	int err = nst_sink_flush(&walk->sink);

	if (!err)
		err = nst_rest();
	if (!err)
		err = nst_sink_reserve(&walk->sink, 2 * nst_walk_section(walk));
	if (err)
		return err;

	*to = found;
	if (kind->rcu) {
		nst_sink_save(&walk->sink, walk->at.table, &undo);
		err = nst_hash_walk_window(walk, kind, hash, from, found, to);
		if (err != -EAGAIN && err != -ENOSPC && err != -E2BIG && err != -EEXIST)
			return err;
		nst_sink_undo(&walk->sink, walk->at.table, &undo);
		walk->at.retries += err != -ENOSPC;
	}

	for (; from < *to; from++) {
		err = nst_hash_walk_again(walk, kind, hash, walk->at.buckets[from]);
		if (err)
			return err;
	}

	return 0;
}

/**
 * nst_hash_walk() - walk all chains of a hash table
 * @walk: the walk; @walk->at.table tells what the sockets are
 * @kind: what kind of hash table it is
 * @hash: the hash table
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
static __always_inline int nst_hash_walk(struct nst_walk *walk, const struct nst_kind *kind,
					 const struct nst_hash *hash)
{
	unsigned int from, to;
	bool sparse = true;

	for (from = 0; from < hash->count; from = to) {
		unsigned int done, found, i;

		found = nst_hash_scan(walk, kind, hash, from, &to, sparse);
		sparse = found < (to - from) / (2 * NST_STEP);
		for (i = 0; i < min_t(unsigned int, found, NST_FETCH); i++)
			nst_hash_fetch_chain(walk, kind, hash, i);
		for (done = 0; done < found;) {
			int err = nst_hash_walk_some(walk, kind, hash, done, found, &done);

			if (err)
				return err;
		}
		if (!found) {
			int err = nst_rest();

			if (err)
				return err;
		}
	}

	return 0;
}

#endif /* NST_WALK_HASH_H */
