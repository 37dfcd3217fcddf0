/* SPDX-License-Identifier: GPL-2.0-only */
/* /proc/netstate: the table. */
#ifndef NST_PROC_H
#define NST_PROC_H

int nst_proc_create(void);
void nst_proc_remove(void);

#endif /* NST_PROC_H */
