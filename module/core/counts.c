// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many sockets are in which state.
 */
#include <netstate/counts.h>

unsigned int nst_shown_state(enum nst_table table, unsigned int state)
{
	if (state == NST_UNHASHED)
		return NST_CLOSE;

	switch (table) {
	case NST_TCP:
	case NST_TCP6:
		if (state == NST_NEW_SYN_RECV)
			return NST_SYN_RECV;
		return state < NST_STATES ? state : 0;
	case NST_RAW:
	case NST_RAW6:
		return 0;
	default:
		return state == NST_ESTABLISHED ? NST_ESTABLISHED : 0;
	}
}

bool nst_state_is_unhashed(enum nst_table table, unsigned int state)
{
	unsigned int shown = nst_shown_state(table, state);

	return shown == NST_CLOSE || shown == NST_BOUND;
}

void nst_counts_add(struct nst_counts *counts, enum nst_table table, unsigned int state,
		    u32 rows)
{
	state = nst_shown_state(table, state);
	if (state)
		counts->state[state] += rows;
	else
		counts->dgram += rows;
	counts->total += rows;
}
