/* SPDX-License-Identifier: GPL-2.0-only */
/* The open files of all processes that a reader may see. */
#ifndef NST_FILES_H
#define NST_FILES_H

#include <linux/bitops.h>
#include <linux/fdtable.h>
#include <linux/minmax.h>
#include <linux/types.h>

#include <netstate/sock.h>

struct net;
struct nst_access;
struct nst_files;
struct pid_namespace;

/* One hold of a task's locks looks at no more slots than these. */
#define NST_HOLD_SLOTS (64 * 1024)

/**
 * struct nst_files_process - a process that holds a table of files
 * @pid: its id
 * @comm: its name, terminated
 */
struct nst_files_process {
	u32 pid;
	char comm[NST_COMM_SIZE];
};

/**
 * struct nst_files_ops - what is done with the files
 * @processes: called when it is known who holds the table; @process and @processes of the
 *	walk name them. May sleep; may be NULL. Gives 0, or an error
 * @prepare: makes room for what one hold of the locks can find; may sleep. Gives 0, or
 *	an error
 * @scan: looks at some files of a table from a slot on, by nst_files_each(). The
 *	table's lock is held, so that it does not change, but for files that are just
 *	being opened; what it holds is not going away, nor are the sockets behind it.
 *	Gives the slot to go on with, or 0 at the end
 */
struct nst_files_ops {
	int (*processes)(struct nst_files *files);
	int (*prepare)(struct nst_files *files);
	unsigned int (*scan)(struct nst_files *files, struct fdtable *fdt, unsigned int from);
};

/**
 * struct nst_files - one walk over the files of the processes
 * @ops: what is done with them
 * @access: the reader, for which nst_access_start() was called
 * @ns: the pid namespace that counts the pids; the caller keeps it alive
 * @first: the lowest pid whose files are wanted
 * @last: the highest; below @first if none are
 * @process: the processes that hold the table at hand, by rising pid
 * @processes: how many
 * @seen: whether there was one that the reader may see
 * @until: only tasks that began before this are looked at
 * @incomplete: how many processes were left out: they began during the walk, or left a
 *	table that their threads still have
 *
 * The caller sets all up to @last.
 */
struct nst_files {
	const struct nst_files_ops *ops;
	struct nst_access *access;
	struct pid_namespace *ns;
	u32 first;
	u32 last;
	const struct nst_files_process *process;
	u32 processes;
	bool seen;
	u64 until;
	u32 incomplete;
};

bool nst_files_may_be_outside(const struct nst_files *files);
int nst_files_walk(struct nst_files *files);
int nst_files_nets(struct nst_access *access, struct pid_namespace *ns,
		   int (*take)(void *arg, struct net *net), void *arg);

/**
 * nst_files_each() - look at some files of a table
 * @fdt: the table; the caller holds its lock
 * @from: the slot to begin with
 * @most: no more files than these, at least 1
 * @take: called with each
 * @arg: its first argument
 *
 * @take is to be a constant: the compiler then makes a loop without indirect calls.
 *
 * Return: the slot to go on with, or 0 at the end.
 */
static __always_inline unsigned int nst_files_each(struct fdtable *fdt, unsigned int from,
						   unsigned int most,
						   void (*take)(void *arg, struct file *file),
						   void *arg)
{
	unsigned int limit = min(fdt->max_fds, from + NST_HOLD_SLOTS);
	unsigned int files = 0;

	/* Word by word of the bit map; max_fds is a multiple of BITS_PER_LONG. */
	while (from < limit) {
		unsigned int first = round_down(from, BITS_PER_LONG);
		unsigned long open = READ_ONCE(fdt->open_fds[first / BITS_PER_LONG]);

		for (open &= ~0UL << (from - first); open; open &= open - 1) {
			unsigned int fd = first + __ffs(open);
			struct file *file = rcu_dereference_raw(fdt->fd[fd]);

			if (!file)
				continue;
			if (files++ == most)
				return fd;

			take(arg, file);
		}
		from = first + BITS_PER_LONG;
	}

	return from < fdt->max_fds ? from : 0;
}

#endif /* NST_FILES_H */
