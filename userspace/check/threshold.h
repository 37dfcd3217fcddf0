/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Counts against thresholds.
 */
#ifndef NETSTATE_CHECK_THRESHOLD_H
#define NETSTATE_CHECK_THRESHOLD_H

#include "util.h"

int nst_threshold_print(const char *thresholds, struct nst_word counts);

#endif /* NETSTATE_CHECK_THRESHOLD_H */
