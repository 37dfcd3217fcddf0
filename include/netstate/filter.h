/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Filters: which sockets a reader wants to see, and which columns.
 */
#ifndef NETSTATE_FILTER_H
#define NETSTATE_FILTER_H

#include <netstate/format.h>
#include <netstate/group.h>
#include <netstate/sock.h>

/**
 * DOC: The language of filters
 *
 * A filter is a line of words, separated by white space, that must all hold, or several
 * lines, each of which must::
 *
 *	filter   = { line newline }
 *	line     = term { "or" term }
 *	term     = factor { [ "and" ] factor }
 *	factor   = { "not" } ( word | "(" line ")" )
 *	word     = key operator value { "," value }
 *	operator = "=" | "!=" | "<" | "<=" | ">" | ">="
 *
 * Of the values in a list, one must hold; with "!=" none may. A filter without
 * words lets everything through.
 *
 * ======================  =====================================================
 * key                     values
 * ======================  =====================================================
 * proto                   tcp udp raw udpl (either family), tcp4 tcp6 udp4 ...
 * family                  inet inet6 (also: ipv4 ipv6, 4 6)
 * state                   the words of line 1 of the table: established listen
 *                         ... and dgram, for rows without a TCP state; bound
 * lport rport port        number, or range a-b; port: either end
 * laddr raddr addr        address or address/prefix; addr: either end
 * pid uid inode           number, or range
 * recvq sendq             number of bytes, or range
 * idle rtt                seconds; milliseconds: as show=more has them, 0.5; or range
 * retrans drops           number, or range
 * bytes_in bytes_out
 * backlog fill            of a listener: how many may wait; how many do, in percent
 * timer                   off on keepalive timewait probe
 * retransmits probes      number, or range: as the timer has them
 * cwnd mss rto unacked    number, or range: as show=tcp has them; rto: milliseconds
 * lost notsent
 * dir                     in out
 * cookie mark cgroup      number, or range
 * netns                   number, as readlink /proc/PID/ns/net has it, or range; all
 * comm device listener    shell pattern: * ? [a-z] [!a-z] \\c, and \\040 as in
 *                         the table
 * owner                   none any queued orphan kernel hidden
 * show                    columns: user program timer more tcp mem, or none
 * group                   process program lport rport raddr raddr/prefix uid
 *                         netns cgroup state: one or two of them
 * top                     number
 * ======================  =====================================================
 *
 * - "<" and its like take numbers, and one value.
 * - "not" binds tightest, then "and", then "or". They may be in upper case, or be written
 *   "!", "&" or "&&", "|" or "||". A line goes on in the next one within parentheses, and
 *   after one of these words.
 * - A parenthesis may touch words. "(" after an operator is part of the value, up to the ")"
 *   that belongs to it: "comm=(sd-pam)". One that belongs to none is written "\\(", "\\)".
 * - "show", "group" and "top" are not about which sockets: they stand beside the others,
 *   not within parentheses, nor after "and", "or" or "not".
 * - The names of protocols, states and so on may be in upper case, and have "-"
 *   or "_" or neither between their parts: FIN_WAIT1, fin-wait-1, finwait1.
 * - Everything means what the row shows: a request in a SYN queue is syn_recv
 *   with inode 0, a connected UDP socket is established, the port of a raw socket
 *   is its protocol.
 * - "pid" and "comm" are about the processes that hold a socket: with one and the same of
 *   them, all of the filter must hold. The row then names the lowest one with which it
 *   does, and counts the further ones.
 * - An IPv4 address also matches a v4-mapped address of an IPv6 socket. An IPv6
 *   address, such as ::/0, never matches an IPv4 socket.
 * - A socket that nobody holds has no pid and no comm: "=" never holds for them,
 *   "!=" always does.
 * - What ss calls sport, dport, src and dst are lport, rport, laddr and raddr. As there,
 *   operators may have spaces around them ("sport = :443", "dport ge 1024"), a port a ":"
 *   before it, and "dst 10.0.0.0/8", "src" and "state listening" need no operator. The
 *   states "connected", "synchronized", "bucket", "big" and "all" are several.
 * - What is not known of a socket, and so not among its words of show=more and tcp: "=", "<" and
 *   their like never hold for it, "!=" always does.
 * - "listener" is about who listens for a connection of "owner=queued", as show=more names
 *   it, by its name alone or with its pid: "nginx", "812/nginx".
 * - "mark" is for those who may see marks: others' filters with it are refused.
 * - Without "netns" there are the sockets of one network namespace, that in which
 *   the file was opened. With it, those of all that the opener may enter and whose
 *   number passes, and the rows have one more column: the number of theirs.
 * - Raw and UDP-Lite sockets are shown only when a "proto=" asks for them, anywhere in the
 *   filter where it is not negated.
 * - Sockets that are in none of the kernel's tables are shown only when a "state="
 *   asks for them, and as far as the reader may see who holds them: "close" (or
 *   closed) are those that have no port, never or no more, of any protocol; "bound"
 *   are TCP sockets that have one but neither listen nor are connected. "state!=" does
 *   not ask for them, nor does "not state=". Line 1 and groups then count "bound", too,
 *   behind all else.
 * - "owner=queued" are connections that nobody has accepted yet, "owner=orphan" those
 *   that their process has closed and the kernel brings to their end, in FIN_WAIT1,
 *   FIN_WAIT2, CLOSING or LAST_ACK. "owner=kernel" are those that the kernel has made for
 *   itself: no file leads to them. To those of "owner=hidden" a file leads, but none of a
 *   process that the reader may see. "none" has all of these, and requests and TIME_WAIT.
 * - "uid" is not known of TIME_WAIT: the kernel keeps no user of it.
 * - Without "show=" the columns are those of "show=program".
 * - "group" makes one line of all sockets that have that in common, with a column
 *   for each state, the sum, and the bytes in the queues; the largest first, "top"
 *   of them. There is no "show=" then. A socket counts for each process that holds
 *   it, and once for each program. "raddr/24" takes 24 bits of an address, IPv4 or
 *   IPv6; a v4-mapped one is an IPv4 address.
 *
 * For example: "state=close_wait,last_ack pid=812 rport!=443,8000-8999".
 */

