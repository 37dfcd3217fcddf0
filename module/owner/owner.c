// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which processes hold which sockets: one walk over the open files of all
 * processes that the reader may see, in the order of their pids, after the
 * sockets have been copied.
 *
 * Sockets are matched by inode number and by the address of the struct socket. The number
 * alone can be forged: it has 32 bits, wraps, and is given without a look at whether it is
 * in use. The address alone may be that of a later socket in the same memory. The struct
 * sock behind a file does not tell: it may be another one than that in the hash tables
 * (MPTCP).
 *
 * What is bounded: all holders of a socket are counted. Not all are named: one read names
 * HOLDERS_MORE at most, plus four times the number of sockets, and one socket may use all of
 * that. Of the processes that share a table of files it names SHARERS_MAX; the table is
 * scanned once for all of them.
 */
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/pid_namespace.h>
#include <linux/prefetch.h>
#include <linux/sched.h>

#include <netstate/comm.h>
#include <netstate/filter.h>
#include <netstate/detail.h>

#include "compat/sock_file.h"
#include "fetch.h"
#include "owner/access.h"
#include "owner/files.h"
#include "owner/owner.h"
#include "rest.h"
#include "store/budget.h"
#include "store/pool.h"
#include "store/rows.h"
#include "store/slots.h"

/* One hold of a task's locks looks at no more files than these. */
#define HOLD_FILES 512

/* What one hold of the locks can note: processes, and that they hold files. */
#define NOTE_SIZE ALIGN(sizeof(struct nst_process), 8)
#define HOLDERS_SIZE (4 * HOLD_FILES * sizeof(struct nst_holder))
#define HOLDERS_MORE (256 * 1024)
#define SHARERS_MAX 256
#define SHARERS_REST 8	/* of them between two rests: each may meet a long filter */
#define HOLD_STEPS (4 * HOLD_FILES)	/* holders that one hold of the locks notes or passes */

#define STEP_AHEAD 8	/* files between two steps of looking at one */
#define ROWS_AHEAD 8	/* records to prefetch ahead */
#define NEAR_BITS 3	/* log2 of the slots in a cache line */

/* last_pid of a record whose socket another record has, too: no pid is that large. */
#define TWIN U32_MAX
/* Added to the number of a table that several processes hold; nor is a pid so large. */
#define SEVERAL BIT(31)

/**
 * struct wanted - a slot of the table of wanted inodes
 * @inode: the inode, which fits: get_next_ino() counts in 32 bits; 0 in a free slot
 * @row: where the record with it is, see PLACE_BITS
 *
 * Small, because the table is what is looked into for every file.
 */
struct wanted {
	u32 inode;
	u32 row;
};

/*
 * A struct wanted's row: the number of the page, then where the record begins in the page.
 * That is a multiple of two units, so that there is a bit for whether it is of IPv6.
 */
#define PLACE_UNIT (NST_ROWS_ALIGN / 2)
#define PLACE_BITS (PAGE_SHIFT - const_ilog2(PLACE_UNIT))
#define PLACE_IPV6 1U
#define PAGES_MAX BIT(32 - PLACE_BITS)

/**
 * struct search - one walk over the processes
 * @files: the walk
 * @pool: where processes are noted
 * @all_holders: whether records have a list of their further holders
 * @filter: which processes are to be named; NULL: all
 * @wanted: the records by inode
 * @pages: the pages of the records
 * @table: tells the table at hand from the last one that a socket was found in: the pid
 *	of the process that holds it, or a number of its own if there are several
 * @tables: how many tables of several processes there were
 * @passing: how many of them are to be named
 * @process: the first of those, by rising pid; more than one only with @all_holders
 * @noted: where they are noted, once they hold something
 * @holders_left: how many further holders may still be noted in this read
 * @steps: how many may be noted or passed in this hold of the locks
 *
 * Too large for the stack.
 */
struct search {
	struct nst_files files;
	struct nst_pool *pool;
	bool all_holders;
	const struct nst_filter *filter;
	struct nst_slots wanted;
	struct nst_page **pages;
	u32 table;
	u32 tables;
	u32 passing;
	struct nst_files_process process[SHARERS_MAX];
	const struct nst_process *noted[SHARERS_MAX];
	u64 holders_left;
	u32 steps;
};

/* What a slot is compared with. */
struct wanted_key {
	const struct search *search;
	u32 inode;
	const void *socket;
};

static __always_inline struct nst_sock *wanted_sock(const struct search *search,
						    const struct wanted *slot);

static __always_inline bool is_free(const void *slot)
{
	return !((const struct wanted *)slot)->inode;
}

