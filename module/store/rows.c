// SPDX-License-Identifier: GPL-2.0-only
/*
 * The records of one snapshot. Pages one by one, never a large allocation: a
 * snapshot must work on a host whose memory is in small pieces.
 */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/sched.h>

#include "rest.h"
#include "store/budget.h"
#include "store/rows.h"

#define REST 64		/* pages allocated or freed between two rests */

static struct nst_page *new_page(struct nst_rows *rows)
{
	struct nst_page *page = nst_budget_page(rows->budget);

	if (page)
		rows->pages++;
	return page;
}

static void free_pages_from(struct nst_rows *rows, struct nst_page *page)
{
	unsigned int freed = 0;

	while (page) {
		struct nst_page *next = page->next;

		free_page((unsigned long)page);
		page = next;
		if (!(++freed % REST))
			cond_resched();
	}

	rows->pages -= freed;
	nst_budget_release(rows->budget, (size_t)freed * PAGE_SIZE);
}

static void put_spare(struct nst_rows *rows, struct nst_page *page)
{
	page->next = rows->spare;
	rows->spare = page;
	rows->spares++;
}

/**
 * nst_rows_init() - make an empty set of records
 * @rows: filled in
 * @extra: bytes that each record has after its struct nst_sock; rounded up, so that all
 *	records are aligned to NST_ROWS_ALIGN
 * @netns: whether the number of its network namespace follows that
 * @budget: whom they are charged to
 */
void nst_rows_init(struct nst_rows *rows, size_t extra, bool netns, struct nst_budget *budget)
{
	int table;

	memset(rows, 0, sizeof(*rows));
	rows->budget = budget;
	rows->netns = netns;
	if (netns)
		extra += NST_ROWS_NETNS;
	for (table = 0; table < NST_TABLES; table++) {
		rows->list[table].size = ALIGN(nst_sock_size(table) + extra, NST_ROWS_ALIGN);
		rows->list[table].capacity = NST_PAGE_ROOM / rows->list[table].size;
	}
}

/**
 * nst_rows_reserve() - see to it that there are spare pages
 * @rows: the records
 * @spares: how many there shall be at least
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_rows_reserve(struct nst_rows *rows, unsigned int spares)
{
	while (rows->spares < spares) {
		struct nst_page *page = new_page(rows);

		if (!page)
			return -ENOMEM;
		put_spare(rows, page);
		if (!(rows->spares % REST)) {
			int err = nst_rest();

			if (err)
				return err;
		}
	}

	return 0;
}

/**
 * nst_rows_turn_page() - append a spare page to a table
 * @rows: the records
 * @table: the table
 *
 * Context: any; allocates nothing.
 * Return: the new last page, or NULL when there is no spare one.
 */
struct nst_page *nst_rows_turn_page(struct nst_rows *rows, enum nst_table table)
{
	struct nst_list *list = &rows->list[table];
	struct nst_page *page = rows->spare;

	if (!page)
		return NULL;

	rows->spare = page->next;
	rows->spares--;
	page->next = NULL;
	page->used = 0;
	if (list->last)
		list->last->next = page;
	else
		list->first = page;
	list->last = page;
	list->counts.pages++;
	return page;
}

/**
 * nst_rows_checkpoint() - remember where the records end
 * @rows: the records
 * @table: the IPv4 table; its IPv6 twin is marked, too
 * @checkpoint: filled in
 *
 * Context: any.
 */
void nst_rows_checkpoint(const struct nst_rows *rows, enum nst_table table,
			 struct nst_checkpoint *checkpoint)
{
	int i;

	for (i = 0; i < 2; i++) {
		checkpoint->last[i] = rows->list[table + i].last;
		checkpoint->used[i] = checkpoint->last[i] ? checkpoint->last[i]->used : 0;
		checkpoint->counts[i] = rows->list[table + i].counts;
	}
}

/**
 * nst_rows_cut() - drop all records after a checkpoint
 * @rows: the records
 * @table: as the checkpoint was made with
 * @checkpoint: the checkpoint
 *
 * Context: any; the pages become spare ones.
 */
void nst_rows_cut(struct nst_rows *rows, enum nst_table table,
		  const struct nst_checkpoint *checkpoint)
{
	int i;

	for (i = 0; i < 2; i++) {
		struct nst_list *list = &rows->list[table + i];
		struct nst_page *last = checkpoint->last[i];
		struct nst_page *page = last ? last->next : list->first;

		if (page) {
			list->last->next = rows->spare;
			rows->spare = page;
			rows->spares += list->counts.pages - checkpoint->counts[i].pages;
		}

		list->last = last;
		list->counts = checkpoint->counts[i];
		if (last) {
			last->next = NULL;
			last->used = checkpoint->used[i];
		} else {
			list->first = NULL;
		}
	}
}

