// SPDX-License-Identifier: GPL-2.0-only
/*
 * What stands on the screen: two lines about all sockets, one about the filter, a
 * table, and a line for what must be said. When there is little space, the table has
 * the first claim to it.
 */
#include <stdio.h>
#include <string.h>

#include "names/names.h"
#include "top/panel.h"
#include "top/screen.h"

#define KEY_LEAST	8	/* columns for what groups have in common */
#define KEY_MOST	40
#define MARKS		2	/* columns before that: which is chosen, which are new */

static const char keys[] =
	"g group  s sort  / filter  Enter sockets  Space pause  h help  q quit";
static const char keys_open[] = "Esc back  arrows, PgUp, PgDn scroll  Space pause  q back";

static const char *const help[] = {
	"g G, 1-9    group by the next, the one before, or by program, process, lport,",
	"            rport, raddr, uid, netns, cgroup, state",
	"s S         sort by the next column, the one before; also by growth since last time",
	"/ f         edit the filter: words as on the command line, also group= and top=",
	"b           bytes a second, in and out: reads each socket, too; or no more",
	"arrows, PgUp, PgDn, Home, End    choose a group; to the side: more columns",
	"Enter       the sockets of the chosen group; Esc or q: back",
	"Space       pause: only what you ask for by a key is read",
	"+ -         read less often, more often",
	"h ?         this help",
	"q           quit",
	"",
	"A sign behind a number: it has grown (+) or shrunk (-) since last time.",
	"A star before a name: this group was not there last time.",
};

/* The sign and look of a number that has changed. */
static attr_t change(u64 value, u64 before, char *sign)
{
	*sign = ' ';
	if (value == before)
		return A_NORMAL;
	*sign = value > before ? '+' : '-';
	return A_BOLD | nst_screen_colour(value > before ? NST_COLOUR_MORE : NST_COLOUR_LESS);
}

static void draw_title(const struct nst_panel *panel, int y)
{
	char text[256];

	snprintf(text, sizeof(text), "%s %s  group=%s  sort=%s  every %g s%s", panel->clock,
		 panel->host, panel->group, panel->sort, panel->interval,
		 panel->paused ? "  PAUSED" : "");
	nst_screen_text(y, 0, COLS, text, A_BOLD);
}

/* All sockets together, by states that there are. */
static void draw_totals(const struct nst_panel *panel, int y)
{
	const struct nst_ranking *ranking = &panel->ranking;
	unsigned int i;
	int x = 0;

	for (i = 0; i < ranking->totals; i++) {
		const struct nst_total *total = &ranking->total[i];
		char text[64], sign[2] = "";
		attr_t look = change(total->value, total->before, sign);

		if (!total->value && !total->before && i < ranking->totals - 1)
			continue;
		snprintf(text, sizeof(text), "%s=%llu%s", total->name,
			 (unsigned long long)total->value, *sign == ' ' ? "" : sign);
		x = nst_screen_text(y, x, COLS, text, look) + 1;
	}
}

static void draw_filter(const struct nst_panel *panel, int y)
{
	int x = nst_screen_text(y, 0, COLS, "filter: ", A_NORMAL);

	nst_screen_text(y, x, COLS, *panel->words ? panel->words : "none", A_NORMAL);
}

/* Keeps what is chosen on the screen. */
static void settle(struct nst_place *place, size_t count, int lines)
{
	place->lines = lines > 0 ? lines : 0;
	if (place->at >= count)
		place->at = count ? count - 1 : 0;
	if (place->first > place->at)
		place->first = place->at;
	if (place->lines && place->at >= place->first + place->lines)
		place->first = place->at - place->lines + 1;
	/* Rather scroll back than leave lines blank at the bottom. */
	if (place->first && place->first + place->lines > count)
		place->first = count > place->lines ? count - place->lines : 0;
}

static int digits(u64 number)
{
	int count = 1;

	while (number /= 10)
		count++;
	return count;
}

/* As netstat calls them. */
static const char *title_of(const char *name)
{
	if (!strcmp(name, "recvq"))
		return "Recv-Q";
	return strcmp(name, "sendq") ? name : "Send-Q";
}

/* What groups have in common, as people call it; @name is space for that. */
static const char *shown_key(const struct nst_ranking *ranking, const struct nst_ranked *group,
			     unsigned int part, char name[NST_UNIT_MAX])
{
	const char *key = group->key.part[part];
	struct nst_word id = { key, strlen(key) };

	if (strcmp(ranking->head.name[part], "cgroup") || !nst_cgroup_name(id, name, NST_UNIT_MAX))
		return key;
	return name;
}

