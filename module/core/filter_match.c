// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters: does a socket pass?
 */
#include <netstate/addr.h>
#include <netstate/counts.h>
#include <netstate/decimal.h>
#include <netstate/detail.h>
#include <netstate/filter.h>
#include <netstate/glob.h>
#include <netstate/info.h>

/* What a test is about: a socket, a process, or a network namespace. */
struct subject {
	const struct nst_sock *sock;
	enum nst_table table;
	u32 pid;
	u32 netns;
	const char *comm;
};

/*
 * What is known of a subject: which keys can be tested, which tables, states and owners it
 * may have; with @nobody, that there is no process.
 */
struct knowledge {
	u64 keys;
	u16 tables;
	u16 states;
	u8 owners;
	bool nobody;
};

static enum nst_filter_answer answer_at(const struct nst_filter *filter,
					const struct subject *subject, enum nst_filter_key stage);

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

/* The word of show=tcp that a key is about. Returns whether it is known. */
static bool tcp_number(const struct nst_detail *detail, enum nst_filter_key key, u64 *number)
{
	/* Only read; the record itself is the caller's. */
	const struct nst_tcp_info *tcp = &nst_detail_info((struct nst_detail *)detail)->tcp;

	if (!(detail->known & NST_KNOWS_TCP))
		return false;
	switch (key) {
	case NST_KEY_CWND:
		*number = tcp->cwnd;
		return true;
	case NST_KEY_MSS:
		*number = tcp->mss;
		return true;
	case NST_KEY_RTO:
		*number = tcp->rto;
		return true;
	case NST_KEY_UNACKED:
		*number = tcp->unacked;
		return true;
	case NST_KEY_LOST:
		*number = tcp->lost;
		return true;
	case NST_KEY_NOTSENT:
		*number = tcp->notsent;
		return true;
	default:
		return false;
	}
}

/* The word of show=more that a key is about. Returns whether it is known. */
static bool detail_number(const struct nst_sock *sock, const struct nst_detail *detail,
			  enum nst_filter_key key, u64 *number)
{
	switch (key) {
	case NST_KEY_DIR:
		*number = detail->dir;
		return detail->known & NST_KNOWS_DIR && detail->dir;
	case NST_KEY_IDLE:
		*number = detail->idle;
		return detail->known & NST_KNOWS_IDLE;
	case NST_KEY_RTT:
		*number = detail->rtt;
		return detail->known & NST_KNOWS_TRAFFIC;
	case NST_KEY_RETRANS:
		*number = detail->retransmits;
		return detail->known & NST_KNOWS_TRAFFIC;
	case NST_KEY_BYTES_IN:
		*number = detail->bytes_in;
		return detail->known & NST_KNOWS_TRAFFIC;
	case NST_KEY_BYTES_OUT:
		*number = detail->bytes_out;
		return detail->known & NST_KNOWS_TRAFFIC;
	case NST_KEY_BACKLOG:
		*number = detail->backlog;
		return detail->known & NST_KNOWS_BACKLOG;
	case NST_KEY_FILL:
		*number = nst_fill(sock->recvq, detail->backlog);
		return detail->known & NST_KNOWS_BACKLOG;
	case NST_KEY_DROPS:
		*number = detail->drops;
		return detail->known & NST_KNOWS_DROPS;
	case NST_KEY_COOKIE:
		*number = detail->cookie;
		return detail->known & NST_KNOWS_COOKIE;
	case NST_KEY_MARK:
		*number = detail->mark;
		return detail->known & NST_KNOWS_MARK;
	case NST_KEY_CGROUP:
		*number = detail->cgroup;
		return detail->known & NST_KNOWS_CGROUP;
	default:
		return tcp_number(detail, key, number);
	}
}

static const struct nst_detail *detail_of(const struct subject *subject)
{
	/* Only read; the record itself is the caller's. */
	return nst_sock_detail((struct nst_sock *)subject->sock, subject->table);
}

static bool detail_holds(const struct nst_filter_value *value, enum nst_filter_key key,
			 const struct subject *subject)
{
	u64 number;

	return detail_number(subject->sock, detail_of(subject), key, &number) &&
	       in_range(value, number);
}

