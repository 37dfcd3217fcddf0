// SPDX-License-Identifier: GPL-2.0-only
/*
 * What changed between two tables: sockets that appeared, vanished, or are in another state.
 *
 * A socket is known by its protocol, addresses, ports and network namespace, and where
 * several share these, or one has followed the other, by its inode. That may be 0 while
 * nobody has accepted a connection, or after it was closed.
 *
 * In memory are only 24 bytes of each; the rows themselves are in a file without a name.
 */
#include <stdlib.h>
#include <sys/random.h>

#include "beside/grow.h"
#include "diff/changes.h"
#include "fail.h"
#include "json/print.h"
#include "netstat/elsewhere.h"

#define BATCH	8192	/* so many changes are sorted at a time */

/* A row of a table. */
struct seen {
	u32 key[3];	/* a hash of what the socket is known by */
	u32 inode;	/* folded, 0 if it is 0 */
	u64 at : 56;	/* where the row is in the file */
	u64 state : 7;
	u64 paired : 1;	/* the other table has it, too */
};

struct list {
	struct seen *seen;
	size_t count;
	size_t space;
	unsigned int show;	/* the columns that rows have */
	u64 end;		/* of the file */
	FILE *rows;
};

/* A socket whose row is new, gone, or another one; [0] is the old row, [1] the new one. */
struct change {
	char *line[2];
	struct nst_row row[2];
};

static struct list before, after;
static struct change *changes;	/* BATCH of them */
static size_t changes_count;
static bool has_before;
static u64 seed[2];

static u64 mix(u64 hash, const void *data, size_t size)
{
	const u8 *p = data;

	for (; size; size--) {
		hash = (hash ^ *p++) * 0x9e3779b97f4a7c15;
		hash ^= hash >> 32;
	}
	return hash;
}

