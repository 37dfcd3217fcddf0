/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asks a filter in the order in which the module does, of a record that one
 * process at most holds.
 */
#ifndef TEST_PASSES_H
#define TEST_PASSES_H

#include <netstate/info.h>
#include <netstate/prefilter.h>

static inline bool passes_sock(const struct nst_filter *filter, const struct nst_sock *sock,
			       enum nst_table table)
{
	struct nst_prefilter prefilter;

	nst_prefilter_make(&prefilter, filter);
	return filter->tables & BIT(table) && nst_prefilter_state(&prefilter, table, sock->state) &&
	       nst_prefilter_ports(&prefilter, sock->lport, sock->rport) &&
	       nst_filter_match_tuple(filter, sock, table) &&
	       nst_filter_match_details(filter, sock, table);
}

static inline bool passes_owner(const struct nst_filter *filter, const struct nst_sock *sock,
				enum nst_table table)
{
	const struct nst_process *owner = sock->owner;
	union {
		struct nst_sock sock;
		u8 room[NST_SOCK_MAX];
	} found;

	memcpy(&found, sock, filter->steps ? NST_SOCK_MAX : sizeof(*sock));
	found.sock.last_pid = !!owner;
	if (owner && !nst_filter_match_process(filter, owner->pid, owner->comm))
		found.sock.owner = NULL;
	if (!nst_filter_match_owner(filter, &found.sock))
		return false;
	switch (nst_filter_answer(filter, &found.sock, table, 0)) {
	case NST_YES:
		return true;
	case NST_NO:
		return false;
	default:
		return found.sock.owner && nst_filter_match_holder(filter, &found.sock, table, 0,
								   owner);
	}
}

static inline bool passes_late(const struct nst_filter *filter, const struct nst_sock *sock,
			       enum nst_table table)
{
	return !(nst_filter_needs_match(filter) & NST_NEED_LATE) ||
	       nst_filter_match_late(filter, sock, table);
}

static inline bool passes(const struct nst_filter *filter, const struct nst_sock *sock,
			  enum nst_table table)
{
	return passes_sock(filter, sock, table) && passes_owner(filter, sock, table) &&
	       passes_late(filter, sock, table);
}

#endif /* TEST_PASSES_H */
