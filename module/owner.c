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
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <netstate/comm.h>
#include <netstate/filter.h>
#include <netstate/more.h>

#include "access.h"
#include "budget.h"
#include "compat/sock_file.h"
#include "owner.h"
#include "pool.h"
#include "rows.h"

#define GFP (GFP_KERNEL_ACCOUNT | __GFP_ZERO | __GFP_NOWARN)

/* One hold of a task's locks looks at no more files and slots than these. */
#define HOLD_FILES (1000 + BITS_PER_LONG)
#define HOLD_SLOTS (64 * 1024)

#define SECTION_TASKS 1000	/* threads, or ids, that one RCU section looks at */

/* What one hold of the locks can note: a process, and that it holds each of the files. */
#define NOTE_SIZE ALIGN(sizeof(struct nst_process), 8)
#define HOLDERS_SIZE (HOLD_FILES * sizeof(struct nst_holder))

#define FILES_BATCH 16	/* files that are looked at together */
#define ROWS_AHEAD 8	/* records to prefetch ahead */
#define NEAR_BITS 2	/* log2 of the places in a cache line */

/* last_pid of a record whose inode another record has, too: no pid is that large. */
#define TWIN U32_MAX

/**
 * struct wanted - a place in the table of wanted inodes
 * @sock: the record, NULL in a free place
 * @inode: its inode, which fits: get_next_ino() counts in 32 bits
 * @more: offset of its struct nst_more, if it has one
 */
struct wanted {
	struct nst_sock *sock;
	u32 inode;
	u32 more;
};

/**
 * struct search - one walk over the processes
 * @pool: where processes are noted
 * @all_holders: whether records have a list of all their holders
 * @filter: which processes are to be named
 * @access: the reader
 * @ns: the pid namespace that counts the pids
 * @wanted: open-addressing hash table of the records by inode
 * @bits: log2 of its size, which is at least twice the number of records
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
	struct task_struct *leader;
	struct nst_process process;
	bool passes;
	struct nst_process *noted;
	struct task_struct *task;
};

/*
 * Memory in one piece is faster, and taken if it is at hand: nothing is moved or
 * written out for it, which kvmalloc() would do with __GFP_RETRY_MAYFAIL.
 */
static void *alloc_table(size_t size)
{
	void *table = kmalloc(size, GFP | __GFP_NORETRY);

	return table ?: __vmalloc(size, GFP | __GFP_RETRY_MAYFAIL);
}

static size_t wanted_size(const struct search *search)
{
	return sizeof(struct wanted) << search->bits;
}

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

	/* Ends: at least half of the places are free. */
	while (search->wanted[i].sock && search->wanted[i].inode != inode)
		i = (i + 1) & mask;

	return &search->wanted[i];
}

/* Enters a record. Returns whether it shares its inode with one that was entered before. */
static bool want_row(struct search *search, struct nst_sock *sock, enum nst_table table)
{
	struct wanted *place;

	if (!sock->inode)
		return false;

	place = wanted_place(search, sock->inode);
	if (place->sock) {
		sock->last_pid = TWIN;
		return true;
	}

	place->sock = sock;
	place->inode = sock->inode;
	place->more = nst_sock_size(table);
	return false;
}

