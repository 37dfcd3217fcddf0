// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters: does a socket pass?
 */
#include <netstate/addr.h>
#include <netstate/counts.h>
#include <netstate/filter.h>
#include <netstate/glob.h>

/* What a test is about: a socket, a process, or a network namespace. */
struct subject {
	const struct nst_sock *sock;
	enum nst_table table;
	u32 pid;
	u32 netns;
	const char *comm;
};

static bool in_range(const struct nst_filter_value *value, u64 number)
{
	return number >= value->min && number <= value->max;
}

static bool in_prefix(const u8 *addr, const u8 *net, unsigned int prefix)
{
	unsigned int bytes = prefix / 8, bits = prefix % 8;

	if (memcmp(addr, net, bytes))
		return false;
	return !bits || !((addr[bytes] ^ net[bytes]) >> (8 - bits));
}

/* @addr is one of a record: IPv4 or IPv6, as @table says. */
static bool is_addr(const struct nst_filter_value *value, enum nst_table table, const u8 *addr)
{
	u8 mapped[16];

	if (!nst_table_is_ipv6(table)) {
		if (!value->ipv4)
			return false;
		nst_addr6_map_v4(mapped, addr);
		addr = mapped;
	}
	return in_prefix(addr, value->addr, value->prefix);
}

static const u8 *local(const struct nst_sock *sock)
{
	return sock->addr;
}

static const u8 *remote(const struct nst_sock *sock, enum nst_table table)
{
	return sock->addr + (nst_table_is_ipv6(table) ? 16 : 4);
}

static bool value_holds(const struct nst_filter *filter, enum nst_filter_key key,
			const struct nst_filter_value *value, const struct subject *subject)
{
	const struct nst_sock *sock = subject->sock;
	enum nst_table table = subject->table;

	switch (key) {
	case NST_KEY_LPORT:
		return in_range(value, sock->lport);
	case NST_KEY_RPORT:
		return in_range(value, sock->rport);
	case NST_KEY_PORT:
		return in_range(value, sock->lport) || in_range(value, sock->rport);
	case NST_KEY_LADDR:
		return is_addr(value, table, local(sock));
	case NST_KEY_RADDR:
		return is_addr(value, table, remote(sock, table));
	case NST_KEY_ADDR:
		return is_addr(value, table, local(sock)) ||
		       is_addr(value, table, remote(sock, table));
	case NST_KEY_UID:
		return in_range(value, sock->uid);
	case NST_KEY_INODE:
		return in_range(value, nst_shown_inode(sock));
	case NST_KEY_RECVQ:
		return in_range(value, sock->recvq);
	case NST_KEY_SENDQ:
		return in_range(value, sock->sendq);
	case NST_KEY_NETNS:
		return in_range(value, subject->netns);
	case NST_KEY_PID:
		return in_range(value, subject->pid);
	case NST_KEY_COMM:
		return nst_glob_match(filter->patterns + value->start, value->len, subject->comm);
	default:
		return false;
	}
}

static bool test_holds(const struct nst_filter *filter, const struct nst_filter_test *test,
		       const struct subject *subject)
{
	const struct nst_filter_value *value = &filter->value[test->first];
	const struct nst_filter_value *end = value + test->values;

	for (; value < end; value++)
		if (value_holds(filter, test->key, value, subject))
			return !test->negate;
	return test->negate;
}

/* Whether all tests of some keys hold. */
static bool tests_hold(const struct nst_filter *filter, unsigned long keys,
		       const struct subject *subject)
{
	const struct nst_filter_test *test = filter->test;
	const struct nst_filter_test *end = test + filter->tests;

	for (; test < end; test++)
		if (keys & BIT(test->key) && !test_holds(filter, test, subject))
			return false;
	return true;
}

bool nst_filter_match_netns(const struct nst_filter *filter, u32 netns)
{
	const struct subject subject = { .netns = netns };

	return tests_hold(filter, BIT(NST_KEY_NETNS), &subject);
}

bool nst_filter_match_state(const struct nst_filter *filter, enum nst_table table,
			    unsigned int state)
{
	return filter->states >> nst_shown_state(table, state) & 1;
}

bool nst_filter_match_tuple(const struct nst_filter *filter, const struct nst_sock *sock,
			    enum nst_table table)
{
	const struct subject subject = { .sock = sock, .table = table };

	return tests_hold(filter, NST_FILTER_TUPLE_KEYS, &subject);
}

/* The bit of @owners for sockets that nobody holds. */
static u8 fate_bit(const struct nst_sock *sock)
{
	switch (sock->unowned) {
	case NST_UNOWNED_QUEUED:
		return NST_FILTER_QUEUED;
	case NST_UNOWNED_ORPHAN:
		return NST_FILTER_ORPHAN;
	default:
		return NST_FILTER_NO_OWNER;
	}
}

/* Whether the filter tells apart why nobody holds a socket. */
static bool asks_for_fate(const struct nst_filter *filter)
{
	u8 nobodys = filter->owners & ~NST_FILTER_OWNER;

	return nobodys && nobodys != (NST_FILTER_ANY_OWNER & ~NST_FILTER_OWNER);
}

