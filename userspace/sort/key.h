/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What rows are sorted by.
 */
#ifndef NETSTATE_SORT_KEY_H
#define NETSTATE_SORT_KEY_H

#include "options.h"
#include "table.h"

/* What a row is sorted by: two numbers, and of text all of it. */
struct nst_sort_key {
	bool is_there;		/* else the row is one of the last */
	u64 high;
	u64 low;
	struct nst_word text;
};

struct nst_sort_column;

const struct nst_sort_column *nst_sort_find(const char *name);
unsigned int nst_sort_needs(const struct nst_sort_column *column);
void nst_sort_key_make(struct nst_sort_key *key, const struct nst_sort_column *column,
		       const struct nst_row *row);

#endif /* NETSTATE_SORT_KEY_H */
