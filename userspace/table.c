// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of a table of sockets, taken apart. It may come from anywhere
 * (NETSTATE_FILE), so a row is read to its end or not at all.
 */
#include <stdio.h>

#include <netstate/addr.h>

#include "table.h"

/**
 * nst_word_is() - whether a word is a certain one
 * @word: the word
 * @text: the other, terminated
 *
 * Return: whether both are the same.
 */
bool nst_word_is(struct nst_word word, const char *text)
{
	return strlen(text) == word.len && !memcmp(word.start, text, word.len);
}

/**
 * nst_word_next() - take the first word off a text
 * @rest: the text; what follows the word remains
 *
 * Return: the word; empty at the end.
 */
struct nst_word nst_word_next(struct nst_word *rest)
{
	const char *end = rest->start + rest->len;
	struct nst_word word = { rest->start, 0 };

	while (word.start < end && *word.start == ' ')
		word.start++;
	while (word.start + word.len < end && word.start[word.len] != ' ')
		word.len++;
	rest->start = word.start + word.len;
	rest->len = end - rest->start;
	return word;
}

/**
 * nst_word_number() - read a decimal number
 * @word: the text, digits only
 * @max: the largest number that is allowed, at least 9
 * @number: where to
 *
 * Return: false if it is none, or too large.
 */
