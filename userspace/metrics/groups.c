// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups of sockets in the text format of Prometheus: the largest have series of their own,
 * all others are one. Two groups whose labels are equal, as of two cgroups of one service or of
 * two programs whose names differ in what cannot be shown, are summed: a series that is there
 * twice makes Prometheus throw away the whole text.
 */
#include <stdlib.h>

#include <netstate/filter_token.h>

#include "beside/grow.h"
#include "beside/text.h"
#include "fail.h"
#include "metrics/groups.h"
#include "names/names.h"
#include "select.h"

#define NAMED	100	/* groups that have series of their own, unless top= says something else */

/* A group, or several of the same labels. */
struct group {
	char *labels;		/* allocated */
	u64 count[NST_GROUP_COLUMNS];
};

struct nst_metrics_groups {
	struct nst_source *source;
	struct nst_options *options;
	struct nst_select select;
	struct nst_reading reading;
	bool by_program;	/* else by cgroup */
	bool by_state;
	u32 named;
	struct group *groups;
	size_t n, space;
	u64 other[NST_GROUP_COLUMNS];
	u64 unnamed;		/* groups that these are */
};

/* Blanks out a part of the filter. */
static void blank(char *filter, struct nst_span part)
{
	memset(filter + (part.start - filter), ' ', part.end - part.start);
}

/*
 * What goes to the kernel is without top=, since what is left out there is not counted, and
 * without the state: the line of a group has all of them.
 */
static void reduce_filter(char *filter)
{
	struct nst_span rest = { filter, filter + strlen(filter) };
	struct nst_token token;

	for (nst_token_next(&token, &rest); token.kind; nst_token_next(&token, &rest)) {
		size_t len = token.key.end - token.key.start;

		if (len == 3 && !memcmp(token.key.start, "top", 3))
			blank(filter, token.text);
		token.list.start = memchr(token.list.start, ',', token.list.end - token.list.start);
		if (len == 5 && !memcmp(token.key.start, "group", 5) && token.list.start)
			blank(filter, token.list);
	}
}

/**
 * nst_metrics_groups_open() - open the table for groups
 * @source: the table
 * @options: the command line, with a filter; must outlive what is returned
 *
 * Return: NULL if that can't be, or is nothing that series are made of.
 */
struct nst_metrics_groups *nst_metrics_groups_open(struct nst_source *source,
						   struct nst_options *options)
{
	static struct nst_metrics_groups groups;
	const struct nst_grouping *by = &groups.select.filter.group;

	if (!nst_words_parse(&options->filter, &groups.select.filter))
		return NULL;
	groups.by_program = by->by[0] == NST_BY_PROGRAM;
	groups.by_state = by->by[1] == NST_BY_STATE;
	groups.named = by->top == U32_MAX ? NAMED : by->top;
	if ((!groups.by_program && by->by[0] != NST_BY_CGROUP) || (by->by[1] && !groups.by_state)) {
		nst_fail(NST_EXIT_USAGE,
			 "--metrics with a filter wants group=program or group=cgroup, or one of "
			 "these with ,state");
		return NULL;
	}
	reduce_filter(options->filter);
	groups.source = source;
	groups.options = options;
	return nst_view_open(source, &groups.select, options) ? &groups : NULL;
}

static bool add(struct nst_metrics_groups *groups, const struct nst_word *column)
{
	const struct nst_groups_head *head = &groups->reading.groups;
	bool is_other = nst_word_is(column[0], "(other)");
	struct nst_text labels = {};
	struct group *group;
	u64 *count = groups->other, number;
	unsigned int i;

	if (!is_other) {
		if (!nst_grow(&groups->groups, groups->n, &groups->space, sizeof(*group)) ||
		    !nst_text_open(&labels))
			return false;
		(groups->by_program ? nst_labels_program : nst_labels_cgroup)(labels.out, column[0]);
		if (!nst_text_close(&labels))
			return false;
		group = &groups->groups[groups->n++];
		memset(group, 0, sizeof(*group));
		group->labels = labels.text;
		count = group->count;
	}
	for (i = head->keys; i < head->columns; i++)
		count[i] += nst_word_number(column[i], ~0ULL, &number) ? number : 0;
	return true;
}

static int by_labels(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return strcmp(x->labels, y->labels);
}

static unsigned int total_column;	/* of the table that is sorted */

static int by_total(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	u64 m = x->count[total_column], n = y->count[total_column];

	return m != n ? (m < n) - (m > n) : by_labels(a, b);
}

static void sum(const struct nst_metrics_groups *groups, u64 *to, const u64 *from)
{
	unsigned int i;

	for (i = 0; i < groups->reading.groups.columns; i++)
		to[i] += from[i];
}

