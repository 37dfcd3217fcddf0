/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The words that filters are made of.
 */
#ifndef NETSTATE_FILTER_KEYS_H
#define NETSTATE_FILTER_KEYS_H

#include <netstate/filter.h>

/**
 * enum nst_filter_kind - what the values of a key are
 */
enum nst_filter_kind {
	NST_KIND_NAMES,
	NST_KIND_COLUMNS,
	NST_KIND_NUMBERS,
	NST_KIND_WORDS,
	NST_KIND_ADDRESSES,
	NST_KIND_PATTERNS,
	NST_KIND_GROUPS,
	NST_KIND_TOP,
};

/**
 * struct nst_filter_name - a name that a key can have as value
 * @name: as it is best spelt
 * @bits: what it stands for: tables, states, owners or columns; an enum nst_group_by,
 *	nst_timer, nst_dir
 */
struct nst_filter_name {
	const char *name;
	u32 bits;
};

/**
 * struct nst_filter_key_info - what can be said about something
 * @name: the key
 * @kind: what its values are
 * @names: their names, up to one that is NULL; for numbers, what stands for all of
 *	them; else NULL
 * @unit: of numbers that may have decimals: how many of what is compared make one
 * @max: the largest number
 */
struct nst_filter_key_info {
	const char *name;
	enum nst_filter_kind kind;
	const struct nst_filter_name *names;
	u32 unit;
	u64 max;
};

/* By enum nst_filter_key, from NST_KEY_FIRST on. */
extern const struct nst_filter_key_info nst_filter_keys[NST_KEYS];

/**
 * nst_filter_key_find() - look up a key
 * @text: its name, not terminated
 * @len: the length of it
 *
 * Return: the key, or NST_KEY_NONE.
 */
enum nst_filter_key nst_filter_key_find(const char *text, size_t len);

/**
 * nst_filter_name_find() - look up a name, however it is spelt
 * @names: the names of a key
 * @text: the name, not terminated; case, "-" and "_" don't count
 * @len: the length of it
 *
 * Return: the entry of @names, or NULL.
 */
const struct nst_filter_name *nst_filter_name_find(const struct nst_filter_name *names,
						   const char *text, size_t len);

#endif /* NETSTATE_FILTER_KEYS_H */