static __always_inline bool has_number(const struct nst_slots *slots, const void *slot,
				       const void *key)
{
	return ((const struct wanted *)slot)->inode == *(const u32 *)key;
}

static __always_inline bool is_wanted(const struct nst_slots *slots, const void *slot,
				      const void *key)
{
	const struct wanted_key *wanted = key;

	return ((const struct wanted *)slot)->inode == wanted->inode &&
	       wanted_sock(wanted->search, slot)->socket == wanted->socket;
}

/*
 * Where the search for an inode begins. Inodes that were made one after the other
 * are near each other in the table, as they often are in a process.
 */
static __always_inline u32 home_of_inode(const struct nst_slots *slots, u32 inode)
{
	u32 near = inode & (BIT(NEAR_BITS) - 1);

	return nst_slots_hash(slots, inode >> NEAR_BITS, slots->bits - NEAR_BITS) << NEAR_BITS |
	       near;
}

static __always_inline u32 home(const struct nst_slots *slots, const void *slot)
{
	return home_of_inode(slots, ((const struct wanted *)slot)->inode);
}

static const struct nst_slots_kind by_inode = {
	.size = sizeof(struct wanted),
	.is_free = is_free,
	.is = is_wanted,
	.home = home,
};

/* The same table, without a look at the records. */
static const struct nst_slots_kind by_number = {
	.size = sizeof(struct wanted),
	.is_free = is_free,
	.is = has_number,
	.home = home,
};

/*
 * The slot of a socket, or the free one where it belongs; NULL if there is neither. The search
 * begins at its home, or at the first slot with its inode number.
 */
static __always_inline struct wanted *wanted_slot(const struct search *search, u32 from,
						  u32 inode, const void *socket)
{
	const struct wanted_key key = { .search = search, .inode = inode, .socket = socket };

	return nst_slots_find(&search->wanted, &by_inode, from, &key);
}

/* The first slot with an inode number; NULL if there is none. */
static __always_inline const struct wanted *find_number(const struct search *search, u32 home,
							u32 inode)
{
	const struct wanted *slot = nst_slots_find(&search->wanted, &by_number, home, &inode);

	return slot && !is_free(slot) ? slot : NULL;
}

/* The record of a slot that is not free. */
static __always_inline struct nst_sock *wanted_sock(const struct search *search,
						    const struct wanted *slot)
{
	u32 place = slot->row & (BIT(PLACE_BITS) - 1) & ~PLACE_IPV6;

	return (void *)search->pages[slot->row >> PLACE_BITS] + place * PLACE_UNIT;
}

/* The holders of the record of a slot, if records have such. */
static struct nst_holders *wanted_holders(const struct search *search, const struct wanted *slot)
{
	return nst_sock_holders(wanted_sock(search, slot), slot->row & PLACE_IPV6);
}

/* Enters a record. Returns whether it shares its socket with one before. */
static __always_inline bool want_row(struct search *search, u32 home, struct nst_sock *sock,
				     u32 row)
{
	struct wanted *slot;

	if (!sock->inode)
		return false;

	slot = wanted_slot(search, home, sock->inode, sock->socket);
	if (!slot) {
		/* So many sockets have its number that there is no room: nobody is its owner. */
		search->files.incomplete++;
		return false;
	}
	if (slot->inode) {
		sock->last_pid = TWIN;
		return true;
	}

	slot->inode = sock->inode;
	slot->row = row;
	search->wanted.count++;
	return false;
}

/* Enters all records of a page. Returns whether one shares its socket with one before. */
static bool want_page(struct search *search, enum nst_table table, const struct nst_list *list,
		      struct nst_page *page, u32 number)
{
	u32 row = number << PLACE_BITS | (nst_table_is_ipv6(table) ? PLACE_IPV6 : 0);
	struct nst_sock *ahead = nst_page_row(list, page, 0), *sock = ahead;
	u32 homes[ROWS_AHEAD];
	bool twins = false;
	u32 i;

	for (i = 0; i < page->used + ROWS_AHEAD; i++) {
		u32 *home = &homes[i % ROWS_AHEAD];

		if (i >= ROWS_AHEAD) {
			twins |= want_row(search, *home, sock,
					  row + (size_t)((void *)sock - (void *)page) / PLACE_UNIT);
			sock = nst_page_after(list, sock);
		}
		if (i < page->used) {
			*home = home_of_inode(&search->wanted, ahead->inode);
			prefetchw(nst_slots_at(&search->wanted, &by_inode, *home));
			ahead = nst_page_after(list, ahead);
		}
	}

