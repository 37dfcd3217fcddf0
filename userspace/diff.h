/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What changed between two tables.
 */
#ifndef NETSTATE_DIFF_H
#define NETSTATE_DIFF_H

#include "options.h"
#include "table.h"

bool nst_diff_add(const struct nst_row *row);
bool nst_diff_print(const struct nst_options *options);
void nst_diff_free(void);

#endif /* NETSTATE_DIFF_H */
