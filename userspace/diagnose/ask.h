/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Questions to the kernel module, one read each.
 */
#ifndef NETSTATE_DIAGNOSE_ASK_H
#define NETSTATE_DIAGNOSE_ASK_H

#include "reading.h"

bool nst_ask(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool nst_ask_row(struct nst_row *row);
bool nst_ask_group(struct nst_word *column);
u64 nst_ask_column(const struct nst_word *column, const char *name);
bool nst_ask_is_rest(const struct nst_word *column);
bool nst_ask_was_complete(void);
bool nst_ask_hid_owners(void);

/* Of a row. */
bool nst_row_number(const struct nst_row *row, const char *key, u64 *number);
u64 nst_row_idle(const struct nst_row *row);
bool nst_row_backlog(const struct nst_row *row, u64 *limit);

#endif /* NETSTATE_DIAGNOSE_ASK_H */
