/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the table of raw sockets is protected.
 *
 * NST_HAS_RAW_RWLOCK: before 0daf07e52709 ("raw: convert raw sockets to RCU", 6.0)
 * the lists and the sockets are not RCU's: a walk has to hold the lock.
 */
#ifndef NST_COMPAT_RAW_TABLE_H
#define NST_COMPAT_RAW_TABLE_H

#include <net/raw.h>
#if IS_ENABLED(CONFIG_IPV6)
#include <net/rawv6.h>
#endif

#ifdef NST_HAS_RAW_RWLOCK
#define NST_RAW_RCU false

static inline void nst_raw_lock(struct raw_hashinfo *h) __acquires(&h->lock)
{
	read_lock(&h->lock);
}

static inline void nst_raw_unlock(struct raw_hashinfo *h) __releases(&h->lock)
{
	read_unlock(&h->lock);
}
#else
#define NST_RAW_RCU true

static inline void nst_raw_lock(struct raw_hashinfo *h) __acquires(&h->lock)
{
	spin_lock(&h->lock);
}

static inline void nst_raw_unlock(struct raw_hashinfo *h) __releases(&h->lock)
{
	spin_unlock(&h->lock);
}
#endif

#endif /* NST_COMPAT_RAW_TABLE_H */
