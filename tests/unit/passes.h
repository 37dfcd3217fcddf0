/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asks a filter in the order in which the module does, of a record that one
 * process at most holds.
 */
#ifndef TEST_PASSES_H
#define TEST_PASSES_H

#include <netstate/prefilter.h>

static inline bool passes_sock(const struct nst_filter *filter, const struct nst_sock *sock,
			       enum nst_table table)
{
	struct nst_prefilter prefilter;

	nst_prefilter_make(&prefilter, filter);
	return filter->tables & BIT(table) && nst_prefilter_state(&prefilter, table, sock->state) &&
	       nst_prefilter_ports(&prefilter, sock->lport, sock->rport) &&
	       nst_filter_match_tuple(filter, sock, table) &&
	       nst_filter_match_details(filter, sock);
}

static inline bool passes_owner(const struct nst_filter *filter, const struct nst_sock *sock)
{
	const struct nst_process *owner = sock->owner;
	struct nst_sock found = { .owner = owner, .last_pid = !!owner, .unowned = sock->unowned };

	if (owner && !nst_filter_match_process(filter, owner->pid, owner->comm))
		found.owner = NULL;
	return nst_filter_match_owner(filter, &found);
}

static inline bool passes(const struct nst_filter *filter, const struct nst_sock *sock,
			  enum nst_table table)
{
	return passes_sock(filter, sock, table) && passes_owner(filter, sock);
}

#endif /* TEST_PASSES_H */
