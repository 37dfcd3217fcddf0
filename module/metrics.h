/* SPDX-License-Identifier: GPL-2.0-only */
/* The file "netstate_metrics": counts only, for pollers. */
#ifndef NST_METRICS_H
#define NST_METRICS_H

#include <linux/proc_fs.h>

/* The data of an entry is as with nst_table_proc_ops. */
extern const struct proc_ops nst_metrics_proc_ops;

#endif /* NST_METRICS_H */
