/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The coarse side of a filter: a few numbers that tell at once of most sockets
 * that they do not pass.
 */
#ifndef NETSTATE_PREFILTER_H
#define NETSTATE_PREFILTER_H

#include <netstate/filter.h>

/**
 * struct nst_ports - a range of ports
 * @first: the first one
 * @span: how many follow it
 */
struct nst_ports {
	u16 first;
	u16 span;
};

/**
 * struct nst_prefilter - what a filter lets through at most
 * @states: by table: states, bits
 * @lport: local ports
 * @rport: remote ports
 * @port: one of the two ports is one of these
 * @tuple: whether nst_filter_match_tuple() has to be asked
 * @details: whether nst_filter_match_details() has to be asked
 */
struct nst_prefilter {
	u16 states[NST_TABLES];
	struct nst_ports lport;
	struct nst_ports rport;
	struct nst_ports port;
	bool tuple;
	bool details;
};

/**
 * nst_prefilter_make() - make the prefilter of a filter
 * @prefilter: filled in
 * @filter: the filter
 */
void nst_prefilter_make(struct nst_prefilter *prefilter, const struct nst_filter *filter);

/**
 * nst_prefilter_state() - whether a state is to be looked for and passes; exact
 * @prefilter: the prefilter
 * @table: the table of the socket
 * @state: its state, any number is allowed
 *
 * Return: what nst_filter_match_state() returns; false for sockets that are in none of
 * the kernel's tables, unless the filter asks for them.
 */
static inline bool nst_prefilter_state(const struct nst_prefilter *prefilter, enum nst_table table,
				       unsigned int state)
{
	return prefilter->states[table] >> (state < NST_STATES ? state : 0) & 1;
}

/**
 * nst_prefilter_tables() - the tables that something can pass from
 * @prefilter: the prefilter
 * @unhashed: of sockets that are in none of the kernel's tables, else of the others
 *
 * Return: bits by enum nst_table.
 */
unsigned long nst_prefilter_tables(const struct nst_prefilter *prefilter, bool unhashed);

static inline bool nst_ports_have(const struct nst_ports *ports, u16 port)
{
	return (u16)(port - ports->first) <= ports->span;
}

/**
 * nst_prefilter_ports() - whether ports may pass
 * @prefilter: the prefilter
 * @lport: local port, as the row shows it
 * @rport: remote port, likewise
 *
 * Return: false if nst_filter_match_tuple() would say so.
 */
static inline bool nst_prefilter_ports(const struct nst_prefilter *prefilter, u16 lport, u16 rport)
{
	return nst_ports_have(&prefilter->lport, lport) &&
	       nst_ports_have(&prefilter->rport, rport) &&
	       (nst_ports_have(&prefilter->port, lport) || nst_ports_have(&prefilter->port, rport));
}

#endif /* NETSTATE_PREFILTER_H */
