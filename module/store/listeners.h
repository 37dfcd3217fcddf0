/* SPDX-License-Identifier: GPL-2.0-only */
/* What listens, and how many sockets each listener has by state. */
#ifndef NST_LISTENERS_H
#define NST_LISTENERS_H

#include <linux/bitmap.h>
#include <linux/types.h>

#include <netstate/state.h>

#include "store/slots.h"

struct nst_choice;

/**
 * struct nst_endpoint - the local end of a socket
 * @addr: the address as it lies in memory, in network order; of an IPv4 socket
 *	the first word, the others 0
 * @port: the port, host order
 * @ipv6: 1 for an IPv6 socket, else 0
 */
struct nst_endpoint {
	u32 addr[4];
	u16 port;
	u16 ipv6;
};

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
 * struct nst_listener_sums - what is counted of a listener
 * @state: its sockets by enum nst_state; those that listen, too
 * @backlog: of all that listen together
 * @limit: likewise
 * @drops: likewise
 */
struct nst_listener_sums {
	u32 state[NST_STATES];
	u32 backlog;
	u64 limit;
	u64 drops;
};

/**
 * struct nst_listener - all sockets that listen at one address and port
 * @at: where; an IPv4 address is one for IPv6 sockets, too
 * @dual: whether one of them is an IPv6 socket that takes IPv4, too
 * @section: the last section that changed @sums
 * @touched: the listener that this section changed before
 * @sums: so far
 * @saved: @sums before that section
 */
struct nst_listener {
	struct nst_endpoint at;
	bool dual;
	u32 section;
	u32 touched;
	struct nst_listener_sums sums;
	struct nst_listener_sums saved;
};

/**
 * struct nst_port_map - ports by what listens there
 * @any: something
 * @bound: something at one address, and not at all
 * @unnamed: something that has no entry of its own
 */
struct nst_port_map {
	DECLARE_BITMAP(any, U16_MAX + 1);
	DECLARE_BITMAP(bound, U16_MAX + 1);
	DECLARE_BITMAP(unnamed, U16_MAX + 1);
};

/**
 * struct nst_listeners - what listens in a network namespace
 * @entry: the listeners; the first stands for all that are not named
 * @n: how many are named; these follow the first
 * @capacity: how many there is room for
 * @max: how many may be named
 * @index: numbers in @entry by address and port
 * @seed: of their hash
 * @ports: tells most other sockets at one look
 * @section: number of the section that is being walked
 * @touched: the listener that it changed last
 * @budget: whom the memory is charged to
 */
struct nst_listeners {
	struct nst_listener *entry;
	u32 n;
	u32 capacity;
	u32 max;
	struct nst_slots index;
	u64 seed[5];
	struct nst_port_map *ports;
	u32 section;
	u32 touched;
	struct nst_budget *budget;
};

int nst_listeners_init(struct nst_listeners *listeners, u32 max, struct nst_budget *budget);
int nst_listeners_reserve(struct nst_listeners *listeners, u32 room);
void nst_listeners_trim(struct nst_listeners *listeners);
void nst_listeners_free(struct nst_listeners *listeners);

bool nst_listeners_overflowed(const struct nst_listeners *listeners);
void nst_listeners_rename(struct nst_listeners *listeners, const struct nst_choice *choice);
struct nst_endpoint nst_endpoint_unmapped(const struct nst_endpoint *at);
int nst_listeners_add(struct nst_listeners *listeners, const struct nst_endpoint *at,
		      const struct nst_listening *listening);
void nst_listeners_count(struct nst_listeners *listeners, const struct nst_endpoint *at,
			 unsigned int state);

void nst_listeners_save(struct nst_listeners *listeners);
void nst_listeners_undo(struct nst_listeners *listeners);

/**
 * nst_listeners_on_port() - whether something listens on a port
 * @listeners: the listeners
 * @port: the port, host order
 *
 * Return: false for nearly all sockets that are no listener's.
 */
static inline bool nst_listeners_on_port(const struct nst_listeners *listeners, u16 port)
{
	return test_bit(port, listeners->ports->any);
}

/**
 * nst_listeners_need_addr() - whether a socket's address tells its listener
 * @listeners: the listeners
 * @at: port and family of the socket's local end
 *
 * Return: false if the port does; any address is as good then.
 */
static inline bool nst_listeners_need_addr(const struct nst_listeners *listeners,
					   const struct nst_endpoint *at)
{
	return at->ipv6 || test_bit(at->port, listeners->ports->bound);
}

#endif /* NST_LISTENERS_H */
