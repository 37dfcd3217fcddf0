// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters: from text to plain data.
 *
 * The text is read twice: first only to see whether it is a filter, then into
 * the caller's struct, which so stays as it was if it is none.
 */
#include <netstate/filter.h>
#include <netstate/filter_expr.h>
#include <netstate/filter_keys.h>
#include <netstate/filter_token.h>
#include <netstate/filter_value.h>
#include <netstate/glob.h>

/*
 * struct parser - what has been read so far
 * @filter: where values, tests and patterns go; NULL to look for errors only
 * @key: of the current word
 * @expr: what has "or" or parentheses
 * @only_and: whether there is no "or" in the line, outside of parentheses
 * @operand: whether "and" and "or" can follow
 * @pending: the operator that waits for what comes after it; empty if none does
 * @last: the last part that was read
 * @asked_tables: tables that words in the expression name
 * @asked_states: states that they name
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
	struct nst_expr expr;
	bool only_and;
	bool operand;
	struct nst_span pending;
	struct nst_span last;
	u32 asked_tables;
	u32 asked_states;
	struct nst_span last_names;
	struct nst_span show_word;
	struct nst_span top_word;
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

static bool fail(struct parser *parser, enum nst_filter_reason reason, struct nst_span part)
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

static bool parse_name(struct parser *parser, struct nst_span part, u32 *names)
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
	if (parser->key == NST_KEY_COMM)
		len = nst_glob_cut(text, len, NST_COMM_SIZE - 1);
	if (len > NST_FILTER_PATTERNS - parser->patterns)
		return NST_FILTER_TOO_MUCH_PATTERN;
	value->start = parser->patterns;
	value->len = len;
	if (parser->filter)
		memcpy(parser->filter->patterns + parser->patterns, text, len);
	parser->patterns += len;
	return NST_FILTER_OK;
}

/* A name that stands for a number. */
static enum nst_filter_reason parse_word_value(const struct parser *parser,
					       struct nst_filter_value *value,
					       struct nst_span part)
{
	const struct nst_filter_name *name =
		nst_filter_name_find(nst_filter_keys[parser->key].names, part.start,
				     part.end - part.start);

