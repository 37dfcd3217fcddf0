/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of hosts, services, users and programs; each is asked for once.
 */
#ifndef NETSTATE_NAMES_H
#define NETSTATE_NAMES_H

#include <netstate/sock.h>

#define NST_NAME_MAX 128	/* room for a name, as in netstat */

const char *nst_name_host(enum nst_table table, const u8 *addr);
const char *nst_name_number(enum nst_table table, const u8 *addr);
const char *nst_name_network(u32 addr);
bool nst_name_unhex(const char *text, u8 *addr);
const char *nst_name_port(enum nst_table table, u16 port);
const char *nst_name_user(u32 uid);
const char *nst_name_program(const struct nst_process *process, bool saved);
void nst_names_forget_programs(void);
void nst_names_free(void);

#endif /* NETSTATE_NAMES_H */
