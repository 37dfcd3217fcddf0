// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of a table of sockets, or of groups of them, taken apart. It may come from
 * anywhere (NETSTATE_FILE), so a line is read to its end or not at all.
 */
#include <netstate/addr.h>
#include <netstate/filter_value.h>

#include "netstat/plain.h"
#include "table.h"

#define CUT	23	/* length of an address and port that netstat has cut */
#define CLEARED	offsetof(struct nst_row, program)	/* what is before it is always written */

/* Takes a number of 32 bits off a line. */
static bool take_number(struct nst_word *rest, u32 *number)
{
	u64 value;
	bool is_number = nst_word_number(nst_word_next(rest), U32_MAX, &value);

	*number = value;
	return is_number;
}

static bool parse_table(struct nst_row *row, struct nst_word *rest)
{
	static const char names[][5] = { "tcp", "udp", "raw", "udpl" };	/* as enum nst_table */
	struct nst_word name = nst_word_next(rest);
	bool ipv6 = name.len && name.start[name.len - 1] == '6';
	size_t i = 0;

	row->proto = name;
	name.len -= ipv6;
	while (i < ARRAY_SIZE(names) && !nst_word_is(name, names[i]))
		i++;
	row->table = 2 * i + ipv6;
	return i < ARRAY_SIZE(names);
}

static bool parse_endpoint(struct nst_endpoint *end, struct nst_word text, bool ipv6, u8 *addr,
			   u16 *port)
{
	u64 number = 0;
	u8 addr4[4];

	end->text = text;
	if (!nst_word_split_last(end->text, ':', &end->host, &end->port) ||
	    (!nst_word_is(end->port, "*") && !nst_word_number(end->port, 0xffff, &number)))
		return false;
	*port = number;
	if (!ipv6)
		return nst_addr4_parse(end->host.start, end->host.len, addr);
	if (!nst_addr4_parse(end->host.start, end->host.len, addr4))
		return nst_addr6_parse(end->host.start, end->host.len, addr);
	nst_addr6_map_v4(addr, addr4);
	return true;
}

static const char *parse_endpoints(struct nst_row *row, struct nst_word *rest)
{
	struct nst_word local = nst_word_next(rest), remote = nst_word_next(rest), host, port;
	bool ipv6;

	/* BusyBox writes "tcp" before IPv6 addresses, too. */
	if (row->show & NST_SHOW_PLAIN && nst_word_split_last(local, ':', &host, &port) &&
	    memchr(host.start, ':', host.len))
		row->table |= 1;
	ipv6 = nst_table_is_ipv6(row->table);
	if (row->show & NST_SHOW_PLAIN && ipv6 && (local.len == CUT || remote.len == CUT))
		return "an IPv6 address may be cut: netstat -W prints all of it";
	if (!parse_endpoint(&row->local, local, ipv6, row->sock.addr, &row->sock.lport) ||
	    !parse_endpoint(&row->remote, remote, ipv6, row->sock.addr + (ipv6 ? 16 : 4),
			    &row->sock.rport))
		return "there is no address and port, in numbers as with -n";
	return NULL;
}

/* Finds the state of a name; NST_STATES stands for UNKNOWN. */
static bool is_state(struct nst_word word, u8 *state)
{
	for (*state = NST_ESTABLISHED; *state <= NST_STATES; ++*state)
		if ((*state <= NST_CLOSING || *state == NST_BOUND || *state == NST_STATES) &&
		    nst_word_is(word, nst_state_name(*state)))
			return true;
	return false;
}

static bool parse_state(struct nst_row *row, struct nst_word *rest)
{
	struct nst_word before = *rest;
	u8 *state = &row->sock.state;
	u64 number;

	row->state = nst_word_next(rest);
	if (BIT(row->table) & NST_TABLES_TCP)
		return is_state(row->state, state);
	*state = NST_UNHASHED;
	if (nst_word_is(row->state, nst_state_name(NST_UNHASHED)))
		return true;
	if (BIT(row->table) & NST_TABLES_RAW) {
		if (!nst_word_number(row->state, 0xff, &number))
			return false;
		*state = number;
		return true;
	}
	if (is_state(row->state, state))
		return *state == NST_ESTABLISHED || *state == NST_STATES;
	/* Of UDP, only connected sockets have a word there. */
	*rest = before;
	row->state.len = 0;
	*state = NST_CLOSE;
	return true;
}