	if (!name)
		return NST_FILTER_BAD_NAME;
	value->min = name->bits;
	value->max = name->bits;
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
			struct nst_span part)
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
	case NST_KIND_WORDS:
		reason = parse_word_value(parser, &value, part);
		break;
	default:
		reason = NST_FILTER_OK;
		if (is_all(parser, operator, part.start, len))
			value.max = max;
		else
			reason = nst_filter_parse_numbers(&value, operator, max,
							  nst_filter_keys[parser->key].unit,
							  part.start, len);
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
static struct nst_span next_value(const struct parser *parser, struct nst_span *list)
{
	struct nst_span part = { list->start, list->start };

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
		       struct nst_span list, u32 *names)
{
	for (;;) {
		struct nst_span part = next_value(parser, &list);

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

/* Whether a word may be an operand of the filter itself: all of those must hold. */
static bool is_outside(struct parser *parser)
{
	return parser->expr.depth == 1 && parser->only_and;
}

static bool add_step(struct parser *parser, const struct nst_filter_step *step,
		     struct nst_span word)
{
	enum nst_filter_reason reason = nst_expr_add(&parser->expr, step);

	return !reason || fail(parser, reason, word);
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

/* The same, within an expression. */
static bool parse_names_step(struct parser *parser, u32 names, bool negate, struct nst_span word)
{
	struct nst_filter_step step = { .names = negate ? ~names : names };

	switch (parser->key) {
	case NST_KEY_PROTO:
		parser->asked_tables |= negate ? 0 : names;
		step.op = NST_OP_TABLES;
		break;
	case NST_KEY_FAMILY:
		step.op = NST_OP_TABLES;
		break;
	case NST_KEY_STATE:
		parser->asked_states |= negate ? 0 : names;
		step.op = NST_OP_STATES;
		break;
	default:
		step.op = NST_OP_OWNERS;
		break;
	}
	return add_step(parser, &step, word);
}

static bool parse_names(struct parser *parser, const struct nst_token *token,
			struct nst_span list, bool negate)
{
	u32 names = 0;

	if (!parse_list(parser, NST_EQUAL, list, &names))
		return false;
	if (!is_outside(parser))
		return parse_names_step(parser, names, negate, token->text);
	parser->last_names = token->text;
	narrow(parser, names, negate);
	return true;
}

static bool parse_test(struct parser *parser, enum nst_filter_operator operator,
		       const struct nst_token *token, struct nst_span list, bool negate)
{
	struct nst_filter_step step = {
		.op = NST_OP_TEST,
		.test = {
			.key = parser->key,
			.negate = negate,
			.first = parser->values,
		},
	};

	if (!parse_list(parser, operator, list, NULL))
		return false;
	step.test.values = parser->values - step.test.first;
	parser->netns_given |= parser->key == NST_KEY_NETNS;
	if (!is_outside(parser))
		return add_step(parser, &step, token->text);
	if (parser->filter)
		parser->filter->test[parser->tests] = step.test;
	parser->tests++;
	return true;
}

static bool parse_group(struct parser *parser, struct nst_span list)
{
	const struct nst_filter_name *names = nst_filter_keys[parser->key].names;

	for (;; list.start++) {
		struct nst_span part = next_value(parser, &list);
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

static bool parse_top(struct parser *parser, struct nst_span part)
{
	struct nst_filter_value value;
	enum nst_filter_reason reason;

	if (part.start == part.end)
		return fail(parser, NST_FILTER_NO_VALUE, part);
	/* As after "<=": one number, not a range. */
	reason = nst_filter_parse_numbers(&value, NST_AT_MOST, nst_filter_keys[parser->key].max,
					  1, part.start, part.end - part.start);
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

/* Finds the operator of a word. */
static bool parse_operator(struct parser *parser, const struct nst_token *token,
			   enum nst_filter_operator *operator)
{
	static const struct nst_filter_name names[] = {
		{ "=",	NST_EQUAL },		{ "==",	NST_EQUAL },
		{ "!=",	NST_NOT_EQUAL },	{ "<",	NST_LESS },
		{ "<=",	NST_AT_MOST },		{ ">",	NST_GREATER },
		{ ">=",	NST_AT_LEAST },		{ "",	NST_EQUAL },
		{ "eq",	NST_EQUAL },		{ "ne",	NST_NOT_EQUAL },
		{ "neq", NST_NOT_EQUAL },	{ "lt",	NST_LESS },
		{ "le",	NST_AT_MOST },		{ "leq", NST_AT_MOST },
		{ "gt",	NST_GREATER },		{ "ge",	NST_AT_LEAST },
		{ "geq", NST_AT_LEAST },	{}
	};
	const struct nst_span *part = &token->operator;
	const struct nst_filter_name *name;

	name = nst_filter_name_find(names, part->start, part->end - part->start);
	if (!name)
		return fail(parser, NST_FILTER_BAD_OPERATOR, *part);
	*operator = name->bits;
	if ((*operator > NST_NOT_EQUAL && kind(parser) != NST_KIND_NUMBERS) ||
	    (*operator != NST_EQUAL && chooses(parser)))
		return fail(parser, NST_FILTER_BAD_OPERATOR, *part);
	return true;
}

/* As ss has it: ":443" is a port, also where an address may be. */
static struct nst_span skip_colon(struct parser *parser, struct nst_span list)
{
	bool port = list.end - list.start > 1 && *list.start == ':' && list.start[1] != ':';

	if (port && parser->key == NST_KEY_LADDR)
		parser->key = NST_KEY_LPORT;
	else if (port && parser->key == NST_KEY_RADDR)
		parser->key = NST_KEY_RPORT;
	list.start += port && (parser->key == NST_KEY_LPORT || parser->key == NST_KEY_RPORT ||
			       parser->key == NST_KEY_PORT);
	return list;
}

/* Reads a word about which sockets are meant. */
static bool parse_operand(struct parser *parser, enum nst_filter_operator operator,
			  const struct nst_token *token)
{
	struct nst_expr_frame *frame = nst_expr_top(&parser->expr);
	bool negate = frame->negate != (operator == NST_NOT_EQUAL);
	bool read;

	if (kind(parser) == NST_KIND_NAMES)
		read = parse_names(parser, token, token->list, negate);
	else
		read = parse_test(parser, operator, token, skip_colon(parser, token->list), negate);
	frame->negate = frame->negate_all;
	parser->operand = true;
	parser->pending = (struct nst_span){};
	return read;
}

static bool parse_word(struct parser *parser, const struct nst_token *token)
{
	const struct nst_span *key = &token->key;
	enum nst_filter_operator operator;

	if (!token->has_operator)
		return fail(parser, NST_FILTER_NO_OPERATOR, token->text);
	parser->key = nst_filter_key_find(key->start, key->end - key->start);
	if (parser->key == NST_KEY_NONE)
		return fail(parser, NST_FILTER_BAD_KEY, *key);
	if (!parse_operator(parser, token, &operator))
		return false;
	if (!chooses(parser))
		return parse_operand(parser, operator, token);
	if (parser->expr.depth > 1 || parser->pending.start)
		return fail(parser, NST_FILTER_SHOWN_INSIDE, token->text);

	switch (kind(parser)) {
	case NST_KIND_COLUMNS:
		parser->show_word = token->text;
		return parse_list(parser, operator, token->list, &parser->show);
	case NST_KIND_GROUPS:
		return parse_group(parser, token->list);
	default:
		parser->top_word = token->text;
		return parse_top(parser, token->list);
	}
}

static bool parse_between(struct parser *parser, const struct nst_token *token)
{
	enum nst_filter_reason reason = NST_FILTER_OK;

	if (!parser->operand)
		return fail(parser, NST_FILTER_NO_OPERAND,
			    parser->pending.start ? parser->pending : token->text);
	if (token->kind == NST_TOKEN_OR)
		reason = nst_expr_or(&parser->expr);
	parser->operand = false;
	parser->pending = token->text;
	return !reason || fail(parser, reason, token->text);
}

static bool parse_close(struct parser *parser, const struct nst_token *token)
{
	enum nst_filter_reason reason;

	if (!parser->operand)
		return fail(parser, NST_FILTER_NO_OPERAND,
			    parser->pending.start ? parser->pending : token->text);
	if (parser->expr.depth == 1)
		return fail(parser, NST_FILTER_NOT_OPENED, token->text);
	reason = nst_expr_close(&parser->expr);
	return !reason || fail(parser, reason, token->text);
}

static bool parse_token(struct parser *parser, const struct nst_token *token)
{
	struct nst_expr_frame *frame = nst_expr_top(&parser->expr);
	enum nst_filter_reason reason;

	parser->key = NST_KEY_NONE;
	switch (token->kind) {
	case NST_TOKEN_AND:
	case NST_TOKEN_OR:
		return parse_between(parser, token);
	case NST_TOKEN_NOT:
		frame->negate = !frame->negate;
		parser->operand = false;
		parser->pending = token->text;
		return true;
	case NST_TOKEN_OPEN:
		reason = nst_expr_open(&parser->expr, token->text);
		parser->operand = false;
		parser->pending = (struct nst_span){};
		return !reason || fail(parser, reason, token->text);
	case NST_TOKEN_CLOSE:
		return parse_close(parser, token);
	default:
		return parse_word(parser, token);
	}
}

/* Begins a line that is not empty. */
static void begin_line(struct parser *parser, struct nst_span text)
{
	parser->only_and = !nst_token_line_has_or(text);
	parser->operand = false;
	nst_expr_open(&parser->expr, (struct nst_span){});	/* the first frame: there is room */
}

static bool end_line(struct parser *parser)
{
	enum nst_filter_reason reason;

	parser->key = NST_KEY_NONE;
	if (parser->pending.start)
		return fail(parser, NST_FILTER_NO_OPERAND, parser->pending);
	if (parser->expr.depth > 1)
		return fail(parser, NST_FILTER_NOT_CLOSED,
			    nst_expr_top(&parser->expr)->open);
	reason = nst_expr_close(&parser->expr);
	return !reason || fail(parser, reason, parser->last);
}

static bool parse_lines(struct parser *parser, struct nst_span text)
{
	struct nst_span rest = text;
	struct nst_token token;

	for (nst_token_next(&token, &rest); token.kind != NST_TOKEN_END;
	     nst_token_next(&token, &rest)) {
		if (token.breaks && parser->expr.depth == 1 && !parser->pending.start &&
		    !end_line(parser))
			return false;
		if (!parser->expr.depth)
			begin_line(parser, (struct nst_span){ token.text.start, text.end });
		parser->last = token.text;
		if (!parse_token(parser, &token))
			return false;
	}
	return !parser->expr.depth || end_line(parser);
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

static bool parse(struct parser *parser, struct nst_span text)
{
	parser->tables = ALL_TABLES;
	parser->states = ALL_STATES;
	parser->owners = NST_FILTER_ANY_OWNER;
	parser->group.top = U32_MAX;
	if (!parse_lines(parser, text))
		return false;

	if (!parser->proto_given)
		parser->tables &= DEFAULT_TABLES | parser->asked_tables;
	/* Of the states that nobody sees unless asked, those that are. */
	if (!parser->state_given && parser->asked_states & NST_FILTER_UNHASHED) {
		parser->states &= ~NST_FILTER_UNHASHED | parser->asked_states;
		parser->state_given = true;
	}
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

/*
 * Where the expression is to be asked before all is known. By table and state alone it is
 * asked once, for all sockets (prefilter.c); the tuple is looked at without the state.
 */
static void add_stages(struct nst_filter *filter)
{
	bool tuple = false, details = false, states = false;
	unsigned int i;

	for (i = 0; i < filter->steps; i++) {
		const struct nst_filter_step *step = &filter->step[i];

		if (step->op == NST_OP_TEST) {
			tuple |= !!(NST_FILTER_TUPLE_KEYS & BIT_ULL(step->test.key));
			details |= !!(NST_FILTER_DETAIL_KEYS & BIT_ULL(step->test.key));
		}
		states |= step->op == NST_OP_STATES;
		details |= step->op == NST_OP_OWNERS && nst_filter_tells_fates(step->names);
	}
	if (tuple)
		filter->test[filter->tests++] = (struct nst_filter_test){
			.key = NST_KEY_AT_TUPLE, .values = 1,
		};
	if (details || (tuple && states))
		filter->test[filter->tests++] = (struct nst_filter_test){
			.key = NST_KEY_AT_DETAILS, .values = 1,
		};
}

bool nst_filter_parse(struct nst_filter *filter, const char *text, size_t len,
		      struct nst_filter_error *error)
{
	struct parser parser = { .error = error, .text = text };
	struct nst_span all = { text, text + len };

	memset(error, 0, sizeof(*error));
	if (len > NST_FILTER_MAX)
		return fail(&parser, NST_FILTER_TEXT_TOO_LONG, all);
	if (!parse(&parser, all))
		return false;

	memset(filter, 0, sizeof(*filter));
	memset(&parser, 0, sizeof(parser));
	parser.error = error;
	parser.text = text;
	parser.filter = filter;
	parser.expr.step = filter->step;
	parse(&parser, all);
	filter->tables = parser.tables;
	filter->states = parser.states;
	filter->owners = parser.owners;
	filter->unhashed = parser.state_given && parser.states & NST_FILTER_UNHASHED;
	filter->show = parser.show;
	filter->group = parser.group;
	filter->tests = parser.tests;
	filter->steps = parser.expr.steps;
	add_stages(filter);
	return true;
}

void nst_filter_clear(struct nst_filter *filter)
{
	struct nst_filter_error error;

	nst_filter_parse(filter, "", 0, &error);
}