#define NST_FILTER_MAX		4096	/* longest text */
#define NST_FILTER_VALUES	64	/* most values, all lists together */
#define NST_FILTER_PATTERNS	256	/* longest patterns, all together */
#define NST_FILTER_STEPS	128	/* most words and operators that "or" and "()" need */
#define NST_FILTER_DEPTH	16	/* most parentheses in each other */

/* Bits of struct nst_filter's @states and @owners. */
#define NST_FILTER_DGRAM	0x1	/* rows without a TCP state */
#define NST_FILTER_UNHASHED	(BIT(NST_CLOSE) | BIT(NST_BOUND))	/* in none of the tables */
#define NST_FILTER_NO_OWNER	0x1	/* rows without an owner, but for: */
#define NST_FILTER_OWNER	0x2	/* rows with one */
#define NST_FILTER_QUEUED	0x4	/* rows of NST_UNOWNED_QUEUED */
#define NST_FILTER_ORPHAN	0x8	/* rows of NST_UNOWNED_ORPHAN */
#define NST_FILTER_KERNEL	0x10	/* rows of NST_UNOWNED_KERNEL */
#define NST_FILTER_HIDDEN	0x20	/* rows of NST_UNOWNED_HIDDEN */
#define NST_FILTER_ANY_OWNER	0x3f

/**
 * enum nst_filter_key - what a word is about
 */
