// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate-top - groups of sockets, live on the screen
 *
 * The kernel counts: a reading is one pass over its sockets, and a line for each
 * group. Between readings the program sleeps until a key, a signal, or the time for
 * the next one. Signals come as data, so none of them meets it in the middle of
 * something.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "beside/netns.h"
#include "beside/text.h"
#include "explain/explain.h"
#include "fail.h"
#include "names/names.h"
#include "select.h"
#include "top/panel.h"
#include "top/rates.h"
#include "top/screen.h"

#define INTERVAL	2.0	/* seconds, if none are given */
#define GROUPS		"500"	/* more than anybody reads, and less than a reading's buffer */
#define CONTROL(character)	((character) & 0x1f)
#define ESCAPE		0x1b
#define SIDEWAYS	8	/* columns of text that a step to the side is */

/**
 * struct top - what is going on
 * @options: the command line, but for its filter
 * @source: the table; what fails of it is tried again
 * @panel: what is seen of it
 * @most: how many groups the kernel is to give, as text
 * @filter: what the kernel gets, or has; allocated
 * @is_set: it has it
 * @grouping: how it groups
 * @rows: what the kernel gets for the sockets of all groups; allocated
 * @rates: bytes a second of these
 * @next: when to read again, in seconds
 * @leave: the end has come
 * @signal: this brought it, if it was no key
 */
struct top {
	struct nst_options options;
	struct nst_source *source;
	struct nst_panel panel;
	char most[16];
	char *filter;
	bool is_set;
	struct nst_grouping grouping;
	char *rows;
	struct nst_rates rates;
	double next;
	bool leave;
	int signal;
};

static const char *const groupings[] = {
	"program", "process", "lport", "rport", "raddr", "uid", "netns", "cgroup", "state",
};

static const double intervals[] = { 0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120, 300, 600 };

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void say(struct top *top, bool trouble, const char *text)
{
	snprintf(top->panel.message, sizeof(top->panel.message), "%s", text);
	top->panel.trouble = trouble;
}

/* Takes the error that was recorded, and says it on the screen. */
static bool say_trouble(struct top *top, const char *behind)
{
	char text[sizeof(top->panel.message)];

	snprintf(text, sizeof(text), "%s%s", nst_trouble(), behind);
	nst_trouble_forget();
	say(top, true, text);
	return false;
}

/* Says why a text is no filter, beginning with the part of it that is none. */
static bool explain(struct top *top, const char *text, const struct nst_filter_error *error)
{
	size_t size = sizeof(top->panel.message) - 1;
	FILE *out = fmemopen(top->panel.message, size, "w");
	u32 i;

	if (!out)
		return nst_no_memory();
	fputs("bad filter: ", out);
	if (error->reason != NST_FILTER_TEXT_TOO_LONG) {
		for (i = 0; i < error->len && i < size / 4; i++) {
			char c = text[error->offset + i];

			fputc((c & 0xe0) && c != 0x7f ? c : '?', out);
		}
		fputs(error->len ? ": " : "", out);
	}
	nst_explain(out, text, error);
	fclose(out);
	top->panel.message[size] = '\0';
	top->panel.trouble = true;
	return true;
}

/*
 * Makes the filter for what is shown of the command line's options and these words:
 * for groups, or without @group for the sockets of the one that is open. Returns NULL
 * if there is none, and says why.
 */
static char *compose(struct top *top, const char *words, const char *group, const char *most)
{
	struct nst_options options = top->options;
	unsigned int show = options.show | NST_SHOW_PROGRAM;
	struct nst_filter_error error;
	struct nst_filter filter;
	struct nst_text made;
	char *text = NULL;
	bool chosen = true;

	if (!nst_text_open(&made))
		return NULL;
	if (group)
		fprintf(made.out, "group=%s top=%s", group, most);
	else
		chosen = nst_listing_words(&top->panel.listing, made.out);
	fprintf(made.out, "\n%s", words);
	if (!nst_text_close(&made))
		return NULL;
	options.filter = made.text;
	if (!group && nst_listing_needs_detail(&top->panel.listing))
		show |= NST_SHOW_DETAIL;
	if (!chosen) {
		say(top, true, "these are the groups for which there was no room");
	} else if (!nst_words_read(&options.filter, &filter, &error)) {
		if (!nst_trouble())
			explain(top, options.filter, &error);
		else
			say_trouble(top, "");
	} else if (!nst_netns_check(options.filter)) {
		say_trouble(top, "");
	} else {
		text = nst_select_compose(&filter, &options, show);
		if (!text)
			say_trouble(top, "");
		if (text && group)
			top->grouping = filter.group;
	}
	free(options.filter);
	return text;
}

