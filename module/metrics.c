// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/netstate_metrics: counts only, in the Prometheus text format. Makes no
 * records: reads the state of each socket and adds.
 */
#include <linux/bits.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include <netstate/state.h>

#include "metrics.h"
#include "walk.h"

/* Room for all lines, so that seq_file need not walk again with a larger buffer. */
#define TEXT_SIZE (16 * 1024)

static const char *const protocol[NST_TABLES] = {
	[NST_TCP] = "tcp",	   [NST_TCP6] = "tcp6",
	[NST_UDP] = "udp",	   [NST_UDP6] = "udp6",
	[NST_RAW] = "raw",	   [NST_RAW6] = "raw6",
	[NST_UDPLITE] = "udplite", [NST_UDPLITE6] = "udplite6",
};

/* States that sockets of a table can have; requests are added to SYN_RECV. */
static bool has_state(int table, int state)
{
	if (table == NST_TCP || table == NST_TCP6)
		return state != NST_CLOSE && state != NST_NEW_SYN_RECV;

	return state == NST_ESTABLISHED || state == NST_CLOSE;
}

static void show_help(struct seq_file *seq, const char *name, const char *help)
{
	seq_printf(seq, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
}

static void show_sockets(struct seq_file *seq, const struct nst_walk *walk)
{
	int state, table;

	show_help(seq, "netstate_sockets",
		  "Sockets of the reader's network namespace by protocol and state.");
	for (table = 0; table < NST_TABLES; table++) {
		const u32 *count = walk->tally.state[table];

		if (!(walk->tables & BIT(table)))
			continue;

		for (state = 1; state < NST_STATES; state++) {
			if (!has_state(table, state))
				continue;
			seq_printf(seq, "netstate_sockets{protocol=\"%s\",state=\"%s\"} %u\n",
				   protocol[table], nst_state_word(state),
				   count[state] + (state == NST_SYN_RECV ?
						   count[NST_NEW_SYN_RECV] : 0));
		}
	}
}

static void show_metrics(struct seq_file *seq, const struct nst_walk *walk, u64 ns)
{
	u32 rest;
	u64 seconds = div_u64_rem(ns, NSEC_PER_SEC, &rest);

	show_sockets(seq, walk);

	show_help(seq, "netstate_tcp_orphans",
		  "TCP connections that no process can reach any more.");
	seq_printf(seq, "netstate_tcp_orphans %u\n", walk->tally.orphans);

	show_help(seq, "netstate_walk_seconds", "How long this walk over the tables took.");
	seq_printf(seq, "netstate_walk_seconds %llu.%09u\n", seconds, rest);

	show_help(seq, "netstate_build_info", "The module, always 1.");
	seq_printf(seq, "netstate_build_info{version=\"%s\"} 1\n", NETSTATE_VERSION);
}

static int netstate_metrics_show(struct seq_file *seq, void *unused)
{
	struct nst_walk *walk;
	ktime_t start;
	int err;

	walk = kzalloc(sizeof(*walk), GFP_KERNEL_ACCOUNT);
	if (!walk)
		return -ENOMEM;

	walk->net = seq->private;
	walk->tables = nst_walk_tables();
	start = ktime_get();
	err = nst_walk_all(walk);
	if (!err)
		show_metrics(seq, walk, ktime_to_ns(ktime_sub(ktime_get(), start)));
	kfree(walk);

	return err;
}

static int netstate_metrics_open(struct inode *inode, struct file *file)
{
	struct net *net;
	int err;

	if (!current->nsproxy)
		return -ESRCH;

	net = get_net(current->nsproxy->net_ns);
	err = single_open_size(file, netstate_metrics_show, net, TEXT_SIZE);
	if (err)
		put_net(net);

	return err;
}

static int netstate_metrics_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;

	put_net(seq->private);
	return single_release(inode, file);
}

static const struct proc_ops netstate_metrics_proc_ops = {
	.proc_open = netstate_metrics_open,
	.proc_read_iter = seq_read_iter,
	.proc_lseek = seq_lseek,
	.proc_release = netstate_metrics_release,
};

/**
 * nst_metrics_create() - make /proc/netstate_metrics
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM (also when there is one already).
 */
int nst_metrics_create(void)
{
	struct proc_dir_entry *entry;

	entry = proc_create("netstate_metrics", 0444, NULL, &netstate_metrics_proc_ops);
	return entry ? 0 : -ENOMEM;
}

/**
 * nst_metrics_remove() - remove /proc/netstate_metrics
 *
 * Context: may sleep; see nst_proc_remove().
 */
void nst_metrics_remove(void)
{
	remove_proc_entry("netstate_metrics", NULL);
}
