// SPDX-License-Identifier: GPL-2.0-only
/*
 * What rows are sorted by: numbers by number, addresses by address (IPv4 before IPv6), all else
 * by its bytes. The names are those of filters.
 */
#include <netstate/addr.h>

#include "fail.h"
#include "sort/key.h"

#define FRACTION 9	/* digits behind the point that count */

/* Where what a row is sorted by stands in it. */
enum place {
	PROTO, RECVQ, SENDQ, LADDR, LPORT, RADDR, RPORT, STATE, UID, INODE, PID, PROGRAM, TIMER,
	RETRANSMITS, PROBES,
	NUMBER, TEXT,	/* in a word of this name at its end */
};

struct nst_sort_column {
	const char *name;
	enum place place;
	unsigned int needs;	/* columns, NST_SHOW_* */
};

static const struct nst_sort_column columns[] = {
	{ "proto", PROTO, 0 },
	{ "recvq", RECVQ, 0 },
	{ "sendq", SENDQ, 0 },
	{ "laddr", LADDR, 0 },
	{ "lport", LPORT, 0 },
	{ "raddr", RADDR, 0 },
	{ "rport", RPORT, 0 },
	{ "state", STATE, 0 },
	{ "uid", UID, NST_SHOW_USER },
	{ "inode", INODE, NST_SHOW_USER },
	{ "pid", PID, NST_SHOW_PROGRAM },
	{ "comm", PROGRAM, NST_SHOW_PROGRAM },
	{ "timer", TIMER, NST_SHOW_TIMER },
	{ "retransmits", RETRANSMITS, NST_SHOW_TIMER },
	{ "probes", PROBES, NST_SHOW_TIMER },
	{ "idle", NUMBER, NST_SHOW_DETAIL },
	{ "rtt", NUMBER, NST_SHOW_DETAIL },
	{ "retrans", NUMBER, NST_SHOW_DETAIL },
	{ "bytes_in", NUMBER, NST_SHOW_DETAIL },
	{ "bytes_out", NUMBER, NST_SHOW_DETAIL },
	{ "backlog", NUMBER, NST_SHOW_DETAIL },
	{ "drops", NUMBER, NST_SHOW_DETAIL },
	{ "cookie", NUMBER, NST_SHOW_DETAIL },
	{ "mark", NUMBER, NST_SHOW_DETAIL },
	{ "cgroup", NUMBER, NST_SHOW_DETAIL },
	{ "netns", NUMBER, NST_SHOW_DETAIL },
	{ "dir", TEXT, NST_SHOW_DETAIL },
	{ "device", TEXT, NST_SHOW_DETAIL },
	{ "owner", TEXT, NST_SHOW_DETAIL },
	{ "listener", TEXT, NST_SHOW_DETAIL },
};

/* Finds a column, which "-" may stand before; NULL if there is none of that name. */
const struct nst_sort_column *nst_sort_find(const char *name)
{
	const struct nst_sort_column *column = columns;

	name += *name == '-';
	while (column < columns + ARRAY_SIZE(columns) && strcmp(column->name, name))
		column++;
	if (column < columns + ARRAY_SIZE(columns))
		return column;
	nst_fail(NST_EXIT_USAGE, "sort=%s: no such column; netstate(8) lists them", name);
	return NULL;
}

unsigned int nst_sort_needs(const struct nst_sort_column *column)
{
	return column->needs;
}

static void set_number(struct nst_sort_key *key, u64 number)
{
	key->is_there = true;
	key->high = number;
}

/* Eight bytes, of which the first one counts most; what is behind the end is 0. */
static u64 eight_of(const void *bytes, size_t len)
{
	u64 number = 0;

	memcpy(&number, bytes, len < sizeof(number) ? len : sizeof(number));
	return be64toh(number);
}

static void set_addr(struct nst_sort_key *key, const u8 *addr, bool ipv6)
{
	u8 all[16];

	if (ipv6)
		memcpy(all, addr, sizeof(all));
	else
		nst_addr6_map_v4(all, addr);
	key->is_there = true;
	/* The bytes before those of an IPv4 address are 0, ::ffff; the rest of IPv6 comes behind. */
	if (nst_addr6_is_v4mapped(all)) {
		key->low = eight_of(all + 12, 4) >> 32;
		return;
	}
	key->high = eight_of(all, 8);
	key->low = eight_of(all + 8, 8);
	key->text = (struct nst_word){ "6", 1 };
}

static void set_text(struct nst_sort_key *key, struct nst_word text)
{
	if (!text.len)
		return;
	key->is_there = true;
	key->high = eight_of(text.start, text.len);
	key->text = text;
}

/* A number at the start of a word, maybe with a point in it: "3/128" is 3. */
static void set_word(struct nst_sort_key *key, struct nst_word word)
{
	struct nst_word whole, part;
	int digits = 0;

	if (nst_word_split(word, '/', &whole, &part))
		word = whole;
	whole = word;
	part.len = 0;
	nst_word_split(word, '.', &whole, &part);
	key->is_there = nst_word_number(whole, ~0ULL, &key->high);
	for (; digits < FRACTION; digits++) {
		key->low *= 10;
		if ((size_t)digits < part.len && part.start[digits] >= '0' && part.start[digits] <= '9')
			key->low += part.start[digits] - '0';
	}
}

/**
 * nst_sort_key_make() - find what a row is sorted by
 * @key: filled in; refers to the row's text
 * @column: the column
 * @row: the row
 */
void nst_sort_key_make(struct nst_sort_key *key, const struct nst_sort_column *column,
		       const struct nst_row *row)
{
	const struct nst_sock *sock = &row->sock;
	const bool ipv6 = nst_table_is_ipv6(row->table);

	*key = (struct nst_sort_key){ .text = { "", 0 } };
	switch (column->place) {
	case PROTO:
		set_text(key, row->proto);
		break;
	case RECVQ:
		set_number(key, sock->recvq);
		break;
	case SENDQ:
		set_number(key, sock->sendq);
		break;
	case LADDR:
		set_addr(key, sock->addr, ipv6);
		break;
	case LPORT:
		set_number(key, sock->lport);
		break;
	case RADDR:
		set_addr(key, nst_row_remote(row), ipv6);
		break;
	case RPORT:
		set_number(key, sock->rport);
		break;
	case STATE:
		set_text(key, row->state);
		break;
	case UID:
		set_number(key, sock->uid);
		break;
	case INODE:
		set_number(key, sock->inode);
		break;
	case PID:
		set_number(key, row->owner.pid);
		key->is_there = sock->owner;
		break;
	case PROGRAM:
		set_text(key, row->name);
		break;
	case TIMER:
		set_number(key, sock->timer_left);
		key->is_there = sock->timer;
		break;
	case RETRANSMITS:
		set_number(key, sock->retransmits);
		break;
	case PROBES:
		set_number(key, sock->probes);
		break;
	case NUMBER:
		set_word(key, nst_word_value(row->detail, column->name));
		break;
	case TEXT:
		set_text(key, nst_word_value(row->detail, column->name));
		break;
	}
}
