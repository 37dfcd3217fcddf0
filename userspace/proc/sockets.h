/* SPDX-License-Identifier: GPL-2.0-only */
/* Sockets, as files of /proc tell them; and why those are needed. */
#ifndef NETSTATE_PROC_SOCKETS_H
#define NETSTATE_PROC_SOCKETS_H

#include <netstate/detail.h>
#include <netstate/filter.h>

/* A row of the table. */
struct nst_proc_row {
	enum nst_table table;
	size_t next;			/* the next one with the same hash, from 1 on */
	struct nst_detail detail;
	union {
		struct nst_sock sock;
		u8 space[sizeof(struct nst_sock) + 32];	/* with its addresses */
	};
};

bool nst_proc_sockets(const struct nst_filter *filter, struct nst_proc_row **rows, size_t *count);
bool nst_proc_owners(const struct nst_filter *filter, struct nst_proc_row *rows, size_t *count,
		     bool *hidden);
void nst_proc_why(void);

#endif /* NETSTATE_PROC_SOCKETS_H */
