// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds up the end of network namespaces. The kernel ends them in batches, one batch after
 * the other, so those that die while one is held stay in its list.
 *
 * They are held while /proc/linger is open, and no longer: also when its opener is killed. A
 * read of it waits until one is held. For the test netns.
 */
#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/wait.h>
#include <net/net_namespace.h>

static DECLARE_WAIT_QUEUE_HEAD(changed);
static atomic_t opened, held;

static void __net_exit linger_net_exit(struct net *net)
{
	if (!atomic_read(&opened))
		return;
	atomic_inc(&held);
	wake_up_all(&changed);
	wait_event(changed, !atomic_read(&opened));
	atomic_dec(&held);
}

static struct pernet_operations linger_net_ops = {
	.exit = linger_net_exit,
};

static int linger_open(struct inode *inode, struct file *file)
{
	atomic_inc(&opened);
	return 0;
}

static ssize_t linger_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	return wait_event_interruptible(changed, atomic_read(&held));
}

static int linger_release(struct inode *inode, struct file *file)
{
	atomic_dec(&opened);
	wake_up_all(&changed);
	return 0;
}

static const struct proc_ops linger_ops = {
	.proc_open = linger_open,
	.proc_read = linger_read,
	.proc_release = linger_release,
};

static int __init linger_init(void)
{
	int err = register_pernet_subsys(&linger_net_ops);

	if (err)
		return err;
	if (proc_create("linger", 0400, NULL, &linger_ops))
		return 0;
	unregister_pernet_subsys(&linger_net_ops);
	return -ENOMEM;
}

static void __exit linger_exit(void)
{
	remove_proc_entry("linger", NULL);
	unregister_pernet_subsys(&linger_net_ops);
}

module_init(linger_init);
module_exit(linger_exit);

MODULE_DESCRIPTION("holds up the end of network namespaces");
MODULE_LICENSE("GPL");
