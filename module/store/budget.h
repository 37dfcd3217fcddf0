/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory that all captures together may take. */
#ifndef NST_BUDGET_H
#define NST_BUDGET_H

#include <linux/types.h>

int nst_budget_charge(size_t bytes, bool privileged);
void nst_budget_release(size_t bytes, bool privileged);
void *nst_budget_alloc(size_t bytes, bool privileged);
void nst_budget_free(void *memory, size_t bytes, bool privileged);

#endif /* NST_BUDGET_H */
