// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters: from text to plain data.
 *
 * The text is read twice: first only to see whether it is a filter, then into
 * the caller's struct, which so stays as it was if it is none.
 */
#include <netstate/filter.h>
#include <netstate/filter_keys.h>
#include <netstate/filter_value.h>
#include <netstate/glob.h>

/* A part of the text. */
struct span {
	const char *start;
	const char *end;
};

/*
 * struct parser - what has been read so far
 * @filter: where values, tests and patterns go; NULL to look for errors only
 * @key: of the current word
 * @last_names: the last word that narrowed @tables, @states or @owners
 * @show_word: the last word that chose columns, if there is one
 * @top_word: the last word that chose how many groups, if there is one
 * @netns_given: there is a word about network namespaces
 */
struct parser {
	struct nst_filter *filter;
	struct nst_filter_error *error;
	const char *text;
	enum nst_filter_key key;
	struct span last_names;
	struct span show_word;
	struct span top_word;
	u32 tables;
	u32 states;
	u32 owners;
	u32 show;
	struct nst_grouping group;
	bool proto_given;
	bool state_given;
	bool netns_given;
	unsigned int tests;
	unsigned int values;
	unsigned int patterns;
};

#define ALL_TABLES	(BIT(NST_TABLES) - 1)
#define TCP_TABLES	(BIT(NST_TCP) | BIT(NST_TCP6))
#define UDP_TABLES	(BIT(NST_UDP) | BIT(NST_UDP6))
#define UDPLITE_TABLES	(BIT(NST_UDPLITE) | BIT(NST_UDPLITE6))
#define RAW_TABLES	(BIT(NST_RAW) | BIT(NST_RAW6))
#define DEFAULT_TABLES	(TCP_TABLES | UDP_TABLES)
#define ALL_STATES	(BIT(NST_CLOSING + 1) - 1 + BIT(NST_BOUND))

static bool fail(struct parser *parser, enum nst_filter_reason reason, struct span part)
{
	parser->error->reason = reason;
	parser->error->key = parser->key;
	parser->error->offset = part.start - parser->text;
	parser->error->len = part.end - part.start;
	return false;
}

static enum nst_filter_kind kind(const struct parser *parser)
{
	return nst_filter_keys[parser->key].kind;
}

static bool parse_name(struct parser *parser, struct span part, u32 *names)
{
	const struct nst_filter_name *name =
		nst_filter_name_find(nst_filter_keys[parser->key].names, part.start,
				     part.end - part.start);

	if (!name)
		return fail(parser, NST_FILTER_BAD_NAME, part);
	*names |= name->bits;
	return true;
}

static enum nst_filter_reason parse_pattern(struct parser *parser,
					    struct nst_filter_value *value,
					    const char *text, size_t len)
{
	if (!nst_glob_valid(text, len))
		return NST_FILTER_BAD_PATTERN;
	if (len > NST_FILTER_PATTERNS - parser->patterns)
		return NST_FILTER_TOO_MUCH_PATTERN;
	value->start = parser->patterns;
	value->len = len;
	if (parser->filter)
		memcpy(parser->filter->patterns + parser->patterns, text, len);
	parser->patterns += len;
	return NST_FILTER_OK;
}

/* What is not all of them, such as "!=", needs a number. */
static bool is_all(const struct parser *parser, enum nst_filter_operator operator,
		   const char *text, size_t len)
{
	const struct nst_filter_name *names = nst_filter_keys[parser->key].names;

	return names && operator == NST_EQUAL && nst_filter_name_find(names, text, len);
}

static bool parse_value(struct parser *parser, enum nst_filter_operator operator,
			struct span part)
{
	u64 max = nst_filter_keys[parser->key].max;
	size_t len = part.end - part.start;
	struct nst_filter_value value;
	enum nst_filter_reason reason;

	if (parser->values == NST_FILTER_VALUES)
		return fail(parser, NST_FILTER_TOO_MANY, part);
	memset(&value, 0, sizeof(value));
	switch (kind(parser)) {
	case NST_KIND_ADDRESSES:
		reason = nst_filter_parse_addr(&value, part.start, len);
		break;
	case NST_KIND_PATTERNS:
		reason = parse_pattern(parser, &value, part.start, len);
		break;
	default:
		reason = NST_FILTER_OK;
		if (is_all(parser, operator, part.start, len))
			value.max = max;
		else
			reason = nst_filter_parse_numbers(&value, operator, max, part.start, len);
		break;
	}
	if (reason)
		return fail(parser, reason, part);
	if (parser->filter)
		parser->filter->value[parser->values] = value;
	parser->values++;
	return true;
}

