// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate: the sockets of this host, their states and their owners.
 */
#include <linux/module.h>

#include "metrics.h"
#include "proc.h"

static int __init netstate_init(void)
{
	int err;

	err = nst_proc_create();
	if (err)
		return err;

	err = nst_metrics_create();
	if (err)
		goto remove_proc;

	return 0;

remove_proc:
	nst_proc_remove();
	return err;
}

static void __exit netstate_exit(void)
{
	nst_metrics_remove();
	nst_proc_remove();
}

module_init(netstate_init);
module_exit(netstate_exit);

MODULE_DESCRIPTION("netstat-formatted table of sockets, states and owners in /proc/netstate");
MODULE_LICENSE("GPL");
MODULE_VERSION(NETSTATE_VERSION);
