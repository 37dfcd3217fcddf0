/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of one socket: plain data, copied out of the kernel's objects
 * by the walk and read by everything after it.
 */
#ifndef NETSTATE_SOCK_H
#define NETSTATE_SOCK_H

#include <netstate/state.h>
#include <netstate/types.h>

/**
 * enum nst_table - the parts of the table, in the order in which they are shown
 *
 * The even ones hold IPv4 records, the odd ones IPv6 records.
 */
enum nst_table {
	NST_TCP,
	NST_TCP6,
	NST_UDP,
	NST_UDP6,
	NST_RAW,
	NST_RAW6,
	NST_UDPLITE,
	NST_UDPLITE6,
	NST_TABLES
};

/**
 * nst_table_is_ipv6() - whether the records of a table have IPv6 addresses
 * @table: the table
 *
 * Return: true for tcp6, udp6, raw6 and udpl6.
 */
static inline bool nst_table_is_ipv6(enum nst_table table)
{
	return table & 1;
}

/**
 * enum nst_timer - kinds of timers, numbered as /proc/net/tcp numbers them
 */
enum nst_timer {
	NST_TIMER_OFF,
	NST_TIMER_ON,
	NST_TIMER_KEEPALIVE,
	NST_TIMER_TIMEWAIT,
	NST_TIMER_PROBE,
};

/**
 * enum nst_unowned - why nobody holds a socket
 * @NST_UNOWNED_UNKNOWN: it may have an owner, or lacks one for another reason
 * @NST_UNOWNED_QUEUED: nobody has accepted it yet
 * @NST_UNOWNED_ORPHAN: its process has closed it, and the kernel brings it to its end
 * @NST_UNOWNED_KERNEL: the kernel made it for itself: no file leads to it
 * @NST_UNOWNED_HIDDEN: a file leads to it, but none of a process that the reader may see.
 *	In no record of the module: see nst_sock_unowned()
 * @NST_UNOWNED_LISTENER: not a connection: a listener that the filter does not let through,
 *	kept while others' listeners are looked up
 */
enum nst_unowned {
	NST_UNOWNED_UNKNOWN,
	NST_UNOWNED_QUEUED,
	NST_UNOWNED_ORPHAN,
	NST_UNOWNED_KERNEL,
	NST_UNOWNED_HIDDEN,
	NST_UNOWNED_LISTENER,
};

#define NST_UID_NONE U32_MAX	/* no user's id */
#define NST_COMM_SIZE 16
#define NST_PROGRAM_MAX 72	/* room for any "pid/name" as the table has it */

/**
 * struct nst_process - a process that holds a socket
 * @pid: its id in the reader's pid namespace
 * @len: length of @text
 * @comm: the task's comm, always terminated, any other byte is possible; after
 *	nst_process_name() the rest is zero
 * @text: what the table calls it, followed by spaces; from nst_process_name()
 */
struct nst_process {
	u32 pid;
	u8 len;
	char comm[NST_COMM_SIZE];
	char text[NST_PROGRAM_MAX];
};

/**
 * struct nst_sock - one socket
 * @inode: inode of the socket, 0 if it has none; of its listener for
 *	NST_NEW_SYN_RECV
 * @socket: address of its struct socket, or of its listener's; only compared, never
 *	followed, and never told to anybody; NULL if no file leads to it
 * @owner: the process with the lowest pid that holds it and passes the filter,
 *	or NULL
 * @last_pid: the last process that was found to hold it, whether it passes the
 *	filter or not, or another number if several share their files; 0 if there is none
 * @others: how many more processes hold it and pass the filter
 * @recvq: bytes in the receive queue; of a listener, connections to be accepted
 * @sendq: bytes in the send queue
 * @uid: user id in the reader's user namespace; NST_UID_NONE where the kernel keeps none
 * @timer_left: 1/100 seconds until the timer ends
 * @lport: local port, host order; of a raw socket, the protocol
 * @rport: remote port, host order
 * @state: enum nst_state; 0 for a record that is not to be shown
 * @timer: enum nst_timer
 * @dual: whether it is a listener of IPv6 that takes IPv4, too
 * @unowned: enum nst_unowned, if it was asked for
 * @retransmits: unanswered retransmits
 * @probes: unanswered probes
 * @addr: local address, then remote address, network order, 4 bytes each in an
 *	IPv4 table, 16 in an IPv6 table
 */
struct nst_sock {
	u64 inode;
	const void *socket;
	const struct nst_process *owner;
	u32 last_pid;
	u32 others;
	u32 recvq;
	u32 sendq;
	u32 uid;
	u32 timer_left;
	u16 lport;
	u16 rport;
	u8 state;
	u8 timer : 4;
	u8 dual : 1;
	u8 unowned : 3;
	u8 retransmits;
	u8 probes;
	u8 addr[];
};

/**
 * nst_sock_size() - size of a record
 * @table: the table it belongs to
 *
 * Return: bytes, a multiple of the record's alignment (64-bit: 64 or 88).
 */
static inline size_t nst_sock_size(enum nst_table table)
{
	return offsetof(struct nst_sock, addr) + (nst_table_is_ipv6(table) ? 32 : 8);
}

/**
 * nst_shown_inode() - the inode that a row shows
 * @sock: the socket
 *
 * Return: the socket's inode; 0 for NST_NEW_SYN_RECV, which only knows its
 * listener's.
 */
static inline u64 nst_shown_inode(const struct nst_sock *sock)
{
	return sock->state == NST_NEW_SYN_RECV ? 0 : sock->inode;
}

/**
 * nst_sock_unowned() - why nobody holds a socket, once its holders have been looked for
 * @sock: the socket; last_pid not 0 if any process holds it
 *
 * Return: enum nst_unowned.
 */
static inline enum nst_unowned nst_sock_unowned(const struct nst_sock *sock)
{
	if (sock->unowned || sock->last_pid || !nst_shown_inode(sock))
		return sock->unowned;

	return NST_UNOWNED_HIDDEN;
}

#endif /* NETSTATE_SOCK_H */