bool nst_word_number(struct nst_word word, u64 max, u64 *number)
{
	size_t i;

	*number = 0;
	for (i = 0; i < word.len; i++) {
		unsigned int digit = word.start[i] - '0';

		if (digit > 9 || *number > (max - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return word.len;
}

static bool split_at(struct nst_word word, const char *found, struct nst_word *before,
		     struct nst_word *after)
{
	if (!found)
		return false;
	before->start = word.start;
	before->len = found - word.start;
	after->start = found + 1;
	after->len = word.len - before->len - 1;
	return true;
}

/**
 * nst_word_split() - split a text at the first one of a letter
 * @word: the text
 * @c: the letter
 * @before: where to write what stands before it
 * @after: where to write what follows it
 *
 * Return: false if it is not there; nothing is written then.
 */
bool nst_word_split(struct nst_word word, char c, struct nst_word *before,
		    struct nst_word *after)
{
	return word.len && split_at(word, memchr(word.start, c, word.len), before, after);
}

/**
 * nst_word_split_last() - split a text at the last one of a letter
 * @word: the text
 * @c: the letter
 * @before: where to write what stands before it
 * @after: where to write what follows it
 *
 * Return: false if it is not there; nothing is written then.
 */
bool nst_word_split_last(struct nst_word word, char c, struct nst_word *before,
			 struct nst_word *after)
{
	return word.len && split_at(word, memrchr(word.start, c, word.len), before, after);
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/**
 * nst_word_unescape() - read a name in which "\ooo" stands for any byte
 * @word: the text
 * @text: where to; terminated
 * @size: room there; what does not fit is cut off
 */
void nst_word_unescape(struct nst_word word, char *text, size_t size)
{
	const char *p = word.start, *end = p + word.len;

	for (; p < end && size > 1; size--) {
		if (*p == '\\' && end - p >= 4 && is_octal(p[1]) && is_octal(p[2]) &&
		    is_octal(p[3])) {
			*text++ = (p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0');
			p += 4;
		} else {
			*text++ = *p++;
		}
	}
	*text = '\0';
}

/* Takes a number off a line. */
static bool take_number(struct nst_word *rest, u64 max, u64 *number)
{
	return nst_word_number(nst_word_next(rest), max, number);
}

static bool parse_table(struct nst_row *row, struct nst_word *rest)
{
	static const char names[NST_TABLES][8] = {
		[NST_TCP]     = "tcp",	[NST_TCP6]     = "tcp6",
		[NST_UDP]     = "udp",	[NST_UDP6]     = "udp6",
		[NST_RAW]     = "raw",	[NST_RAW6]     = "raw6",
		[NST_UDPLITE] = "udpl",	[NST_UDPLITE6] = "udpl6",
	};

	row->proto = nst_word_next(rest);
	for (row->table = 0; row->table < NST_TABLES; row->table++)
		if (nst_word_is(row->proto, names[row->table]))
			return true;
	return false;
}

static bool parse_endpoint(struct nst_endpoint *end, struct nst_word *rest, bool ipv6, u8 *addr,
			   u16 *port)
{
	u64 number = 0;
	u8 addr4[4];

	end->text = nst_word_next(rest);
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

/* The number of a state's name; that of no state if it says UNKNOWN. */
static bool is_state(struct nst_word word, u8 *state)
{
	for (*state = NST_ESTABLISHED; *state <= NST_CLOSING; ++*state)
		if (nst_word_is(word, nst_state_name(*state)))
			return true;
	*state = NST_BOUND;
	if (nst_word_is(word, nst_state_name(NST_BOUND)))
		return true;
	*state = NST_STATES;
	return nst_word_is(word, nst_state_name(NST_STATES));
}

static bool parse_state(struct nst_row *row, struct nst_word *rest)
{
	struct nst_word before = *rest;
	u64 number;

	row->state = nst_word_next(rest);
	if (row->table != NST_TCP && row->table != NST_TCP6 &&
	    nst_word_is(row->state, nst_state_name(NST_UNHASHED))) {
		row->sock.state = NST_UNHASHED;
		return true;
	}
	switch (row->table) {
	case NST_TCP:
	case NST_TCP6:
		return is_state(row->state, &row->sock.state);
	case NST_RAW:
	case NST_RAW6:
		if (!nst_word_number(row->state, 0xff, &number))
			return false;
		row->sock.state = number;
		return true;
	default:
		if (is_state(row->state, &row->sock.state))
			return row->sock.state == NST_ESTABLISHED || row->sock.state == NST_STATES;
		*rest = before;
		row->state.len = 0;
		row->sock.state = NST_CLOSE;
		return true;
	}
}

static bool parse_user(struct nst_row *row, struct nst_word *rest)
{
	u64 uid;

	if (!take_number(rest, U32_MAX, &uid) || !take_number(rest, ~0ULL, &row->sock.inode))
		return false;
	row->sock.uid = uid;
	return true;
}

/* "-", or "812/name", or "812/name+3". */
static bool parse_program(struct nst_row *row, struct nst_word *rest)
{
	struct nst_word pid, name, more;
	u64 number;

	row->program = nst_word_next(rest);
	if (nst_word_is(row->program, "-"))
		return true;
	if (!nst_word_split(row->program, '/', &pid, &row->name) ||
	    !nst_word_number(pid, U32_MAX, &number) || !number)
		return false;
	row->owner.pid = number;
	if (nst_word_split_last(row->name, '+', &name, &more) &&
	    nst_word_number(more, U32_MAX, &number)) {
		row->name = name;
		row->sock.more = number;
	}
	nst_word_unescape(row->name, row->owner.comm, sizeof(row->owner.comm));
	row->sock.owner = &row->owner;
	row->sock.last_pid = row->owner.pid;
	return true;
}

/* "on (0.20/0/0)": seconds, retransmits, probes. */
static bool parse_timer(struct nst_row *row, struct nst_word *rest)
{
	struct nst_word name = nst_word_next(rest), numbers = nst_word_next(rest);
	unsigned int seconds, hundredths, retransmits, probes;
	char text[40], end;

	row->timer.start = name.start;
	row->timer.len = numbers.start + numbers.len - name.start;
	snprintf(text, sizeof(text), "%.*s", (int)numbers.len, numbers.start);
	if (sscanf(text, "(%7u.%2u/%3u/%3u%c", &seconds, &hundredths, &retransmits, &probes,
		   &end) != 5 || end != ')')
		return false;
	row->sock.timer_left = seconds * 100 + hundredths;
	row->sock.retransmits = retransmits;
	row->sock.probes = probes;
	return true;
}

static bool parse_netns(struct nst_row *row, struct nst_word *rest)
{
	u64 number;

	if (!take_number(rest, U32_MAX, &number))
		return false;
	row->netns = number;
	return true;
}

static bool is_key(struct nst_word word)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	size_t i;

	for (i = 0; i < word.len; i++)
		if (!memchr(letters, word.start[i], sizeof(letters) - 1))
			return false;
	return word.len;
}

/* Words of any key, so that those of later modules are read, too. */
static bool parse_more(struct nst_row *row, struct nst_word rest)
{
	struct nst_word word = nst_word_next(&rest), key, value;

	row->more = word;
	for (; word.len; word = nst_word_next(&rest)) {
		if (!nst_word_split(word, '=', &key, &value) || !is_key(key))
			return false;
		if (nst_word_is(key, "owners"))
			row->owners = value;
		else if (nst_word_is(key, "owner"))
			row->sock.fate = nst_word_is(value, "queued") ? NST_FATE_QUEUED :
					 nst_word_is(value, "orphan") ? NST_FATE_ORPHAN :
									NST_FATE_NONE;
		row->more.len = word.start + word.len - row->more.start;
	}
	return true;
}

/**
 * nst_row_next_owner() - take the first one off a list of owners
 * @rest: the list, "812/nginx,813/nginx"; what follows it remains
 * @owner: filled in
 *
 * Return: false at the end, or if there is no owner.
 */
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

/**
 * nst_row_word() - find one of the words at the end of a row
 * @row: the row
 * @wanted: its key
 *
 * Return: its value; empty if the row has none.
 */
struct nst_word nst_row_word(const struct nst_row *row, const char *wanted)
{
	struct nst_word rest = row->more, word, key, value;

	for (word = nst_word_next(&rest); word.len; word = nst_word_next(&rest))
		if (nst_word_split(word, '=', &key, &value) && nst_word_is(key, wanted))
			return value;
	return (struct nst_word){ rest.start, 0 };
}

/**
 * nst_row_remote() - the remote address of a row
 * @row: the row
 *
 * Return: 4 or 16 bytes in network order.
 */
const u8 *nst_row_remote(const struct nst_row *row)
{
	return row->sock.addr + (nst_table_is_ipv6(row->table) ? 16 : 4);
}

/**
 * nst_table_parse_row() - read a row
 * @row: where to; refers to @line afterwards; undefined if it is none
 * @show: the columns that it has, NST_SHOW_*
 * @line: the text, without a newline
 *
 * Return: whether it is one.
 */
bool nst_table_parse_row(struct nst_row *row, unsigned int show, struct nst_word line)
{
	struct nst_word rest = line;
	u64 recvq, sendq;
	bool ipv6;

	memset(row, 0, sizeof(*row));
	row->line = line;
	row->show = show;
	if (!parse_table(row, &rest) || !take_number(&rest, U32_MAX, &recvq) ||
	    !take_number(&rest, U32_MAX, &sendq))
		return false;
	row->sock.recvq = recvq;
	row->sock.sendq = sendq;
	ipv6 = nst_table_is_ipv6(row->table);
	return parse_endpoint(&row->local, &rest, ipv6, row->sock.addr, &row->sock.lport) &&
	       parse_endpoint(&row->remote, &rest, ipv6, row->sock.addr + (ipv6 ? 16 : 4),
			      &row->sock.rport) &&
	       parse_state(row, &rest) &&
	       (!(show & NST_SHOW_USER) || parse_user(row, &rest)) &&
	       (!(show & NST_SHOW_PROGRAM) || parse_program(row, &rest)) &&
	       (!(show & NST_SHOW_TIMER) || parse_timer(row, &rest)) &&
	       (!(show & NST_SHOW_NETNS) || parse_netns(row, &rest)) &&
	       parse_more(row, rest);
}

/**
 * nst_table_parse_head() - read line 2 of a table
 * @show: where to write the columns that rows have, NST_SHOW_*
 * @line: the text, without a newline
 *
 * Return: whether it is the head of a table.
 */
bool nst_table_parse_head(unsigned int *show, struct nst_word line)
{
	static const char fixed[] = "Proto Recv-Q Send-Q Local Address ";
	struct nst_word word;

	*show = 0;
	if (line.len < sizeof(fixed) || memcmp(line.start, fixed, sizeof(fixed) - 1))
		return false;
	for (word = nst_word_next(&line); word.len; word = nst_word_next(&line)) {
		if (nst_word_is(word, "User"))
			*show |= NST_SHOW_USER;
		else if (nst_word_is(word, "PID/Program"))
			*show |= NST_SHOW_PROGRAM;
		else if (nst_word_is(word, "Timer"))
			*show |= NST_SHOW_TIMER;
		else if (nst_word_is(word, "Netns"))
			*show |= NST_SHOW_NETNS;
	}
	return true;
}

/**
 * nst_table_title() - whether a line can be line 1 of a table
 * @line: the text
 *
 * Return: whether it can.
 */
bool nst_table_title(struct nst_word line)
{
	static const char title[] = "Active Internet connections (";

	return line.len >= sizeof(title) && !memcmp(line.start, title, sizeof(title) - 1);
}

/**
 * nst_table_counts() - find the counts that line 1 of a table ends in
 * @line: the text, without a newline
 *
 * Return: the counts; empty if it has none.
 */
struct nst_word nst_table_counts(struct nst_word line)
{
	struct nst_word title, counts = { line.start, 0 };

	if (nst_word_split_last(line, ')', &title, &counts) && counts.len) {
		counts.start++;
		counts.len--;
	}
	return counts;
}
