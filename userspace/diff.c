// SPDX-License-Identifier: GPL-2.0-only
/*
 * What changed between two tables: sockets that appeared, vanished, or are in
 * another state.
 *
 * A socket is known by its protocol, addresses, ports and network namespace, and where several share
 * these, or one has followed the other, by its inode. That may be 0 while nobody
 * has accepted a connection, or after it was closed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "diff.h"
#include "fail.h"
#include "json.h"
#include "print.h"

/**
 * struct seen - a row of a table
 * @line: its text, allocated
 * @show: the columns that it has
 * @key: offset of the local address in it
 * @key_len: up to the end of the remote address
 * @table: what the row is of
 * @state: its state
 * @netns: its network namespace, 0 if all are of one
 * @inode: its inode
 */
struct seen {
	char *line;
	unsigned int show;
	unsigned int key;
	unsigned int key_len;
	u8 table;
	u8 state;
	u32 netns;
	u64 inode;
};

struct list {
	struct seen *seen;
	size_t count;
	size_t room;
};

static struct list before, after;
static bool has_before;

/**
 * nst_diff_add() - add a row to the table that is being read
 * @row: the row; copied
 */
void nst_diff_add(const struct nst_row *row)
{
	struct seen *seen;

	if (after.count == after.room) {
		after.room = after.room ? 2 * after.room : 64;
		after.seen = reallocarray(after.seen, after.room, sizeof(*after.seen));
		if (!after.seen)
			nst_die(NST_EXIT_IO, "out of memory");
	}
	seen = &after.seen[after.count++];
	seen->line = strndup(row->line.start, row->line.len);
	if (!seen->line)
		nst_die(NST_EXIT_IO, "out of memory");
	seen->show = row->show;
	seen->key = row->local.text.start - row->line.start;
	seen->key_len = row->remote.text.start + row->remote.text.len - row->local.text.start;
	seen->table = row->table;
	seen->state = row->sock.state;
	seen->netns = row->netns;
	seen->inode = row->sock.inode;
}

static int compare_keys(const struct seen *a, const struct seen *b)
{
	if (a->table != b->table)
		return a->table < b->table ? -1 : 1;
	if (a->netns != b->netns)
		return a->netns < b->netns ? -1 : 1;
	if (a->key_len != b->key_len)
		return a->key_len < b->key_len ? -1 : 1;
	return memcmp(a->line + a->key, b->line + b->key, a->key_len);
}

static int compare(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	int order = compare_keys(x, y);

	return order ? order : (x->inode > y->inode) - (x->inode < y->inode);
}

/* 0: rows of the same socket; one without an inode may be any. */
static int compare_sockets(const struct seen *a, const struct seen *b)
{
	return a->inode && b->inode ? compare(a, b) : compare_keys(a, b);
}

static void parse(struct nst_row *row, const struct seen *seen)
{
	struct nst_word line = { seen->line, strlen(seen->line) };

	nst_table_parse_row(row, seen->show, line);
}

static void print_was(struct nst_word state)
{
	printf(" was=%.*s", (int)state.len, state.start);
}

static void print(const struct nst_options *options, const char *change,
		  const struct seen *seen, const struct seen *old)
{
	struct nst_row row, old_row;

	parse(&row, seen);
	if (old)
		parse(&old_row, old);
	if (options->flags & NST_OPT_JSONL) {
		nst_json_row(&row, change, old ? &old_row : NULL);
	} else {
		printf("%c ", *change == 'a' ? '+' : *change == 'v' ? '-' : '~');
		nst_print_row(stdout, options, &row);
		if (old)
			print_was(nst_naming_state(options->naming, &old_row));
	}
	putchar('\n');
	nst_check_output();
}

static void free_list(struct list *list)
{
	while (list->count)
		free(list->seen[--list->count].line);
	free(list->seen);
	memset(list, 0, sizeof(*list));
}

/**
 * nst_diff_print() - print what is different from the table before
 * @options: how
 *
 * The first table is only remembered.
 */
void nst_diff_print(const struct nst_options *options)
{
	struct seen *old = before.seen, *old_end = old + before.count;
	struct seen *new = after.seen, *new_end = new + after.count;

	if (after.count)
		qsort(new, after.count, sizeof(*new), compare);
	while (has_before && (old < old_end || new < new_end)) {
		int order = old == old_end ? 1 : new == new_end ? -1 : compare_sockets(old, new);

		if (order < 0) {
			print(options, "vanished", old++, NULL);
		} else if (order > 0) {
			print(options, "appeared", new++, NULL);
		} else {
			if (old->state != new->state)
				print(options, "changed", new, old);
			old++;
			new++;
		}
	}
	free_list(&before);
	before = after;
	memset(&after, 0, sizeof(after));
	has_before = true;
}

/**
 * nst_diff_free() - forget all tables
 */
void nst_diff_free(void)
{
	free_list(&before);
	free_list(&after);
	has_before = false;
}
