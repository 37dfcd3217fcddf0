// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a table to what is printed: row by row, so that the largest table needs no
 * memory. Kept are only rows that can't be printed yet: all, if line 1 must count
 * them and the kernel has not, and raw sockets, which netstat shows last.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cgroups.h"
#include "diff.h"
#include "drop.h"
#include "fail.h"
#include "groups.h"
#include "json.h"
#include "print.h"
#include "threshold.h"
#include "view.h"

/**
 * struct view - a table that is being shown
 * @source: where it comes from
 * @select: what is shown of it
 * @options: how
 * @show: the columns that it has
 * @groups: those of a table of groups
 * @counted: the rows that were shown
 * @counts: text of the counts: the kernel's, if it counted the same
 */
struct view {
	struct nst_source *source;
	const struct nst_select *select;
	const struct nst_options *options;
	unsigned int show;
	struct nst_groups_head groups;
	struct nst_counts counted;
	char counts[NST_HEAD_MAX];
};

/* Text that is kept for later. */
struct spool {
	FILE *file;
	char *text;
	size_t size;
};

static void spool_open(struct spool *spool)
{
	spool->file = open_memstream(&spool->text, &spool->size);
	if (!spool->file)
		nst_die(NST_EXIT_IO, "out of memory");
}

static void spool_print(struct spool *spool)
{
	if (!spool->file)
		return;
	if (fclose(spool->file))
		nst_die(NST_EXIT_IO, "out of memory");
	fwrite(spool->text, 1, spool->size, stdout);
	free(spool->text);
}

static void __attribute__((noreturn)) bad_table(const struct view *view)
{
	nst_die(NST_EXIT_IO, "%s:%lu: this is no table of netstate", view->source->path,
		view->source->line);
}

static void set_counts(struct view *view, struct nst_word line)
{
	struct nst_word counts = nst_table_counts(line);

	snprintf(view->counts, sizeof(view->counts), "%.*s", (int)counts.len, counts.start);
}

/* Whether what follows are groups. */
static bool read_head(struct view *view)
{
	static const char *const columns[] = {
		"User, Inode", "PID/Program name", "Timer", "", "Netns"
	};
	struct nst_word line;
	unsigned int missing;

	if (!nst_source_line(view->source, &line) || !nst_table_title(line))
		bad_table(view);
	set_counts(view, line);
	if (!nst_source_line(view->source, &line))
		bad_table(view);
	if (nst_groups_parse_head(&view->groups, line))
		return true;
	if (!nst_table_parse_head(&view->show, line))
		bad_table(view);
	missing = view->select->need & ~view->show;
	if (missing)
		nst_die(NST_EXIT_IO, "%s: the table has no column %s, which this needs",
			view->source->path, columns[__builtin_ctz(missing)]);
	return false;
}

/* The next row that is to be shown. */
static bool next_row(struct view *view, struct nst_row *row)
{
	struct nst_word line;

	while (nst_source_line(view->source, &line)) {
		if (!nst_table_parse_row(row, view->show, line))
			bad_table(view);
		if (!nst_select_row(view->select, row))
			continue;
		nst_counts_add(&view->counted, row->table, row->sock.state, 1);
		return true;
	}
	return false;
}

/* Writes the counts of the rows that were shown. */
static void count(struct view *view)
{
	char head[NST_HEAD_MAX];
	struct nst_word line = { head, 0 };

	nst_format_counts(head, &view->counted,
			  view->select->bound || view->counted.state[NST_BOUND]);
	line.len = strchr(head, '\n') - head;
	set_counts(view, line);
}

static struct nst_word counts_of(const struct view *view)
{
	struct nst_word counts = { view->counts, strlen(view->counts) };

	return counts;
}

static void view_text(struct view *view)
{
	bool head_first = view->options->flags & NST_OPT_AS_NETSTAT || view->select->exact;
	struct spool rows = { .file = NULL }, raws = { .file = NULL };
	struct nst_row row;
	FILE *out;

	if (head_first)
		nst_print_head(view->options, view->counts);
	else
		spool_open(&rows);
	while (next_row(view, &row)) {
		out = rows.file ? rows.file : stdout;
		if (row.table == NST_RAW || row.table == NST_RAW6) {
			if (!raws.file)
				spool_open(&raws);
			out = raws.file;
		}
		nst_print_row(out, view->options, &row);
		fputc('\n', out);
		nst_check_output();
	}
	if (!head_first) {
		count(view);
		nst_print_head(view->options, view->counts);
	}
	spool_print(&rows);
	spool_print(&raws);
}

static void view_json(struct view *view)
{
	bool lines = view->options->flags & NST_OPT_JSONL;
	const char *between = "";
	struct nst_row row;

	if (!lines)
		fputs("{\"sockets\":[\n", stdout);
	while (next_row(view, &row)) {
		fputs(between, stdout);
		nst_json_row(&row, NULL, NULL);
		nst_check_output();
		between = lines ? "\n" : ",\n";
	}
	if (*between)
		putchar('\n');
	if (lines)
		return;
	fputs("],\"counts\":", stdout);
	count(view);
	nst_json_words(counts_of(view));
	puts("}");
}

