/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which process holds a socket that the kernel module does not know.
 */
#ifndef NETSTATE_HOLDERS_H
#define NETSTATE_HOLDERS_H

#include <netstate/types.h>

/* What netstat says when it may not look into all processes. */
#define NST_HOLDERS_HIDDEN \
	"(Not all processes could be identified, non-owned process info\n" \
	" will not be shown, you would have to be root to see it all.)\n"

void nst_holders_find(bool warn);
const char *nst_holders_name(unsigned long inode);
void nst_holders_forget(void);

#endif /* NETSTATE_HOLDERS_H */
