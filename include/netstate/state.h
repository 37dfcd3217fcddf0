/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The states of a socket: the kernel's numbers (include/net/tcp_states.h,
 * which are ABI through /proc/net/tcp and sock_diag) and netstat's names.
 */
#ifndef NETSTATE_STATE_H
#define NETSTATE_STATE_H

#include <netstate/types.h>

/**
 * enum nst_state - states of a socket, numbered as the kernel numbers them
 * @NST_NEW_SYN_RECV: a request in the SYN queue of a listener; it is shown and
 *	counted as SYN_RECV, has no inode, and belongs to the listener's owner
 * @NST_BOUND: a TCP socket that has a port, but neither listens nor is connected
 * @NST_UNHASHED: a socket of another protocol that is in none of the kernel's tables;
 *	it is shown and counted as CLOSE
 *
 * UDP, UDP-Lite and raw sockets are NST_CLOSE, or NST_ESTABLISHED once
 * connected.
 */
enum nst_state {
	NST_ESTABLISHED = 1,
	NST_SYN_SENT,
	NST_SYN_RECV,
	NST_FIN_WAIT1,
	NST_FIN_WAIT2,
	NST_TIME_WAIT,
	NST_CLOSE,
	NST_CLOSE_WAIT,
	NST_LAST_ACK,
	NST_LISTEN,
	NST_CLOSING,
	NST_NEW_SYN_RECV,
	NST_BOUND,
	NST_UNHASHED,
	NST_STATES
};

/**
 * nst_state_name() - netstat's name of a TCP state
 * @state: an enum nst_state, any other number is allowed
 *
 * Return: a static string such as "ESTABLISHED"; "UNKNOWN" for a number that
 * is no state (netstat of net-tools 2.10 would read past its array there).
 */
const char *nst_state_name(unsigned int state);

/**
 * nst_state_word() - the state as a lower-case word
 * @state: an enum nst_state, any other number is allowed
 *
 * These words name states in line 1 of the table, in the metrics and in
 * filters.
 *
 * Return: a static string such as "established"; "unknown" for a number that
 * is no state.
 */
const char *nst_state_word(unsigned int state);

#endif /* NETSTATE_STATE_H */
