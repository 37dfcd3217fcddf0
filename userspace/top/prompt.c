// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line of text that is being typed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "fail.h"
#include "top/prompt.h"
#include "top/screen.h"

#define CONTROL(character) ((character) & 0x1f)
#define ESCAPE 0x1b
#define DELETE 0x7f

/**
 * nst_prompt_open() - begin with a text
 * @prompt: the line
 * @text: the text
 */
void nst_prompt_open(struct nst_prompt *prompt, const char *text)
{
	mbstate_t state = {};
	size_t len;

	prompt->len = 0;
	for (; *text && prompt->len < NST_PROMPT_MAX; text += len) {
		len = mbrtowc(&prompt->text[prompt->len++], text, MB_CUR_MAX, &state);
		if (len == (size_t)-1 || len == (size_t)-2) {
			prompt->text[prompt->len - 1] = '?';
			memset(&state, 0, sizeof(state));
			len = 1;
		}
	}
	prompt->cursor = prompt->len;
	prompt->open = true;
}

static void erase_at(struct nst_prompt *prompt, size_t at)
{
	if (at >= prompt->len)
		return;
	prompt->len--;
	wmemmove(prompt->text + at, prompt->text + at + 1, prompt->len - at);
	if (prompt->cursor > at)
		prompt->cursor--;
}

static void insert(struct nst_prompt *prompt, wchar_t character)
{
	if (prompt->len == NST_PROMPT_MAX || wcwidth(character) < 1)
		return;
	wmemmove(prompt->text + prompt->cursor + 1, prompt->text + prompt->cursor,
		 prompt->len - prompt->cursor);
	prompt->text[prompt->cursor++] = character;
	prompt->len++;
}

/* Ctrl-W: takes off the word before the cursor. */
static void erase_word(struct nst_prompt *prompt)
{
	while (prompt->cursor && prompt->text[prompt->cursor - 1] == ' ')
		erase_at(prompt, prompt->cursor - 1);
	while (prompt->cursor && prompt->text[prompt->cursor - 1] != ' ')
		erase_at(prompt, prompt->cursor - 1);
}

static enum nst_prompt_end special_key(struct nst_prompt *prompt, wint_t key)
{
	switch (key) {
	case KEY_ENTER:
		prompt->open = false;
		return NST_PROMPT_DONE;
	case KEY_BACKSPACE:
		if (prompt->cursor)
			erase_at(prompt, prompt->cursor - 1);
		break;
	case KEY_DC:
		erase_at(prompt, prompt->cursor);
		break;
	case KEY_LEFT:
		prompt->cursor -= !!prompt->cursor;
		break;
	case KEY_RIGHT:
		prompt->cursor += prompt->cursor < prompt->len;
		break;
	case KEY_HOME:
		prompt->cursor = 0;
		break;
	case KEY_END:
		prompt->cursor = prompt->len;
		break;
	}
	return NST_PROMPT_GOES_ON;
}

/**
 * nst_prompt_key() - a key was pressed
 * @prompt: the line
 * @key: the key
 * @special: it is a KEY_* of curses, not a character
 *
 * Return: what it has done.
 */
enum nst_prompt_end nst_prompt_key(struct nst_prompt *prompt, wint_t key, bool special)
{
	if (special)
		return special_key(prompt, key);
	switch (key) {
	case '\r':
	case '\n':
		return special_key(prompt, KEY_ENTER);
	case '\b':
	case DELETE:
		return special_key(prompt, KEY_BACKSPACE);
	case CONTROL('A'):
		return special_key(prompt, KEY_HOME);
	case CONTROL('E'):
		return special_key(prompt, KEY_END);
	case CONTROL('W'):
		erase_word(prompt);
		break;
	case CONTROL('U'):
		prompt->len = 0;
		prompt->cursor = 0;
		break;
	case CONTROL('G'):
	case ESCAPE:
		prompt->open = false;
		return NST_PROMPT_LEFT;
	default:
		insert(prompt, key);
		break;
	}
	return NST_PROMPT_GOES_ON;
}

/**
 * nst_prompt_text() - what was typed
 * @prompt: the line
 *
 * Return: the text, allocated; NULL if there is no memory.
 */
char *nst_prompt_text(const struct nst_prompt *prompt)
{
	size_t size = prompt->len * MB_CUR_MAX + 1, used = 0, i, len;
	char *text = malloc(size);
	mbstate_t state = {};

	if (!text) {
		nst_no_memory();
		return NULL;
	}
	for (i = 0; i < prompt->len; i++) {
		len = wcrtomb(text + used, prompt->text[i], &state);
		if (len != (size_t)-1)
			used += len;
	}
	text[used] = '\0';
	return text;
}

/**
 * nst_prompt_draw() - show the line, so much of it that the cursor is seen
 * @prompt: the line
 * @y: where
 * @label: what is asked for
 */
void nst_prompt_draw(const struct nst_prompt *prompt, int y, const char *label)
{
	int x = nst_screen_text(y, 0, COLS / 2, label, A_BOLD), space = COLS - x - 1, width = 0;
	size_t first = prompt->cursor, i;
	int cursor;

	while (first && width + wcwidth(prompt->text[first - 1]) <= space)
		width += wcwidth(prompt->text[--first]);
	cursor = x + width;
	for (i = first; i < prompt->len && x + wcwidth(prompt->text[i]) < COLS; i++) {
		mvaddnwstr(y, x, &prompt->text[i], 1);
		x += wcwidth(prompt->text[i]);
	}
	move(y, cursor);
}
