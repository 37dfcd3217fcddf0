/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of connections.
 */
#ifndef NETSTATE_DROP_H
#define NETSTATE_DROP_H

#include "options.h"
#include "select.h"
#include "source.h"

void nst_drop_check(struct nst_options *options);
void nst_drop_add(const struct nst_options *options, const struct nst_row *row);
int nst_drop(struct nst_source *source, const struct nst_select *select,
	     const struct nst_options *options);

#endif /* NETSTATE_DROP_H */
