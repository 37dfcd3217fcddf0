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
 * nst_walk_enter() - go on with a socket of another namespace
 * @walk: the walk; of several namespaces
 * @net: the socket's; anything is allowed
 *
 * Cold, so that the walk of one namespace keeps nothing in hand for the call.
 *
 * Context: any.
 * Return: false if it is none of them.
 */
bool nst_walk_enter(struct nst_walk *walk, struct net *net)
{
	const struct nst_namespace *place = nst_nets_find(walk->nets, net);

	if (!place)
		return false;

	walk->net = net;
	walk->netns = place - walk->nets->place;
	walk->marks = place->marks;
	return true;
}

/**
 * nst_walk_all() - walk the tables that are asked for
 * @walk: the walk
 *
 * Context: process context, may sleep.
 * Return: 0; -EINTR when the task is being killed; -ENOMEM.
 */
int nst_walk_all(struct nst_walk *walk)
{
	int err;

	err = nst_walk_tcp(walk);
	if (!err)
		err = nst_walk_udp(walk);
	if (!err)
		err = nst_walk_raw(walk);
	if (!err && walk->nets)
		err = nst_nets_walk(walk->nets, walk);

	return err;
}
