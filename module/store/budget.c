// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory that all reads together may take, so that readers cannot eat the
 * host: what is charged to memory cgroups is bounded there, too, but not everybody
 * lives in one.
 *
 *	all readers					budget_mb
 *	  readers without privilege, together		half of it
 *	    one of their users				half of what the others leave of that
 *
 * So no user without privilege can make another one's reads fail, but very large ones; and
 * all of them together can't make a privileged one's fail.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>

#include "params.h"
#include "store/budget.h"

#define OPEN_MAX 4096		/* files that a user without privilege may have open */
#define ZERO_BYTES (256 * 1024)	/* that are cleared between two rests */

/*
 * Charged to a memory cgroup, whose limit gives ENOMEM. Never the OOM killer's cue
 * (__GFP_RETRY_MAYFAIL).
 */
#define GFP (GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/**
 * struct nst_budget - whom memory is charged to
 * @users: open files of the user
 * @uid: the user; not of the one for all readers with privilege
 * @used: bytes in use
 */
struct nst_budget {
	refcount_t users;
	kuid_t uid;
	atomic64_t used;
};

/* For all readers with privilege, who have no share of their own. */
static struct nst_budget privileged_budget;

/* Users without privilege who have a file open, by uid; its lock guards @users, too. */
static DEFINE_XARRAY_FLAGS(budgets, XA_FLAGS_ACCOUNT);

/* Bytes in use: by all readers, and by those without privilege. */
static atomic64_t used_all;
static atomic64_t used_unprivileged;

/**
 * nst_budget_get() - the budget of a user who opens a file
 * @uid: the user
 * @privileged: whether the whole budget may be used
 *
 * So many may be open at once, since to close one takes the kernel a search among all that
 * are open (proc_reg_release()), for which others wait.
 *
 * Context: may sleep.
 * Return: the budget, for nst_budget_put(); -ENOMEM; -EMFILE when the user has too many open.
 */
struct nst_budget *nst_budget_get(kuid_t uid, bool privileged)
{
	struct nst_budget *budget, *old;
	bool full = false;

	if (privileged)
		return &privileged_budget;

	budget = kzalloc(sizeof(*budget), GFP_KERNEL_ACCOUNT);
	if (!budget)
		return ERR_PTR(-ENOMEM);
	refcount_set(&budget->users, 1);
	budget->uid = uid;

	xa_lock(&budgets);
	old = __xa_cmpxchg(&budgets, __kuid_val(uid), NULL, budget, GFP_KERNEL);
	if (old && !xa_is_err(old)) {
		full = refcount_read(&old->users) >= OPEN_MAX;
		if (!full)
			refcount_inc(&old->users);
	}
	xa_unlock(&budgets);

	if (!old)
		return budget;
	kfree(budget);
	if (xa_is_err(old))
		return ERR_PTR(-ENOMEM);
	return full ? ERR_PTR(-EMFILE) : old;
}

/**
 * nst_budget_put() - a file is closed
 * @budget: its user's; nothing of what the file took is charged to it any more
 *
 * Context: may sleep.
 */
void nst_budget_put(struct nst_budget *budget)
{
	bool last;

	if (budget == &privileged_budget)
		return;

	xa_lock(&budgets);
	last = refcount_dec_and_test(&budget->users);
	if (last)
		__xa_erase(&budgets, __kuid_val(budget->uid));
	xa_unlock(&budgets);
	if (last)
		kfree(budget);
}

/**
 * nst_budget_used() - what all budgets hold together
 *
 * Context: any.
 * Return: how many bytes.
 */
u64 nst_budget_used(void)
{
	return atomic64_read(&used_all);
}

/*
 * Adds to what is used, unless that would be too much. What is refused is never among it, not
 * even for a moment: another one's charge could be refused for that. Each turn but the last
 * means that another charge or release has gone through.
 */
static bool charge(atomic64_t *used, s64 bytes, s64 limit)
{
	s64 now = atomic64_read(used);

	do {
		if (now + bytes > limit)
			return false;
	} while (!atomic64_try_cmpxchg(used, &now, now + bytes));

	return true;
}

static void release_unprivileged(struct nst_budget *budget, size_t bytes)
{
	atomic64_sub(bytes, &used_unprivileged);
	atomic64_sub(bytes, &budget->used);
}

/*
 * As nst_budget_charge(), the two that a user without privilege has. He may have half of
 * what the others leave of their common half: so one has a quarter of all at most, and
 * however many take what they can, there is something left for the next.
 */
