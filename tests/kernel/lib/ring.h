/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading through io_uring, where what waits is done by threads of the kernel's.
 */
#ifndef LIB_RING_H
#define LIB_RING_H

#include <sys/types.h>

/* A ring of this process; -errno, -ENOSYS or -EPERM where there is none to be had. */
int ring_open(void);

/* As pread(2), by a thread of the kernel's; -errno. */
ssize_t ring_read(int ring, int fd, void *buf, size_t size, off_t at);

#endif
