/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How listeners are chained in inet_hashinfo.lhash2.
 *
 * NST_HAS_LISTENER_HLIST: up to 5.18 a plain list through icsk_listen_portaddr_node;
 * since cae3873c5b3a ("net: inet: Retire port only listening_hash", 5.19) a
 * nulls list through sk_nulls_node.
 */
#ifndef NST_COMPAT_LISTENER_H
#define NST_COMPAT_LISTENER_H

#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>

#ifdef NST_HAS_LISTENER_HLIST
#define NST_LISTENER_NODE offsetof(struct inet_connection_sock, icsk_listen_portaddr_node)
#define NST_LISTENER_NULLS false
#else
#define NST_LISTENER_NODE offsetof(struct sock, sk_nulls_node)
#define NST_LISTENER_NULLS true
#endif

#endif /* NST_COMPAT_LISTENER_H */
