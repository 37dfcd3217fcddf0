/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whom allocations are charged to.
 *
 * set_active_memcg() asks whether it runs in an interrupt, and needs a variable for that
 * which 5.10 does not export. In a task it sets task_struct's active_memcg; so does this.
 */
#ifndef NST_COMPAT_MEMCG_H
#define NST_COMPAT_MEMCG_H

#include <linux/memcontrol.h>
#include <linux/sched.h>

/**
 * nst_charge_to() - charge what the current task allocates to a memory cgroup
 * @memcg: the cgroup, held by the caller; NULL for the task's own
 *
 * Context: process context.
 * Return: what it was before, to be set again.
 */
static inline struct mem_cgroup *nst_charge_to(struct mem_cgroup *memcg)
{
#ifdef CONFIG_MEMCG
	struct mem_cgroup *old = current->active_memcg;

	current->active_memcg = memcg;
	return old;
#else
	return NULL;
#endif
}

#endif /* NST_COMPAT_MEMCG_H */
