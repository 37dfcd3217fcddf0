/* SPDX-License-Identifier: GPL-2.0-only */
/* Who listens for the connections that have no owner. */
#ifndef NST_UNOWNED_H
#define NST_UNOWNED_H

struct nst_rows;

int nst_unowned_find_listeners(struct nst_rows *rows);

#endif /* NST_UNOWNED_H */
