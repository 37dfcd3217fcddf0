/* SPDX-License-Identifier: GPL-2.0-only */
/* One picture of a network namespace's sockets. */
#ifndef NST_CAPTURE_H
#define NST_CAPTURE_H

#include <netstate/counts.h>

#include "owner.h"
#include "rows.h"

struct net;
struct nst_access;
struct pid_namespace;

/**
 * struct nst_capture - one picture of a network namespace's sockets
 * @rows: the records
 * @owners: the processes that they point to
 * @counts: the counts of the rows
 */
struct nst_capture {
	struct nst_rows rows;
	struct nst_owners owners;
	struct nst_counts counts;
};

struct nst_capture *nst_capture_take(struct net *net, struct pid_namespace *pid_ns,
				     struct nst_access *access);
void nst_capture_free(struct nst_capture *capture);

#endif /* NST_CAPTURE_H */
