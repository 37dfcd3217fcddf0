// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets out of /proc/net/tcp and its like.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "beside/grow.h"
#include "fail.h"
#include "proc/sockets.h"

#define FILES "/proc/self/net/"	/* /proc/net leads there, but is not in every /proc */

/* Takes an address off a line, written as numbers of 32 bits, and a port. */
static const char *take_endpoint(const char *p, u8 *addr, size_t size, u16 *port)
{
	u32 word;
	int len;

	for (; size; size -= sizeof(word), addr += sizeof(word), p += len) {
		len = 0;
		if (sscanf(p, " %8x%n", &word, &len) != 1)
			return NULL;
		memcpy(addr, &word, sizeof(word));
	}
	return sscanf(p, ":%4hx%n", port, &len) == 1 ? p + len : NULL;
}

/* Reads a line; packets that were dropped are counted at its end, but of TCP. */
static bool parse(struct nst_proc_row *row, enum nst_table table, const char *line)
{
	/* Why nobody holds one without an inode: nobody has it yet, or not any more. */
	static const u8 unowned[NST_STATES] = {
		[NST_ESTABLISHED] = NST_UNOWNED_QUEUED, [NST_CLOSE_WAIT] = NST_UNOWNED_QUEUED,
		[NST_FIN_WAIT1] = NST_UNOWNED_ORPHAN, [NST_FIN_WAIT2] = NST_UNOWNED_ORPHAN,
		[NST_CLOSING] = NST_UNOWNED_ORPHAN, [NST_LAST_ACK] = NST_UNOWNED_ORPHAN,
	};
	const size_t size = nst_table_is_ipv6(table) ? 16 : 4;
	const bool is_tcp = table == NST_TCP || table == NST_TCP6;
	struct nst_sock *sock = &row->sock;
	unsigned int state, timer, retransmits, probes;
	unsigned long long inode;
	unsigned long left;

	memset(row, 0, sizeof(*row));
	row->table = table;
	line = strchr(line, ':');
	line = line ? take_endpoint(line + 1, sock->addr, size, &sock->lport) : NULL;
	line = line ? take_endpoint(line, sock->addr + size, size, &sock->rport) : NULL;
	if (!line || sscanf(line, " %x %x:%x %x:%lx %x %u %u %llu %*s %*s %u", &state, &sock->sendq,
			    &sock->recvq, &timer, &left, &retransmits, &sock->uid, &probes, &inode,
			    &row->detail.drops) < (is_tcp ? 9 : 10) || state >= NST_STATES)
		return false;
	sock->state = state;
	sock->inode = inode;
	sock->timer = timer;
	sock->timer_left = left < U32_MAX ? left : U32_MAX;
	sock->retransmits = retransmits;
	sock->probes = probes;
	sock->unowned = is_tcp && !inode ? unowned[state] : NST_UNOWNED_UNKNOWN;
	/* It has 0 where the kernel keeps no user, older ones also of what nobody holds. */
	if (is_tcp && !inode && !sock->uid && state != NST_SYN_RECV)
		sock->uid = NST_UID_NONE;
	row->detail.known = is_tcp ? 0 : NST_KNOWS_DROPS;
	return true;
}

/**
 * nst_proc_sockets() - find the sockets that pass a filter, but for their owners
 * @filter: the filter
 * @rows: set to them, in the order of the table; allocated
 * @count: set to how many
 *
 * Return: whether the files could be read.
 */
bool nst_proc_sockets(const struct nst_filter *filter, struct nst_proc_row **rows, size_t *count)
{
	static const char names[NST_TABLES][24] = {
		FILES "tcp", FILES "tcp6", FILES "udp", FILES "udp6", FILES "raw", FILES "raw6",
		FILES "udplite", FILES "udplite6",
	};
	struct nst_proc_row *row;
	enum nst_table table;
	size_t space = 0;
	char line[512];
	FILE *file;

	/* This one is always there; without it, nothing that is not there can be believed. */
	if (access(names[NST_TCP], F_OK))
		return nst_fail(NST_EXIT_NO_MODULE, "%s: %s", names[NST_TCP], strerror(errno));
	for (table = 0; table < NST_TABLES && !nst_trouble(); table++) {
		errno = 0;
		file = filter->tables >> table & 1 ? fopen(names[table], "re") : NULL;
		/* The first line names the columns. The kernel may lack some of these protocols. */
		if (file ? !fgets(line, sizeof(line), file) :
			   filter->tables >> table & 1 && errno != ENOENT)
			nst_fail(NST_EXIT_NO_MODULE, "%s: %s", names[table],
				 errno ? strerror(errno) : "no table");
		while (file && !nst_trouble() && fgets(line, sizeof(line), file) &&
		       nst_grow(rows, *count, &space, sizeof(**rows))) {
			row = *rows + *count;
			if (!parse(row, table, line))
				nst_fail(NST_EXIT_IO, "%s: what does this say? %.*s", names[table],
					 (int)strcspn(line, "\n"), line);
			*count += nst_filter_match_state(filter, table, row->sock.state) &&
				  nst_filter_match_tuple(filter, &row->sock, table) &&
				  nst_filter_match_details(filter, &row->sock, table);
		}
		if (file && ferror(file))
			nst_fail(NST_EXIT_IO, "%s: %s", names[table], strerror(errno));
		if (file)
			fclose(file);
	}
	return !nst_trouble();
}
