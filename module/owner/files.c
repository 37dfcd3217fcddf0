// SPDX-License-Identifier: GPL-2.0-only
/*
 * The open files of all processes that a reader may see, in the order of their pids, a
 * bounded number at a time.
 *
 * No task is held on to: each is found anew by its id for every hold of its locks, under
 * RCU, and is the one meant if it still has the table of files.
 *
 * What bounds a walk: it looks once at each table that was there when it began (targets.c).
 * Processes that began later are looked at, too, since one may hold what its parent has
 * closed meanwhile; but for no more holds of locks than the others took, and NEW_HOLDS.
 */
#include <linux/fdtable.h>
#include <linux/idr.h>
#include <linux/nsproxy.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sort.h>
#include <net/net_namespace.h>

#include "owner/access.h"
#include "owner/files.h"
#include "owner/targets.h"
#include "rest.h"
#include "store/addresses.h"
#include "store/budget.h"

#define NEW_HOLDS 64		/* holds of locks for new processes, in any case */
#define SHARERS 1024		/* processes that share a table, passed over between two rests */

/**
 * struct pass - one pass over the targets
 * @walk: the walk
 * @targets: the targets
 * @process: room for the processes that share a table
 * @capacity: for how many
 * @holds: how often locks were held so far
 * @holds_max: how often they may be
 */
struct pass {
	struct nst_files *walk;
	struct nst_targets targets;
	struct nst_files_process *process;
	u32 capacity;
	u64 holds;
	u64 holds_max;
};

/* The task with an id, or NULL; under RCU. */
static struct task_struct *find_task(const struct pid_namespace *ns, u32 tid)
{
	struct pid *pid = find_pid_ns(tid, (struct pid_namespace *)ns);

	return pid ? pid_task(pid, PIDTYPE_PID) : NULL;
}

/*
 * Whether the reader may see a task that has files; the caller holds its task_lock(). If not,
 * that is noted: owners may be missing. A kernel thread's files hold no sockets.
 */
static bool may_see(struct nst_files *walk, struct task_struct *task)
{
	if (nst_access_may_see(walk->access, task))
		return true;

	if (!(task->flags & PF_KTHREAD))
		walk->access->hidden = true;
	return false;
}

/*
 * Whether the first thread of a process has ended, and the others go on: they may have its
 * files. Not so if all of the process ends. That, and who is in the group, may change at once:
 * both are only looked at, under RCU, which keeps them; to be wrong costs a word on line 1.
 */
static bool has_left(struct task_struct *task)
{
	return !task->files && thread_group_leader(task) && !thread_group_empty(task) &&
	       !(READ_ONCE(task->signal->flags) & SIGNAL_GROUP_EXIT);
}

/*
 * Notes the process of a task, if it is one of those wanted, the task has this table (any if
 * @files is NULL), and the rules let the reader see it. A task that began after @until has
 * taken over an old id. It is not looked at: there could be endlessly many. A process whose
 * first thread ended after it was noted is not looked at either, and that is counted. Returns
 * the table, only to be compared, or NULL.
 */
static const struct files_struct *note(struct nst_files *walk, u32 tid,
				       const struct files_struct *files,
				       struct nst_files_process *process)
{
	const struct files_struct *found = NULL;
	struct task_struct *task;
	bool is_wanted;

	rcu_read_lock();
	task = find_task(walk->ns, tid);
	if (task) {
		task_lock(task);
		/* Without an id it is on its way out; another id's task may have got this one. */
		process->pid = task_tgid_nr_ns(task, walk->ns);
		is_wanted = process->pid && process->pid >= walk->first &&
			    process->pid <= walk->last && task->start_time < walk->until;
		if (is_wanted && has_left(task))
			walk->incomplete += nst_access_may_see(walk->access, task);
		if (is_wanted && task->files && (!files || task->files == files) &&
		    may_see(walk, task)) {
			found = task->files;
			/* A racing rename may tear the name; it stays terminated. */
			data_race(memcpy(process->comm, task->group_leader->comm, NST_COMM_SIZE));
			process->comm[NST_COMM_SIZE - 1] = '\0';
		}
		task_unlock(task);
	}
	rcu_read_unlock();

	return found;
}

/* Notes that the kernel has refused a task, if that is still there. */
static void note_refusal(struct nst_access *access, const struct pid_namespace *ns, u32 tid)
{
	struct task_struct *task;

	rcu_read_lock();
	task = find_task(ns, tid);
	if (task) {
		task_lock(task);
		if (task->files)
			nst_access_refuse(access, task);
		task_unlock(task);
	}
	rcu_read_unlock();
}

