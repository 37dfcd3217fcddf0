/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names in a filter, for which the kernel has numbers.
 */
#ifndef NETSTATE_RESOLVE_H
#define NETSTATE_RESOLVE_H

#include <stdio.h>

#include <netstate/filter.h>

bool nst_resolve_is_port(enum nst_filter_key key);
void nst_resolve(FILE *out, const struct nst_filter_error *error, char *name);

#endif /* NETSTATE_RESOLVE_H */
