/* SPDX-License-Identifier: GPL-2.0-only */
/* The memory that all reads together may take. */
#ifndef NST_BUDGET_H
#define NST_BUDGET_H

#include <linux/types.h>
#include <linux/uidgid.h>

struct nst_budget;

struct nst_budget *nst_budget_get(kuid_t uid, bool privileged);
void nst_budget_put(struct nst_budget *budget);
u64 nst_budget_used(void);
int nst_budget_charge(struct nst_budget *budget, size_t bytes);
void nst_budget_release(struct nst_budget *budget, size_t bytes);
void *nst_budget_alloc(struct nst_budget *budget, size_t bytes);
void nst_budget_free(struct nst_budget *budget, void *memory, size_t bytes);
void *nst_budget_page(struct nst_budget *budget);

#endif /* NST_BUDGET_H */