/* Takes the first value off a list; in a pattern a backslash may hide a comma. */
static struct span next_value(const struct parser *parser, struct span *list)
{
	struct span part = { list->start, list->start };

	while (part.end < list->end && *part.end != ',') {
		if (kind(parser) == NST_KIND_PATTERNS && *part.end == '\\' &&
		    part.end + 1 < list->end)
			part.end++;
		part.end++;
	}
	list->start = part.end;
	return part;
}

/* Reads a list. Names are gathered in @names, other values go into the filter. */
static bool parse_list(struct parser *parser, enum nst_filter_operator operator,
		       struct span list, u32 *names)
{
	for (;;) {
		struct span part = next_value(parser, &list);

		if (part.start == part.end)
			return fail(parser, NST_FILTER_NO_VALUE, part);
		if (operator > NST_NOT_EQUAL && list.start < list.end)
			return fail(parser, NST_FILTER_ONE_VALUE, list);
		if (names) {
			if (!parse_name(parser, part, names))
				return false;
		} else if (!parse_value(parser, operator, part)) {
			return false;
		}
		if (list.start == list.end)
			return true;
		list.start++;	/* the comma */
	}
}

/* proto, family, state and owner leave only some of all sockets. */
static void narrow(struct parser *parser, u32 names, bool negate)
{
	if (negate)
		names = ~names;
	switch (parser->key) {
	case NST_KEY_PROTO:
		parser->proto_given |= !negate;
		parser->tables &= names;
		break;
	case NST_KEY_FAMILY:
		parser->tables &= names;
		break;
	case NST_KEY_STATE:
		parser->state_given |= !negate;
		parser->states &= names;
		break;
	default:
		parser->owners &= names;
		break;
	}
}

static bool parse_test(struct parser *parser, enum nst_filter_operator operator,
		       struct span list)
{
	struct nst_filter_test test = {
		.key = parser->key,
		.negate = operator == NST_NOT_EQUAL,
		.first = parser->values,
	};

	if (!parse_list(parser, operator, list, NULL))
		return false;
	test.values = parser->values - test.first;
	parser->netns_given |= parser->key == NST_KEY_NETNS;
	if (parser->filter)
		parser->filter->test[parser->tests] = test;
	parser->tests++;
	return true;
}

static bool parse_group(struct parser *parser, struct span list)
{
	const struct nst_filter_name *names = nst_filter_keys[parser->key].names;

	for (;; list.start++) {
		struct span part = next_value(parser, &list);
		enum nst_filter_reason reason = NST_FILTER_NO_VALUE;

		if (part.start < part.end)
			reason = nst_filter_parse_group(&parser->group, names, part.start,
							part.end - part.start);
		if (reason)
			return fail(parser, reason, part);
		if (list.start == list.end)
			return true;
	}
}

static bool parse_top(struct parser *parser, struct span part)
{
	struct nst_filter_value value;
	enum nst_filter_reason reason;

	if (part.start == part.end)
		return fail(parser, NST_FILTER_NO_VALUE, part);
	/* As after "<=": one number, not a range. */
	reason = nst_filter_parse_numbers(&value, NST_AT_MOST, nst_filter_keys[parser->key].max,
					  part.start, part.end - part.start);
	if (!reason && !value.max)
		reason = NST_FILTER_TOO_SMALL;
	if (reason)
		return fail(parser, reason, part);
	parser->group.top = value.max;
	return true;
}

/* Whether a word is about what is shown, not about which sockets. */
static bool chooses(const struct parser *parser)
{
	return kind(parser) == NST_KIND_COLUMNS || kind(parser) == NST_KIND_GROUPS ||
	       kind(parser) == NST_KIND_TOP;
}

/* Reads the operator that @rest begins with, and takes it off. */
static bool parse_operator(struct parser *parser, struct span *rest,
			   enum nst_filter_operator *operator)
{
	struct span part = { rest->start, rest->start + 1 };
	bool equal = part.end < rest->end && *part.end == '=';

	switch (*part.start) {
	case '<':
		*operator = equal ? NST_AT_MOST : NST_LESS;
		break;
	case '>':
		*operator = equal ? NST_AT_LEAST : NST_GREATER;
		break;
	case '!':
		if (!equal)
			return fail(parser, NST_FILTER_BAD_OPERATOR, part);
		*operator = NST_NOT_EQUAL;
		break;
	default:
		*operator = NST_EQUAL;
		equal = false;
		break;
	}
	part.end += equal;
	rest->start = part.end;
	if ((*operator > NST_NOT_EQUAL && kind(parser) != NST_KIND_NUMBERS) ||
	    (*operator != NST_EQUAL && chooses(parser)))
		return fail(parser, NST_FILTER_BAD_OPERATOR, part);
	return true;
}