enum nst_filter_key {
	NST_KEY_NONE,
	/* No words: the expression, as far as it can be decided by the tuple, by the socket. */
	NST_KEY_AT_TUPLE,
	NST_KEY_AT_DETAILS,
	/* Words that are tests. These and those before have bits in masks. */
	NST_KEY_LPORT,
	NST_KEY_RPORT,
	NST_KEY_PORT,
	NST_KEY_LADDR,
	NST_KEY_RADDR,
	NST_KEY_ADDR,
	NST_KEY_PID,
	NST_KEY_UID,
	NST_KEY_INODE,
	NST_KEY_RECVQ,
	NST_KEY_SENDQ,
	NST_KEY_NETNS,
	NST_KEY_COMM,
	NST_KEY_TIMER,
	NST_KEY_RETRANSMITS,
	NST_KEY_PROBES,
	NST_KEY_DIR,
	NST_KEY_IDLE,
	NST_KEY_RTT,
	NST_KEY_RETRANS,
	NST_KEY_BYTES_IN,
	NST_KEY_BYTES_OUT,
	NST_KEY_BACKLOG,
	NST_KEY_FILL,
	NST_KEY_DROPS,
	NST_KEY_COOKIE,
	NST_KEY_MARK,
	NST_KEY_CGROUP,
	NST_KEY_CWND,
	NST_KEY_MSS,
	NST_KEY_RTO,
	NST_KEY_UNACKED,
	NST_KEY_LOST,
	NST_KEY_NOTSENT,
	NST_KEY_DEVICE,
	NST_KEY_LISTENER,
	/* Words that are none. */
	NST_KEY_PROTO,
	NST_KEY_FAMILY,
	NST_KEY_STATE,
	NST_KEY_OWNER,
	NST_KEY_SHOW,
	NST_KEY_GROUP,
	NST_KEY_TOP,
	NST_KEYS
};

#define NST_KEY_FIRST NST_KEY_LPORT	/* what comes before has no name */

/* Keys by what has to be known before they can be tested: masks of 64 bits. */
#define NST_FILTER_TUPLE_KEYS \
	(BIT_ULL(NST_KEY_LPORT) | BIT_ULL(NST_KEY_RPORT) | BIT_ULL(NST_KEY_PORT) | \
	 BIT_ULL(NST_KEY_LADDR) | BIT_ULL(NST_KEY_RADDR) | BIT_ULL(NST_KEY_ADDR) | \
	 BIT_ULL(NST_KEY_AT_TUPLE))
/* Words of show=tcp: a record may lack them. */
#define NST_FILTER_TCP_KEYS \
	(BIT_ULL(NST_KEY_CWND) | BIT_ULL(NST_KEY_MSS) | BIT_ULL(NST_KEY_RTO) | \
	 BIT_ULL(NST_KEY_UNACKED) | BIT_ULL(NST_KEY_LOST) | BIT_ULL(NST_KEY_NOTSENT))
/* These, and words of show=more. */
#define NST_FILTER_MORE_KEYS \
	(BIT_ULL(NST_KEY_DIR) | BIT_ULL(NST_KEY_IDLE) | BIT_ULL(NST_KEY_RTT) | \
	 BIT_ULL(NST_KEY_RETRANS) | BIT_ULL(NST_KEY_BYTES_IN) | BIT_ULL(NST_KEY_BYTES_OUT) | \
	 BIT_ULL(NST_KEY_BACKLOG) | BIT_ULL(NST_KEY_FILL) | BIT_ULL(NST_KEY_DROPS) | \
	 BIT_ULL(NST_KEY_COOKIE) | BIT_ULL(NST_KEY_MARK) | BIT_ULL(NST_KEY_CGROUP) | \
	 NST_FILTER_TCP_KEYS)
#define NST_FILTER_DETAIL_KEYS \
	(BIT_ULL(NST_KEY_UID) | BIT_ULL(NST_KEY_INODE) | BIT_ULL(NST_KEY_RECVQ) | \
	 BIT_ULL(NST_KEY_SENDQ) | BIT_ULL(NST_KEY_AT_DETAILS) | BIT_ULL(NST_KEY_TIMER) | \
	 BIT_ULL(NST_KEY_RETRANSMITS) | BIT_ULL(NST_KEY_PROBES) | NST_FILTER_MORE_KEYS)
