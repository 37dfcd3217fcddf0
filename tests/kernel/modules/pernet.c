// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets of the kernel's own in the first network namespace that is made from now on: many
 * on one UDP port, so that they are in one chain. They hold nothing of their namespace, as
 * those of tunnels do, and go with it. Each is connected, and so has a route, which points
 * into the namespace. For the test pauses. It also says when any namespace goes.
 *
 * /proc/pernet is there when the module is.
 */
#define pr_fmt(fmt) "pernet: " fmt

#include <linux/in6.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/netdevice.h>
#include <linux/proc_fs.h>
#include <linux/rtnetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#define PORT 7400
#define SOCKETS 600

struct sockets {
	struct socket *socket[SOCKETS];
};

static unsigned int pernet_id;
static atomic_t is_made = ATOMIC_INIT(1);	/* not in those that are there already */

static struct socket *connected(struct net *net)
{
	struct sockaddr_in6 at = {
		.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT, .sin6_port = htons(PORT),
	};
	struct socket *socket;

	if (sock_create_kern(net, AF_INET6, SOCK_DGRAM, IPPROTO_UDP, &socket))
		return NULL;

	socket->sk->sk_reuse = SK_CAN_REUSE;
	/* Newer kernels have a type of their own for an address. */
	if (!kernel_bind(socket, (void *)&at, sizeof(at)) &&
	    !kernel_connect(socket, (void *)&at, sizeof(at), 0))
		return socket;

	sock_release(socket);
	return NULL;
}

static void __net_exit pernet_exit_net(struct net *net)
{
	struct sockets *sockets = net_generic(net, pernet_id);
	unsigned int i;

	pr_info("goes\n");
	for (i = 0; i < SOCKETS && sockets->socket[i]; i++)
		sock_release(sockets->socket[i]);
}

static int __net_init pernet_init_net(struct net *net)
{
	struct sockets *sockets = net_generic(net, pernet_id);
	unsigned int i;
	int err;

	if (net_eq(net, &init_net) || atomic_cmpxchg(&is_made, 0, 1))
		return 0;

	rtnl_lock();
	err = dev_open(net->loopback_dev, NULL);
	rtnl_unlock();
	if (err)
		return err;

	for (i = 0; i < SOCKETS; i++) {
		sockets->socket[i] = connected(net);
		if (!sockets->socket[i]) {
			pernet_exit_net(net);
			return -EADDRINUSE;
		}
	}

	return 0;
}

static struct pernet_operations pernet_ops = {
	.init = pernet_init_net,
	.exit = pernet_exit_net,
	.id = &pernet_id,
	.size = sizeof(struct sockets),
};

static const struct proc_ops nothing;

static int __init pernet_init(void)
{
	int err = register_pernet_device(&pernet_ops);

	atomic_set(&is_made, 0);
	if (!err && !proc_create("pernet", 0, NULL, &nothing)) {
		unregister_pernet_device(&pernet_ops);
		err = -ENOMEM;
	}

	return err;
}

static void __exit pernet_exit(void)
{
	remove_proc_entry("pernet", NULL);
	unregister_pernet_device(&pernet_ops);
}

module_init(pernet_init);
module_exit(pernet_exit);

MODULE_DESCRIPTION("sockets of the kernel's own in a network namespace");
MODULE_LICENSE("GPL");
