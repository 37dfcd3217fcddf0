// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a table to what is printed: row by row, so that the largest table needs no memory.
 * What can't be printed yet waits in a file: all rows, if line 1 must count them and the
 * kernel has not, and raw sockets, which netstat shows last.
 */
#include <stdlib.h>

#include "fail.h"
#include "forms.h"
#include "names/names.h"
#include "select.h"
#include "reading.h"

/* A form of output; without a function for groups they can't be shown in it. */
struct form {
	unsigned int flags;	/* that ask for it; 0: any */
	bool (*rows)(struct nst_reading *reading, const struct nst_options *options);
	bool (*groups)(struct nst_reading *reading, const struct nst_options *options);
};

static bool print_row(FILE *out, const struct nst_options *options, const struct nst_row *row)
{
	nst_print_row(out, options, row);
	fputc('\n', out);
	return !ferror(out) || nst_check_output();
}

static bool text_rows(struct nst_reading *reading, const struct nst_options *options)
{
	bool head_first = options->flags & NST_OPT_AS_NETSTAT || reading->select->exact;
	FILE *rows = head_first ? stdout : nst_spool_open(), *raws = NULL, *out = rows;
	struct nst_row row;

	if (head_first)
		nst_print_head(options, reading->counts);
	while (out && nst_reading_row(reading, &row)) {
		out = rows;
		if (BIT(row.table) & NST_TABLES_RAW)
			out = raws = raws ? raws : nst_spool_open();
		if (!out || !print_row(out, options, &row))
			break;
	}
	if (!head_first && !nst_trouble()) {
		nst_reading_count(reading);
		nst_print_head(options, reading->counts);
	}
	if (nst_trouble()) {
		if (!head_first && rows)
			fclose(rows);
		if (raws)
			fclose(raws);
		return false;
	}
	return (head_first || nst_spool_print(rows)) && nst_spool_print(raws);
}

/* The end of a document, which is closed whatever happened while it was made. */
static bool end_document(const struct nst_reading *reading, const char *between, bool lines)
{
	if (*between)
		putchar('\n');
	if (lines)
		return !nst_trouble();
	fputs("],\"counts\":", stdout);
	nst_json_words(nst_word_of(reading->counts));
	if (nst_trouble()) {
		fputs(",\"error\":", stdout);
		nst_json_text(nst_trouble());
	}
	puts("}");
	return !nst_trouble();
}

static bool json_rows(struct nst_reading *reading, const struct nst_options *options)
{
	bool lines = options->flags & NST_OPT_JSONL;
	const char *between = "";
	struct nst_row row;

	if (!lines)
		fputs("{\"sockets\":[\n", stdout);
	while (nst_check_output() && nst_reading_row(reading, &row)) {
		fputs(between, stdout);
		nst_json_row(&row, NULL, NULL);
		between = lines ? "\n" : ",\n";
	}
	if (!lines)
		nst_reading_count(reading);
	return end_document(reading, between, lines);
}

static bool print_counts(struct nst_reading *reading, const struct nst_options *options)
{
	if (options->flags & (NST_OPT_JSON | NST_OPT_JSONL))
		nst_json_words(nst_word_of(reading->counts));
	else
		nst_put(stdout, nst_word_of(reading->counts));
	putchar('\n');
	return true;
}

static bool count_rows(struct nst_reading *reading, const struct nst_options *options)
{
	return nst_reading_count_rows(reading) && print_counts(reading, options);
}

static bool diff_rows(struct nst_reading *reading, const struct nst_options *options)
{
	struct nst_row row;

	while (nst_reading_row(reading, &row))
		if (!nst_diff_add(&row))
			return false;
	return !nst_trouble() && nst_diff_print(options);
}

/* Prints the line of a group, with the name of its cgroup. */
static void print_group(const struct nst_reading *reading, const struct nst_options *options,
			struct nst_word line, const struct nst_word *column)
{
	const char *end = line.start + line.len, *rest;
	char name[NST_UNIT_MAX];
	unsigned int i = 0;

	while (i < reading->groups.keys && strcmp(reading->groups.name[i], "cgroup"))
		i++;
	rest = column[i].start + NST_GROUP_WIDTH;
	if (i < reading->groups.keys && !nst_options_numeric(options) && rest <= end &&
	    nst_cgroup_name(column[i], name, sizeof(name))) {
		nst_put(stdout, (struct nst_word){ line.start, column[i].start - line.start });
		nst_put_padded(stdout, nst_word_of(name), NST_GROUP_WIDTH);
		line = (struct nst_word){ rest, end - rest };
	}
	nst_put(stdout, line);
	putchar('\n');
}

static bool text_groups(struct nst_reading *reading, const struct nst_options *options)
{
	struct nst_word line, column[NST_GROUP_COLUMNS];

	/* What a saved table shows is for it to say. */
	nst_print_title(reading->select->grouped ? options->flags : NST_OPT_ALL, reading->counts);
	puts(reading->groups.line);
	while (nst_check_output() && nst_reading_group(reading, &line, column))
		print_group(reading, options, line, column);
	return !nst_trouble();
}

static bool json_groups(struct nst_reading *reading, const struct nst_options *options)
{
	bool lines = options->flags & NST_OPT_JSONL;
	struct nst_word line, column[NST_GROUP_COLUMNS];
	const char *between = "";

	if (!lines)
		fputs("{\"groups\":[\n", stdout);
	while (nst_check_output() && nst_reading_group(reading, &line, column)) {
		fputs(between, stdout);
		nst_json_group(&reading->groups, column);
		between = lines ? "\n" : ",\n";
	}
	return end_document(reading, between, lines);
}

/* The first one that fits counts. */
static const struct form forms[] = {
	{ NST_OPT_COUNTS, count_rows, print_counts },
	{ NST_OPT_DIFF, diff_rows, NULL },
	{ NST_OPT_JSON | NST_OPT_JSONL, json_rows, json_groups },
	{ 0, text_rows, text_groups },
};

/* Reads a table from its start, and prints it. */
bool nst_view_table(struct nst_source *source, const struct nst_select *select,
		    const struct nst_options *options)
{
	static struct nst_reading reading;
	const struct form *form = forms;

	while (form->flags && !(form->flags & options->flags))
		form++;
	if (!nst_reading_begin(&reading, source, select))
		return false;
	if (!reading.grouped)
		return form->rows(&reading, options);
	if (!form->groups)
		return nst_fail(NST_EXIT_USAGE, "--diff and group= do not go together");
	if (!select->grouped && (!select->everything || options->flags & NST_OPT_LISTENING))
		return nst_fail(NST_EXIT_IO, "%s: a table of groups, of which nothing can be chosen",
				source->path);
	return form->groups(&reading, options);
}

/* Prints the counters from their start. */
bool nst_view_metrics(struct nst_source *source)
{
	struct nst_word line;

	while (nst_source_line(source, &line))
		printf("%.*s\n", (int)line.len, line.start);
	return !nst_trouble();
}
