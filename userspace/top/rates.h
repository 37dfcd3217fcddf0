/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How many bytes a second the sockets of each group receive and send.
 */
#ifndef NETSTATE_TOP_RATES_H
#define NETSTATE_TOP_RATES_H

#include "reading.h"
#include "top/ranking.h"

/* The two columns. */
#define NST_RATE_IN	"in/s"
#define NST_RATE_OUT	"out/s"

/**
 * struct nst_rates - what was counted of each socket at the last reading
 * @socket: these sockets, in an order
 * @sockets: how many
 * @time: when that was, in seconds; 0: never
 */
struct nst_rates {
	struct nst_rated *socket;
	size_t sockets;
	double time;
};

bool nst_rates_read(struct nst_rates *rates, struct nst_ranking *ranking,
		    struct nst_source *source, const struct nst_grouping *grouping, double time);
void nst_rates_forget(struct nst_rates *rates);

#endif /* NETSTATE_TOP_RATES_H */
