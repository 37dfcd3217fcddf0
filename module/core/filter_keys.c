// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words that filters are made of.
 */
#include <netstate/detail.h>
#include <netstate/filter_keys.h>

#define BOTH(table)	(BIT(table) | BIT(table##6))

static const struct nst_filter_name protos[] = {
	{ "tcp",	BOTH(NST_TCP) },
	{ "tcp4",	BIT(NST_TCP) },
	{ "tcp6",	BIT(NST_TCP6) },
	{ "udp",	BOTH(NST_UDP) },
	{ "udp4",	BIT(NST_UDP) },
	{ "udp6",	BIT(NST_UDP6) },
	{ "raw",	BOTH(NST_RAW) },
	{ "raw4",	BIT(NST_RAW) },
	{ "raw6",	BIT(NST_RAW6) },
	{ "udpl",	BOTH(NST_UDPLITE) },
	{ "udpl4",	BIT(NST_UDPLITE) },
	{ "udpl6",	BIT(NST_UDPLITE6) },
	{ "udplite",	BOTH(NST_UDPLITE) },
	{ "udplite4",	BIT(NST_UDPLITE) },
	{ "udplite6",	BIT(NST_UDPLITE6) },
	{}
};

/* The even ones and the odd ones, see enum nst_table. */
#define IPV4_TABLES	0x55
#define IPV6_TABLES	0xaa

static const struct nst_filter_name families[] = {
	{ "inet",	IPV4_TABLES },
	{ "inet6",	IPV6_TABLES },
	{ "ipv4",	IPV4_TABLES },
	{ "ipv6",	IPV6_TABLES },
	{ "4",		IPV4_TABLES },
	{ "6",		IPV6_TABLES },
	{}
};

/* All that are in a table of the kernel's, and groups of them. */
#define LISTED_STATES	(BIT(NST_CLOSING + 1) - 1 - BIT(NST_CLOSE))
#define CONNECTED	(LISTED_STATES & ~(NST_FILTER_DGRAM | BIT(NST_LISTEN)))
#define BUCKET		(BIT(NST_SYN_RECV) | BIT(NST_TIME_WAIT))

static const struct nst_filter_name states[] = {
	{ "established",	BIT(NST_ESTABLISHED) },
	{ "syn_sent",		BIT(NST_SYN_SENT) },
	{ "syn_recv",		BIT(NST_SYN_RECV) },
	{ "fin_wait1",		BIT(NST_FIN_WAIT1) },
	{ "fin_wait2",		BIT(NST_FIN_WAIT2) },
	{ "time_wait",		BIT(NST_TIME_WAIT) },
	{ "close",		BIT(NST_CLOSE) },
	{ "close_wait",		BIT(NST_CLOSE_WAIT) },
	{ "last_ack",		BIT(NST_LAST_ACK) },
	{ "listen",		BIT(NST_LISTEN) },
	{ "closing",		BIT(NST_CLOSING) },
	{ "dgram",		NST_FILTER_DGRAM },
	{ "bound",		BIT(NST_BOUND) },
	/* other tools' names: ss, Windows, z/OS, RFC 9293 */
	{ "estab",		BIT(NST_ESTABLISHED) },
	{ "syn_rcvd",		BIT(NST_SYN_RECV) },
	{ "syn_received",	BIT(NST_SYN_RECV) },
	{ "closed",		BIT(NST_CLOSE) },
	{ "bound_inactive",	BIT(NST_BOUND) },
	{ "listening",		BIT(NST_LISTEN) },
	{ "unconn",		NST_FILTER_DGRAM },
	/* several at once, as ss has them */
	{ "all",		LISTED_STATES },
	{ "connected",		CONNECTED },
	{ "synchronized",	CONNECTED & ~BIT(NST_SYN_SENT) },
	{ "bucket",		BUCKET },
	{ "big",		LISTED_STATES & ~BUCKET },
	{}
};

