// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which processes hold which sockets: one walk over the open files of all
 * processes that the reader may see, in the order of their pids, after the
 * sockets have been captured.
 *
 * Sockets are matched by inode number, as /proc/PID/fd shows them; the struct
 * sock behind a file may be another one than that in the hash tables (MPTCP).
 */
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/prefetch.h>
#include <linux/sched.h>

#include <netstate/comm.h>
#include <netstate/filter.h>
#include <netstate/more.h>

#include "store/budget.h"
#include "compat/sock_file.h"
#include "walk/fetch.h"
#include "owner/files.h"
#include "owner/owner.h"
#include "store/pool.h"
#include "store/rows.h"

/* One hold of a task's locks looks at no more files than these. */
#define HOLD_FILES (1000 + BITS_PER_LONG)

/* What one hold of the locks can note: a process, and that it holds each of the files. */
#define NOTE_SIZE ALIGN(sizeof(struct nst_process), 8)
#define HOLDERS_SIZE (HOLD_FILES * sizeof(struct nst_holder))

#define STEP_AHEAD 8	/* files between two steps of looking at one */
#define ROWS_AHEAD 8	/* records to prefetch ahead */
#define NEAR_BITS 3	/* log2 of the places in a cache line */

/* last_pid of a record whose inode another record has, too: no pid is that large. */
#define TWIN U32_MAX

/**
 * struct wanted - a place in the table of wanted inodes
 * @inode: the inode, which fits: get_next_ino() counts in 32 bits; 0 in a free place
 * @row: where the record with it is, see row_of()
 *
 * Small, because the table is what is looked into for every file.
 */
struct wanted {
	u32 inode;
	u32 row;
};

/* A struct wanted's row, from the lowest bits on: IPv6 or not, index in its page, page. */
#define INDEX_BITS const_ilog2(PAGE_SIZE / sizeof(struct nst_sock) * 2)
#define PAGES_MAX BIT(31 - INDEX_BITS)

/**
 * struct search - one walk over the processes
 * @files: the walk
 * @pool: where processes are noted
 * @all_holders: whether records have a list of their further holders
 * @filter: which processes are to be named
 * @wanted: open-addressing hash table of the records by inode
 * @bits: log2 of its size, at least one and a half times the number of records
 * @pages: the pages of the records
 * @size: bytes of an IPv4 and of an IPv6 record
 * @process: id and name of the process at hand
 * @passes: whether it is to be named
 * @noted: where it is noted, once it holds something
 */
struct search {
	struct nst_files files;
	struct nst_pool *pool;
	bool all_holders;
	const struct nst_filter *filter;
	struct wanted *wanted;
	unsigned int bits;
	struct nst_page **pages;
	u32 size[2];
	struct nst_process process;
	bool passes;
	struct nst_process *noted;
};

/*
 * Where the search for an inode begins. Inodes that were made one after the other
 * are near each other in the table, as they often are in a process.
 */
static u32 wanted_home(const struct search *search, u32 inode)
{
	u32 near = inode & (BIT(NEAR_BITS) - 1);

	return hash_32(inode >> NEAR_BITS, search->bits - NEAR_BITS) << NEAR_BITS | near;
}

/* The place of an inode in the table, or the free place where it belongs. */
static struct wanted *wanted_place(const struct search *search, u32 inode)
{
	u32 mask = (1U << search->bits) - 1;
	u32 i = wanted_home(search, inode);

	/* Ends: a third of the places are free, at least. */
	while (search->wanted[i].inode && search->wanted[i].inode != inode)
		i = (i + 1) & mask;

	return &search->wanted[i];
}

/* What a struct wanted says of the record @index of page @page of a table. */
static u32 row_of(enum nst_table table, u32 page, u32 index)
{
	return page << (INDEX_BITS + 1) | index << 1 | nst_table_is_ipv6(table);
}

/* The record of a place that is not free. */
static struct nst_sock *wanted_sock(const struct search *search, const struct wanted *place)
{
	struct nst_page *page = search->pages[place->row >> (INDEX_BITS + 1)];
	u32 index = place->row >> 1 & (BIT(INDEX_BITS) - 1);

	return (void *)page->data + index * search->size[place->row & 1];
}

/* The holders of the record of a place, if records have such. */
static struct nst_holders *wanted_holders(const struct search *search, const struct wanted *place)
{
	return nst_sock_holders(wanted_sock(search, place), place->row & 1);
}

/* Enters a record. Returns whether it shares its inode with one that was entered before. */
static bool want_row(struct search *search, struct nst_sock *sock, u32 row)
{
	struct wanted *place;

	if (!sock->inode)
		return false;

	place = wanted_place(search, sock->inode);
	if (place->inode) {
		sock->last_pid = TWIN;
		return true;
	}

	place->inode = sock->inode;
	place->row = row;
	return false;
}

