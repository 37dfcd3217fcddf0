/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts against thresholds: a plugin of a monitoring system.
 */
#ifndef NETSTATE_THRESHOLD_H
#define NETSTATE_THRESHOLD_H

#include "table.h"

int nst_threshold_print(const char *thresholds, struct nst_word counts);

#endif /* NETSTATE_THRESHOLD_H */