static bool is_like(const struct nst_filter *filter, const struct nst_filter_value *value,
		    const char *name)
{
	return nst_glob_match(filter->patterns + value->start, value->len, name);
}

static bool device_holds(const struct nst_filter *filter, const struct nst_filter_value *value,
			 const struct subject *subject)
{
	const struct nst_detail *detail = detail_of(subject);

	return detail->known & NST_KNOWS_DEVICE && is_like(filter, value, detail->device);
}

/* The listener of a connection in TIME_WAIT is a guess, and another word. */
static bool listener_holds(const struct nst_filter *filter, const struct nst_filter_value *value,
			   const struct subject *subject)
{
	const struct nst_process *listener = detail_of(subject)->listener;
	char text[10 + 1 + NST_COMM_SIZE], *name;

	if (subject->sock->unowned != NST_UNOWNED_QUEUED || !listener)
		return false;

	name = nst_decimal(text, listener->pid);
	*name++ = '/';
	memcpy(name, listener->comm, NST_COMM_SIZE);
	return is_like(filter, value, name) || is_like(filter, value, text);
}

/* With @stages for the filter's own tests; steps have no such keys, so nothing calls itself. */
static __always_inline bool value_holds(const struct nst_filter *filter, enum nst_filter_key key,
					const struct nst_filter_value *value,
					const struct subject *subject, bool stages)
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
		return sock->uid != NST_UID_NONE && in_range(value, sock->uid);
	case NST_KEY_INODE:
		return in_range(value, nst_shown_inode(sock));
	case NST_KEY_RECVQ:
		return in_range(value, sock->recvq);
	case NST_KEY_SENDQ:
		return in_range(value, sock->sendq);
	case NST_KEY_TIMER:
		return in_range(value, sock->timer);
	case NST_KEY_RETRANSMITS:
		return in_range(value, sock->retransmits);
	case NST_KEY_PROBES:
		return in_range(value, sock->probes);
	case NST_KEY_NETNS:
		return in_range(value, subject->netns);
	case NST_KEY_PID:
		return in_range(value, subject->pid);
	case NST_KEY_COMM:
		return is_like(filter, value, subject->comm);
	case NST_KEY_DEVICE:
		return device_holds(filter, value, subject);
	case NST_KEY_LISTENER:
		return listener_holds(filter, value, subject);
	case NST_KEY_AT_TUPLE:
	case NST_KEY_AT_DETAILS:
		return stages && answer_at(filter, subject, key) != NST_NO;
	default:
		return detail_holds(value, key, subject);
	}
}

static __always_inline bool test_holds(const struct nst_filter *filter,
				       const struct nst_filter_test *test,
				       const struct subject *subject, bool stages)
{
	const struct nst_filter_value *value = &filter->value[test->first];
	const struct nst_filter_value *end = value + test->values;

	for (; value < end; value++)
		if (value_holds(filter, test->key, value, subject, stages))
			return !test->negate;
	return test->negate;
}

/* Whether all tests of some keys hold. */
static bool tests_hold(const struct nst_filter *filter, u64 keys,
		       const struct subject *subject)
{
	const struct nst_filter_test *test = filter->test;
	const struct nst_filter_test *end = test + filter->tests;

	for (; test < end; test++)
		if (keys & BIT_ULL(test->key) && !test_holds(filter, test, subject, true))
			return false;
	return true;
}

/* The results of steps: bits of what is certain, the last one lowest. */
struct answers {
	u64 yes;
	u64 no;
};

static void push(struct answers *answers, enum nst_filter_answer answer)
{
	answers->yes = answers->yes << 1 | (answer == NST_YES);
	answers->no = answers->no << 1 | (answer == NST_NO);
}

/* Two results become one: certain in @all if both are, in @any if one is. */
static void combine(u64 *all, u64 *any)
{
	*all = *all >> 1 & (*all | ~1ULL);
	*any = *any >> 1 | (*any & 1);
}

