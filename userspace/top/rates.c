// SPDX-License-Identifier: GPL-2.0-only
/*
 * How many bytes a second the sockets of each group receive and send.
 *
 * The kernel counts the bytes of a connection, not of a group. So the rows are read, too, and
 * what a socket has more than at the reading before is added to its group. One that was not
 * there before adds nothing yet: what it has may be older. One that has gone takes
 * nothing away.
 */
#include <stdlib.h>

#include "beside/grow.h"
#include "fail.h"
#include "top/rates.h"

/**
 * struct nst_rated - a socket
 * @addr: the addresses of both ends
 * @inode: its inode
 * @netns: its network namespace
 * @table: its table
 * @lport: its port
 * @rport: that of the other end
 * @bytes: received and sent so far
 */
struct nst_rated {
	u8 addr[32];
	u64 inode;
	u32 netns;
	u32 table;
	u32 lport;
	u32 rport;
	u64 bytes[2];
};

static int compare_sockets(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct nst_rated, bytes));
}

/* Notes a socket; false if its bytes are not counted. */
static bool note(struct nst_rated *socket, const struct nst_row *row)
{
	const unsigned int len = nst_table_is_ipv6(row->table) ? 16 : 4;
	u64 netns = 0;

	memset(socket, 0, sizeof(*socket));
	if (!nst_word_number(nst_word_value(row->detail, "bytes_in"), ~0ULL, &socket->bytes[0]) ||
	    !nst_word_number(nst_word_value(row->detail, "bytes_out"), ~0ULL, &socket->bytes[1]))
		return false;
	nst_word_number(nst_word_value(row->detail, "netns"), U32_MAX, &netns);
	memcpy(socket->addr, row->sock.addr, len);
	memcpy(socket->addr + 16, nst_row_remote(row), len);
	socket->inode = row->sock.inode;
	socket->netns = netns;
	socket->table = row->table;
	socket->lport = row->sock.lport;
	socket->rport = row->sock.rport;
	return true;
}

/* The key of the group that a socket is in, as the kernel writes it. */
static bool make_key(struct nst_rank_key *key, const struct nst_ranking *ranking,
		     const struct nst_grouping *grouping, const struct nst_row *row, u32 netns)
{
	struct nst_detail detail = { .known = 0 };
	struct nst_group group = { .counts = {} };
	struct nst_word rest, word;
	char line[NST_GROUP_MAX];
	unsigned int i;
	u64 cgroup;

	if (nst_word_number(nst_word_value(row->detail, "cgroup"), ~0ULL, &cgroup)) {
		detail.known = NST_KNOWS_CGROUP;
		detail.cgroup = cgroup;
	}
	nst_group_key_make(&group.key, grouping, &row->sock, row->table, &detail,
			   row->sock.owner, netns);
	rest.start = line;
	rest.len = nst_format_group(line, &group, grouping, false, false) - line;
	memset(key, 0, sizeof(*key));
	for (i = 0; i < ranking->head.keys; i++) {
		word = nst_word_next(&rest);
		if (word.len >= NST_RANK_KEY_MAX)
			return false;
		memcpy(key->part[i], word.start, word.len);
	}
	return true;
}

static int compare_groups(const void *a, const void *b)
{
	const struct nst_ranked *const *x = a, *const *y = b;

	return memcmp(&(*x)->key, &(*y)->key, sizeof((*x)->key));
}

/* The groups by their keys; NULL if there is no memory. */
static struct nst_ranked **sort_groups(const struct nst_ranking *ranking)
{
	struct nst_ranked **group = calloc(ranking->groups + 1, sizeof(*group));
	size_t i;

	if (!group) {
		nst_no_memory();
		return NULL;
	}
	for (i = 0; i < ranking->groups; i++)
		group[i] = &ranking->group[i];
	qsort(group, ranking->groups, sizeof(*group), compare_groups);
	return group;
}

