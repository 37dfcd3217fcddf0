/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The integer types of the kernel, for code that is built twice: into the
 * module and hosted (unit tests, fuzzers, the reader).
 */
#ifndef NETSTATE_TYPES_H
#define NETSTATE_TYPES_H

#ifdef __KERNEL__
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;

#define BIT(nr) (1UL << (nr))
#define BIT_ULL(nr) (1ULL << (nr))
#define U32_MAX UINT32_MAX
#endif

#endif /* NETSTATE_TYPES_H */
