// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate-sort - show the table of sockets as text, its rows in another order
 *
 * All rows are in memory until the last one is read.
 */
#include <stdlib.h>

#include "beside/grow.h"
#include "beside/text.h"
#include "fail.h"
#include "forms.h"
#include "select.h"
#include "sort/key.h"

/* A row: in the text, what it is sorted by if that is text, then how it is printed. */
struct kept {
	u64 high;
	u64 low;
	size_t at;
	u32 key_len;
	u32 len : 31;
	u32 is_last : 1;	/* it has nothing to be sorted by */
};

static struct kept *kept;
static size_t kept_count, kept_space;
static const char *text;	/* of all rows */
static bool is_reversed;	/* the largest comes first */

static int compare_keys(const struct kept *a, const struct kept *b)
{
	u32 least = a->key_len < b->key_len ? a->key_len : b->key_len;
	int order;

	/* An address of IPv6 has a text, one of IPv4 has none. */
	if (!a->key_len != !b->key_len)
		return a->key_len ? 1 : -1;
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	order = memcmp(text + a->at, text + b->at, least);
	return order ? order : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

/* Rows that are equal stay as they were. */
static int compare(const void *a, const void *b)
{
	const struct kept *x = a, *y = b;
	int order = 0;

	if (x->is_last != y->is_last)
		return x->is_last ? 1 : -1;
	if (!x->is_last)
		order = is_reversed ? compare_keys(y, x) : compare_keys(x, y);
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static bool keep(FILE *out, const struct nst_options *options,
		 const struct nst_sort_column *column, const struct nst_row *row)
{
	struct nst_sort_key key;
	struct kept *one;

	if (!nst_grow(&kept, kept_count, &kept_space, sizeof(*kept)))
		return false;
	one = &kept[kept_count++];
	nst_sort_key_make(&key, column, row);
	*one = (struct kept){ .high = key.high, .low = key.low, .at = ftello(out),
			      .key_len = key.text.len, .is_last = !key.is_there };
	fwrite_unlocked(key.text.start, 1, key.text.len, out);
	nst_print_row(out, options, row);
	putc_unlocked('\n', out);
	one->len = ftello(out) - one->at - one->key_len;
	return !ferror_unlocked(out) || nst_no_memory();
}

static void print_rows(void)
{
	size_t i;

	if (kept_count)
		qsort(kept, kept_count, sizeof(*kept), compare);
	for (i = 0; i < kept_count && nst_check_output(); i++)
		fwrite_unlocked(text + kept[i].at + kept[i].key_len, 1, kept[i].len, stdout);
}

static bool print_table(struct nst_reading *reading, const struct nst_options *options,
			const struct nst_sort_column *column)
{
	struct nst_text rows;
	struct nst_row row;
	bool fits = true;

	if (reading->grouped)
		return nst_fail(NST_EXIT_USAGE, "sort= and group= do not go together");
	if (!nst_text_open(&rows))
		return false;
	kept_count = 0;
	while (fits && nst_reading_row(reading, &row))
		fits = keep(rows.out, options, column, &row);
	if (!nst_text_close(&rows))
		return false;
	text = rows.text;
	if (!nst_trouble()) {
		if (!reading->select->exact)
			nst_reading_count(reading);
		nst_print_head(options, reading->counts);
		print_rows();
	}
	free(rows.text);
	return !nst_trouble();
}

int main(int argc, char **argv)
{
	static struct nst_source source;	/* holds a large buffer */
	static struct nst_options options;
	static struct nst_reading reading;
	static struct nst_select select;
	const struct nst_sort_column *column = NULL;

	nst_view_init();
	if (nst_options_parse(&options, argc, argv, 0))
		column = nst_sort_find(options.sort ? options.sort : "");
	if (column) {
		is_reversed = *options.sort == '-';
		options.also = nst_sort_needs(column);
	}
	if (column && nst_view_open(&source, &select, &options))
		while (nst_view_begin(&reading, &source, &select, &options) &&
		       print_table(&reading, &options, column) && nst_flush() &&
		       options.interval && nst_view_again(&source, options.interval))
			continue;
	return nst_tell(EXIT_SUCCESS);
}
