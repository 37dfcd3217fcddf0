/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one hash table of this module: open addressing in one piece of memory.
 *
 * Users choose what is entered: inode numbers, addresses, ports, names. So
 * - the hash is seeded anew for each table: nobody can choose keys that collide;
 * - a search looks at NST_SLOTS_STEPS slots at most, whatever the table holds. A table
 *   that is at most half full has no run of that length but with a probability that
 *   nobody will ever see, unless many keys have one hash: then entering fails;
 * - the table grows between two searches, by nst_slots_reserve(), which can be killed.
 *
 * The parameters are static constants, as rhashtable has them: the compiler makes a
 * search of its own for each kind, without indirect calls.
 */
#ifndef NST_SLOTS_H
#define NST_SLOTS_H

#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include "rest.h"

struct nst_budget;

#define NST_SLOTS_STEPS 1024	/* slots that one search looks at, at most */
#define NST_SLOTS_BITS_MIN 6	/* log2 of the smallest table */
#define NST_SLOTS_BITS_MAX 31

/**
 * struct nst_slots - a hash table
 * @slot: the slots, all zeroes where free
 * @bits: log2 of how many there are; 0 without any
 * @count: how many are used; counted by who enters something
 * @seed: makes their places unpredictable
 * @budget: whom the memory is charged to
 */
struct nst_slots {
	void *slot;
	unsigned int bits;
	u32 count;
	u64 seed[2];
	struct nst_budget *budget;
};

/**
 * struct nst_slots_kind - what a table holds
 * @size: bytes of a slot
 * @is_free: whether a slot is free
 * @is: whether a used slot is that of a key
 * @home: the slot at which the search for what a used slot holds begins
 */
struct nst_slots_kind {
	size_t size;
	bool (*is_free)(const void *slot);
	bool (*is)(const struct nst_slots *slots, const void *slot, const void *key);
	u32 (*home)(const struct nst_slots *slots, const void *slot);
};

void nst_slots_init(struct nst_slots *slots, struct nst_budget *budget);
void nst_slots_free(struct nst_slots *slots, size_t size);
int nst_slots_new(struct nst_slots *slots, const struct nst_slots *old, size_t size, u64 entries);

/**
 * nst_slots_hash() - hash a number
 * @slots: the table, with slots
 * @key: the number
 * @bits: how many bits are wanted, 1 to 32
 *
 * Two rounds of multiplying by a secret odd number: which keys meet depends on both,
 * and they are drawn for each table.
 *
 * Return: that many bits.
 */
static __always_inline u32 nst_slots_hash(const struct nst_slots *slots, u64 key,
					  unsigned int bits)
{
	key = (key ^ slots->seed[1]) * slots->seed[0];
	key = (key ^ key >> 32) * slots->seed[1];

	return key >> (64 - bits);
}

/**
 * nst_slots_have_room() - whether one more entry can be added
 * @slots: the table
 *
 * Return: false if more than half of the slots would be used then.
 */
static inline bool nst_slots_have_room(const struct nst_slots *slots)
{
	return slots->bits && slots->count < 1U << (slots->bits - 1);
}

/* The slot number @i. */
static __always_inline void *nst_slots_at(const struct nst_slots *slots,
					  const struct nst_slots_kind *kind, u32 i)
{
	return slots->slot + i * kind->size;
}

/**
 * nst_slots_find() - find the slot of a key
 * @slots: the table, with slots
 * @kind: what it holds
 * @home: where the search begins
 * @key: the key, for @kind->is
 *
 * Context: any.
 * Return: its slot, or the free one where it belongs; NULL if there is neither.
 */
static __always_inline void *nst_slots_find(const struct nst_slots *slots,
					    const struct nst_slots_kind *kind, u32 home,
					    const void *key)
{
	u32 mask = (1U << slots->bits) - 1;
	u32 steps;

	for (steps = 0; steps < NST_SLOTS_STEPS; steps++) {
		void *slot = nst_slots_at(slots, kind, (home + steps) & mask);

		if (kind->is_free(slot) || kind->is(slots, slot, key))
			return slot;
	}

	return NULL;
}

/* Moves what the old table holds into a new one. */
static __always_inline int nst_slots_move(struct nst_slots *to, const struct nst_slots *from,
					  const struct nst_slots_kind *kind)
{
	u32 mask = (1U << to->bits) - 1;
	u32 i, steps;

	for (i = 0; from->bits && i < 1U << from->bits; i++) {
		const void *slot = nst_slots_at(from, kind, i);
		u32 home;

		if (!(i % 4096)) {
			int err = nst_rest();

			if (err)
				return err;
		}
		if (kind->is_free(slot))
			continue;

		home = kind->home(to, slot);
		for (steps = 0; steps < NST_SLOTS_STEPS; steps++) {
			void *place = nst_slots_at(to, kind, (home + steps) & mask);

			if (kind->is_free(place)) {
				memcpy(place, slot, kind->size);
				break;
			}
		}
		if (steps == NST_SLOTS_STEPS)
			return -ENOMEM;
	}

	return 0;
}

/**
 * nst_slots_reserve() - see to it that entries can be added
 * @slots: the table
 * @kind: what it holds
 * @more: how many more entries there may be than now
 *
 * Pointers to slots are stale after this, and so are their numbers.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
static __always_inline int nst_slots_reserve(struct nst_slots *slots,
					     const struct nst_slots_kind *kind, u64 more)
{
	struct nst_slots new;
	int err;

	if (slots->bits && slots->count + more <= 1U << (slots->bits - 1))
		return 0;

	err = nst_slots_new(&new, slots, kind->size, slots->count + more);
	if (err)
		return err;

	err = nst_slots_move(&new, slots, kind);
	if (err) {
		nst_slots_free(&new, kind->size);
		return err;
	}

	nst_slots_free(slots, kind->size);
	*slots = new;
	return 0;
}

#endif /* NST_SLOTS_H */
