/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From a table to what is printed.
 */
#ifndef NETSTATE_VIEW_H
#define NETSTATE_VIEW_H

#include "options.h"
#include "select.h"
#include "source.h"

bool nst_view_table(struct nst_source *source, const struct nst_select *select,
		    const struct nst_options *options);
bool nst_view_metrics(struct nst_source *source);

#endif /* NETSTATE_VIEW_H */
