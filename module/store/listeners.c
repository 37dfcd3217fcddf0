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
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "rest.h"
#include "store/budget.h"
#include "store/choice.h"
#include "store/listeners.h"

#define ROOM 32			/* listeners that there is room for at first */
#define OTHER 0			/* entry of all that are not named */
#define NOBODY U32_MAX		/* end of the list of those touched */

/**
 * struct place - a slot of the index
 * @number: of the entry; 0 in a free slot
 * @hash: of its address and port
 */
struct place {
	u32 number;
	u32 hash;
};

/* What a slot is compared with. */
struct wanted {
	const struct nst_listeners *listeners;
	const struct nst_endpoint *at;
	u32 hash;
};

static size_t entries_size(u32 capacity)
{
	return ((size_t)capacity + 1) * sizeof(struct nst_listener);
}

/**
 * nst_listeners_init() - make an empty set of listeners
 * @listeners: filled in
 * @max: how many may be named, at least 1
 * @budget: whom the memory is charged to
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM; to be freed only after 0.
 */
int nst_listeners_init(struct nst_listeners *listeners, u32 max, struct nst_budget *budget)
{
	memset(listeners, 0, sizeof(*listeners));
	listeners->max = max;
	listeners->budget = budget;
	nst_slots_init(&listeners->index, budget);
	get_random_bytes(listeners->seed, sizeof(listeners->seed));

	listeners->ports = nst_budget_alloc(budget, sizeof(*listeners->ports));
	if (!listeners->ports)
		return -ENOMEM;

	nst_listeners_save(listeners);
	if (nst_listeners_reserve(listeners, ROOM)) {
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
	nst_budget_free(listeners->budget, listeners->ports, sizeof(*listeners->ports));
	nst_slots_free(&listeners->index, sizeof(struct place));
	listeners->ports = NULL;
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
	nst_budget_free(listeners->budget, listeners->entry, entries_size(listeners->capacity));
	listeners->entry = NULL;
}

/*
 * The hash of an endpoint. A sum of products with random factors: quick, and nobody can
 * choose addresses that meet in one place.
 */
static u32 hash_of(const struct nst_listeners *listeners, const struct nst_endpoint *at)
{
	const u64 *seed = listeners->seed;
	u64 sum = seed[4] * ((u32)at->ipv6 << 16 | at->port) + seed[0] * at->addr[0];

	if (at->ipv6)
		sum += seed[1] * at->addr[1] + seed[2] * at->addr[2] + seed[3] * at->addr[3];

	return sum >> 32;
}

static bool is_same(const struct nst_endpoint *a, const struct nst_endpoint *b)
{
	return a->port == b->port && a->ipv6 == b->ipv6 &&
	       !((a->addr[0] ^ b->addr[0]) | (a->addr[1] ^ b->addr[1]) |
		 (a->addr[2] ^ b->addr[2]) | (a->addr[3] ^ b->addr[3]));
}

static __always_inline bool is_free(const void *slot)
{
	return !((const struct place *)slot)->number;
}

static __always_inline bool is_wanted(const struct nst_slots *slots, const void *slot,
				      const void *key)
{
	const struct wanted *wanted = key;
	const struct place *place = slot;

	return place->hash == wanted->hash &&
	       is_same(&wanted->listeners->entry[place->number].at, wanted->at);
}

static __always_inline u32 home_of_hash(const struct nst_slots *slots, u32 hash)
{
	return hash >> (32 - slots->bits);
}

static __always_inline u32 home(const struct nst_slots *slots, const void *slot)
{
	return home_of_hash(slots, ((const struct place *)slot)->hash);
}

static const struct nst_slots_kind by_endpoint = {
	.size = sizeof(struct place),
	.is_free = is_free,
	.is = is_wanted,
	.home = home,
};

/* The slot of an endpoint, or the free one where it belongs; NULL if there is neither. */
static struct place *place_of(const struct nst_listeners *listeners,
			      const struct nst_endpoint *at, u32 *hash)
{
	const struct wanted wanted = {
		.listeners = listeners,
		.at = at,
		.hash = hash_of(listeners, at),
	};

	*hash = wanted.hash;
	return nst_slots_find(&listeners->index, &by_endpoint,
			      home_of_hash(&listeners->index, wanted.hash), &wanted);
}

/* The entry of an endpoint; OTHER if it has none. */
static u32 entry_of(const struct nst_listeners *listeners, const struct nst_endpoint *at)
{
	u32 hash;
	const struct place *place = place_of(listeners, at, &hash);

	return place ? place->number : OTHER;
}

static int resize(struct nst_listeners *listeners, u32 capacity)
{
	struct nst_listener *entry;
	int err;

	err = nst_slots_reserve(&listeners->index, &by_endpoint, capacity - listeners->n);
	if (err)
		return err;

	entry = nst_budget_alloc(listeners->budget, entries_size(capacity));
	if (!entry)
		return -ENOMEM;
	if (listeners->entry)
		memcpy(entry, listeners->entry, entries_size(listeners->n));
	nst_budget_free(listeners->budget, listeners->entry, entries_size(listeners->capacity));
	listeners->entry = entry;
	listeners->capacity = capacity;

	return 0;
}

/**
 * nst_listeners_reserve() - see to it that listeners can be added
 * @listeners: the listeners
 * @room: how many, at least, that have an address and port of their own
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
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

/**
 * nst_endpoint_unmapped() - an end as it is told
 * @at: the end
 *
 * An IPv4 address is one, whatever the socket's family, and is written so.
 *
 * Return: the end.
 */
struct nst_endpoint nst_endpoint_unmapped(const struct nst_endpoint *at)
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
	struct nst_endpoint plain = nst_endpoint_unmapped(at);
	struct nst_listener_sums *sums;
	u32 hash, entry;
	struct place *place = place_of(listeners, &plain, &hash);

	if (place && !place->number && listeners->n < listeners->max) {
		if (listeners->n == listeners->capacity)
			return -ENOSPC;
		*place = (struct place){ .number = ++listeners->n, .hash = hash };
		listeners->index.count++;
		listeners->entry[listeners->n] = (struct nst_listener){ .at = plain };
	}
	entry = place ? place->number : OTHER;

	__set_bit(at->port, listeners->ports->any);
	if (plain.addr[0] | plain.addr[1] | plain.addr[2] | plain.addr[3])
		__set_bit(at->port, listeners->ports->bound);
	if (entry == OTHER)
		__set_bit(at->port, listeners->ports->unnamed);

	listeners->entry[entry].dual |= listening->dual;
	sums = touch(listeners, entry);
	sums->state[NST_LISTEN]++;
	sums->backlog += listening->backlog;
	sums->limit += listening->limit;
	sums->drops += listening->drops;
	return 0;
}