/* Adds a row to the table that is being read. */
bool nst_changes_add(const struct nst_row *row)
{
	struct seen *seen;
	u64 hash[2];
	int i;

	if (!seed[0] && getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		seed[0] = 1;
	if (!after.rows)
		after.rows = nst_spool_open();
	if (!after.rows || !nst_grow(&after.seen, after.count, &after.space, sizeof(*seen)))
		return false;
	for (i = 0; i < 2; i++) {
		hash[i] = mix(seed[i], &row->table, sizeof(row->table));
		hash[i] = mix(hash[i], &row->netns, sizeof(row->netns));
		hash[i] = mix(hash[i], &row->sock.lport, sizeof(row->sock.lport));
		hash[i] = mix(hash[i], &row->sock.rport, sizeof(row->sock.rport));
		hash[i] = mix(hash[i], row->sock.addr, nst_table_is_ipv6(row->table) ? 32 : 8);
	}
	after.show = row->show;
	seen = &after.seen[after.count++];
	*seen = (struct seen){
		.key = { hash[0], hash[0] >> 32, hash[1] },
		.inode = row->sock.inode >> 32 ^ row->sock.inode, .at = after.end,
		.state = row->sock.state,
	};
	if (!seen->inode)
		seen->inode = row->sock.inode;
	after.end += row->line.len + 1;
	return (fwrite(row->line.start, 1, row->line.len, after.rows) == row->line.len &&
		fputc('\n', after.rows) != EOF) ||
	       nst_fail(NST_EXIT_IO, "temporary file: %m");
}

static int compare_seen(const struct seen *a, const struct seen *b)
{
	int order = memcmp(a->key, b->key, sizeof(a->key));

	return order ? order : (a->inode > b->inode) - (a->inode < b->inode);
}

/*
 * Sorts in place, which qsort() does not. Keys are hashes with a secret seed, so nobody can
 * make it slow.
 */
static void sort(struct seen *first, struct seen *last)
{
	struct seen middle, swap, *low, *high;

	while (first < last) {
		middle = first[(last - first) / 2];
		low = first;
		high = last;
		while (low <= high) {
			while (compare_seen(low, &middle) < 0)
				low++;
			while (compare_seen(high, &middle) > 0)
				high--;
			if (low > high)
				break;
			swap = *low;
			*low++ = *high;
			*high-- = swap;
		}
		if (high - first < last - low) {
			sort(first, high);
			first = low;
		} else {
			sort(low, last);
			last = high;
		}
	}
}

/* Reads a row of a table again. */
static bool recall(struct change *change, int which, const struct list *list,
		   const struct seen *seen)
{
	size_t space = 0;
	ssize_t len = -1;

	change->line[which] = NULL;
	if (!seen)
		return true;
	if (!fseeko(list->rows, seen->at, SEEK_SET))
		len = getline(&change->line[which], &space, list->rows);
	if (len < 1)
		return nst_fail(NST_EXIT_IO, "temporary file: %m");
	change->line[which][len - 1] = '\0';
	return !nst_table_parse_row(&change->row[which], list->show,
				    (struct nst_word){ change->line[which], len - 1 });
}

/* Orders changes as the table is ordered: by protocol, namespace and addresses, then by inode. */
static int compare_changes(const void *a, const void *b)
{
	const struct change *change[] = { a, b };
	const struct nst_row *row[2];
	size_t len[2];
	int i, order;

	for (i = 0; i < 2; i++) {
		row[i] = &change[i]->row[!!change[i]->line[1]];
		len[i] = row[i]->remote.text.start + row[i]->remote.text.len -
			 row[i]->local.text.start;
	}
	if (row[0]->table != row[1]->table)
		return row[0]->table < row[1]->table ? -1 : 1;
	if (row[0]->netns != row[1]->netns)
		return row[0]->netns < row[1]->netns ? -1 : 1;
	if (len[0] != len[1])
		return len[0] < len[1] ? -1 : 1;
	order = memcmp(row[0]->local.text.start, row[1]->local.text.start, len[0]);
	return order ? order : (row[0]->sock.inode > row[1]->sock.inode) -
			       (row[0]->sock.inode < row[1]->sock.inode);
}

static void print_change(const struct nst_options *options, const struct change *change)
{
	const struct nst_row *row = &change->row[!!change->line[1]], *old = NULL;
	const char *word = !change->line[0] ? "appeared" : !change->line[1] ? "vanished" : "changed";

	if (*word == 'c')
		old = &change->row[0];
	if (options->flags & NST_OPT_JSONL) {
		nst_json_row(row, word, old);
	} else {
		printf("%c ", *word == 'a' ? '+' : *word == 'v' ? '-' : '~');
		nst_print_row(stdout, options, row);
		if (old) {
			fputs(" was=", stdout);
			nst_put(stdout, nst_elsewhere_state(options->naming, old));
		}
	}
	putchar('\n');
}

static bool print_batch(const struct nst_options *options)
{
	size_t i;

	if (changes_count)
		qsort(changes, changes_count, sizeof(*changes), compare_changes);
	for (i = 0; i < changes_count; i++) {
		if (nst_check_output() && !nst_trouble())
			print_change(options, &changes[i]);
		free(changes[i].line[0]);
		free(changes[i].line[1]);
	}
	changes_count = 0;
	return nst_check_output();
}

static bool add_change(const struct nst_options *options, const struct seen *old,
		       const struct seen *new)
{
	struct change *change;

	if (!changes)
		changes = calloc(BATCH, sizeof(*changes));
	if (!changes)
		return nst_no_memory();
	change = &changes[changes_count++];
	change->line[1] = NULL;
	if (!recall(change, 0, &before, old) || !recall(change, 1, &after, new))
		return false;
	return changes_count < BATCH || print_batch(options);
}

static bool pair(const struct nst_options *options, struct seen *old, struct seen *new)
{
	old->paired = true;
	new->paired = true;
	return old->state == new->state || add_change(options, old, new);
}

/* Pairs sockets without an inode, which stand first, with those that the other table has left. */
static bool pair_rest(const struct nst_options *options, struct seen *one, size_t ones,
		      struct seen *other, size_t others, bool is_old)
{
	size_t i, j;

	for (i = 0, j = 0; i < ones && !one[i].inode; i++) {
		while (j < others && other[j].paired)
			j++;
		if (j < others && !one[i].paired &&
		    !pair(options, is_old ? &one[i] : &other[j], is_old ? &other[j] : &one[i]))
			return false;
	}
	return true;
}

/* Compares sockets that differ only in their inodes. */
static bool compare_twins(const struct nst_options *options, struct seen *old, size_t olds,
			  struct seen *new, size_t news)
{
	size_t i = 0, j = 0;

	while (i < olds && j < news) {
		if (old[i].inode == new[j].inode) {
			if (!pair(options, &old[i++], &new[j++]))
				return false;
		} else if (old[i].inode < new[j].inode) {
			i++;
		} else {
			j++;
		}
	}
	if (!pair_rest(options, old, olds, new, news, true) ||
	    !pair_rest(options, new, news, old, olds, false))
		return false;
	for (i = 0; i < olds; i++)
		if (!old[i].paired && !add_change(options, &old[i], NULL))
			return false;
	for (j = 0; j < news; j++)
		if (!new[j].paired && !add_change(options, NULL, &new[j]))
			return false;
	return true;
}

static size_t count_twins(const struct seen *first, const struct seen *end, const u32 *key)
{
	const struct seen *seen = first;

	while (seen < end && !memcmp(seen->key, key, sizeof(seen->key)))
		seen++;
	return seen - first;
}

static void free_list(struct list *list)
{
	if (list->rows)
		fclose(list->rows);
	free(list->seen);
	memset(list, 0, sizeof(*list));
}

/* Prints what is different from the table before; the first one is only remembered. */
bool nst_changes_print(const struct nst_options *options)
{
	struct seen *old = before.seen, *old_end = old + before.count;
	struct seen *new = after.seen, *new_end = new + after.count, *first;
	size_t olds, news;

	if (after.count)
		sort(new, new_end - 1);
	for (; has_before && (old < old_end || new < new_end); old += olds, new += news) {
		first = old == old_end ? new : new == new_end ? old :
			memcmp(old->key, new->key, sizeof(old->key)) < 0 ? old : new;
		olds = count_twins(old, old_end, first->key);
		news = count_twins(new, new_end, first->key);
		if (!compare_twins(options, old, olds, new, news))
			return false;
	}
	if (!print_batch(options))
		return false;
	free_list(&before);
	before = after;
	for (new = before.seen; new < new_end && before.count; new++)
		new->paired = false;
	memset(&after, 0, sizeof(after));
	has_before = true;
	return true;
}
