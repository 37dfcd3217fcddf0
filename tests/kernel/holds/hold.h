/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Included first by each file of the module in a build that measures: the
 * longest RCU section and hold of each lock, and the longest time without a
 * chance for others to run, of one read.  A line in the log for each read(2).
 *
 * For one reader at a time.  In QEMU others' time counts, too: there it wants an
 * idle machine.
 */
#ifndef NST_HOLD_H
#define NST_HOLD_H

#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <net/sock.h>

enum { NST_HOLD_RCU, NST_HOLD_TASK, NST_HOLD_FILES, NST_HOLD_CHAIN, NST_HOLD_REST, NST_HOLDS };

struct nst_hold {
	u64 since[NST_HOLDS], longest[NST_HOLDS];
};

/* Each file has one; the linker keeps one of them. */
extern struct nst_hold nst_hold;
struct nst_hold nst_hold __weak;

#ifdef CONFIG_UML
/* What the host says of this thread: others' time is not in it. */
static inline u64 nst_hold_now(void)
{
	struct {
		s64 sec, nsec;
	} time;
	long ret;

	/* clock_gettime(CLOCK_THREAD_CPUTIME_ID) */
	asm volatile("syscall" : "=a" (ret) : "0" (228L), "D" (3L), "S" (&time)
		     : "rcx", "r11", "memory");
	return ret ? 0 : time.sec * NSEC_PER_SEC + time.nsec;
}
#else
static inline u64 nst_hold_now(void)
{
	return ktime_get_ns();
}
#endif

static inline void nst_hold_begin(int kind)
{
	nst_hold.since[kind] = nst_hold_now();
}

static inline void nst_hold_end(int kind)
{
	u64 held = nst_hold_now() - nst_hold.since[kind];

	if (held > nst_hold.longest[kind])
		nst_hold.longest[kind] = held;
}

static inline void nst_hold_rcu_lock(void)
{
	rcu_read_lock();
	nst_hold_begin(NST_HOLD_RCU);
}

static inline void nst_hold_rcu_unlock(void)
{
	nst_hold_end(NST_HOLD_RCU);
	rcu_read_unlock();
}

static inline void nst_hold_task_lock(struct task_struct *task)
{
	task_lock(task);
	nst_hold_begin(NST_HOLD_TASK);
}

static inline void nst_hold_task_unlock(struct task_struct *task)
{
	nst_hold_end(NST_HOLD_TASK);
	task_unlock(task);
}

static inline void nst_hold_files_lock(spinlock_t *lock)
{
	spin_lock(lock);
	nst_hold_begin(NST_HOLD_FILES);
}

static inline void nst_hold_files_unlock(spinlock_t *lock)
{
	nst_hold_end(NST_HOLD_FILES);
	spin_unlock(lock);
}

static inline void nst_hold_chain_lock(spinlock_t *lock)
{
	spin_lock_bh(lock);
	nst_hold_begin(NST_HOLD_CHAIN);
}

static inline void nst_hold_chain_unlock(spinlock_t *lock)
{
	nst_hold_end(NST_HOLD_CHAIN);
	spin_unlock_bh(lock);
}

static inline void nst_hold_rest(void)
{
	nst_hold_end(NST_HOLD_REST);
	cond_resched();
	nst_hold_begin(NST_HOLD_REST);
}

static inline void nst_hold_rest_tasks(void)
{
	nst_hold_end(NST_HOLD_REST);
	cond_resched_tasks_rcu_qs();
	nst_hold_begin(NST_HOLD_REST);
}

static inline int nst_hold_read(struct mutex *lock)
{
	int err = mutex_lock_killable(lock);

	memset(&nst_hold, 0, sizeof(nst_hold));
	nst_hold_begin(NST_HOLD_REST);
	return err;
}

static inline void nst_hold_read_end(struct mutex *lock)
{
	const u64 *longest = nst_hold.longest;

	nst_hold_end(NST_HOLD_REST);
	pr_info("hold: rcu %llu task %llu files %llu chain %llu rest %llu\n",
		longest[NST_HOLD_RCU], longest[NST_HOLD_TASK], longest[NST_HOLD_FILES],
		longest[NST_HOLD_CHAIN], longest[NST_HOLD_REST]);
	mutex_unlock(lock);
}

#define rcu_read_lock()		nst_hold_rcu_lock()
#define rcu_read_unlock()	nst_hold_rcu_unlock()
#define task_lock(task)		nst_hold_task_lock(task)
#define task_unlock(task)	nst_hold_task_unlock(task)
#undef spin_lock
#define spin_lock(lock)		nst_hold_files_lock(lock)
#undef spin_unlock
#define spin_unlock(lock)	nst_hold_files_unlock(lock)
#undef spin_lock_bh
#define spin_lock_bh(lock)	nst_hold_chain_lock(lock)
#undef spin_unlock_bh
#define spin_unlock_bh(lock)	nst_hold_chain_unlock(lock)
#undef cond_resched
#define cond_resched()		nst_hold_rest()
#undef cond_resched_tasks_rcu_qs
#define cond_resched_tasks_rcu_qs() nst_hold_rest_tasks()
#undef mutex_lock_killable
#define mutex_lock_killable(lock) nst_hold_read(lock)
#undef mutex_unlock
#define mutex_unlock(lock)	nst_hold_read_end(lock)

#endif
