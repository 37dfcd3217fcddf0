/* SPDX-License-Identifier: GPL-2.0-only */
/* What listens, and which listener a connection belongs to. */
#ifndef NST_LISTENERS_H
#define NST_LISTENERS_H

#include <linux/bitmap.h>
#include <linux/types.h>

#include "store/slots.h"

struct nst_process;

/* The entry that stands for all listeners that have none of their own. */
#define NST_LISTENERS_OTHER 0

/**
 * struct nst_endpoint - the local end of a socket
 * @addr: the address as it lies in memory, in network order; of an IPv4 socket
 *	the first word, the others 0
 * @netns: the number of its network namespace; 0 if all are of one
 * @port: the port, host order
 * @ipv6: 1 for an IPv6 socket, else 0
 */
struct nst_endpoint {
	u32 addr[4];
	u32 netns;
	u16 port;
	u16 ipv6;
};

/**
 * struct nst_listener - all sockets that listen at one address and port
 * @at: where; an IPv4 address is one for IPv6 sockets, too
 * @dual: whether one of them is an IPv6 socket that takes IPv4, too
 * @owner: for who asks for it, the process that holds them; NULL at first
 */
struct nst_listener {
	struct nst_endpoint at;
	bool dual;
	const struct nst_process *owner;
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
 * struct nst_listeners - listeners by their address and port
 * @entry: the listeners; the first is NST_LISTENERS_OTHER
 * @n: how many have an entry; these follow the first
 * @capacity: how many there is room for
 * @max: how many may have one
 * @index: numbers in @entry by endpoint
 * @seed: of their hash
 * @ports: tells most other sockets at one look
 * @budget: whom the memory is charged to
 */
struct nst_listeners {
	struct nst_listener *entry;
	u32 n;
	u32 capacity;
	u32 max;
	struct nst_slots index;
	u64 seed[6];
	struct nst_port_map *ports;
	struct nst_budget *budget;
};

int nst_listeners_init(struct nst_listeners *listeners, u32 max, struct nst_budget *budget);
int nst_listeners_reserve(struct nst_listeners *listeners, u32 count);
void nst_listeners_clear(struct nst_listeners *listeners);
void nst_listeners_trim(struct nst_listeners *listeners);
void nst_listeners_free(struct nst_listeners *listeners);

struct nst_endpoint nst_endpoint_unmapped(const struct nst_endpoint *at);
int nst_listeners_enter(struct nst_listeners *listeners, const struct nst_endpoint *at, bool dual,
			u32 *entry);
u32 nst_listeners_find(const struct nst_listeners *listeners, const struct nst_endpoint *at);

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
