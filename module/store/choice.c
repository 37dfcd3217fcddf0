// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which listeners are named, where there are more than may be: those on the lowest ports,
 * so that nobody without privilege can push a well-known port out; but no user keeps more
 * than a share while others want places.
 *
 * Listeners come one by one, in any order. While there are places, each gets one. Then a
 * new one may take the place of another:
 *
 * - of its own user, if that has its share or more: the one on the highest port, if that is
 *   higher;
 * - else of a user who has more than a share: that one's highest; without any such, the
 *   highest of all, if that is higher.
 *
 * To find which takes a look at all that are chosen. So a look comes only before a place
 * changes hands, or if it is likely to: those who cannot win are told by two numbers.
 */
#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/string.h>

#include "store/budget.h"
#include "store/choice.h"

#define NOBODY U32_MAX
#define GONE U32_MAX		/* a slot whose endpoint has lost its place */

/**
 * struct end - a slot of the endpoints
 * @number: of the chosen one, plus 1; 0 in a free slot
 * @hash: of its endpoint
 */
struct end {
	u32 number;
	u32 hash;
};

/* What a slot is compared with. */
struct wanted {
	const struct nst_choice *choice;
	const struct nst_endpoint *at;
	u32 hash;
};

static __always_inline bool end_is_free(const void *slot)
{
	return !((const struct end *)slot)->number;
}

static __always_inline bool is_wanted(const struct nst_slots *slots, const void *slot,
				      const void *key)
{
	const struct wanted *wanted = key;
	const struct end *end = slot;

	return end->number != GONE && end->hash == wanted->hash &&
	       !memcmp(&wanted->choice->chosen[end->number - 1].at, wanted->at,
		       sizeof(*wanted->at));
}

static __always_inline u32 home_of_hash(const struct nst_slots *slots, u32 hash)
{
	return hash >> (32 - slots->bits);
}

static __always_inline u32 home_of_end(const struct nst_slots *slots, const void *slot)
{
	return home_of_hash(slots, ((const struct end *)slot)->hash);
}

static const struct nst_slots_kind by_end = {
	.size = sizeof(struct end),
	.is_free = end_is_free,
	.is = is_wanted,
	.home = home_of_end,
};

/**
 * struct share - a slot of the users: what one of them has
 * @uid: the user
 * @highest: its highest port, or a higher one
 * @count: how many of its listeners are chosen, plus 1; 0 in a free slot
 */
struct share {
	u32 uid;
	u16 highest;
	u32 count;
};

static __always_inline bool user_is_free(const void *slot)
{
	return !((const struct share *)slot)->count;
}

static __always_inline bool is_user(const struct nst_slots *slots, const void *slot,
				    const void *key)
{
	return ((const struct share *)slot)->uid == *(const u32 *)key;
}

static __always_inline u32 home_of_user(const struct nst_slots *slots, const void *slot)
{
	return nst_slots_hash(slots, ((const struct share *)slot)->uid, slots->bits);
}

static const struct nst_slots_kind by_user = {
	.size = sizeof(struct share),
	.is_free = user_is_free,
	.is = is_user,
	.home = home_of_user,
};

/* The slot of an endpoint, or the free one where it belongs; NULL if there is neither. */
static struct end *end_of(const struct nst_choice *choice, const struct nst_endpoint *at,
			  u32 *hash)
{
	const struct wanted wanted = {
		.choice = choice,
		.at = at,
		.hash = jhash(at, sizeof(*at), choice->seed),
	};

	*hash = wanted.hash;
	return nst_slots_find(&choice->ends, &by_end, home_of_hash(&choice->ends, wanted.hash),
			      &wanted);
}

/* The slot of a user, or the free one where it belongs; NULL if there is neither. */
static struct share *user_of(const struct nst_choice *choice, u32 uid)
{
	return nst_slots_find(&choice->users, &by_user,
			      nst_slots_hash(&choice->users, uid, choice->users.bits), &uid);
}

/* How many listeners of a user are chosen. */
static u32 count_of(const struct nst_choice *choice, u32 uid)
{
	const struct share *user = user_of(choice, uid);

	return user && user->count ? user->count - 1 : 0;
}

static size_t chosen_size(const struct nst_choice *choice)
{
	return (size_t)choice->max * sizeof(*choice->chosen);
}

/**
 * nst_choice_init() - prepare to choose
 * @choice: filled in; to be freed with nst_choice_free(), after an error, too
 * @max: how many are to be chosen, at least 1
 * @budget: whom the memory is charged to
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM.
 */
