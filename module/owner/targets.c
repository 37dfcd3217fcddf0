// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which tables of open files there are, and which tasks hold them.
 *
 * Tasks may share a table: the threads of a process do, and any tasks that clone() made
 * with CLONE_FILES. A thread may also have one of its own. So before any file is looked
 * at, all ids are gone through once, and each table is noted with all tasks that hold it.
 * That is what bounds the work of a read: it looks at what was there when it began, and at
 * each table once, however many share it.
 *
 * The ids are gone through upwards, so this ends, whatever comes and goes meanwhile.
 */
#include <linux/idr.h>
#include <linux/log2.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sort.h>
#include <linux/timekeeping.h>

#include "owner/targets.h"
#include "rest.h"
#include "store/budget.h"

#define SECTION_IDS 250		/* ids that one RCU section looks at */
#define PASSED 4096		/* targets that are passed over between two rests */
#define EARLIER_IDS 1024	/* before the next one: given to tasks that were not there yet */

/**
 * struct table - a slot of the tables
 * @files: the table; only compared
 * @first: the number of the first target with it
 */
struct table {
	const struct files_struct *files;
	u32 first;
};

static __always_inline bool is_free(const void *slot)
{
	return !((const struct table *)slot)->files;
}

static __always_inline bool is_table(const struct nst_slots *slots, const void *slot,
				     const void *key)
{
	return ((const struct table *)slot)->files == key;
}

static __always_inline u32 home_of_table(const struct nst_slots *slots,
					 const struct files_struct *files)
{
	return nst_slots_hash(slots, (unsigned long)files, slots->bits);
}

static __always_inline u32 home(const struct nst_slots *slots, const void *slot)
{
	return home_of_table(slots, ((const struct table *)slot)->files);
}

static const struct nst_slots_kind by_files = {
	.size = sizeof(struct table),
	.is_free = is_free,
	.is = is_table,
	.home = home,
};

static size_t target_size(u32 capacity)
{
	return (size_t)capacity * sizeof(struct nst_target);
}

static size_t order_size(const struct nst_targets *targets)
{
	return (size_t)targets->firsts * sizeof(*targets->order);
}

/**
 * nst_targets_init() - prepare to note tasks
 * @targets: filled in; to be freed with nst_targets_free()
 * @ns: the pid namespace that counts the ids; the caller keeps it alive
 * @budget: whom the memory is charged to
 * @first: the lowest pid that is wanted
 * @last: the highest
 *
 * Context: process context.
 */
void nst_targets_init(struct nst_targets *targets, struct pid_namespace *ns,
		      struct nst_budget *budget, u32 first, u32 last)
{
	*targets = (struct nst_targets){
		.ns = ns,
		.budget = budget,
		.first = first,
		.last_pid = last,
		.began = ktime_get_ns(),
		/* Allocated under a lock; a number that is a little old is as good. */
		.cursor = data_race(idr_get_cursor(&ns->idr)),
	};
	nst_slots_init(&targets->tables, budget);
}

/* Twice the room, or the first. */
static int grow(struct nst_targets *targets)
{
	u32 capacity = max_t(u32, 2 * targets->capacity, 2 * SECTION_IDS);
	struct nst_target *target;
	u32 i;

	target = nst_budget_alloc(targets->budget, target_size(capacity));
	if (!target)
		return -ENOMEM;

	for (i = 0; i < targets->count; i += SECTION_IDS) {
		memcpy(target + i, targets->target + i,
		       target_size(min_t(u32, targets->count - i, SECTION_IDS)));
		cond_resched();
	}
	nst_budget_free(targets->budget, targets->target, target_size(targets->capacity));
	targets->target = target;
	targets->capacity = capacity;
	return 0;
}

/* Makes room for what one RCU section can note. */
static int reserve(struct nst_targets *targets)
{
	int err = 0;

	if (targets->capacity - targets->count < SECTION_IDS)
		err = grow(targets);

	return err ?: nst_slots_reserve(&targets->tables, &by_files, SECTION_IDS);
}

