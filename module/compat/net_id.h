/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tells a network namespace from one that had its address before.
 *
 * NST_HAS_NET_COOKIE: since 3d368ab87cf6 ("net: initialize net->net_cookie at netns
 * setup", 5.12) a namespace gets a number that is never given again. Before, it may
 * have none; but 32 bits that are drawn at random for each, hash_mix, and an inode.
 * An inode is given again at once, so a namespace that is made where one has gone is
 * taken for it once in four thousand million times.
 */
#ifndef NST_COMPAT_NET_ID_H
#define NST_COMPAT_NET_ID_H

#include <net/net_namespace.h>
#include <net/netns/hash.h>

/**
 * nst_net_id() - the identity of a network namespace
 * @net: the namespace; the caller keeps it alive
 *
 * Return: a number to compare, together with the address.
 */
static inline u64 nst_net_id(const struct net *net)
{
#ifdef NST_HAS_NET_COOKIE
	return net->net_cookie;
#else
	return (u64)net_hash_mix(net) << 32 | net->ns.inum;
#endif
}

#endif /* NST_COMPAT_NET_ID_H */
