/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words of a filter, as people write them.
 */
#ifndef NETSTATE_WORDS_H
#define NETSTATE_WORDS_H

#include <netstate/filter.h>

void nst_words_parse(char **text, struct nst_filter *filter);

#endif /* NETSTATE_WORDS_H */