/* "-", or "812/name", or "812/name+3". */
static bool parse_program(struct nst_row *row, struct nst_word *rest)
{
	bool plain = row->show & NST_SHOW_PLAIN;
	struct nst_word pid, name, others;
	u64 number;

	row->program = plain ? nst_plain_program(rest, row->show & NST_SHOW_TIMER) :
			       nst_word_next(rest);
	if (nst_word_is(row->program, "-"))
		return true;
	if (!nst_word_split(row->program, '/', &pid, &row->name) ||
	    !nst_word_number(pid, U32_MAX, &number) || !number)
		return false;
	row->owner.pid = number;
	if (!plain && nst_word_split_last(row->name, '+', &name, &others) &&
	    nst_word_number(others, U32_MAX, &number)) {
		row->name = name;
		row->sock.others = number;
	}
	nst_word_unescape(row->name, row->owner.comm, sizeof(row->owner.comm));
	row->sock.owner = &row->owner;
	row->sock.last_pid = row->owner.pid;
	return true;
}

/* "on (0.20/0/0)": seconds, retransmits, probes. */
static bool parse_timer(struct nst_row *row, struct nst_word *rest)
{
	static const char before[] = "(.//", digits[] = { 7, 2, 3, 3 };	/* at most */
	struct nst_word name = nst_word_next(rest), numbers = nst_word_next(rest);
	const char *p = numbers.start, *end = p + numbers.len, *start;
	const struct nst_filter_name *found;
	u32 number[ARRAY_SIZE(digits)] = {};
	size_t i;

	row->timer = (struct nst_word){ name.start, end - name.start };
	for (i = 0; i < ARRAY_SIZE(digits); i++) {
		if (p == end || *p++ != before[i])
			return false;
		for (start = p; p < end && p - start < digits[i] && *p >= '0' && *p <= '9'; p++)
			number[i] = 10 * number[i] + *p - '0';
		if (p == start)
			return false;
	}
	found = nst_filter_name_find(nst_filter_keys[NST_KEY_TIMER].names, name.start, name.len);
	row->sock.timer = found ? found->bits : NST_TIMER_OFF;
	row->sock.timer_left = number[0] * 100 + number[1];
	row->sock.retransmits = number[2];
	row->sock.probes = number[3];
	return p < end && *p == ')';
}

/* Where the key at the start of a text ends. */
static const char *key_end(const char *p, const char *end)
{
	static const bool of_keys[256] = {
		['0' ... '9'] = true, ['a' ... 'z'] = true, ['_'] = true,
	};

	while (p < end && of_keys[(unsigned char)*p])
		p++;
	return p;
}

bool nst_word_is_key(struct nst_word word)
{
	return word.len && key_end(word.start, word.start + word.len) == word.start + word.len;
}

