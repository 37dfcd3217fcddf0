/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the netstat of other systems shows.
 */
#ifndef NETSTATE_ELSEWHERE_H
#define NETSTATE_ELSEWHERE_H

#include "options.h"
#include "table.h"

extern const char nst_elsewhere_head[];	/* line 2 of the report */

bool nst_elsewhere_naming(const char *word, enum nst_naming *naming);
struct nst_word nst_elsewhere_state(enum nst_naming naming, const struct nst_row *row);
void nst_elsewhere_report(FILE *out, const struct nst_row *row, struct nst_word local,
			  struct nst_word remote, struct nst_word state);

#endif /* NETSTATE_ELSEWHERE_H */
