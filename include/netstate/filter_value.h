/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The values that filters compare with.
 */
#ifndef NETSTATE_FILTER_VALUE_H
#define NETSTATE_FILTER_VALUE_H

#include <netstate/filter.h>
#include <netstate/filter_keys.h>

/**
 * enum nst_filter_operator - how a word compares
 */
enum nst_filter_operator {
	NST_EQUAL,
	NST_NOT_EQUAL,
	NST_LESS,
	NST_AT_MOST,
	NST_GREATER,
	NST_AT_LEAST,
};

/**
 * nst_filter_parse_numbers() - read a number or a range
 * @value: where to write the numbers that match
 * @operator: the word's; NST_NOT_EQUAL is left to the caller, and the same as
 *	NST_EQUAL here
 * @max: the largest number that makes sense
 * @unit: a power of ten: the text may have so many decimals, and is multiplied by it
 * @text: the text, not terminated
 * @len: its length
 *
 * Return: NST_FILTER_OK, or what is wrong; @value may have been written then.
 */
enum nst_filter_reason nst_filter_parse_numbers(struct nst_filter_value *value,
						enum nst_filter_operator operator, u64 max,
						u32 unit, const char *text, size_t len);

/**
 * nst_filter_parse_addr() - read an address with or without a prefix length
 * @value: where to write the addresses that match
 * @text: the text, not terminated
 * @len: its length
 *
 * Return: NST_FILTER_OK, or what is wrong; @value may have been written then.
 */
enum nst_filter_reason nst_filter_parse_addr(struct nst_filter_value *value,
					     const char *text, size_t len);

/**
 * nst_filter_parse_group() - read what to group by
 * @grouping: where to add it
 * @names: what there is
 * @text: the text, not terminated
 * @len: its length
 *
 * Return: NST_FILTER_OK, or what is wrong; @grouping is as it was then.
 */
enum nst_filter_reason nst_filter_parse_group(struct nst_grouping *grouping,
					      const struct nst_filter_name *names,
					      const char *text, size_t len);

#endif /* NETSTATE_FILTER_VALUE_H */
