/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counting rows by what stands at their start: where only protocol and state are asked for,
 * nothing else of a row need be read.
 */
#ifndef NETSTATE_COUNT_H
#define NETSTATE_COUNT_H

#include "reading.h"

bool nst_count_rows(struct nst_reading *reading);

#endif /* NETSTATE_COUNT_H */