	return twins;
}

/* Enters all records with an inode. */
static int want_rows(struct search *search, struct nst_rows *rows, bool *twins)
{
	enum nst_table table;
	u32 pages = 0;
	int err;

	for (table = 0; table < NST_TABLES; table++) {
		const struct nst_list *list = &rows->list[table];
		struct nst_page *page;

		for (page = list->first; page; page = page->next, pages++) {
			search->pages[pages] = page;
			*twins |= want_page(search, table, list, page, pages);
			err = nst_rest();
			if (err)
				return err;
		}
	}

	return 0;
}

/*
 * Gives a record that shares its socket the owner that was found for the first of them. A
 * list of holders costs as much for each record that has it as for the first: so it counts
 * each time. Requests are such records, as many as somebody likes for one listener.
 */
static bool settle_twin(void *arg, struct nst_sock *sock, enum nst_table table)
{
	struct search *search = arg;
	const struct wanted *slot;
	const struct nst_sock *first;

	if (sock->last_pid != TWIN)
		return true;

	slot = wanted_slot(search, home_of_inode(&search->wanted, sock->inode), sock->inode,
			   sock->socket);
	first = wanted_sock(search, slot);
	sock->owner = first->owner;
	sock->others = first->others;
	sock->last_pid = first->last_pid;
	if (search->all_holders && search->holders_left >= first->others) {
		search->holders_left -= first->others;
		*nst_sock_holders(sock, table) = *wanted_holders(search, slot);
	}
	return true;
}

/*
 * Notes that owners may be missing, if a socket that some file may lead to was found in none.
 * Such a listener that is there for look-ups only does not count.
 */
static bool miss_owner(void *arg, struct nst_sock *sock, enum nst_table table)
{
	struct nst_access *access = arg;

	if (sock->inode && !sock->last_pid && sock->unowned != NST_UNOWNED_LISTENER &&
	    sock->unowned != NST_UNOWNED_KERNEL)
		access->hidden = true;
	return true;
}

static unsigned long count_inodes(const struct nst_rows *rows)
{
	unsigned long count = 0;
	enum nst_table table;

	for (table = 0; table < NST_TABLES; table++)
		count += rows->list[table].counts.inodes;

	return count;
}

/* Notes a process at hand for the first time; NULL without room. */
static const struct nst_process *note_new_process(struct search *search, u32 i)
{
	struct nst_process *process;

	process = nst_pool_alloc(search->pool, NOTE_SIZE);
	if (!process)
		return NULL;

	process->pid = search->process[i].pid;
	memcpy(process->comm, search->process[i].comm, NST_COMM_SIZE);
	nst_process_name(process);
	search->noted[i] = process;
	return process;
}

/* Notes a process at hand; NULL without room. */
static __always_inline const struct nst_process *note_process(struct search *search, u32 i)
{
	return search->noted[i] ?: note_new_process(search, i);
}

/*
 * Adds a process to those that hold a socket beside its owner, by rising pid, if it is not
 * among them already. Nearly always it is the last one; how many others are looked at in
 * one hold of the locks is bounded. Returns whether it is a new one.
 */
static bool add_holder(struct search *search, struct nst_holders *holders,
		       const struct nst_process *process)
{
	struct nst_holder **link = &holders->first, *holder;

	if (!process || !search->steps || !search->holders_left)
		return true;	/* counted, but not named */

	search->steps--;
	if (holders->last && holders->last->process->pid < process->pid)
		link = &holders->last->next;
	else
		for (; *link && (*link)->process->pid < process->pid && search->steps;
		     link = &(*link)->next)
			search->steps--;
	if (*link && (*link)->process->pid == process->pid)
		return false;
	if (*link && (*link)->process->pid < process->pid)
		return true;	/* its place was not found */

	holder = nst_pool_alloc(search->pool, sizeof(*holder));
	if (!holder)
		return true;

	search->holders_left--;
	holder->process = process;
	holder->next = *link;
	*link = holder;
	if (!holder->next)
		holders->last = holder;
	return true;
}

/*
 * The processes at hand hold a socket: who is its owner, and who else holds it?
 *
 * A process that holds it in two tables of files is counted once if its holders are noted,
 * or if it is the owner. Else it is counted twice if it shares one of the two tables with
 * another process.
 */
