// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of states.
 */
#include <netstate/state.h>

static const struct {
	const char *name;
	const char *word;
} states[NST_STATES] = {
	[0]		   = { "UNKNOWN",     "unknown" },
	[NST_ESTABLISHED]  = { "ESTABLISHED", "established" },
	[NST_SYN_SENT]	   = { "SYN_SENT",    "syn_sent" },
	[NST_SYN_RECV]	   = { "SYN_RECV",    "syn_recv" },
	[NST_FIN_WAIT1]	   = { "FIN_WAIT1",   "fin_wait1" },
	[NST_FIN_WAIT2]	   = { "FIN_WAIT2",   "fin_wait2" },
	[NST_TIME_WAIT]	   = { "TIME_WAIT",   "time_wait" },
	[NST_CLOSE]	   = { "CLOSE",	      "close" },
	[NST_CLOSE_WAIT]   = { "CLOSE_WAIT",  "close_wait" },
	[NST_LAST_ACK]	   = { "LAST_ACK",    "last_ack" },
	[NST_LISTEN]	   = { "LISTEN",      "listen" },
	[NST_CLOSING]	   = { "CLOSING",     "closing" },
	[NST_NEW_SYN_RECV] = { "SYN_RECV",    "syn_recv" },
	[NST_BOUND]	   = { "BOUND",	      "bound" },
	[NST_UNHASHED]	   = { "CLOSE",	      "close" },
};

static unsigned int known(unsigned int state)
{
	return state < NST_STATES ? state : 0;
}

const char *nst_state_name(unsigned int state)
{
	return states[known(state)].name;
}

const char *nst_state_word(unsigned int state)
{
	return states[known(state)].word;
}