/* What may have an owner is decided later. */
static bool match_fate(const struct nst_filter *filter, const struct nst_sock *sock)
{
	u8 bits = fate_bit(sock);

	if (bits == NST_FILTER_NO_OWNER)
		bits |= NST_FILTER_OWNER;
	return !asks_for_fate(filter) || filter->owners & bits;
}

bool nst_filter_match_details(const struct nst_filter *filter, const struct nst_sock *sock)
{
	const struct subject subject = { .sock = sock };

	return match_fate(filter, sock) && tests_hold(filter, NST_FILTER_DETAIL_KEYS, &subject);
}

bool nst_filter_match_process(const struct nst_filter *filter, u32 pid, const char *comm)
{
	const struct subject subject = { .pid = pid, .comm = comm };

	return tests_hold(filter, NST_FILTER_PROCESS_KEYS, &subject);
}

/* Whether a word asks for something that only a process has. */
static bool asks_for_process(const struct nst_filter *filter)
{
	const struct nst_filter_test *test = filter->test;
	const struct nst_filter_test *end = test + filter->tests;

	for (; test < end; test++)
		if (NST_FILTER_PROCESS_KEYS & BIT(test->key) && !test->negate)
			return true;
	return false;
}

bool nst_filter_match_owner(const struct nst_filter *filter, const struct nst_sock *sock)
{
	if (sock->owner)
		return filter->owners & NST_FILTER_OWNER;
	if (sock->last_pid)
		return false;
	return filter->owners & fate_bit(sock) && !asks_for_process(filter);
}

unsigned int nst_filter_needs_match(const struct nst_filter *filter)
{
	unsigned int needs = asks_for_fate(filter) ? NST_NEED_UNOWNED : 0;
	unsigned int i;

	/* Those that may have an owner pass either way, or not at all? */
	if (!(filter->owners & NST_FILTER_OWNER) != !(filter->owners & NST_FILTER_NO_OWNER))
		needs |= NST_NEED_OWNER;
	for (i = 0; i < filter->tests; i++) {
		switch (filter->test[i].key) {
		case NST_KEY_PID:
		case NST_KEY_COMM:
			needs |= NST_NEED_OWNER;
			break;
		case NST_KEY_UID:
			needs |= NST_NEED_UID;
			break;
		case NST_KEY_INODE:
			needs |= NST_NEED_INODE;
			break;
		case NST_KEY_RECVQ:
		case NST_KEY_SENDQ:
			needs |= NST_NEED_QUEUES;
			break;
		case NST_KEY_NETNS:
			needs |= NST_NEED_NETNS;
			break;
		default:
			break;
		}
	}
	return needs;
}

static unsigned int needs_group(const struct nst_grouping *grouping)
{
	unsigned int needs = 0;
	int i;

	for (i = 0; i < NST_GROUP_KEYS; i++) {
		switch (grouping->by[i]) {
		case NST_BY_PROCESS:
		case NST_BY_PROGRAM:
			needs |= NST_NEED_OWNER | NST_NEED_HOLDERS;
			break;
		case NST_BY_UID:
			needs |= NST_NEED_UID;
			break;
		case NST_BY_CGROUP:
			needs |= NST_NEED_DETAIL;
			break;
		default:
			break;
		}
	}
	return needs;
}

unsigned int nst_filter_needs_show(const struct nst_filter *filter)
{
	unsigned int needs = NST_NEED_QUEUES | needs_group(&filter->group);

	if (filter->show & NST_SHOW_USER)
		needs |= NST_NEED_UID | NST_NEED_INODE;
	if (filter->show & NST_SHOW_PROGRAM)
		needs |= NST_NEED_OWNER;
	if (filter->show & NST_SHOW_TIMER)
		needs |= NST_NEED_TIMER;
	if (filter->show & NST_SHOW_DETAIL) {
		needs |= NST_NEED_DETAIL | NST_NEED_OWNER | NST_NEED_HOLDERS | NST_NEED_UNOWNED;
		if (filter->owners & (NST_FILTER_NO_OWNER | NST_FILTER_QUEUED) &&
		    !asks_for_process(filter))
			needs |= NST_NEED_LISTENERS;
	}
	return needs;
}

void nst_filter_pids(const struct nst_filter *filter, u32 *first, u32 *last)
{
	unsigned int i, v;

	*first = 0;
	*last = U32_MAX;
	for (i = 0; i < filter->tests; i++) {
		const struct nst_filter_test *test = &filter->test[i];
		u32 least = U32_MAX, most = 0;

		if (test->key != NST_KEY_PID || test->negate)
			continue;
		for (v = test->first; v < test->first + test->values; v++) {
			const struct nst_filter_value *value = &filter->value[v];

			if (value->min < least)
				least = value->min;
			if (value->max > most)
				most = value->max;
		}
		if (least > *first)
			*first = least;
		if (most < *last)
			*last = most;
	}
}
