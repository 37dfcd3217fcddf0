/* SPDX-License-Identifier: GPL-2.0-only */
/* How many sockets each listener has by state. */
#ifndef NST_BY_LISTENER_H
#define NST_BY_LISTENER_H

#include <netstate/state.h>

#include "store/listeners.h"

struct nst_choice;

/**
 * struct nst_listening - what is to be known of one listening socket
 * @backlog: connections that wait to be accepted
 * @limit: how many may
 * @drops: segments dropped so far
 * @dual: whether an IPv6 socket takes IPv4, too
 */
struct nst_listening {
	u32 backlog;
	u32 limit;
	u32 drops;
	bool dual;
};

/**
 * struct nst_listener_counts - what is counted of a listener
 * @state: its sockets by enum nst_state; those that listen, too
 * @backlog: of all that listen together
 * @full: how many of them have more than they may; the kernel drops what comes then
 * @fullest: of the fullest one, how many wait, in percent of how many may
 * @limit: of all that listen together
 * @drops: likewise
 */
struct nst_listener_counts {
	u32 state[NST_STATES];
	u32 backlog;
	u32 full;
	u64 fullest;
	u64 limit;
	u64 drops;
};

/**
 * struct nst_counted_listener - the counts of a listener, and how to go back
 * @counts: so far
 * @saved: @counts before the last section that changed them
 * @section: that section
 * @touched: the listener that this section changed before
 */
struct nst_counted_listener {
	struct nst_listener_counts counts;
	struct nst_listener_counts saved;
	u32 section;
	u32 touched;
};

/**
 * struct nst_by_listener - sockets counted by listener, of one network namespace
 * @listeners: these
 * @counted: their counts, in the same order
 * @capacity: how many there is room for
 * @section: number of the section that is being walked
 * @touched: the listener that it changed last
 */
struct nst_by_listener {
	struct nst_listeners listeners;
	struct nst_counted_listener *counted;
	u32 capacity;
	u32 section;
	u32 touched;
};

int nst_by_listener_init(struct nst_by_listener *by, u32 max, struct nst_budget *budget);
int nst_by_listener_reserve(struct nst_by_listener *by, u32 count);
void nst_by_listener_trim(struct nst_by_listener *by);
void nst_by_listener_free(struct nst_by_listener *by);

u32 nst_by_listener_unnamed(const struct nst_by_listener *by);
void nst_by_listener_rename(struct nst_by_listener *by, const struct nst_choice *choice);
int nst_by_listener_add(struct nst_by_listener *by, const struct nst_endpoint *at,
			const struct nst_listening *listening);
void nst_by_listener_count(struct nst_by_listener *by, const struct nst_endpoint *at,
			   unsigned int state);

void nst_by_listener_save(struct nst_by_listener *by);
void nst_by_listener_undo(struct nst_by_listener *by);

#endif /* NST_BY_LISTENER_H */
