/* SPDX-License-Identifier: GPL-2.0-only */
/* The words of a filter that have a key. */
#ifndef NETSTATE_TOKENS_H
#define NETSTATE_TOKENS_H

#include <netstate/filter_token.h>

#include "util.h"

bool nst_tokens_next(struct nst_span *rest, const char *key, struct nst_token *token,
		     struct nst_word *values);
bool nst_tokens_value(struct nst_word *values, struct nst_word *value);
void nst_tokens_check_names(const char *text);

#endif /* NETSTATE_TOKENS_H */