/* Groups of the same labels become one. */
static void merge(struct nst_metrics_groups *groups)
{
	struct group *last = groups->groups, *next;

	if (!groups->n)
		return;
	qsort(groups->groups, groups->n, sizeof(*groups->groups), by_labels);
	for (next = last + 1; next < groups->groups + groups->n; next++) {
		if (strcmp(last->labels, next->labels)) {
			*++last = *next;
			continue;
		}
		sum(groups, last->count, next->count);
		free(next->labels);
	}
	groups->n = last + 1 - groups->groups;
	qsort(groups->groups, groups->n, sizeof(*groups->groups), by_total);
}

static void forget(struct nst_metrics_groups *groups, size_t left)
{
	while (groups->n > left)
		free(groups->groups[--groups->n].labels);
}

/* Those past the limit become part of the others, and so does one that is called as they are. */
static bool limit(struct nst_metrics_groups *groups, const char *others)
{
	size_t kept = 0, i;

	for (i = 0; i < groups->n; i++) {
		struct group group = groups->groups[i];

		if (kept < groups->named && strcmp(group.labels, others)) {
			groups->groups[i] = groups->groups[kept];
			groups->groups[kept++] = group;
			continue;
		}
		sum(groups, groups->other, group.count);
		groups->unnamed++;
	}
	forget(groups, kept);
	return nst_check_output();
}

static const char *name_of(const struct nst_metrics_groups *groups)
{
	return groups->by_program ? "netstate_program_sockets" : "netstate_cgroup_sockets";
}

static void print_series(const struct nst_metrics_groups *groups, const char *labels,
			 const u64 *count)
{
	const struct nst_groups_head *head = &groups->reading.groups;
	const char *name = name_of(groups);
	unsigned int i;

	for (i = head->keys; i < head->columns; i++) {
		bool is_total = i == total_column;

		if (groups->by_state ? is_total : !is_total)
			continue;
		if (!groups->by_state)
			printf("%s{%s} %llu\n", name, labels, (unsigned long long)count[i]);
		else if (i < total_column || !strcmp(head->name[i], "bound"))
			printf("%s{%s,state=\"%s\"} %llu\n", name, labels, head->name[i],
			       (unsigned long long)count[i]);
	}
}

static void print_number(const char *what, const char *name, const char *help, u64 number)
{
	printf("# HELP %s %s\n# TYPE %s gauge\n%s{group=\"%s\"} %llu\n",
	       name, help, name, name, what, (unsigned long long)number);
}

static bool find_total(const struct nst_groups_head *head)
{
	for (total_column = head->keys; total_column < head->columns; total_column++)
		if (!strcmp(head->name[total_column], "total"))
			return true;
	return false;
}

/**
 * nst_metrics_groups_print() - read the table from its start, and print series
 * @groups: as nst_metrics_groups_open() returned it
 *
 * Nothing is printed before all was read: text that ends early would look like a host
 * with fewer sockets.
 *
 * Return: whether that is done.
 */
bool nst_metrics_groups_print(struct nst_metrics_groups *groups)
{
	const char *what = groups->by_program ? "program" : "cgroup";
	const char *others = groups->by_program ? "program=\"other\"" :
						  "container=\"\",name=\"other\",pod=\"\"";
	struct nst_word line, column[NST_GROUP_COLUMNS];
	size_t i;

	forget(groups, 0);
	memset(groups->other, 0, sizeof(groups->other));
	groups->unnamed = 0;
	if (!nst_view_begin(&groups->reading, groups->source, &groups->select, groups->options))
		return false;
	if (!groups->reading.grouped || !find_total(&groups->reading.groups))
		return nst_fail(NST_EXIT_IO, "%s: this is no table of groups",
				groups->source->path);
	while (nst_reading_group(&groups->reading, &line, column))
		if (!add(groups, column))
			return false;
	if (nst_trouble())
		return false;
	merge(groups);
	if (!limit(groups, others))
		return false;
	printf("# HELP %s Sockets by %s%s.\n# TYPE %s gauge\n", name_of(groups), what,
	       groups->by_state ? " and state" : "", name_of(groups));
	for (i = 0; i < groups->n; i++)
		print_series(groups, groups->groups[i].labels, groups->groups[i].count);
	print_series(groups, others, groups->other);
	print_number(what, "netstate_groups_unnamed", "Groups that are summed as other.", groups->unnamed);
	print_number(what, "netstate_groups_incomplete", "Parts of the kernel's tables that could not be read.",
		     groups->reading.incomplete);
	print_number(what, "netstate_owners_hidden",
		     "Whether there are processes that whoever read this may not see.",
		     groups->reading.hidden);
	return nst_check_output();
}
