/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other account of the same sockets: /proc/net/{tcp,tcp6,udp,udp6}.
 */
#ifndef LIB_WITNESS_H
#define LIB_WITNESS_H

#include <stdbool.h>

#include "table.h"

/*
 * What the kernel's own files say of this network namespace, as rows whose
 * program column is "-" and whose inode is set.  0 or -errno.
 */
int witness_read(struct table *w);

/* Whether two of them have the same rows; sorts both. */
bool witness_same(struct table *a, struct table *b);

/*
 * A table and a witness that saw the same: the witness is asked before and
 * after until nothing changed in between.  0, -errno or -ETIMEDOUT.
 */
int witness_read_with(struct table *t, struct table *w);

/*
 * "0100007F:0050", words in the byte order of the host, the port plain, as
 * addr_text() has it.
 */
bool witness_addr(const char *hex, char *text);

/* Sorts rows by all but the program column. */
void rows_sort(struct row *rows, size_t n);

/* As strcmp(), over all but the program column and the inode. */
int row_compare(const void *a, const void *b);

#endif
