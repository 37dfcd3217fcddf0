/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The terminal.
 */
#ifndef NETSTATE_TOP_SCREEN_H
#define NETSTATE_TOP_SCREEN_H

#include <curses.h>
#include <stdbool.h>
#include <stddef.h>

/* Pairs of colours, where there are colours. */
enum {
	NST_COLOUR_NONE,
	NST_COLOUR_MORE,
	NST_COLOUR_LESS,
	NST_COLOUR_TROUBLE,
};

bool nst_screen_open(void);
void nst_screen_close(void);
void nst_screen_resize(void);
attr_t nst_screen_colour(int pair);
int nst_screen_text(int y, int x, int width, const char *text, attr_t attributes);
int nst_screen_width(const char *text);
void nst_screen_fill(int y, attr_t attributes);

#endif /* NETSTATE_TOP_SCREEN_H */
