/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The records of one capture: for each table a list of pages that is only ever
 * appended to, and cut back to a mark.
 */
#ifndef NST_ROWS_H
#define NST_ROWS_H

#include <linux/mm.h>

#include <netstate/sock.h>

/**
 * struct nst_page - one page of records
 * @next: the next page of its list
 * @used: records in it
 * @data: the records
 */
struct nst_page {
	struct nst_page *next;
	u32 used;
	u8 data[] __aligned(8);
};

#define NST_PAGE_ROOM (PAGE_SIZE - offsetof(struct nst_page, data))

/**
 * struct nst_list - the records of one table
 * @first: first page, or NULL
 * @last: last page, or NULL
 */
struct nst_list {
	struct nst_page *first;
	struct nst_page *last;
};

/**
 * struct nst_rows - all records of a capture
 * @list: the records by table
 * @spare: blank pages, for use where nothing may be allocated
 * @spares: how many of them
 * @pages: how many pages there are in all, each charged to the budget
 * @privileged: whether the whole budget may be used
 */
struct nst_rows {
	struct nst_list list[NST_TABLES];
	struct nst_page *spare;
	unsigned int spares;
	unsigned int pages;
	bool privileged;
};

/**
 * struct nst_mark - where the lists of a table and its IPv6 twin ended
 * @last: their last pages then
 * @used: records in these pages then
 */
struct nst_mark {
	struct nst_page *last[2];
	u32 used[2];
};

/**
 * struct nst_cursor - a place in the records
 * @table: the table
 * @page: the page, NULL at the end
 * @index: the record in the page
 */
struct nst_cursor {
	enum nst_table table;
	struct nst_page *page;
	u32 index;
};

static inline u32 nst_page_capacity(enum nst_table table)
{
	/* Constants to the compiler where the table is one. */
	return nst_table_is_ipv6(table) ? NST_PAGE_ROOM / (sizeof(struct nst_sock) + 32) :
					  NST_PAGE_ROOM / (sizeof(struct nst_sock) + 8);
}

static inline struct nst_sock *nst_page_row(struct nst_page *page, enum nst_table table,
					    u32 index)
{
	return (struct nst_sock *)(page->data + index * nst_sock_size(table));
}

struct nst_page *nst_rows_turn_page(struct nst_rows *rows, enum nst_table table);

/**
 * nst_rows_next() - room for one more record
 * @rows: the records
 * @table: the table it is for
 *
 * Asking again without nst_rows_keep() gives the same room again.
 *
 * Context: any; allocates nothing.
 * Return: the room, or NULL when the spare pages are used up.
 */
static inline struct nst_sock *nst_rows_next(struct nst_rows *rows, enum nst_table table)
{
	struct nst_page *page = rows->list[table].last;

	if (unlikely(!page || page->used == nst_page_capacity(table))) {
		page = nst_rows_turn_page(rows, table);
		if (!page)
			return NULL;
	}

	return nst_page_row(page, table, page->used);
}

/**
 * nst_rows_keep() - keep the record in the room that nst_rows_next() gave
 * @rows: the records
 * @table: its table
 */
static inline void nst_rows_keep(struct nst_rows *rows, enum nst_table table)
{
	rows->list[table].last->used++;
}

int nst_rows_reserve(struct nst_rows *rows, unsigned int spares);
void nst_rows_mark(const struct nst_rows *rows, enum nst_table table, struct nst_mark *mark);
void nst_rows_cut(struct nst_rows *rows, enum nst_table table, const struct nst_mark *mark);
void nst_rows_trim(struct nst_rows *rows);
void nst_rows_free(struct nst_rows *rows);

void nst_cursor_start(const struct nst_rows *rows, struct nst_cursor *cursor);
void nst_cursor_settle(const struct nst_rows *rows, struct nst_cursor *cursor);

/**
 * nst_cursor_row() - the record at a cursor
 * @cursor: the cursor
 *
 * Return: the record, NULL at the end.
 */
static inline struct nst_sock *nst_cursor_row(const struct nst_cursor *cursor)
{
	return cursor->page ? nst_page_row(cursor->page, cursor->table, cursor->index) : NULL;
}

/**
 * nst_cursor_next() - go to the next record that is to be shown
 * @rows: the records
 * @cursor: the cursor, not at the end
 */
static inline void nst_cursor_next(const struct nst_rows *rows, struct nst_cursor *cursor)
{
	cursor->index++;
	if (unlikely(cursor->index == cursor->page->used || !nst_cursor_row(cursor)->state))
		nst_cursor_settle(rows, cursor);
}

#endif /* NST_ROWS_H */
