// SPDX-License-Identifier: GPL-2.0-only
/*
 * The values that filters compare with.
 */
#include <netstate/addr.h>
#include <netstate/filter_value.h>

/* Where the first @c is, or the end. */
static const char *find(const char *p, const char *end, char c)
{
	while (p < end && *p != c)
		p++;
	return p;
}

static enum nst_filter_reason add_digit(u64 *number, u64 max, char c)
{
	unsigned int digit = c - '0';

	if (digit > 9)
		return NST_FILTER_BAD_NUMBER;
	if (*number > ~0ULL / 10 || *number * 10 > max - digit)
		return NST_FILTER_TOO_LARGE;
	*number = *number * 10 + digit;
	return NST_FILTER_OK;
}

static enum nst_filter_reason parse_number(u64 *number, u64 max, const char *p, const char *end)
{
	enum nst_filter_reason reason = NST_FILTER_OK;

	if (p == end)
		return NST_FILTER_BAD_NUMBER;
	for (*number = 0; p < end && !reason; p++)
		reason = add_digit(number, max, *p);
	return reason;
}

/* A number with as many decimals as @unit has noughts, or fewer, in that unit. */
static enum nst_filter_reason parse_fraction(u64 *number, u64 max, u32 unit, const char *p,
					     const char *end)
{
	const char *point = unit > 1 ? find(p, end, '.') : end;
	enum nst_filter_reason reason = parse_number(number, max, p, point);
	const char *digit = point < end ? point + 1 : end;

	if (point < end && digit == end)
		return NST_FILTER_BAD_NUMBER;
	for (; unit > 1 && !reason; unit /= 10)
		reason = add_digit(number, max, digit < end ? *digit++ : '0');
	return !reason && digit < end ? NST_FILTER_BAD_NUMBER : reason;
}

static enum nst_filter_reason parse_range(struct nst_filter_value *value, u64 max, u32 unit,
					  const char *text, const char *dash, const char *end)
{
	enum nst_filter_reason reason;

	reason = parse_fraction(&value->min, max, unit, text, dash);
	if (reason)
		return reason;
	reason = parse_fraction(&value->max, max, unit, dash + 1, end);
	if (reason)
		return reason;
	return value->max < value->min ? NST_FILTER_BACKWARDS : NST_FILTER_OK;
}

enum nst_filter_reason nst_filter_parse_numbers(struct nst_filter_value *value,
						enum nst_filter_operator operator, u64 max,
						u32 unit, const char *text, size_t len)
{
	const char *end = text + len;
	const char *dash = find(text, end, '-');
	enum nst_filter_reason reason;
	u64 number;

	if (dash < end) {
		if (operator > NST_NOT_EQUAL)
			return NST_FILTER_ONE_VALUE;
		return parse_range(value, max, unit, text, dash, end);
	}
	reason = parse_fraction(&number, max, unit, text, end);
	if (reason)
		return reason;

	value->min = 0;
	value->max = max;
	switch (operator) {
	case NST_LESS:
		if (!number)
			return NST_FILTER_TOO_SMALL;
		value->max = number - 1;
		break;
	case NST_AT_MOST:
		value->max = number;
		break;
	case NST_GREATER:
		if (number == max)
			return NST_FILTER_TOO_LARGE;
		value->min = number + 1;
		break;
	case NST_AT_LEAST:
		value->min = number;
		break;
	default:
		value->min = number;
		value->max = number;
		break;
	}
	return NST_FILTER_OK;
}

/* Reads "/24", or nothing, which stands for all bits. */
static bool parse_prefix(u8 *prefix, unsigned int bits, const char *slash, const char *end)
{
	u64 number = bits;

	if (slash < end && parse_number(&number, bits, slash + 1, end))
		return false;
	*prefix = number;
	return true;
}

enum nst_filter_reason nst_filter_parse_addr(struct nst_filter_value *value,
					     const char *text, size_t len)
{
	const char *end = text + len;
	const char *slash = find(text, end, '/');
	u8 addr4[4];

	value->ipv4 = nst_addr4_parse(text, slash - text, addr4);
	if (value->ipv4) {
		if (!parse_prefix(&value->prefix, 32, slash, end))
			return NST_FILTER_BAD_PREFIX;
		nst_addr6_map_v4(value->addr, addr4);
		value->prefix += 96;
		return NST_FILTER_OK;
	}
	if (!nst_addr6_parse(text, slash - text, value->addr))
		return NST_FILTER_BAD_ADDRESS;
	if (!parse_prefix(&value->prefix, 128, slash, end))
		return NST_FILTER_BAD_PREFIX;
	return NST_FILTER_OK;
}

enum nst_filter_reason nst_filter_parse_group(struct nst_grouping *grouping,
					      const struct nst_filter_name *names,
					      const char *text, size_t len)
{
	const char *end = text + len;
	const char *slash = find(text, end, '/');
	const struct nst_filter_name *name = nst_filter_name_find(names, text, slash - text);
	u8 prefix;
	int i = 0;

	if (!name)
		return NST_FILTER_BAD_NAME;
	if (!parse_prefix(&prefix, 128, slash, end) ||
	    (slash < end && name->bits != NST_BY_RADDR))
		return NST_FILTER_BAD_PREFIX;
	while (i < NST_GROUP_KEYS && grouping->by[i])
		i++;
	if (i == NST_GROUP_KEYS)
		return NST_FILTER_TOO_MANY_GROUPS;

	grouping->by[i] = name->bits;
	grouping->prefix[i] = prefix;
	return NST_FILTER_OK;
}
