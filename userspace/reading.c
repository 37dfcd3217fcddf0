// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table, from its start to its end. Functions that return false have come to the end, or
 * have recorded an error: nst_trouble() tells them apart.
 */
#include "fail.h"
#include "reading.h"
#include "select.h"

static bool no_table(const struct nst_reading *reading, struct nst_word line)
{
	if (reading->source->without && nst_word_begins(line, "netstate: "))
		return nst_fail(NST_EXIT_NO_MODULE, "%.*s", (int)line.len - 10, line.start + 10);
	return nst_fail(NST_EXIT_IO, "%s:%lu: this is no table of netstate", reading->source->path,
			reading->source->line);
}

static void set_counts(struct nst_reading *reading, struct nst_word line)
{
	struct nst_word counts = nst_table_counts(line);

	snprintf(reading->counts, sizeof(reading->counts), "%.*s", (int)counts.len, counts.start);
}

/**
 * nst_reading_begin() - read lines 1 and 2
 * @reading: filled in
 * @source: the table, at its start
 * @select: which rows are wanted, and the columns that they need; NULL: all
 *
 * Return: whether it is a table.
 */
bool nst_reading_begin(struct nst_reading *reading, struct nst_source *source,
		       const struct nst_select *select)
{
	static const char *const columns[] = {
		"User, Inode", "PID/Program name", "Timer", "", "Netns"
	};
	struct nst_word line = {}, counts;
	unsigned int missing;

	memset(reading, 0, sizeof(*reading));
	reading->source = source;
	reading->select = select;
	if (!nst_source_line(source, &line) ||
	    !nst_word_begins(line, "Active Internet connections ("))
		return no_table(reading, line);
	set_counts(reading, line);
	counts = nst_word_of(reading->counts);
	reading->is_promised = source->saved && nst_word_number(nst_word_value(counts, "total"),
								U32_MAX, &reading->promised);
	reading->hidden = (!select || select->owners) &&
			  nst_word_is(nst_word_value(counts, "owners"), "some");
	if (nst_word_number(nst_word_value(counts, "incomplete"), U32_MAX, &reading->incomplete) &&
	    reading->incomplete)
		nst_warn("%s: %llu parts of the kernel's tables did not come to rest: sockets or owners may be missing",
			 source->path, (unsigned long long)reading->incomplete);
	if (!nst_source_line(source, &line))
		return no_table(reading, line);
	reading->grouped = nst_groups_parse_head(&reading->groups, line);
	if (reading->grouped)
		return true;
	if (!nst_table_parse_head(&reading->show, line))
		return no_table(reading, line);
	missing = select ? select->need & ~reading->show : 0;
	if (missing)
		return nst_fail(NST_EXIT_IO, "%s: the table has no column %s, which this needs",
				source->path, columns[__builtin_ctz(missing)]);
	if (source->saved && !*reading->counts)
		reading->show |= NST_SHOW_PLAIN;
	reading->show |= select ? select->noted : 0;
	return true;
}

/* Reads the next row that is wanted. A saved table that was cut short fails at its end. */
bool nst_reading_row(struct nst_reading *reading, struct nst_row *row)
{
	const struct nst_source *source = reading->source;
	struct nst_word line;
	const char *why;

	while (nst_source_line(reading->source, &line)) {
		reading->rows++;
		if (reading->count_row && source->buffer[source->start - 1] == '\n' &&
		    reading->count_row(line))
			continue;
		/* netstat's own table goes on with other sockets. */
		if (reading->show & NST_SHOW_PLAIN &&
		    nst_word_begins(line, "Active UNIX domain sockets ("))
			return false;
		why = nst_table_parse_row(row, reading->show, line);
		if (why)
			return nst_fail(NST_EXIT_IO, "%s:%lu: this is no row of the table: %s",
					source->path, source->line, why);
		if (reading->select && !nst_select_row(reading->select, row))
			continue;
		nst_counts_add(&reading->counted, row->table, row->sock.state, 1);
		return true;
	}
	if (reading->is_promised && reading->rows != reading->promised && !nst_trouble())
		nst_fail(NST_EXIT_IO,
			 "%s:%lu: the table ends after %llu rows, but line 1 counts %llu%s",
			 source->path, source->line, (unsigned long long)reading->rows,
			 (unsigned long long)reading->promised,
			 reading->rows < reading->promised ? ": it was cut short" : "");
	return false;
}

/* Reads the next line of a group, and its columns. */
bool nst_reading_group(struct nst_reading *reading, struct nst_word *line, struct nst_word *column)
{
	if (!nst_source_line(reading->source, line))
		return false;
	return nst_groups_parse_line(&reading->groups, *line, column) ||
	       nst_fail(NST_EXIT_IO, "%s:%lu: this is no group", reading->source->path,
			reading->source->line);
}

/* Writes the counts of the rows that were wanted to @counts. */
void nst_reading_count(struct nst_reading *reading)
{
	bool bound = reading->select->bound || reading->counted.state[NST_BOUND];
	char head[NST_HEAD_MAX];
	char *end = nst_format_counts(head, &reading->counted, bound) - 1;

	*end = '\0';
	if (reading->incomplete)
		end += sprintf(end, " incomplete=%llu", (unsigned long long)reading->incomplete);
	if (reading->hidden)
		strcpy(end, NST_HIDDEN_WORD);
	set_counts(reading, nst_word_of(head));
}