/* Words of show=more that nobody knows before all sockets have been copied. */
#define NST_FILTER_LATE_KEYS (BIT_ULL(NST_KEY_DEVICE) | BIT_ULL(NST_KEY_LISTENER))
#define NST_FILTER_PROCESS_KEYS (BIT_ULL(NST_KEY_PID) | BIT_ULL(NST_KEY_COMM))

static_assert(NST_KEY_PROTO <= 64, "each key that is a test has a bit in a u64");

/**
 * enum nst_filter_reason - why a text is no filter
 * @NST_FILTER_OK: it is one
 * @NST_FILTER_TEXT_TOO_LONG: more than NST_FILTER_MAX bytes
 * @NST_FILTER_NO_OPERATOR: a word that is no key, operator, value
 * @NST_FILTER_BAD_KEY: there is no such key
 * @NST_FILTER_BAD_OPERATOR: there is no such operator, or not for this key
 * @NST_FILTER_NO_VALUE: nothing after the operator or between commas
 * @NST_FILTER_ONE_VALUE: "<" and its like with a list or a range
 * @NST_FILTER_BAD_NAME: not one of the key's names
 * @NST_FILTER_BAD_NUMBER: not a number
 * @NST_FILTER_TOO_LARGE: a number that this key never reaches
 * @NST_FILTER_TOO_SMALL: "<0", which nothing is
 * @NST_FILTER_BACKWARDS: a range whose end comes before its start
 * @NST_FILTER_BAD_ADDRESS: not an IPv4 or IPv6 address
 * @NST_FILTER_BAD_PREFIX: not a prefix length of the address' family
 * @NST_FILTER_BAD_PATTERN: "[" without "]", a backward range in it, or "\" at the
 *	end
 * @NST_FILTER_TOO_MANY: more than NST_FILTER_VALUES values
 * @NST_FILTER_TOO_MUCH_PATTERN: more than NST_FILTER_PATTERNS bytes of patterns
 * @NST_FILTER_NOTHING: proto, family, state and owner contradict each other
 * @NST_FILTER_TOO_MANY_GROUPS: more than two things to group by
 * @NST_FILTER_GROUP_SHOWS: "show=" beside "group="
 * @NST_FILTER_TOP_OF_WHAT: "top=" without "group="
 * @NST_FILTER_NO_OPERAND: nothing before or after "and" or "or", after "not", or in "()"
 * @NST_FILTER_NOT_OPENED: ")" without "("
 * @NST_FILTER_NOT_CLOSED: "(" without ")"
 * @NST_FILTER_TOO_DEEP: more than NST_FILTER_DEPTH parentheses in each other
 * @NST_FILTER_TOO_MANY_STEPS: more than NST_FILTER_STEPS words and operators in what has
 *	"or" or parentheses
 * @NST_FILTER_SHOWN_INSIDE: "show", "group" or "top" within parentheses, or after "and",
 *	"or" or "not"
 */
enum nst_filter_reason {
	NST_FILTER_OK,
	NST_FILTER_TEXT_TOO_LONG,
	NST_FILTER_NO_OPERATOR,
	NST_FILTER_BAD_KEY,
	NST_FILTER_BAD_OPERATOR,
	NST_FILTER_NO_VALUE,
	NST_FILTER_ONE_VALUE,
	NST_FILTER_BAD_NAME,
	NST_FILTER_BAD_NUMBER,
	NST_FILTER_TOO_LARGE,
	NST_FILTER_TOO_SMALL,
	NST_FILTER_BACKWARDS,
	NST_FILTER_BAD_ADDRESS,
	NST_FILTER_BAD_PREFIX,
	NST_FILTER_BAD_PATTERN,
	NST_FILTER_TOO_MANY,
	NST_FILTER_TOO_MUCH_PATTERN,
	NST_FILTER_NOTHING,
	NST_FILTER_TOO_MANY_GROUPS,
	NST_FILTER_GROUP_SHOWS,
	NST_FILTER_TOP_OF_WHAT,
	NST_FILTER_NO_OPERAND,
	NST_FILTER_NOT_OPENED,
	NST_FILTER_NOT_CLOSED,
	NST_FILTER_TOO_DEEP,
	NST_FILTER_TOO_MANY_STEPS,
	NST_FILTER_SHOWN_INSIDE,
	NST_FILTER_REASONS
};

