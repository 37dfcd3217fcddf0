/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of hosts, services, users and cgroups.
 */
#ifndef NETSTATE_NAMES_H
#define NETSTATE_NAMES_H

#include <netstate/sock.h>

#include "util.h"

#define NST_NAME_MAX	128	/* as in netstat */
#define NST_UNIT_MAX	1100	/* space for two names of 255 bytes, all escaped; longer is cut */

/* names.c: each writes to @text, which has NST_NAME_MAX bytes, and returns it. */
const char *nst_name_host(enum nst_table table, const u8 *addr, char *text);
const char *nst_name_port(enum nst_table table, u16 port, char *text);
const char *nst_name_user(u32 uid, char *text);
void nst_names_forget(void);

/* cgroups.c */
void nst_cgroups_open(void);
const char *nst_cgroup_path(u64 id);
bool nst_cgroup_name(struct nst_word id, char *name, size_t size);
void nst_cgroups_print_words(FILE *out, struct nst_word words);
void nst_cgroups_forget(void);

/* unit.c */
void nst_unit_name(const char *path, char *name, size_t size);

#endif /* NETSTATE_NAMES_H */
