/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of tasks and processes as text.
 */
#ifndef NETSTATE_COMM_H
#define NETSTATE_COMM_H

#include <netstate/sock.h>

#define NST_COMM_MAX (4 * (NST_COMM_SIZE - 1))	/* longest text of a name */

/**
 * nst_comm_text() - write the name of a task
 * @p: where to; room for NST_COMM_MAX bytes; not terminated
 * @comm: the name, terminated
 * @separator: a byte that must not stand in the text, or 0
 *
 * A name must stay one word on one line, whatever a task calls itself: white
 * space, unprintable bytes, backslashes, the separator, and a plus sign before a
 * digit become \\ooo.
 *
 * Return: the end of the text.
 */
char *nst_comm_text(char *p, const char *comm, char separator);

/**
 * nst_process_name() - make up what the table calls a process
 * @process: pid and comm are read; text and len are filled in
 */
void nst_process_name(struct nst_process *process);

#endif /* NETSTATE_COMM_H */
