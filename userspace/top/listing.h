/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sockets of a group.
 */
#ifndef NETSTATE_TOP_LISTING_H
#define NETSTATE_TOP_LISTING_H

#include "reading.h"
#include "top/ranking.h"

#define NST_LISTING_MAX 10000	/* more rows than anybody reads */

/**
 * struct nst_listing - rows of the table
 * @by: what their group is by
 * @key: which group it is
 * @head: line 2 of the table
 * @row: the rows, allocated
 * @rows: how many
 * @space: how many there is space for
 * @cut: there are more
 */
struct nst_listing {
	char by[NST_GROUP_KEYS][16];
	struct nst_rank_key key;
	char head[NST_HEAD_MAX];
	char **row;
	size_t rows;
	size_t space;
	bool cut;
};

void nst_listing_choose(struct nst_listing *listing, const struct nst_ranking *ranking,
			const struct nst_ranked *group);
bool nst_listing_words(const struct nst_listing *listing, FILE *out);
bool nst_listing_needs_detail(const struct nst_listing *listing);
bool nst_listing_read(struct nst_listing *listing, struct nst_source *source);
void nst_listing_free(struct nst_listing *listing);

#endif /* NETSTATE_TOP_LISTING_H */