/*
 * Asks the kernel about a task, and notes what it refuses. What could not be asked without
 * waiting for the task is no refusal, but not seen either.
 */
static int ask(struct nst_access *access, const struct pid_namespace *ns, u32 tid)
{
	int answer = nst_access_ask(access, ns, tid);

	if (!answer)
		note_refusal(access, ns, tid);
	if (answer != -EAGAIN)
		return answer;

	access->hidden = true;
	return 0;
}

/*
 * As note(), and the kernel is asked, too. Gives 1 with the table in @found, 0 if not so, or
 * an error: what memory kept from being seen must not look as if it were not there.
 */
static int look(struct nst_files *walk, u32 tid, const struct files_struct *files,
		struct nst_files_process *process, const struct files_struct **found)
{
	int answer;

	*found = note(walk, tid, files, process);
	if (!*found)
		return 0;

	answer = ask(walk->access, walk->ns, tid);
	walk->access->hidden |= !answer;
	walk->seen |= answer > 0;
	if (answer != -ENOENT)
		return answer;

	return note(walk, tid, *found, process) ? -ENOMEM : 0;
}

/* What became of a task and its table of files. */
enum hold {
	HELD,	/* it has it */
	GONE,	/* there is no such task that the reader may see */
	LEFT,	/* it is there, without the table: others may have that, and it another */
};

/*
 * Looks at some files of a task, from slot @from on, if it still has that table and the
 * reader may still see it.
 *
 * task_lock() keeps task->files in place, and exec from giving the task other rights than
 * those that are checked here. The order of the two locks is that of
 * update_classid_task().
 */
static enum hold hold(struct nst_files *walk, u32 tid, const struct files_struct *files,
		      unsigned int *from)
{
	enum hold held = GONE;
	struct task_struct *task;

	rcu_read_lock();
	task = find_task(walk->ns, tid);
	/* One that began after @until has taken over the id. */
	if (task && task->start_time < walk->until) {
		task_lock(task);
		if (task->files != files)
			held = task->files || has_left(task) ? LEFT : GONE;
		else if (task->files && may_see(walk, task))
			held = HELD;
		if (held == HELD) {
			spin_lock(&task->files->file_lock);
			*from = walk->ops->scan(walk, files_fdtable(task->files), *from);
			spin_unlock(&task->files->file_lock);
		}
		task_unlock(task);
	}
	rcu_read_unlock();

	return held;
}

/* The next target that shares a table, and that the reader may see; what nst_rest() gave. */
static int next_sharer(const struct nst_target *targets, u32 *target)
{
	unsigned int steps = 0;
	int err = 0;

	do {
		*target = targets[*target].next;
		if (!(++steps % SHARERS))
			err = nst_rest();
	} while (!err && *target != NST_TARGET_NONE && targets[*target].files);

	return err;
}

/*
 * Looks at all files of a table, by one of the targets that hold it, or, if they are
 * @shared, by another when that has lost it. When nobody is left, and one of them went on
 * without the table, what it holds was not looked at in full.
 */
static int scan_table(struct pass *pass, const struct files_struct *files, u32 target,
		      bool shared)
{
	const struct nst_target *targets = pass->targets.target;
	struct nst_files *walk = pass->walk;
	unsigned int from = 0;
	bool left = false;
	enum hold held;
	int err = 0;

	if (walk->ops->processes)
		err = walk->ops->processes(walk);

	while (!err) {
		err = nst_rest();
		if (!err)
			err = walk->ops->prepare(walk);
		if (err)
			return err;

		held = hold(walk, targets[target].tid, files, &from);
		pass->holds++;
		if (held == HELD && !from)
			return 0;
		left |= held == LEFT;
		if (held != HELD && shared)
			err = next_sharer(targets, &target);
		if (held != HELD && (!shared || target == NST_TARGET_NONE)) {
			walk->incomplete += left;
			return err;
		}
		if (!err && pass->holds >= pass->holds_max) {
			walk->incomplete++;
			return 0;
		}
	}

	return err;
}

/*
 * Looks at the table that one task has by now, unless it is @seen. If it has left the one that
 * was noted, and nobody has looked at that (@unseen), others may have it who were not noted.
 */
