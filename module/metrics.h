/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/netstate_metrics: counts only, for pollers. */
#ifndef NST_METRICS_H
#define NST_METRICS_H

int nst_metrics_create(void);
void nst_metrics_remove(void);

#endif /* NST_METRICS_H */
