// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parts of a filter's text.
 */
#include <netstate/filter_keys.h>
#include <netstate/filter_token.h>

static const struct nst_filter_name words[] = {
	{ "and",	NST_TOKEN_AND },
	{ "or",		NST_TOKEN_OR },
	{ "not",	NST_TOKEN_NOT },
	{}
};

/* As ss spells operators; they stand by themselves. */
static const char *const spelt[] = {
	"eq", "ne", "neq", "lt", "le", "leq", "gt", "ge", "geq"
};

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

static bool is_operator(char c)
{
	return c == '=' || c == '!' || c == '<' || c == '>';
}

static bool is(struct nst_span part, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(part.end - part.start) == len && !memcmp(part.start, word, len);
}

/* Moves past white space. Returns whether there was the end of a line in it. */
static bool skip_space(struct nst_span *text)
{
	bool breaks = false;

	for (; text->start < text->end && is_space(*text->start); text->start++)
		breaks |= *text->start == '\n';
	return breaks || text->start == text->end;
}

/* The end of a value, or of several: a space, or the ")" of what is around. */
static const char *value_end(const char *p, const char *end)
{
	unsigned int open = 0;

	for (; p < end && !is_space(*p); p++) {
		if (*p == '(')
			open++;
		else if (*p == ')' && !open--)
			break;
		else if (*p == '\\' && p + 1 < end && !is_space(p[1]))
			p++;
	}
	return p;
}

static const char *key_end(const char *p, const char *end)
{
	while (p < end && !is_space(*p) && !is_operator(*p) && *p != '(' && *p != ')')
		p++;
	return p;
}

/* What an operator is made of: "=" and two bytes of which the second is "=". */
static const char *symbol_end(const char *p, const char *end)
{
	return p + 1 < end && *p != '=' && p[1] == '=' ? p + 2 : p + 1;
}

/* Takes an operator off that has spaces around it. Returns whether there is one. */
static bool take_operator(struct nst_span *text, struct nst_span *operator)
{
	struct nst_span part = { text->start, text->start };
	size_t i;

	if (part.start == text->end)
		return false;
	if (is_operator(*part.start)) {
		part.end = symbol_end(part.start, text->end);
		if (*part.start == '=' && part.end < text->end && *part.end == '=')
			part.end++;
		if (is(part, "!"))
			return false;	/* the next word's */
		*operator = part;
		text->start = part.end;
		return true;
	}
	part.end = key_end(part.start, text->end);
	for (i = 0; i < sizeof(spelt) / sizeof(*spelt); i++) {
		if (!is(part, spelt[i]))
			continue;
		*operator = part;
		text->start = part.end;
		return true;
	}
	return false;
}

/* Whether a word that seems to be a value is rather the next word: the value is missing. */
static bool is_word(struct nst_span value)
{
	const char *end = key_end(value.start, value.end);

	return end < value.end && is_operator(*end) &&
	       nst_filter_key_find(value.start, end - value.start) != NST_KEY_NONE;
}

/* Reads the rest of a word whose operator does not touch its key. */
static void take_spaced(struct nst_token *token, struct nst_span *text)
{
	struct nst_span rest = { token->key.end, text->end };

	if (skip_space(&rest))
		return;
	token->operator = (struct nst_span){ rest.start, rest.start };
	token->has_operator = take_operator(&rest, &token->operator);
	token->list = (struct nst_span){ token->operator.end, token->operator.end };
	if (!token->has_operator) {
		if (!is(token->key, "dst") && !is(token->key, "src") && !is(token->key, "state"))
			return;
	} else if (skip_space(&rest)) {
		goto out;
	}
	token->list.start = rest.start;
	token->list.end = value_end(rest.start, rest.end);
	if (token->list.start == token->list.end || is_word(token->list)) {
		token->list = (struct nst_span){ token->operator.end, token->operator.end };
		if (!token->has_operator)
			return;
	}
	token->has_operator = true;
out:
	token->text.end = token->list.end;
	text->start = token->text.end;
}

static void take_word(struct nst_token *token, struct nst_span *text)
{
	const struct nst_filter_name *name;

	token->kind = NST_TOKEN_WORD;
	token->key = (struct nst_span){ text->start, key_end(text->start, text->end) };
	token->text = token->key;
	if (token->key.end < text->end && is_operator(*token->key.end)) {
		token->has_operator = true;
		token->operator.start = token->key.end;
		token->operator.end = symbol_end(token->key.end, text->end);
		token->list.start = token->operator.end;
		token->list.end = value_end(token->list.start, text->end);
		token->text.end = token->list.end;
	}
	text->start = token->text.end;
	if (token->has_operator)
		return;

	name = nst_filter_name_find(words, token->text.start,
				    token->text.end - token->text.start);
	if (name)
		token->kind = name->bits;
	else
		take_spaced(token, text);
}

void nst_token_next(struct nst_token *token, struct nst_span *text)
{
	const char *p;

	memset(token, 0, sizeof(*token));
	token->breaks = skip_space(text);
	p = text->start;
	token->text = (struct nst_span){ p, p };
	if (p == text->end)
		return;

	switch (*p) {
	case '(':
		token->kind = NST_TOKEN_OPEN;
		break;
	case ')':
		token->kind = NST_TOKEN_CLOSE;
		break;
	case '&':
		token->kind = NST_TOKEN_AND;
		break;
	case '|':
		token->kind = NST_TOKEN_OR;
		break;
	case '!':
		if (p + 1 == text->end || p[1] != '=') {
			token->kind = NST_TOKEN_NOT;
			break;
		}
		/* "!=" without a key */
		take_word(token, text);
		return;
	default:
		take_word(token, text);
		return;
	}
	/* "&&" and "||" are the same as one of them. */
	p += (*p == '&' || *p == '|') && p + 1 < text->end && p[1] == *p ? 2 : 1;
	token->text.end = p;
	text->start = p;
}

bool nst_token_line_has_or(struct nst_span text)
{
	bool goes_on = true;	/* a line cannot end here */
	struct nst_token token;
	unsigned int open = 0;

	for (;;) {
		nst_token_next(&token, &text);
		if (token.kind == NST_TOKEN_END || (token.breaks && !open && !goes_on))
			return false;
		if (token.kind == NST_TOKEN_OR && !open)
			return true;
		if (token.kind == NST_TOKEN_OPEN)
			open++;
		else if (token.kind == NST_TOKEN_CLOSE && open)
			open--;
		goes_on = token.kind == NST_TOKEN_AND || token.kind == NST_TOKEN_OR ||
			  token.kind == NST_TOKEN_NOT;
	}
}
