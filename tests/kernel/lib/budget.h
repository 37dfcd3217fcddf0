/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory that all captures together may take.  An open file that has been
 * read by a byte holds its capture, so with enough sockets a few files are
 * what the smallest budget holds.
 */
#ifndef LIB_BUDGET_H
#define LIB_BUDGET_H

#define BUDGET	"/sys/module/netstate/parameters/budget_mb"

/*
 * Opens files and reads a byte of each, until ENOMEM: how many it took, which
 * are open in @fd.  -1 if there is another error, or @room of them fit.
 */
int budget_fill(int *fd, int room);

/* Closes that many. */
void budget_empty(int *fd, int n);

#endif
