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
 * - Where a connection may pass from one object to another within its chain
 *   (established to TIME_WAIT on kernels that add the new one at the head, then
 *   delete the old one), the head must not have changed either: all insertions
 *   are at the head or in place, so an unchanged head means that the walk saw
 *   either the old one or the new one, and not both.
 *
 * So a chain is taken whole, or again: first a window of buckets at once, then
 * bucket by bucket, and when one does not come to rest within NST_TRIES, it is
 * walked under its own lock, as /proc/net/tcp walks every bucket.
 *
 * Nearly all of the time goes into waiting for memory: a socket is spread over
 * seven cache lines or more, none of them cached on a busy host. So the buckets
 * of a window are looked at first, and while a chain is taken, the sockets of
 * chains to come are prefetched. What was prefetched is loaded anew when its turn
 * comes: a prefetch promises nothing.
 *
 * RCU sections and lock holds are short: after NST_SECTION sockets the walk
 * rests. In the middle of a chain it holds a reference to the socket it
 * stands on meanwhile, and goes on if that is still hooked.
 */
#ifndef NST_WALK_HASH_H
#define NST_WALK_HASH_H

#include <linux/rculist_nulls.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <net/inet_hashtables.h>
#include <net/sock.h>

#include "walk/fetch.h"
#include "store/groups.h"
#include "store/listeners.h"
#include "store/rows.h"
#include "walk/walk.h"

#define NST_SECTION 512		/* sockets in one RCU section, at most */
#define NST_FETCH 16		/* chains ahead whose sockets are fetched */
#define NST_FOLLOW 8		/* chains ahead where what is fetched is looked into */
#define NST_LOOK (16 * 1024)	/* buckets that are looked at for one window */
#define NST_STEP 8		/* buckets that are skipped at once when all are empty */
#define NST_TRIES 8		/* walks of a chain before its lock is taken */

/* Spare pages for what one RCU section can take: all of it IPv6, or half of each. */
#define NST_SECTION_PAGES(rows) \
	(DIV_ROUND_UP(NST_SECTION, (rows)->list[NST_TCP6].capacity) + 2)

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
 * @dance: whether a connection may pass from one object to another in its chain
 * @visit: takes one socket. Called under RCU or the chain's lock.
 *	Return: 0; -EAGAIN when the socket is not what it seemed to be;
 *	-ENOSPC without room for a record
 * @fetch: prefetches what @visit will read of a socket. Must not look at it: it
 *	may be anything
 * @follow: prefetches what lies behind a socket that @fetch was given before.
 *	Called under RCU
 * @lock: takes a chain's lock
 * @unlock: releases it
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
	bool dance;
	int (*visit)(struct nst_walk *walk, const struct nst_hash *hash, unsigned int slot,
		     struct sock *sk);
	void (*fetch)(const struct nst_walk *walk, const struct sock *sk);
	void (*follow)(const struct nst_walk *walk, const struct sock *sk);
	void (*lock)(const struct nst_hash *hash, unsigned int slot);
	void (*unlock)(const struct nst_hash *hash, unsigned int slot);
};

/*
 * Every node is taken for a hlist_nulls_node here: hlist_node has the same
 * layout, which sock_common relies on, too.
 */
