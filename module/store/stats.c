// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the module counts of itself. Readers on all CPUs write here, so the numbers have
 * cache lines of their own.
 */
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/errno.h>

#include "store/stats.h"

static atomic64_t stats[NST_STATS] ____cacheline_aligned_in_smp;

/**
 * nst_stats_add() - count something
 * @stat: what
 * @n: how many; below 0 only for what is held
 *
 * Context: any.
 */
void nst_stats_add(enum nst_stat stat, s64 n)
{
	if (n)
		atomic64_add(n, &stats[stat]);
}

/**
 * nst_stats_fail() - count a read that failed
 * @err: its error; one that begins anew after a freeze has not failed
 *
 * Context: any.
 */
void nst_stats_fail(int err)
{
	switch (err) {
	case -EBUSY:
		return nst_stats_add(NST_STAT_EBUSY, 1);
	case -EFAULT:
		return nst_stats_add(NST_STAT_EFAULT, 1);
	case -EINTR:
		return nst_stats_add(NST_STAT_EINTR, 1);
	case -ENOMEM:
		return nst_stats_add(NST_STAT_ENOMEM, 1);
	case -ERESTARTSYS:
		return;
	default:
		return nst_stats_add(NST_STAT_OTHER, 1);
	}
}

/**
 * nst_stats_read() - how many there are
 * @stat: what
 *
 * Context: any.
 * Return: the number.
 */
u64 nst_stats_read(enum nst_stat stat)
{
	return atomic64_read(&stats[stat]);
}
