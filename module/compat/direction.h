/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who began a connection, as far as the kernel remembers.
 *
 * SOCK_CONNECT_BIND: since bb33d9ae0f1b ("tcp: Update bind bucket state on port
 * release", 6.18) a socket, and its TIME_WAIT, remember that connect() chose
 * their port.
 */
#ifndef NST_COMPAT_DIRECTION_H
#define NST_COMPAT_DIRECTION_H

#include <net/inet_timewait_sock.h>
#include <net/sock.h>

/**
 * nst_sock_connected() - whether a connection is known to be an outgoing one
 * @sk: a full socket
 *
 * A socket that accept() made has neither flag, because its port is the
 * listener's; but not every other has one.
 *
 * Return: false if nothing is known.
 */
static inline bool nst_sock_connected(const struct sock *sk)
{
#ifdef SOCK_CONNECT_BIND
	return sk->sk_userlocks & (SOCK_BINDPORT_LOCK | SOCK_CONNECT_BIND);
#else
	return sk->sk_userlocks & SOCK_BINDPORT_LOCK;
#endif
}

/**
 * nst_timewait_connected() - likewise for a connection in TIME_WAIT
 * @tw: the connection
 *
 * Return: false if nothing is known.
 */
static inline bool nst_timewait_connected(const struct inet_timewait_sock *tw)
{
#ifdef SOCK_CONNECT_BIND
	return tw->tw_connect_bind;
#else
	return false;
#endif
}

#endif /* NST_COMPAT_DIRECTION_H */
