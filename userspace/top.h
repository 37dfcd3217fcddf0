/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Groups of sockets, live on the screen. Built where there is ncurses: reader.mk
 * says so by NETSTATE_TOP.
 */
#ifndef NETSTATE_TOP_H
#define NETSTATE_TOP_H

#include "options.h"
#include "source.h"

#ifdef NETSTATE_TOP
int nst_top(struct nst_options *options, struct nst_source *source);
#else
#include "fail.h"

static inline int nst_top(struct nst_options *options, struct nst_source *source)
{
	(void)options;
	(void)source;
	nst_die(NST_EXIT_USAGE, "--top is not built in: this reader was built without ncurses");
}
#endif

#endif /* NETSTATE_TOP_H */
