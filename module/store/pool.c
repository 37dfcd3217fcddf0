// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small objects that live and die together, taken where nothing may be
 * allocated, out of pages that were reserved before.
 */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/sched.h>
#include <linux/mm.h>

#include "store/budget.h"
#include "store/pool.h"

struct nst_pool_page {
	struct nst_pool_page *next;
	u8 data[] __aligned(8);
};

#define ROOM (PAGE_SIZE - offsetof(struct nst_pool_page, data))

/**
 * nst_pool_reserve() - see to it that objects can be taken
 * @pool: the pool
 * @bytes: how much in all; no object is larger than half a page
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM.
 */
int nst_pool_reserve(struct nst_pool *pool, size_t bytes)
{
	/* What does not fit at the end of a page is lost: at most half of it. */
	while (pool->left + pool->spares * (ROOM / 2) < bytes) {
		struct nst_pool_page *page = nst_budget_page(pool->budget);

		if (!page)
			return -ENOMEM;
		page->next = pool->spare;
		pool->spare = page;
		pool->spares++;
	}

	return 0;
}

/**
 * nst_pool_alloc() - take an object that was reserved
 * @pool: the pool
 * @size: its size, a multiple of 8 bytes
 *
 * Context: any; allocates nothing.
 * Return: the object, not initialized; NULL if more is taken than was reserved.
 */
void *nst_pool_alloc(struct nst_pool *pool, size_t size)
{
	struct nst_pool_page *page = pool->spare;

	if (pool->left < size) {
		if (!page)
			return NULL;
		pool->spare = page->next;
		pool->spares--;
		page->next = pool->page;
		pool->page = page;
		pool->left = ROOM;
	}

	pool->left -= size;
	return pool->page->data + pool->left;
}

static void free_list(const struct nst_pool *pool, struct nst_pool_page *page)
{
	unsigned int freed = 0;

	while (page) {
		struct nst_pool_page *next = page->next;

		free_page((unsigned long)page);
		nst_budget_release(pool->budget, PAGE_SIZE);
		page = next;
		if (!(++freed % 1024))
			cond_resched();
	}
}

/**
 * nst_pool_free() - free all objects
 * @pool: the pool; empty after this
 *
 * Context: may sleep.
 */
void nst_pool_free(struct nst_pool *pool)
{
	free_list(pool, pool->page);
	free_list(pool, pool->spare);
	*pool = (struct nst_pool){ .budget = pool->budget };
}
