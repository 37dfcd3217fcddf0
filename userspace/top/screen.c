// SPDX-License-Identifier: GPL-2.0-only
/*
 * The terminal. All text is cut to the space that it has, in columns of the
 * terminal; what cannot be shown is a question mark.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "fail.h"
#include "top/screen.h"

static struct screen *screen;	/* what curses calls SCREEN */
static bool has_colours;	/* and NO_COLOR is not set */

/**
 * nst_screen_open() - take the terminal
 *
 * Return: false if it is of no known kind.
 */
bool nst_screen_open(void)
{
	const char *term = getenv("TERM"), *plain = getenv("NO_COLOR");

	setlocale(LC_CTYPE, "");
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return nst_fail(NST_EXIT_USAGE, "TERM=%s: a terminal of no known kind",
				term ? term : "");
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	has_colours = !(plain && *plain) && has_colors() && start_color() == OK;
	if (has_colours) {
		use_default_colors();
		init_pair(NST_COLOUR_MORE, COLOR_GREEN, -1);
		init_pair(NST_COLOUR_LESS, COLOR_RED, -1);
		init_pair(NST_COLOUR_TROUBLE, COLOR_YELLOW, -1);
	}
	return true;
}

/**
 * nst_screen_close() - give the terminal back, as it was
 */
void nst_screen_close(void)
{
	if (!screen)
		return;
	curs_set(1);
	/* On a terminal with one screen only, the shell goes on at this line. */
	move(LINES - 1, 0);
	clrtoeol();
	refresh();
	endwin();
	delscreen(screen);
	screen = NULL;
}

/**
 * nst_screen_resize() - have a look at how large the terminal is
 */
void nst_screen_resize(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resize_term(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
}

/**
 * nst_screen_colour() - a colour, as an attribute of text
 * @pair: NST_COLOUR_*
 *
 * Return: the attribute; none where there are no colours.
 */
attr_t nst_screen_colour(int pair)
{
	return has_colours ? COLOR_PAIR(pair) : A_NORMAL;
}

static unsigned int octal(const char *text)
{
	unsigned int byte = 0;
	int i;

	for (i = 1; i <= 3; i++) {
		if (text[i] < '0' || text[i] > '7')
			return 0;
		byte = byte * 8 + text[i] - '0';
	}
	return byte;
}

/*
 * Reads a character. The kernel may have escaped its bytes, since it does not know the
 * terminal's encoding. Escaped bytes that are no character in it stay escaped.
 */
static size_t escaped_character(const char *text, wchar_t *character)
{
	mbstate_t state = {};
	size_t len = 0, n;
	char byte;

	while (text[len] == '\\' && octal(text + len) >= 0x80) {
		byte = octal(text + len);
		len += 4;
		n = mbrtowc(character, &byte, 1, &state);
		if (n == 1)
			return iswprint(*character) ? len : 0;
		if (n != (size_t)-2)
			return 0;
	}
	return 0;
}

/* Reads a character; returns how many bytes it takes, and how many columns. */
static size_t next_character(const char *text, wchar_t *character, int *columns)
{
	mbstate_t state = {};
	size_t len = escaped_character(text, character);

	if (!len)
		len = mbrtowc(character, text, MB_CUR_MAX, &state);
	if (len == (size_t)-1 || len == (size_t)-2 || !iswprint(*character)) {
		*character = '?';
		len = 1;
	}
	*columns = wcwidth(*character);
	if (*columns < 1) {
		*character = '?';
		*columns = 1;
	}
	return len;
}

/**
 * nst_screen_text() - write a text
 * @y: the line
 * @x: the column where it begins
 * @width: how many columns it may take
 * @text: the text
 * @attributes: how it looks
 *
 * Return: the column behind it.
 */
int nst_screen_text(int y, int x, int width, const char *text, attr_t attributes)
{
	int end = x + width, columns;
	wchar_t character[2] = L"";

	if (end > COLS)
		end = COLS;
	if (y < 0 || y >= LINES)
		return x;
	attrset(attributes);
	while (*text) {
		text += next_character(text, character, &columns);
		if (x + columns > end)
			break;
		mvaddnwstr(y, x, character, 1);
		x += columns;
	}
	attrset(A_NORMAL);
	return x;
}

/**
 * nst_screen_width() - how many columns a text takes
 * @text: the text
 *
 * Return: so many.
 */
int nst_screen_width(const char *text)
{
	int width = 0, columns;
	wchar_t character;

	while (*text) {
		text += next_character(text, &character, &columns);
		width += columns;
	}
	return width;
}

/**
 * nst_screen_fill() - give a line a look
 * @y: the line
 * @attributes: how its blanks look
 */
void nst_screen_fill(int y, attr_t attributes)
{
	attrset(attributes);
	mvhline(y, 0, ' ', COLS);
	attrset(A_NORMAL);
}
