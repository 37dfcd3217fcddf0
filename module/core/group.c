// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups of sockets.
 */
#include <netstate/addr.h>
#include <netstate/comm.h>
#include <netstate/decimal.h>
#include <netstate/group.h>

#define KEY_WIDTH	23
#define NUMBER_WIDTH	7	/* at least, else as wide as the column's name */
#define IPV4_BITS	32
#define IPV6_BITS	128

/* As filters name them. */
static const char *const name_of[NST_BYS] = {
	[NST_BY_PROCESS] = "process",
	[NST_BY_PROGRAM] = "program",
	[NST_BY_LPORT]	 = "lport",
	[NST_BY_RPORT]	 = "rport",
	[NST_BY_RADDR]	 = "raddr",
	[NST_BY_UID]	 = "uid",
	[NST_BY_NETNS]	 = "netns",
	[NST_BY_CGROUP]	 = "cgroup",
	[NST_BY_STATE]	 = "state",
};

/* What stands in the columns behind the counts of states. */
static const char *const sums[] = { "dgram", "total", "recvq", "sendq" };

static const char nobody[] = "-";	/* sockets that nobody holds */
static const char rest[] = "(other)";	/* what is left when there are too many groups */

/* How many 32-bit words of a part may be other than zero. */
static unsigned int words_of(enum nst_group_by by)
{
	switch (by) {
	case NST_BY_PROCESS:
	case NST_BY_PROGRAM:
	case NST_BY_RADDR:
		return sizeof(struct nst_group_part) / sizeof(u32);
	case NST_BY_CGROUP:
		return (sizeof(u32) + sizeof(u64)) / sizeof(u32);
	default:
		return 1;
	}
}

unsigned int nst_grouping_words(const struct nst_grouping *grouping)
{
	if (!grouping->by[1])
		return words_of(grouping->by[0]);
	return sizeof(struct nst_group_part) / sizeof(u32) + words_of(grouping->by[1]);
}

bool nst_grouping_by_owner(const struct nst_grouping *grouping)
{
	int i;

	for (i = 0; i < NST_GROUP_KEYS; i++)
		if (grouping->by[i] == NST_BY_PROCESS || grouping->by[i] == NST_BY_PROGRAM)
			return true;
	return false;
}

static void make_addr(struct nst_group_part *part, const u8 *addr, bool ipv6, unsigned int bits)
{
	unsigned int i, last;

	if (ipv6)
		memcpy(part->bytes, addr, sizeof(part->bytes));
	else
		nst_addr6_map_v4(part->bytes, addr);

	part->number = bits;
	if (nst_addr6_is_v4mapped(part->bytes)) {
		if (bits > IPV4_BITS)
			part->number = IPV4_BITS;
		bits = IPV6_BITS - IPV4_BITS + part->number;
	}
	last = bits / 8;
	if (last < sizeof(part->bytes))
		part->bytes[last] &= 0xff00 >> bits % 8;
	for (i = last + 1; i < sizeof(part->bytes); i++)
		part->bytes[i] = 0;
}

static void make_process(struct nst_group_part *part, const struct nst_process *process,
			 bool with_pid)
{
	if (!process)
		return;

	memcpy(part->bytes, process->comm, sizeof(part->bytes));
	part->number = with_pid ? process->pid : 1;
}

static void make_cgroup(struct nst_group_part *part, const struct nst_detail *detail)
{
	if (!(detail->known & NST_KNOWS_CGROUP))
		return;

	memcpy(part->bytes, &detail->cgroup, sizeof(detail->cgroup));
	part->number = 1;
}

void nst_group_key_make(struct nst_group_key *key, const struct nst_grouping *grouping,
			const struct nst_sock *sock, enum nst_table table,
			const struct nst_detail *detail, const struct nst_process *process,
			u32 netns)
{
	bool ipv6 = nst_table_is_ipv6(table);
	int i;

	memset(key, 0, sizeof(*key));
	for (i = 0; i < NST_GROUP_KEYS; i++) {
		struct nst_group_part *part = &key->part[i];

		switch (grouping->by[i]) {
		case NST_BY_PROCESS:
			make_process(part, process, true);
			break;
		case NST_BY_PROGRAM:
			make_process(part, process, false);
			break;
		case NST_BY_LPORT:
			part->number = sock->lport;
			break;
		case NST_BY_RPORT:
			part->number = sock->rport;
			break;
		case NST_BY_RADDR:
			make_addr(part, sock->addr + (ipv6 ? 16 : 4), ipv6, grouping->prefix[i]);
			break;
		case NST_BY_UID:
			part->number = sock->uid;
			break;
		case NST_BY_NETNS:
			part->number = netns;
			break;
		case NST_BY_CGROUP:
			make_cgroup(part, detail);
			break;
		case NST_BY_STATE:
			part->number = nst_shown_state(table, sock->state);
			break;
		default:
			break;
		}
	}
}

void nst_group_add(struct nst_group *group, const struct nst_sock *sock, enum nst_table table,
		   u64 number)
{
	if (group->last == number)
		return;

	group->last = number;
	nst_counts_add(&group->counts, table, sock->state, 1);
	group->recvq += sock->recvq;
	group->sendq += sock->sendq;
}

