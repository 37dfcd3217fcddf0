/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Forms of output: netstat's text, JSON, and what changed between two tables.
 */
#ifndef NETSTATE_FORMS_H
#define NETSTATE_FORMS_H

#include "options.h"
#include "reading.h"

/* print.c */
const char *nst_print_which(unsigned int flags);
void nst_print_title(unsigned int flags, const char *counts);
void nst_print_head(const struct nst_options *options, const char *counts);
void nst_print_row(FILE *out, const struct nst_options *options, const struct nst_row *row);

/* json.c */
void nst_json_row(const struct nst_row *row, const char *change, const struct nst_row *old);
void nst_json_group(const struct nst_groups_head *head, const struct nst_word *column);
void nst_json_words(struct nst_word words);
void nst_json_text(const char *text);

/* diff.c */
bool nst_diff_add(const struct nst_row *row);
bool nst_diff_print(const struct nst_options *options);
void nst_diff_free(void);

/* view.c */
bool nst_view_table(struct nst_source *source, const struct nst_select *select,
		    const struct nst_options *options);
bool nst_view_metrics(struct nst_source *source);

#endif /* NETSTATE_FORMS_H */
