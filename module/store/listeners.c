// SPDX-License-Identifier: GPL-2.0-only
/*
 * An index of listeners by address and port, and the rule which listener a connection
 * belongs to. The metrics use it, and connections without an owner.
 */
#include <linux/errno.h>
#include <linux/in6.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/string.h>

#include "store/budget.h"
#include "store/listeners.h"

#define SPACE 32		/* listeners that there is room for at first */

/**
 * struct slot - a slot of the index
 * @number: of the entry; 0 in a free slot
 * @hash: of its address and port
 */
struct slot {
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
 * @max: how many may have an entry, at least 1
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
	if (nst_listeners_reserve(listeners, SPACE)) {
		nst_listeners_free(listeners);
		return -ENOMEM;
	}

	return 0;
}

/**
 * nst_listeners_clear() - make it empty again
 * @listeners: the listeners
 *
 * Context: process context.
 */
void nst_listeners_clear(struct nst_listeners *listeners)
{
	memset(listeners->ports, 0, sizeof(*listeners->ports));
	memset(listeners->index.slot, 0, sizeof(struct slot) << listeners->index.bits);
	memset(listeners->entry, 0, entries_size(listeners->capacity));
	listeners->index.count = 0;
	listeners->n = 0;
}

/**
 * nst_listeners_trim() - free what only entering and finding need
 * @listeners: the listeners, to be looked at and freed from now on
 *
 * Context: may sleep.
 */
void nst_listeners_trim(struct nst_listeners *listeners)
{
	nst_budget_free(listeners->budget, listeners->ports, sizeof(*listeners->ports));
	nst_slots_free(&listeners->index, sizeof(struct slot));
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
	u64 sum = seed[4] * ((u32)at->ipv6 << 16 | at->port) + seed[5] * at->netns +
		  seed[0] * at->addr[0];

	if (at->ipv6)
		sum += seed[1] * at->addr[1] + seed[2] * at->addr[2] + seed[3] * at->addr[3];

	return sum >> 32;
}

static bool is_same(const struct nst_endpoint *a, const struct nst_endpoint *b)
{
	return a->port == b->port && a->ipv6 == b->ipv6 && a->netns == b->netns &&
	       !((a->addr[0] ^ b->addr[0]) | (a->addr[1] ^ b->addr[1]) |
		 (a->addr[2] ^ b->addr[2]) | (a->addr[3] ^ b->addr[3]));
}

static __always_inline bool is_free(const void *slot)
{
	return !((const struct slot *)slot)->number;
}

static __always_inline bool is_wanted(const struct nst_slots *slots, const void *slot,
				      const void *key)
{
	const struct wanted *wanted = key;
	const struct slot *mine = slot;

	return mine->hash == wanted->hash &&
	       is_same(&wanted->listeners->entry[mine->number].at, wanted->at);
}

static __always_inline u32 home_of_hash(const struct nst_slots *slots, u32 hash)
{
	return hash >> (32 - slots->bits);
}

static __always_inline u32 home(const struct nst_slots *slots, const void *slot)
{
	return home_of_hash(slots, ((const struct slot *)slot)->hash);
}

static const struct nst_slots_kind by_endpoint = {
	.size = sizeof(struct slot),
	.is_free = is_free,
	.is = is_wanted,
	.home = home,
};

/* The slot of an endpoint, or the free one where it belongs; NULL if there is neither. */
static struct slot *slot_of(const struct nst_listeners *listeners,
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

/* The entry of an endpoint; NST_LISTENERS_OTHER if it has none. */
static u32 entry_of(const struct nst_listeners *listeners, const struct nst_endpoint *at)
{
	u32 hash;
	const struct slot *slot = slot_of(listeners, at, &hash);

	return slot ? slot->number : NST_LISTENERS_OTHER;
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
 * @count: how many, at least, that have an address and port of their own
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_listeners_reserve(struct nst_listeners *listeners, u32 count)
{
	u32 capacity = min_t(u64, (u64)listeners->n + count, listeners->max);

	if (listeners->entry && capacity <= listeners->capacity)
		return 0;

	return resize(listeners, clamp(2 * listeners->capacity, capacity, listeners->max));
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

	return (struct nst_endpoint){
		.addr = { at->addr[3] }, .port = at->port, .netns = at->netns,
	};
}

/**
 * nst_listeners_enter() - enter a listening socket
 * @listeners: the listeners
 * @at: where it listens; sockets that listen at the same endpoint are one listener
 * @dual: whether it is an IPv6 socket that takes IPv4, too
 * @entry: set to the listener's number; NST_LISTENERS_OTHER if it may not have one
 *
 * Context: any; allocates nothing.
 * Return: 0; -ENOSPC if there is no room, see nst_listeners_reserve().
 */
int nst_listeners_enter(struct nst_listeners *listeners, const struct nst_endpoint *at, bool dual,
			u32 *entry)
{
	struct nst_endpoint plain = nst_endpoint_unmapped(at);
	u32 hash;
	struct slot *slot = slot_of(listeners, &plain, &hash);

	if (slot && !slot->number && listeners->n < listeners->max) {
		if (listeners->n == listeners->capacity)
			return -ENOSPC;
		*slot = (struct slot){ .number = ++listeners->n, .hash = hash };
		listeners->index.count++;
		listeners->entry[listeners->n] = (struct nst_listener){ .at = plain };
	}
	*entry = slot ? slot->number : NST_LISTENERS_OTHER;

	__set_bit(at->port, listeners->ports->any);
	if (plain.addr[0] | plain.addr[1] | plain.addr[2] | plain.addr[3])
		__set_bit(at->port, listeners->ports->bound);
	if (*entry == NST_LISTENERS_OTHER)
		__set_bit(at->port, listeners->ports->unnamed);
	listeners->entry[*entry].dual |= dual;

	return 0;
}

/* The listener of a family that listens on a port at any address; else NST_LISTENERS_OTHER. */
static u32 find_any(const struct nst_listeners *listeners, const struct nst_endpoint *at,
		    bool ipv6, bool ipv4)
{
	const struct nst_endpoint any = { .port = at->port, .ipv6 = ipv6, .netns = at->netns };
	u32 i = entry_of(listeners, &any);

	return ipv4 && ipv6 && !listeners->entry[i].dual ? NST_LISTENERS_OTHER : i;
}

/**
 * nst_listeners_find() - the listener that a connection belongs to
 * @listeners: the listeners
 * @at: the connection's local end; without an address if nst_listeners_need_addr() says so
 *
 * As the kernel finds a listener (inet_lookup_listener()): by the address, then at any
 * address. An IPv4 connection may be one of IPv4 or of IPv6, but what a listener has
 * accepted, or is asked for, is of its own family: so that comes first, and the other one
 * only for what was not accepted, or is in TIME_WAIT.
 *
 * Context: any.
 * Return: its number in @listeners->entry; NST_LISTENERS_OTHER if there is none.
 */
u32 nst_listeners_find(const struct nst_listeners *listeners, const struct nst_endpoint *at)
{
	bool ipv4 = !at->ipv6 || is_v4mapped(at);
	u32 i;

	if (test_bit(at->port, listeners->ports->bound)) {
		struct nst_endpoint plain = nst_endpoint_unmapped(at);

		i = entry_of(listeners, &plain);
		if (i != NST_LISTENERS_OTHER)
			return i;
	}

	i = find_any(listeners, at, at->ipv6, ipv4);
	if (i == NST_LISTENERS_OTHER && ipv4)
		i = find_any(listeners, at, !at->ipv6, true);

	return i;
}
