/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls of the kernel's and the module's functions, counted by the kernel's own
 * tracer: the same on a slow machine and on a fast one.
 *
 * All calls count, whoever makes them.  So a test that counts keeps still.
 */
#ifndef LIB_CALLS_H
#define LIB_CALLS_H

#include <stdbool.h>

/* The kernel's, once for each open file that a walk over processes looks at. */
#define LOOKS		"sock_from_file"

/* Whether calls can be counted in this kernel at all. */
bool calls_possible(void);

/* Counts @n functions from now on; false if nothing can be counted here. */
bool calls_start(const char *const *functions, int n);
void calls_stop(void);

/* How often each was called so far, in the order of calls_start(). */
bool calls_so_far(long *calls);

/* The same of the first one; -1. */
long calls_first(void);

#endif
