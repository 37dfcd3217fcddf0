/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What people call a cgroup: a service, a session, a container.
 */
#ifndef NETSTATE_UNIT_H
#define NETSTATE_UNIT_H

#include <stddef.h>

#define NST_UNIT_MAX	1100	/* space for two names of 255 bytes, all escaped; longer is cut */

void nst_unit_name(const char *path, char *name, size_t size);

#endif /* NETSTATE_UNIT_H */