/**
 * struct nst_filter_error - what is wrong with a text
 * @reason: why it is no filter
 * @key: what the bad word is about, NST_KEY_NONE if that is what is wrong
 * @offset: where the bad part of the word begins
 * @len: its length; 0 where something is missing
 */
struct nst_filter_error {
	enum nst_filter_reason reason;
	enum nst_filter_key key;
	u32 offset;
	u32 len;
};

/**
 * struct nst_filter_value - one value of a list
 * @min: numbers: the least that matches
 * @max: numbers: the largest that matches
 * @addr: addresses: an IPv6 address, v4-mapped for IPv4
 * @prefix: addresses: how many of its bits count
 * @ipv4: addresses: was written as IPv4
 * @start: patterns: offset in struct nst_filter's @patterns
 * @len: patterns: length
 */
struct nst_filter_value {
	union {
		struct {
			u64 min;
			u64 max;
		};
		struct {
			u8 addr[16];
			u8 prefix;
			bool ipv4;
		};
		struct {
			u16 start;
			u16 len;
		};
	};
};

/**
 * struct nst_filter_test - a word with a list of values
 * @key: enum nst_filter_key
 * @negate: none of the values may hold
 * @first: index of its first value
 * @values: how many values it has
 */
struct nst_filter_test {
	u8 key;
	bool negate;
	u8 first;
	u8 values;
};

/**
 * enum nst_filter_op - what a step of an expression does
 * @NST_OP_TEST: finds out whether a test holds
 * @NST_OP_TABLES: whether the table is one of some
 * @NST_OP_STATES: whether the state is one of some
 * @NST_OP_OWNERS: whether the owner, or why there is none, is one of some
 * @NST_OP_AND: whether the last two both hold, in place of them
 * @NST_OP_OR: whether one of the last two holds, in place of them
 */
enum nst_filter_op {
	NST_OP_TEST,
	NST_OP_TABLES,
	NST_OP_STATES,
	NST_OP_OWNERS,
	NST_OP_AND,
	NST_OP_OR,
};

/**
 * struct nst_filter_step - a step of an expression; each operator follows its operands
 * @op: enum nst_filter_op
 * @names: which tables, states or owners, bits as in struct nst_filter
 * @test: which test
 */
struct nst_filter_step {
	u16 op;
	u16 names;
	struct nst_filter_test test;
};

/**
 * struct nst_filter - a filter, ready to match; plain data, may be copied
 * @tables: the tables that can match, bits by enum nst_table
 * @states: the states that can match, bits as nst_shown_state() numbers them:
 *	NST_FILTER_DGRAM, BIT(NST_LISTEN) ...
 * @owners: those that can match, NST_FILTER_NO_OWNER, NST_FILTER_OWNER ...
 * @unhashed: whether those of NST_FILTER_UNHASHED are asked for; else they match if
 *	they are there, but need not be looked for
 * @show: columns, NST_SHOW_*
 * @group: how to group them
 * @tests: how many of @test are used
 * @test: what else must hold
 * @steps: how many of @step are used; 0 without "or" and parentheses
 * @step: an expression that must hold, too. "not" is in its tests and names, and has
 *	made "and" of "or": there is no step for it
 * @value: the values of the tests
 * @patterns: the patterns that values refer to
 */