/* The filter for the sockets of all groups. */
static char *compose_rows(struct top *top, const char *words)
{
	struct nst_options options = top->options;
	struct nst_filter_error error;
	struct nst_filter filter;
	char *text = NULL;

	options.filter = strdup(words);
	if (!options.filter)
		nst_no_memory();
	else if (nst_words_read(&options.filter, &filter, &error))
		text = nst_select_compose(&filter, &options, options.show | NST_SHOW_USER |
					  NST_SHOW_PROGRAM | NST_SHOW_DETAIL);
	else if (!nst_trouble())
		nst_fail(NST_EXIT_USAGE, "bad filter");
	free(options.filter);
	return text;
}

static void use_filter(struct top *top, char *filter)
{
	free(top->filter);
	top->filter = filter;
	top->is_set = false;
	top->next = 0;
}

/* The filter for the groups, or for the sockets of the one that is open. */
static bool set_filter(struct top *top)
{
	struct nst_panel *panel = &top->panel;
	char *filter = compose(top, panel->words, panel->is_open ? NULL : panel->group, top->most);

	if (filter)
		use_filter(top, filter);
	return filter;
}

/* Puts a value into a text that holds a list. */
static bool add_value(char *list, size_t size, struct nst_word value)
{
	size_t len = strlen(list);

	return snprintf(list + len, size - len, "%s%.*s", len ? "," : "", (int)value.len,
			value.start) < (int)(size - len);
}

/*
 * Takes a filter as it was typed: how to group, and how many groups, are kept apart
 * from the other words. What is no filter changes nothing.
 */
static bool take_words(struct top *top, const char *typed)
{
	struct nst_panel *panel = &top->panel;
	struct nst_word rest = { typed, strlen(typed) }, word, key, value;
	char group[sizeof(panel->group)] = "", most[sizeof(top->most)], *filter;
	struct nst_text words;
	bool fits = true;

	if (!nst_text_open(&words))
		return false;
	strcpy(most, top->most);
	for (word = nst_word_next(&rest); word.len; word = nst_word_next(&rest)) {
		bool split = nst_word_split(word, '=', &key, &value);

		if (split && nst_word_is(key, "group"))
			fits &= add_value(group, sizeof(group), value);
		else if (split && nst_word_is(key, "top"))
			fits &= snprintf(most, sizeof(most), "%.*s", (int)value.len,
					 value.start) < (int)sizeof(most);
		else
			fprintf(words.out, "%s%.*s", ftell(words.out) ? " " : "", (int)word.len,
				word.start);
	}
	if (!nst_text_close(&words))
		return false;
	if (!*group)
		strcpy(group, panel->group);
	if (!fits)
		say(top, true, "bad filter: group= or top= is too long");
	filter = fits ? compose(top, words.text, group, most) : NULL;
	if (!filter) {
		free(words.text);
		return false;
	}
	use_filter(top, filter);
	free(panel->words);
	panel->words = words.text;
	free(top->rows);
	top->rows = NULL;
	nst_rates_forget(&top->rates);
	strcpy(panel->group, group);
	strcpy(top->most, most);
	nst_ranking_forget(&panel->ranking);
	return true;
}

static void note_time(struct nst_panel *panel)
{
	time_t seconds = time(NULL);

	strftime(panel->clock, sizeof(panel->clock), "%H:%M:%S", localtime(&seconds));
	if (gethostname(panel->host, sizeof(panel->host) - 1))
		strcpy(panel->host, "?");
}

static void close_source(struct top *top)
{
	nst_source_close(top->source);
	top->is_set = false;
}

static bool read_rates(struct top *top)
{
	top->is_set = false;
	return (top->rows || (top->rows = compose_rows(top, top->panel.words))) &&
	       nst_source_filter(top->source, top->rows) && nst_source_rewind(top->source) &&
	       nst_rates_read(&top->rates, &top->panel.ranking, top->source, &top->grouping, now());
}

