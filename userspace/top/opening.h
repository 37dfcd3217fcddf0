/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a group to its sockets.
 */
#ifndef NETSTATE_TOP_OPENING_H
#define NETSTATE_TOP_OPENING_H

#include <stdio.h>

#include "table.h"

bool nst_opening_words(FILE *out, const char *by, const char *key);
bool nst_opening_is_by_detail(const char *by);
bool nst_opening_matches(const char *by, const char *key, const struct nst_row *row);

#endif /* NETSTATE_TOP_OPENING_H */
