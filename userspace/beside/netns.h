/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Network namespaces of this host.
 */
#ifndef NETSTATE_NETNS_H
#define NETSTATE_NETNS_H

#include <stdbool.h>

#include <netstate/types.h>

u32 nst_netns_named(const char *name);
bool nst_netns_of_processes(char **text);
bool nst_netns_check(const char *text);

#endif /* NETSTATE_NETNS_H */
