/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which sockets are shown.
 */
#ifndef NETSTATE_SELECT_H
#define NETSTATE_SELECT_H

#include <netstate/filter.h>

#include "options.h"
#include "source.h"

/**
 * struct nst_select - the filter, and what the options leave
 * @filter: all that the language of filters can say
 * @flags: NST_OPT_ALL, NST_OPT_LISTENING: what counts as well, as in netstat
 * @need: columns without which rows can't be chosen or shown, NST_SHOW_*
 * @in_kernel: the kernel applies the filter
 * @exact: and shows nothing more than what is wanted
 * @grouped: the kernel makes groups of what is shown
 * @everything: there is no filter
 * @bound: sockets that are only bound are asked for, and counted
 */
struct nst_select {
	struct nst_filter filter;
	unsigned int flags;
	unsigned int need;
	bool in_kernel;
	bool exact;
	bool grouped;
	bool everything;
	bool bound;
};

void nst_select_set(struct nst_select *select, struct nst_options *options,
		    struct nst_source *source);
char *nst_select_compose(struct nst_filter *filter, const struct nst_options *options,
			 unsigned int show, struct nst_filter_error *error);
bool nst_select_row(const struct nst_select *select, const struct nst_row *row);

#endif /* NETSTATE_SELECT_H */
