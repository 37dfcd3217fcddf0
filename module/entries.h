/* SPDX-License-Identifier: GPL-2.0-only */
/* The files in /proc, and those in the folder of each network namespace. */
#ifndef NST_ENTRIES_H
#define NST_ENTRIES_H

int nst_entries_create(void);
void nst_entries_remove(void);

#endif /* NST_ENTRIES_H */
