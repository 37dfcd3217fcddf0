/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words of a filter, as people write them.
 */
#ifndef NETSTATE_WORDS_H
#define NETSTATE_WORDS_H

#include <stdio.h>

#include <netstate/filter.h>

bool nst_words_read(char **text, struct nst_filter *filter, struct nst_filter_error *error);
void nst_words_explain(FILE *out, const char *text, const struct nst_filter_error *error);
bool nst_words_parse(char **text, struct nst_filter *filter);

#endif /* NETSTATE_WORDS_H */
