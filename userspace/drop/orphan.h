/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Connections that no process holds any more.
 */
#ifndef NETSTATE_ORPHAN_H
#define NETSTATE_ORPHAN_H

#include <stdbool.h>

bool nst_orphan_can_end(void);

#endif /* NETSTATE_ORPHAN_H */
