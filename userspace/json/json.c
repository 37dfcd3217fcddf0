// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate-json - show the table of sockets as JSON: one document, or a line a socket
 */
#include <stdlib.h>

#include "beside/count.h"
#include "fail.h"
#include "forms.h"
#include "json/print.h"
#include "select.h"

static bool next(struct nst_reading *reading, struct nst_row *row, struct nst_word *column)
{
	struct nst_word line;

	return nst_check_output() && (reading->grouped ? nst_reading_group(reading, &line, column) :
							 nst_reading_row(reading, row));
}

/* The counts, but not what stands behind them of owners: that is a member of its own. */
static struct nst_word counts_of(const struct nst_reading *reading)
{
	struct nst_word counts = nst_word_of(reading->counts);
	size_t len = counts.len - strlen(NST_HIDDEN_WORD);

	/* In a saved table it may stand anywhere. */
	if (counts.len > strlen(NST_HIDDEN_WORD) && !strcmp(counts.start + len, NST_HIDDEN_WORD))
		counts.len = len;
	return counts;
}

/* A document is closed whatever happens while it is made: then it says the error, too. */
static bool print_table(struct nst_reading *reading, bool lines)
{
	struct nst_word column[NST_GROUP_COLUMNS];
	const char *between = "";
	struct nst_row row;

	if (!lines)
		puts(reading->grouped ? "{\"groups\":[" : "{\"sockets\":[");
	for (; next(reading, &row, column); between = lines ? "\n" : ",\n") {
		fputs(between, stdout);
		if (reading->grouped)
			nst_json_group(&reading->groups, column);
		else
			nst_json_row(&row, NULL, NULL);
	}
	if (*between)
		putchar('\n');
	if (lines)
		return !nst_trouble();
	if (!reading->grouped)
		nst_reading_count(reading);
	fputs("],\"counts\":", stdout);
	nst_json_words(counts_of(reading), false);
	if (reading->hidden)
		fputs(",\"owners_hidden\":true", stdout);
	if (nst_trouble()) {
		fputs(",\"error\":", stdout);
		nst_json_text(nst_trouble());
	}
	puts("}");
	return !nst_trouble();
}

static bool print_counts(struct nst_reading *reading)
{
	if (!nst_count_rows(reading))
		return false;
	nst_json_words(counts_of(reading), reading->hidden);
	putchar('\n');
	return true;
}

int main(int argc, char **argv)
{
	static struct nst_source source;	/* holds a large buffer */
	static struct nst_options options;
	static struct nst_reading reading;
	static struct nst_select select;

	nst_view_init();
	if (nst_options_parse(&options, argc, argv, NST_OPT_JSON) &&
	    nst_view_open(&source, &select, &options))
		while (nst_view_begin(&reading, &source, &select, &options) &&
		       (options.flags & NST_OPT_COUNTS ? print_counts(&reading) :
			print_table(&reading, options.flags & NST_OPT_JSONL)) &&
		       nst_flush() && options.interval &&
		       nst_view_again(&source, options.interval))
			continue;
	return nst_tell(EXIT_SUCCESS);
}
