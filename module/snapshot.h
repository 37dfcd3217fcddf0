/* SPDX-License-Identifier: GPL-2.0-only */
/* One picture of a network namespace's sockets. */
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
 * struct nst_capture - one picture of a network namespace's sockets
 * @rows: the records
 * @pool: the processes that they point to
 * @counts: the counts of the rows
 * @show: the columns that can be shown, NST_SHOW_*
 * @bound: whether sockets that are only bound were asked for
 * @groups: what the rows have been counted in; then there are none
 */
struct nst_capture {
	struct nst_rows rows;
	struct nst_pool pool;
	struct nst_counts counts;
	unsigned int show;
	bool bound;
	struct nst_groups groups;
};

/**
 * nst_capture_is_grouped() - whether a capture has groups in place of rows
 * @capture: the capture
 *
 * Return: whether it has.
 */
static inline bool nst_capture_is_grouped(const struct nst_capture *capture)
{
	return capture->groups.grouping.by[0];
}

struct nst_capture *nst_capture_take(struct net *net, const struct nst_filter *filter,
				     struct nst_access *access);
void nst_capture_free(struct nst_capture *capture);

#endif /* NST_SNAPSHOT_H */
