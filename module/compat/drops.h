/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many packets a socket has dropped.
 *
 * NST_HAS_SK_DROPS_READ: since 6.18 the numbers of UDP and raw sockets lie
 * elsewhere than in sk_drops, which still compiles and is 0 for them.
 */
#ifndef NST_COMPAT_DROPS_H
#define NST_COMPAT_DROPS_H

#include <net/sock.h>

static inline u32 nst_sock_drops(const struct sock *sk)
{
#ifdef NST_HAS_SK_DROPS_READ
	return sk_drops_read(sk);
#else
	return atomic_read(&sk->sk_drops);
#endif
}

#endif /* NST_COMPAT_DROPS_H */