static bool read_groups(struct top *top)
{
	struct nst_panel *panel = &top->panel;
	struct nst_rank_key chosen = {};
	bool was_chosen = panel->groups.at < panel->ranking.groups && panel->groups.at;
	size_t at;

	if (was_chosen)
		chosen = panel->ranking.group[panel->groups.at].key;
	nst_cgroups_forget();
	if (!nst_ranking_read(&panel->ranking, top->source) ||
	    (panel->rates && !read_rates(top)))
		return false;
	nst_ranking_sort(&panel->ranking, panel->sort);
	/* The first line stays the first one; any other is a group, and follows it. */
	if (was_chosen) {
		at = nst_ranking_find(&panel->ranking, &chosen);
		if (at < panel->ranking.groups)
			panel->groups.at = at;
	}
	return true;
}

static bool read_table(struct top *top)
{
	struct nst_source *source = top->source;

	if (source->fd < 0 && !nst_source_open(source, true))
		return false;
	if (!top->is_set && !nst_source_filter(source, top->filter))
		return false;
	top->is_set = true;
	if (!nst_source_rewind(source))
		return false;
	if (!top->panel.is_open)
		return read_groups(top);
	if (!nst_listing_read(&top->panel.listing, source))
		return false;
	/* The kernel need not keep what is not read to its end. */
	if (top->panel.listing.cut)
		close_source(top);
	return true;
}

/* What fails will be tried again, from the start: the module may come back. */
static void tick(struct top *top)
{
	if (read_table(top)) {
		note_time(&top->panel);
		if (top->panel.trouble && !top->panel.prompt.open)
			say(top, false, "");
	} else {
		close_source(top);
		say_trouble(top, "; trying again");
	}
	top->next = now() + top->panel.interval;
}

static void group_by(struct top *top, const char *group)
{
	struct nst_panel *panel = &top->panel;

	strcpy(panel->group, group);
	nst_ranking_forget(&panel->ranking);
	memset(&panel->groups, 0, sizeof(panel->groups));
	set_filter(top);
}

static void next_group(struct top *top, int step)
{
	const int count = ARRAY_SIZE(groupings);
	int i = 0;

	/* One that is not in the list leads to its first or last one. */
	while (i < count && strcmp(top->panel.group, groupings[i]))
		i++;
	if (i == count)
		i = step > 0 ? -1 : count;
	group_by(top, groupings[(i + step + count) % count]);
}

/* By the sum, by its growth, by the queues, by rates, then by the states that there are. */
static void next_sort(struct top *top, int step)
{
	struct nst_panel *panel = &top->panel;
	const struct nst_ranking *ranking = &panel->ranking;
	const char *name[NST_GROUP_COLUMNS + 6] = { "total", NST_RANK_GROWTH, "recvq", "sendq" };
	unsigned int i;
	int count = 4, at = 0;

	if (ranking->rates) {
		name[count++] = NST_RATE_IN;
		name[count++] = NST_RATE_OUT;
	}
	for (i = 0; i + 3 + ranking->rates < ranking->numbers; i++)
		if (ranking->shown & BIT(i))
			name[count++] = ranking->head.name[ranking->head.keys + i];
	while (at < count && strcmp(panel->sort, name[at]))
		at++;
	snprintf(panel->sort, sizeof(panel->sort), "%s", name[(at + step + count) % count]);
	nst_ranking_sort(&panel->ranking, panel->sort);
	panel->groups.at = 0;
}

/* Shows bytes a second, or no more. */
static void toggle_rates(struct top *top)
{
	struct nst_panel *panel = &top->panel;

	panel->rates = !panel->rates;
	nst_rates_forget(&top->rates);
	if (!panel->rates && strchr(panel->sort, '/'))
		strcpy(panel->sort, "total");
	top->next = 0;
}

static void change_interval(struct top *top, bool longer)
{
	double *interval = &top->panel.interval, next = *interval;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(intervals); i++) {
		if (longer && intervals[i] > *interval) {
			next = intervals[i];
			break;
		}
		if (!longer && intervals[i] < *interval)
			next = intervals[i];
	}
	if (top->next)
		top->next += next - *interval;
	*interval = next;
}

static void open_group(struct top *top)
{
	struct nst_panel *panel = &top->panel;

	if (panel->groups.at >= panel->ranking.groups)
		return;
	nst_listing_choose(&panel->listing, &panel->ranking,
			   &panel->ranking.group[panel->groups.at]);
	panel->is_open = true;
	memset(&panel->sockets, 0, sizeof(panel->sockets));
	if (!set_filter(top))
		panel->is_open = false;
}

