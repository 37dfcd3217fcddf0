// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which holders of a socket a filter means, where that depends on the socket.
 *
 * While files are looked at, each process is asked about by itself, and noted if some
 * socket could pass with it. The rest is decided here, when no lock is held: a filter that
 * takes long to compare does so at its reader's expense.
 */
#include <linux/errno.h>

#include <netstate/detail.h>
#include <netstate/filter.h>

#include "rest.h"
#include "store/holders.h"
#include "store/pool.h"

#define ASKED_MAX 1024	/* holders of one socket, those with the lowest pids */
#define ASKED_REST 8	/* between two rests: each may meet a long filter */

/* Adds a process behind the others. */
static void add(struct nst_choosing *choosing, struct nst_holders *holders,
		const struct nst_process *process)
{
	struct nst_holder *holder;

	if (!choosing->lists)
		return;

	choosing->err = nst_pool_reserve(choosing->pool, sizeof(*holder));
	if (choosing->err)
		return;
	holder = nst_pool_alloc(choosing->pool, sizeof(*holder));
	*holder = (struct nst_holder){ .process = process };
	if (holders->last)
		holders->last->next = holder;
	else
		holders->first = holder;
	holders->last = holder;
}

/**
 * nst_holders_choose() - find out which holders of a socket pass
 * @choosing: the choosing; incomplete is added to, err is set
 * @sock: the socket, with an owner and the list of its holders; both, and their number, are
 *	replaced by those that pass
 * @table: its table
 * @netns: the inode of its network namespace
 *
 * The list itself stays as it is: records of one socket have it in common.
 *
 * Context: process context, may sleep.
 * Return: whether one of them does.
 */
bool nst_holders_choose(struct nst_choosing *choosing, struct nst_sock *sock,
			enum nst_table table, u32 netns)
{
	struct nst_holders *holders = nst_sock_holders(sock, table), chosen = {};
	const struct nst_process *process = sock->owner, *owner = NULL;
	const struct nst_holder *next = holders->first;
	u32 more = sock->others, others = 0, asked = 0;

	while (process && !choosing->err && asked++ < ASKED_MAX) {
		if (nst_filter_match_holder(choosing->filter, sock, table, netns, process)) {
			if (!owner) {
				owner = process;
			} else {
				others++;
				add(choosing, &chosen, process);
			}
		}
		process = NULL;
		if (next && more) {
			process = next->process;
			next = next->next;
			more--;
		}
		if (!(++choosing->asked % ASKED_REST) && !choosing->err)
			choosing->err = nst_rest();
	}
	if (process || more)
		choosing->incomplete++;

	sock->owner = owner;
	sock->others = others;
	*holders = chosen;
	return owner;
}
