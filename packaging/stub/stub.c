// SPDX-License-Identifier: GPL-2.0-only
/*
 * What dkms installs for a kernel that the module does not compile for. If dkms failed there,
 * the kernel's own package would stay half installed, maybe without an initrd. This does not
 * load, and says why.
 */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>

static int __init stub_init(void)
{
	pr_err("netstate: the module could not be built for this kernel\n");
	return -EOPNOTSUPP;
}

module_init(stub_init);

/* By this netstate-proc knows it. */
MODULE_ALIAS("netstate-unbuilt");
MODULE_DESCRIPTION("netstate could not be built for this kernel");
MODULE_VERSION(NETSTATE_VERSION);
MODULE_LICENSE("GPL");