/* Enters all records with an inode. Returns how many share theirs with another record. */
static unsigned int want_rows(struct search *search, struct nst_rows *rows)
{
	unsigned int twins = 0;
	enum nst_table table;
	u32 pages = 0;

	for (table = 0; table < NST_TABLES; table++) {
		const struct nst_list *list = &rows->list[table];
		struct nst_page *page;
		u32 i;

		for (page = list->first; page; page = page->next, pages++) {
			search->pages[pages] = page;
			for (i = 0; i < page->used; i++) {
				u32 ahead = min(i + ROWS_AHEAD, page->used - 1);
				u32 inode = nst_page_row(list, page, ahead)->inode;

				prefetchw(&search->wanted[wanted_home(search, inode)]);
				twins += want_row(search, nst_page_row(list, page, i),
						  row_of(table, pages, i));
			}
			cond_resched();
		}
	}

	return twins;
}

/* Gives the records that share an inode the owner that was found for the first of them. */
static void settle_twins(const struct search *search, struct nst_rows *rows)
{
	struct nst_cursor cursor;
	struct nst_sock *sock;

	for (nst_cursor_start(rows, &cursor); (sock = nst_cursor_row(&cursor));
	     nst_cursor_next(rows, &cursor)) {
		if (sock->last_pid == TWIN) {
			const struct wanted *place = wanted_place(search, sock->inode);
			const struct nst_sock *first = wanted_sock(search, place);

			sock->owner = first->owner;
			sock->more = first->more;
			sock->last_pid = first->last_pid;
			if (search->all_holders)
				*nst_sock_holders(sock, cursor.table) =
					*wanted_holders(search, place);
		}
		if (!cursor.index)
			cond_resched();
	}
}

static unsigned long count_inodes(const struct nst_rows *rows)
{
	unsigned long count = 0;
	enum nst_table table;

	for (table = 0; table < NST_TABLES; table++)
		count += rows->list[table].sum.inodes;

	return count;
}

/* Notes the process at hand. There is room: prepare() has reserved it. */
static const struct nst_process *note_process(struct search *search)
{
	if (!search->noted) {
		search->noted = nst_pool_take(search->pool, NOTE_SIZE);
		*search->noted = search->process;
		nst_process_name(search->noted);
	}

	return search->noted;
}

/* Adds the process at hand to all that hold a socket beside its owner. */
static void add_holder(struct search *search, struct nst_holders *holders)
{
	struct nst_holder *holder = nst_pool_take(search->pool, sizeof(*holder));

	holder->process = note_process(search);
	holder->next = NULL;
	if (holders->last)
		holders->last->next = holder;
	else
		holders->first = holder;
	holders->last = holder;
}

/* The process at hand holds a socket. */
static void found_socket(struct search *search, const struct wanted *place)
{
	struct nst_sock *sock = wanted_sock(search, place);

	if (sock->last_pid == search->process.pid)
		return;

	sock->last_pid = search->process.pid;
	if (!search->passes)
		return;

	if (!sock->owner) {
		sock->owner = note_process(search);
		return;
	}
	sock->more++;
	if (search->all_holders)
		add_holder(search, wanted_holders(search, place));
}

/**
 * struct belt - the files of the process at hand that are being looked at
 * @search: who looks at them
 * @next: counts the files
 * @at: what is known of the last of them: the file; then its inode, if it is a
 *	socket; then the inode's place in the table, if it is wanted; else NULL
 *
 * File, inode, place and record lie all over the memory. So each is fetched
 * STEP_AHEAD files before it is looked at, and several files are under way.
 */
struct belt {
	struct search *search;
	unsigned int next;
	void *at[4 * STEP_AHEAD];
};

/* What is known of the file that was put on the belt so many files before. */
static __always_inline void **belt_at(struct belt *belt, unsigned int before)
{
	return &belt->at[(belt->next - before) % ARRAY_SIZE(belt->at)];
}

/*
 * Puts a file on the belt, or nothing (NULL), and takes the oldest one off it. The
 * lock of the files' table is held, so they are not going away, nor are their sockets.
 */
