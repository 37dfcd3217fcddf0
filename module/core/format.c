// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of the table.
 *
 * printf() would take most of the time that a read takes, so nothing here
 * interprets a format. A column is written and then padded: spaces go over
 * everything that it may lack, and the next column begins where it must.
 */
#include <netstate/addr.h>
#include <netstate/decimal.h>
#include <netstate/format.h>

/* Widths of columns: the least number of bytes, longer text moves the rest. */
#define QUEUE_WIDTH	6
#define ADDR_WIDTH	23
#define STATE_WIDTH	11
#define USER_WIDTH	10
#define INODE_WIDTH	10
#define PROGRAM_WIDTH	20
#define TIMER_WIDTH	20	/* only if a column follows */

#define PROGRAM_FIRST	32	/* so much of a program is copied at first */

/* How many spaces pad() writes: enough for the widest column. */
#define PADDING 24

static const char proto_text[NST_TABLES][8] = {
	[NST_TCP]      = "tcp   ",
	[NST_TCP6]     = "tcp6  ",
	[NST_UDP]      = "udp   ",
	[NST_UDP6]     = "udp6  ",
	[NST_RAW]      = "raw   ",
	[NST_RAW6]     = "raw6  ",
	[NST_UDPLITE]  = "udpl  ",
	[NST_UDPLITE6] = "udpl6 ",
};

#define PROTO_WIDTH 6

static const char tcp_state_text[NST_STATES][STATE_WIDTH + 1] = {
	[0]		   = "UNKNOWN    ",
	[NST_ESTABLISHED]  = "ESTABLISHED",
	[NST_SYN_SENT]	   = "SYN_SENT   ",
	[NST_SYN_RECV]	   = "SYN_RECV   ",
	[NST_FIN_WAIT1]	   = "FIN_WAIT1  ",
	[NST_FIN_WAIT2]	   = "FIN_WAIT2  ",
	[NST_TIME_WAIT]	   = "TIME_WAIT  ",
	[NST_CLOSE]	   = "CLOSE      ",
	[NST_CLOSE_WAIT]   = "CLOSE_WAIT ",
	[NST_LAST_ACK]	   = "LAST_ACK   ",
	[NST_LISTEN]	   = "LISTEN     ",
	[NST_CLOSING]	   = "CLOSING    ",
	[NST_NEW_SYN_RECV] = "SYN_RECV   ",
	[NST_BOUND]	   = "BOUND      ",
	[NST_UNHASHED]	   = "CLOSE      ",
};

static char *put_text(char *p, const char *string)
{
	size_t len = strlen(string);

	memcpy(p, string, len);
	return p + len;
}

/* Fills up a column that began at @column and whose text ends at @p. */
static __always_inline char *pad(char *p, char *column, unsigned int width)
{
	char *end = column + width;

	memset(p, ' ', PADDING);
	return p < end ? end : p;
}

static __always_inline char *put_queue(char *p, u32 bytes)
{
	unsigned int len;

	if (!bytes) {	/* as most of them are */
		memcpy(p, "     0 ", QUEUE_WIDTH + 1);
		return p + QUEUE_WIDTH + 1;
	}
	memset(p, ' ', QUEUE_WIDTH);
	len = nst_decimal_len(bytes);
	if (len < QUEUE_WIDTH)
		p += QUEUE_WIDTH - len;
	p = nst_decimal(p, bytes);
	*p++ = ' ';
	return p;
}

static char *put_endpoint(char *p, const u8 *addr, bool ipv6, u16 port)
{
	char *column = p;

	if (!ipv6)
		p = nst_addr4_text(p, addr);
	else if (nst_addr6_is_v4mapped(addr))
		p = nst_addr4_text(p, addr + 12);
	else
		p = nst_addr6_text(p, addr);
	*p++ = ':';
	if (port)
		p = nst_decimal(p, port);
	else
		*p++ = '*';
	p = pad(p, column, ADDR_WIDTH);
	*p++ = ' ';
	return p;
}

static const char *state_text(enum nst_table table, unsigned int state)
{
	switch (table) {
	case NST_TCP:
	case NST_TCP6:
		return tcp_state_text[state < NST_STATES ? state : 0];
	default:
		if (state == NST_CLOSE)
			return "           ";
		return tcp_state_text[state == NST_ESTABLISHED || state == NST_UNHASHED ?
				      state : 0];
	}
}

/* The state of a raw socket is a number, if it is in a table. */
static char *put_state(char *p, enum nst_table table, unsigned int state)
{
	if ((table == NST_RAW || table == NST_RAW6) && state != NST_UNHASHED)
		return pad(nst_decimal(p, state), p, STATE_WIDTH);
	memcpy(p, state_text(table, state), STATE_WIDTH);
	return p + STATE_WIDTH;
}

static char *put_user(char *p, const struct nst_sock *sock)
{
	*p++ = ' ';
	/* As /proc/net/tcp has it, and so netstat. */
	p = pad(nst_decimal(p, sock->uid == NST_UID_NONE ? 0 : sock->uid), p, USER_WIDTH);
	*p++ = ' ';
	return pad(nst_decimal64(p, nst_shown_inode(sock)), p, INODE_WIDTH);
}

