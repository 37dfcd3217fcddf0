/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device that has a number, which users choose for theirs.
 *
 * NST_HAS_DEV_BY_INDEX: since 759ab1edb56c ("net: store netdevs in an xarray", 6.6) it is
 * found in a few steps. Before, in a hash table whose chains anybody can make long:
 * dev_get_by_index_rcu() goes through one of 256, still.
 */
#ifndef NST_COMPAT_DEVICE_H
#define NST_COMPAT_DEVICE_H

#include <linux/netdevice.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

/**
 * nst_device_by_index() - look for a device
 * @net: its network namespace
 * @ifindex: its number, above 0
 *
 * Context: under RCU, for which it lasts.
 * Return: the device, or NULL.
 */
static inline const struct net_device *nst_device_by_index(struct net *net, int ifindex)
{
#ifdef NST_HAS_DEV_BY_INDEX
	return xa_load(&net->dev_by_index, ifindex);
#else
	return dev_get_by_index_rcu(net, ifindex);
#endif
}

#endif /* NST_COMPAT_DEVICE_H */