struct nst_filter {
	u16 tables;
	u16 states;
	u8 owners;
	bool unhashed;
	u8 show;
	u8 tests;
	u8 steps;
	struct nst_grouping group;
	struct nst_filter_test test[NST_FILTER_VALUES + 2];	/* NST_KEY_AT_... */
	struct nst_filter_step step[NST_FILTER_STEPS];
	struct nst_filter_value value[NST_FILTER_VALUES];
	char patterns[NST_FILTER_PATTERNS];
};

/**
 * nst_filter_clear() - make a filter that lets everything through
 * @filter: the filter
 *
 * Everything is what netstat -tuanp shows.
 */
void nst_filter_clear(struct nst_filter *filter);

/**
 * nst_filter_parse() - read a filter
 * @filter: where to; untouched if the text is no filter
 * @text: the text; need not be terminated, a zero byte is white space
 * @len: its length
 * @error: where to say what is wrong; always written
 *
 * Return: whether the text is a filter.
 */
bool nst_filter_parse(struct nst_filter *filter, const char *text, size_t len,
		      struct nst_filter_error *error);

/*
 * A socket is shown if all of these say so, in the order in which things become
 * known of it: what can be decided early saves the rest. Of an expression, what is not
 * known yet is neither true nor false; the earlier ones say no if it must come out false
 * whatever that will be.
 */

/**
 * nst_filter_match_netns() - whether a network namespace passes
 * @filter: the filter
 * @netns: the inode of the namespace
 *
 * Only asked with NST_NEED_NETNS; without, the reader's own passes and no other.
 *
 * Return: false if its sockets need not be looked at.
 */
bool nst_filter_match_netns(const struct nst_filter *filter, u32 netns);

/**
 * nst_filter_match_state() - whether a state passes
 * @filter: the filter
 * @table: the table of the socket, which @tables has
 * @state: its state
 *
 * Return: false if the socket need not be looked at.
 */
bool nst_filter_match_state(const struct nst_filter *filter, enum nst_table table,
			    unsigned int state);

/**
 * nst_filter_match_tuple() - whether the ports and addresses of a socket pass
 * @filter: the filter
 * @sock: the socket; only lport, rport and addr are read
 * @table: its table
 *
 * Return: false if no more need be known of the socket.
 */
bool nst_filter_match_tuple(const struct nst_filter *filter, const struct nst_sock *sock,
			    enum nst_table table);

/**
 * nst_filter_match_details() - whether the rest of a socket passes
 * @filter: the filter
 * @sock: the socket; uid, inode, queues, unowned, timer and the struct nst_detail behind it
 *	are read if nst_filter_needs_match() says so
 * @table: its table
 *
 * Return: false if it need not be kept.
 */
bool nst_filter_match_details(const struct nst_filter *filter, const struct nst_sock *sock,
			      enum nst_table table);

/**
 * nst_filter_match_late() - whether what is known of a socket after the walk passes
 * @filter: the filter
 * @sock: the socket, its unowned and the struct nst_detail behind it are read if
 *	nst_filter_needs_match() has NST_NEED_LATE
 * @table: its table
 *
 * Return: false if it is not to be shown.
 */
bool nst_filter_match_late(const struct nst_filter *filter, const struct nst_sock *sock,
			   enum nst_table table);

/**
 * nst_filter_match_process() - whether a process passes
 * @filter: the filter
 * @pid: its id, in the reader's pid namespace
 * @comm: its name, terminated
 *
 * Return: false if it is not to be named as an owner.
 */
bool nst_filter_match_process(const struct nst_filter *filter, u32 pid, const char *comm);

/**
 * nst_filter_match_owner() - whether the owner of a socket passes
 * @filter: the filter
 * @sock: the socket, after attribution: owner is a process that passed, and
 *	last_pid not 0 if any process holds it; and its unowned
 *
 * Return: false if it is not to be shown.
 */