/* Space for what groups have in common, one behind the other. */
static int key_width(const struct nst_ranking *ranking, unsigned int part)
{
	char name[NST_UNIT_MAX];
	int most = COLS / 3 < KEY_MOST ? COLS / 3 : KEY_MOST;
	int width = KEY_LEAST, one;
	size_t n;

	for (n = 0; n < ranking->groups; n++) {
		one = nst_screen_width(shown_key(ranking, &ranking->group[n], part, name));
		width = one > width ? one : width;
	}
	return width > most && most > KEY_LEAST ? most : width;
}

/* Space for numbers, with a blank before and a sign behind. */
static int number_width(const struct nst_ranking *ranking, unsigned int number)
{
	int width = strlen(title_of(ranking->head.name[ranking->head.keys + number])), one;
	size_t n;

	for (n = 0; n < ranking->groups; n++) {
		one = digits(ranking->group[n].value[number]);
		width = one > width ? one : width;
	}
	return width + 2;
}

struct column {
	int index;	/* of a number; below 0: of a key, counted from -1 down */
	int x;
	int width;
};

/* Which columns there is space for; at least what groups have in common. */
static unsigned int lay_out(const struct nst_panel *panel, struct column *column, bool *more)
{
	const struct nst_ranking *ranking = &panel->ranking;
	unsigned int count = 0, i, hidden = panel->groups.right;
	int x = MARKS;

	for (i = 0; i < ranking->head.keys; i++, count++) {
		column[count] = (struct column){ -1 - (int)i, x, key_width(ranking, i) };
		x += column[count].width + 1;
	}
	*more = false;
	for (i = 0; i < ranking->numbers; i++) {
		int width = number_width(ranking, i);

		/* The sum, the queues and rates are always there. */
		if (i + 3 + ranking->rates < ranking->numbers && !(ranking->shown & BIT(i)))
			continue;
		if (hidden) {
			hidden--;
			continue;
		}
		*more |= x + width > COLS;
		if (*more)
			continue;
		column[count++] = (struct column){ i, x, width };
		x += width;
	}
	return count;
}

static void draw_columns(const struct nst_panel *panel, int y, const struct column *column,
			 unsigned int columns, bool more)
{
	const struct nst_groups_head *head = &panel->ranking.head;
	const attr_t look = A_BOLD | A_UNDERLINE;
	unsigned int i;

	nst_screen_fill(y, look);
	for (i = 0; i < columns; i++) {
		const struct column *one = &column[i];
		bool is_key = one->index < 0;
		const char *name = head->name[is_key ? -1 - one->index : (int)head->keys + one->index];
		bool chosen = !strcmp(panel->sort, name) ||
			      (!strcmp(panel->sort, NST_RANK_GROWTH) && !strcmp(name, "total"));
		int x = one->x;

		if (!is_key)
			x += one->width - 1 - strlen(title_of(name));
		nst_screen_text(y, x, one->width, title_of(name),
				chosen && !is_key ? look | A_REVERSE : look);
	}
	if (panel->groups.right)
		nst_screen_text(y, 0, 1, "<", look);
	if (more)
		nst_screen_text(y, COLS - 1, 1, ">", look);
}

/* Prints what a group has in common; a mark says where it is cut. */
static void draw_key(int y, const struct column *column, const char *key, attr_t look)
{
	int x = nst_screen_text(y, column->x, column->width, key, look);

	if (x < column->x + nst_screen_width(key) && column->width > 1 && x < COLS)
		nst_screen_text(y, column->x + column->width - 1, 1, "~", look);
}

static void draw_group(int y, const struct nst_ranking *ranking, const struct nst_ranked *group,
		       const struct column *column, unsigned int columns, bool chosen)
{
	char name[NST_UNIT_MAX];
	attr_t base = chosen ? A_REVERSE : A_NORMAL;
	unsigned int i;

	if (chosen)
		nst_screen_fill(y, base);
	nst_screen_text(y, 0, 1, chosen ? ">" : " ", base);
	if (group->is_new)
		nst_screen_text(y, 1, 1, "*", base | A_BOLD | nst_screen_colour(NST_COLOUR_MORE));
	for (i = 0; i < columns; i++) {
		const struct column *one = &column[i];
		char number[32], sign;
		attr_t look;
		u64 value;

		if (one->index < 0) {
			draw_key(y, one, shown_key(ranking, group, -1 - one->index, name),
				 group->is_new ? base | A_BOLD : base);
			continue;
		}
		value = group->value[one->index];
		look = change(value, group->before[one->index], &sign);
		snprintf(number, sizeof(number), "%*llu%c", one->width - 2,
			 (unsigned long long)value, sign);
		nst_screen_text(y, one->x + 1, one->width, number, base | look);
	}
}

