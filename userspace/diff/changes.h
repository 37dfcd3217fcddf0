/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What changed between two tables.
 */
#ifndef NETSTATE_DIFF_CHANGES_H
#define NETSTATE_DIFF_CHANGES_H

#include "forms.h"

bool nst_changes_add(const struct nst_row *row);
bool nst_changes_print(const struct nst_options *options);

#endif /* NETSTATE_DIFF_CHANGES_H */
