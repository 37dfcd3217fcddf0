/* SPDX-License-Identifier: GPL-2.0-only */
/* Who listens for the connections that nobody holds. */
#ifndef NST_SERVERS_H
#define NST_SERVERS_H

struct nst_rows;

int nst_servers_find(struct nst_rows *rows);

#endif /* NST_SERVERS_H */
