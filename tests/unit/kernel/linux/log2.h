/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KERNEL_LOG2_H
#define KERNEL_LOG2_H

/* log2 of a number, rounded up; 0 for 0. */
static inline unsigned int order_base_2(unsigned long long n)
{
	return n > 1 ? 64 - __builtin_clzll(n - 1) : 0;
}

#endif
