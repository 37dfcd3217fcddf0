// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups of sockets in an order, and what has changed since they were read before.
 */
#include <stdio.h>
#include <stdlib.h>

#include "beside/grow.h"
#include "fail.h"
#include "top/ranking.h"

/* What compare() sorts by: qsort() hands it no argument. */
static int sort_column, sort_total;

static int compare_keys(const void *a, const void *b)
{
	const struct nst_ranked *x = a, *y = b;

	return memcmp(&x->key, &y->key, sizeof(x->key));
}

static bool parse_totals(struct nst_ranking *ranking, struct nst_word counts)
{
	struct nst_word word, name, value;
	struct nst_total *total = ranking->total;
	u64 number;

	for (word = nst_word_next(&counts); word.len; word = nst_word_next(&counts), total++) {
		if (total == ranking->total + NST_GROUP_COLUMNS ||
		    !nst_word_split(word, '=', &name, &value) ||
		    !nst_word_number(value, ~0ULL, &number))
			return false;
		snprintf(total->name, sizeof(total->name), "%.*s", (int)name.len, name.start);
		total->before = ranking->filled ? total->value : number;
		total->value = number;
	}
	ranking->totals = total - ranking->total;
	return ranking->totals;
}

static bool take_group(struct nst_ranked *group, const struct nst_groups_head *head,
		       const struct nst_word *column)
{
	unsigned int i;

	memset(group, 0, sizeof(*group));
	for (i = 0; i < head->keys; i++) {
		if (column[i].len >= NST_RANK_KEY_MAX)
			return false;
		memcpy(group->key.part[i], column[i].start, column[i].len);
	}
	for (; i < head->columns; i++)
		nst_word_number(column[i], ~0ULL, &group->value[i - head->keys]);
	return true;
}

/* Reads the groups; NULL if that fails. */
static struct nst_ranked *read_groups(struct nst_ranking *next, struct nst_reading *reading)
{
	struct nst_word line, column[NST_GROUP_COLUMNS];
	struct nst_ranked *group = NULL;
	size_t space = 0;

	while (nst_reading_group(reading, &line, column)) {
		if (!nst_grow(&group, next->groups, &space, sizeof(*group)))
			break;
		if (!take_group(&group[next->groups], &next->head, column)) {
			nst_fail(NST_EXIT_IO, "%s:%lu: this is no group", reading->source->path,
				 reading->source->line);
			break;
		}
		group[next->groups].place = next->groups;
		next->groups++;
	}
	if (!nst_trouble())
		return group ? group : calloc(1, sizeof(*group));
	free(group);
	return NULL;
}

/* Finds each group in the reading before. In the first reading, no group counts as new. */
static void compare(struct nst_ranking *next, struct nst_ranking *last)
{
	size_t i;

	if (last->groups)
		qsort(last->group, last->groups, sizeof(*last->group), compare_keys);
	for (i = 0; i < next->groups; i++) {
		struct nst_ranked *group = &next->group[i];
		const struct nst_ranked *found = NULL;

		if (last->groups)
			found = bsearch(group, last->group, last->groups, sizeof(*group),
					compare_keys);
		if (!last->filled)
			memcpy(group->before, group->value, sizeof(group->before));
		else if (found)
			memcpy(group->before, found->value, sizeof(group->before));
		else
			group->is_new = true;
	}
}

/*
 * Which columns are shown: those that are not 0 everywhere, and those that were shown before,
 * so that nothing moves.
 */
static void mark_shown(struct nst_ranking *ranking)
{
	unsigned int i;
	size_t n;

	for (n = 0; n < ranking->groups; n++)
		for (i = 0; i < ranking->numbers; i++)
			if (ranking->group[n].value[i])
				ranking->shown |= BIT(i);
}

/**
 * nst_ranking_read() - read a table of groups, and compare it with the last one
 * @ranking: where to; as it was if reading fails
 * @source: the table, at its start
 *
 * Return: whether there is a new reading.
 */
bool nst_ranking_read(struct nst_ranking *ranking, struct nst_source *source)
{
	struct nst_ranking next = *ranking;
	static struct nst_reading reading;

	next.groups = 0;
	if (!nst_reading_begin(&reading, source, NULL))
		return false;
	if (!reading.grouped || !parse_totals(&next, nst_word_of(reading.counts)))
		return nst_fail(NST_EXIT_IO, "%s:%lu: this is no table of groups", source->path,
				source->line);
	next.head = reading.groups;
	next.numbers = next.head.columns - next.head.keys;
	next.rates = 0;
	next.group = read_groups(&next, &reading);
	if (!next.group)
		return false;
	compare(&next, ranking);
	next.filled = true;
	mark_shown(&next);
	free(ranking->group);
	*ranking = next;
	return true;
}

/**
 * nst_ranking_forget() - the next reading is of something else
 * @ranking: the groups
 */
void nst_ranking_forget(struct nst_ranking *ranking)
{
	free(ranking->group);
	memset(ranking, 0, sizeof(*ranking));
}

/**
 * nst_ranking_column() - find a column of numbers
 * @ranking: the groups
 * @name: its name
 *
 * Return: its index among the numbers, -1 if there is none of that name.
 */
int nst_ranking_column(const struct nst_ranking *ranking, const char *name)
{
	unsigned int i;

	for (i = 0; i < ranking->numbers; i++)
		if (!strcmp(ranking->head.name[ranking->head.keys + i], name))
			return i;
	return -1;
}

static long long growth(const struct nst_ranked *group)
{
	return group->value[sort_total] - group->before[sort_total];
}

static int compare_ranks(const void *a, const void *b)
{
	const struct nst_ranked *x = a, *y = b;

	if (sort_column < 0) {
		if (growth(x) != growth(y))
			return growth(x) > growth(y) ? -1 : 1;
	} else if (x->value[sort_column] != y->value[sort_column]) {
		return x->value[sort_column] > y->value[sort_column] ? -1 : 1;
	}
	return (x->place > y->place) - (x->place < y->place);
}

/**
 * nst_ranking_sort() - put the groups in an order, the largest first
 * @ranking: the groups
 * @by: the name of a column, or NST_RANK_GROWTH
 */
void nst_ranking_sort(struct nst_ranking *ranking, const char *by)
{
	sort_column = nst_ranking_column(ranking, by);
	sort_total = nst_ranking_column(ranking, "total");
	if (sort_total < 0)
		sort_total = 0;
	if (sort_column < 0 && strcmp(by, NST_RANK_GROWTH))
		sort_column = sort_total;
	if (ranking->groups)
		qsort(ranking->group, ranking->groups, sizeof(*ranking->group), compare_ranks);
}

/**
 * nst_ranking_find() - find a group
 * @ranking: the groups
 * @key: what it has in common
 *
 * Return: its index; how many groups there are if it is none of them.
 */
size_t nst_ranking_find(const struct nst_ranking *ranking, const struct nst_rank_key *key)
{
	size_t i = 0;

	while (i < ranking->groups && memcmp(&ranking->group[i].key, key, sizeof(*key)))
		i++;
	return i;
}