static const struct nst_filter_name owners[] = {
	{ "none",	NST_FILTER_ANY_OWNER & ~NST_FILTER_OWNER },
	{ "any",	NST_FILTER_OWNER },
	{ "queued",	NST_FILTER_QUEUED },
	{ "orphan",	NST_FILTER_ORPHAN },
	{ "kernel",	NST_FILTER_KERNEL },
	{ "hidden",	NST_FILTER_HIDDEN },
	{}
};

static const struct nst_filter_name columns[] = {
	{ "user",	NST_SHOW_USER },
	{ "program",	NST_SHOW_PROGRAM },
	{ "timer",	NST_SHOW_TIMER },
	{ "more",	NST_SHOW_DETAIL },
	{ "tcp",	NST_SHOW_TCP },
	{ "mem",	NST_SHOW_MEM },
	{ "none",	0 },
	{}
};

static const struct nst_filter_name groups[] = {
	{ "process",	NST_BY_PROCESS },
	{ "program",	NST_BY_PROGRAM },
	{ "lport",	NST_BY_LPORT },
	{ "rport",	NST_BY_RPORT },
	{ "raddr",	NST_BY_RADDR },
	{ "uid",	NST_BY_UID },
	{ "netns",	NST_BY_NETNS },
	{ "cgroup",	NST_BY_CGROUP },
	{ "state",	NST_BY_STATE },
	{}
};

static const struct nst_filter_name namespaces[] = {
	{ "all",	0 },
	{}
};

static const struct nst_filter_name timers[] = {
	{ "off",	NST_TIMER_OFF },
	{ "on",		NST_TIMER_ON },
	{ "keepalive",	NST_TIMER_KEEPALIVE },
	{ "timewait",	NST_TIMER_TIMEWAIT },
	{ "probe",	NST_TIMER_PROBE },
	{}
};

static const struct nst_filter_name dirs[] = {
	{ "in",		NST_DIR_IN },
	{ "out",	NST_DIR_OUT },
	{}
};

