// SPDX-License-Identifier: GPL-2.0-only
/*
 * All tables, one after the other.
 */
#include <linux/bits.h>
#include <linux/kconfig.h>

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
	if (!err && walk->scope.nets)
		err = nst_nets_walk(walk->scope.nets, walk);

	return err;
}