/* Adds a task to those that hold its table; there is room. */
static void add(struct nst_targets *targets, const struct files_struct *files, u32 tid, u32 pid)
{
	struct table *table = nst_slots_find(&targets->tables, &by_files,
					     home_of_table(&targets->tables, files), files);
	struct nst_target *target = &targets->target[targets->count];
	struct nst_target *first;

	*target = (struct nst_target){
		.files = files,
		.tid = tid,
		.pid = pid,
		.next = NST_TARGET_NONE,
	};

	if (table && table->files) {
		first = &targets->target[table->first];
		/* Threads whose leader has exited share its table. */
		if (targets->target[first->last].pid == pid)
			return;
		targets->target[first->last].next = targets->count;
		first->last = targets->count++;
		first->members++;
		targets->unsorted |= pid < first->lead;
		first->lead = min(first->lead, pid);
		return;
	}

	if (table) {
		*table = (struct table){ .files = files, .first = targets->count };
		targets->tables.count++;
	}
	target->last = targets->count++;
	target->lead = pid;
	target->members = 1;
	targets->firsts++;
	targets->unsorted |= tid != pid;
}

/* Which tasks are noted. */
enum which {
	OLD = 1,	/* those that were there when the walk began */
	NEW = 2,	/* those that began later */
	LEADERS = 4,	/* the first ones of processes */
	THREADS = 8,	/* the others */
};

/* Notes a task, if it is of these kinds and its pid is in the range; no kernel thread. */
static void note(struct nst_targets *targets, struct task_struct *task, u32 tid,
		 unsigned int which)
{
	/* exec may give the group another leader meanwhile; both are freed by RCU. */
	struct task_struct *leader = READ_ONCE(task->group_leader);
	const struct files_struct *files = READ_ONCE(task->files);
	u32 pid = tid;

	if (task->flags & PF_KTHREAD ||
	    !(which & (task->start_time < targets->began ? OLD : NEW)) ||
	    !(which & (task == leader ? LEADERS : THREADS)))
		return;

	if (task != leader) {
		/* The leader may take or give up the table just now: both are right answers. */
		if (files == READ_ONCE(leader->files))
			return;
		/* The files of an old process have been looked at: these are a copy. */
		if (which & NEW && leader->start_time < targets->began)
			return;
		pid = task_tgid_nr_ns(task, targets->ns);
	}
	if (!pid || pid < targets->first || pid > targets->last_pid)
		return;

	targets->threads |= !thread_group_empty(leader);
	if (files)
		add(targets, files, tid, pid);
}

/* Notes the tasks whose ids are in a range. */
static int collect(struct nst_targets *targets, u32 from, u32 to, unsigned int which)
{
	int last = min_t(u32, to, PID_MAX_LIMIT);
	int id = min_t(u32, from, PID_MAX_LIMIT + 1);
	bool more;
	int err;

	do {
		unsigned int left = SECTION_IDS;
		struct pid *pid = NULL;

		err = nst_rest();
		if (!err)
			err = reserve(targets);
		if (err)
			return err;

		rcu_read_lock();
		while (left-- && id <= last && (pid = idr_get_next(&targets->ns->idr, &id))) {
			/* Ids of groups and sessions whose task is gone have none. */
			struct task_struct *task = pid_task(pid, PIDTYPE_PID);

			if (task && id <= last)
				note(targets, task, id, which);
			id++;
		}
		rcu_read_unlock();
		more = pid && id <= last;
	} while (more);

	return 0;
}