/**
 * nst_listeners_overflowed() - whether there were more listeners than may be named
 * @listeners: the listeners
 *
 * Return: whether there were.
 */
bool nst_listeners_overflowed(const struct nst_listeners *listeners)
{
	return listeners->entry[OTHER].sums.state[NST_LISTEN];
}

/**
 * nst_listeners_rename() - begin anew, with other listeners named
 * @listeners: the listeners, of which as many as may be are named
 * @choice: the ones to be named
 *
 * All counts are zero after this.
 *
 * Context: process context.
 */
void nst_listeners_rename(struct nst_listeners *listeners, const struct nst_choice *choice)
{
	u32 i, hash;

	memset(listeners->ports, 0, sizeof(*listeners->ports));
	memset(listeners->index.slot, 0, by_endpoint.size << listeners->index.bits);
	memset(listeners->entry, 0, entries_size(listeners->capacity));
	listeners->index.count = 0;
	listeners->n = 0;
	nst_listeners_save(listeners);

	for (i = 0; i < choice->n && listeners->n < listeners->capacity; i++) {
		const struct nst_endpoint *at = &choice->chosen[i].at;
		struct place *place = place_of(listeners, at, &hash);

		if (!place || place->number)
			continue;
		*place = (struct place){ .number = ++listeners->n, .hash = hash };
		listeners->index.count++;
		listeners->entry[listeners->n].at = *at;
	}
	listeners->max = listeners->n;
}

/* The listener of a family that listens on a port at any address; OTHER if there is none. */
static u32 find_any(const struct nst_listeners *listeners, u16 port, bool ipv6, bool ipv4)
{
	const struct nst_endpoint any = { .port = port, .ipv6 = ipv6 };
	u32 i = entry_of(listeners, &any);

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
		struct nst_endpoint plain = nst_endpoint_unmapped(at);

		i = entry_of(listeners, &plain);
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
