/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which of netstat's tables are shown.
 */
#ifndef NETSTATE_PARTS_H
#define NETSTATE_PARTS_H

#include "options.h"

bool nst_parts_is_given(const char *name, char **argv);
bool nst_parts_choose(struct nst_options *options, unsigned int parts, unsigned int tables,
		      unsigned int families);

#endif /* NETSTATE_PARTS_H */
