// SPDX-License-Identifier: GPL-2.0-only
/*
 * All tables, one after the other.
 */
#include <linux/bits.h>
#include <linux/kconfig.h>

#include "compat/death_row.h"
#include "compat/udp_table.h"
#include "store/stats.h"
#include "walk/netns.h"
#include "walk/walk.h"

/**
 * nst_walk_tables() - the tables that this kernel has
 *
 * Return: bit mask of enum nst_table.
 */
unsigned long nst_walk_tables(void)
{
	unsigned long tables = BIT(NST_TABLES) - 1;

	if (!IS_ENABLED(CONFIG_IPV6))
		tables &= ~(BIT(NST_TCP6) | BIT(NST_UDP6) | BIT(NST_RAW6) | BIT(NST_UDPLITE6));
	if (!nst_walk_has_udplite())
		tables &= ~(BIT(NST_UDPLITE) | BIT(NST_UDPLITE6));

	return tables;
}

/* Walks the tables that a namespace, which is held, has to itself. */
static int walk_own(void *arg, struct net *net)
{
	struct nst_walk *walk = arg;
	struct nst_namespace *place;
	int err = 0;

	if (!nst_nets_enter(&walk->scope, net))
		return 0;

	place = nst_nets_place(walk->scope.nets, walk->scope.netns);
	walk->scope.held = net;
	if (nst_tcp_hashinfo(net) != nst_tcp_hashinfo(&init_net))
		err = nst_walk_tcp_of(walk, net);
	if (!err && nst_udp_table(net) != nst_udp_table(&init_net))
		err = nst_walk_udp_of(walk, net);
	walk->scope.held = NULL;
	place->unwalked = err;

	return err;
}

/**
 * nst_walk_all() - walk the tables that are asked for
 * @walk: the walk
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_walk_all(struct nst_walk *walk)
{
	int err;

	err = nst_walk_tcp(walk);
	if (!err)
		err = nst_walk_udp(walk);
	if (!err)
		err = nst_walk_raw(walk);
	if (!err && walk->scope.nets && walk->scope.nets->own)
		err = nst_nets_each(walk->scope.nets, walk_own, walk);

	nst_stats_add(NST_STAT_RETRIES, walk->at.retries);
	nst_stats_add(NST_STAT_LOCKS, walk->at.locks);
	return err;
}
