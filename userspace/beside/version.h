/* SPDX-License-Identifier: GPL-2.0-only */
/* Which versions there are. */
#ifndef NETSTATE_VERSION_H
#define NETSTATE_VERSION_H

#include <stdbool.h>

bool nst_version_print(void);

#endif /* NETSTATE_VERSION_H */
