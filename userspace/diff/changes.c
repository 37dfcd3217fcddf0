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
#include <unistd.h>

#include "beside/grow.h"
#include "diff/changes.h"
#include "diff/hash.h"
#include "fail.h"
#include "json/print.h"
#include "netstat/elsewhere.h"

#define MOVES	(128 * 1024)	/* so many changes are noted before their rows are read again */
#define BATCH	8192	/* so many of them are sorted at a time, */
#define TEXTS	(6 * 1024 * 1024)	/* or as many as have rows of so many bytes together */
#define LINE	(NST_SOURCE_BUFFER + 1)	/* the longest, with its newline */
#define SPOOL	(64 * 1024)	/* bytes of the file that are written or read at a time, */
#define FEW_BYTES	512	/* or so many, where what is read next is far */
#define NOWHERE	~0ULL
#define PLACES	16	/* bytes of a row that sort() looks at, one after the other */
#define FEW	24	/* so many are sorted one by one */

/* A row of a table. */
struct seen {
	u64 key;	/* a hash of what the socket is known by, */
	u32 more;	/* and more of that */
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
	char *buffer;		/* LINE bytes: of that, and then what was read of it again: */
	u64 window;		/* from there on, */
	size_t window_len;	/* so many bytes */
};

/* A socket whose row is new, gone, or another one: where the old row is, and the new one. */
struct move {
	u64 at[2];
};

/* The same, with its rows. */
struct change {
	struct nst_word line[2];	/* the old row, the new one; @start is NULL if there is none */
	enum nst_table table;		/* what it is sorted by */
	u32 netns;
	struct nst_word ends;
	u64 inode;
};

static struct list before, after;
static struct move *moves;	/* MOVES of them */
static size_t moves_count;
static struct change *changes;	/* BATCH of them */
static size_t changes_count;
static char texts[TEXTS];	/* their rows */
static size_t texts_len;
static bool has_before;
static u64 seed[2];

static bool spool_failed(void)
{
	return nst_fail(NST_EXIT_IO, "temporary file: %m");
}