int nst_group_compare(const struct nst_group *a, const struct nst_group *b)
{
	int i, order;

	if (a->counts.total != b->counts.total)
		return a->counts.total > b->counts.total ? -1 : 1;

	for (i = 0; i < NST_GROUP_KEYS; i++) {
		const struct nst_group_part *x = &a->key.part[i], *y = &b->key.part[i];

		order = memcmp(x->bytes, y->bytes, sizeof(x->bytes));
		if (order)
			return order;
		if (x->number != y->number)
			return x->number < y->number ? -1 : 1;
	}
	return 0;
}

static char *put_text(char *p, const char *text)
{
	size_t len = strlen(text);

	memcpy(p, text, len);
	return p + len;
}

static char *pad(char *p, const char *column, unsigned int width)
{
	while (p < column + width)
		*p++ = ' ';
	return p;
}

/* A text at the right end of a column that is as wide as its name. */
static char *put_right(char *p, const char *text, size_t len, const char *name)
{
	size_t width = strlen(name);

	if (width < NUMBER_WIDTH)
		width = NUMBER_WIDTH;
	*p++ = ' ';
	while (width-- > len)
		*p++ = ' ';
	memcpy(p, text, len);
	return p + len;
}

static char *put_name(char *p, const char *name)
{
	return put_right(p, name, strlen(name), name);
}

static char *put_number(char *p, u64 number, const char *name)
{
	char text[NST_DECIMAL_MAX];

	return put_right(p, text, nst_decimal64(text, number) - text, name);
}

static char *put_addr(char *p, const struct nst_group_part *part)
{
	bool ipv4 = nst_addr6_is_v4mapped(part->bytes);

	p = ipv4 ? nst_addr4_text(p, part->bytes + 12) : nst_addr6_text(p, part->bytes);
	if (part->number == (ipv4 ? IPV4_BITS : IPV6_BITS))
		return p;
	*p++ = '/';
	return nst_decimal(p, part->number);
}

static char *put_cgroup(char *p, const struct nst_group_part *part)
{
	u64 id;

	memcpy(&id, part->bytes, sizeof(id));
	return nst_decimal64(p, id);
}

static char *put_comm(char *p, const struct nst_group_part *part)
{
	return nst_comm_text(p, (const char *)part->bytes, '\0');
}

/* A program whose name means something else here is written with its first byte escaped. */
static char *put_program(char *p, const struct nst_group_part *part)
{
	const char *comm = (const char *)part->bytes;

	if (!part->number)
		return put_text(p, nobody);
	if (strcmp(comm, nobody) && strcmp(comm, rest))
		return put_comm(p, part);
	p = put_text(p, *comm == *nobody ? "\\055" : "\\050");
	return put_text(p, comm + 1);
}

static char *put_part(char *p, const struct nst_group_part *part, enum nst_group_by by)
{
	switch (by) {
	case NST_BY_PROCESS:
		if (!part->number)
			return put_text(p, nobody);
		p = nst_decimal(p, part->number);
		*p++ = '/';
		return put_comm(p, part);
	case NST_BY_PROGRAM:
		return put_program(p, part);
	case NST_BY_LPORT:
	case NST_BY_RPORT:
		return part->number ? nst_decimal(p, part->number) : put_text(p, "*");
	case NST_BY_RADDR:
		return put_addr(p, part);
	case NST_BY_UID:
		return part->number == NST_UID_NONE ? put_text(p, nobody) :
						      nst_decimal(p, part->number);
	case NST_BY_CGROUP:
		return part->number ? put_cgroup(p, part) : put_text(p, nobody);
	case NST_BY_STATE:
		return put_text(p, part->number ? nst_state_word(part->number) : sums[0]);
	default:
		return nst_decimal(p, part->number);
	}
}

char *nst_format_group_head(char *p, const struct nst_grouping *grouping, bool bound)
{
	unsigned int state;
	size_t i;

	for (i = 0; i < NST_GROUP_KEYS && grouping->by[i]; i++) {
		char *column = p;

		if (i)
			*column++ = ' ';
		p = pad(put_text(column, name_of[grouping->by[i]]), column, KEY_WIDTH);
	}
	for (state = NST_ESTABLISHED; state <= NST_CLOSING; state++)
		p = put_name(p, nst_state_word(state));
	for (i = 0; i < sizeof(sums) / sizeof(*sums); i++)
		p = put_name(p, sums[i]);
	if (bound)
		p = put_name(p, nst_state_word(NST_BOUND));
	*p++ = '\n';
	return p;
}

char *nst_format_group(char *p, const struct nst_group *group,
		       const struct nst_grouping *grouping, bool other, bool bound)
{
	unsigned int state;
	int i;

	for (i = 0; i < NST_GROUP_KEYS && grouping->by[i]; i++) {
		char *column = p;

		if (i)
			*column++ = ' ';
		if (other)
			p = put_text(column, rest);
		else
			p = put_part(column, &group->key.part[i], grouping->by[i]);
		p = pad(p, column, KEY_WIDTH);
	}
	for (state = NST_ESTABLISHED; state <= NST_CLOSING; state++)
		p = put_number(p, group->counts.state[state], nst_state_word(state));
	p = put_number(p, group->counts.dgram, sums[0]);
	p = put_number(p, group->counts.total, sums[1]);
	p = put_number(p, group->recvq, sums[2]);
	p = put_number(p, group->sendq, sums[3]);
	if (bound)
		p = put_number(p, group->counts.state[NST_BOUND], nst_state_word(NST_BOUND));
	*p++ = '\n';
	return p;
}