bool nst_filter_match_owner(const struct nst_filter *filter, const struct nst_sock *sock);

/**
 * enum nst_filter_answer - whether something holds
 */
enum nst_filter_answer {
	NST_NO,
	NST_YES,
	NST_UNKNOWN,
};

/**
 * nst_filter_answer() - whether the expression holds of a socket, whoever holds that
 * @filter: the filter, with @steps
 * @sock: the socket, after attribution: last_pid not 0 if any process holds it
 * @table: its table
 * @netns: the inode of its network namespace
 *
 * Return: NST_UNKNOWN if it depends on the process; never for one that nobody holds.
 */
enum nst_filter_answer nst_filter_answer(const struct nst_filter *filter,
					 const struct nst_sock *sock, enum nst_table table,
					 u32 netns);

/**
 * nst_filter_match_holder() - whether the filter holds of a socket and a process
 * @filter: the filter
 * @sock: the socket
 * @table: its table
 * @netns: the inode of its network namespace
 * @process: one of those that hold it
 *
 * Return: false if it is not to be named as an owner of this socket.
 */
bool nst_filter_match_holder(const struct nst_filter *filter, const struct nst_sock *sock,
			     enum nst_table table, u32 netns, const struct nst_process *process);

/**
 * nst_filter_tells_fates() - whether some of owner= tell apart why nobody holds a socket
 * @owners: NST_FILTER_NO_OWNER and so on
 *
 * Return: false if all of these are there, or none.
 */
static inline bool nst_filter_tells_fates(unsigned int owners)
{
	const unsigned int nobodys = NST_FILTER_ANY_OWNER & ~NST_FILTER_OWNER;

	return owners & nobodys && (owners & nobodys) != nobodys;
}

/* What a record must hold before a filter can be applied, or shown after that. */
#define NST_NEED_OWNER		0x1
#define NST_NEED_UID		0x2
#define NST_NEED_INODE		0x4
#define NST_NEED_TIMER		0x8
#define NST_NEED_QUEUES		0x10
#define NST_NEED_DETAIL		0x20
#define NST_NEED_HOLDERS	0x40	/* all of them */
#define NST_NEED_UNOWNED	0x80
#define NST_NEED_LISTENERS	0x100	/* who listens for what nobody holds */
#define NST_NEED_NETNS		0x200	/* of several */
#define NST_NEED_MARKS		0x400	/* and the right to see them */
#define NST_NEED_LATE		0x800	/* nst_filter_match_late() has to be asked */
#define NST_NEED_FILES		0x1000	/* whether a file leads to what nobody holds */
#define NST_NEED_TCP		0x2000	/* struct nst_tcp_info; comes with NST_NEED_DETAIL */
#define NST_NEED_MEM		0x4000	/* struct nst_mem_info; likewise */
#define NST_NEED_PROCESSES	0x8000	/* all that hold something, and then which of them pass */

/**
 * nst_filter_needs_match() - what must be known to decide
 * @filter: the filter
 *
 * Return: NST_NEED_*; without NST_NEED_OWNER all sockets that have passed the rest pass
 * nst_filter_match_owner(). With NST_NEED_HOLDERS it depends on the process whether the
 * expression holds of a socket; with NST_NEED_PROCESSES, whether the filter does.
 */
unsigned int nst_filter_needs_match(const struct nst_filter *filter);

/**
 * nst_filter_needs_show() - what must be known to show what has passed
 * @filter: the filter
 *
 * Return: NST_NEED_*
 */
unsigned int nst_filter_needs_show(const struct nst_filter *filter);

/**
 * nst_filter_pids() - which processes can match
 * @filter: the filter
 * @first: the lowest pid that can, in the reader's pid namespace
 * @last: the highest; below @first if none can
 */
void nst_filter_pids(const struct nst_filter *filter, u32 *first, u32 *last);

#endif /* NETSTATE_FILTER_H */