static void close_group(struct top *top)
{
	top->panel.is_open = false;
	nst_listing_free(&top->panel.listing);
	set_filter(top);
}

static void step(struct nst_place *place, size_t count, long lines)
{
	long at = (long)place->at + lines, last = (long)count - 1;

	place->at = at < 0 || last < 0 ? 0 : at > last ? last : at;
}

static bool move_key(struct nst_place *place, size_t count, size_t right, unsigned int side,
		     wint_t key)
{
	long page = place->lines > 1 ? place->lines - 1 : 1;

	switch (key) {
	case KEY_UP:
		step(place, count, -1);
		return true;
	case KEY_DOWN:
		step(place, count, 1);
		return true;
	case KEY_PPAGE:
		step(place, count, -page);
		return true;
	case KEY_NPAGE:
		step(place, count, page);
		return true;
	case KEY_HOME:
		place->at = 0;
		return true;
	case KEY_END:
		place->at = count ? count - 1 : 0;
		return true;
	case KEY_LEFT:
		place->right -= place->right < side ? place->right : side;
		return true;
	case KEY_RIGHT:
		place->right += place->right < right ? side : 0;
		return true;
	}
	return false;
}

static size_t longest_row(const struct nst_listing *listing)
{
	size_t longest = 0, i;

	for (i = 0; i < listing->rows; i++)
		if (strlen(listing->row[i]) > longest)
			longest = strlen(listing->row[i]);
	return longest;
}

static void special_key(struct top *top, wint_t key)
{
	struct nst_panel *panel = &top->panel;
	size_t longest;

	if (key == KEY_ENTER && !panel->is_open) {
		open_group(top);
	} else if (panel->is_open) {
		longest = longest_row(&panel->listing);
		move_key(&panel->sockets, panel->listing.rows,
			 longest > (size_t)COLS ? longest - COLS : 0, SIDEWAYS, key);
	} else {
		move_key(&panel->groups, panel->ranking.groups,
			 2 + panel->ranking.rates +
			 __builtin_popcount(panel->ranking.shown & (BIT(12) - 1)), 1, key);
	}
}

/* Keys that mean the same whatever is shown. */
static bool common_key(struct top *top, wint_t key)
{
	struct nst_panel *panel = &top->panel;

	switch (key) {
	case ' ':
		panel->paused = !panel->paused;
		if (!panel->paused)
			top->next = 0;
		return true;
	case '+':
	case '-':
		change_interval(top, key == '+');
		return true;
	case 'h':
	case '?':
		panel->help = true;
		return true;
	case CONTROL('L'):
		nst_screen_resize();
		return true;
	case '\r':
	case '\n':
		special_key(top, KEY_ENTER);
		return true;
	}
	return false;
}

static void letter_key(struct top *top, wint_t key)
{
	struct nst_panel *panel = &top->panel;

	if (common_key(top, key))
		return;
	if (panel->is_open) {
		if (key == 'q' || key == ESCAPE)
			close_group(top);
		return;
	}
	switch (key) {
	case 'q':
		top->leave = true;
		break;
	case 'g':
	case 'G':
		next_group(top, key == 'g' ? 1 : -1);
		break;
	case 's':
	case 'S':
		next_sort(top, key == 's' ? 1 : -1);
		break;
	case 'b':
		toggle_rates(top);
		break;
	case '/':
	case 'f':
		nst_prompt_open(&panel->prompt, panel->words);
		break;
	default:
		if (key >= '1' && key < '1' + ARRAY_SIZE(groupings))
			group_by(top, groupings[key - '1']);
		break;
	}
}

static void prompt_key(struct top *top, wint_t key, bool special)
{
	struct nst_prompt *prompt = &top->panel.prompt;
	enum nst_prompt_end end = nst_prompt_key(prompt, key, special);
	char *typed;

	say(top, false, "");
	if (end != NST_PROMPT_DONE)
		return;
	typed = nst_prompt_text(prompt);
	/* A filter that is wrong can be edited. */
	if (!typed || !take_words(top, typed))
		prompt->open = true;
	free(typed);
}

static void handle_key(struct top *top, wint_t key, bool special)
{
	if (top->panel.prompt.open) {
		prompt_key(top, key, special);
		return;
	}
	if (!top->panel.trouble)
		say(top, false, "");
	if (top->panel.help)
		top->panel.help = false;
	else if (special)
		special_key(top, key);
	else
		letter_key(top, key);
}

