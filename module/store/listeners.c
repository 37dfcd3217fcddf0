// SPDX-License-Identifier: GPL-2.0-only
/*
 * What listens, and how many sockets each listener has by state. The walk brings
 * listeners first, then everything else.
 *
 * A part of the walk may have to be walked again. What it has counted until then
 * must be forgotten, and to copy all sums before each part would cost more than
 * the part. So a listener keeps its old sums when a part changes them for the
 * first time, and a list of those changed leads back: there is always room for
 * it, and a part that succeeded costs nothing more. A listener that was added
 * stays, with nothing counted, as do the bits of its port: it did listen.
 */
#include <linux/errno.h>
#include <linux/in6.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "store/budget.h"
#include "store/listeners.h"

#define LISTENERS_MAX (64 * 1024)
#define OTHER 0			/* entry of all that are not named */
#define NOBODY U32_MAX		/* end of the list of those touched */

static unsigned int listeners_max = 1000;

static int set_listeners_max(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 0, LISTENERS_MAX);
}

static const struct kernel_param_ops listeners_max_ops = {
	.set = set_listeners_max,
	.get = param_get_uint,
};

module_param_cb(listeners_max, &listeners_max_ops, &listeners_max, 0644);
MODULE_PARM_DESC(listeners_max,
		 "listening addresses that the counters name; all others are one; 0 for none (default 1000)");

/**
 * nst_listeners_max() - how many listeners a capture may name
 *
 * Return: their number, 0 if listeners are not to be counted.
 */
u32 nst_listeners_max(void)
{
	return READ_ONCE(listeners_max);
}

static size_t entries_size(u32 capacity)
{
	return ((size_t)capacity + 1) * sizeof(struct nst_listener);
}

static size_t index_size(u32 bits)
{
	return sizeof(u32) << bits;
}

/**
 * nst_listeners_init() - make an empty set of listeners
 * @listeners: filled in
 * @max: how many may be named, at least 1
 * @privileged: whether the whole budget may be used
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM; to be freed only after 0.
 */
int nst_listeners_init(struct nst_listeners *listeners, u32 max, bool privileged)
{
	memset(listeners, 0, sizeof(*listeners));
	listeners->max = max;
	listeners->privileged = privileged;
	get_random_bytes(listeners->seed, sizeof(listeners->seed));

	listeners->ports = nst_budget_alloc(sizeof(*listeners->ports), privileged);
	if (!listeners->ports)
		return -ENOMEM;

	nst_listeners_save(listeners);
	if (nst_listeners_reserve(listeners, NST_LISTENERS_ROOM)) {
		nst_listeners_free(listeners);
		return -ENOMEM;
	}

	return 0;
}

/**
 * nst_listeners_trim() - free what only counting needs
 * @listeners: the listeners, to be looked at and freed from now on
 *
 * Context: may sleep.
 */
void nst_listeners_trim(struct nst_listeners *listeners)
{
	nst_budget_free(listeners->ports, sizeof(*listeners->ports), listeners->privileged);
	nst_budget_free(listeners->index, index_size(listeners->bits), listeners->privileged);
	listeners->ports = NULL;
	listeners->index = NULL;
}

/**
 * nst_listeners_free() - free all of it
 * @listeners: the listeners; may be all zeroes
 *
 * Context: may sleep.
 */
void nst_listeners_free(struct nst_listeners *listeners)
{
	nst_listeners_trim(listeners);
	nst_budget_free(listeners->entry, entries_size(listeners->capacity),
			listeners->privileged);
	listeners->entry = NULL;
}

/*
 * Where the search for an endpoint begins. A sum of products with random factors:
 * quick, and nobody can choose addresses that meet in one place.
 */
static u32 home(const struct nst_listeners *listeners, const struct nst_endpoint *at)
{
	const u64 *seed = listeners->seed;
	u64 sum = seed[4] * ((u32)at->ipv6 << 16 | at->port) + seed[0] * at->addr[0];

	if (at->ipv6)
		sum += seed[1] * at->addr[1] + seed[2] * at->addr[2] + seed[3] * at->addr[3];

	return sum >> (64 - listeners->bits);
}

static bool is_same(const struct nst_endpoint *a, const struct nst_endpoint *b)
{
	return a->port == b->port && a->ipv6 == b->ipv6 &&
	       !((a->addr[0] ^ b->addr[0]) | (a->addr[1] ^ b->addr[1]) |
		 (a->addr[2] ^ b->addr[2]) | (a->addr[3] ^ b->addr[3]));
}

/* The place of an endpoint in the index, or the free place where it belongs. */
static u32 *place(const struct nst_listeners *listeners, const struct nst_endpoint *at)
{
	u32 mask = (1U << listeners->bits) - 1;
	u32 slot = home(listeners, at);

	/* At least half of them are free. */
	while (listeners->index[slot] &&
	       !is_same(&listeners->entry[listeners->index[slot]].at, at))
		slot = (slot + 1) & mask;

	return &listeners->index[slot];
}

static int resize(struct nst_listeners *listeners, u32 capacity)
{
	u32 bits = ilog2(roundup_pow_of_two(2 * (capacity + 1)));
	bool privileged = listeners->privileged;
	struct nst_listener *entry, *old = listeners->entry;
	u32 *index, i;

	entry = nst_budget_alloc(entries_size(capacity), privileged);
	index = nst_budget_alloc(index_size(bits), privileged);
	if (!entry || !index) {
		nst_budget_free(entry, entries_size(capacity), privileged);
		nst_budget_free(index, index_size(bits), privileged);
		return -ENOMEM;
	}

	nst_budget_free(listeners->index, index_size(listeners->bits), privileged);
	listeners->entry = entry;
	listeners->index = index;
	listeners->bits = bits;
	for (i = 0; old && i <= listeners->n; i++) {
		entry[i] = old[i];
		if (i != OTHER)
			*place(listeners, &entry[i].at) = i;
		if (!(i % 1024))
			cond_resched();
	}
	nst_budget_free(old, entries_size(listeners->capacity), privileged);
	listeners->capacity = capacity;

	return 0;
}

