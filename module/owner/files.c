// SPDX-License-Identifier: GPL-2.0-only
/*
 * The open files of all processes that a reader may see, in the order of their
 * pids, a bounded number at a time.
 */
#include <linux/fdtable.h>
#include <linux/idr.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "owner/access.h"
#include "owner/files.h"

#define SECTION_TASKS 1000	/* threads, or ids, that one RCU section looks at */

/* Looks at the open files of a task, if the reader may, a bounded number at a time. */
static int scan_files(struct nst_files *walk)
{
	struct task_struct *task = walk->task;
	unsigned int from = 0;

	do {
		struct files_struct *files;
		int err;

		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		err = walk->ops->prepare(walk);
		if (err)
			return err;

		/*
		 * task_lock() keeps task->files in place, and exec from giving
		 * the task other rights than those that are checked here. The
		 * order of the two locks is that of update_classid_task().
		 */
		task_lock(task);
		files = task->files;
		if (!files || !nst_access_may_see(walk->access, task)) {
			task_unlock(task);
			return 0;
		}
		spin_lock(&files->file_lock);
		from = walk->ops->scan(walk, files_fdtable(files), from);
		spin_unlock(&files->file_lock);
		task_unlock(task);
	} while (from);

	return 0;
}

/* Whether a thread's file table has not just been looked at; only compared. */
static bool has_other_files(const struct task_struct *thread, const struct task_struct *leader,
			    const struct files_struct *last)
{
	/* A table that changes hands meanwhile may be seen or not. */
	const struct files_struct *files = READ_ONCE(thread->files);

	return files && files != READ_ONCE(leader->files) && files != last;
}

/*
 * Steps from @at to a later thread of the process: to one that began no earlier
 * than @since and whose file table is neither the leader's nor @last, or over as
 * many as one RCU section takes. The reference to @at is put; the thread is
 * returned with one. NULL at the end.
 *
 * Threads stand in the order in which they began. One that has exited since it
 * was stepped on has no place among them: then all are stepped over again, and
 * @since tells which of them have had their turn.
 *
 * As next_tid() in fs/proc/base.c: a thread that has its pid in this RCU section
 * has not been taken off the list before it, so what follows it is not freed yet.
 */
static struct task_struct *next_thread_from(struct task_struct *leader, struct task_struct *at,
					    u64 since, const struct files_struct *last)
{
	struct list_head *threads = &leader->signal->thread_head;
	unsigned int left = SECTION_TASKS;
	struct task_struct *found = NULL;
	struct task_struct *thread = at;

	rcu_read_lock();
	if (!pid_alive(at))
		thread = list_entry(threads, struct task_struct, thread_node);
	/* for_each_thread(), which wants an unexported lock on debugging kernels. */
	list_for_each_entry_continue_rcu(thread, threads, thread_node) {
		found = thread;
		if (!--left ||
		    (thread->start_time >= since && has_other_files(thread, leader, last)))
			break;
	}
	if (found)
		get_task_struct(found);
	rcu_read_unlock();

	put_task_struct(at);
	return found;
}

/*
 * Looks at the files of a process: those of its leader, which most threads
 * share, then those of threads that have their own. A leader that has exited
 * has none, and its threads go on; their common table is looked at once.
 */
static int scan_process(struct nst_files *walk)
{
	const struct files_struct *last = NULL;
	struct task_struct *leader = walk->leader;
	struct task_struct *thread = leader;
	u64 since = 0;
	int err;

	walk->task = leader;
	err = scan_files(walk);
	if (err || thread_group_empty(leader))
		return err;

	get_task_struct(thread);
	while ((thread = next_thread_from(leader, thread, since, last))) {
		if (thread->start_time >= since && has_other_files(thread, leader, last)) {
			last = READ_ONCE(thread->files);
			walk->task = thread;
			err = scan_files(walk);
		}
		since = max(since, thread->start_time);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (err) {
			put_task_struct(thread);
			break;
		}
		cond_resched();
	}

	return err;
}

/*
 * The process with the lowest pid from @pid on, with a reference; NULL after the last, or
 * after as many ids as one RCU section takes: then @pid is where to go on.
 */
static struct task_struct *next_process_near(struct pid_namespace *ns, int *pid, bool *more)
{
	unsigned int left = SECTION_TASKS;
	struct task_struct *task = NULL;
	struct pid *found;

	rcu_read_lock();
	while ((found = idr_get_next(&ns->idr, pid))) {
		/* Threads have ids, too, but lead no group. */
		task = pid_task(found, PIDTYPE_TGID);
		if (task || !left--)
			break;
		++*pid;
	}
	if (task)
		get_task_struct(task);
	*more = found && !task;
	rcu_read_unlock();

	return task;
}

/* The process with the lowest pid from @pid on, with a reference; NULL after the last. */
static struct task_struct *next_process(struct pid_namespace *ns, int *pid)
{
	struct task_struct *task;
	bool more;

	while (!(task = next_process_near(ns, pid, &more)) && more)
		cond_resched();

	return task;
}

/* Makes a process the one at hand. */
static void take_process(struct nst_files *walk, u32 pid)
{
	walk->pid = pid;
	/* Whoever renames the task meanwhile changes bytes of a string: it stays one. */
	data_race(memcpy(walk->comm, walk->leader->comm, NST_COMM_SIZE));
	walk->comm[NST_COMM_SIZE - 1] = '\0';
	if (walk->ops->process)
		walk->ops->process(walk);
}

/**
 * nst_files_walk() - look at the files of all processes that the reader may see
 * @walk: the walk
 *
 * Context: process context, may sleep.
 * Return: 0; -EINTR when the task is being killed; what the walk's prepare() gave.
 */
int nst_files_walk(struct nst_files *walk)
{
	int err = 0;
	int pid;

	if (walk->first > walk->last || walk->first > PID_MAX_LIMIT)
		return 0;

	nst_access_start(walk->access);
	for (pid = walk->first; !err && (walk->leader = next_process(walk->ns, &pid)); pid++) {
		if (!(walk->leader->flags & PF_KTHREAD) && pid <= walk->last) {
			take_process(walk, pid);
			err = scan_process(walk);
		}
		put_task_struct(walk->leader);
		if (pid >= walk->last)
			break;
	}

	return err;
}