static void add_holders(struct search *search, struct nst_sock *sock, const struct wanted *slot)
{
	const struct nst_process *process = note_process(search, 0);
	u32 i, named = min_t(u32, search->passing, SHARERS_MAX);
	u32 known;

	if (!process)
		return;

	/* The owner is the one with the lowest pid. */
	known = sock->owner && sock->owner->pid == process->pid;
	if (!sock->owner || process->pid < sock->owner->pid)
		swap(sock->owner, process);
	if (known || !process)	/* it is the owner */
		process = NULL;

	sock->others += search->passing - !process;
	if (!search->all_holders)
		return;

	if (process)
		sock->others -= !add_holder(search, wanted_holders(search, slot), process);
	for (i = 1; i < named && search->steps && search->holders_left; i++)
		sock->others -= !add_holder(search, wanted_holders(search, slot),
					  note_process(search, i));
}

/* The processes at hand hold a socket that has the inode number of the slot number @at. */
static __always_inline void found_socket(struct search *search, const struct socket *socket,
					 u32 at)
{
	const struct wanted *slot = nst_slots_at(&search->wanted, &by_inode, at);
	struct nst_sock *sock = wanted_sock(search, slot);

	if (unlikely(sock->socket != socket)) {
		slot = wanted_slot(search, at, slot->inode, socket);
		if (!slot || is_free(slot))
			return;
		sock = wanted_sock(search, slot);
	}

	/* Found in this table already, or in the one before, which the same process holds. */
	if (sock->last_pid == search->table)
		return;

	sock->last_pid = search->table;
	if (!search->passing)
		return;

	if (likely(!sock->owner && search->passing == 1))
		sock->owner = note_process(search, 0);
	else
		add_holders(search, sock, slot);
}

/**
 * struct pipeline - the files of the process at hand that are being looked at
 * @search: who looks at them
 * @next: counts the files
 * @at: what is known of the last of them: the file; then its struct socket; NULL once it is
 *	none that is wanted
 * @slot: where in the table the search for its inode begins; then the first slot with that
 *	number
 *
 * File, inode, slot and record lie all over the memory. So each is fetched
 * STEP_AHEAD files before it is looked at, and several files are under way.
 */
struct pipeline {
	struct search *search;
	unsigned int next;
	void *at[4 * STEP_AHEAD];
	u32 slot[4 * STEP_AHEAD];
};

/* The place of the file that was put into the pipeline so many files before. */
static __always_inline unsigned int stage_at(const struct pipeline *pipeline, unsigned int before)
{
	return (pipeline->next - before) % ARRAY_SIZE(pipeline->at);
}

static u32 inode_of(struct socket *socket)
{
	return SOCK_INODE(socket)->i_ino;
}

/*
 * Puts a file into the pipeline, or nothing (NULL), and takes the oldest one out of it. The
 * lock of the files' table is held, so they are not going away, nor are their sockets.
 */
static __always_inline void turn_pipeline(struct search *search, struct pipeline *pipeline,
					  struct file *file)
{
	unsigned int i = stage_at(pipeline, 4 * STEP_AHEAD);

	if (pipeline->at[i])
		found_socket(search, pipeline->at[i], pipeline->slot[i]);

	pipeline->at[i] = file;
	if (file) {
		nst_fetch(&file->f_op);
		nst_fetch(&file->private_data);
	}

	i = stage_at(pipeline, STEP_AHEAD);
	if (pipeline->at[i]) {
		struct socket *socket = nst_file_socket(pipeline->at[i]);

		pipeline->at[i] = socket;
		if (socket)
			nst_fetch(&SOCK_INODE(socket)->i_ino);
	}

	i = stage_at(pipeline, 2 * STEP_AHEAD);
	if (pipeline->at[i]) {
		pipeline->slot[i] = home_of_inode(&search->wanted, inode_of(pipeline->at[i]));
		nst_fetch(nst_slots_at(&search->wanted, &by_inode, pipeline->slot[i]));
	}

	i = stage_at(pipeline, 3 * STEP_AHEAD);
	if (pipeline->at[i]) {
		const struct wanted *slot = find_number(search, pipeline->slot[i],
							inode_of(pipeline->at[i]));

		if (slot) {
			pipeline->slot[i] = slot - (struct wanted *)search->wanted.slot;
			/* A record of IPv4 lies in one line; of IPv6 this part does. */
			prefetchw(&wanted_sock(search, slot)->owner);
		} else {
			pipeline->at[i] = NULL;
		}
	}

	pipeline->next++;
}

/* Takes all files out of the pipeline. */
static void empty_pipeline(struct search *search, struct pipeline *pipeline)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pipeline->at); i++)
		turn_pipeline(search, pipeline, NULL);
}

static __always_inline void take_file(void *arg, struct file *file)
{
	struct pipeline *pipeline = arg;

	turn_pipeline(pipeline->search, pipeline, file);
}