#define KEY(key_name, kind_of_value, ...)				\
	{ .name = (key_name), .kind = NST_KIND_##kind_of_value, __VA_ARGS__ }

const struct nst_filter_key_info nst_filter_keys[NST_KEYS] = {
	[NST_KEY_PROTO]	 = KEY("proto",  NAMES, .names = protos),
	[NST_KEY_FAMILY] = KEY("family", NAMES, .names = families),
	[NST_KEY_STATE]	 = KEY("state",  NAMES, .names = states),
	[NST_KEY_LPORT]	 = KEY("lport",  NUMBERS, .max = 0xffff),
	[NST_KEY_RPORT]	 = KEY("rport",  NUMBERS, .max = 0xffff),
	[NST_KEY_PORT]	 = KEY("port",   NUMBERS, .max = 0xffff),
	[NST_KEY_LADDR]	 = KEY("laddr",  ADDRESSES),
	[NST_KEY_RADDR]	 = KEY("raddr",  ADDRESSES),
	[NST_KEY_ADDR]	 = KEY("addr",   ADDRESSES),
	[NST_KEY_PID]	 = KEY("pid",    NUMBERS, .max = 0xffffffff),
	[NST_KEY_UID]	 = KEY("uid",    NUMBERS, .max = 0xffffffff),
	[NST_KEY_INODE]	 = KEY("inode",  NUMBERS, .max = ~0ULL),
	[NST_KEY_RECVQ]	 = KEY("recvq",  NUMBERS, .max = 0xffffffff),
	[NST_KEY_SENDQ]	 = KEY("sendq",  NUMBERS, .max = 0xffffffff),
	[NST_KEY_NETNS]	 = KEY("netns",  NUMBERS, .max = 0xffffffff, .names = namespaces),
	[NST_KEY_COMM]	 = KEY("comm",   PATTERNS),
	[NST_KEY_TIMER]	 = KEY("timer",  WORDS, .names = timers),
	[NST_KEY_RETRANSMITS] = KEY("retransmits", NUMBERS, .max = 0xff),
	[NST_KEY_PROBES] = KEY("probes", NUMBERS, .max = 0xff),
	[NST_KEY_DIR]	 = KEY("dir",    WORDS, .names = dirs),
	[NST_KEY_IDLE]	 = KEY("idle",   NUMBERS, .max = 0xffffffff, .unit = 100),
	[NST_KEY_RTT]	 = KEY("rtt",    NUMBERS, .max = 0xffffffff, .unit = 1000),
	[NST_KEY_RETRANS] = KEY("retrans", NUMBERS, .max = 0xffffffff),
	[NST_KEY_BYTES_IN] = KEY("bytes_in", NUMBERS, .max = ~0ULL),
	[NST_KEY_BYTES_OUT] = KEY("bytes_out", NUMBERS, .max = ~0ULL),
	[NST_KEY_BACKLOG] = KEY("backlog", NUMBERS, .max = 0xffffffff),
	[NST_KEY_FILL]	 = KEY("fill",   NUMBERS, .max = ~0ULL),
	[NST_KEY_DROPS]	 = KEY("drops",  NUMBERS, .max = 0xffffffff),
	[NST_KEY_COOKIE] = KEY("cookie", NUMBERS, .max = ~0ULL),
	[NST_KEY_MARK]	 = KEY("mark",   NUMBERS, .max = 0xffffffff),
	[NST_KEY_CGROUP] = KEY("cgroup", NUMBERS, .max = ~0ULL),
	[NST_KEY_CWND]	 = KEY("cwnd",   NUMBERS, .max = 0xffffffff),
	[NST_KEY_MSS]	 = KEY("mss",    NUMBERS, .max = 0xffffffff),
	[NST_KEY_RTO]	 = KEY("rto",    NUMBERS, .max = 0xffffffff, .unit = 1000),
	[NST_KEY_UNACKED] = KEY("unacked", NUMBERS, .max = 0xffffffff),
	[NST_KEY_LOST]	 = KEY("lost",   NUMBERS, .max = 0xffffffff),
	[NST_KEY_NOTSENT] = KEY("notsent", NUMBERS, .max = 0xffffffff),
	[NST_KEY_DEVICE] = KEY("device", PATTERNS),
	[NST_KEY_LISTENER] = KEY("listener", PATTERNS),
	[NST_KEY_OWNER]	 = KEY("owner",  NAMES, .names = owners),
	[NST_KEY_SHOW]	 = KEY("show",   COLUMNS, .names = columns),
	[NST_KEY_GROUP]	 = KEY("group",  GROUPS, .names = groups),
	[NST_KEY_TOP]	 = KEY("top",    TOP, .max = 0xffffffff),
};

/* What ss calls them. */
static const struct nst_filter_name aliases[] = {
	{ "sport",	NST_KEY_LPORT },
	{ "dport",	NST_KEY_RPORT },
	{ "src",	NST_KEY_LADDR },
	{ "dst",	NST_KEY_RADDR },
	{}
};

static bool is_exactly(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && !memcmp(name, text, len);
}

enum nst_filter_key nst_filter_key_find(const char *text, size_t len)
{
	const struct nst_filter_name *alias;
	enum nst_filter_key key;

	for (key = NST_KEY_FIRST; key < NST_KEYS; key++)
		if (is_exactly(nst_filter_keys[key].name, text, len))
			return key;
	for (alias = aliases; alias->name; alias++)
		if (is_exactly(alias->name, text, len))
			return alias->bits;
	return NST_KEY_NONE;
}

static bool is_filler(char c)
{
	return c == '-' || c == '_';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool is_name(const char *name, const char *text, const char *end)
{
	for (; text < end; text++) {
		if (is_filler(*text))
			continue;
		while (is_filler(*name))
			name++;
		/* Text may hold zero bytes: the end of a name is none of its letters. */
		if (!*name || lower(*text) != *name)
			return false;
		name++;
	}
	return !*name;
}

const struct nst_filter_name *nst_filter_name_find(const struct nst_filter_name *names,
						   const char *text, size_t len)
{
	const struct nst_filter_name *name;

	for (name = names; name->name; name++)
		if (is_name(name->name, text, text + len))
			return name;
	return NULL;
}
