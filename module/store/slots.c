// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a hash table; slots.h has the rest.
 */
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/random.h>

#include "store/budget.h"
#include "store/slots.h"

static size_t bytes(const struct nst_slots *slots, size_t size)
{
	return size << slots->bits;
}

/**
 * nst_slots_init() - make a table without slots
 * @slots: filled in
 * @budget: whom its memory will be charged to
 *
 * Context: any.
 */
void nst_slots_init(struct nst_slots *slots, struct nst_budget *budget)
{
	*slots = (struct nst_slots){ .budget = budget };
}

/**
 * nst_slots_new() - make a larger table, empty and with a seed of its own
 * @slots: filled in
 * @old: the table that it is to replace
 * @size: bytes of a slot
 * @entries: how many it is to hold; at most half of the slots will be used
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM.
 */
int nst_slots_new(struct nst_slots *slots, const struct nst_slots *old, size_t size, u64 entries)
{
	*slots = *old;
	if (entries > 1UL << (NST_SLOTS_BITS_MAX - 1))
		return -ENOMEM;

	slots->bits = max_t(unsigned int, order_base_2(entries) + 1, NST_SLOTS_BITS_MIN);
	get_random_bytes(slots->seed, sizeof(slots->seed));
	/* Odd, so that multiplying loses nothing. */
	slots->seed[0] |= 1;
	slots->seed[1] |= 1;
	slots->slot = nst_budget_alloc(slots->budget, bytes(slots, size));

	return slots->slot ? 0 : -ENOMEM;
}

/**
 * nst_slots_free() - free the slots of a table
 * @slots: the table; empty after this, and usable again
 * @size: bytes of a slot
 *
 * Context: may sleep.
 */
void nst_slots_free(struct nst_slots *slots, size_t size)
{
	nst_budget_free(slots->budget, slots->slot, bytes(slots, size));
	nst_slots_init(slots, slots->budget);
}