static int print_counts(const struct view *view)
{
	if (view->options->thresholds)
		return nst_threshold_print(view->options->thresholds, counts_of(view));
	if (view->options->flags & (NST_OPT_JSON | NST_OPT_JSONL))
		nst_json_words(counts_of(view));
	else
		fputs(view->counts, stdout);
	putchar('\n');
	return EXIT_SUCCESS;
}

static int view_counts(struct view *view)
{
	struct nst_row row;

	if (!view->select->exact) {
		while (next_row(view, &row))
			continue;
		count(view);
	}
	return print_counts(view);
}

static void view_drop(struct view *view)
{
	struct nst_row row;

	while (next_row(view, &row))
		nst_drop_add(view->options, &row);
}

static void view_diff(struct view *view)
{
	struct nst_row row;

	while (next_row(view, &row))
		nst_diff_add(&row);
	nst_diff_print(view->options);
}

/* The next line of a group. */
static bool next_group(struct view *view, struct nst_word *line, struct nst_word *column)
{
	if (!nst_source_line(view->source, line))
		return false;
	if (!nst_groups_parse_line(&view->groups, *line, column))
		bad_table(view);
	return true;
}

/* Prints the line of a group, with the name of its cgroup. */
static void print_group(const struct view *view, struct nst_word line,
			const struct nst_word *column)
{
	const char *end = line.start + line.len, *rest;
	char name[NST_UNIT_MAX];
	unsigned int i = 0;

	while (i < view->groups.keys && strcmp(view->groups.name[i], "cgroup"))
		i++;
	rest = column[i].start + NST_GROUP_WIDTH;
	if (i < view->groups.keys && !nst_options_numeric(view->options) && rest <= end &&
	    nst_cgroup_name(column[i], name, sizeof(name)))
		printf("%.*s%-*s%.*s\n", (int)(column[i].start - line.start), line.start,
		       NST_GROUP_WIDTH, name, (int)(end - rest), rest);
	else
		printf("%.*s\n", (int)line.len, line.start);
}

static void view_groups_text(struct view *view)
{
	struct nst_word line, column[NST_GROUP_COLUMNS];

	/* What a saved table shows is for it to say. */
	nst_print_title(view->select->grouped ? view->options->flags : NST_OPT_ALL, view->counts);
	puts(view->groups.line);
	while (next_group(view, &line, column)) {
		print_group(view, line, column);
		nst_check_output();
	}
}

static void view_groups_json(struct view *view)
{
	bool lines = view->options->flags & NST_OPT_JSONL;
	struct nst_word line, column[NST_GROUP_COLUMNS];
	const char *between = "";

	if (!lines)
		fputs("{\"groups\":[\n", stdout);
	while (next_group(view, &line, column)) {
		fputs(between, stdout);
		nst_json_group(&view->groups, column);
		nst_check_output();
		between = lines ? "\n" : ",\n";
	}
	if (*between)
		putchar('\n');
	if (lines)
		return;
	fputs("],\"counts\":", stdout);
	nst_json_words(counts_of(view));
	puts("}");
}

static int view_groups(struct view *view)
{
	if (!view->select->grouped &&
	    (!view->select->everything || view->options->flags & NST_OPT_LISTENING))
		nst_die(NST_EXIT_IO, "%s: a table of groups, of which nothing can be chosen",
			view->source->path);
	if (view->options->flags & NST_OPT_COUNTS)
		return print_counts(view);
	if (view->options->flags & (NST_OPT_JSON | NST_OPT_JSONL))
		view_groups_json(view);
	else
		view_groups_text(view);
	return EXIT_SUCCESS;
}

/**
 * nst_view_table() - read a table from its start, and print it; its rows are only
 *	added where they are compared (--diff) or ended (--drop)
 * @source: the table
 * @select: what is shown
 * @options: how
 *
 * Return: the exit code.
 */
int nst_view_table(struct nst_source *source, const struct nst_select *select,
		   const struct nst_options *options)
{
	struct view view = { .source = source, .select = select, .options = options };

	if (read_head(&view))
		return view_groups(&view);
	if (options->flags & NST_OPT_COUNTS)
		return view_counts(&view);
	if (options->flags & NST_OPT_DROP)
		view_drop(&view);
	else if (options->flags & NST_OPT_DIFF)
		view_diff(&view);
	else if (options->flags & (NST_OPT_JSON | NST_OPT_JSONL))
		view_json(&view);
	else
		view_text(&view);
	return EXIT_SUCCESS;
}

/**
 * nst_view_metrics() - print the counters from their start
 * @source: the counters
 */
void nst_view_metrics(struct nst_source *source)
{
	struct nst_word line;

	while (nst_source_line(source, &line))
		printf("%.*s\n", (int)line.len, line.start);
}
