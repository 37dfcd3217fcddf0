/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What security modules deny, as whoever listens to the audit log hears it.
 */
#ifndef LIB_DENIALS_H
#define LIB_DENIALS_H

/* Listens from now on; to be called in the first network namespace. A socket or -errno. */
int denials_listen(void);

/* How many there were since then, or since the last call; -1. */
long denials_heard(int fd);

#endif
