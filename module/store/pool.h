/* SPDX-License-Identifier: GPL-2.0-only */
/* Small objects that live and die together. */
#ifndef NST_POOL_H
#define NST_POOL_H

#include <linux/types.h>

struct nst_budget;
struct nst_pool_page;

/**
 * struct nst_pool - pages that small objects are taken from
 * @page: the page that is being used, and before it those that are full
 * @left: bytes that are free in it
 * @spare: pages not used yet
 * @spares: how many of them
 * @budget: whom they are charged to
 */
struct nst_pool {
	struct nst_pool_page *page;
	size_t left;
	struct nst_pool_page *spare;
	unsigned int spares;
	struct nst_budget *budget;
};

int nst_pool_reserve(struct nst_pool *pool, size_t bytes);
void *nst_pool_alloc(struct nst_pool *pool, size_t size);
void nst_pool_free(struct nst_pool *pool);

#endif /* NST_POOL_H */
