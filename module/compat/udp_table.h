/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a network namespace keeps its UDP hash table.
 *
 * NST_HAS_UDP_TABLE_PER_NET: since ba6aac151674 ("udp: Access &udp_table via net.",
 * 6.2) each namespace points to its table. Before there is one table for all,
 * exported; later kernels declare it, too, but do not export it.
 *
 * NST_HAS_UDPLITE: UDP-Lite went in 7.1, and its header with it.
 */
#ifndef NST_COMPAT_UDP_TABLE_H
#define NST_COMPAT_UDP_TABLE_H

#include <net/net_namespace.h>
#include <net/udp.h>

#ifdef NST_HAS_UDPLITE
#include <net/udplite.h>
#endif

/**
 * nst_udp_table() - the UDP hash table of a network namespace
 * @net: the namespace; the caller keeps it alive
 *
 * Return: its table, which lives as long as the namespace does.
 */
static inline struct udp_table *nst_udp_table(struct net *net)
{
#ifdef NST_HAS_UDP_TABLE_PER_NET
	return net->ipv4.udp_table;
#else
	return &udp_table;
#endif
}

/**
 * nst_udplite_table() - the UDP-Lite hash table of all network namespaces
 *
 * Return: the table, NULL where the kernel has no UDP-Lite.
 */
static inline struct udp_table *nst_udplite_table(void)
{
#ifdef NST_HAS_UDPLITE
	return &udplite_table;
#else
	return NULL;
#endif
}

#endif /* NST_COMPAT_UDP_TABLE_H */
