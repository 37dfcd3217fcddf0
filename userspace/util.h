/* SPDX-License-Identifier: GPL-2.0-only */
/* Words of a line, safe printing of names that others have given. */
#ifndef NETSTATE_UTIL_H
#define NETSTATE_UTIL_H

#include <stdio.h>

#include <netstate/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* A part of a line, not terminated; of length 0 if it is not there. */
struct nst_word {
	const char *start;
	size_t len;
};

struct nst_word nst_word_of(const char *text);
bool nst_word_is(struct nst_word word, const char *text);
bool nst_word_begins(struct nst_word word, const char *text);
struct nst_word nst_word_next(struct nst_word *rest);
bool nst_word_number(struct nst_word word, u64 max, u64 *number);
bool nst_word_split(struct nst_word word, char c, struct nst_word *before,
		    struct nst_word *after);
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