static enum nst_filter_answer test_answer(const struct nst_filter *filter,
					  const struct nst_filter_test *test,
					  const struct subject *subject,
					  const struct knowledge *known)
{
	if (BIT_ULL(test->key) & NST_FILTER_PROCESS_KEYS && known->nobody)
		return test->negate ? NST_YES : NST_NO;
	if (!(BIT_ULL(test->key) & known->keys))
		return NST_UNKNOWN;
	return test_holds(filter, test, subject, false) ? NST_YES : NST_NO;
}

/* Whether one of @possible is among @names: all of them, none, or some. */
static enum nst_filter_answer names_answer(u16 possible, u16 names)
{
	if (!(possible & ~names))
		return NST_YES;
	return possible & names ? NST_UNKNOWN : NST_NO;
}

/*
 * Whether the expression holds, as far as that is certain. Ends: there are NST_FILTER_STEPS
 * at most, and all their tests together have NST_FILTER_VALUES values at most.
 */
static enum nst_filter_answer evaluate(const struct nst_filter *filter,
				       const struct subject *subject,
				       const struct knowledge *known)
{
	const struct nst_filter_step *step = filter->step;
	const struct nst_filter_step *end = step + filter->steps;
	struct answers answers = { .yes = 1 };

	for (; step < end; step++) {
		switch (step->op) {
		case NST_OP_TEST:
			push(&answers, test_answer(filter, &step->test, subject, known));
			break;
		case NST_OP_TABLES:
			push(&answers, names_answer(known->tables, step->names));
			break;
		case NST_OP_STATES:
			push(&answers, names_answer(known->states, step->names));
			break;
		case NST_OP_OWNERS:
			push(&answers, names_answer(known->owners, step->names));
			break;
		case NST_OP_AND:
			combine(&answers.yes, &answers.no);
			break;
		default:
			combine(&answers.no, &answers.yes);
			break;
		}
	}
	return answers.yes & 1 ? NST_YES : answers.no & 1 ? NST_NO : NST_UNKNOWN;
}

#define ANY_TABLE (BIT(NST_TABLES) - 1)
#define ANY_STATE (BIT(NST_STATES) - 1)

bool nst_filter_match_netns(const struct nst_filter *filter, u32 netns)
{
	const struct subject subject = { .netns = netns };
	const struct knowledge known = {
		.keys = BIT_ULL(NST_KEY_NETNS),
		.tables = ANY_TABLE,
		.states = ANY_STATE,
		.owners = NST_FILTER_ANY_OWNER,
	};

	return tests_hold(filter, BIT_ULL(NST_KEY_NETNS), &subject) &&
	       evaluate(filter, &subject, &known) != NST_NO;
}

bool nst_filter_match_state(const struct nst_filter *filter, enum nst_table table,
			    unsigned int state)
{
	const struct subject subject = {};
	const struct knowledge known = {
		.tables = BIT(table),
		.states = BIT(nst_shown_state(table, state)),
		.owners = NST_FILTER_ANY_OWNER,
	};

	return filter->states & known.states && evaluate(filter, &subject, &known) != NST_NO;
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
	switch (nst_sock_unowned(sock)) {
	case NST_UNOWNED_QUEUED:
		return NST_FILTER_QUEUED;
	case NST_UNOWNED_ORPHAN:
		return NST_FILTER_ORPHAN;
	case NST_UNOWNED_KERNEL:
		return NST_FILTER_KERNEL;
	case NST_UNOWNED_HIDDEN:
		return NST_FILTER_HIDDEN;
	default:
		return NST_FILTER_NO_OWNER;
	}
}

/* What sockets of NST_UNOWNED_UNKNOWN can be, once their holders have been looked for. */
#define DECIDED_LATER (NST_FILTER_NO_OWNER | NST_FILTER_OWNER | NST_FILTER_HIDDEN)

/* What of owners is possible. */
static u8 fate_bits(const struct nst_sock *sock)
{
	return sock->unowned ? fate_bit(sock) : DECIDED_LATER;
}

static bool match_fate(const struct nst_filter *filter, const struct nst_sock *sock)
{
	return !nst_filter_tells_fates(filter->owners) || filter->owners & fate_bits(sock);
}

