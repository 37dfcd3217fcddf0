/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table as netstat of net-tools 2.10 prints it, by the format strings of its
 * netstat.c: slow, obvious, and what the formatter is held to.
 */
#ifndef NETSTATE_REFERENCE_H
#define NETSTATE_REFERENCE_H

#include <netstate/sock.h>

#define REFERENCE_MAX 1024

/* The row as "netstat -n -W" prints it, with -e, -p and -o as @show says. */
void reference_row(char *text, const struct nst_sock *sock, enum nst_table table,
		   unsigned int show);

/* Line 2. */
void reference_columns(char *text, unsigned int show);

#endif /* NETSTATE_REFERENCE_H */
