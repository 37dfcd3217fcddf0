// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sockets of a group.
 */
#include <stdio.h>
#include <stdlib.h>

#include "beside/grow.h"
#include "fail.h"
#include "top/listing.h"
#include "top/opening.h"

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
 * nst_listing_needs_detail() - whether rows need their words at the end to be chosen
 * @listing: whose
 *
 * Return: whether "show=more" is needed.
 */
bool nst_listing_needs_detail(const struct nst_listing *listing)
{
	return nst_opening_is_by_detail(listing->by[0]) || nst_opening_is_by_detail(listing->by[1]);
}

static bool is_wanted(const struct nst_listing *listing, const struct nst_row *row)
{
	int i;

	for (i = 0; i < NST_GROUP_KEYS; i++)
		if (nst_opening_is_by_detail(listing->by[i]) &&
		    !nst_opening_matches(listing->by[i], listing->key.part[i], row))
			return false;
	return true;
}

static void forget_rows(struct nst_listing *listing)
{
	while (listing->rows)
		free(listing->row[--listing->rows]);
}

static bool add(struct nst_listing *listing, struct nst_word line)
{
	if (!nst_grow(&listing->row, listing->rows, &listing->space, sizeof(*listing->row)))
		return false;
	listing->row[listing->rows] = strndup(line.start, line.len);
	return listing->row[listing->rows++] || nst_no_memory();
}

/**
 * nst_listing_read() - read a table
 * @listing: where to; rows that are read before reading fails stay
 * @source: the table, at its start
 *
 * Return: whether it was read.
 */
bool nst_listing_read(struct nst_listing *listing, struct nst_source *source)
{
	static struct nst_reading reading;
	struct nst_row row;

	if (!nst_reading_begin(&reading, source, NULL))
		return false;
	if (reading.grouped)
		return nst_fail(NST_EXIT_IO, "%s: groups, where sockets were asked for", source->path);
	nst_format_columns(listing->head, reading.show)[-1] = '\0';	/* the newline */
	forget_rows(listing);
	listing->cut = false;
	while (!listing->cut && nst_reading_row(&reading, &row)) {
		if (!is_wanted(listing, &row))
			continue;
		listing->cut = listing->rows == NST_LISTING_MAX;
		if (!listing->cut && !add(listing, row.line))
			return false;
	}
	return !nst_trouble();
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
