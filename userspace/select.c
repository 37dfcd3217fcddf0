// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which sockets are shown: what the options and the filter say becomes one filter
 * for the kernel. Two things are left for the reader: the rows of a saved table,
 * and what netstat shows without -a, for which the language has no words.
 */
#include <stdlib.h>

#include "beside/text.h"
#include "fail.h"
#include "select.h"

#define ALL_COLUMNS	(NST_SHOW_USER | NST_SHOW_PROGRAM | NST_SHOW_TIMER | NST_SHOW_DETAIL)

/* Puts a word whose values are the names of some bits. */
static void put_names(FILE *out, const char *key, const char *const *names, unsigned int bits)
{
	fputs(key, out);
	for (; *names; names++, bits >>= 1)
		if (bits & 1)
			fprintf(out, "%s%s", *names, bits > 1 ? "," : "");
}

/**
 * nst_select_compose() - make one filter of the options and the words
 * @filter: the words as they were understood; replaced by how all is understood
 * @options: the command line
 * @show: columns, NST_SHOW_*
 *
 * Return: the filter as the kernel gets it, allocated; NULL if it is none.
 */
char *nst_select_compose(struct nst_filter *filter, const struct nst_options *options,
			 unsigned int show)
{
	static const char *const tables[] = {
		"tcp4", "tcp6", "udp4", "udp6", "raw4", "raw6", "udpl4", "udpl6", NULL
	};
	static const char *const columns[] = {	/* "netns" is none: it comes by itself */
		"user", "program", "timer", "more", "", "tcp", "mem", NULL
	};
	struct nst_filter_error error;
	struct nst_text text;

	if (!nst_text_open(&text))
		return NULL;
	show &= ALL_COLUMNS | NST_SHOW_WORDS;
	put_names(text.out, "proto=", tables, options->tables);
	if (!filter->group.by[0])
		put_names(text.out, show ? " show=" : " show=none", columns, show);
	/* A socket without a remote address has no remote port; but not the other way round. */
	if (!(options->flags & NST_OPT_ALL)) {
		if (options->flags & NST_OPT_LISTENING)
			fputs(" rport=0", text.out);
		else if (!(options->tables & ~NST_TABLES_TCP))
			fputs(" rport!=0", text.out);
	}
	fprintf(text.out, "\n%s\n", options->filter);	/* a line of its own: it may have "or" */
	if (!nst_text_close(&text) || nst_filter_parse(filter, text.text, text.size, &error))
		return text.text;
	if (error.reason == NST_FILTER_NOTHING)
		nst_fail(NST_EXIT_USAGE, "no socket can match the options and \"%s\"",
			 options->filter);
	else
		nst_fail(NST_EXIT_USAGE, "the options and the filter are too long together");
	free(text.text);
	return NULL;
}

/* The columns that the kernel is asked for. */
static unsigned int wanted(const struct nst_options *options)
{
	if (options->flags & NST_OPT_COUNTS)
		return 0;
	if (options->flags & (NST_OPT_JSON | NST_OPT_JSONL))
		return ALL_COLUMNS | (options->show & NST_SHOW_WORDS);
	/* Inodes tell sockets apart; and netstat shows no owner without one. */
	if (options->flags & (NST_OPT_DIFF | NST_OPT_AS_NETSTAT))
		return options->show | options->also | NST_SHOW_USER;
	return options->show | options->also;
}

/* The columns that the filter looks at. */
static unsigned int looked_at(const struct nst_filter *filter)
{
	unsigned int needs = nst_filter_needs_match(filter);

	return (needs & (NST_NEED_UID | NST_NEED_INODE) ? NST_SHOW_USER : 0) |
	       (needs & NST_NEED_TIMER ? NST_SHOW_TIMER : 0) |
	       (needs & NST_NEED_NETNS ? NST_SHOW_NETNS : 0) |
	       (needs & NST_NEED_OWNER ? NST_SHOW_PROGRAM : 0);
}

static bool names_states(const struct nst_filter *filter)
{
	u8 i;

	for (i = 0; i < filter->steps && filter->step[i].op != NST_OP_STATES; i++)
		continue;
	return i < filter->steps;
}

/* Only the kernel makes groups; and --diff and --report are about single sockets. */
static bool check_groups(const struct nst_options *options, const struct nst_source *source)
{
	if (!source->filters)
		return nst_fail(NST_EXIT_USAGE, "%s cannot be grouped: only the module makes groups",
				source->path);
	return !(options->flags & (NST_OPT_DIFF | NST_OPT_REPORT)) ||
	       nst_fail(NST_EXIT_USAGE, "%s and group= do not go together",
			options->flags & NST_OPT_DIFF ? "--diff" : "--report");
}

