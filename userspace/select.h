/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which sockets are shown, and the words that say so.
 */
#ifndef NETSTATE_SELECT_H
#define NETSTATE_SELECT_H

#include <netstate/filter.h>

#include "options.h"
#include "reading.h"

/* The filter, and what the options leave. */
struct nst_select {
	struct nst_filter filter;	/* all that the language of filters can say */
	unsigned int flags;		/* NST_OPT_ALL, NST_OPT_LISTENING: count as well */
	unsigned int need;		/* columns without which rows can't be chosen or shown */
	bool in_kernel;			/* the kernel applies the filter */
	bool exact;			/* and shows nothing more than what is wanted */
	bool grouped;			/* the kernel makes groups of what is shown */
	bool everything;		/* there is no filter */
	bool bound;			/* sockets that are only bound are asked for */
	bool owners;			/* who holds sockets is looked at, or shown */
	unsigned int noted;		/* NST_SHOW_NOTED, or 0 */
};

/* select.c */
bool nst_select_set(struct nst_select *select, struct nst_options *options,
		    struct nst_source *source);
char *nst_select_compose(struct nst_filter *filter, const struct nst_options *options,
			 unsigned int show);
bool nst_select_row(const struct nst_select *select, const struct nst_row *row);

/* words.c */
bool nst_words_read(char **text, struct nst_filter *filter, struct nst_filter_error *error);
bool nst_words_parse(char **text, struct nst_filter *filter);

#endif /* NETSTATE_SELECT_H */
