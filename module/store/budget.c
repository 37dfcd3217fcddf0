// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory that all captures together may take, so that readers cannot eat
 * the host: what is charged to their memory cgroups is bounded there, too, but
 * not everybody lives in one.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "store/budget.h"

#define BUDGET_MB_MAX (1024 * 1024)

/* Charged to the reader's memory cgroup; a reader at its limit gets ENOMEM. */
#define GFP (GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN)

static unsigned int budget_mb = 256;

static int set_budget_mb(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 1, BUDGET_MB_MAX);
}

static const struct kernel_param_ops budget_mb_ops = {
	.set = set_budget_mb,
	.get = param_get_uint,
};

module_param_cb(budget_mb, &budget_mb_ops, &budget_mb, 0644);
MODULE_PARM_DESC(budget_mb,
		 "MiB that all captures together may take; readers without CAP_NET_ADMIN get half (default 256)");

/* Bytes in use: by all readers, and by those without privilege. */
static atomic64_t used_all;
static atomic64_t used_unprivileged;

static bool charge(atomic64_t *used, size_t bytes, u64 limit)
{
	if (atomic64_add_return(bytes, used) <= limit)
		return true;

	atomic64_sub(bytes, used);
	return false;
}

/**
 * nst_budget_charge() - take memory out of the budget, before allocating it
 * @bytes: how much
 * @privileged: whether the reader may use the whole budget
 *
 * Context: any.
 * Return: 0, or -ENOMEM when the budget does not hold it; nothing is charged then.
 */
int nst_budget_charge(size_t bytes, bool privileged)
{
	u64 limit = (u64)READ_ONCE(budget_mb) << 20;

	if (!privileged && !charge(&used_unprivileged, bytes, limit / 2))
		return -ENOMEM;

	if (!charge(&used_all, bytes, limit)) {
		if (!privileged)
			atomic64_sub(bytes, &used_unprivileged);
		return -ENOMEM;
	}

	return 0;
}

/**
 * nst_budget_release() - give memory back to the budget, after freeing it
 * @bytes: how much
 * @privileged: as it was charged
 *
 * Context: any.
 */
void nst_budget_release(size_t bytes, bool privileged)
{
	atomic64_sub(bytes, &used_all);
	if (!privileged)
		atomic64_sub(bytes, &used_unprivileged);
}

/**
 * nst_budget_alloc() - allocate memory that the budget holds
 * @bytes: how much
 * @privileged: whether the reader may use the whole budget
 *
 * Memory in one piece is faster, and taken if it is at hand: nothing is moved or
 * written out for it, which kvmalloc() would do with __GFP_RETRY_MAYFAIL. Never the
 * OOM killer's cue.
 *
 * Context: may sleep.
 * Return: the memory, all zeroes, for nst_budget_free(); NULL without.
 */
void *nst_budget_alloc(size_t bytes, bool privileged)
{
	void *memory;

	if (nst_budget_charge(bytes, privileged))
		return NULL;

	memory = kmalloc(bytes, GFP | __GFP_NORETRY);
	if (!memory)
		memory = __vmalloc(bytes, GFP | __GFP_RETRY_MAYFAIL);
	if (!memory)
		nst_budget_release(bytes, privileged);

	return memory;
}

/**
 * nst_budget_free() - free what nst_budget_alloc() gave
 * @memory: the memory, or NULL
 * @bytes: how much it is
 * @privileged: as it was allocated
 *
 * Context: may sleep.
 */
void nst_budget_free(void *memory, size_t bytes, bool privileged)
{
	if (!memory)
		return;

	kvfree(memory);
	nst_budget_release(bytes, privileged);
}
