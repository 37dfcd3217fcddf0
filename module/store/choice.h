/* SPDX-License-Identifier: GPL-2.0-only */
/* Which listeners are named, where there are more than may be. */
#ifndef NST_CHOICE_H
#define NST_CHOICE_H

#include "store/listeners.h"
#include "store/slots.h"

/**
 * struct nst_chosen - a listener that is named, so far
 * @at: where it listens
 * @uid: its user
 */
struct nst_chosen {
	struct nst_endpoint at;
	u32 uid;
};

/**
 * struct nst_choice - a choice of listeners
 * @chosen: those that are named, so far
 * @n: how many
 * @max: how many may be
 * @share: how many of them one user keeps while others want places
 * @highest: the highest port among them, or a higher one
 * @over: how many users have more than their share
 * @ends: numbers in @chosen by endpoint
 * @users: how many each user has
 * @seed: of the hash of endpoints
 */
struct nst_choice {
	struct nst_chosen *chosen;
	u32 n;
	u32 max;
	u32 share;
	u16 highest;
	u32 over;
	struct nst_slots ends;
	struct nst_slots users;
	u32 seed;
};

int nst_choice_init(struct nst_choice *choice, u32 max, struct nst_budget *budget);
int nst_choice_reserve(struct nst_choice *choice, u32 room);
int nst_choice_add(struct nst_choice *choice, const struct nst_endpoint *at, u32 uid,
		   u32 *work);
void nst_choice_free(struct nst_choice *choice);

#endif /* NST_CHOICE_H */