/* What is known of a whole record, without its network namespace. */
static struct knowledge whole(const struct nst_sock *sock, enum nst_table table)
{
	return (struct knowledge){
		.keys = NST_FILTER_TUPLE_KEYS | NST_FILTER_DETAIL_KEYS,
		.tables = BIT(table),
		.states = BIT(nst_shown_state(table, sock->state)),
		.owners = fate_bits(sock),
	};
}

/* As evaluate(), within the tests of a record that is just being made. */
static enum nst_filter_answer answer_at(const struct nst_filter *filter,
					const struct subject *subject, enum nst_filter_key stage)
{
	const struct knowledge tuple = {
		.keys = NST_FILTER_TUPLE_KEYS,
		.tables = BIT(subject->table),
		.states = ANY_STATE,
		.owners = NST_FILTER_ANY_OWNER,
	};
	struct knowledge all;

	if (stage == NST_KEY_AT_TUPLE)
		return evaluate(filter, subject, &tuple);
	all = whole(subject->sock, subject->table);
	return evaluate(filter, subject, &all);
}

bool nst_filter_match_details(const struct nst_filter *filter, const struct nst_sock *sock,
			      enum nst_table table)
{
	const struct subject subject = { .sock = sock, .table = table };

	return match_fate(filter, sock) && tests_hold(filter, NST_FILTER_DETAIL_KEYS, &subject);
}

bool nst_filter_match_late(const struct nst_filter *filter, const struct nst_sock *sock,
			   enum nst_table table)
{
	const struct subject subject = { .sock = sock, .table = table };

	return tests_hold(filter, NST_FILTER_LATE_KEYS, &subject);
}

bool nst_filter_match_process(const struct nst_filter *filter, u32 pid, const char *comm)
{
	const struct subject subject = { .pid = pid, .comm = comm };
	const struct knowledge known = {
		.keys = NST_FILTER_PROCESS_KEYS,
		.tables = ANY_TABLE,
		.states = ANY_STATE,
		.owners = NST_FILTER_OWNER,
	};

	return tests_hold(filter, NST_FILTER_PROCESS_KEYS, &subject) &&
	       evaluate(filter, &subject, &known) != NST_NO;
}

enum nst_filter_answer nst_filter_answer(const struct nst_filter *filter,
					 const struct nst_sock *sock, enum nst_table table,
					 u32 netns)
{
	const struct subject subject = { .sock = sock, .table = table, .netns = netns };
	struct knowledge known = whole(sock, table);

	known.keys |= BIT_ULL(NST_KEY_NETNS) | NST_FILTER_LATE_KEYS;
	known.nobody = !sock->last_pid;
	known.owners = sock->last_pid ? NST_FILTER_OWNER : fate_bit(sock);
	return evaluate(filter, &subject, &known);
}

bool nst_filter_match_holder(const struct nst_filter *filter, const struct nst_sock *sock,
			     enum nst_table table, u32 netns, const struct nst_process *process)
{
	const struct subject subject = {
		.sock = sock,
		.table = table,
		.netns = netns,
		.pid = process->pid,
		.comm = process->comm,
	};
	struct knowledge known = whole(sock, table);

	known.keys |= BIT_ULL(NST_KEY_NETNS) | NST_FILTER_LATE_KEYS | NST_FILTER_PROCESS_KEYS;
	known.owners = NST_FILTER_OWNER;
	return tests_hold(filter, NST_FILTER_PROCESS_KEYS, &subject) &&
	       evaluate(filter, &subject, &known) == NST_YES;
}