static char *put_program(char *p, const struct nst_sock *sock)
{
	const struct nst_process *owner = sock->owner;
	char *column;

	*p++ = ' ';
	column = p;
	if (!owner) {
		*p++ = '-';
		return pad(p, column, PROGRAM_WIDTH);
	}

	/* Most are short, and then these are two moves; spaces follow the text. */
	memcpy(p, owner->text, PROGRAM_FIRST);
	if (owner->len > PROGRAM_FIRST)
		memcpy(p + PROGRAM_FIRST, owner->text + PROGRAM_FIRST,
		       NST_PROGRAM_MAX - PROGRAM_FIRST);
	p += owner->len;
	if (!sock->others)
		return owner->len < PROGRAM_WIDTH ? column + PROGRAM_WIDTH : p;
	*p++ = '+';
	return pad(nst_decimal(p, sock->others), column, PROGRAM_WIDTH);
}

static char *put_timer_name(char *p, unsigned int timer)
{
	switch (timer) {
	case NST_TIMER_ON:
		return put_text(p, "on");
	case NST_TIMER_KEEPALIVE:
		return put_text(p, "keepalive");
	case NST_TIMER_TIMEWAIT:
		return put_text(p, "timewait");
	case NST_TIMER_PROBE:
		return put_text(p, "probe");
	default:
		return nst_decimal(put_text(p, "unkn-"), timer);
	}
}

static char *put_timer(char *p, const struct nst_sock *sock)
{
	*p++ = ' ';
	if (sock->timer == NST_TIMER_OFF) {
		p = put_text(p, "off (0.00/");
	} else {
		p = put_timer_name(p, sock->timer);
		p = put_text(p, " (");
		p = nst_decimal(p, sock->timer_left / 100);
		*p++ = '.';
		memcpy(p, nst_digits[sock->timer_left % 100], 2);
		p += 2;
		*p++ = '/';
	}
	p = nst_decimal(p, sock->retransmits);
	*p++ = '/';
	p = nst_decimal(p, sock->probes);
	*p++ = ')';
	return p;
}

char *nst_format_row(char *p, const struct nst_sock *sock, enum nst_table table,
		     unsigned int show)
{
	bool ipv6 = nst_table_is_ipv6(table);

	memcpy(p, proto_text[table], sizeof(proto_text[table]));
	p = put_queue(p + PROTO_WIDTH, sock->recvq);
	p = put_queue(p, sock->sendq);
	p = put_endpoint(p, sock->addr, ipv6, sock->lport);
	p = put_endpoint(p, sock->addr + (ipv6 ? 16 : 4), ipv6, sock->rport);
	p = put_state(p, table, sock->state);
	if (show & NST_SHOW_USER)
		p = put_user(p, sock);
	if (show & NST_SHOW_PROGRAM)
		p = put_program(p, sock);
	if (show & NST_SHOW_TIMER)
		p = put_timer(p, sock);
	*p++ = '\n';
	return p;
}

/* Where the timer begins that a row ends in: its name and its numbers are two words. */
static char *timer_column(char *p)
{
	unsigned int spaces = 2;

	while (spaces)
		spaces -= *--p == ' ';
	return p + 1;
}

char *nst_format_netns(char *p, u32 netns, unsigned int show)
{
	/* Here, so that the rows of one namespace do not wait for it. */
	if (show & NST_SHOW_TIMER)
		p = pad(p, timer_column(p), TIMER_WIDTH);
	*p++ = ' ';
	return nst_decimal(p, netns);
}

/* A count: " word=number", the word in lower case so that no grep meets it. */
static char *put_count(char *p, const char *word, u32 number)
{
	*p++ = ' ';
	p = put_text(p, word);
	*p++ = '=';
	return nst_decimal(p, number);
}

static const char columns[] =
	"Proto Recv-Q Send-Q Local Address           Foreign Address         State      ";

char *nst_format_counts(char *p, const struct nst_counts *counts, bool bound)
{
	unsigned int state;

	p = put_text(p, "Active Internet connections (servers and established)");
	for (state = NST_ESTABLISHED; state <= NST_CLOSING; state++)
		p = put_count(p, nst_state_word(state), counts->state[state]);
	p = put_count(p, "dgram", counts->dgram);
	p = put_count(p, "total", counts->total);
	if (bound)
		p = put_count(p, nst_state_word(NST_BOUND), counts->state[NST_BOUND]);
	*p++ = '\n';
	return p;
}

char *nst_format_columns(char *p, unsigned int show)
{
	p = put_text(p, columns);
	if (show & NST_SHOW_USER)
		p = put_text(p, " User       Inode     ");
	if (show & NST_SHOW_PROGRAM)
		p = put_text(p, " PID/Program name    ");
	if (show & NST_SHOW_TIMER)
		p = put_text(p, show & NST_SHOW_NETNS ? " Timer               " : " Timer");
	if (show & NST_SHOW_NETNS)
		p = put_text(p, " Netns");
	*p++ = '\n';
	return p;
}
