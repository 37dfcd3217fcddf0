/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * States by the names that they have elsewhere.
 */
#ifndef NETSTATE_NAMING_H
#define NETSTATE_NAMING_H

#include "table.h"

/* Whose names: nst_naming_parse() has a word for each. */
enum nst_naming {
	NST_NAMING_LINUX,
	NST_NAMING_WINDOWS,
	NST_NAMING_ZOS,
	NST_NAMING_RFC,
};

enum nst_naming nst_naming_parse(const char *word);
struct nst_word nst_naming_state(enum nst_naming whose, const struct nst_row *row);

#endif /* NETSTATE_NAMING_H */
