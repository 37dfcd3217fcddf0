/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Rows, groups and counts as JSON.
 */
#ifndef NETSTATE_JSON_PRINT_H
#define NETSTATE_JSON_PRINT_H

#include "reading.h"

void nst_json_row(const struct nst_row *row, const char *change, const struct nst_row *old);
void nst_json_group(const struct nst_groups_head *head, const struct nst_word *column);
void nst_json_words(struct nst_word words, bool hidden);
void nst_json_text(const char *text);

/* An object that others make. */
void nst_json_open(void);
void nst_json_put_number(const char *key, u64 number);
void nst_json_put_signed(const char *key, long long number);
void nst_json_put_text(const char *key, const char *text);
void nst_json_put_list(const char *key, const char *words);
void nst_json_close(void);

#endif /* NETSTATE_JSON_PRINT_H */
