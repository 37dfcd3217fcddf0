/* SPDX-License-Identifier: GPL-2.0-only */
/* What the administrator can set. */
#ifndef NST_PARAMS_H
#define NST_PARAMS_H

#include <linux/types.h>

/**
 * struct nst_params - the module's parameters
 * @budget_mb: MiB that all reads together may take
 * @groups_max: groups that one read can tell apart
 * @listeners_max: listening addresses that the counters name; 0 for none
 * @owners_gid: id of a group whose members see all owners; -1 for nobody
 * @mode: mode of /proc/netstate; the metrics have it without the write bits
 * @gid: group of both files
 * @stop: whether every read fails at once
 *
 * They can change at any time but for @mode and @gid: to be read with READ_ONCE().
 */
struct nst_params {
	unsigned int budget_mb;
	unsigned int groups_max;
	unsigned int listeners_max;
	int owners_gid;
	unsigned short mode;
	unsigned int gid;
	bool stop;
};

extern struct nst_params nst_params;

#endif /* NST_PARAMS_H */
