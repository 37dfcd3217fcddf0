/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of hosts, services and users. All functions that find one write to @text,
 * which has NST_NAME_MAX bytes, and return it.
 */
#ifndef NETSTATE_NAMES_H
#define NETSTATE_NAMES_H

#include <netstate/sock.h>

#define NST_NAME_MAX 128	/* as in netstat */

const char *nst_name_host(enum nst_table table, const u8 *addr, char *text);
const char *nst_name_number(enum nst_table table, const u8 *addr, char *text);
const char *nst_name_port(enum nst_table table, u16 port, char *text);
const char *nst_name_user(u32 uid, char *text);
void nst_names_wait(void);
void nst_names_forget(void);

#endif /* NETSTATE_NAMES_H */