static bool charge_unprivileged(struct nst_budget *budget, s64 bytes, s64 limit)
{
	s64 half = limit / 2;
	/* His own first: if he asks twice at once, he may be refused for himself. */
	s64 own = atomic64_add_return(bytes, &budget->used);

	/* The same as own <= (half - others) / 2: his own and the others' are all, with this. */
	if (own <= half / 2 && charge(&used_unprivileged, bytes, half - own))
		return true;

	atomic64_sub(bytes, &budget->used);
	return false;
}

/**
 * nst_budget_charge() - take memory out of a budget, before allocating it
 * @budget: the budget
 * @bytes: how much
 *
 * Context: any.
 * Return: 0, or -ENOMEM when the budget does not hold it; nothing is charged then.
 */
int nst_budget_charge(struct nst_budget *budget, size_t bytes)
{
	u64 limit = (u64)READ_ONCE(nst_params.budget_mb) << 20;
	bool privileged = budget == &privileged_budget;

	if (!privileged && !charge_unprivileged(budget, bytes, limit))
		return -ENOMEM;
	if (charge(&used_all, bytes, limit))
		return 0;

	if (!privileged)
		release_unprivileged(budget, bytes);
	return -ENOMEM;
}

/**
 * nst_budget_release() - give memory back to a budget, after freeing it
 * @budget: the budget
 * @bytes: how much
 *
 * Context: any.
 */
void nst_budget_release(struct nst_budget *budget, size_t bytes)
{
	atomic64_sub(bytes, &used_all);
	if (budget != &privileged_budget)
		release_unprivileged(budget, bytes);
}

/* What an allocation really takes: kmalloc() rounds large ones up to a power of two. */
static size_t taken(size_t bytes)
{
	return bytes > PAGE_SIZE ? roundup_pow_of_two(bytes) : bytes;
}

/**
 * nst_budget_alloc() - allocate memory that a budget holds
 * @budget: the budget
 * @bytes: how much
 *
 * Memory in one piece is faster, and is taken if it is at hand: nothing is moved or
 * written out for it (no __GFP_RECLAIM), since others would pay for that: not by this task,
 * and not by kswapd and kcompactd, which would be woken.
 *
 * Context: may sleep.
 * Return: the memory, all zeroes, for nst_budget_free(); NULL without.
 */
void *nst_budget_alloc(struct nst_budget *budget, size_t bytes)
{
	void *memory;
	size_t at;

	if (nst_budget_charge(budget, taken(bytes)))
		return NULL;

	memory = kmalloc(bytes, bytes > PAGE_SIZE ? GFP & ~__GFP_RECLAIM : GFP);
	/*
	 * 6.19 and 7.0 warn of __GFP_RETRY_MAYFAIL here and go on without it: then the OOM
	 * killer could be called. __GFP_NORETRY calls it as little, and all of them take it.
	 */
	if (!memory && bytes > PAGE_SIZE)
		memory = __vmalloc(bytes, (GFP & ~__GFP_RETRY_MAYFAIL) | __GFP_NORETRY);
	for (at = 0; memory && at < bytes; at += ZERO_BYTES) {
		memset(memory + at, 0, min_t(size_t, bytes - at, ZERO_BYTES));
		cond_resched();
	}
	if (!memory)
		nst_budget_release(budget, taken(bytes));

	return memory;
}

/**
 * nst_budget_free() - free what nst_budget_alloc() gave
 * @budget: as it was allocated
 * @memory: the memory, or NULL
 * @bytes: how much it is
 *
 * Context: may sleep.
 */
void nst_budget_free(struct nst_budget *budget, void *memory, size_t bytes)
{
	if (!memory)
		return;

	kvfree(memory);
	nst_budget_release(budget, taken(bytes));
}

/**
 * nst_budget_page() - allocate a page that a budget holds
 * @budget: the budget
 *
 * To be freed with free_page(), and PAGE_SIZE to be released then.
 *
 * Context: may sleep.
 * Return: the page, not initialized; NULL without.
 */
void *nst_budget_page(struct nst_budget *budget)
{
	void *page;

	if (nst_budget_charge(budget, PAGE_SIZE))
		return NULL;

	page = (void *)__get_free_page(GFP);
	if (!page)
		nst_budget_release(budget, PAGE_SIZE);
	return page;
}
