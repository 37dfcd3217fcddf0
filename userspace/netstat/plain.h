/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows as netstat itself prints them.
 */
#ifndef NETSTATE_PLAIN_H
#define NETSTATE_PLAIN_H

#include "util.h"

struct nst_word nst_plain_program(struct nst_word *rest, bool timer);

#endif /* NETSTATE_PLAIN_H */
