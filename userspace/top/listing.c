// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sockets of a group.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../fail.h"
#include "listing.h"
#include "opening.h"

/**
 * nst_listing_choose() - decide whose sockets are to be listed
 * @listing: the list, empty
 * @ranking: the groups
 * @group: one of them
 */
void nst_listing_choose(struct nst_listing *listing, const struct nst_ranking *ranking,
			const struct nst_ranked *group)
{
	unsigned int i;

	memset(listing, 0, sizeof(*listing));
	listing->key = group->key;
	for (i = 0; i < ranking->head.keys; i++)
		strcpy(listing->by[i], ranking->head.name[i]);
}

/**
 * nst_listing_words() - write the words that choose them
 * @listing: whose
 * @out: where to
 *
 * Return: false if the group cannot be chosen.
 */
bool nst_listing_words(const struct nst_listing *listing, FILE *out)
{
	int i;

	for (i = 0; i < NST_GROUP_KEYS && *listing->by[i]; i++)
		if (!nst_opening_words(out, listing->by[i], listing->key.part[i]))
			return false;
	return true;
}

/**
 * nst_listing_needs_more() - whether rows need their words at the end to be chosen
 * @listing: whose
 *
 * Return: whether "show=more" is needed.
 */
bool nst_listing_needs_more(const struct nst_listing *listing)
{
	return nst_opening_is_by_more(listing->by[0]) || nst_opening_is_by_more(listing->by[1]);
}

static bool is_wanted(const struct nst_listing *listing, const struct nst_row *row)
{
	int i;

	for (i = 0; i < NST_GROUP_KEYS; i++)
		if (nst_opening_is_by_more(listing->by[i]) &&
		    !nst_opening_matches(listing->by[i], listing->key.part[i], row))
			return false;
	return true;
}

static void forget_rows(struct nst_listing *listing)
{
	while (listing->rows)
		free(listing->row[--listing->rows]);
}

static void add(struct nst_listing *listing, struct nst_word line)
{
	if (listing->rows == listing->room) {
		listing->room = listing->room ? listing->room * 2 : 64;
		listing->row = reallocarray(listing->row, listing->room, sizeof(*listing->row));
		if (!listing->row)
			nst_die(NST_EXIT_IO, "out of memory");
	}
	listing->row[listing->rows] = strndup(line.start, line.len);
	if (!listing->row[listing->rows++])
		nst_die(NST_EXIT_IO, "out of memory");
}

/**
 * nst_listing_read() - read a table
 * @listing: where to; rows that are read before reading fails stay
 * @source: the table, at its start, patient; has its trouble if reading fails
 *
 * Return: whether it was read.
 */
bool nst_listing_read(struct nst_listing *listing, struct nst_source *source)
{
	struct nst_word line;
	struct nst_row row;
	unsigned int show;

	if (!nst_source_line(source, &line) || !nst_source_line(source, &line) ||
	    !nst_table_parse_head(&show, line))
		return false;
	snprintf(listing->head, sizeof(listing->head), "%.*s", (int)line.len, line.start);
	forget_rows(listing);
	listing->cut = false;
	while (!listing->cut && nst_source_line(source, &line)) {
		if (!nst_table_parse_row(&row, show, line) || !is_wanted(listing, &row))
			continue;
		listing->cut = listing->rows == NST_LISTING_MAX;
		if (!listing->cut)
			add(listing, line);
	}
	return !*source->trouble;
}

/**
 * nst_listing_free() - forget all
 * @listing: the list
 */
void nst_listing_free(struct nst_listing *listing)
{
	forget_rows(listing);
	free(listing->row);
	memset(listing, 0, sizeof(*listing));
}