/**
 * nst_listeners_reserve() - see to it that listeners can be added
 * @listeners: the listeners
 * @room: how many, at least, that have an address and port of their own
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM.
 */
int nst_listeners_reserve(struct nst_listeners *listeners, u32 room)
{
	u32 capacity = min_t(u64, (u64)listeners->n + room, listeners->max);

	if (listeners->entry && capacity <= listeners->capacity)
		return 0;

	return resize(listeners, clamp(2 * listeners->capacity, capacity, listeners->max));
}

/* The sums of an entry, to be changed. */
static struct nst_listener_sums *touch(struct nst_listeners *listeners, u32 i)
{
	struct nst_listener *entry = &listeners->entry[i];

	if (entry->section != listeners->section) {
		entry->saved = entry->sums;
		entry->section = listeners->section;
		entry->touched = listeners->touched;
		listeners->touched = i;
	}

	return &entry->sums;
}

static bool is_v4mapped(const struct nst_endpoint *at)
{
	return at->ipv6 && !(at->addr[0] | at->addr[1]) &&
	       at->addr[2] == (__force u32)htonl(0xffff);
}

/* An IPv4 address is one, whatever the socket's family, and is written so. */
static struct nst_endpoint unmapped(const struct nst_endpoint *at)
{
	if (!is_v4mapped(at))
		return *at;

	return (struct nst_endpoint){ .addr = { at->addr[3] }, .port = at->port };
}

/**
 * nst_listeners_add() - add a listening socket
 * @listeners: the listeners
 * @at: where it listens; sockets that listen at the same endpoint are one listener
 * @listening: what is known of it
 *
 * Context: any; allocates nothing.
 * Return: 0; -ENOSPC if there is no room, see nst_listeners_reserve().
 */
int nst_listeners_add(struct nst_listeners *listeners, const struct nst_endpoint *at,
		      const struct nst_listening *listening)
{
	struct nst_endpoint plain = unmapped(at);
	u32 *index = place(listeners, &plain);
	struct nst_listener_sums *sums;

	if (!*index && listeners->n < listeners->max) {
		if (listeners->n == listeners->capacity)
			return -ENOSPC;
		*index = ++listeners->n;
		listeners->entry[*index] = (struct nst_listener){ .at = plain };
	}

	__set_bit(at->port, listeners->ports->any);
	if (plain.addr[0] | plain.addr[1] | plain.addr[2] | plain.addr[3])
		__set_bit(at->port, listeners->ports->bound);
	if (*index == OTHER)
		__set_bit(at->port, listeners->ports->unnamed);

	listeners->entry[*index].dual |= listening->dual;
	sums = touch(listeners, *index);
	sums->state[NST_LISTEN]++;
	sums->backlog += listening->backlog;
	sums->limit += listening->limit;
	sums->drops += listening->drops;
	return 0;
}

/* The listener of a family that listens on a port at any address; OTHER if there is none. */
static u32 find_any(const struct nst_listeners *listeners, u16 port, bool ipv6, bool ipv4)
{
	const struct nst_endpoint any = { .port = port, .ipv6 = ipv6 };
	u32 i = *place(listeners, &any);

	return ipv4 && ipv6 && !listeners->entry[i].dual ? OTHER : i;
}

/*
 * As the kernel finds a listener: by the address, then at any address. An IPv4
 * connection may be one of IPv4 or of IPv6, but what a listener has accepted, or
 * is asked for, is of its own family: so that comes first, and the other one only
 * for what was not accepted.
 */
static u32 find(const struct nst_listeners *listeners, const struct nst_endpoint *at)
{
	bool ipv4 = !at->ipv6 || is_v4mapped(at);
	u32 i;

	if (test_bit(at->port, listeners->ports->bound)) {
		struct nst_endpoint plain = unmapped(at);

		i = *place(listeners, &plain);
		if (i != OTHER)
			return i;
	}

	i = find_any(listeners, at->port, at->ipv6, ipv4);
	if (i == OTHER && ipv4)
		i = find_any(listeners, at->port, !at->ipv6, true);

	return i;
}

/**
 * nst_listeners_count() - count a socket that does not listen, if it is a listener's
 * @listeners: the listeners
 * @at: the socket's local end, on a port that something listens on; without an
 *	address if nst_listeners_need_addr() says so
 * @state: enum nst_state
 *
 * Context: any.
 */
void nst_listeners_count(struct nst_listeners *listeners, const struct nst_endpoint *at,
			 unsigned int state)
{
	u32 i = find(listeners, at);

	if (i != OTHER || test_bit(at->port, listeners->ports->unnamed))
		touch(listeners, i)->state[state]++;
}

/**
 * nst_listeners_save() - begin a part of the walk
 * @listeners: the listeners
 */
void nst_listeners_save(struct nst_listeners *listeners)
{
	listeners->section++;
	listeners->touched = NOBODY;
}

/**
 * nst_listeners_undo() - forget what was counted since the last part began, and begin it again
 * @listeners: the listeners
 */
void nst_listeners_undo(struct nst_listeners *listeners)
{
	u32 i;

	for (i = listeners->touched; i != NOBODY; i = listeners->entry[i].touched)
		listeners->entry[i].sums = listeners->entry[i].saved;
	nst_listeners_save(listeners);
}
