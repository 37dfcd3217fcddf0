/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A report: other columns than netstat's.
 */
#ifndef NETSTATE_REPORT_H
#define NETSTATE_REPORT_H

#include <stdio.h>

#include "table.h"

extern const char nst_report_head[];

void nst_report_row(FILE *out, const struct nst_row *row, const char *local, const char *remote,
		    struct nst_word state);

#endif /* NETSTATE_REPORT_H */
