/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many sockets are in which state.
 */
#ifndef NETSTATE_COUNTS_H
#define NETSTATE_COUNTS_H

#include <netstate/sock.h>

/**
 * struct nst_counts - rows of a table by what their State column shows
 * @state: rows by state; NST_NEW_SYN_RECV and NST_UNHASHED stay 0, they show as
 *	SYN_RECV and CLOSE
 * @dgram: rows without a TCP state: UDP that is not connected, all raw ones, and
 *	TCP in a state that is none of enum nst_state
 * @total: all rows; always the sum of @state and @dgram
 */
struct nst_counts {
	u32 state[NST_STATES];
	u32 dgram;
	u32 total;
};

/**
 * nst_shown_state() - the state that a row shows
 * @table: the table of the row
 * @state: its state, any number is allowed
 *
 * Return: an enum nst_state up to NST_CLOSING, or NST_BOUND, or 0 for a row without
 * a TCP state, which counts as dgram.
 */
unsigned int nst_shown_state(enum nst_table table, unsigned int state);

/**
 * nst_state_is_unhashed() - whether sockets in a state are in no table of the kernel's
 * @table: the part of our table that they are shown in
 * @state: the state, any number is allowed
 *
 * Return: true if only the files of processes lead to them.
 */
bool nst_state_is_unhashed(enum nst_table table, unsigned int state);

/**
 * nst_counts_add() - count rows
 * @counts: where to
 * @table: the table of the rows
 * @state: their state, any number is allowed
 * @rows: how many there are
 */
void nst_counts_add(struct nst_counts *counts, enum nst_table table, unsigned int state,
		    u32 rows);

#endif /* NETSTATE_COUNTS_H */