static __always_inline void turn_belt(struct search *search, struct belt *belt, struct file *file)
{
	void **at = belt_at(belt, 4 * STEP_AHEAD);

	if (*at)
		found_socket(search, *at);

	*at = file;
	if (file) {
		nst_fetch(&file->f_op);
		nst_fetch(&file->private_data);
	}

	at = belt_at(belt, STEP_AHEAD);
	if (*at) {
		struct inode *inode = nst_file_inode(*at);

		*at = inode;
		if (inode)
			nst_fetch(&inode->i_ino);
	}

	at = belt_at(belt, 2 * STEP_AHEAD);
	if (*at) {
		struct inode *inode = *at;

		nst_fetch(&search->wanted[wanted_home(search, inode->i_ino)]);
	}

	at = belt_at(belt, 3 * STEP_AHEAD);
	if (*at) {
		struct inode *inode = *at;
		struct wanted *place = wanted_place(search, inode->i_ino);

		*at = place->inode ? place : NULL;
		if (*at) {
			/* From owner to more: that may be two lines. */
			prefetchw(&wanted_sock(search, place)->owner);
			prefetchw(&wanted_sock(search, place)->more);
		}
	}

	belt->next++;
}

/* Takes all files off the belt. */
static void empty_belt(struct search *search, struct belt *belt)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(belt->at); i++)
		turn_belt(search, belt, NULL);
}

static __always_inline void take_file(void *arg, struct file *file)
{
	struct belt *belt = arg;

	turn_belt(belt->search, belt, file);
}

static struct search *search_of(struct nst_files *files)
{
	return container_of(files, struct search, files);
}

static unsigned int scan(struct nst_files *files, struct fdtable *fdt, unsigned int from)
{
	struct belt belt = { .search = search_of(files) };

	from = nst_files_each(fdt, from, HOLD_FILES, take_file, &belt);
	empty_belt(belt.search, &belt);

	return from;
}

static int prepare(struct nst_files *files)
{
	struct search *search = search_of(files);

	return nst_pool_reserve(search->pool,
				NOTE_SIZE + (search->all_holders ? HOLDERS_SIZE : 0));
}

static void take_process(struct nst_files *files)
{
	struct search *search = search_of(files);
	struct nst_process *process = &search->process;

	process->pid = files->pid;
	memcpy(process->comm, files->comm, NST_COMM_SIZE);
	search->passes = nst_filter_match_process(search->filter, process->pid, process->comm);
	search->noted = NULL;
}

static const struct nst_files_ops ops = {
	.process = take_process,
	.prepare = prepare,
	.scan = scan,
};

static size_t wanted_size(const struct search *search)
{
	return sizeof(*search->wanted) << search->bits;
}

static void free_tables(struct search *search, unsigned int pages)
{
	bool privileged = search->pool->privileged;

	nst_budget_free(search->wanted, wanted_size(search), privileged);
	nst_budget_free(search->pages, pages * sizeof(*search->pages), privileged);
}

/* Makes room for so many wanted inodes, of records in so many pages. */
static int make_tables(struct search *search, unsigned long inodes, unsigned int pages)
{
	bool privileged = search->pool->privileged;

	search->bits = max(ilog2(inodes + inodes / 2) + 1, NEAR_BITS + 1);
	if (search->bits > 30 || pages > PAGES_MAX)
		return -ENOMEM;

	search->wanted = nst_budget_alloc(wanted_size(search), privileged);
	search->pages = nst_budget_alloc(pages * sizeof(*search->pages), privileged);
	if (search->wanted && search->pages)
		return 0;

	free_tables(search, pages);
	return -ENOMEM;
}

/**
 * nst_owners_find() - find out who holds the captured sockets
 * @pool: where the processes are noted that the records then point to; it has to
 *	live as long as these
 * @rows: the records; owner, more and last_pid are filled in, and with show=more
 *	the list of holders
 * @filter: which processes are to be named
 * @access: the reader
 * @ns: the pid namespace that counts the pids; the caller keeps it alive
 *
 * Context: process context, may sleep.
 * Return: 0; -EINTR when the task is being killed; -ENOMEM.
 */
int nst_owners_find(struct nst_pool *pool, struct nst_rows *rows,
		    const struct nst_filter *filter, struct nst_access *access,
		    struct pid_namespace *ns)
{
	struct search search = {
		.files = { .ops = &ops, .access = access, .ns = ns },
		.pool = pool,
		.all_holders = nst_filter_needs_show(filter) & NST_NEED_HOLDERS,
		.filter = filter,
		.size = { rows->list[NST_TCP].size, rows->list[NST_TCP6].size },
	};
	unsigned long inodes = count_inodes(rows);
	unsigned int twins;
	int err;

	if (!inodes)
		return 0;

	err = make_tables(&search, inodes, rows->pages);
	if (err)
		return err;

	twins = want_rows(&search, rows);
	nst_filter_pids(filter, &search.files.first, &search.files.last);
	err = nst_files_walk(&search.files);
	if (!err && twins)
		settle_twins(&search, rows);

	free_tables(&search, rows->pages);
	return err;
}
