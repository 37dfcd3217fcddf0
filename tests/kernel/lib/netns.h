/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A network namespace of one's own, and plain sockets in it.
 */
#ifndef LIB_NETNS_H
#define LIB_NETNS_H

#include "addr.h"

/*
 * Addresses that a namespace of netns_new() answers to, beside 127.0.0.0/8
 * and ::1.  The long one fills all eight groups.
 */
#define HOST6		"fd00:77::1"
#define PEER6		"fd00:77::2"
#define LONG6		"fd00:1111:2222:3333:4444:5555:6666:7777"

/* Moves this process into a new namespace with the loopback up; 0/-errno. */
int netns_new(void);

/*
 * Gives the next namespaces small TCP and UDP tables of their own; 0 or -errno,
 * -ENOENT if the kernel has none for TCP.
 */
int netns_small_tables(void);

/*
 * Moves this process into a new user namespace which may have @max network
 * namespaces, and into the first of them.  A witness for whether others, once
 * made, have gone: netns_room() says if there can be one more now.
 */
int netns_limited(int max);
bool netns_room(void);

/* Brings the loopback of the current namespace up, with those addresses. */
int netns_up(void);

/* Has it answer to all IPv6 addresses that begin with these @bits of @prefix; 0 or -errno. */
int netns_answer6(const char *prefix, int bits);

/* Raises RLIMIT_NOFILE (and what bounds it) to @n; 0 or -errno. */
int files_allow(unsigned long n);

/* Each gives a descriptor or -errno. */
int sock_bound(int type, const union addr *at);
int sock_reuse(int type, const union addr *at);
int sock_listen(const union addr *at, int backlog);
int sock_connect(int type, const union addr *from, const union addr *to);

/* An accepted connection over loopback: fd[0] connected, fd[1] accepted. */
int sock_pair(const union addr *server, int fd[2]);

/*
 * Closes a connection over loopback: @first is left in TIME_WAIT. The other end is closed
 * when it knows: else both are left so.
 */
void sock_end(int first, int second);

/* The inode number that /proc/PID/fd shows for it. */
unsigned long sock_inode(int fd);

#endif
