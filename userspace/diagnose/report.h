/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was found, for people and for programs.
 */
#ifndef NETSTATE_DIAGNOSE_REPORT_H
#define NETSTATE_DIAGNOSE_REPORT_H

#include "diagnose/finding.h"

int nst_report_text(const struct nst_check *checks);
int nst_report_json(const struct nst_check *checks);

#endif /* NETSTATE_DIAGNOSE_REPORT_H */