/**
 * nst_select_set() - decide what is shown
 * @select: filled in
 * @options: the command line; what the filter says of columns is added, and -a
 *	where it must be meant
 * @source: gets the filter if it takes one
 *
 * Return: false if the filter is none, or contradicts the options.
 */
bool nst_select_set(struct nst_select *select, struct nst_options *options,
		    struct nst_source *source)
{
	const unsigned int keys = NST_OPT_COUNTS | NST_OPT_JSON | NST_OPT_JSONL;
	struct nst_filter *filter = &select->filter, everything;
	bool done = true;
	char *text;

	nst_filter_clear(&everything);
	if (!nst_words_parse(&options->filter, filter))
		return false;
	select->everything = !memcmp(filter, &everything, sizeof(everything));
	select->bound = filter->unhashed && filter->states & BIT(NST_BOUND);
	select->grouped = filter->group.by[0];
	if (select->grouped && !check_groups(options, source))
		return false;
	/* A filter that names states wants all that are in them; counts and groups are of all. */
	if (!(options->flags & NST_OPT_LISTENING) &&
	    (options->flags & (NST_OPT_COUNTS | NST_OPT_PIDS) || select->grouped ||
	     filter->states != everything.states || names_states(filter)))
		options->flags |= NST_OPT_ALL;
	free(nst_select_compose(filter, options, options->show));
	options->show = filter->show;
	options->tables &= filter->tables;

	text = nst_trouble() ? NULL : nst_select_compose(filter, options, wanted(options));
	if (!text)
		return false;
	select->need = options->flags & keys || select->grouped ? 0 :
		       (options->show | options->also) & ~NST_SHOW_WORDS;
	select->owners = filter->unhashed || NST_NEED_OWNER & (nst_filter_needs_match(filter) |
							       nst_filter_needs_show(filter));
	select->in_kernel = source->filters;
	select->exact = source->filters &&
			(options->flags & NST_OPT_ALL || !(options->tables & ~NST_TABLES_TCP));
	if (source->filters) {
		done = nst_source_filter(source, text);
	} else {
		select->need |= looked_at(filter);
		select->noted = nst_filter_needs_match(filter) & NST_NEED_DETAIL ? NST_SHOW_NOTED : 0;
		options->flags |= NST_OPT_SAVED;
	}
	select->flags = options->flags;
	free(text);
	return done;
}

/* netstat's way to tell connected sockets from others. */
static bool is_connected(const struct nst_row *row)
{
	static const u8 any[16];

	if (BIT(row->table) & NST_TABLES_TCP)
		return row->sock.rport;
	return memcmp(nst_row_remote(row), any, nst_table_is_ipv6(row->table) ? 16 : 4);
}

/* Whether one of the holders passes; without show=more only one is known. */
static bool holder_passes(const struct nst_filter *filter, const struct nst_row *row)
{
	struct nst_process holder = row->owner;
	struct nst_word rest = row->owners;

	do {
		if (nst_filter_match_process(filter, holder.pid, holder.comm) &&
		    nst_filter_match_holder(filter, &row->sock, row->table, row->netns, &holder))
			return true;
	} while (nst_row_next_owner(&rest, &holder));
	return false;
}

/* Whether a row passes the filter, tested in the order in which the kernel does. */
static bool passes(const struct nst_filter *filter, const struct nst_row *row)
{
	struct nst_sock found;

	if (!(filter->tables >> row->table & 1) ||
	    !nst_filter_match_state(filter, row->table, row->sock.state))
		return false;
	if (!filter->tests && !filter->steps && filter->owners == NST_FILTER_ANY_OWNER)
		return true;
	if (!nst_filter_match_netns(filter, row->netns) ||
	    !nst_filter_match_tuple(filter, &row->sock, row->table) ||
	    !nst_filter_match_details(filter, &row->sock, row->table) ||
	    !nst_filter_match_late(filter, &row->sock, row->table) ||
	    nst_filter_answer(filter, &row->sock, row->table, row->netns) == NST_NO)
		return false;
	found = row->sock;
	if (found.owner && !holder_passes(filter, row))
		found.owner = NULL;
	return nst_filter_match_owner(filter, &found);
}

/* Whether a row is shown; it has the columns that are needed. */
bool nst_select_row(const struct nst_select *select, const struct nst_row *row)
{
	if (!(select->flags & NST_OPT_ALL) &&
	    is_connected(row) == !!(select->flags & NST_OPT_LISTENING))
		return false;
	return select->in_kernel || passes(&select->filter, row);
}
