// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting rows by what stands at their start. The kernel writes these columns at fixed
 * places, unless a queue or an address is wide; such a row is left to others.
 */
#include "beside/count.h"
#include "fail.h"
#include "select.h"

#define START	79	/* bytes of the columns that all rows have */
#define STATE	68	/* where the state begins, and how wide it is: */
#define WIDTH	11

static u32 seen[NST_TABLES][NST_STATES];	/* how many rows of which table were in which state */

/* Whether protocol and state alone say which rows are wanted. */
static bool starts_will_do(const struct nst_select *select)
{
	const struct nst_filter *filter = &select->filter;

	return select->flags & NST_OPT_ALL &&
	       (select->in_kernel || (!filter->tests && !filter->steps &&
				      filter->owners == NST_FILTER_ANY_OWNER));
}

/* Whether the columns of a row stand where the kernel puts them. */
static bool is_in_place(const char *p)
{
	return p[11] >= '0' && p[11] <= '9' && p[12] == ' ' && p[18] >= '0' && p[18] <= '9' &&
	       p[19] == ' ' && p[20] != ' ' && p[43] == ' ' && p[44] != ' ' && p[67] == ' ';
}

static bool find_table(const char *p, enum nst_table *table)
{
	static const char names[][7] = { "tcp   ", "tcp6  ", "udp   ", "udp6  " };

	for (*table = NST_TCP; *table <= NST_UDP6; ++*table)
		if (!memcmp(p, names[*table], sizeof(*names) - 1))
			return true;
	return false;
}

/* Finds the state that a text of WIDTH bytes is; 0 if it is another one. */
static unsigned int find_state(const char *p, enum nst_table table)
{
	static const char names[][WIDTH + 1] = {
		[NST_ESTABLISHED] = "ESTABLISHED", [NST_SYN_SENT] = "SYN_SENT   ",
		[NST_SYN_RECV] = "SYN_RECV   ", [NST_FIN_WAIT1] = "FIN_WAIT1  ",
		[NST_FIN_WAIT2] = "FIN_WAIT2  ", [NST_TIME_WAIT] = "TIME_WAIT  ",
		[NST_CLOSE] = "CLOSE      ", [NST_CLOSE_WAIT] = "CLOSE_WAIT ",
		[NST_LAST_ACK] = "LAST_ACK   ", [NST_LISTEN] = "LISTEN     ",
		[NST_CLOSING] = "CLOSING    ",
	};
	static const char none[] = "           ";
	unsigned int state, last = table >= NST_UDP ? NST_ESTABLISHED : NST_CLOSING;

	if (table >= NST_UDP && !memcmp(p, none, WIDTH))
		return NST_CLOSE;
	for (state = NST_ESTABLISHED; state <= last; state++)
		if (!memcmp(p, names[state], WIDTH))
			return state;
	return 0;
}

/* Counts a row; false if that is too hard. */
static bool count_row(struct nst_word line)
{
	const char *p = line.start;
	enum nst_table table;
	unsigned int state;

	if (line.len < START || (line.len > START && p[START] != ' ') || !is_in_place(p) ||
	    !find_table(p, &table))
		return false;
	state = find_state(p + STATE, table);
	seen[table][state]++;
	return state;
}

static void sum(const struct nst_select *select, struct nst_counts *counts)
{
	unsigned int table, state;

	for (table = 0; table < NST_TABLES; table++)
		for (state = NST_ESTABLISHED; state < NST_STATES; state++)
			if (select->in_kernel ||
			    (select->filter.tables & BIT(table) &&
			     nst_filter_match_state(&select->filter, table, state)))
				nst_counts_add(counts, table, state, seen[table][state]);
}

/* Makes @counts of a table those of the rows that are wanted, unless the kernel has. */
bool nst_count_rows(struct nst_reading *reading)
{
	const struct nst_select *select = reading->select;
	struct nst_row row;

	if (reading->grouped || select->exact)
		return true;
	if (!(reading->show & NST_SHOW_PLAIN) && starts_will_do(select))
		reading->count_row = count_row;
	memset(seen, 0, sizeof(seen));
	while (nst_reading_row(reading, &row))
		continue;
	sum(select, &reading->counted);
	nst_reading_count(reading);
	return !nst_trouble();
}
