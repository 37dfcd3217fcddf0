/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Users without any privilege, and witnesses of what they have made.
 */
#ifndef LIB_ATTACKER_H
#define LIB_ATTACKER_H

#include "child.h"

/* The attacker, and another user who suffers. 0 or -errno. */
#define ATTACKER	1000
#define BYSTANDER	1001
int as_attacker(void);
int as_bystander(void);

/* The attacker as root of a user namespace of its own, and no one else there. */
int as_attacker_in_userns(void);

/*
 * child_start() in a pid namespace of its own: all that it starts goes with it.
 * Its children are adopted by it, and reaped if it ignores SIGCHLD.
 */
int attack_start(struct child *c, int (*run)(int line, void *arg), void *arg);

/* A size from the environment, or @otherwise. */
long size_of(const char *variable, long otherwise);

/* How many processes have this parent, and its threads; by /proc. */
long witness_children(pid_t parent);
long witness_threads(pid_t pid);

/* How many descriptors a process or thread has. */
long witness_files(pid_t pid, pid_t thread);

/* How many lines /proc/PID/net/@file has, without its head. */
long witness_lines(pid_t pid, const char *file);

#endif