static void take_keys(struct top *top)
{
	wint_t key;
	int kind;

	while (!top->leave && (kind = get_wch(&key)) != ERR)
		handle_key(top, key, kind == KEY_CODE_YES);
}

static void take_signal(struct top *top, int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGWINCH:
	case SIGCONT:
		nst_screen_resize();
		break;
	default:
		top->signal = info.ssi_signo;
		top->leave = true;
		break;
	}
}

/* Sleeps until there is something to do. */
static bool wait_for(struct top *top, int signals)
{
	struct pollfd fds[] = { { STDIN_FILENO, POLLIN, 0 }, { signals, POLLIN, 0 } };
	double rest = top->next - now();
	int timeout = rest > 0 ? (int)(rest * 1000) + 1 : 0;

	/* What was just asked for is read even in a pause. */
	if (top->panel.paused && top->next)
		timeout = -1;
	if (poll(fds, ARRAY_SIZE(fds), timeout) < 0)
		return errno == EINTR || nst_fail(NST_EXIT_IO, "poll: %s", strerror(errno));
	if (fds[1].revents)
		take_signal(top, signals);
	/* A terminal that is gone is always ready to be read, and gives nothing. */
	if (fds[0].revents & ~POLLIN)
		top->leave = true;
	else if (fds[0].revents)
		take_keys(top);
	return !nst_trouble();
}

static int open_signals(sigset_t *before)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGCONT };
	sigset_t set;
	size_t i;
	int fd;

	sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(wanted); i++)
		sigaddset(&set, wanted[i]);
	sigprocmask(SIG_BLOCK, &set, before);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		nst_fail(NST_EXIT_IO, "signalfd: %s", strerror(errno));
	return fd;
}

/* Ends by that signal, as its sender expects, but with the terminal in order. */
static void end_by(int number, const sigset_t *before)
{
	signal(number, SIG_DFL);
	sigprocmask(SIG_SETMASK, before, NULL);
	raise(number);
}

/* Errors that are found before the screen is taken are told in the ordinary way. */
static bool start(struct top *top)
{
	struct nst_panel *panel = &top->panel;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return nst_fail(NST_EXIT_USAGE, "--top wants a terminal");
	if (!nst_source_open(top->source, top->options.flags & NST_OPT_REQUIRE))
		return false;
	if (!top->source->filters)
		return nst_fail(NST_EXIT_USAGE, "%s cannot be grouped: only the module makes groups",
				top->source->path);
	if (!take_words(top, top->options.filter))
		return nst_fail(NST_EXIT_USAGE, "%s", panel->message);
	if (!nst_source_filter(top->source, top->filter))
		return false;
	top->is_set = true;
	if (!nst_options_numeric(&top->options))
		nst_cgroups_open();
	if (access("/proc/1/fd", R_OK | X_OK))
		say(top, false, "sockets of other users have no owner (-) here: you are not root");
	return !nst_trouble();
}

static bool run(struct top *top)
{
	sigset_t before;
	int signals = open_signals(&before);
	bool goes_on = signals >= 0 && nst_screen_open();

	while (goes_on && !top->leave) {
		if (top->next <= now() && (!top->panel.paused || !top->next))
			tick(top);
		nst_panel_draw(&top->panel);
		goes_on = wait_for(top, signals);
	}
	nst_screen_close();
	if (signals >= 0)
		close(signals);
	if (top->signal)
		end_by(top->signal, &before);
	return goes_on;
}

/* Shows groups on the screen, until somebody has seen enough. */
static bool show(struct top *top)
{
	struct nst_options *options = &top->options;

	options->flags |= options->flags & NST_OPT_LISTENING ? 0 : NST_OPT_ALL;
	top->panel.interval = options->interval ? options->interval : INTERVAL;
	if (top->panel.interval < intervals[0])
		top->panel.interval = intervals[0];
	return start(top) && run(top);
}

int main(int argc, char **argv)
{
	static struct nst_source source = { .fd = -1 };
	static struct top top = {
		.source = &source, .most = GROUPS,
		.panel = { .group = "program", .sort = "total" },
	};

	if (nst_options_parse(&top.options, argc, argv, NST_OPT_TOP))
		show(&top);
	return nst_tell(EXIT_SUCCESS);
}
