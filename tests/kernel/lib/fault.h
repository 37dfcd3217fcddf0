/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Allocations and copies to and from user memory that fail, where the kernel
 * has fault injection.
 */
#ifndef LIB_FAULT_H
#define LIB_FAULT_H

#include <stdbool.h>

/* For this thread. 0, or -errno where there is no such thing. */
int fault_open(void);

/*
 * From here on, the @nth point that can fail does; of all that the thread
 * does, so there should be nothing but the call that is meant.
 */
bool fault_arm(int nth);

/* No more. Says whether there has been a fault since. */
bool fault_disarm(void);

#endif
