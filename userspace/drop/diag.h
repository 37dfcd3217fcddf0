/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's sock_diag(7): what numbers sockets, and ends them.
 */
#ifndef NETSTATE_DIAG_H
#define NETSTATE_DIAG_H

#include <linux/inet_diag.h>

#include "table.h"

/* States of struct inet_diag_req_v2, for nst_diag_number(). */
#define NST_DIAG_NONE	0
#define NST_DIAG_ALL	0x1ffe	/* of those that the table shows */

bool nst_diag_find(struct inet_diag_req_v2 *req, const struct nst_row *row);
int nst_diag_number(enum nst_table table, unsigned int states);
int nst_diag_destroy(const struct inet_diag_req_v2 *req);
bool nst_diag_is_time_wait(const struct inet_diag_req_v2 *req);
bool nst_diag_is_orphan(const struct inet_diag_req_v2 *req);

#endif /* NETSTATE_DIAG_H */