/* Sorts by rising lead; of one lead, the table with most holders comes first. */
static int compare(const void *a, const void *b, const void *arg)
{
	const struct nst_target *target = arg;
	const struct nst_target *x = &target[*(const u32 *)a], *y = &target[*(const u32 *)b];

	cond_resched();
	if (x->lead != y->lead)
		return x->lead < y->lead ? -1 : 1;
	if (x->members != y->members)
		return x->members > y->members ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

/*
 * The tables of one process have to follow each other, so that what it holds in two of
 * them is counted once. They do, unless threads have tables of their own.
 */
static int sort_tables(struct nst_targets *targets)
{
	u32 i, n = 0;
	int err = 0;

	if (!targets->unsorted)
		return 0;

	targets->order = nst_budget_alloc(targets->budget, order_size(targets));
	if (!targets->order)
		return -ENOMEM;

	for (i = 0; !err && i < targets->count; i++) {
		if (targets->target[i].lead)
			targets->order[n++] = i;
		if (!(i % PASSED))
			err = nst_rest();
	}
	if (err)
		return err;

	sort_r(targets->order, n, sizeof(*targets->order), compare, NULL, targets->target);
	return nst_rest();
}

/**
 * nst_targets_collect() - note all tasks that there are
 * @targets: the targets
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_targets_collect(struct nst_targets *targets)
{
	u32 first = targets->first, last = targets->last_pid;
	int err;

	if (first == 0 && last >= PID_MAX_LIMIT) {
		err = collect(targets, first, last, OLD | LEADERS | THREADS);
	} else {
		/* Threads have ids of their own, anywhere. */
		err = collect(targets, first, last, OLD | LEADERS);
		if (!err && targets->threads)
			err = collect(targets, 0, PID_MAX_LIMIT, OLD | THREADS);
	}

	return err ?: sort_tables(targets);
}

/**
 * nst_targets_collect_new() - note the tasks that have begun since
 * @targets: the targets; those that were noted before are forgotten
 *
 * Ids are given upwards, and from the first one on again after the last: so new tasks have
 * those from where the kernel was then to where it is now. A task gets its id a little before
 * the time that it began at, and comes later still: so it goes back a little, too. Which tasks
 * are new is told by their time alone.
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_targets_collect_new(struct nst_targets *targets)
{
	u32 from = targets->cursor - EARLIER_IDS;
	/* As in nst_targets_init() */
	u32 to = data_race(idr_get_cursor(&targets->ns->idr));
	int err;

	nst_targets_free(targets);
	if (targets->cursor <= EARLIER_IDS) {
		/* Those before may be the last ones, if ids had just begun anew. */
		err = collect(targets, 0, PID_MAX_LIMIT, NEW | LEADERS | THREADS);
	} else if (to >= targets->cursor) {
		err = collect(targets, from, to - 1, NEW | LEADERS | THREADS);
	} else {
		err = collect(targets, from, PID_MAX_LIMIT, NEW | LEADERS | THREADS);
		to = min(to, from);
		if (!err && to)
			err = collect(targets, 0, to - 1, NEW | LEADERS | THREADS);
	}

	return err ?: sort_tables(targets);
}

/**
 * nst_targets_first() - the first target with a table
 * @targets: the targets
 * @i: which table, less than @targets->firsts
 * @at: where the search goes on; 0 for @i 0, then as it was left
 * @first: set to its number
 *
 * Context: process context, may sleep.
 * Return: 0; what nst_rest() gave.
 */
int nst_targets_first(const struct nst_targets *targets, u32 i, u32 *at, u32 *first)
{
	u32 passed = 0;
	int err = 0;

	if (targets->order) {
		*first = targets->order[i];
		return 0;
	}

	while (!err && !targets->target[*at].lead) {
		++*at;
		if (!(++passed % PASSED))
			err = nst_rest();
	}
	*first = (*at)++;
	return err;
}

/**
 * nst_targets_free() - forget all targets
 * @targets: the targets
 *
 * Context: may sleep.
 */
void nst_targets_free(struct nst_targets *targets)
{
	nst_budget_free(targets->budget, targets->order, order_size(targets));
	nst_budget_free(targets->budget, targets->target, target_size(targets->capacity));
	nst_slots_free(&targets->tables, by_files.size);
	targets->target = NULL;
	targets->order = NULL;
	targets->capacity = 0;
	targets->count = 0;
	targets->firsts = 0;
	targets->unsorted = false;
	targets->threads = false;
}
