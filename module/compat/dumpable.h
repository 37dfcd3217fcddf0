/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a task is dumpable, and the user namespace that it was executed in.
 *
 * NST_HAS_EXEC_STATE: later kernels (7.2 at the latest) keep both in
 * task->exec_state, whose functions are not exported. Before they are the mm's.
 */
#ifndef NST_COMPAT_DUMPABLE_H
#define NST_COMPAT_DUMPABLE_H

#include <linux/sched/task.h>
#include <linux/user_namespace.h>

#ifdef NST_HAS_EXEC_STATE
#include <linux/sched/exec_state.h>

static inline bool nst_task_dumpable(struct task_struct *task, struct user_namespace **ns)
{
	/* Replaced by exec and freed by RCU; both members are read once. */
	struct task_exec_state *state = rcu_dereference(task->exec_state);

	if (!state) {
		*ns = &init_user_ns;
		return false;
	}

	*ns = state->user_ns;
	return READ_ONCE(state->dumpable) == TASK_DUMPABLE_OWNER;
}
#else
#include <linux/mm_types.h>
#include <linux/sched/coredump.h>

/**
 * nst_task_dumpable() - whether a task's owner may look into it
 * @task: the task; the caller holds its task_lock() and rcu_read_lock()
 * @ns: the user namespace whose capabilities overrule that; valid as long as
 *	the locks are held
 *
 * A task on its way out has no mm any more but may still have files: it counts
 * as not dumpable, in the initial namespace, as ptrace has it.
 *
 * Return: true if it is dumpable by its owner.
 */
static inline bool nst_task_dumpable(struct task_struct *task, struct user_namespace **ns)
{
	struct mm_struct *mm = task->mm;

	if (!mm) {
		*ns = &init_user_ns;
		return false;
	}

	*ns = mm->user_ns;
	return get_dumpable(mm) == SUID_DUMP_USER;
}
#endif

#endif /* NST_COMPAT_DUMPABLE_H */