static bool is_operator(char c)
{
	return c == '=' || c == '!' || c == '<' || c == '>';
}

static bool parse_word(struct parser *parser, struct span word)
{
	struct span key = { word.start, word.start };
	enum nst_filter_operator operator;
	struct span rest = word;
	u32 names = 0;

	while (key.end < word.end && !is_operator(*key.end))
		key.end++;
	if (key.end == word.end)
		return fail(parser, NST_FILTER_NO_OPERATOR, word);
	parser->key = nst_filter_key_find(key.start, key.end - key.start);
	if (parser->key == NST_KEY_NONE)
		return fail(parser, NST_FILTER_BAD_KEY, key);
	rest.start = key.end;
	if (!parse_operator(parser, &rest, &operator))
		return false;

	switch (kind(parser)) {
	case NST_KIND_NAMES:
		parser->last_names = word;
		if (!parse_list(parser, operator, rest, &names))
			return false;
		narrow(parser, names, operator == NST_NOT_EQUAL);
		return true;
	case NST_KIND_COLUMNS:
		parser->show_word = word;
		return parse_list(parser, operator, rest, &parser->show);
	case NST_KIND_GROUPS:
		return parse_group(parser, rest);
	case NST_KIND_TOP:
		parser->top_word = word;
		return parse_top(parser, rest);
	default:
		return parse_test(parser, operator, rest);
	}
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == '\0';
}

static bool parse_words(struct parser *parser, struct span text)
{
	while (text.start < text.end) {
		struct span word = { text.start, text.start };

		if (is_space(*text.start)) {
			text.start++;
			continue;
		}
		while (word.end < text.end && !is_space(*word.end))
			word.end++;
		text.start = word.end;
		parser->key = NST_KEY_NONE;
		if (!parse_word(parser, word))
			return false;
	}
	return true;
}

/* The tables whose rows may be in one of @states. */
static u32 tables_with(u32 states)
{
	u32 tables = 0;

	if (states & ~NST_FILTER_DGRAM)
		tables |= TCP_TABLES;
	if (states & (NST_FILTER_DGRAM | BIT(NST_ESTABLISHED) | BIT(NST_CLOSE)))
		tables |= UDP_TABLES | UDPLITE_TABLES;
	if (states & (NST_FILTER_DGRAM | BIT(NST_CLOSE)))
		tables |= RAW_TABLES;
	return tables;
}

static bool parse(struct parser *parser, struct span text)
{
	parser->tables = ALL_TABLES;
	parser->states = ALL_STATES;
	parser->owners = NST_FILTER_ANY_OWNER;
	parser->group.top = U32_MAX;
	if (!parse_words(parser, text))
		return false;

	if (!parser->proto_given)
		parser->tables &= DEFAULT_TABLES;
	parser->tables &= tables_with(parser->state_given ? parser->states :
				      parser->states & ~NST_FILTER_UNHASHED);
	parser->key = NST_KEY_NONE;
	if (parser->group.by[0] && parser->show_word.start)
		return fail(parser, NST_FILTER_GROUP_SHOWS, parser->show_word);
	if (!parser->group.by[0] && parser->top_word.start)
		return fail(parser, NST_FILTER_TOP_OF_WHAT, parser->top_word);
	if (!parser->group.by[0] && !parser->show_word.start)
		parser->show = NST_SHOW_PROGRAM;
	if (!parser->group.by[0] && parser->netns_given)
		parser->show |= NST_SHOW_NETNS;
	if (!parser->tables || !parser->owners)
		return fail(parser, NST_FILTER_NOTHING, parser->last_names);
	return true;
}

bool nst_filter_parse(struct nst_filter *filter, const char *text, size_t len,
		      struct nst_filter_error *error)
{
	struct parser check = { .error = error, .text = text };
	struct parser parser = { .error = error, .text = text, .filter = filter };
	struct span all = { text, text + len };

	memset(error, 0, sizeof(*error));
	if (len > NST_FILTER_MAX)
		return fail(&check, NST_FILTER_TEXT_TOO_LONG, all);
	if (!parse(&check, all))
		return false;

	memset(filter, 0, sizeof(*filter));
	parse(&parser, all);
	filter->tables = parser.tables;
	filter->states = parser.states;
	filter->owners = parser.owners;
	filter->unhashed = parser.state_given && parser.states & NST_FILTER_UNHASHED;
	filter->show = parser.show;
	filter->group = parser.group;
	filter->tests = parser.tests;
	return true;
}

void nst_filter_clear(struct nst_filter *filter)
{
	struct nst_filter_error error;

	nst_filter_parse(filter, "", 0, &error);
}