/* Adds what a socket has more than before to its group, if that is among those that are known. */
static void add(const struct nst_rates *before, struct nst_ranked **sorted,
		const struct nst_ranking *ranking, const struct nst_rated *socket,
		const struct nst_rank_key *key)
{
	const unsigned int column = ranking->numbers - 2;
	const struct nst_rated *old = NULL;
	struct nst_ranked wanted = { .key = *key }, *pointer = &wanted, **group;
	int i;

	if (before->sockets)
		old = bsearch(socket, before->socket, before->sockets, sizeof(*socket),
			      compare_sockets);
	group = old ? bsearch(&pointer, sorted, ranking->groups, sizeof(*sorted), compare_groups) :
		      NULL;
	for (i = 0; group && i < 2; i++)
		if (socket->bytes[i] > old->bytes[i])
			(*group)->value[column + i] += socket->bytes[i] - old->bytes[i];
}

/* Adds the two columns to the groups. */
static bool add_columns(struct nst_ranking *ranking)
{
	struct nst_groups_head *head = &ranking->head;

	if (head->columns + 2 > NST_GROUP_COLUMNS)
		return nst_fail(NST_EXIT_IO, "the table has too many columns");
	strcpy(head->name[head->columns++], NST_RATE_IN);
	strcpy(head->name[head->columns++], NST_RATE_OUT);
	ranking->numbers += 2;
	ranking->rates = 2;
	return true;
}

static bool read_rows(struct nst_rates *next, const struct nst_rates *before,
		      struct nst_ranked **sorted, const struct nst_ranking *ranking,
		      struct nst_source *source, const struct nst_grouping *grouping)
{
	static struct nst_reading reading;
	struct nst_rank_key key;
	struct nst_row row;
	size_t space = 0;

	if (!nst_reading_begin(&reading, source, NULL))
		return false;
	if (reading.grouped)
		return nst_fail(NST_EXIT_IO, "%s: groups, where sockets were asked for", source->path);
	while (nst_reading_row(&reading, &row)) {
		if (!nst_grow(&next->socket, next->sockets, &space, sizeof(*next->socket)))
			return false;
		if (!note(&next->socket[next->sockets], &row))
			continue;
		if (make_key(&key, ranking, grouping, &row, next->socket[next->sockets].netns))
			add(before, sorted, ranking, &next->socket[next->sockets], &key);
		next->sockets++;
	}
	return !nst_trouble();
}

/**
 * nst_rates_read() - read a table of sockets, and compare it with the last one
 * @rates: that one; replaced by this one
 * @ranking: the groups of the same sockets, without rates; gets two columns
 * @source: the table, at its start
 * @grouping: how these groups were made
 * @time: now, in seconds
 *
 * Return: whether it was read.
 */
bool nst_rates_read(struct nst_rates *rates, struct nst_ranking *ranking,
		    struct nst_source *source, const struct nst_grouping *grouping, double time)
{
	struct nst_rates next = { .time = time };
	struct nst_ranked **sorted = sort_groups(ranking);
	double seconds = time - rates->time;
	u64 *value;
	size_t n;
	bool done;

	done = sorted && add_columns(ranking) &&
	       read_rows(&next, rates, sorted, ranking, source, grouping);
	free(sorted);
	if (!done) {
		nst_rates_forget(&next);
		return false;
	}
	for (n = 0; n < ranking->groups; n++)
		for (value = &ranking->group[n].value[ranking->numbers - 2];
		     value < &ranking->group[n].value[ranking->numbers]; value++)
			*value = rates->time && seconds > 0 ? *value / seconds : 0;
	if (next.sockets)
		qsort(next.socket, next.sockets, sizeof(*next.socket), compare_sockets);
	nst_rates_forget(rates);
	*rates = next;
	return true;
}

/**
 * nst_rates_forget() - the next reading is the first one
 * @rates: what was counted
 */
void nst_rates_forget(struct nst_rates *rates)
{
	free(rates->socket);
	memset(rates, 0, sizeof(*rates));
}
