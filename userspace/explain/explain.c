// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why a text is no filter, for the programs that say so.
 */
#include <stdlib.h>
#include <string.h>

#include <netstate/filter_keys.h>

#include "beside/resolve.h"
#include "beside/text.h"
#include "explain/explain.h"
#include "fail.h"
#include "select.h"
#include "util.h"

#define NAME_SIZE 32	/* longer than any name of a key or value */

/* How many characters must be changed, added or left out to make @name of @text. */
static unsigned int distance(const char *text, size_t len, const char *name)
{
	unsigned int row[NAME_SIZE], before, above, least;
	size_t i, j, name_len = strlen(name);

	for (j = 0; j <= name_len; j++)
		row[j] = j;
	for (i = 0; i < len; i++) {
		before = row[0]++;
		for (j = 1; j <= name_len; j++) {
			above = row[j];
			least = above < row[j - 1] ? above : row[j - 1];
			row[j] = before + ((text[i] | 0x20) != (name[j - 1] | 0x20));
			if (row[j] > least + 1)
				row[j] = least + 1;
			before = above;
		}
	}
	return row[name_len];
}

/* The names that a key has as values, or if there are none, all keys; NULL after the last. */
static const char *name_of(const struct nst_filter_name *values, unsigned int i)
{
	return values ? values[i].name :
	       NST_KEY_FIRST + i < NST_KEYS ? nst_filter_keys[NST_KEY_FIRST + i].name : NULL;
}

/* Says what would be right: the nearest name if one is near, else all of them. */
static void suggest(FILE *out, const char *text, size_t len, const struct nst_filter_name *values)
{
	/* Other tools' keys, which are not like ours. */
	static const char *const others[][2] = {
		{ "host", "addr" }, { "ip", "addr" }, { "user", "uid" }, { "program", "comm" },
		{ "process", "comm" },
	};
	const char *nearest = NULL, *name;
	unsigned int least = (len + 3) / 4 + 1, d, i;

	for (i = 0; (name = name_of(values, i)); i++) {
		d = distance(text, len, name);
		if (d < least) {
			least = d;
			nearest = name;
		}
	}
	for (i = 0; !values && i < ARRAY_SIZE(others); i++)
		if (!strncasecmp(others[i][0], text, len) && !others[i][0][len])
			nearest = others[i][1];
	if (nearest)
		fprintf(out, "; did you mean \"%s\"?", nearest);
	for (i = 0; !nearest && (name = name_of(values, i)); i++)
		fprintf(out, "%s %s", i ? "" : ":", name);
}

