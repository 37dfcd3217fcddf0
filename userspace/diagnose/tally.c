// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sums by name. A balanced tree finds a name, whoever has chosen it. There are so many names
 * at most; what comes behind them is kept apart from no other, and not judged.
 */
#include <search.h>
#include <stdlib.h>

#include "beside/grow.h"
#include "diagnose/tally.h"
#include "fail.h"

#define NAMES_MAX 16384

static int compare_names(const void *a, const void *b)
{
	const struct nst_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/*
 * The entry of a name, which is made if there is none; that of the rest if there are too many;
 * NULL without memory.
 */
struct nst_entry *nst_tally_of(struct nst_tally *tally, struct nst_word name)
{
	struct nst_entry wanted, *entry, **found;

	snprintf(wanted.name, sizeof(wanted.name), "%.*s", (int)name.len, name.start);
	found = tfind(&wanted, &tally->tree, compare_names);
	if (found)
		return *found;
	if (tally->count == NAMES_MAX) {
		tally->is_full = true;
		return &tally->rest;
	}
	if (!nst_grow(&tally->entry, tally->count, &tally->space, sizeof(*tally->entry)))
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (entry)
		strcpy(entry->name, wanted.name);
	if (!entry || !tsearch(entry, &tally->tree, compare_names)) {
		free(entry);
		nst_no_memory();
		return NULL;
	}
	return tally->entry[tally->count++] = entry;
}

/* Notes who holds one of those that are counted; the lowest pid stays. */
void nst_entry_holder(struct nst_entry *entry, const struct nst_row *row)
{
	if (!row->sock.owner || (entry->process.pid && entry->process.pid <= row->owner.pid))
		return;
	entry->process = row->owner;
	entry->processes = 1;
}

/* The entry of the process that the row names, or of none. */
struct nst_entry *nst_tally_of_holder(struct nst_tally *tally, const struct nst_row *row)
{
	struct nst_entry *entry;
	char pid[16];

	snprintf(pid, sizeof(pid), "%u", row->owner.pid);
	entry = nst_tally_of(tally, nst_word_of(pid));
	if (entry)
		nst_entry_holder(entry, row);
	return entry;
}

static int compare_counts(const void *a, const void *b)
{
	const struct nst_entry *x = *(struct nst_entry **)a, *y = *(struct nst_entry **)b;

	return x->count != y->count ? (x->count < y->count) - (x->count > y->count) :
				      compare_names(x, y);
}

/* Puts the largest count first. That there is a rest is recorded: it is not judged. */
void nst_tally_sort(struct nst_tally *tally)
{
	if (tally->is_full)
		nst_fail(NST_EXIT_IO, "there are more than %u addresses or processes", NAMES_MAX);
	if (tally->count)
		qsort(tally->entry, tally->count, sizeof(*tally->entry), compare_counts);
}

static int compare_programs(const void *a, const void *b)
{
	const struct nst_entry *x = *(struct nst_entry **)a, *y = *(struct nst_entry **)b;
	int order = strcmp(x->process.comm, y->process.comm);

	return order ? order : (x->process.pid > y->process.pid) - (x->process.pid < y->process.pid);
}

/* The same, of processes, when those of one name have become one entry. */
void nst_tally_sort_programs(struct nst_tally *tally)
{
	struct nst_entry *first = NULL, *entry;
	size_t i;

	if (!tally->count)
		return;
	qsort(tally->entry, tally->count, sizeof(*tally->entry), compare_programs);
	for (i = 0; i < tally->count; i++) {
		entry = tally->entry[i];
		if (!first || strcmp(first->process.comm, entry->process.comm)) {
			first = entry;
			continue;
		}
		first->processes += entry->processes;
		first->count += entry->count;
		first->sum += entry->sum;
		first->most = entry->most > first->most ? entry->most : first->most;
		entry->count = 0;
	}
	nst_tally_sort(tally);
}

void nst_tally_free(struct nst_tally *tally)
{
	tdestroy(tally->tree, free);
	free(tally->entry);
	memset(tally, 0, sizeof(*tally));
}

/* Gives a finding who and how many. */
void nst_found_entry(struct nst_finding *finding, const struct nst_entry *entry)
{
	finding->process = entry->process;
	finding->processes = entry->processes;
	finding->count = entry->count;
}