static __always_inline struct hlist_nulls_node **nst_hash_head(const struct nst_kind *kind,
							       const struct nst_hash *hash,
							       unsigned int slot)
{
	return hash->heads + (size_t)slot * kind->stride;
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

static __always_inline struct sock *nst_link_sock(const struct nst_kind *kind,
						  struct hlist_nulls_node *node)
{
	return (void *)node - kind->node;
}

/* Sockets in one RCU section: with all of show=more, one takes twice as long. */
static inline unsigned int nst_walk_section(const struct nst_walk *walk)
{
	return walk->needs & NST_NEED_MORE ? NST_SECTION / 2 : NST_SECTION;
}

/* Makes room for @times what one RCU section is likely to take. */
static inline int nst_walk_reserve(struct nst_walk *walk, unsigned int times)
{
	if (walk->rows)
		return nst_rows_reserve(walk->rows, times * NST_SECTION_PAGES(walk->rows));
	if (walk->listeners)
		return nst_listeners_reserve(walk->listeners, times * NST_LISTENERS_ROOM);

	return 0;
}

/**
 * nst_walk_rest() - let others run, between two RCU sections
 * @walk: the walk
 *
 * Context: may sleep.
 * Return: 0; -EINTR when the task is being killed; -ENOMEM.
 */
static inline int nst_walk_rest(struct nst_walk *walk)
{
	cond_resched();
	if (fatal_signal_pending(current))
		return -EINTR;

	return nst_walk_reserve(walk, 1);
}

/*
 * Counts the rows that have been taken in their groups, where groups are wanted and
 * can be made at once: so they never become many. Between two chains only, since
 * what has been counted cannot be undone.
 */
static inline int nst_walk_group(struct nst_walk *walk)
{
	int err;

	if (!walk->groups)
		return 0;

	err = nst_groups_take(walk->groups, walk->rows);
	nst_rows_drop(walk->rows);
	return err;
}

/*
 * Rests in the middle of a chain. The reference keeps @sk from being freed, but
 * not from being unlinked: then the chain has to be walked again.
 */
static inline int nst_walk_pause(struct nst_walk *walk, struct sock *sk,
				 const struct hlist_nulls_node *node,
				 struct hlist_nulls_node **link)
{
	bool hooked;
	int err;

	/* Requests and TIME_WAIT are hashed before they are counted: rest later. */
	if (!refcount_inc_not_zero(&sk->sk_refcnt)) {
		walk->left = 1;
		return 0;
	}

	rcu_read_unlock();
	err = nst_walk_rest(walk);
	rcu_read_lock();

	hooked = READ_ONCE(node->pprev) == link;
	sock_gen_put(sk);
	walk->left = nst_walk_section(walk);
	if (err)
		return err;

	return hooked ? 0 : -EAGAIN;
}

/* Fetches what will be read of a socket. */
static __always_inline void nst_hash_fetch(const struct nst_walk *walk, const struct nst_kind *kind,
					   struct hlist_nulls_node *node)
{
	nst_fetch_near(node);
	nst_fetch_near(nst_link_sock(kind, node));
	if (walk->eager)
		kind->fetch(walk, nst_link_sock(kind, node));
}

/* Takes one chain; the head of this file says how. */
static __always_inline int nst_hash_take(struct nst_walk *walk, const struct nst_kind *kind,
					 const struct nst_hash *hash, unsigned int slot)
{
	struct hlist_nulls_node **head = nst_hash_head(kind, hash, slot);
	struct hlist_nulls_node **link = head;
	struct hlist_nulls_node *first = nst_link_load(head);
	struct hlist_nulls_node *node = first;
	int err;

	while (!nst_link_is_end(node)) {
		struct sock *sk = nst_link_sock(kind, node);
		struct hlist_nulls_node *next;

		if (READ_ONCE(node->pprev) != link)
			return -EAGAIN;
		smp_rmb();	/* hooked, and so alive, before the visit loads anything */

		if (unlikely(!walk->left) && !walk->locked) {
			err = nst_walk_pause(walk, sk, node, link);
			if (err)
				return err;
		}

		/* For the next turn; loaded again below, where it counts. */
		next = nst_link_load(&node->next);
		if (!nst_link_is_end(next))
			nst_hash_fetch(walk, kind, next);

		err = kind->visit(walk, hash, slot, sk);
		if (unlikely(err))
			return err;
		walk->left--;

		next = nst_link_load(&node->next);
		smp_rmb();	/* ->next before the second look at pprev */
		if (READ_ONCE(node->pprev) != link)
			return -EAGAIN;

		link = &node->next;
		node = next;
	}

	if (kind->nulls ? get_nulls_value(node) != kind->nulls_base + slot : !!node)
		return -EAGAIN;

	if (kind->dance) {
		smp_rmb();	/* all of the chain before the second look at its head */
		if (nst_link_load(head) != first)
			return -EAGAIN;
	}

	return 0;
}

/**
 * struct nst_undo - what to go back to when a chain has to be walked again
 * @mark: the end of the records, if there are any
 * @state: the counts of the two tables, if there are no records
 * @orphans: likewise
 *
 * Listeners keep what they were; there is one undo at a time.
 */
struct nst_undo {
	struct nst_mark mark;
	u32 state[2][NST_STATES];
	u32 orphans;
};

static inline void nst_walk_save(const struct nst_walk *walk, struct nst_undo *undo)
{
	if (walk->rows) {
		nst_rows_mark(walk->rows, walk->table, &undo->mark);
	} else {
		memcpy(undo->state, walk->tally.state[walk->table], sizeof(undo->state));
		undo->orphans = walk->tally.orphans;
		if (walk->listeners)
			nst_listeners_save(walk->listeners);
	}
}

static inline void nst_walk_undo(struct nst_walk *walk, const struct nst_undo *undo)
{
	if (walk->rows) {
		nst_rows_cut(walk->rows, walk->table, &undo->mark);
	} else {
		memcpy(walk->tally.state[walk->table], undo->state, sizeof(undo->state));
		walk->tally.orphans = undo->orphans;
		if (walk->listeners)
			nst_listeners_undo(walk->listeners);
	}
}

/*
 * Takes one chain until it was taken whole. After NST_TRIES its lock keeps it
 * still; what can differ then is a socket that is being accepted or closed, once
 * each, so the tries are never used up. Room doubles until the chain fits.
 */
static __always_inline int nst_hash_take_again(struct nst_walk *walk, const struct nst_kind *kind,
					       const struct nst_hash *hash, unsigned int slot)
{
	unsigned int tries = kind->rcu ? 0 : NST_TRIES;
	unsigned int times = 1;
	struct nst_undo undo;
	int err = nst_walk_group(walk);

	if (err)
		return err;

	nst_walk_save(walk, &undo);

	for (;;) {
		err = nst_walk_rest(walk);
		if (!err)
			err = nst_walk_reserve(walk, times);
		if (err)
			return err;

		walk->locked = tries >= NST_TRIES;
		walk->left = walk->locked ? UINT_MAX : nst_walk_section(walk);
		if (walk->locked)
			kind->lock(hash, slot);
		rcu_read_lock();
		err = nst_hash_take(walk, kind, hash, slot);
		rcu_read_unlock();
		if (walk->locked)
			kind->unlock(hash, slot);
		walk->locked = false;

		if (!err)
			return 0;

		nst_walk_undo(walk, &undo);
		if (err == -ENOSPC)
			times *= 2;
		else if (err != -EAGAIN || ++tries == 3 * NST_TRIES)
			return err;
	}
}

/* Whether NST_STEP buckets are all empty. */
static __always_inline bool nst_hash_are_empty(const struct nst_kind *kind,
					       const struct nst_hash *hash, unsigned int slot)
{
	unsigned long all = kind->nulls ? 1 : 0;
	unsigned int i;

	for (i = 0; i < NST_STEP; i++) {
		unsigned long first;

		first = (unsigned long)nst_link_load(nst_hash_head(kind, hash, slot + i));
		if (kind->nulls)
			all &= first;	/* end markers are odd */
		else
			all |= first;
	}

	return kind->nulls ? all : !all;
}

/*
 * Collects non-empty buckets from @from on, without a branch for each. In a
 * @sparse table there is one for several, which is worth it if it is mostly taken.
 * Returns how many it found; @to is where to go on.
 */
static __always_inline unsigned int nst_hash_look(struct nst_walk *walk,
						  const struct nst_kind *kind,
						  const struct nst_hash *hash, unsigned int from,
						  unsigned int *to, bool sparse)
{
	unsigned int limit = hash->count - from > NST_LOOK ? from + NST_LOOK : hash->count;
	struct hlist_nulls_node *first;
	unsigned int found = 0;
	unsigned int slot;

	for (slot = from; slot < limit && found <= NST_WINDOW - NST_STEP;) {
		unsigned int end = min(slot + NST_STEP, limit);

		if (sparse && end - slot == NST_STEP && nst_hash_are_empty(kind, hash, slot)) {
			slot = end;
			continue;
		}
		for (; slot < end; slot++) {
			walk->slots[found] = slot;
			first = nst_link_load(nst_hash_head(kind, hash, slot));
			found += !nst_link_is_end(first);
		}
	}

	*to = slot;
	return found;
}

/* Prefetches the first socket of a chain that will be taken soon. */
static __always_inline void nst_hash_fetch_chain(const struct nst_walk *walk,
						 const struct nst_kind *kind,
						 const struct nst_hash *hash, unsigned int i)
{
	nst_hash_fetch(walk, kind, nst_link_load(nst_hash_head(kind, hash, walk->slots[i])));
}

/* Prefetches what lies behind the first socket of a chain. */
static __always_inline void nst_hash_follow_chain(const struct nst_walk *walk,
						  const struct nst_kind *kind,
						  const struct nst_hash *hash, unsigned int i)
{
	struct hlist_nulls_node *node = nst_link_load(nst_hash_head(kind, hash, walk->slots[i]));

	if (!nst_link_is_end(node))
		kind->follow(walk, nst_link_sock(kind, node));
}

/**
 * nst_hash_take_window() - take the chains of a window, in one RCU section
 * @walk: the walk
 * @kind: the kind of hash table
 * @hash: the hash table
 * @from: index in walk->slots of the first chain
 * @found: end of walk->slots
 * @to: set to the index after the last chain that was tried
 *
 * Return: 0, or what the last chain that was tried gave.
 */
static __always_inline int nst_hash_take_window(struct nst_walk *walk, const struct nst_kind *kind,
						const struct nst_hash *hash, unsigned int from,
						unsigned int found, unsigned int *to)
{
	unsigned int i;
	int err = 0;

	walk->left = nst_walk_section(walk);
	rcu_read_lock();
	for (i = from; i < found && walk->left && !err; i++) {
		if (i + NST_FETCH < found)
			nst_hash_fetch_chain(walk, kind, hash, i + NST_FETCH);
		if (walk->eager && i + NST_FOLLOW < found)
			nst_hash_follow_chain(walk, kind, hash, i + NST_FOLLOW);
		err = nst_hash_take(walk, kind, hash, walk->slots[i]);
	}
	rcu_read_unlock();

	*to = i;
	return err;
}

/* Takes some of the chains in walk->slots. */
static __always_inline int nst_hash_take_some(struct nst_walk *walk, const struct nst_kind *kind,
					      const struct nst_hash *hash, unsigned int from,
					      unsigned int found, unsigned int *to)
{
	struct nst_undo undo;
	int err = nst_walk_group(walk) ?: nst_walk_rest(walk);

	if (err)
		return err;

	*to = found;
	if (kind->rcu) {
		nst_walk_save(walk, &undo);
		err = nst_hash_take_window(walk, kind, hash, from, found, to);
		if (err != -EAGAIN && err != -ENOSPC)
			return err;
		nst_walk_undo(walk, &undo);
	}

	for (; from < *to; from++) {
		err = nst_hash_take_again(walk, kind, hash, walk->slots[from]);
		if (err)
			return err;
	}

	return 0;
}

/**
 * nst_hash_walk() - take all chains of a hash table
 * @walk: the walk; its member table tells what the sockets are
 * @kind: what kind of hash table it is
 * @hash: the hash table
 *
 * Context: process context, may sleep.
 * Return: 0; -EINTR when the task is being killed; -ENOMEM; -EAGAIN when a chain
 * did not come to rest even under its lock, which should not be.
 */
static __always_inline int nst_hash_walk(struct nst_walk *walk, const struct nst_kind *kind,
					 const struct nst_hash *hash)
{
	unsigned int from, to;
	bool sparse = true;

	for (from = 0; from < hash->count; from = to) {
		unsigned int done, found, i;

		found = nst_hash_look(walk, kind, hash, from, &to, sparse);
		sparse = found < (to - from) / (2 * NST_STEP);
		for (i = 0; i < min_t(unsigned int, found, NST_FETCH); i++)
			nst_hash_fetch_chain(walk, kind, hash, i);
		for (done = 0; done < found;) {
			int err = nst_hash_take_some(walk, kind, hash, done, found, &done);

			if (err)
				return err;
		}
		cond_resched();
	}

	return 0;
}

#endif /* NST_WALK_HASH_H */
