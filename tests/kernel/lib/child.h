/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Other processes that hold still until they are told.
 */
#ifndef LIB_CHILD_H
#define LIB_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int line;	/* a socket pair between us, AF_UNIX */
};

/*
 * Forks; the child runs @run with its end of the line and exits with what
 * that returns, or dies with us.  0 or -errno.
 */
int child_start(struct child *c, int (*run)(int line, void *arg), void *arg);

/* For a child of @parent: to die with it, even if it has died already. */
void die_with(pid_t parent);

/* Kills and reaps. */
void child_kill(struct child *c);

/* Hangs up, and waits for it to exit: its exit code, or -1 if it died. */
int child_end(struct child *c);

/* For both ends of the line: a word passed, and taken. */
bool line_tell(int line, long long word);
bool line_hear(int line, long long *word);

/* Until the other end hangs up. */
void line_wait(int line);

/* A descriptor, with one byte. */
bool line_send_fd(int line, int fd);
int line_receive_fd(int line);

/* A @run that says its pid and waits, holding what it has inherited. */
int child_hold(int line, void *arg);

/* child_start(child_hold), and it is there. */
int child_holding(struct child *c);

#endif
