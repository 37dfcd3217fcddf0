/* SPDX-License-Identifier: GPL-2.0-only */
/* What one read shows: the sockets of a network namespace, or of several. */
#ifndef NST_SNAPSHOT_H
#define NST_SNAPSHOT_H

#include <netstate/counts.h>

#include "store/groups.h"
#include "store/pool.h"
#include "store/rows.h"

struct net;
struct nst_access;
struct nst_filter;

/**
 * struct nst_snapshot - what one read shows
 * @rows: the records
 * @pool: the processes that they point to
 * @counts: the counts of the rows
 * @show: the columns that can be shown, NST_SHOW_*
 * @bound: whether sockets that are only bound were asked for
 * @hidden: whether the opener may not see all processes that were asked for
 * @incomplete: how many buckets, processes and so on could not be read in bounded work
 * @groups: what the rows have been counted in; then there are none
 */
struct nst_snapshot {
	struct nst_rows rows;
	struct nst_pool pool;
	struct nst_counts counts;
	unsigned int show;
	bool bound;
	bool hidden;
	u32 incomplete;
	struct nst_groups groups;
};

/**
 * nst_snapshot_is_grouped() - whether a snapshot has groups in place of rows
 * @snapshot: the snapshot
 *
 * Return: whether it has.
 */
static inline bool nst_snapshot_is_grouped(const struct nst_snapshot *snapshot)
{
	return snapshot->groups.grouping.by[0];
}

struct nst_snapshot *nst_snapshot_build(struct net *net, const struct nst_filter *filter,
					struct nst_access *access);
void nst_snapshot_free(struct nst_snapshot *snapshot);

#endif /* NST_SNAPSHOT_H */
