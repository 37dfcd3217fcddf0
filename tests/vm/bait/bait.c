// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module with one bug of each kind, to see that each detector speaks.
 *
 * Each reading of /proc/netstate makes the mistake that the parameter "bug"
 * names. For tests/vm/detect.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

/* What the compiler would see through goes through these. */
static noinline void nst_write(char *p, size_t at)
{
	WRITE_ONCE(p[at], 1);
}

static noinline int nst_read(const char *p, size_t at)
{
	return READ_ONCE(p[at]);
}

static void nst_use_after_free(void)
{
	char *p = kzalloc(64, GFP_KERNEL);

	kfree(p);
	nst_read(p, 8);
}

static void nst_out_of_bounds(void)
{
	char *p = kzalloc(60, GFP_KERNEL);

	nst_read(p, 60);
	kfree(p);
}

static void nst_vmalloc_bounds(void)
{
	char *p = vzalloc(100);

	nst_read(p, 100);
	vfree(p);
}

static void nst_stack_bounds(void)
{
	char line[20] = "";

	nst_write(line, 20);
}

static void nst_double_free(void)
{
	char *p = kzalloc(64, GFP_KERNEL);

	kfree(p);
	barrier_data(p);
	kfree(p);
}

/* What sockets live in: to be used as long as RCU holds, and not after. */
static void nst_stale_socket(void)
{
	struct kmem_cache *cache;
	char *p;

	cache = kmem_cache_create("nst_bait", 200, 0, SLAB_TYPESAFE_BY_RCU, NULL);
	if (!cache)
		return;
	p = kmem_cache_zalloc(cache, GFP_KERNEL);
	rcu_read_lock();
	kmem_cache_free(cache, p);
	nst_read(p, 8);		/* still allowed */
	rcu_read_unlock();
	rcu_barrier();
	nst_read(p, 8);
	kmem_cache_destroy(cache);
}

static void nst_alloc_under_rcu(void)
{
	rcu_read_lock();
	kfree(kzalloc(64, GFP_KERNEL));
	rcu_read_unlock();
}

static void nst_copy_under_rcu(void)
{
	char byte;

	rcu_read_lock();
	if (copy_from_user(&byte, NULL, 1))
		byte = 0;
	rcu_read_unlock();
}

static void nst_alloc_under_spinlock(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	kfree(kzalloc(64, GFP_KERNEL));
	spin_unlock(&lock);
}

static void nst_mutex_under_spinlock(void)
{
	static DEFINE_SPINLOCK(lock);
	static DEFINE_MUTEX(mutex);

	spin_lock(&lock);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	spin_unlock(&lock);
}

static void nst_lock_order(void)
{
	static DEFINE_SPINLOCK(a);
	static DEFINE_SPINLOCK(b);

	spin_lock(&a);
	spin_lock(&b);
	spin_unlock(&b);
	spin_unlock(&a);

	spin_lock(&b);
	spin_lock(&a);
	spin_unlock(&a);
	spin_unlock(&b);
}

static void nst_rcu_kept(void)
{
	rcu_read_lock();
}

static void nst_rcu_missing(void)
{
	static int __rcu *shared;

	/* As a lockless reader without its lock */
	(void)rcu_dereference(shared);
}

static void nst_list_del_twice(void)
{
	static LIST_HEAD(list);
	struct list_head entry;

	list_add(&entry, &list);
	list_del(&entry);
	list_del(&entry);
}

static void nst_put_twice(void)
{
	refcount_t count = REFCOUNT_INIT(1);

	if (refcount_dec_and_test(&count))
		refcount_dec(&count);
}

static void nst_no_timer(struct timer_list *unused)
{
}

static void nst_free_active_timer(void)
{
	struct timer_list *timer = kzalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, nst_no_timer, 0);
	mod_timer(timer, jiffies + 3600 * HZ);
	kfree(timer);
}

static int nst_forty = 40;

static void nst_shift(void)
{
	int zero = 1 << READ_ONCE(nst_forty);

	barrier_data(&zero);
}

static void nst_array_bounds(void)
{
	static int table[4];

	nst_forty += table[READ_ONCE(nst_forty)];
}

/* Fails only if the allocation does: detect makes it. */
static void nst_unchecked_alloc(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	nst_write(p, 0);
	kfree(p);
}

static void nst_leak(void)
{
	char *p = kzalloc(200, GFP_KERNEL);

	/* and no pointer to it stays anywhere */
	barrier_data(p);
}

static unsigned long nst_counter;

static void nst_data_race(void)
{
	unsigned long end = jiffies + 3 * HZ;

	while (time_before(jiffies, end)) {
		nst_counter++;
		barrier();
	}
}

static void nst_none(void)
{
}

static const struct {
	const char *name;
	void (*make)(void);
} nst_bugs[] = {
	{ "none", nst_none },
	{ "use_after_free", nst_use_after_free },
	{ "out_of_bounds", nst_out_of_bounds },
	{ "vmalloc_bounds", nst_vmalloc_bounds },
	{ "stack_bounds", nst_stack_bounds },
	{ "double_free", nst_double_free },
	{ "stale_socket", nst_stale_socket },
	{ "alloc_under_rcu", nst_alloc_under_rcu },
	{ "copy_under_rcu", nst_copy_under_rcu },
	{ "alloc_under_spinlock", nst_alloc_under_spinlock },
	{ "mutex_under_spinlock", nst_mutex_under_spinlock },
	{ "lock_order", nst_lock_order },
	{ "rcu_kept", nst_rcu_kept },
	{ "rcu_missing", nst_rcu_missing },
	{ "list_del_twice", nst_list_del_twice },
	{ "put_twice", nst_put_twice },
	{ "free_active_timer", nst_free_active_timer },
	{ "shift", nst_shift },
	{ "array_bounds", nst_array_bounds },
	{ "unchecked_alloc", nst_unchecked_alloc },
	{ "leak", nst_leak },
	{ "data_race", nst_data_race },
};

static char *bug = "none";
module_param(bug, charp, 0444);
MODULE_PARM_DESC(bug, "the mistake to make");

static int nst_bait_show(struct seq_file *seq, void *unused)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(nst_bugs); i++)
		if (!strcmp(bug, nst_bugs[i].name)) {
			nst_bugs[i].make();
			seq_printf(seq, "%s\n", bug);
			return 0;
		}
	return -EINVAL;
}

static int __init nst_bait_init(void)
{
	if (!proc_create_single("netstate", 0444, NULL, nst_bait_show))
		return -ENOMEM;
	return 0;
}

static void __exit nst_bait_exit(void)
{
	remove_proc_entry("netstate", NULL);
}

module_init(nst_bait_init);
module_exit(nst_bait_exit);
MODULE_DESCRIPTION("One bug of each kind, to test the tests");
MODULE_LICENSE("GPL");