/* Says in one line why a text is no filter: what nst_words_read() found. */
void nst_explain(FILE *out, const char *text, const struct nst_filter_error *error)
{
	static const char *const texts[NST_FILTER_REASONS] = {
		[NST_FILTER_TEXT_TOO_LONG] = "longer than 4096 bytes",
		[NST_FILTER_NO_OPERATOR] = "no operator: a word is KEY=VALUE, or != < <= > >=",
		[NST_FILTER_BAD_KEY] = "no such key",
		[NST_FILTER_BAD_OPERATOR] = "operators here: ",
		[NST_FILTER_NO_VALUE] = "a value is missing",
		[NST_FILTER_ONE_VALUE] = "only one number can be compared with, no list or range",
		[NST_FILTER_BAD_NAME] = "no such value",
		[NST_FILTER_BAD_NUMBER] = "not a number",
		[NST_FILTER_TOO_LARGE] = "too large: the largest is ",
		[NST_FILTER_TOO_SMALL] = "nothing is less than ",
		[NST_FILTER_BACKWARDS] = "the range ends before it begins",
		[NST_FILTER_BAD_ADDRESS] = "neither an address nor the name of a host",
		[NST_FILTER_BAD_PREFIX] = "a prefix is 0 to 32 for IPv4, 0 to 128 for IPv6",
		[NST_FILTER_BAD_PATTERN] =
			"no pattern: after \"[\" comes \"]\", a range goes up, \"\\\" is not the last",
		[NST_FILTER_TOO_MANY] = "more than 64 values",
		[NST_FILTER_TOO_MUCH_PATTERN] = "more than 256 bytes of patterns",
		[NST_FILTER_NOTHING] = "no socket can match: this contradicts what stands before",
		[NST_FILTER_TOO_MANY_GROUPS] = "sockets can be grouped by one or two things",
		[NST_FILTER_GROUP_SHOWS] = "groups have columns of their own: no show= beside group=",
		[NST_FILTER_TOP_OF_WHAT] = "top= is about groups: there is no group=",
		[NST_FILTER_NO_OPERAND] = "a word is missing here, beside \"and\" or \"or\", after \"not\" or in ()",
		[NST_FILTER_NOT_OPENED] = "\")\" without \"(\"; in a name, write \"\\)\"",
		[NST_FILTER_NOT_CLOSED] = "\"(\" without \")\"",
		[NST_FILTER_TOO_DEEP] = "more than 16 parentheses in each other",
		[NST_FILTER_TOO_MANY_STEPS] = "more than 128 words and operators where there is \"or\" or ()",
		[NST_FILTER_SHOWN_INSIDE] =
			"says what is shown, not which sockets: not within (), nor beside \"and\", \"or\", \"not\"",
	};
	const struct nst_filter_key_info *info = &nst_filter_keys[error->key];
	const char *part = text + error->offset, *colon;

	fputs(texts[error->reason], out);
	switch (error->reason) {
	case NST_FILTER_BAD_KEY:
	case NST_FILTER_BAD_NAME:
		suggest(out, part, error->len,
			error->reason == NST_FILTER_BAD_KEY ? NULL : info->names);
		break;
	case NST_FILTER_BAD_OPERATOR:
		fputs(info->kind == NST_KIND_NUMBERS ? "= != < <= > >=" :
		      info->kind == NST_KIND_COLUMNS || info->kind == NST_KIND_GROUPS ||
		      info->kind == NST_KIND_TOP ? "=" : "= and !=", out);
		break;
	case NST_FILTER_TOO_LARGE:
		fprintf(out, "%llu", (unsigned long long)info->max / (info->unit ? info->unit : 1));
		break;
	case NST_FILTER_TOO_SMALL:
		fputc(error->key == NST_KEY_TOP ? '1' : '0', out);
		break;
	case NST_FILTER_BAD_NUMBER:
		if (nst_resolve_is_port(error->key))
			fputs(", nor the name of a service", out);
		else if (error->key == NST_KEY_UID)
			fputs(", nor the name of a user", out);
		else if (error->key == NST_KEY_NETNS)
			fputs(", nor \"all\" after \"=\", nor the name of a network namespace", out);
		else if (info->names)
			fprintf(out, ", nor \"%s\" after \"=\"", info->names->name);
		break;
	case NST_FILTER_BAD_ADDRESS:
		colon = memchr(part, ':', error->len);
		if (colon && !memchr(colon + 1, ':', part + error->len - colon - 1))
			fputs("; a port goes with lport= or rport=", out);
		else if (memchr(part, '%', error->len))
			fputs("; a zone goes with device=", out);
		break;
	default:
		break;
	}
}

/*
 * As nst_words_read(), but what is wrong is recorded as an error: in words, and with a line
 * that points at it.
 */
bool nst_explain_parse(char **text, struct nst_filter *filter)
{
	struct nst_filter_error error;
	struct nst_text why;
	const char *p;
	u32 i;

	if (nst_words_read(text, filter, &error))
		return true;
	if (nst_trouble() || !nst_text_open(&why))
		return false;
	fputs("bad filter: ", why.out);
	nst_explain(why.out, *text, &error);
	if (error.reason != NST_FILTER_TEXT_TOO_LONG) {
		fputs("\n  ", why.out);
		for (p = *text; *p; p++)
			fputc((*p & 0xe0) && *p != 0x7f ? *p : '?', why.out);
		fprintf(why.out, "\n  %*s^", (int)error.offset, "");
		for (i = 1; i < error.len; i++)
			fputc('~', why.out);
	}
	if (nst_text_close(&why))
		nst_fail(NST_EXIT_USAGE, "%s", why.text);
	free(why.text);
	return false;
}