static struct search *search_of(struct nst_files *files)
{
	return container_of(files, struct search, files);
}

static unsigned int scan(struct nst_files *files, struct fdtable *fdt, unsigned int from)
{
	struct pipeline pipeline = { .search = search_of(files) };

	pipeline.search->steps = HOLD_STEPS;
	from = nst_files_each(fdt, from, HOLD_FILES, take_file, &pipeline);
	empty_pipeline(pipeline.search, &pipeline);

	return from;
}

static int prepare(struct nst_files *files)
{
	struct search *search = search_of(files);
	u32 named = min_t(u32, search->passing, search->all_holders ? SHARERS_MAX : 1);

	return nst_pool_reserve(search->pool,
				named * NOTE_SIZE + (search->all_holders ? HOLDERS_SIZE : 0));
}

/* Which of the processes at hand are to be named? */
static int take_processes(struct nst_files *files)
{
	struct search *search = search_of(files);
	u32 i, most = search->all_holders ? SHARERS_MAX : 1;
	int err;

	search->table = files->processes == 1 ? files->process[0].pid :
						SEVERAL | ++search->tables;
	search->passing = 0;
	for (i = 0; i < files->processes; i++) {
		const struct nst_files_process *process = &files->process[i];

		err = i % SHARERS_REST ? 0 : nst_rest();
		if (err)
			return err;
		if (search->filter &&
		    !nst_filter_match_process(search->filter, process->pid, process->comm))
			continue;
		if (search->passing < most) {
			search->process[search->passing] = *process;
			search->noted[search->passing] = NULL;
		}
		search->passing++;
	}

	return 0;
}

static const struct nst_files_ops ops = {
	.processes = take_processes,
	.prepare = prepare,
	.scan = scan,
};

static size_t pages_size(const struct nst_rows *rows)
{
	return (size_t)rows->pages * sizeof(struct nst_page *);
}

/* Enters the records, looks at the files, and shares what was found. */
static int find_all(struct search *search, struct nst_rows *rows, u64 inodes)
{
	bool twins = false;
	int err;

	err = nst_slots_reserve(&search->wanted, &by_inode, inodes);
	if (!err)
		err = want_rows(search, rows, &twins);
	if (!err)
		err = nst_files_walk(&search->files);
	if (!err && twins)
		err = nst_rows_filter(rows, settle_twin, search);
	if (!err && nst_files_may_be_outside(&search->files))
		err = nst_rows_filter(rows, miss_owner, search->files.access);

	return err;
}

/**
 * nst_owners_find() - find out who holds the sockets of a snapshot
 * @pool: where the processes are noted that the records then point to; it has to
 *	live as long as these
 * @rows: the records; owner, others and last_pid are filled in, and with NST_NEED_HOLDERS
 *	the list of holders
 * @filter: which processes are to be named, unless NST_NEED_PROCESSES asks for all
 * @needs: what records hold, NST_NEED_*
 * @access: the reader
 * @ns: the pid namespace that counts the pids; the caller keeps it alive
 *
 * @incomplete: added to: how many processes could not be looked at in bounded work
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_owners_find(struct nst_pool *pool, struct nst_rows *rows,
		    const struct nst_filter *filter, unsigned int needs,
		    struct nst_access *access, struct pid_namespace *ns, u32 *incomplete)
{
	u64 inodes = count_inodes(rows);
	struct search *search;
	int err = -ENOMEM;

	if (!inodes)
		return 0;
	BUILD_BUG_ON(offsetof(struct nst_page, data) % NST_ROWS_ALIGN);
	if (rows->pages > PAGES_MAX)
		return -ENOMEM;

	search = nst_budget_alloc(access->budget, sizeof(*search));
	if (!search)
		return -ENOMEM;
	search->files = (struct nst_files){ .ops = &ops, .access = access, .ns = ns };
	search->pool = pool;
	search->all_holders = needs & NST_NEED_HOLDERS;
	search->filter = needs & NST_NEED_PROCESSES ? NULL : filter;
	search->holders_left = HOLDERS_MORE + 4 * inodes;
	nst_filter_pids(filter, &search->files.first, &search->files.last);
	nst_slots_init(&search->wanted, access->budget);

	search->pages = nst_budget_alloc(access->budget, pages_size(rows));
	if (search->pages)
		err = find_all(search, rows, inodes);

	*incomplete += search->files.incomplete;
	nst_slots_free(&search->wanted, by_inode.size);
	nst_budget_free(access->budget, search->pages, pages_size(rows));
	nst_budget_free(access->budget, search, sizeof(*search));
	return err;
}
