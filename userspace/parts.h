/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What netstat tells besides the sockets of the Internet. It has nothing to do
 * with the kernel module: it comes from the kernel's own files, and is the text of
 * net-tools 2.10. Functions that return a status return netstat's.
 */
#ifndef NETSTATE_PARTS_H
#define NETSTATE_PARTS_H

#include "options.h"

/* statistics.c */
void nst_statistics_print(bool ipv6, unsigned int asked);

/* interfaces.c */
void nst_interfaces_print(bool all, bool extended, bool again);

/* routes.c */
int nst_routes_print(const struct nst_options *options, bool ipv6);

/* multicast.c */
int nst_multicast_print(const struct nst_options *options);

/* unix.c */
int nst_unix_print(const struct nst_options *options);

#endif /* NETSTATE_PARTS_H */
