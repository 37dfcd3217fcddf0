// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many sockets each listener has by state. The walk brings listeners first, then
 * everything else.
 *
 * A part of the walk may have to be walked again. What it has counted until then
 * must be forgotten, and to copy all counts before each part would cost more than
 * the part. So a listener keeps its old counts when a part changes them for the
 * first time, and a list of those changed leads back: there is always room for
 * it, and a part that succeeded costs nothing more. A listener that was added
 * stays, with nothing counted, as do the bits of its port: it did listen.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <netstate/detail.h>

#include "store/budget.h"
#include "store/by_listener.h"
#include "store/choice.h"

#define END U32_MAX		/* of the list of those touched */
#define REST 256		/* listeners that are named between two rests */

static size_t counted_size(u32 capacity)
{
	return ((size_t)capacity + 1) * sizeof(struct nst_counted_listener);
}

/* Makes room for the counts of all listeners that there is room for. */
static int resize(struct nst_by_listener *by)
{
	struct nst_budget *budget = by->listeners.budget;
	u32 capacity = by->listeners.capacity;
	struct nst_counted_listener *counted;

	if (by->counted && by->capacity == capacity)
		return 0;

	counted = nst_budget_alloc(budget, counted_size(capacity));
	if (!counted)
		return -ENOMEM;
	if (by->counted)
		memcpy(counted, by->counted, counted_size(by->capacity));
	nst_budget_free(budget, by->counted, counted_size(by->capacity));
	by->counted = counted;
	by->capacity = capacity;

	return 0;
}

/**
 * nst_by_listener_init() - begin to count
 * @by: filled in
 * @max: how many listeners may be named, at least 1
 * @budget: whom the memory is charged to
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM; to be freed only after 0.
 */
int nst_by_listener_init(struct nst_by_listener *by, u32 max, struct nst_budget *budget)
{
	int err;

	memset(by, 0, sizeof(*by));
	nst_by_listener_save(by);
	err = nst_listeners_init(&by->listeners, max, budget);
	if (err)
		return err;

	err = resize(by);
	if (err)
		nst_by_listener_free(by);
	return err;
}

/**
 * nst_by_listener_reserve() - see to it that listeners can be added
 * @by: the counts
 * @count: how many, at least, that have an address and port of their own
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_by_listener_reserve(struct nst_by_listener *by, u32 count)
{
	return nst_listeners_reserve(&by->listeners, count) ?: resize(by);
}

/**
 * nst_by_listener_trim() - free what only counting needs
 * @by: the counts, to be looked at and freed from now on
 *
 * Context: may sleep.
 */
void nst_by_listener_trim(struct nst_by_listener *by)
{
	nst_listeners_trim(&by->listeners);
}

/**
 * nst_by_listener_free() - free all of it
 * @by: the counts; may be all zeroes
 *
 * Context: may sleep.
 */
void nst_by_listener_free(struct nst_by_listener *by)
{
	nst_budget_free(by->listeners.budget, by->counted, counted_size(by->capacity));
	by->counted = NULL;
	nst_listeners_free(&by->listeners);
}

/* The counts of a listener, to be changed. */
static struct nst_listener_counts *touch(struct nst_by_listener *by, u32 i)
{
	struct nst_counted_listener *counted = &by->counted[i];

	if (counted->section != by->section) {
		counted->saved = counted->counts;
		counted->section = by->section;
		counted->touched = by->touched;
		by->touched = i;
	}

	return &counted->counts;
}

/**
 * nst_by_listener_add() - add a listening socket
 * @by: the counts
 * @at: where it listens
 * @listening: what is known of it
 *
 * Context: any; allocates nothing.
 * Return: 0; -ENOSPC if there is no room, see nst_by_listener_reserve().
 */
int nst_by_listener_add(struct nst_by_listener *by, const struct nst_endpoint *at,
			const struct nst_listening *listening)
{
	struct nst_listener_counts *counts;
	u32 i;
	int err = nst_listeners_enter(&by->listeners, at, listening->dual, &i);

	if (err)
		return err;

	counts = touch(by, i);
	counts->state[NST_LISTEN]++;
	counts->backlog += listening->backlog;
	counts->full += listening->backlog > listening->limit;
	counts->fullest = max(counts->fullest, nst_fill(listening->backlog, listening->limit));
	counts->limit += listening->limit;
	counts->drops += listening->drops;
	return 0;
}

/**
 * nst_by_listener_unnamed() - listening sockets beyond those that may be named
 * @by: the counts
 *
 * Return: how many they are.
 */
u32 nst_by_listener_unnamed(const struct nst_by_listener *by)
{
	return by->counted[NST_LISTENERS_OTHER].counts.state[NST_LISTEN];
}

/**
 * nst_by_listener_rename() - begin anew, with other listeners named
 * @by: the counts, where as many as may be are named
 * @choice: the ones to be named
 *
 * All counts are zero after this.
 *
 * Context: process context, may sleep.
 */
void nst_by_listener_rename(struct nst_by_listener *by, const struct nst_choice *choice)
{
	struct nst_listeners *listeners = &by->listeners;
	u32 i, number;

	nst_listeners_clear(listeners);
	memset(by->counted, 0, counted_size(by->capacity));
	nst_by_listener_save(by);

	for (i = 0; i < choice->n; i++) {
		if (nst_listeners_enter(listeners, &choice->chosen[i].at, false, &number))
			break;
		if (!(i % REST))
			cond_resched();
	}
	/* Of these the ports are known, but not yet whether anything listens there. */
	memset(listeners->ports, 0, sizeof(*listeners->ports));
	listeners->max = listeners->n;
}

/**
 * nst_by_listener_count() - count a socket that does not listen, if it is a listener's
 * @by: the counts
 * @at: the socket's local end, on a port that something listens on; without an
 *	address if nst_listeners_need_addr() says so
 * @state: enum nst_state
 *
 * Context: any.
 */
void nst_by_listener_count(struct nst_by_listener *by, const struct nst_endpoint *at,
			   unsigned int state)
{
	u32 i = nst_listeners_find(&by->listeners, at);

	if (i != NST_LISTENERS_OTHER || test_bit(at->port, by->listeners.ports->unnamed))
		touch(by, i)->state[state]++;
}

/**
 * nst_by_listener_save() - begin a part of the walk
 * @by: the counts
 */
void nst_by_listener_save(struct nst_by_listener *by)
{
	by->section++;
	by->touched = END;
}

/**
 * nst_by_listener_undo() - forget what was counted since the last part began, and begin it again
 * @by: the counts
 */
void nst_by_listener_undo(struct nst_by_listener *by)
{
	u32 i;

	for (i = by->touched; i != END; i = by->counted[i].touched)
		by->counted[i].counts = by->counted[i].saved;
	nst_by_listener_save(by);
}
