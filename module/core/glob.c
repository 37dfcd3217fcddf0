// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shell patterns for short names.
 *
 * A pattern is a chain of elements: "*", or one that stands for one byte: "?",
 * a set in brackets, an escape, any other byte. Only the last "*" seen is ever
 * returned to, so the time is bounded.
 */
#include <netstate/glob.h>

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Reads a byte that stands for itself, escaped or not; NULL: a lone backslash. */
static const char *literal(const char *p, const char *end, unsigned char *byte)
{
	if (*p != '\\') {
		*byte = *p;
		return p + 1;
	}
	if (++p == end)
		return NULL;
	if (end - p >= 3 && p[0] <= '3' && is_octal(p[0]) && is_octal(p[1]) && is_octal(p[2])) {
		*byte = (p[0] - '0') << 6 | (p[1] - '0') << 3 | (p[2] - '0');
		return p + 3;
	}
	*byte = *p;
	return p + 1;
}

/*
 * Reads what follows "[": up to "]", which may stand for itself as the first one.
 * Returns the end, or NULL if the set is malformed.
 */
static const char *set(const char *p, const char *end, unsigned char c, bool *matches)
{
	bool negate = p < end && (*p == '!' || *p == '^');
	bool found = false;
	const char *first;

	p += negate;
	for (first = p; p < end && (*p != ']' || p == first);) {
		unsigned char min, max;

		p = literal(p, end, &min);
		if (!p)
			return NULL;
		max = min;
		if (end - p >= 2 && p[0] == '-' && p[1] != ']') {
			p = literal(p + 1, end, &max);
			if (!p || max < min)
				return NULL;
		}
		found |= c >= min && c <= max;
	}
	if (p >= end)
		return NULL;
	*matches = found != negate;
	return p + 1;
}

/*
 * Reads an element other than "*" and tells whether it stands for @c. Returns
 * its end, or NULL if it is malformed.
 */
static const char *element(const char *p, const char *end, unsigned char c, bool *matches)
{
	unsigned char byte;

	switch (*p) {
	case '?':
		*matches = true;
		return p + 1;
	case '[':
		return set(p + 1, end, c, matches);
	default:
		p = literal(p, end, &byte);
		*matches = p && byte == c;
		return p;
	}
}

bool nst_glob_valid(const char *pattern, size_t len)
{
	const char *p = pattern, *end = pattern + len;
	bool matches;

	while (p && p < end)
		p = *p == '*' ? p + 1 : element(p, end, 0, &matches);
	return p;
}

size_t nst_glob_cut(const char *pattern, size_t len, unsigned int bytes)
{
	const char *p = pattern, *end = pattern + len, *cut = end;
	unsigned char byte;

	for (; p && p < end; p = literal(p, end, &byte)) {
		if (*p == '*' || *p == '?' || *p == '[')
			return len;
		if (!bytes--)
			cut = p;
	}
	return cut - pattern;
}

bool nst_glob_match(const char *pattern, size_t len, const char *name)
{
	const char *p = pattern, *end = pattern + len;
	const char *star = NULL;	/* what follows the last "*" */
	const char *rest = NULL;	/* of the name: where that begins to match */

	while (*name) {
		const char *next = NULL;
		bool matches = false;

		if (p < end && *p == '*') {
			star = ++p;
			rest = name;
			continue;
		}
		if (p < end)
			next = element(p, end, *name, &matches);
		if (next && matches) {
			p = next;
			name++;
		} else if (star) {
			p = star;
			name = ++rest;
		} else {
			return false;
		}
	}
	while (p < end && *p == '*')
		p++;
	return p == end;
}
