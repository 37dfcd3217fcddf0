/* SPDX-License-Identifier: GPL-2.0-only */
/* Which holders of a socket a filter means, where that depends on the socket. */
#ifndef NST_HOLDERS_H
#define NST_HOLDERS_H

#include <netstate/sock.h>

struct nst_filter;
struct nst_pool;

/**
 * struct nst_choosing - choosing among the holders of one socket after the other
 * @filter: the filter
 * @pool: where lists of holders are made
 * @lists: whether somebody looks at the lists afterwards
 * @asked: how many holders have been asked about
 * @incomplete: of how many sockets some holders could not be asked about
 * @err: 0, or why the choosing has ended
 */
struct nst_choosing {
	const struct nst_filter *filter;
	struct nst_pool *pool;
	bool lists;
	u32 asked;
	u32 incomplete;
	int err;
};

bool nst_holders_choose(struct nst_choosing *choosing, struct nst_sock *sock,
			enum nst_table table, u32 netns);

#endif /* NST_HOLDERS_H */
