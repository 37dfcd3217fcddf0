// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which processes hold which sockets: one walk over the open files of all
 * processes that the reader may see, in the order of their pids, after the
 * sockets have been captured.
 *
 * Sockets are matched by inode number, as /proc/PID/fd shows them; the struct
 * sock behind a file may be another one than that in the hash tables (MPTCP).
 */
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/idr.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/prefetch.h>
#include <linux/rculist.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include <netstate/comm.h>
#include <netstate/filter.h>
#include <netstate/more.h>

#include "access.h"
#include "budget.h"
#include "compat/sock_file.h"
#include "fetch.h"
#include "owner.h"
#include "pool.h"
#include "rows.h"

/* One hold of a task's locks looks at no more files and slots than these. */
#define HOLD_FILES (1000 + BITS_PER_LONG)
#define HOLD_SLOTS (64 * 1024)

#define SECTION_TASKS 1000	/* threads, or ids, that one RCU section looks at */

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
 * @pool: where processes are noted
 * @all_holders: whether records have a list of their further holders
 * @filter: which processes are to be named
 * @access: the reader
 * @ns: the pid namespace that counts the pids
 * @wanted: open-addressing hash table of the records by inode
 * @bits: log2 of its size, at least one and a half times the number of records
 * @pages: the pages of the records
 * @size: bytes of an IPv4 and of an IPv6 record
 * @leader: the process at hand, by a reference
 * @process: its id and name
 * @passes: whether it is to be named
 * @noted: where it is noted, once it holds something
 * @task: whose files are looked at: it, or one of its threads
 */
struct search {
	struct nst_pool *pool;
	bool all_holders;
	const struct nst_filter *filter;
	struct nst_access *access;
	struct pid_namespace *ns;
	struct wanted *wanted;
	unsigned int bits;
	struct nst_page **pages;
	u32 size[2];
	struct task_struct *leader;
	struct nst_process process;
	bool passes;
	struct nst_process *noted;
	struct task_struct *task;
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

/* Notes the process at hand. There is room: scan_files() has reserved it. */
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
 * @next: counts the files
 * @at: what is known of the last of them: the file; then its inode, if it is a
 *	socket; then the inode's place in the table, if it is wanted; else NULL
 *
 * File, inode, place and record lie all over the memory. So each is fetched
 * STEP_AHEAD files before it is looked at, and several files are under way.
 */
struct belt {
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

/*
 * Looks at some files of a table. The caller holds its lock, so that the table
 * does not change, but for files that are just being opened.
 * Return: the slot to go on with, or 0 at the end.
 */
static unsigned int scan_slots(struct search *search, struct fdtable *fdt, unsigned int from)
{
	unsigned int limit = min(fdt->max_fds, from + HOLD_SLOTS);
	unsigned int files = 0;
	struct belt belt = {};

	/* Word by word of the bit map; max_fds is a multiple of BITS_PER_LONG. */
	for (; from < limit && files <= HOLD_FILES - BITS_PER_LONG; from += BITS_PER_LONG) {
		unsigned long open = READ_ONCE(fdt->open_fds[from / BITS_PER_LONG]);

		for (; open; open &= open - 1) {
			struct file *file = rcu_dereference_raw(fdt->fd[from + __ffs(open)]);

			if (!file)
				continue;

			turn_belt(search, &belt, file);
			files++;
		}
	}
	empty_belt(search, &belt);

	return from < fdt->max_fds ? from : 0;
}

/* Looks at the open files of a task, if the reader may, a bounded number at a time. */
static int scan_files(struct search *search)
{
	struct task_struct *task = search->task;
	unsigned int from = 0;

	do {
		struct files_struct *files;

		int err;

		cond_resched();
		if (fatal_signal_pending(current))
			return -EINTR;
		err = nst_pool_reserve(search->pool,
				       NOTE_SIZE + (search->all_holders ? HOLDERS_SIZE : 0));
		if (err)
			return err;

		/*
		 * task_lock() keeps task->files in place, and exec from giving
		 * the task other rights than those that are checked here. The
		 * order of the two locks is that of update_classid_task().
		 */
		task_lock(task);
		files = task->files;
		if (!files || !nst_access_may_see(search->access, task)) {
			task_unlock(task);
			return 0;
		}
		spin_lock(&files->file_lock);
		from = scan_slots(search, files_fdtable(files), from);
		spin_unlock(&files->file_lock);
		task_unlock(task);
	} while (from);

	return 0;
}

/* Whether a thread's file table has not just been looked at; only compared. */
static bool has_other_files(const struct task_struct *thread, const struct task_struct *leader,
			    const struct files_struct *last)
{
	/* A table that changes hands meanwhile may be seen or not. */
	const struct files_struct *files = READ_ONCE(thread->files);

	return files && files != READ_ONCE(leader->files) && files != last;
}

/*
 * Steps from @at to a later thread of the process: to one that began no earlier
 * than @since and whose file table is neither the leader's nor @last, or over as
 * many as one RCU section takes. The reference to @at is put; the thread is
 * returned with one. NULL at the end.
 *
 * Threads stand in the order in which they began. One that has exited since it
 * was stepped on has no place among them: then all are stepped over again, and
 * @since tells which of them have had their turn.
 *
 * As next_tid() in fs/proc/base.c: a thread that has its pid in this RCU section
 * has not been taken off the list before it, so what follows it is not freed yet.
 */
static struct task_struct *next_thread_from(struct task_struct *leader, struct task_struct *at,
					    u64 since, const struct files_struct *last)
{
	struct list_head *threads = &leader->signal->thread_head;
	unsigned int left = SECTION_TASKS;
	struct task_struct *found = NULL;
	struct task_struct *thread = at;

	rcu_read_lock();
	if (!pid_alive(at))
		thread = list_entry(threads, struct task_struct, thread_node);
	/* for_each_thread(), which wants an unexported lock on debugging kernels. */
	list_for_each_entry_continue_rcu(thread, threads, thread_node) {
		found = thread;
		if (!--left ||
		    (thread->start_time >= since && has_other_files(thread, leader, last)))
			break;
	}
	if (found)
		get_task_struct(found);
	rcu_read_unlock();

	put_task_struct(at);
	return found;
}

/*
 * Looks at the files of a process: those of its leader, which most threads
 * share, then those of threads that have their own. A leader that has exited
 * has none, and its threads go on; their common table is looked at once.
 */
static int scan_process(struct search *search)
{
	const struct files_struct *last = NULL;
	struct task_struct *leader = search->leader;
	struct task_struct *thread = leader;
	u64 since = 0;
	int err;

	search->task = leader;
	err = scan_files(search);
	if (err || thread_group_empty(leader))
		return err;

	get_task_struct(thread);
	while ((thread = next_thread_from(leader, thread, since, last))) {
		if (thread->start_time >= since && has_other_files(thread, leader, last)) {
			last = READ_ONCE(thread->files);
			search->task = thread;
			err = scan_files(search);
		}
		since = max(since, thread->start_time);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (err) {
			put_task_struct(thread);
			break;
		}
		cond_resched();
	}

	return err;
}

/*
 * The process with the lowest pid from @pid on, with a reference; NULL after the last, or
 * after as many ids as one RCU section takes: then @pid is where to go on.
 */
static struct task_struct *next_process_near(struct pid_namespace *ns, int *pid, bool *more)
{
	unsigned int left = SECTION_TASKS;
	struct task_struct *task = NULL;
	struct pid *found;

