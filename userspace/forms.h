/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table as text, as netstat has it; and what all programs that print it have in common.
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

/* view.c */
void nst_view_init(void);
bool nst_view_open(struct nst_source *source, struct nst_select *select,
		   struct nst_options *options);
bool nst_view_again(struct nst_source *source, double seconds);
bool nst_view_begin(struct nst_reading *reading, struct nst_source *source,
		    const struct nst_select *select, const struct nst_options *options);
bool nst_view_table(struct nst_source *source, const struct nst_select *select,
		    const struct nst_options *options);
FILE *nst_spool_open(void);

#endif /* NETSTATE_FORMS_H */
