/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What netstat tells besides the sockets of the Internet. It has nothing to do with the
 * kernel module: it comes from the kernel's own files, and is the text of net-tools 2.10.
 * With --json the same is a document; each row is an object on a line.
 * Functions that return a status return netstat's.
 */
#ifndef NETSTATE_FACE_H
#define NETSTATE_FACE_H

#include "options.h"

/* What netstat says when it may not look into all processes. */
#define NST_HOLDERS_HIDDEN \
	"(Not all processes could be identified, non-owned process info\n" \
	" will not be shown, you would have to be root to see it all.)\n"

/* face.c */
int nst_face_print(const struct nst_options *options, bool again);

/* hex.c */
bool nst_hex_addr(const char *text, u8 *addr);
const char *nst_hex_number(enum nst_table table, const u8 *addr, char *text);

/* statistics.c */
void nst_statistics_print(const struct nst_options *options, bool ipv6);

/* interfaces.c */
bool nst_interfaces_print(const struct nst_options *options, bool again);

/* routes.c */
int nst_routes_print(const struct nst_options *options, bool ipv6);

/* multicast.c */
int nst_multicast_print(const struct nst_options *options);

/* unix.c */
int nst_unix_print(const struct nst_options *options);

/* holders.c */
bool nst_holders_find(bool warn);
const char *nst_holders_name(u64 inode);
u32 nst_holders_process(u64 inode, const char **comm);
bool nst_holders_are_hidden(void);
void nst_holders_forget(void);

#endif /* NETSTATE_FACE_H */
