/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving way to others.
 *
 * cond_resched_tasks_rcu_qs() also tells RCU-Tasks that the task is at rest, so that
 * removing a tracer need not wait for a long read. It is a macro, gone in 7.3, where
 * cond_resched() is what is left.
 */
#ifndef NST_COMPAT_RESCHED_H
#define NST_COMPAT_RESCHED_H

#include <linux/rcupdate.h>
#include <linux/sched.h>

/**
 * nst_resched() - let others run, and RCU-Tasks go on
 *
 * Context: may sleep.
 */
static inline void nst_resched(void)
{
#ifdef cond_resched_tasks_rcu_qs
	cond_resched_tasks_rcu_qs();
#else
	cond_resched();
#endif
}

#endif /* NST_COMPAT_RESCHED_H */
