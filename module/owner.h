/* SPDX-License-Identifier: GPL-2.0-only */
/* Which processes hold which sockets. */
#ifndef NST_OWNER_H
#define NST_OWNER_H

#include <netstate/sock.h>

struct nst_access;
struct nst_filter;
struct nst_process_page;
struct nst_rows;
struct pid_namespace;

/**
 * struct nst_owners - the processes that records point to
 * @page: the last page of them
 * @used: processes in it
 * @privileged: whether the whole budget may be used
 */
struct nst_owners {
	struct nst_process_page *page;
	u32 used;
	bool privileged;
};

int nst_owners_find(struct nst_owners *owners, struct nst_rows *rows,
		    const struct nst_filter *filter, struct nst_access *access,
		    struct pid_namespace *ns);
void nst_owners_free(struct nst_owners *owners);

#endif /* NST_OWNER_H */
