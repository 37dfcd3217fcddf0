/* SPDX-License-Identifier: GPL-2.0-only */
/* The file "netstate": the table. */
#ifndef NST_PROC_H
#define NST_PROC_H

#include <linux/proc_fs.h>

/* The data of an entry is the network namespace that it is about, or NULL for the opener's. */
extern const struct proc_ops nst_table_proc_ops;

void nst_proc_init(void);

#endif /* NST_PROC_H */
