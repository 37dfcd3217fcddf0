// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate: the sockets of this host, their states and their owners.
 */
#include <linux/module.h>

#include "entries.h"

static int __init netstate_init(void)
{
	return nst_entries_create();
}

static void __exit netstate_exit(void)
{
	nst_entries_remove();
}

module_init(netstate_init);
module_exit(netstate_exit);

MODULE_DESCRIPTION("netstat-formatted table of sockets, states and owners in /proc/netstate");
MODULE_LICENSE("GPL");
MODULE_VERSION(NETSTATE_VERSION);
