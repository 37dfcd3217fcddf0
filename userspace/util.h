/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of a line, safe printing of names that others have given. */
#ifndef NETSTATE_UTIL_H
#define NETSTATE_UTIL_H

#include <stdio.h>

#include "beside/scan.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* A part of a line, not terminated; of length 0 if it is not there. */
struct nst_word {
	const char *start;
	size_t len;
};

/* Takes the first word off a text; it is empty at the end. */
static inline struct nst_word nst_word_next(struct nst_word *rest)
{
	const char *end = rest->start + rest->len, *start = nst_skip(rest->start, end, true);
	const char *next = nst_skip(start, end, false);

	*rest = (struct nst_word){ next, end - next };
	return (struct nst_word){ start, next - start };
}

static inline bool nst_word_is(struct nst_word word, const char *text)
{
	size_t i = 0;

	while (i < word.len && text[i] && word.start[i] == text[i])
		i++;
	return i == word.len && !text[i];
}

struct nst_word nst_word_of(const char *text);
bool nst_word_begins(struct nst_word word, const char *text);
bool nst_word_number(struct nst_word word, u64 max, u64 *number);
bool nst_word_split(struct nst_word word, char c, struct nst_word *before, struct nst_word *after);
bool nst_word_split_last(struct nst_word word, char c, struct nst_word *before,
			 struct nst_word *after);
struct nst_word nst_word_value(struct nst_word words, const char *wanted);
void nst_word_unescape(struct nst_word word, char *text, size_t size);

void nst_put_padded(FILE *out, struct nst_word word, int width);

static inline void nst_put(FILE *out, struct nst_word word)
{
	nst_put_padded(out, word, 0);
}

#endif /* NETSTATE_UTIL_H */