/**
 * nst_rows_drop() - drop all records
 * @rows: the records
 *
 * Context: any; the pages become spare ones.
 */
void nst_rows_drop(struct nst_rows *rows)
{
	const struct nst_checkpoint start = {};
	int table;

	for (table = 0; table < NST_TABLES; table += 2)
		nst_rows_cut(rows, table, &start);
}

static void uncount(struct nst_list *list, const struct nst_sock *row)
{
	list->counts.state[row->state < NST_STATES ? row->state : 0]--;
	list->counts.inodes -= !!row->inode;
}

/* Drops records of a page, and moves those behind them up. */
static void filter_page(struct nst_list *list, struct nst_page *page, enum nst_table table,
			nst_rows_keep_fn keep, void *arg)
{
	u32 kept = 0, i;

	for (i = 0; i < page->used; i++) {
		struct nst_sock *row = nst_page_row(list, page, i);

		if (!keep(arg, row, table)) {
			uncount(list, row);
			continue;
		}
		if (kept != i)
			memcpy(nst_page_row(list, page, kept), row, list->size);
		kept++;
	}

	page->used = kept;
}

/**
 * nst_rows_filter() - look at every record once, and drop some
 * @rows: the records; pointers to them are stale after this
 * @keep: called with each, in their order
 * @arg: its first argument
 *
 * Context: process context, may sleep.
 * Return: 0; what nst_rest() gave: then some records have not been looked at.
 */
int nst_rows_filter(struct nst_rows *rows, nst_rows_keep_fn keep, void *arg)
{
	enum nst_table table;

	for (table = 0; table < NST_TABLES; table++) {
		struct nst_list *list = &rows->list[table];
		struct nst_page **link = &list->first, *page;

		list->last = NULL;
		while ((page = *link)) {
			int err = nst_rest();

			if (err)
				return err;
			filter_page(list, page, table, keep, arg);
			if (page->used) {
				list->last = page;
				link = &page->next;
			} else {
				*link = page->next;
				list->counts.pages--;
				put_spare(rows, page);
			}
		}
	}

	return 0;
}

/**
 * nst_rows_trim() - free the spare pages
 * @rows: the records
 *
 * Context: may sleep.
 */
void nst_rows_trim(struct nst_rows *rows)
{
	free_pages_from(rows, rows->spare);
	rows->spare = NULL;
	rows->spares = 0;
}

/**
 * nst_rows_free() - free all pages
 * @rows: the records; empty after this, and usable again
 *
 * Context: may sleep.
 */
void nst_rows_free(struct nst_rows *rows)
{
	int table;

	nst_rows_trim(rows);
	for (table = 0; table < NST_TABLES; table++) {
		free_pages_from(rows, rows->list[table].first);
		rows->list[table].first = NULL;
		rows->list[table].last = NULL;
		memset(&rows->list[table].counts, 0, sizeof(rows->list[table].counts));
	}
}

static void go_to_page(struct nst_cursor *cursor, struct nst_page *page)
{
	cursor->page = page;
	cursor->index = 0;
	cursor->sock = page ? (struct nst_sock *)page->data : NULL;
}

/**
 * nst_cursor_start() - set a cursor to the first record
 * @rows: the records
 * @cursor: filled in
 */
void nst_cursor_start(const struct nst_rows *rows, struct nst_cursor *cursor)
{
	cursor->table = 0;
	go_to_page(cursor, rows->list[0].first);
	nst_cursor_settle(rows, cursor);
}

/**
 * nst_cursor_settle() - move a cursor onto a record
 * @rows: the records
 * @cursor: the cursor; may be after the last record of a page, or of its table
 *	(with page NULL); stays where it is if it is at one
 *
 * Ends: each turn leads to a later page or table, and only the last page of a list
 * can be empty.
 */
void nst_cursor_settle(const struct nst_rows *rows, struct nst_cursor *cursor)
{
	for (;;) {
		if (!cursor->page) {
			if (cursor->table == NST_TABLES - 1)
				return;
			cursor->table++;
			go_to_page(cursor, rows->list[cursor->table].first);
		} else if (cursor->index == cursor->page->used) {
			go_to_page(cursor, cursor->page->next);
		} else {
			return;
		}
	}
}
