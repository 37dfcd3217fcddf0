// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a group to its sockets: what they have in common, as a word of the filter;
 * and where the language has no such word, as one of those at the end of a row.
 */
#include "top/opening.h"

static bool is(const char *a, const char *b)
{
	return !strcmp(a, b);
}

/*
 * Writes a name as a pattern that matches only this name. Odd bytes are escaped already, by
 * the kernel.
 */
static void put_pattern(FILE *out, const char *name)
{
	for (; *name; name++) {
		if (strchr("*?[],()", *name))
			fputc('\\', out);
		fputc(*name, out);
	}
}

/**
 * nst_opening_words() - write the word that chooses the sockets of a group
 * @out: where to; nothing is written if there is no word
 * @by: what they are grouped by
 * @key: what the sockets have in common, as the kernel writes it
 *
 * Return: false if these are the groups for which there was no space.
 */
bool nst_opening_words(FILE *out, const char *by, const char *key)
{
	if (is(key, "(other)"))
		return false;
	if (nst_opening_is_by_detail(by))
		return true;
	if (is(by, "process") || is(by, "program")) {
		if (is(key, "-")) {
			fputs(" owner=none", out);
		} else if (is(by, "process")) {
			fprintf(out, " pid=%.*s", (int)strcspn(key, "/"), key);
		} else {
			fputs(" comm=", out);
			put_pattern(out, key);
		}
		return true;
	}
	if (is(by, "uid") && is(key, "-")) {
		fputs(" uid!=0-4294967295", out);	/* not known of these */
		return true;
	}
	/* A port that is "*" is 0. */
	fprintf(out, " %s=%s", by, is(key, "*") ? "0" : key);
	return true;
}

/**
 * nst_opening_is_by_detail() - whether rows must be looked at for what groups have in common
 * @by: what they are grouped by
 *
 * Return: true if it is a word at the end of a row that says it, false if a word of
 * the filter does.
 */
bool nst_opening_is_by_detail(const char *by)
{
	return is(by, "cgroup") || is(by, "netns");
}

/**
 * nst_opening_matches() - whether a socket is of a group
 * @by: what they are grouped by, of which nst_opening_is_by_detail() is true
 * @key: what its sockets have in common, as the kernel writes it
 * @row: the socket, with all words that there are
 *
 * Return: whether it is.
 */
bool nst_opening_matches(const char *by, const char *key, const struct nst_row *row)
{
	struct nst_word value = nst_word_value(row->detail, by);

	return value.len ? nst_word_is(value, key) : is(key, "-");
}
