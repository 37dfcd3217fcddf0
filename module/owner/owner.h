/* SPDX-License-Identifier: GPL-2.0-only */
/* Which processes hold which sockets. */
#ifndef NST_OWNER_H
#define NST_OWNER_H

struct nst_access;
struct nst_filter;
struct nst_pool;
struct nst_rows;
struct pid_namespace;

int nst_owners_find(struct nst_pool *pool, struct nst_rows *rows,
		    const struct nst_filter *filter, unsigned int needs,
		    struct nst_access *access, struct pid_namespace *ns, u32 *incomplete);

#endif /* NST_OWNER_H */