	rcu_read_lock();
	while ((found = idr_get_next(&ns->idr, pid))) {
		/* Threads have ids, too, but lead no group. */
		task = pid_task(found, PIDTYPE_TGID);
		if (task || !left--)
			break;
		++*pid;
	}
	if (task)
		get_task_struct(task);
	*more = found && !task;
	rcu_read_unlock();

	return task;
}

/* The process with the lowest pid from @pid on, with a reference; NULL after the last. */
static struct task_struct *next_process(struct pid_namespace *ns, int *pid)
{
	struct task_struct *task;
	bool more;

	while (!(task = next_process_near(ns, pid, &more)) && more)
		cond_resched();

	return task;
}

/* Makes a process the one at hand. */
static void take_process(struct search *search, u32 pid)
{
	struct nst_process *process = &search->process;

	process->pid = pid;
	/* Whoever renames the task meanwhile changes bytes of a string: it stays one. */
	data_race(memcpy(process->comm, search->leader->comm, NST_COMM_SIZE));
	process->comm[NST_COMM_SIZE - 1] = '\0';
	search->passes = nst_filter_match_process(search->filter, pid, process->comm);
	search->noted = NULL;
}

static int scan_processes(struct search *search)
{
	u32 first, last;
	int pid;
	int err = 0;

	nst_filter_pids(search->filter, &first, &last);
	if (first > last || first > PID_MAX_LIMIT)
		return 0;

	for (pid = first; !err && (search->leader = next_process(search->ns, &pid)); pid++) {
		if (!(search->leader->flags & PF_KTHREAD) && pid <= last) {
			take_process(search, pid);
			err = scan_process(search);
		}
		put_task_struct(search->leader);
		if (pid >= last)
			break;
	}

	return err;
}

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
		.pool = pool,
		.all_holders = nst_filter_needs_show(filter) & NST_NEED_HOLDERS,
		.filter = filter,
		.access = access,
		.ns = ns,
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
	nst_access_start(access);
	err = scan_processes(&search);
	if (!err && twins)
		settle_twins(&search, rows);

	free_tables(&search, rows->pages);
	return err;
}
