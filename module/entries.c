// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where the files are: /proc/netstate and /proc/netstate_metrics, which are about the
 * network namespace of who opens them, and both again in the folder of each network
 * namespace, /proc/PID/net, which are about that one.
 *
 * A namespace is born and dies whatever becomes of its files: without memory it has none.
 *
 * While the kernel takes the operations on namespaces back, none is born, and taking a file
 * away waits for whoever reads it. That one may wait for memory that a user serves. So all
 * files of namespaces are taken away before that, with nothing held but one namespace.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hashtable.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/net_namespace.h>

#include "entries.h"
#include "metrics.h"
#include "params.h"
#include "proc.h"

/**
 * struct entries - the two files in one folder
 * @node: in the hash table of all folders of namespaces
 * @net: whose folder it is; NULL for /proc
 * @table: the table, or NULL
 * @metrics: the counts, or NULL
 */
struct entries {
	struct hlist_node node;
	struct net *net;
	struct proc_dir_entry *table;
	struct proc_dir_entry *metrics;
};

/* In /proc. */
static struct entries top;

/*
 * In the folders of namespaces, by address, which nobody can choose. The lock guards the
 * next two; all births and deaths of namespaces take it, so nothing else is done under it.
 */
static DEFINE_SPINLOCK(lock);
static DEFINE_HASHTABLE(folders, 10);
static bool is_ending;

static struct proc_dir_entry *create(const char *name, umode_t mode, struct proc_dir_entry *folder,
				     const struct proc_ops *ops, struct net *net)
{
	struct proc_dir_entry *entry = proc_create_data(name, mode, folder, ops, net);

	if (entry)
		proc_set_user(entry, GLOBAL_ROOT_UID, make_kgid(&init_user_ns, nst_params.gid));
	return entry;
}

static void remove_both(struct entries *entries)
{
	proc_remove(entries->metrics);
	proc_remove(entries->table);
}

/*
 * Makes the two files. Anybody may write to the table, if the mode is left as it is: what is
 * written only sets what the writer's own open file shows.
 */
static bool create_both(struct entries *entries, struct proc_dir_entry *folder)
{
	umode_t mode = nst_params.mode;
	struct net *net = entries->net;

	entries->table = create("netstate", mode, folder, &nst_table_proc_ops, net);
	entries->metrics = create("netstate_metrics", mode & 0444, folder, &nst_metrics_proc_ops,
				  net);
	if (entries->table && entries->metrics)
		return true;

	remove_both(entries);
	return false;
}

/* Makes the files of a namespace; NULL without memory. */
static struct entries *create_folder(struct net *net)
{
	struct entries *entries = kzalloc(sizeof(*entries), GFP_KERNEL);

	if (!entries)
		return NULL;

	entries->net = net;
	if (create_both(entries, net->proc_net))
		return entries;

	kfree(entries);
	return NULL;
}

static void remove_folder(struct entries *entries)
{
	if (!entries)
		return;

	remove_both(entries);
	kfree(entries);
}

/* A namespace is born, or is there when the module comes. Nobody can reach its files yet. */
static int net_begins(struct net *net)
{
	struct entries *entries = create_folder(net);

	if (!entries) {
		pr_warn_once("no memory for the files of a network namespace\n");
		return 0;
	}

	spin_lock(&lock);
	if (!is_ending) {
		hash_add(folders, &entries->node, (unsigned long)net);
		entries = NULL;
	}
	spin_unlock(&lock);
	remove_folder(entries);
	return 0;
}

/* Takes what is known of the files of a namespace, to be removed by the caller; or NULL. */
static struct entries *take(const struct net *net)
{
	struct entries *entries;

	hash_for_each_possible(folders, entries, node, (unsigned long)net) {
		if (entries->net == net) {
			hash_del(&entries->node);
			return entries;
		}
	}

	return NULL;
}

/* A namespace dies. Nobody reads its files: who has one open holds the namespace. */
static void net_ends(struct net *net)
{
	struct entries *entries;

	spin_lock(&lock);
	entries = take(net);
	spin_unlock(&lock);
	remove_folder(entries);
}

static struct pernet_operations pernet_operations = {
	.init = net_begins,
	.exit = net_ends,
};

/*
 * Takes the files of a namespace that lives out of a chain. The namespace is held then; NULL
 * if there is none left.
 */
static struct entries *take_any(struct hlist_head *chain)
{
	struct entries *entries;

	hlist_for_each_entry(entries, chain, node) {
		if (maybe_get_net(entries->net)) {
			hash_del(&entries->node);
			return entries;
		}
	}

	return NULL;
}

/* Removes the files of all namespaces but of those that are about to remove them by themselves. */
static void remove_folders(void)
{
	struct hlist_head *chain;
	struct entries *entries;

	spin_lock(&lock);
	is_ending = true;
	spin_unlock(&lock);
	/* Ends: each turn takes one out, or goes on, and none is added any more. */
	for (chain = folders; chain < folders + HASH_SIZE(folders);) {
		spin_lock(&lock);
		entries = take_any(chain);
		spin_unlock(&lock);
		if (entries) {
			struct net *net = entries->net;

			remove_folder(entries);
			put_net(net);
		} else {
			chain++;
		}
		cond_resched();
	}
}

/**
 * nst_entries_create() - make all files
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOMEM (also when /proc has a file of that name already).
 */
int __init nst_entries_create(void)
{
	int err;

	nst_proc_init();
	if (!create_both(&top, NULL))
		return -ENOMEM;

	err = register_pernet_subsys(&pernet_operations);
	if (err)
		remove_both(&top);
	return err;
}

/**
 * nst_entries_remove() - remove all files
 *
 * Waits for what runs in them, and releases all open ones; whoever reads them after this
 * gets EIO.
 *
 * Context: process context, may sleep.
 */
void nst_entries_remove(void)
{
	remove_folders();
	unregister_pernet_subsys(&pernet_operations);
	remove_both(&top);
}
