/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the module counts of itself, all readers together: a few times a read at most, never
 * for each socket.
 */
#ifndef NST_STATS_H
#define NST_STATS_H

#include <linux/types.h>

/* All but the last only grow. */
enum nst_stat {
	NST_STAT_READS_TABLE,	/* snapshots that were begun */
	NST_STAT_READS_METRICS,
	NST_STAT_EBUSY,		/* calls of read(2) that failed */
	NST_STAT_EFAULT,
	NST_STAT_EINTR,
	NST_STAT_ENOMEM,
	NST_STAT_OTHER,
	NST_STAT_RETRIES,	/* buckets that were walked again */
	NST_STAT_LOCKS,		/* buckets that were walked under their lock */
	NST_STAT_RECORDS,	/* records in snapshots that are held */
	NST_STATS
};

void nst_stats_add(enum nst_stat stat, s64 n);
void nst_stats_fail(int err);
u64 nst_stats_read(enum nst_stat stat);

#endif /* NST_STATS_H */
