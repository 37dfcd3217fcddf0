/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that are opened by their number. */
#ifndef NETSTATE_HANDLE_H
#define NETSTATE_HANDLE_H

#include <netstate/types.h>

char *nst_handle_cgroup(const char *mount, u64 id);

#endif /* NETSTATE_HANDLE_H */
