// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who holds sockets: those in whose /proc/PID/fd their inodes are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <netstate/comm.h>
#include <netstate/group.h>

#include "fail.h"
#include "netstat/files.h"
#include "netstat/program.h"
#include "proc/sockets.h"

#define FIRST_PIDS 0xeffffffc	/* the number of the first pid namespace */

static struct nst_proc_row *row;
static const struct nst_filter *filter;
static size_t *first, mask;		/* by hash: a row, from 1 on; 0 is none */
static u32 lowest, highest;		/* pids that can pass */
static struct nst_process *process;	/* whose files are looked at; allocated */
static bool is_passing;

/* Users can pick inode numbers: with a secret factor they cannot pick slots. */
static size_t *slot_of(u64 inode)
{
	static u64 seed;

	if (!seed && getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = 0x9e3779b97f4a7c15;
	seed |= 1;
	return &first[(inode * seed >> 32) & mask];
}

static bool begin_process(u32 pid)
{
	process = calloc(1, sizeof(*process));
	if (!process)
		return nst_no_memory();
	process->pid = pid;
	nst_program_comm(pid, process->comm);
	nst_process_name(process);
	is_passing = nst_filter_match_process(filter, pid, process->comm);
	return true;
}

/* The process at hand holds a socket. */
static bool add_holder(struct nst_sock *sock, struct nst_holders *holders)
{
	struct nst_holder *holder;

	if (sock->last_pid == process->pid)
		return true;
	sock->last_pid = process->pid;
	if (!is_passing)
		return true;
	if (!sock->owner) {
		sock->owner = process;
		return true;
	}
	holder = calloc(1, sizeof(*holder));
	if (!holder)
		return nst_no_memory();
	holder->process = process;
	*(holders->last ? &holders->last->next : &holders->first) = holder;
	holders->last = holder;
	sock->others++;
	return true;
}

static bool found(u64 inode, u32 pid)
{
	size_t next = inode && pid >= lowest && pid <= highest ? *slot_of(inode) : 0;

	for (; next; next = row[next - 1].next)
		if (row[next - 1].sock.inode == inode &&
		    (((!process || process->pid != pid) && !begin_process(pid)) ||
		     !add_holder(&row[next - 1].sock, &row[next - 1].detail.holders)))
			return false;
	return true;
}

/*
 * Whether a socket may be held although nobody was found: /proc/net/tcp does not tell whose
 * requests are; and outside of this pid namespace there are processes that are not in /proc.
 */
static bool may_be_held(const struct nst_proc_row *one)
{
	static int is_inside = -1;
	struct stat file = {};

	if (one->sock.state == NST_SYN_RECV)
		return true;
	if (one->sock.owner || !one->sock.inode)
		return false;
	if (is_inside < 0)
		is_inside = !stat("/proc/self/ns/pid", &file) && file.st_ino != FIRST_PIDS;
	return is_inside;
}

/**
 * nst_proc_owners() - find out who holds sockets
 * @which: the filter; what does not pass it now is taken out
 * @rows: the sockets
 * @count: how many
 * @hidden: set to whether there are processes that we may not look at
 *
 * Return: whether there was memory for that.
 */
bool nst_proc_owners(const struct nst_filter *which, struct nst_proc_row *rows, size_t *count,
		     bool *hidden)
{
	const bool by_owner = nst_filter_needs_match(which) & NST_NEED_OWNER ||
			      nst_grouping_by_owner(&which->group);
	size_t i, left = 0;

	row = rows;
	filter = which;
	nst_filter_pids(filter, &lowest, &highest);
	for (mask = 1; mask < 2 * *count; mask *= 2)
		continue;
	first = calloc(mask--, sizeof(*first));
	if (!first)
		return nst_no_memory();
	for (i = 0; i < *count; i++) {
		if (!row[i].sock.inode)	/* no file leads to it: there may be very many */
			continue;
		row[i].next = *slot_of(row[i].sock.inode);
		*slot_of(row[i].sock.inode) = i + 1;
	}
	if (!nst_files_scan(found, lowest, highest, hidden))
		return false;
	for (i = 0; i < *count; i++)
		*hidden |= by_owner && may_be_held(&row[i]);
	for (i = 0; i < *count; i++)
		if (nst_filter_match_owner(filter, &row[i].sock) &&
		    nst_filter_answer(filter, &row[i].sock, row[i].table, 0) != NST_NO)
			row[left++] = row[i];
	*count = left;
	return true;
}
