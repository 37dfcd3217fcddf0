/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The records of one snapshot: for each table a list of pages that is only ever
 * appended to, and cut back to a checkpoint. A record that is dropped
 * makes room for those behind it: there are no holes.
 */
#ifndef NST_ROWS_H
#define NST_ROWS_H

#include <linux/mm.h>

#include <netstate/sock.h>

struct nst_budget;

/**
 * struct nst_page - one page of records
 * @next: the next page of its list
 * @used: records in it
 * @data: the records
 */
struct nst_page {
	struct nst_page *next;
	u32 used;
	u8 data[] __aligned(64);
};

/* Where a record begins in a page, whatever 32-bit machines think of a u64. */
#define NST_ROWS_ALIGN 8
#define NST_PAGE_ROOM (PAGE_SIZE - offsetof(struct nst_page, data))

/**
 * struct nst_list_counts - what is known of the records of a list without looking at them
 * @state: records by state; those in a state that is none of enum nst_state by 0
 * @inodes: records with an inode
 * @pages: pages of the list
 */
struct nst_list_counts {
	u32 state[NST_STATES];
	u32 inodes;
	u32 pages;
};

/**
 * struct nst_list - the records of one table
 * @first: first page, or NULL
 * @last: last page, or NULL
 * @size: bytes of a record
 * @capacity: records in a page
 * @counts: all of them
 */
struct nst_list {
	struct nst_page *first;
	struct nst_page *last;
	u32 size;
	u32 capacity;
	struct nst_list_counts counts;
};

/**
 * struct nst_rows - all records of a snapshot
 * @list: the records by table
 * @spare: blank pages, for use where nothing may be allocated
 * @spares: how many of them
 * @pages: how many pages there are in all, each charged to the budget
 * @budget: whom they are charged to
 * @netns: whether records end in the number of their network namespace
 */
struct nst_rows {
	struct nst_list list[NST_TABLES];
	struct nst_page *spare;
	unsigned int spares;
	unsigned int pages;
	struct nst_budget *budget;
	bool netns;
};

/**
 * struct nst_checkpoint - where the lists of a table and its IPv6 twin ended
 * @last: their last pages then
 * @used: records in these pages then
 * @counts: all records then
 */
struct nst_checkpoint {
	struct nst_page *last[2];
	u32 used[2];
	struct nst_list_counts counts[2];
};

/**
 * struct nst_cursor - a place in the records
 * @table: the table
 * @page: the page, NULL at the end
 * @index: the record in the page
 * @sock: the record
 */
struct nst_cursor {
	enum nst_table table;
	struct nst_page *page;
	u32 index;
	struct nst_sock *sock;
};

/**
 * nst_page_row() - a record of a page
 * @list: the page's list
 * @page: the page
 * @index: which of its records
 *
 * Return: the record.
 */
static inline struct nst_sock *nst_page_row(const struct nst_list *list, struct nst_page *page,
					    u32 index)
{
	return (struct nst_sock *)(page->data + index * list->size);
}

/**
 * nst_page_after() - the record that follows in its page
 * @list: the page's list
 * @sock: a record
 *
 * Return: the record, or the end of the page.
 */
static inline struct nst_sock *nst_page_after(const struct nst_list *list, struct nst_sock *sock)
{
	return (struct nst_sock *)((u8 *)sock + list->size);
}

#define NST_ROWS_NETNS sizeof(u64)	/* bytes that the number of a namespace takes */

/**
 * nst_rows_netns() - the number of a record's network namespace
 * @rows: the records, which have it
 * @table: the record's table
 * @sock: the record
 *
 * Return: where it is.
 */
static inline u32 *nst_rows_netns(const struct nst_rows *rows, enum nst_table table,
				  struct nst_sock *sock)
{
	return (u32 *)((u8 *)sock + rows->list[table].size - NST_ROWS_NETNS);
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
	const struct nst_list *list = &rows->list[table];
	struct nst_page *page = list->last;

	if (unlikely(!page || page->used == list->capacity)) {
		page = nst_rows_turn_page(rows, table);
		if (!page)
			return NULL;
	}

	return nst_page_row(list, page, page->used);
}

/**
 * nst_rows_keep() - keep a record
 * @rows: the records
 * @table: its table
 * @row: it is in the room that nst_rows_next() gave last
 */
static __always_inline void nst_rows_keep(struct nst_rows *rows, enum nst_table table,
					  const struct nst_sock *row)
{
	struct nst_list *list = &rows->list[table];

	list->last->used++;
	list->counts.state[row->state < NST_STATES ? row->state : 0]++;
	list->counts.inodes += !!row->inode;
}

/**
 * typedef nst_rows_keep_fn - whether a record stays
 * @arg: as given to nst_rows_filter()
 * @sock: the record, which may be changed, but not its state and inode
 * @table: its table
 *
 * Return: false if the record is to go.
 */
typedef bool (*nst_rows_keep_fn)(void *arg, struct nst_sock *sock, enum nst_table table);

void nst_rows_init(struct nst_rows *rows, size_t extra, bool netns,
		   struct nst_budget *budget);
int nst_rows_reserve(struct nst_rows *rows, unsigned int spares);
void nst_rows_checkpoint(const struct nst_rows *rows, enum nst_table table,
			 struct nst_checkpoint *checkpoint);
void nst_rows_cut(struct nst_rows *rows, enum nst_table table,
		  const struct nst_checkpoint *checkpoint);
void nst_rows_drop(struct nst_rows *rows);
int nst_rows_filter(struct nst_rows *rows, nst_rows_keep_fn keep, void *arg);
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
	return cursor->page ? cursor->sock : NULL;
}

/**
 * nst_cursor_next() - go to the next record
 * @rows: the records
 * @cursor: the cursor, not at the end
 */
static inline void nst_cursor_next(const struct nst_rows *rows, struct nst_cursor *cursor)
{
	cursor->index++;
	cursor->sock = (void *)cursor->sock + rows->list[cursor->table].size;
	if (unlikely(cursor->index == cursor->page->used))
		nst_cursor_settle(rows, cursor);
}

#endif /* NST_ROWS_H */
