/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table as netstat's text.
 */
#ifndef NETSTATE_PRINT_H
#define NETSTATE_PRINT_H

#include "options.h"
#include "table.h"

const char *nst_print_which(unsigned int flags);
void nst_print_title(unsigned int flags, const char *counts);
void nst_print_head(const struct nst_options *options, const char *counts);
struct nst_word nst_print_state(enum nst_naming naming, const struct nst_row *row);
void nst_print_row(FILE *out, const struct nst_options *options, const struct nst_row *row);

#endif /* NETSTATE_PRINT_H */