/* Notes what a word says, for the filter; what is not as the module writes it is not known. */
static void note_detail(struct nst_row *row, struct nst_word key, struct nst_word value)
{
#define WORD(c, key, field, what) \
	{ c, NST_KEY_##key, offsetof(struct nst_detail, field), NST_KNOWS_##what }
#define INFO(c, key, field) \
	{ c, NST_KEY_##key, sizeof(struct nst_detail) + offsetof(struct nst_info, field), NST_KNOWS_TCP }
	static const struct {
		char first;	/* character of the key's name */
		enum nst_filter_key key;
		u16 offset, known;
	} words[] = {
		WORD('i', IDLE, idle, IDLE), WORD('r', RTT, rtt, TRAFFIC),
		WORD('r', RETRANS, retransmits, TRAFFIC), WORD('b', BYTES_IN, bytes_in, TRAFFIC),
		WORD('b', BYTES_OUT, bytes_out, TRAFFIC), WORD('b', BACKLOG, backlog, BACKLOG),
		WORD('d', DROPS, drops, DROPS), WORD('c', COOKIE, cookie, COOKIE),
		WORD('m', MARK, mark, MARK), WORD('c', CGROUP, cgroup, CGROUP),
		INFO('c', CWND, tcp.cwnd), INFO('m', MSS, tcp.mss), INFO('r', RTO, tcp.rto),
		INFO('u', UNACKED, tcp.unacked), INFO('l', LOST, tcp.lost),
		INFO('n', NOTSENT, tcp.notsent),
	};
	struct nst_detail *detail = nst_sock_detail(&row->sock, row->table);
	const struct nst_filter_key_info *info = &nst_filter_keys[NST_KEY_DIR];
	const struct nst_filter_name *name;
	struct nst_filter_value number;
	struct nst_word waiting;
	size_t i = 0;

	if (nst_word_is(key, info->name)) {
		name = nst_filter_name_find(info->names, value.start, value.len);
		detail->dir = name ? name->bits : NST_DIR_UNKNOWN;
		detail->known |= NST_KNOWS_DIR;
	}
	if (nst_word_is(key, "device")) {
		nst_word_unescape(value, detail->device, sizeof(detail->device));
		detail->known |= NST_KNOWS_DEVICE;
	}
	if (nst_word_is(key, "listener") && nst_row_next_owner(&value, &row->listener))
		detail->listener = &row->listener;
	while (i < ARRAY_SIZE(words) && (words[i].first != *key.start ||
					 !nst_word_is(key, nst_filter_keys[words[i].key].name)))
		i++;
	/* "backlog" has two numbers, of which the first is Recv-Q. */
	if (i == ARRAY_SIZE(words) || (words[i].key == NST_KEY_BACKLOG &&
				       !nst_word_split(value, '/', &waiting, &value)))
		return;
	info = &nst_filter_keys[words[i].key];
	if (nst_filter_parse_numbers(&number, NST_AT_MOST, info->max, info->unit, value.start,
				     value.len))
		return;
	if (info->max > U32_MAX)
		*(u64 *)((char *)detail + words[i].offset) = number.max;
	else
		*(u32 *)((char *)detail + words[i].offset) = number.max;
	detail->known |= words[i].known;
}

/* Any key will do, so that words of later modules are read, too. */
static bool parse_detail(struct nst_row *row, struct nst_word rest)
{
	const char *p, *end = rest.start + rest.len, *after;
	struct nst_word key, value;
	int i;

	p = nst_skip(rest.start, end, true);
	row->detail.start = p;
	for (; p < end; p = nst_skip(after, end, true)) {
		key = (struct nst_word){ p, key_end(p, end) - p };
		if (!key.len || p + key.len == end || p[key.len] != '=')
			return false;
		p += key.len + 1;
		after = nst_skip(p, end, false);
		value = (struct nst_word){ p, after - p };
		if (row->show & NST_SHOW_NOTED)
			note_detail(row, key, value);
		if (nst_word_is(key, "owners"))
			row->owners = value;
		for (i = NST_UNOWNED_QUEUED; nst_word_is(key, "owner") && nst_unowned_words[i]; i++)
			if (nst_word_is(value, nst_unowned_words[i]))
				row->sock.unowned = i;
		row->detail.len = after - row->detail.start;
	}
	return true;
}

/* Takes the first one off a list of owners, "812/nginx,813/nginx"; false at its end. */
bool nst_row_next_owner(struct nst_word *rest, struct nst_process *owner)
{
	struct nst_word one = *rest, pid, name;
	u64 number;

	if (!nst_word_split(*rest, ',', &one, rest))
		rest->len = 0;
	if (!nst_word_split(one, '/', &pid, &name) || !nst_word_number(pid, U32_MAX, &number))
		return false;
	owner->pid = number;
	nst_word_unescape(name, owner->comm, sizeof(owner->comm));
	return true;
}

/* The remote address of a row: 4 or 16 bytes in network order. */
const u8 *nst_row_remote(const struct nst_row *row)
{
	return row->sock.addr + (nst_table_is_ipv6(row->table) ? 16 : 4);
}

/**
 * nst_table_parse_row() - read a row
 * @row: where to; refers to @line afterwards; undefined if it is none
 * @show: the columns that it has, NST_SHOW_*; with NST_SHOW_PLAIN the row is netstat's own:
 *	there is nothing escaped in the name of a program; NST_SHOW_NOTED: note what its words
 *	say, see nst_sock_detail()
 * @line: the text, without a newline
 *
 * Return: NULL, or why it is no row.
 */
const char *nst_table_parse_row(struct nst_row *row, unsigned int show, struct nst_word line)
{
	struct nst_word rest = line;
	const char *why;

	memset((char *)row + CLEARED, 0, (show & NST_SHOW_NOTED ? sizeof(*row) :
					  offsetof(struct nst_row, sock.addr)) - CLEARED);
	row->line = line;
	row->show = show;
	if (!parse_table(row, &rest))
		return "it begins with no protocol that is known here";
	if (!take_number(&rest, &row->sock.recvq) || !take_number(&rest, &row->sock.sendq))
		return "Recv-Q and Send-Q are no numbers";
	why = parse_endpoints(row, &rest);
	if (why)
		return why;
	if (!parse_state(row, &rest))
		return "there is no state that this protocol has";
	if (show & NST_SHOW_USER &&
	    (!take_number(&rest, &row->sock.uid) || row->sock.uid == NST_UID_NONE ||
	     !nst_word_number(nst_word_next(&rest), ~0ULL, &row->sock.inode)))
		return "there is no User and Inode, in numbers as with -n";
	if (show & NST_SHOW_PROGRAM && !parse_program(row, &rest))
		return "there is no PID/Program name";
	if (show & NST_SHOW_TIMER && !parse_timer(row, &rest))
		return "there is no Timer";
	/* The kernel keeps no user of these: it shows 0. */
	if (BIT(row->table) & NST_TABLES_TCP &&
	    (row->sock.state == NST_TIME_WAIT || row->sock.timer == NST_TIMER_TIMEWAIT))
		row->sock.uid = NST_UID_NONE;
	if (show & NST_SHOW_NETNS && !take_number(&rest, &row->netns))
		return "there is no Netns";
	return parse_detail(row, rest) ? NULL : "what follows are no key=value words";
}

/* Reads line 2 of a table: which columns rows have, NST_SHOW_*. */
bool nst_table_parse_head(unsigned int *show, struct nst_word line)
{
	struct nst_word word;

	*show = 0;
	if (!nst_word_begins(line, "Proto Recv-Q Send-Q Local Address "))
		return false;
	for (word = nst_word_next(&line); word.len; word = nst_word_next(&line))
		*show |= nst_word_is(word, "User") ? NST_SHOW_USER :
			 nst_word_is(word, "PID/Program") ? NST_SHOW_PROGRAM :
			 nst_word_is(word, "Timer") ? NST_SHOW_TIMER :
			 nst_word_is(word, "Netns") ? NST_SHOW_NETNS : 0;
	return true;
}

/* Finds the counts that line 1 of a table ends in; empty if it has none. */
struct nst_word nst_table_counts(struct nst_word line)
{
	struct nst_word title, counts = { line.start, 0 };

	if (nst_word_split_last(line, ')', &title, &counts) && counts.len) {
		counts.start++;
		counts.len--;
	}
	return counts;
}

/* Reads line 2 of a table; false if it is none of groups. */
bool nst_groups_parse_head(struct nst_groups_head *head, struct nst_word line)
{
	struct nst_word word;

	if (line.len >= sizeof(head->line))
		return false;
	snprintf(head->line, sizeof(head->line), "%.*s", (int)line.len, line.start);
	head->columns = 0;
	head->keys = 0;
	for (word = nst_word_next(&line); word.len; word = nst_word_next(&line)) {
		if (head->columns == NST_GROUP_COLUMNS || word.len >= sizeof(*head->name) ||
		    !nst_word_is_key(word))
			return false;
		if (nst_word_is(word, nst_state_word(NST_ESTABLISHED)))
			head->keys = head->columns;
		snprintf(head->name[head->columns++], sizeof(*head->name), "%.*s",
			 (int)word.len, word.start);
	}
	return head->keys && head->keys <= NST_GROUP_KEYS;
}

/* Reads the line of a group into its columns; false if it is none. */
bool nst_groups_parse_line(const struct nst_groups_head *head, struct nst_word line,
			   struct nst_word *column)
{
	unsigned int i;
	u64 number;

	for (i = 0; i < head->columns; i++) {
		column[i] = nst_word_next(&line);
		if (!column[i].len)
			return false;
		if (i >= head->keys && !nst_word_number(column[i], ~0ULL, &number))
			return false;
	}
	return !nst_word_next(&line).len;
}
