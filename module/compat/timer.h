/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The timers of a TCP connection.
 *
 * NST_HAS_KEEPALIVE_TIMER: the keepalive timer moved from sk->sk_timer to
 * icsk_keepalive_timer (and stable kernels took that). The old name still
 * compiles afterwards, and is the retransmit timer then: never use it there.
 *
 * NST_HAS_ICSK_TIMEOUT: up to 6.14 the time of the retransmit timer stands in
 * icsk_timeout, as a copy that delayed handlers do not change. Since then there
 * is tcp_timeout_expires(), or before it icsk_timeout(), which are told apart
 * by the member that they read.
 */
#ifndef NST_COMPAT_TIMER_H
#define NST_COMPAT_TIMER_H

#include <linux/timer.h>
#include <net/inet_connection_sock.h>

/**
 * nst_timeout() - when the retransmit or probe timer of a connection ends
 * @sk: a full TCP socket, found under RCU
 *
 * Return: jiffies; a number is all that is loaded, so it may change meanwhile.
 */
static inline unsigned long nst_timeout(const struct sock *sk)
{
#if defined(NST_HAS_ICSK_TIMEOUT)
	return READ_ONCE(inet_csk(sk)->icsk_timeout);
#elif defined(NST_HAS_ICSK_RETRANSMIT_TIMER)
	return READ_ONCE(inet_csk(sk)->icsk_retransmit_timer.expires);
#else
	return READ_ONCE(sk->tcp_retransmit_timer.expires);
#endif
}

/**
 * nst_keepalive_timer() - the keepalive timer of a connection
 * @sk: a full TCP socket, found under RCU
 *
 * Return: the timer, in the socket.
 */
static inline const struct timer_list *nst_keepalive_timer(const struct sock *sk)
{
#ifdef NST_HAS_KEEPALIVE_TIMER
	return &inet_csk(sk)->icsk_keepalive_timer;
#else
	return &sk->sk_timer;
#endif
}

#endif /* NST_COMPAT_TIMER_H */