int nst_choice_init(struct nst_choice *choice, u32 max, struct nst_budget *budget)
{
	*choice = (struct nst_choice){
		.max = max,
		.share = max(max / 4, 1U),
		.seed = get_random_u32(),
	};
	nst_slots_init(&choice->ends, budget);
	nst_slots_init(&choice->users, budget);
	choice->chosen = nst_budget_alloc(budget, chosen_size(choice));

	return choice->chosen ? 0 : -ENOMEM;
}

/**
 * nst_choice_reserve() - see to it that listeners can come
 * @choice: the choice
 * @room: how many, at least
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_choice_reserve(struct nst_choice *choice, u32 room)
{
	int err = nst_slots_reserve(&choice->ends, &by_end, room);

	return err ?: nst_slots_reserve(&choice->users, &by_user, room);
}

/*
 * Whose place a new listener takes: a number in @chosen, or NOBODY's. What the look at all
 * of them has shown of the highest ports is noted.
 */
static u32 find_loser(struct nst_choice *choice, struct share *user, u16 port)
{
	bool own = user->count - 1 >= choice->share;
	u32 i, highest = NOBODY, over = NOBODY;

	for (i = 0; i < choice->n; i++) {
		const struct nst_chosen *chosen = &choice->chosen[i];

		if (own && chosen->uid != user->uid)
			continue;
		if (highest == NOBODY || chosen->at.port > choice->chosen[highest].at.port)
			highest = i;
		if (!own && choice->over && count_of(choice, chosen->uid) > choice->share &&
		    (over == NOBODY || chosen->at.port > choice->chosen[over].at.port))
			over = i;
	}

	if (over != NOBODY)
		return over;
	if (highest == NOBODY)
		return NOBODY;
	if (own)
		user->highest = choice->chosen[highest].at.port;
	else
		choice->highest = choice->chosen[highest].at.port;
	return choice->chosen[highest].at.port > port ? highest : NOBODY;
}

/* Takes a place away. */
static void remove(struct nst_choice *choice, u32 loser)
{
	struct nst_chosen *chosen = &choice->chosen[loser];
	struct share *user = user_of(choice, chosen->uid);
	struct end *end;
	u32 hash;

	end = end_of(choice, &chosen->at, &hash);
	if (end)
		end->number = GONE;
	if (user && user->count > 1)
		choice->over -= --user->count == choice->share + 1;
}

/* Whether a listener cannot win a place: its port is as high as all that it could win from. */
static bool cannot_win(const struct nst_choice *choice, const struct share *user, u16 port)
{
	if (user->count - 1 >= choice->share)
		return port >= user->highest;

	return !choice->over && port >= choice->highest;
}

/**
 * nst_choice_add() - a listener wants to be named
 * @choice: the choice
 * @at: where it listens
 * @uid: its user
 * @work: set to how many of the chosen were looked at
 *
 * It may come more than once.
 *
 * Context: any; allocates nothing.
 * Return: 0; -ENOSPC if there is no room, see nst_choice_reserve().
 */
int nst_choice_add(struct nst_choice *choice, const struct nst_endpoint *at, u32 uid, u32 *work)
{
	struct share *user;
	struct end *end;
	u32 hash, number;

	*work = 0;
	if (!nst_slots_have_room(&choice->ends) || !nst_slots_have_room(&choice->users))
		return -ENOSPC;

	end = end_of(choice, at, &hash);
	user = user_of(choice, uid);
	if (!end || !user || end->number)
		return 0;
	if (!user->count) {
		*user = (struct share){ .uid = uid, .count = 1 };
		choice->users.count++;
	}

	if (choice->n < choice->max) {
		number = choice->n++;
	} else {
		if (cannot_win(choice, user, at->port))
			return 0;
		*work = choice->n;
		number = find_loser(choice, user, at->port);
		if (number == NOBODY)
			return 0;
		remove(choice, number);
	}

	choice->chosen[number] = (struct nst_chosen){ .at = *at, .uid = uid };
	*end = (struct end){ .number = number + 1, .hash = hash };
	choice->ends.count++;
	choice->over += ++user->count == choice->share + 2;
	choice->highest = max(choice->highest, at->port);
	user->highest = max(user->highest, at->port);
	return 0;
}

/**
 * nst_choice_free() - free a choice
 * @choice: the choice
 *
 * Context: may sleep.
 */
void nst_choice_free(struct nst_choice *choice)
{
	struct nst_budget *budget = choice->ends.budget;

	nst_slots_free(&choice->ends, by_end.size);
	nst_slots_free(&choice->users, by_user.size);
	nst_budget_free(budget, choice->chosen, chosen_size(choice));
}
