// SPDX-License-Identifier: GPL-2.0-only
/* Words of a line, safe printing of names that others have given. */
#include "util.h"

struct nst_word nst_word_of(const char *text)
{
	return (struct nst_word){ text, strlen(text) };
}

/* Whether a text begins with another one, and goes on. */
bool nst_word_begins(struct nst_word word, const char *text)
{
	return word.len > strlen(text) && !memcmp(word.start, text, strlen(text));
}

/* Reads a decimal number of digits only, up to @max, which is at least 9. */
bool nst_word_number(struct nst_word word, u64 max, u64 *number)
{
	u64 value = 0;
	size_t i;

	for (i = 0; i < word.len; i++) {
		unsigned int digit = word.start[i] - '0';

		/* 19 digits always have room. */
		if (digit > 9 || (i > 18 && value > (max - digit) / 10) || 10 * value + digit > max)
			break;
		value = 10 * value + digit;
	}
	*number = value;
	return word.len && i == word.len;
}

static bool split_at(struct nst_word word, const char *found, struct nst_word *before,
		     struct nst_word *after)
{
	if (!found)
		return false;
	*before = (struct nst_word){ word.start, found - word.start };
	*after = (struct nst_word){ found + 1, word.len - before->len - 1 };
	return true;
}

/* Splits a text at the first @c; false, and nothing is written, if there is none. */
bool nst_word_split(struct nst_word word, char c, struct nst_word *before, struct nst_word *after)
{
	return word.len && split_at(word, memchr(word.start, c, word.len), before, after);
}

/* The same at the last one. */
bool nst_word_split_last(struct nst_word word, char c, struct nst_word *before,
			 struct nst_word *after)
{
	return word.len && split_at(word, memrchr(word.start, c, word.len), before, after);
}

/* Finds the value of the first key=value word that has this key; empty if none has. */
struct nst_word nst_word_value(struct nst_word words, const char *wanted)
{
	struct nst_word word, key, value;

	for (word = nst_word_next(&words); word.len; word = nst_word_next(&words))
		if (nst_word_split(word, '=', &key, &value) && nst_word_is(key, wanted))
			return value;
	return (struct nst_word){ words.start, 0 };
}

/* Reads a name in which "\ooo" stands for any byte; what does not fit is cut off. */
void nst_word_unescape(struct nst_word word, char *text, size_t size)
{
	const char *p = word.start, *end = p + word.len;
	int i;

	for (; p < end && size > 1; size--) {
		for (i = 1; i < 4 && *p == '\\' && end - p >= 4 && p[i] >= '0' && p[i] <= '7'; i++)
			continue;
		*text++ = i < 4 ? *p : (p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0');
		p += i < 4 ? 1 : 4;
	}
	*text = '\0';
}

/*
 * Prints text that others have made, and spaces behind it up to @width. Bytes that are not
 * printable ASCII become "\ooo", as the kernel writes them: so none moves a terminal's cursor.
 */
void nst_put_padded(FILE *out, struct nst_word word, int width)
{
	const char *p = word.start, *end = p + word.len;
	size_t plain;

	while (p < end) {
		plain = nst_count_printable(p, end);
		fwrite_unlocked(p, 1, plain, out);
		width -= plain;
		p += plain;
		if (p < end)
			width -= fprintf(out, "\\%03o", (unsigned char)*p++);
	}
	while (width-- > 0)
		putc_unlocked(' ', out);
}
