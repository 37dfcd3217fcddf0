/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a walk is: what it may still visit before it rests, and what it holds meanwhile. */
#ifndef NST_WALK_PLACE_H
#define NST_WALK_PLACE_H

#include <linux/minmax.h>
#include <linux/types.h>

#include "walk/walk.h"

#define NST_SECTION 256		/* sockets in one RCU section, or hold of a lock, at most */

struct net;
struct sock;

/* Sockets in one RCU section: fewer if each takes longer. */
static inline unsigned int nst_walk_section(const struct nst_walk *walk)
{
	return NST_SECTION / (1 + walk->query.dear);
}

/* Counts what has taken as long as so many sockets. */
static inline void nst_walk_spend(struct nst_walk *walk, unsigned int sockets)
{
	unsigned int left = min(walk->at.left, sockets);

	walk->at.left -= left;
	walk->at.over += sockets - left;
}

/* Sockets that may be visited past those after which the walk would rest. */
static inline unsigned int nst_walk_overrun(const struct nst_walk *walk)
{
	return nst_walk_section(walk) / 3;
}

/* A new RCU section, or a hold of a lock. */
static inline void nst_walk_begin(struct nst_walk *walk)
{
	walk->at.left = nst_walk_section(walk) - nst_walk_overrun(walk);
	walk->at.over = 0;
	walk->at.passed = 0;
}

void nst_walk_begin_anywhere(struct nst_walk *walk);
bool nst_walk_hold(const struct nst_walk *walk, struct sock *sk, struct net **held);
void nst_walk_release(struct nst_walk *walk);
int nst_walk_prepare(struct nst_walk *walk, unsigned int room);

#endif /* NST_WALK_PLACE_H */
