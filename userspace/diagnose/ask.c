// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions to the kernel module, one read each: it chooses and counts, so that memory and time
 * here are for the answer only. Functions that return false have come to the end of the
 * answer, or have recorded an error: nst_trouble() tells them apart.
 */
#include <stdarg.h>

#include "diagnose/ask.h"
#include "fail.h"

static struct nst_source source;	/* holds a large buffer */
static struct nst_reading reading;
static bool is_open;
static bool was_incomplete;
static bool were_hidden;

/* Asks for the rows or groups of a filter. */
bool nst_ask(const char *format, ...)
{
	char filter[256];
	va_list args;

	va_start(args, format);
	vsnprintf(filter, sizeof(filter), format, args);
	va_end(args);
	is_open = is_open || nst_source_open(&source, true);
	if (!is_open)
		return false;
	if (!source.filters)
		return nst_fail(NST_EXIT_IO, "%s must be writable, to be asked", source.path);
	if (!nst_source_filter(&source, filter) || !nst_source_rewind(&source) ||
	    !nst_reading_begin(&reading, &source, NULL))
		return false;
	was_incomplete |= reading.incomplete;
	were_hidden |= reading.hidden;
	return true;
}

bool nst_ask_row(struct nst_row *row)
{
	return !reading.grouped ? nst_reading_row(&reading, row) :
				  nst_fail(NST_EXIT_IO, "%s: groups in place of rows", source.path);
}

/* Reads the columns of the next group; there are NST_GROUP_COLUMNS at most. */
bool nst_ask_group(struct nst_word *column)
{
	struct nst_word line;

	return reading.grouped ? nst_reading_group(&reading, &line, column) :
				 nst_fail(NST_EXIT_IO, "%s: rows in place of groups", source.path);
}

/* The number in a column of a group; 0 if there is no such column. */
u64 nst_ask_column(const struct nst_word *column, const char *name)
{
	u64 number = 0;
	unsigned int i;

	for (i = reading.groups.keys; i < reading.groups.columns; i++)
		if (!strcmp(reading.groups.name[i], name))
			nst_word_number(column[i], ~0ULL, &number);
	return number;
}

/* Whether a group is all that the module did not tell apart; that is recorded. */
bool nst_ask_is_rest(const struct nst_word *column)
{
	return nst_word_is(column[0], "(other)") &&
	       !nst_fail(NST_EXIT_IO, "the module did not tell all groups apart; see its parameter groups_max");
}

/* Whether nothing was left out of the answers since this was asked last. */
bool nst_ask_was_complete(void)
{
	bool was_complete = !was_incomplete;

	was_incomplete = false;
	return was_complete;
}

/* Whether owners were hidden from any answer. */
bool nst_ask_hid_owners(void)
{
	return were_hidden;
}

/* Reads the number of a word of show=more; false if the row has none. */
bool nst_row_number(const struct nst_row *row, const char *key, u64 *number)
{
	return nst_word_number(nst_word_value(row->detail, key), ~0ULL, number);
}

/* For how many seconds nothing has come or gone; 0 if that is not known. */
u64 nst_row_idle(const struct nst_row *row)
{
	struct nst_word seconds = nst_word_value(row->detail, "idle"), rest;
	u64 number;

	nst_word_split(seconds, '.', &seconds, &rest);
	return nst_word_number(seconds, ~0ULL, &number) ? number : 0;
}

/* Reads how many connections may wait at a listener; row->sock.recvq do. */
bool nst_row_backlog(const struct nst_row *row, u64 *limit)
{
	struct nst_word waiting, most;

	return nst_word_split(nst_word_value(row->detail, "backlog"), '/', &waiting, &most) &&
	       nst_word_number(most, ~0ULL, limit);
}
