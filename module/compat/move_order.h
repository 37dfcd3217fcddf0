/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * In which order a TCP connection passes from one object to another in its chain.
 *
 * NST_HAS_NULLS_REPLACE: an established socket takes the place of its request. Without it
 * there are two orders. Most kernels delete the request, then add the socket at the head:
 * for a moment neither is in the chain. Some add the socket at the tail first. The first
 * is expected, which is worse. The helper came for this use, with "inet: Avoid ehash lookup race in
 * inet_ehash_insert()" (6.19, and stable kernels that took both).
 *
 * NST_HAS_TWSK_SCHEDULE: with that helper, TIME_WAIT takes the place of its socket. Where
 * inet_twsk_hashdance_schedule() is missing (up to 6.9) it is added at the head, then the
 * socket is deleted.
 */
#ifndef NST_COMPAT_MOVE_ORDER_H
#define NST_COMPAT_MOVE_ORDER_H

#include <linux/rculist_nulls.h>

#ifdef NST_HAS_NULLS_REPLACE
#define NST_MOVES_LEAVE_GAP false
#else
#define NST_MOVES_LEAVE_GAP true
#endif

#if defined(NST_HAS_NULLS_REPLACE) && defined(NST_HAS_TWSK_SCHEDULE)
#define NST_MOVES_IN_PLACE true
#else
#define NST_MOVES_IN_PLACE false
#endif

/*
 * Whether somebody who sees what was stored under a lock sees that the lock is taken, too.
 * x86 takes a lock with a full barrier, and shows stores in their order. Elsewhere the
 * lock's own store may come last, and a deletion may be seen before the addition that came
 * first: there chains are walked under their lock, unless all moves are in place.
 */
#define NST_LOCK_IS_SEEN IS_ENABLED(CONFIG_X86)

#endif /* NST_COMPAT_MOVE_ORDER_H */
