/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's names, for its sources that are built hosted. */
#ifndef KERNEL_TYPES_H
#define KERNEL_TYPES_H

#include_next <linux/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <sys/cdefs.h>		/* __always_inline */

typedef __u32 u32;
typedef __u64 u64;

#endif
