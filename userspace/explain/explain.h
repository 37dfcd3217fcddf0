/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NETSTATE_EXPLAIN_H
#define NETSTATE_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

#include <netstate/filter.h>

void nst_explain(FILE *out, const char *text, const struct nst_filter_error *error);
bool nst_explain_parse(char **text, struct nst_filter *filter);

#endif