static void draw_groups(struct nst_panel *panel, int y, int end)
{
	const struct nst_ranking *ranking = &panel->ranking;
	struct column column[NST_GROUP_COLUMNS];
	struct nst_place *place = &panel->groups;
	unsigned int columns;
	bool more;
	size_t i;

	columns = lay_out(panel, column, &more);
	if (end - y > 1)
		draw_columns(panel, y++, column, columns, more);
	settle(place, ranking->groups, end - y);
	for (i = place->first; i < ranking->groups && y < end; i++, y++)
		draw_group(y, ranking, &ranking->group[i], column, columns, i == place->at);
}

/* Prints a line from a column on. */
static void draw_line(int y, const char *line, size_t right, attr_t look)
{
	size_t len = strlen(line);

	nst_screen_text(y, 0, COLS, right < len ? line + right : "", look);
}

static void draw_sockets(struct nst_panel *panel, int y, int end)
{
	const struct nst_listing *listing = &panel->listing;
	struct nst_place *place = &panel->sockets;
	char title[NST_RANK_KEY_MAX * NST_GROUP_KEYS + 128];
	size_t i;

	if (end - y > 2) {
		snprintf(title, sizeof(title), "%s=%s%s%s%s%s: %zu%s socket%s", listing->by[0],
			 listing->key.part[0], *listing->by[1] ? " " : "", listing->by[1],
			 *listing->by[1] ? "=" : "", listing->key.part[1], listing->rows,
			 listing->cut ? " and more" : "", listing->rows == 1 ? "" : "s");
		nst_screen_text(y++, 0, COLS, title, A_BOLD);
	}
	if (end - y > 1) {
		nst_screen_fill(y, A_BOLD | A_UNDERLINE);
		draw_line(y++, listing->head, place->right, A_BOLD | A_UNDERLINE);
	}
	settle(place, listing->rows, end - y);
	for (i = place->first; i < listing->rows && y < end; i++, y++) {
		attr_t look = i == place->at ? A_REVERSE : A_NORMAL;

		if (look)
			nst_screen_fill(y, look);
		draw_line(y, listing->row[i], place->right, look);
	}
}

static void draw_help(int y, int end)
{
	size_t i;

	for (i = 0; i < sizeof(help) / sizeof(*help) && y < end; i++)
		nst_screen_text(y++, 0, COLS, help[i], A_NORMAL);
}

/* The lines at the bottom; returns where they begin. */
static int draw_bottom(const struct nst_panel *panel)
{
	attr_t look = panel->trouble ? A_BOLD | nst_screen_colour(NST_COLOUR_TROUBLE) : A_NORMAL;
	const char *text = panel->message;
	int y = LINES - 1;

	if (LINES < 2)
		return LINES;
	if (!*text && !panel->prompt.open)
		text = panel->help ? "any key: back" : panel->is_open ? keys_open : keys;
	if (panel->prompt.open)
		y--;
	if (!*text)
		return y + 1;
	nst_screen_text(y, 0, COLS, text, look);
	return y;
}

/**
 * nst_panel_draw() - bring the screen up to date
 * @panel: what is to be seen; the space that there is gets noted
 */
void nst_panel_draw(struct nst_panel *panel)
{
	int y = 0, end;

	erase();
	end = draw_bottom(panel);
	if (LINES >= 5)
		draw_title(panel, y++);
	if (LINES >= 7)
		draw_totals(panel, y++);
	if (LINES >= 8)
		draw_filter(panel, y++);
	if (panel->help)
		draw_help(y, end);
	else if (panel->is_open)
		draw_sockets(panel, y, end);
	else
		draw_groups(panel, y, end);
	curs_set(panel->prompt.open);
	if (panel->prompt.open)
		nst_prompt_draw(&panel->prompt, LINES - 1, "filter: ");
	refresh();
}