/* Whether a word asks for something that only a process has. */
static bool asks_for_process(const struct nst_filter *filter)
{
	const struct nst_filter_test *test = filter->test;
	const struct nst_filter_test *end = test + filter->tests;

	for (; test < end; test++)
		if (NST_FILTER_PROCESS_KEYS & BIT_ULL(test->key) && !test->negate)
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

/* Whether those that may have an owner pass either way, or not at all. */
static bool asks_for_owner(u16 owners)
{
	return owners & DECIDED_LATER && (owners & DECIDED_LATER) != DECIDED_LATER;
}

/* What some of owner= need. */
static unsigned int needs_owners(u16 owners)
{
	unsigned int needs = nst_filter_tells_fates(owners) ? NST_NEED_UNOWNED : 0;

	if (asks_for_owner(owners))
		needs |= NST_NEED_OWNER;
	if (!(owners & NST_FILTER_KERNEL) != !(owners & NST_FILTER_HIDDEN))
		needs |= NST_NEED_FILES;
	return needs;
}

static unsigned int needs_key(enum nst_filter_key key)
{
	switch (key) {
	case NST_KEY_PID:
	case NST_KEY_COMM:
		return NST_NEED_OWNER;
	case NST_KEY_UID:
		return NST_NEED_UID;
	case NST_KEY_INODE:
		return NST_NEED_INODE;
	case NST_KEY_RECVQ:
	case NST_KEY_SENDQ:
		return NST_NEED_QUEUES;
	case NST_KEY_NETNS:
		return NST_NEED_NETNS;
	case NST_KEY_TIMER:
	case NST_KEY_RETRANSMITS:
	case NST_KEY_PROBES:
		return NST_NEED_TIMER;
	case NST_KEY_FILL:
		return NST_NEED_DETAIL | NST_NEED_QUEUES;
	case NST_KEY_MARK:
		return NST_NEED_DETAIL | NST_NEED_MARKS;
	case NST_KEY_DEVICE:
		return NST_NEED_DETAIL | NST_NEED_LATE;
	case NST_KEY_LISTENER:
		return NST_NEED_DETAIL | NST_NEED_OWNER | NST_NEED_UNOWNED | NST_NEED_LISTENERS |
		       NST_NEED_LATE;
	default:
		return (NST_FILTER_MORE_KEYS & BIT_ULL(key) ? NST_NEED_DETAIL : 0) |
		       (NST_FILTER_TCP_KEYS & BIT_ULL(key) ? NST_NEED_TCP : 0);
	}
}

/* What the expression needs: the holders one by one if it is not about processes alone. */
static unsigned int needs_steps(const struct nst_filter *filter)
{
	bool process = false, others = false;
	unsigned int needs = 0, i;

	for (i = 0; i < filter->steps; i++) {
		const struct nst_filter_step *step = &filter->step[i];

		switch (step->op) {
		case NST_OP_TEST:
			needs |= needs_key(step->test.key);
			if (BIT_ULL(step->test.key) & NST_FILTER_PROCESS_KEYS)
				process = true;
			else
				others = true;
			break;
		case NST_OP_OWNERS:
			needs |= needs_owners(step->names);
			break;
		case NST_OP_TABLES:
		case NST_OP_STATES:
			others = true;
			break;
		default:
			break;
		}
	}
	return needs | (process && others ? NST_NEED_HOLDERS : 0);
}

/* Whether some processes do not pass, whatever they hold. */
static bool has_process_keys(const struct nst_filter *filter)
{
	unsigned int i;

	for (i = 0; i < filter->tests; i++)
		if (NST_FILTER_PROCESS_KEYS & BIT_ULL(filter->test[i].key))
			return true;
	for (i = 0; i < filter->steps; i++)
		if (filter->step[i].op == NST_OP_TEST &&
		    NST_FILTER_PROCESS_KEYS & BIT_ULL(filter->step[i].test.key))
			return true;
	return false;
}

unsigned int nst_filter_needs_match(const struct nst_filter *filter)
{
	unsigned int needs = needs_owners(filter->owners) | needs_steps(filter);
	unsigned int i;

	for (i = 0; i < filter->tests; i++)
		needs |= needs_key(filter->test[i].key);
	/* Who listens has a name also if that one does not pass. */
	if ((needs | nst_filter_needs_show(filter)) & NST_NEED_LISTENERS &&
	    has_process_keys(filter))
		needs |= NST_NEED_PROCESSES | NST_NEED_HOLDERS;
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
	if (filter->show & NST_SHOW_TCP)
		needs |= NST_NEED_DETAIL | NST_NEED_TCP;
	if (filter->show & NST_SHOW_MEM)
		needs |= NST_NEED_DETAIL | NST_NEED_MEM;
	if (filter->show & NST_SHOW_DETAIL) {
		needs |= NST_NEED_DETAIL | NST_NEED_OWNER | NST_NEED_HOLDERS | NST_NEED_UNOWNED |
			 NST_NEED_FILES;
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