/* Begins with the table that is being read. */
static bool begin(struct list *list)
{
	if (!seed[0] && getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		seed[0] = 1;
	list->buffer = malloc(LINE);
	if (!list->buffer)
		return nst_no_memory();
	list->rows = nst_spool_open();
	return list->rows && (!setvbuf(list->rows, list->buffer, _IOFBF, SPOOL) || spool_failed());
}

/* Adds a row to the table that is being read. */
bool nst_changes_add(const struct nst_row *row)
{
	const struct nst_sock *sock = &row->sock;
	const unsigned int words = nst_table_is_ipv6(row->table) ? 4 : 1;
	u64 word[6] = { (u64)row->netns << 32 | (u32)sock->lport << 16 | sock->rport, row->table };
	struct seen *seen;
	u64 hash[2];

	if ((!after.rows && !begin(&after)) ||
	    !nst_grow(&after.seen, after.count, &after.space, sizeof(*seen)))
		return false;
	memcpy(word + 2, sock->addr, words * sizeof(*word));
	nst_hash(hash, seed, word, 2 + words);
	after.show = row->show;
	seen = &after.seen[after.count++];
	*seen = (struct seen){
		.key = hash[0], .more = hash[1], .inode = sock->inode >> 32 ^ sock->inode,
		.at = after.end, .state = sock->state,
	};
	if (!seen->inode)
		seen->inode = sock->inode;
	after.end += row->line.len + 1;
	return (fwrite_unlocked(row->line.start, 1, row->line.len, after.rows) == row->line.len &&
		putc_unlocked('\n', after.rows) != EOF) || spool_failed();
}

static bool is_same_key(const struct seen *a, const struct seen *b)
{
	return a->key == b->key && a->more == b->more;
}

static bool is_less(const struct seen *a, const struct seen *b)
{
	if (a->key != b->key)
		return a->key < b->key;
	return a->more != b->more ? a->more < b->more : a->inode < b->inode;
}

static void sort_few(struct seen *seen, size_t count)
{
	struct seen one;
	size_t i, j;

	for (i = 1; i < count; i++) {
		one = seen[i];
		for (j = i; j && is_less(&one, &seen[j - 1]); j--)
			seen[j] = seen[j - 1];
		seen[j] = one;
	}
}

static u8 byte_at(const struct seen *seen, unsigned int place)
{
	u64 word = place < 8 ? seen->key : (u64)seen->more << 32 | seen->inode;

	return word >> (56 - 8 * (place % 8));
}

/*
 * Sorts in place, which qsort() does not: by a byte, and what has that in common by the next
 * one. Each row is moved PLACES times at most, whoever has chosen the rows.
 */
static void sort(struct seen *seen, size_t count, unsigned int place)
{
	size_t next[256], end[256] = {}, at = 0, i;
	struct seen swap;
	u8 byte;

	if (count <= FEW) {
		sort_few(seen, count);
		return;
	}
	for (i = 0; i < count; i++)
		end[byte_at(&seen[i], place)]++;
	for (i = 0; i < ARRAY_SIZE(end); i++) {
		next[i] = at;
		at += end[i];
		end[i] = at;
	}
	for (i = 0; i < ARRAY_SIZE(end); i++)
		while (next[i] < end[i]) {
			byte = byte_at(&seen[next[i]], place);
			swap = seen[next[i]];
			seen[next[i]] = seen[next[byte]];
			seen[next[byte]++] = swap;
		}
	for (i = 0, at = 0; place + 1 < PLACES && i < ARRAY_SIZE(end); at = end[i++])
		sort(seen + at, end[i] - at, place + 1);
}

/* Finds the line of the file that begins there. The places that are asked for grow mostly. */
static bool find_line(struct nst_word *line, struct list *list, u64 at)
{
	bool is_near = at >= list->window && at < list->window + list->window_len + SPOOL;
	size_t wanted = is_near ? SPOOL : FEW_BYTES, skipped = at - list->window;
	const char *newline = NULL;
	ssize_t len;

	if (is_near && skipped < list->window_len) {
		line->start = list->buffer + skipped;
		newline = memchr(line->start, '\n', list->window_len - skipped);
	}
	if (!newline) {
		list->window = at;
		list->window_len = 0;
		line->start = list->buffer;
	}
	for (; !newline && list->window_len < LINE; wanted = LINE - list->window_len) {
		char *end = list->buffer + list->window_len;

		len = pread(fileno(list->rows), end, wanted, at + list->window_len);
		if (len < 1)
			break;
		list->window_len += len;
		newline = memchr(end, '\n', len);
	}
	if (!newline)
		return spool_failed();
	line->len = newline - line->start;
	return true;
}

/* Reads a row of a table again; it lives until the batch is printed. */
static bool recall(struct nst_word *line, struct nst_row *row, struct list *list, u64 at)
{
	line->start = NULL;
	if (at == NOWHERE)
		return true;
	if (!find_line(line, list, at))
		return false;
	line->start = memcpy(texts + texts_len, line->start, line->len);
	texts_len += line->len;
	return !nst_table_parse_row(row, list->show, *line);
}

/* Orders changes as the table is ordered: by protocol, namespace and addresses, then by inode. */
static int compare_changes(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	int order;

	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	if (x->ends.len != y->ends.len)
		return x->ends.len < y->ends.len ? -1 : 1;
	order = memcmp(x->ends.start, y->ends.start, x->ends.len);
	return order ? order : (x->inode > y->inode) - (x->inode < y->inode);
}

static void print_change(const struct nst_options *options, const struct change *change)
{
	const bool is_old = change->line[0].start, is_new = change->line[1].start;
	const char *word = !is_old ? "appeared" : !is_new ? "vanished" : "changed";
	struct nst_row rows[2], *row = &rows[is_new], *old = is_old && is_new ? &rows[0] : NULL;

	if (is_old)
		nst_table_parse_row(&rows[0], before.show, change->line[0]);
	if (is_new)
		nst_table_parse_row(&rows[1], after.show, change->line[1]);
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
	for (i = 0; i < changes_count && nst_check_output() && !nst_trouble(); i++)
		print_change(options, &changes[i]);
	changes_count = 0;
	texts_len = 0;
	return nst_check_output();
}

static bool add_to_batch(const struct nst_options *options, const struct move *move)
{
	struct change *change;
	struct nst_row row;

	if ((changes_count == BATCH || sizeof(texts) - texts_len < 2 * LINE) &&
	    !print_batch(options))
		return false;
	change = &changes[changes_count++];
	if (!recall(&change->line[0], &row, &before, move->at[0]) ||
	    !recall(&change->line[1], &row, &after, move->at[1]))
		return false;
	change->table = row.table;
	change->netns = row.netns;
	change->ends.start = row.local.text.start;
	change->ends.len = row.remote.text.start + row.remote.text.len - row.local.text.start;
	change->inode = row.sock.inode;
	return true;
}

static int compare_moves(const void *a, const void *b)
{
	const struct move *x = a, *y = b;
	u64 m = x->at[1] == NOWHERE ? x->at[0] : x->at[1];
	u64 n = y->at[1] == NOWHERE ? y->at[0] : y->at[1];

	return (m > n) - (m < n);
}

/* Reads the rows of all that are noted in the order in which they stand in the files. */
static bool print_moves(const struct nst_options *options)
{
	size_t i;

	if (moves_count)
		qsort(moves, moves_count, sizeof(*moves), compare_moves);
	for (i = 0; i < moves_count; i++)
		if (!add_to_batch(options, &moves[i]))
			return false;
	moves_count = 0;
	return print_batch(options);
}

static bool add_change(const struct nst_options *options, const struct seen *old,
		       const struct seen *new)
{
	if (!moves)
		moves = calloc(MOVES, sizeof(*moves));
	if (!changes)
		changes = calloc(BATCH, sizeof(*changes));
	if (!moves || !changes)
		return nst_no_memory();
	moves[moves_count++] = (struct move){ { old ? old->at : NOWHERE, new ? new->at : NOWHERE } };
	return moves_count < MOVES || print_moves(options);
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

static size_t count_twins(const struct seen *first, const struct seen *end, const struct seen *one)
{
	const struct seen *seen = first;

	while (seen < end && is_same_key(seen, one))
		seen++;
	return seen - first;
}

static void free_list(struct list *list)
{
	if (list->rows)
		fclose(list->rows);
	free(list->buffer);
	free(list->seen);
	memset(list, 0, sizeof(*list));
}

/* Prints what is different from the table before; the first one is only remembered. */
bool nst_changes_print(const struct nst_options *options)
{
	struct seen *old = before.seen, *old_end = old + before.count;
	struct seen *new = after.seen, *new_end = new + after.count, *first;
	size_t olds, news;

	if (after.rows && fflush(after.rows))
		return spool_failed();
	sort(new, after.count, 0);
	for (; has_before && (old < old_end || new < new_end); old += olds, new += news) {
		first = old == old_end ? new : new == new_end || is_less(old, new) ? old : new;
		olds = count_twins(old, old_end, first);
		news = count_twins(new, new_end, first);
		if (!compare_twins(options, old, olds, new, news))
			return false;
	}
	if (!print_moves(options))
		return false;
	free_list(&before);
	before = after;
	for (new = before.seen; new < new_end && before.count; new++)
		new->paired = false;
	memset(&after, 0, sizeof(after));
	has_before = true;
	return true;
}
