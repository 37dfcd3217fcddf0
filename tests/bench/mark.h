/* SPDX-License-Identifier: GPL-2.0-only */
/* An instruction of x86 that does nothing, by which a program in a guest tells instructions.c. */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

#define MARK "\x66\x87\xdb"	/* xchg %bx, %bx */

static inline void mark(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("xchg %%bx, %%bx" : : : "memory");
#endif
}

#endif
