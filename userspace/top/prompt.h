/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A line of text that is being typed.
 */
#ifndef NETSTATE_TOP_PROMPT_H
#define NETSTATE_TOP_PROMPT_H

#include <stdbool.h>
#include <wchar.h>

#define NST_PROMPT_MAX 1024

/**
 * struct nst_prompt - the line
 * @open: somebody types
 * @text: what there is
 * @len: its length
 * @cursor: where the next character goes
 */
struct nst_prompt {
	bool open;
	wchar_t text[NST_PROMPT_MAX];
	size_t len;
	size_t cursor;
};

/**
 * enum nst_prompt_end - what a key has done
 * @NST_PROMPT_GOES_ON: changed the line
 * @NST_PROMPT_DONE: said that it is complete
 * @NST_PROMPT_LEFT: said to forget it
 */
enum nst_prompt_end {
	NST_PROMPT_GOES_ON,
	NST_PROMPT_DONE,
	NST_PROMPT_LEFT,
};

void nst_prompt_open(struct nst_prompt *prompt, const char *text);
enum nst_prompt_end nst_prompt_key(struct nst_prompt *prompt, wint_t key, bool special);
char *nst_prompt_text(const struct nst_prompt *prompt);
void nst_prompt_draw(const struct nst_prompt *prompt, int y, const char *label);

#endif /* NETSTATE_TOP_PROMPT_H */
