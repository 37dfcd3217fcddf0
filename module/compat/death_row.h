/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a network namespace keeps its TCP hash tables.
 *
 * net->ipv4.tcp_death_row is a struct in most kernels and a pointer to one in
 * 5.18 to 6.0 (and in distributions that took that change); its type tells.
 * The global tcp_hashinfo is still declared in new kernels but not exported,
 * and wrong for a namespace with tables of its own, so never use that.
 */
#ifndef NST_COMPAT_DEATH_ROW_H
#define NST_COMPAT_DEATH_ROW_H

#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>

/**
 * nst_tcp_hashinfo() - the TCP hash tables of a network namespace
 * @net: the namespace; the caller keeps it alive
 *
 * Return: its tables, which live as long as the namespace does.
 */
static inline struct inet_hashinfo *nst_tcp_hashinfo(struct net *net)
{
	void *field = &net->ipv4.tcp_death_row;

	if (__builtin_types_compatible_p(typeof(net->ipv4.tcp_death_row),
					 struct inet_timewait_death_row *))
		field = *(void **)field;

	return ((struct inet_timewait_death_row *)field)->hashinfo;
}

#endif /* NST_COMPAT_DEATH_ROW_H */
