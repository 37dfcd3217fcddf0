/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set of objects, told by their addresses: they are only compared.
 */
#ifndef NST_ADDRESSES_H
#define NST_ADDRESSES_H

#include "store/slots.h"

static __always_inline bool nst_address_is_free(const void *slot)
{
	return !*(const void *const *)slot;
}

static __always_inline bool nst_address_is(const struct nst_slots *slots, const void *slot,
					   const void *key)
{
	return *(const void *const *)slot == key;
}

static __always_inline u32 nst_address_home_of(const struct nst_slots *slots, const void *address)
{
	return nst_slots_hash(slots, (unsigned long)address, slots->bits);
}

static __always_inline u32 nst_address_home(const struct nst_slots *slots, const void *slot)
{
	return nst_address_home_of(slots, *(const void *const *)slot);
}

static const struct nst_slots_kind nst_addresses = {
	.size = sizeof(void *),
	.is_free = nst_address_is_free,
	.is = nst_address_is,
	.home = nst_address_home,
};

/**
 * nst_addresses_find() - find the slot of an address
 * @slots: the set, with slots; to be made and freed as any table of nst_addresses
 * @address: the address
 *
 * Context: any.
 * Return: its slot, or the free one where it belongs; NULL if there is neither.
 */
static inline const void **nst_addresses_find(const struct nst_slots *slots, const void *address)
{
	return nst_slots_find(slots, &nst_addresses, nst_address_home_of(slots, address), address);
}

/**
 * nst_addresses_add() - enter an address
 * @slots: the set, with slots
 * @address: the address
 *
 * Context: any.
 * Return: 0; -EEXIST if it is there; -ENOSPC if there is no room for it.
 */
static inline int nst_addresses_add(struct nst_slots *slots, const void *address)
{
	const void **slot = nst_addresses_find(slots, address);

	if (slot && *slot)
		return -EEXIST;
	if (!slot || !nst_slots_have_room(slots))
		return -ENOSPC;

	*slot = address;
	slots->count++;
	return 0;
}

#endif /* NST_ADDRESSES_H */
