// SPDX-License-Identifier: GPL-2.0-only
/* The words of a filter that have a key, for what the kernel's own parser does not say. */
#include <string.h>

#include <netstate/glob.h>
#include <netstate/sock.h>

#include "beside/tokens.h"
#include "fail.h"

/**
 * nst_tokens_next() - take the next word with a key off a filter
 * @rest: the filter
 * @key: the key
 * @token: the word
 * @values: its values
 *
 * Return: false if there is none.
 */
bool nst_tokens_next(struct nst_span *rest, const char *key, struct nst_token *token,
		     struct nst_word *values)
{
	const long len = strlen(key);

	do {
		nst_token_next(token, rest);
	} while (token->kind && (token->kind != NST_TOKEN_WORD || !token->has_operator ||
				 token->key.end - token->key.start != len ||
				 strncasecmp(token->key.start, key, len)));
	*values = (struct nst_word){ token->list.start, token->list.end - token->list.start };
	return token->kind;
}

/**
 * nst_tokens_value() - take the next value off a list
 * @values: the list
 * @value: the value
 *
 * Return: false if there is none.
 */
bool nst_tokens_value(struct nst_word *values, struct nst_word *value)
{
	*value = *values;
	if (!nst_word_split(*value, ',', value, values))
		values->len = 0;
	return value->len;
}

/**
 * nst_tokens_check_names() - warn of names that no program has
 * @text: a filter
 *
 * The kernel keeps 15 bytes of a program's name, and compares these.
 */
void nst_tokens_check_names(const char *text)
{
	struct nst_span rest = { text, text + strlen(text) };
	struct nst_word values, value;
	struct nst_token token;

	while (nst_tokens_next(&rest, "comm", &token, &values))
		while (nst_tokens_value(&values, &value))
			if (nst_glob_cut(value.start, value.len, NST_COMM_SIZE - 1) < value.len)
				nst_warn("comm=%.*s: the kernel knows no more than 15 bytes of a "
					 "program's name; these are compared",
					 (int)value.len, value.start);
}
