/* SPDX-License-Identifier: GPL-2.0-only */
/* Which tables of open files there are, and which tasks hold them. */
#ifndef NST_TARGETS_H
#define NST_TARGETS_H

#include <linux/types.h>

#include "store/slots.h"

struct files_struct;
struct nst_budget;
struct pid_namespace;

#define NST_TARGET_NONE U32_MAX

/**
 * struct nst_target - a task whose files are to be looked at
 * @files: its table when it was noted; only compared: it may be gone by now
 * @tid: its id
 * @pid: the id of its process
 * @next: the next target with this table; NST_TARGET_NONE at the end
 * @last: of the first one with a table: the last one
 * @lead: of the first one with a table: the lowest pid of them all; else 0
 * @members: of the first one with a table: how many there are
 */
struct nst_target {
	const struct files_struct *files;
	u32 tid;
	u32 pid;
	u32 next;
	u32 last;
	u32 lead;
	u32 members;
};

/**
 * struct nst_targets - all tasks whose files are to be looked at
 * @target: the targets, in the order of their ids
 * @count: how many
 * @capacity: for how many there is room
 * @tables: finds the first target of a table of files by its @files; a slot holds the
 *	target's number
 * @order: numbers in @target of the first ones by rising lead; NULL if they are so in
 *	@target
 * @firsts: how many first ones there are
 * @unsorted: whether they have to be sorted
 * @threads: whether one of the processes has more threads than its leader
 * @ns: the pid namespace that counts the ids
 * @budget: whom the memory is charged to
 * @first: the lowest pid that is wanted
 * @last_pid: the highest
 * @began: when the first of them was noted, as the kernel stamps tasks
 * @cursor: the id that the next new task would have had then
 */
struct nst_targets {
	struct nst_target *target;
	u32 count;
	u32 capacity;
	struct nst_slots tables;
	u32 *order;
	u32 firsts;
	bool unsorted;
	bool threads;
	struct pid_namespace *ns;
	struct nst_budget *budget;
	u32 first;
	u32 last_pid;
	u64 began;
	u32 cursor;
};

void nst_targets_init(struct nst_targets *targets, struct pid_namespace *ns,
		      struct nst_budget *budget, u32 first, u32 last);
int nst_targets_collect(struct nst_targets *targets);
int nst_targets_collect_new(struct nst_targets *targets);
int nst_targets_first(const struct nst_targets *targets, u32 i, u32 *at, u32 *first);
void nst_targets_free(struct nst_targets *targets);

#endif /* NST_TARGETS_H */
