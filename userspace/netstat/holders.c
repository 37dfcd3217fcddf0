// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which process holds a socket that the kernel module does not know. As netstat
 * finds it: from the files of all processes; the first that holds it counts.
 */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fail.h"
#include "netstat/face.h"
#include "netstat/files.h"
#include "netstat/program.h"

/**
 * struct held - a socket that somebody holds
 * @inode: its inode
 * @pid: who
 * @comm: what the kernel calls that process
 * @name: pid and program, as netstat has them
 */
struct held {
	u64 inode;
	u32 pid;
	char comm[NST_COMM_SIZE];
	char name[NST_PROGRAM_SIZE];
};

static void *tree;	/* of them */
static struct nst_process process;	/* whose files are looked at */
static bool are_hidden;	/* there may be more */

static int compare(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

static bool add(u64 inode, u32 pid)
{
	struct held *held = malloc(sizeof(*held)), **found;

	if (!held)
		return nst_no_memory();
	if (process.pid != pid) {
		process = (struct nst_process){ .pid = pid };
		nst_program_comm(pid, process.comm);
	}
	held->inode = inode;
	held->pid = pid;
	memcpy(held->comm, process.comm, sizeof(held->comm));
	found = tsearch(held, &tree, compare);
	if (!found || *found != held)
		free(held);
	else
		snprintf(held->name, sizeof(held->name), "%s",
			 nst_program_name(&process, false));
	return found || nst_no_memory();
}

/* Looks at the files of all processes; @warn: say if there are some that we may not look at. */
bool nst_holders_find(bool warn)
{
	if (!nst_files_scan(add, 0, U32_MAX, &are_hidden) || !warn || !are_hidden)
		return !nst_trouble();
	if (tree)
		fputs(NST_HOLDERS_HIDDEN, stderr);
	else
		fprintf(stderr, "(No info could be read for \"-p\": geteuid()=%d but you should be root.)\n",
			geteuid());
	return true;
}

/* Whether there may be processes that we may not look at, since holders were found last. */
bool nst_holders_are_hidden(void)
{
	return are_hidden;
}

static const struct held *find(u64 inode)
{
	const struct held wanted = { .inode = inode };
	struct held **found = tfind(&wanted, &tree, compare);

	return found ? *found : NULL;
}

/**
 * nst_holders_name() - who holds a socket
 * @inode: its inode
 *
 * Return: pid and program, or "-".
 */
const char *nst_holders_name(u64 inode)
{
	const struct held *held = find(inode);

	return held ? held->name : "-";
}

/**
 * nst_holders_process() - the same, not as text
 * @inode: its inode
 * @comm: what the kernel calls that process; NULL if there is none
 *
 * Return: its pid, or 0.
 */
u32 nst_holders_process(u64 inode, const char **comm)
{
	const struct held *held = find(inode);

	*comm = held ? held->comm : NULL;
	return held ? held->pid : 0;
}

/**
 * nst_holders_forget() - processes may have changed
 */
void nst_holders_forget(void)
{
	tdestroy(tree, free);
	tree = NULL;
	process.pid = 0;
}