/* Enters all records with an inode. Returns how many share theirs with another record. */
static unsigned int want_rows(struct search *search, struct nst_rows *rows)
{
	unsigned int twins = 0;
	enum nst_table table;

	for (table = 0; table < NST_TABLES; table++) {
		const struct nst_list *list = &rows->list[table];
		struct nst_page *page;
		u32 i;

		for (page = list->first; page; page = page->next) {
			for (i = 0; i < page->used; i++) {
				u32 ahead = min(i + ROWS_AHEAD, page->used - 1);
				u32 inode = nst_page_row(list, page, ahead)->inode;

				prefetchw(&search->wanted[wanted_home(search, inode)]);
				twins += want_row(search, nst_page_row(list, page, i), table);
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
			const struct nst_sock *first = place->sock;

			sock->owner = first->owner;
			sock->more = first->more;
			sock->last_pid = first->last_pid;
			if (search->all_holders) {
				const struct nst_more *more = (void *)first + place->more;

				nst_sock_more(sock, cursor.table)->holders = more->holders;
			}
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

/* Adds the process at hand to all that hold a socket. */
static void add_holder(struct search *search, struct nst_more *more)
{
	struct nst_holder *holder = nst_pool_take(search->pool, sizeof(*holder));

	holder->process = note_process(search);
	holder->next = NULL;
	if (more->last_holder)
		more->last_holder->next = holder;
	else
		more->holders = holder;
	more->last_holder = holder;
}

/* The process at hand holds a socket. */
static void found_socket(struct search *search, const struct wanted *place)
{
	struct nst_sock *sock = place->sock;

	if (!sock || sock->last_pid == search->process.pid)
		return;

	sock->last_pid = search->process.pid;
	if (!search->passes)
		return;

	if (sock->owner)
		sock->more++;
	else
		sock->owner = note_process(search);
	if (search->all_holders)
		add_holder(search, (void *)sock + place->more);
}

/**
 * struct batch - some files of the process at hand
 * @files: how many
 * @file: these
 */
struct batch {
	unsigned int files;
	struct file *file[FILES_BATCH];
};

/*
 * Finds the sockets among some files, and empties the batch. The lock of the
 * files' table is held, so they are not going away, nor are their sockets.
 *
 * Each step fetches for all of them what the next step looks at: file, socket,
 * place in the table and record lie all over the memory.
 */
static void found_files(struct search *search, struct batch *batch)
{
	const struct wanted *place[FILES_BATCH];
	struct inode *inode[FILES_BATCH];
	unsigned int sockets = 0;
	unsigned int i;

	for (i = 0; i < batch->files; i++) {
		inode[sockets] = nst_file_inode(batch->file[i]);
		if (inode[sockets])
			prefetch(&inode[sockets++]->i_ino);
	}
	for (i = 0; i < sockets; i++)
		prefetch(&search->wanted[wanted_home(search, inode[i]->i_ino)]);
	for (i = 0; i < sockets; i++) {
		place[i] = wanted_place(search, inode[i]->i_ino);
		prefetchw(place[i]->sock);
	}
	for (i = 0; i < sockets; i++)
		found_socket(search, place[i]);

	batch->files = 0;
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
	struct batch batch;

	/* Word by word of the bit map; max_fds is a multiple of BITS_PER_LONG. */
	batch.files = 0;
	for (; from < limit && files <= HOLD_FILES - BITS_PER_LONG; from += BITS_PER_LONG) {
		unsigned long open = READ_ONCE(fdt->open_fds[from / BITS_PER_LONG]);

		for (; open; open &= open - 1) {
			struct file *file = rcu_dereference_raw(fdt->fd[from + __ffs(open)]);

			if (!file)
				continue;

			prefetch(&file->f_op);
			prefetch(&file->private_data);
			batch.file[batch.files++] = file;
			files++;
			if (batch.files == FILES_BATCH)
				found_files(search, &batch);
		}
	}
	found_files(search, &batch);

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
 * Steps from @at to a later thread of the process: to one whose file table is
 * neither the leader's nor @last, or over as many as one RCU section takes. The
 * reference to @at is put; the thread is returned with one. NULL at the end.
 *
 * Threads stand in the order in which they began. One that has exited since it
 * was stepped on has no place among them: then go on with those that began no
 * earlier.
 *
 * As next_tid() in fs/proc/base.c: a thread that has its pid in this RCU section
 * has not been taken off the list before it, so what follows it is not freed yet.
 */
static struct task_struct *next_thread_from(struct task_struct *leader, struct task_struct *at,
					    const struct files_struct *last)
{
	struct list_head *threads = &leader->signal->thread_head;
	unsigned int left = SECTION_TASKS;
	struct task_struct *found = NULL;
	struct task_struct *thread = at;
	bool gone;

	rcu_read_lock();
	gone = !pid_alive(at);
	if (gone)
		thread = list_entry(threads, struct task_struct, thread_node);
	/* for_each_thread(), which wants an unexported lock on debugging kernels. */
	list_for_each_entry_continue_rcu(thread, threads, thread_node) {
		if (gone && thread->start_time < at->start_time)
			continue;
		found = thread;
		if (!--left || has_other_files(thread, leader, last))
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
	int err;

	search->task = leader;
	err = scan_files(search);
	if (err || thread_group_empty(leader))
		return err;

	get_task_struct(thread);
	while ((thread = next_thread_from(leader, thread, last))) {
		if (has_other_files(thread, leader, last)) {
			last = READ_ONCE(thread->files);
			search->task = thread;
			err = scan_files(search);
		}
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
		.all_holders = filter->show & NST_SHOW_MORE,
		.filter = filter,
		.access = access,
		.ns = ns,
	};
	unsigned long inodes = count_inodes(rows);
	unsigned int twins;
	int err;

	if (!inodes)
		return 0;

	search.bits = max(ilog2(inodes) + 2, NEAR_BITS + 1);
	if (search.bits > 30)
		return -ENOMEM;
	err = nst_budget_charge(wanted_size(&search), pool->privileged);
	if (err)
		return err;
	search.wanted = alloc_table(wanted_size(&search));
	if (!search.wanted) {
		err = -ENOMEM;
		goto release_budget;
	}

	twins = want_rows(&search, rows);
	nst_access_start(access);
	err = scan_processes(&search);
	if (!err && twins)
		settle_twins(&search, rows);

	kvfree(search.wanted);
release_budget:
	nst_budget_release(wanted_size(&search), pool->privileged);
	return err;
}
