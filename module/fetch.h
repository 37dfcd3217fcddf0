/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fetching cache lines before they are looked at, what most of a read's time goes
 * into. Not by the kernel's prefetch(): on x86 that is prefetchnta, which passes by
 * the second-level cache, so that what was fetched far ahead is gone again by the
 * time it is needed.
 */
#ifndef NST_FETCH_H
#define NST_FETCH_H

#include <linux/compiler.h>

/**
 * nst_fetch() - fetch a cache line into the second-level cache
 * @p: where; may be anything, as nothing is looked at
 *
 * For lines that are needed later: the first level can wait for few lines at once.
 */
static __always_inline void nst_fetch(const void *p)
{
	__builtin_prefetch(p, 0, 2);
}

/**
 * nst_fetch_near() - fetch a cache line into the first-level cache
 * @p: where; may be anything
 *
 * For what is needed in any case, and first.
 */
static __always_inline void nst_fetch_near(const void *p)
{
	__builtin_prefetch(p, 0, 3);
}

#endif /* NST_FETCH_H */
