/* SPDX-License-Identifier: GPL-2.0-only */
/* Between two bounded pieces of a read's work. */
#ifndef NST_REST_H
#define NST_REST_H

#include <linux/errno.h>
#include <linux/freezer.h>
#include <linux/sched.h>
#include <linux/sched/jobctl.h>
#include <linux/sched/signal.h>

#include "compat/resched.h"
#include "params.h"

/**
 * nst_rest() - let others run, and see whether to go on
 *
 * Every loop over what users can make many of calls this after each bounded piece.
 *
 * A task that is to freeze leaves the read, which begins anew after the thaw. The
 * freezers (suspend, and both cgroup ones) make a signal pending for that: without
 * it the error would reach the program.
 *
 * Context: may sleep; no lock and no RCU section.
 * Return: 0; -EINTR when the task is being killed; -ERESTARTSYS when it is to freeze;
 * -EBUSY when the administrator has stopped all reads.
 */
static inline int nst_rest(void)
{
	nst_resched();

	if (unlikely(READ_ONCE(nst_params.stop)))
		return -EBUSY;
	if (likely(!signal_pending(current)))
		return 0;
	if (fatal_signal_pending(current))
		return -EINTR;
	/* Only a hint is read: a freeze that comes later is seen by the next call. */
	if (freezing(current) || READ_ONCE(current->jobctl) & JOBCTL_TRAP_FREEZE)
		return -ERESTARTSYS;

	return 0;
}

#endif /* NST_REST_H */