static int scan_one(struct pass *pass, u32 target, const struct files_struct *seen, bool unseen)
{
	struct nst_files_process process;
	const struct files_struct *files;
	int answer;

	answer = look(pass->walk, pass->targets.target[target].tid, NULL, &process, &files);
	if (answer <= 0 || files == seen)
		return min(answer, 0) ?: nst_rest();

	pass->walk->incomplete += unseen && pass->targets.target[target].files != files;

	pass->walk->process = &process;
	pass->walk->processes = 1;
	return scan_table(pass, files, target, false);
}

static size_t process_size(u32 capacity)
{
	return (size_t)capacity * sizeof(struct nst_files_process);
}

/* Makes room for so many processes. */
static int reserve_processes(struct pass *pass, u32 capacity)
{
	struct nst_budget *budget = pass->walk->access->budget;

	if (capacity <= pass->capacity)
		return 0;

	nst_budget_free(budget, pass->process, process_size(pass->capacity));
	pass->process = nst_budget_alloc(budget, process_size(capacity));
	pass->capacity = pass->process ? capacity : 0;
	return pass->process ? 0 : -ENOMEM;
}

static int compare_pids(const void *a, const void *b)
{
	const struct nst_files_process *x = a, *y = b;

	cond_resched();
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* Sorts the processes by pid, each once, and sets how many are left; what nst_rest() gave. */
static int sort_processes(struct nst_files_process *process, u32 *count)
{
	u32 i, n = 0;
	int err = 0;

	sort(process, *count, sizeof(*process), compare_pids, NULL);
	for (i = 0; !err && i < *count; i++) {
		if (!n || process[n - 1].pid != process[i].pid)
			process[n++] = process[i];
		if (!(i % SHARERS))
			err = nst_rest();
	}
	*count = n;

	return err;
}

/* Looks at a table that several targets share, from its first target on. */
static int scan_shared(struct pass *pass, u32 first)
{
	struct nst_target *targets = pass->targets.target;
	const struct files_struct *files = targets[first].files, *found;
	struct nst_files *walk = pass->walk;
	u32 holder = NST_TARGET_NONE, count = 0, i;
	int err = reserve_processes(pass, targets[first].members);
	int answer;

	for (i = first; !err && i != NST_TARGET_NONE; i = targets[i].next) {
		answer = look(walk, targets[i].tid, files, &pass->process[count], &found);
		if (answer < 0)
			return answer;
		if (answer) {
			count++;
			if (holder == NST_TARGET_NONE)
				holder = i;
			targets[i].files = NULL;	/* done */
		}
		err = nst_rest();
	}
	if (!err && count)
		err = sort_processes(pass->process, &count);
	if (!err && count) {
		walk->process = pass->process;
		walk->processes = count;
		err = scan_table(pass, files, holder, true);
	}

	/* Those that have another table by now, if the reader may see them. */
	for (i = first; !err && i != NST_TARGET_NONE; i = targets[i].next) {
		if (targets[i].files)
			err = scan_one(pass, i, files, !count);
		if (!err)
			err = nst_rest();
	}

	return err;
}

/* Looks at all tables. */
static int scan_all(struct pass *pass)
{
	const struct nst_targets *targets = &pass->targets;
	u32 i, at = 0;
	int err = 0;

	for (i = 0; i < targets->firsts && !err; i++) {
		u32 first;

		if (pass->holds >= pass->holds_max) {
			pass->walk->incomplete += targets->firsts - i;
			break;
		}
		err = nst_targets_first(targets, i, &at, &first);
		if (!err)
			err = targets->target[first].members == 1 ?
				scan_one(pass, first, NULL, true) : scan_shared(pass, first);
	}

	return err;
}

/* Whether the files of all processes are wanted, and not only those of certain pids. */
static bool are_all(const struct nst_files *walk)
{
	return !walk->first && walk->last >= PID_MAX_LIMIT;
}

/**
 * nst_files_may_be_outside() - whether a process that has no pid there may hold something
 * @walk: the walk, at its end
 *
 * Processes outside the pid namespace are not among those that were looked at: they may hold
 * what nobody seems to hold. None can be outside the first one.
 *
 * Context: any.
 * Return: true if it may, and nothing else has said that owners may be missing.
 */
bool nst_files_may_be_outside(const struct nst_files *walk)
{
	return walk->ns != &init_pid_ns && are_all(walk) && !walk->access->hidden;
}

/*
 * Who asks for certain pids is not to learn from the word on line 1 whether they are there,
 * if the mount conceals that: it is said of those that are not, too.
 */
static void conceal(const struct nst_files *walk)
{
	if (!are_all(walk) && nst_access_conceals(walk->access) &&
	    !(walk->first == walk->last && walk->seen))
		walk->access->hidden = true;
}

/**
 * nst_files_walk() - look at the files of all processes that the reader may see
 * @walk: the walk
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() and the walk's operations gave.
 */
int nst_files_walk(struct nst_files *walk)
{
	struct pass pass = { .walk = walk, .holds_max = U64_MAX };
	struct nst_budget *budget = walk->access->budget;
	int err;

	if (walk->first > walk->last || walk->first > PID_MAX_LIMIT)
		return 0;

	nst_targets_init(&pass.targets, walk->ns, budget, walk->first, walk->last);
	walk->until = pass.targets.began;
	err = nst_targets_collect(&pass.targets);
	if (!err)
		err = scan_all(&pass);
	if (!err)
		err = nst_targets_collect_new(&pass.targets);
	if (!err) {
		walk->until = U64_MAX;
		pass.holds_max = 2 * pass.holds + NEW_HOLDS;
		err = scan_all(&pass);
	}
	conceal(walk);

	nst_targets_free(&pass.targets);
	nst_budget_free(budget, pass.process, process_size(pass.capacity));
	return err;
}

/*
 * The namespace of a task, held, if it is @net, or any if that is NULL, and the reader may
 * see the task; else NULL.
 */
static struct net *net_of(struct nst_access *access, struct task_struct *task,
			  const struct net *net)
{
	struct net *found = NULL;

	/* Only a task with task_lock() held keeps its namespaces. */
	task_lock(task);
	if (task->nsproxy && (!net || task->nsproxy->net_ns == net) &&
	    nst_access_may_see(access, task))
		found = get_net(task->nsproxy->net_ns);
	task_unlock(task);

	return found;
}

/* As net_of(), of the task with an id. */
static struct net *net_of_id(struct nst_access *access, struct pid_namespace *ns, u32 tid,
			     const struct net *net)
{
	struct task_struct *task;
	struct net *found = NULL;

	rcu_read_lock();
	task = find_task(ns, tid);
	if (task)
		found = net_of(access, task, net);
	rcu_read_unlock();

	return found;
}

/* The lowest id from @id on; 0 after the last. */
static u32 next_id(struct pid_namespace *ns, int id)
{
	struct pid *pid;

	rcu_read_lock();
	pid = idr_get_next(&ns->idr, &id);
	rcu_read_unlock();

	return pid ? id : 0;
}

/* Takes the namespace of one task, unless it was taken before. */
static int take_net(struct nst_access *access, struct pid_namespace *ns, u32 tid,
		    struct nst_slots *taken, int (*take)(void *arg, struct net *net), void *arg)
{
	struct net *net = net_of_id(access, ns, tid, NULL), *again;
	const void **slot;
	int err, answer = 0;

	if (!net)
		return 0;

	err = nst_slots_reserve(taken, &nst_addresses, 1);
	slot = err ? NULL : nst_addresses_find(taken, net);
	if (slot && !*slot)
		answer = ask(access, ns, tid);

	/* It may have moved while the kernel was asked. */
	again = answer ? net_of_id(access, ns, tid, net) : NULL;
	if (again && answer < 0) {
		err = -ENOMEM;
		put_net(again);
	} else if (again) {
		*slot = net;
		taken->count++;
		err = take(arg, net);
		put_net(again);
	}
	put_net(net);
	return err;
}

/**
 * nst_files_nets() - find the network namespaces of the processes that a reader may see
 * @access: the reader, for which nst_access_start() was called
 * @ns: the pid namespace that counts the pids; the caller keeps it alive
 * @take: called with each, once, while it is held; gives 0, or an error
 * @arg: its first argument
 *
 * Those whose /proc/PID/ns/net the opener may open, threads' among them.
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() and @take gave.
 */
int nst_files_nets(struct nst_access *access, struct pid_namespace *ns,
		   int (*take)(void *arg, struct net *net), void *arg)
{
	struct nst_slots taken;
	u32 tid = 0;
	int err = 0;

	nst_slots_init(&taken, access->budget);
	/* Ends: the ids rise. */
	while (!err && (tid = next_id(ns, tid + 1))) {
		err = take_net(access, ns, tid, &taken, take, arg);
		if (!err)
			err = nst_rest();
	}
	nst_slots_free(&taken, nst_addresses.size);

	return err;
}
