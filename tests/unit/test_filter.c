// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>

#include <netstate/counts.h>
#include <netstate/detail.h>
#include <netstate/filter.h>
#include <netstate/filter_keys.h>

#include "passes.h"
#include "test.h"

static const struct nst_process nginx = { .pid = 812, .comm = "nginx" };
static const struct nst_process tmux = { .pid = 9, .comm = "tmux: server" };
static const struct nst_process worker = { .pid = 4000000, .comm = "worker,1" };

/* One row for each letter; filters are told by the letters that they let through. */
static const struct {
	char letter;
	enum nst_table table;
	const char *laddr, *raddr;
	struct nst_sock sock;
} rows[] = {
	{ 'a', NST_TCP, "0.0.0.0", "0.0.0.0",
	  { .lport = 80, .state = NST_LISTEN, .inode = 100, .owner = &nginx, .recvq = 5 } },
	{ 'b', NST_TCP, "10.0.0.1", "192.0.2.7",
	  { .lport = 80, .rport = 40000, .state = NST_ESTABLISHED, .inode = 101,
	    .owner = &nginx, .uid = 33, .sendq = 4096 } },
	{ 'c', NST_TCP, "10.0.0.1", "192.0.2.8",
	  { .lport = 80, .rport = 40001, .state = NST_TIME_WAIT } },
	{ 'd', NST_TCP, "10.0.0.1", "192.0.2.9",
	  { .lport = 80, .rport = 40002, .state = NST_NEW_SYN_RECV, .inode = 100,
	    .owner = &nginx } },
	{ 'e', NST_TCP6, "::", "::",
	  { .lport = 443, .state = NST_LISTEN, .inode = 18446744073709551615u,
	    .owner = &worker, .uid = 4294967294 } },
	{ 'f', NST_TCP6, "::ffff:10.0.0.1", "::ffff:192.0.2.7",
	  { .lport = 443, .rport = 65535, .state = NST_CLOSE_WAIT, .inode = 103,
	    .owner = &worker, .uid = 1000, .recvq = 1 } },
	{ 'g', NST_TCP6, "2001:db8::1", "2001:db8:ffff::2",
	  { .lport = 50000, .rport = 443, .state = NST_FIN_WAIT1, .sendq = 4294967295 } },
	{ 'h', NST_UDP, "0.0.0.0", "0.0.0.0",
	  { .lport = 53, .state = NST_CLOSE, .inode = 104, .owner = &tmux, .uid = 1000 } },
	{ 'i', NST_UDP, "10.0.0.1", "10.0.0.2",
	  { .lport = 5000, .rport = 53, .state = NST_ESTABLISHED, .inode = 105 } },
	{ 'j', NST_UDP6, "fe80::1", "::",
	  { .lport = 546, .state = NST_CLOSE, .inode = 106, .owner = &tmux, .recvq = 832 } },
	{ 'k', NST_RAW, "0.0.0.0", "0.0.0.0",
	  { .lport = 1, .state = NST_CLOSE, .inode = 107 } },
	{ 'l', NST_RAW6, "::", "::",
	  { .lport = 58, .state = NST_CLOSE, .inode = 108, .owner = &nginx } },
	{ 'm', NST_UDPLITE, "10.0.0.1", "10.0.0.3",
	  { .lport = 9, .rport = 9, .state = NST_ESTABLISHED, .inode = 109 } },
	{ 'n', NST_UDPLITE6, "::1", "::",
	  { .lport = 9, .state = NST_CLOSE, .inode = 110 } },
	/* what is in no table of the kernel's */
	{ 'o', NST_TCP, "0.0.0.0", "0.0.0.0",
	  { .state = NST_CLOSE, .inode = 111, .owner = &worker, .uid = 7 } },
	{ 'p', NST_TCP6, "::", "::", { .state = NST_CLOSE, .inode = 112, .uid = 7 } },
	{ 'q', NST_TCP, "10.0.0.1", "0.0.0.0",
	  { .lport = 8080, .state = NST_BOUND, .inode = 113, .owner = &worker, .uid = 7 } },
	{ 'r', NST_UDP6, "::", "::", { .state = NST_UNHASHED, .inode = 114, .uid = 7 } },
	{ 's', NST_RAW, "0.0.0.0", "0.0.0.0",
	  { .lport = 1, .state = NST_UNHASHED, .inode = 115, .uid = 7 } },
	{ 't', NST_UDPLITE, "0.0.0.0", "0.0.0.0",
	  { .state = NST_UNHASHED, .inode = 116, .uid = 7 } },
};

union record {
	struct nst_sock sock;
	u8 room[NST_SOCK_MAX];
};

static union record records[ARRAY_SIZE(rows)];

static int make_records(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool ipv6 = nst_table_is_ipv6(rows[i].table);
		int family = ipv6 ? AF_INET6 : AF_INET;
		struct nst_sock *sock = &records[i].sock;

		*sock = rows[i].sock;
		assert_int_equal(inet_pton(family, rows[i].laddr, sock->addr), 1);
		assert_int_equal(inet_pton(family, rows[i].raddr, sock->addr + (ipv6 ? 16 : 4)), 1);
	}
	return 0;
}

/* Parses from a copy whose end ASan guards. */
static bool parse_len(struct nst_filter *filter, const char *text, size_t len,
		      struct nst_filter_error *error)
{
	char *copy = malloc(len + !len);
	bool valid;

	memcpy(copy, text, len);
	valid = nst_filter_parse(filter, copy, len, error);
	free(copy);
	return valid;
}

static void parse(struct nst_filter *filter, const char *text)
{
	struct nst_filter_error error;

	if (!parse_len(filter, text, strlen(text), &error))
		fail_msg("\"%s\": reason %d at %u+%u", text, error.reason, error.offset, error.len);
	assert_int_equal(error.reason, NST_FILTER_OK);
}

static void matching(const struct nst_filter *filter, char *letters)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (passes(filter, &records[i].sock, rows[i].table))
			*letters++ = rows[i].letter;
	*letters = '\0';
}

static void check_matches(const char *text, const char *expected)
{
	char letters[ARRAY_SIZE(rows) + 1];
	struct nst_filter filter;

	parse(&filter, text);
	matching(&filter, letters);
	if (strcmp(letters, expected))
		fail_msg("\"%s\" lets %s through, should be %s", text, letters, expected);
}

static void filter_matches(void **unused)
{
	static const struct {
		const char *text, *letters;
	} filters[] = {
		{ "",				"abcdefghij" },
		{ " \t\r\n",			"abcdefghij" },
		/* protocols and families */
		{ "proto=tcp",			"abcdefg" },
		{ "proto=tcp4",			"abcd" },
		{ "proto=tcp6",			"efg" },
		{ "proto=TCP6",			"efg" },
		{ "proto=udp",			"hij" },
		{ "proto=udp4",			"hi" },
		{ "proto=udp6",			"j" },
		{ "proto=raw",			"kl" },
		{ "proto=raw4",			"k" },
		{ "proto=raw6",			"l" },
		{ "proto=udpl",			"mn" },
		{ "proto=udplite",		"mn" },
		{ "proto=udpl4",		"m" },
		{ "proto=udplite6",		"n" },
		{ "proto=tcp6,udp6,raw",	"efgjkl" },
		{ "proto=tcp,udp,raw,udpl",	"abcdefghijklmn" },
		{ "proto!=tcp",			"hij" },
		{ "proto!=tcp6,udp6",		"abcdhi" },
		{ "proto=tcp proto!=tcp6",	"abcd" },
		{ "proto=raw,tcp proto!=tcp",	"kl" },
		{ "family=inet",		"abcdhi" },
		{ "family=inet6",		"efgj" },
		{ "family=4 proto=raw,udpl",	"km" },
		{ "family!=ipv4",		"efgj" },
		{ "family=IPv4,IPv6",		"abcdefghij" },
		/* states */
		{ "state=listen",		"ae" },
		{ "state=LISTEN",		"ae" },
		{ "state=listening",		"ae" },
		{ "state=established",		"bi" },
		{ "state=ESTAB",		"bi" },
		{ "state=time_wait",		"c" },
		{ "state=TIME-WAIT",		"c" },
		{ "state=syn_recv",		"d" },
		{ "state=syn-recv",		"d" },
		{ "state=SYN_RECEIVED",		"d" },
		{ "state=close_wait,fin_wait1",	"fg" },
		{ "state=FIN_WAIT_1",		"g" },
		{ "state=fin-wait-1",		"g" },
		{ "state=finwait1",		"g" },
		{ "state=dgram",		"hj" },
		{ "state=unconn proto=raw,udp",	"hjkl" },
		{ "state!=listen",		"bcdfghij" },
		{ "state!=listen,dgram",	"bcdfgi" },
		{ "state=close",		"opr" },
		{ "state=closed,listen",	"aeopr" },
		{ "state=CLOSED proto=raw,udp",	"rs" },
		{ "state=close proto=udpl",	"t" },
		{ "state=close family=inet6",	"pr" },
		{ "state=bound",		"q" },
		{ "state=BOUND-INACTIVE",	"q" },
		{ "state=bound,close",		"opqr" },
		{ "state=bound,dgram",		"hjq" },
		{ "state=bound proto=tcp,udp",	"q" },
		{ "state=bound,close pid=4000000", "oq" },
		{ "state=bound,close owner=none", "pr" },
		{ "state=bound,close lport=0",	"opr" },
		{ "state=bound,close laddr=10.0.0.0/8", "q" },
		{ "state=bound,close state!=bound", "opr" },
		{ "state!=bound",		"abcdefghij" },
		{ "state!=close,bound",		"abcdefghij" },
		{ "state!=established",		"acdefghj" },
		{ "uid=7",			"" },
		/* ports */
		{ "lport=80",			"abcd" },
		{ "lport=0080",			"abcd" },
		{ "rport=443",			"g" },
		{ "port=443",			"efg" },
		{ "port!=443",			"abcdhij" },
		{ "lport=80,53",		"abcdh" },
		{ "lport=53-80",		"abcdh" },
		{ "lport=1-52,54-79,5000",	"i" },
		{ "lport<80",			"h" },
		{ "lport<=80",			"abcdh" },
		{ "lport>443",			"gij" },
		{ "lport>=443",			"efgij" },
		{ "lport>=80 lport<500",	"abcdef" },
		{ "rport>65534",		"f" },
		{ "rport!=0 rport<40001",	"bgi" },
		{ "port=0-65535",		"abcdefghij" },
		{ "lport=1 proto=raw",		"k" },
		/* addresses */
		{ "laddr=10.0.0.1",		"bcdfi" },
		{ "raddr=192.0.2.7",		"bf" },
		{ "raddr=192.0.2.0/24",		"bcdf" },
		{ "raddr=192.0.2.255/24",	"bcdf" },
		{ "raddr=192.0.2.8/31",		"cd" },
		{ "raddr=192.0.2.8/32",		"c" },
		{ "addr=192.0.2.7,fe80::1",	"bfj" },
		{ "addr=10.0.0.2",		"i" },
		{ "addr!=10.0.0.0/8",		"aeghj" },
		{ "laddr=0.0.0.0",		"ah" },
		{ "laddr=0.0.0.0/0",		"abcdfhi" },
		{ "laddr=::",			"e" },
		{ "laddr=::/0",			"efgj" },
		{ "laddr=::ffff:10.0.0.1",	"f" },
		{ "laddr=::ffff:0:0/96",	"f" },
		{ "laddr=2001:DB8::/32",	"g" },
		{ "raddr=2001:db8:ff00::/40",	"g" },
		{ "raddr=2001:db8:ffff::3/127",	"g" },
		{ "raddr=2001:db8:ffff::3/128",	"" },
		{ "laddr=fe80::/10",		"j" },
		/* owners */
		{ "pid=812",			"abd" },
		{ "pid=9,812",			"abdhj" },
		{ "pid<1000",			"abdhj" },
		{ "pid!=812",			"cefghij" },
		{ "pid=4000000",		"ef" },
		{ "comm=nginx",			"abd" },
		{ "comm=n*",			"abd" },
		{ "comm=NGINX",			"" },
		{ "comm=[a-n]*,w*",		"abdef" },
		{ "comm=tmux:\\040server",	"hj" },
		{ "comm=tmux*",			"hj" },
		{ "comm=worker\\,1",		"ef" },
		{ "comm=worker\\0541",		"ef" },
		{ "comm=worker?1,nginx",	"abdef" },
		{ "comm!=nginx",		"cefghij" },
		{ "comm=*",			"abdefhj" },
		{ "owner=none",			"cgi" },
		{ "owner=any",			"abdefhj" },
		{ "owner!=none",		"abdefhj" },
		{ "owner=none,any",		"abcdefghij" },
		{ "owner=none pid=812",		"" },
		/* numbers */
		{ "uid=0",			"acdgij" },
		{ "uid=33,1000",		"bfh" },
		{ "uid>=1000",			"efh" },
		{ "uid=4294967294",		"e" },
		{ "uid=4294967295",		"" },
		{ "inode=0",			"cdg" },
		{ "inode=100",			"a" },
		{ "inode=101-104",		"bfh" },
		{ "inode=18446744073709551615",	"e" },
		{ "inode<18446744073709551615",	"abcdfghij" },
		{ "recvq>0",			"afj" },
		{ "recvq=832",			"j" },
		{ "sendq>4096",			"g" },
		{ "sendq>=4096",		"bg" },
		{ "sendq=4294967295",		"g" },
		/* together */
		{ "state=close_wait,last_ack comm=worker* rport!=443", "f" },
		{ "proto=tcp\tlport=80\nstate!=listen", "bcd" },
		{ "show=user proto=udp6 show=timer", "j" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++)
		check_matches(filters[i].text, filters[i].letters);
}

#define FATES	(NST_NEED_UNOWNED | NST_NEED_OWNER | NST_NEED_FILES)

/* Why nobody holds a socket; and whether owners must be found to tell. */
static void filter_fates(void **unused)
{
	static const struct nst_sock socks[] = {
		{ .state = NST_ESTABLISHED, .inode = 7, .owner = &nginx },
		{ .state = NST_ESTABLISHED, .inode = 8 },
		{ .state = NST_TIME_WAIT },
		{ .state = NST_ESTABLISHED, .unowned = NST_UNOWNED_QUEUED },
		{ .state = NST_FIN_WAIT2, .unowned = NST_UNOWNED_ORPHAN },
		{ .state = NST_LISTEN, .inode = 9, .unowned = NST_UNOWNED_KERNEL },
		{ .state = NST_NEW_SYN_RECV, .inode = 9 },
	};
	static const struct {
		/* owned, hidden, time_wait, queued, orphan, kernel, request */
		const char *text, *passing;
		unsigned int needs;
	} filters[] = {
		{ "",				"ohtqxkr", 0 },
		{ "owner=none",			"htqxkr", NST_NEED_OWNER },
		{ "owner=any",			"o", NST_NEED_OWNER },
		{ "owner=queued",		"q", NST_NEED_UNOWNED },
		{ "owner=ORPHAN",		"x", NST_NEED_UNOWNED },
		{ "owner=queued,orphan",	"qx", NST_NEED_UNOWNED },
		{ "owner!=queued",		"ohtxkr", NST_NEED_UNOWNED },
		{ "owner!=orphan,queued",	"ohtkr", NST_NEED_UNOWNED },
		{ "owner=none owner!=orphan",	"htqkr", NST_NEED_UNOWNED | NST_NEED_OWNER },
		{ "owner=kernel",		"k", NST_NEED_UNOWNED | NST_NEED_FILES },
		{ "owner=kernel,queued",	"qk", NST_NEED_UNOWNED | NST_NEED_FILES },
		{ "owner!=kernel",		"ohtqxr", NST_NEED_UNOWNED | NST_NEED_FILES },
		{ "owner=hidden",		"h", FATES },
		{ "owner!=hidden",		"otqxkr", FATES },
		{ "owner=none owner!=hidden,kernel", "tqxr", NST_NEED_UNOWNED | NST_NEED_OWNER },
		{ "owner=hidden,kernel",	"hk", NST_NEED_UNOWNED | NST_NEED_OWNER },
		{ "owner=hidden pid!=812",	"h", FATES },
		{ "owner=hidden comm=*",	"", FATES },
		{ "owner=any,queued",		"oq", NST_NEED_UNOWNED | NST_NEED_OWNER },
		{ "owner=orphan state=fin_wait2", "x", NST_NEED_UNOWNED },
		{ "owner=queued pid=812",	"", NST_NEED_UNOWNED | NST_NEED_OWNER },
		{ "owner=queued pid!=812",	"q", NST_NEED_UNOWNED | NST_NEED_OWNER },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		char letters[ARRAY_SIZE(socks) + 1], *letter = letters;
		struct nst_filter filter;

		parse(&filter, filters[i].text);
		for (size_t s = 0; s < ARRAY_SIZE(socks); s++)
			if (passes(&filter, &socks[s], NST_TCP))
				*letter++ = "ohtqxkr"[s];
		*letter = '\0';
		assert_string_equal(letters, filters[i].passing);
		assert_int_equal(nst_filter_needs_match(&filter), filters[i].needs);
	}
}

/* What the kernel keeps no user of is no user's, and not root's. */
static void filter_no_user(void **unused)
{
	static const union {
		struct nst_sock sock;
		u8 room[NST_SOCK_MAX];
	} record = { .sock = { .state = NST_TIME_WAIT, .uid = NST_UID_NONE } };
	static const struct {
		const char *text;
		bool passes;
	} filters[] = {
		{ "uid=0", false }, { "uid>=0", false }, { "uid=4294967295", false },
		{ "uid!=0", true }, { "uid!=0-4294967295", true }, { "not uid=0", true },
		{ "uid=0 or lport=0", true }, { "uid=0 or lport=1", false },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_filter filter;

		parse(&filter, filters[i].text);
		assert_int_equal(passes(&filter, &record.sock, NST_TCP), filters[i].passes);
	}
}

/* The walk must not ask for owners, which are not known then; nor owners for it. */
static void filter_has_two_stages(void **unused)
{
	static const char * const about_owners[] = { "pid=1", "comm=x", "owner=none" };
	static const char * const about_others[] = { "uid=7", "lport=7", "addr=9.9.9.9", "inode=7" };
	const struct nst_sock *sock = &records[0].sock;
	struct nst_filter filter;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(about_owners); i++) {
		parse(&filter, about_owners[i]);
		assert_true(passes_sock(&filter, sock, rows[0].table));
		assert_false(passes_owner(&filter, sock, rows[0].table));
	}
	for (size_t i = 0; i < ARRAY_SIZE(about_others); i++) {
		parse(&filter, about_others[i]);
		assert_false(passes_sock(&filter, sock, rows[0].table));
		assert_true(passes_owner(&filter, sock, rows[0].table));
	}
}

static void filter_zero_bytes_are_space(void **unused)
{
	struct nst_filter_error error;
	struct nst_filter filter;
	char letters[ARRAY_SIZE(rows) + 1];

	(void)unused;
	assert_true(parse_len(&filter, "state=listen\0proto=tcp6\0\0", 25, &error));
	matching(&filter, letters);
	assert_string_equal(letters, "e");
}

static void filter_clear(void **unused)
{
	struct nst_filter cleared, parsed;

	(void)unused;
	memset(&cleared, CANARY, sizeof(cleared));
	memset(&parsed, 0, sizeof(parsed));
	nst_filter_clear(&cleared);
	parse(&parsed, "");
	assert_memory_equal(&cleared, &parsed, sizeof(parsed));
	assert_int_equal(cleared.show, NST_SHOW_PROGRAM);
}

static void filter_columns(void **unused)
{
	static const struct {
		const char *text;
		unsigned int show;
	} filters[] = {
		{ "",				NST_SHOW_PROGRAM },
		{ "state=listen",		NST_SHOW_PROGRAM },
		{ "show=none",			0 },
		{ "show=user",			NST_SHOW_USER },
		{ "show=user,timer",		NST_SHOW_USER | NST_SHOW_TIMER },
		{ "show=user show=program",	NST_SHOW_USER | NST_SHOW_PROGRAM },
		{ "show=PROGRAM,more",		NST_SHOW_PROGRAM | NST_SHOW_DETAIL },
		{ "show=none,timer",		NST_SHOW_TIMER },
		{ "show=tcp,mem",		NST_SHOW_TCP | NST_SHOW_MEM },
		{ "show=more show=tcp netns=5",	NST_SHOW_DETAIL | NST_SHOW_TCP | NST_SHOW_NETNS },
		{ "netns=all",			NST_SHOW_PROGRAM | NST_SHOW_NETNS },
		{ "show=timer netns!=5",	NST_SHOW_TIMER | NST_SHOW_NETNS },
		{ "netns=5 show=none",		NST_SHOW_NETNS },
		{ "netns=all group=netns",	0 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_filter filter;

		parse(&filter, filters[i].text);
		assert_int_equal(filter.show, filters[i].show);
	}
}

static const struct {
	const char *text;
	enum nst_filter_reason reason;
	enum nst_filter_key key;
	const char *part;	/* what offset and len must point at */
} errors[] = {
	{ "listen", NST_FILTER_NO_OPERATOR, NST_KEY_NONE, "listen" },
	{ "state=listen x proto=tcp", NST_FILTER_NO_OPERATOR, NST_KEY_NONE, "x" },
	{ "state", NST_FILTER_NO_OPERATOR, NST_KEY_NONE, "state" },
	{ "colour=red", NST_FILTER_BAD_KEY, NST_KEY_NONE, "colour" },
	{ "State=listen", NST_FILTER_BAD_KEY, NST_KEY_NONE, "State" },
	{ "stat=listen", NST_FILTER_BAD_KEY, NST_KEY_NONE, "stat" },
	{ "states=listen", NST_FILTER_BAD_KEY, NST_KEY_NONE, "states" },
	{ "proto=tcp =5", NST_FILTER_BAD_KEY, NST_KEY_NONE, "" },
	{ "lport!80", NST_FILTER_BAD_OPERATOR, NST_KEY_LPORT, "!" },
	{ "lport!", NST_FILTER_BAD_OPERATOR, NST_KEY_LPORT, "!" },
	{ "state<listen", NST_FILTER_BAD_OPERATOR, NST_KEY_STATE, "<" },
	{ "laddr>=10.0.0.0/8", NST_FILTER_BAD_OPERATOR, NST_KEY_LADDR, ">=" },
	{ "comm<=x", NST_FILTER_BAD_OPERATOR, NST_KEY_COMM, "<=" },
	{ "owner>none", NST_FILTER_BAD_OPERATOR, NST_KEY_OWNER, ">" },
	{ "show!=user", NST_FILTER_BAD_OPERATOR, NST_KEY_SHOW, "!=" },
	{ "state=", NST_FILTER_NO_VALUE, NST_KEY_STATE, "" },
	{ "lport=", NST_FILTER_NO_VALUE, NST_KEY_LPORT, "" },
	{ "lport>", NST_FILTER_NO_VALUE, NST_KEY_LPORT, "" },
	{ "comm=", NST_FILTER_NO_VALUE, NST_KEY_COMM, "" },
	{ "lport=80,", NST_FILTER_NO_VALUE, NST_KEY_LPORT, "" },
	{ "lport=80,,90", NST_FILTER_NO_VALUE, NST_KEY_LPORT, "" },
	{ "state=,listen", NST_FILTER_NO_VALUE, NST_KEY_STATE, "" },
	{ "lport= 80", NST_FILTER_NO_VALUE, NST_KEY_LPORT, "" },
	{ "lport<80,90", NST_FILTER_ONE_VALUE, NST_KEY_LPORT, ",90" },
	{ "lport<80-90", NST_FILTER_ONE_VALUE, NST_KEY_LPORT, "80-90" },
	{ "state=listen,open", NST_FILTER_BAD_NAME, NST_KEY_STATE, "open" },
	{ "state=10", NST_FILTER_BAD_NAME, NST_KEY_STATE, "10" },
	{ "state=fin_wait", NST_FILTER_BAD_NAME, NST_KEY_STATE, "fin_wait" },
	{ "state=fin_wait11", NST_FILTER_BAD_NAME, NST_KEY_STATE, "fin_wait11" },
	{ "state==listen", NST_FILTER_BAD_NAME, NST_KEY_STATE, "=listen" },
	{ "state=-", NST_FILTER_BAD_NAME, NST_KEY_STATE, "-" },
	{ "proto=sctp", NST_FILTER_BAD_NAME, NST_KEY_PROTO, "sctp" },
	{ "family=unix", NST_FILTER_BAD_NAME, NST_KEY_FAMILY, "unix" },
	{ "owner=me", NST_FILTER_BAD_NAME, NST_KEY_OWNER, "me" },
	{ "show=colour", NST_FILTER_BAD_NAME, NST_KEY_SHOW, "colour" },
	{ "lport=http", NST_FILTER_BAD_NUMBER, NST_KEY_LPORT, "http" },
	{ "lport=80x", NST_FILTER_BAD_NUMBER, NST_KEY_LPORT, "80x" },
	{ "lport=-80", NST_FILTER_BAD_NUMBER, NST_KEY_LPORT, "-80" },
	{ "lport=80-", NST_FILTER_BAD_NUMBER, NST_KEY_LPORT, "80-" },
	{ "lport=1-2-3", NST_FILTER_BAD_NUMBER, NST_KEY_LPORT, "1-2-3" },
	{ "lport=*", NST_FILTER_BAD_NUMBER, NST_KEY_LPORT, "*" },
	{ "pid=+1", NST_FILTER_BAD_NUMBER, NST_KEY_PID, "+1" },
	{ "uid=root", NST_FILTER_BAD_NUMBER, NST_KEY_UID, "root" },
	{ "lport=22,65536", NST_FILTER_TOO_LARGE, NST_KEY_LPORT, "65536" },
	{ "lport=99999999999999999999999", NST_FILTER_TOO_LARGE, NST_KEY_LPORT,
	  "99999999999999999999999" },
	{ "pid=4294967296", NST_FILTER_TOO_LARGE, NST_KEY_PID, "4294967296" },
	{ "inode=18446744073709551616", NST_FILTER_TOO_LARGE, NST_KEY_INODE,
	  "18446744073709551616" },
	{ "inode=18446744073709551620", NST_FILTER_TOO_LARGE, NST_KEY_INODE,
	  "18446744073709551620" },
	{ "inode=1844674407370955161500", NST_FILTER_TOO_LARGE, NST_KEY_INODE,
	  "1844674407370955161500" },
	{ "inode>18446744073709551615", NST_FILTER_TOO_LARGE, NST_KEY_INODE,
	  "18446744073709551615" },
	{ "rport>65535", NST_FILTER_TOO_LARGE, NST_KEY_RPORT, "65535" },
	{ "netns=net:[5]", NST_FILTER_BAD_NUMBER, NST_KEY_NETNS, "net:[5]" },
	{ "netns!=all", NST_FILTER_BAD_NUMBER, NST_KEY_NETNS, "all" },
	{ "netns<all", NST_FILTER_BAD_NUMBER, NST_KEY_NETNS, "all" },
	{ "netns=5,alle", NST_FILTER_BAD_NUMBER, NST_KEY_NETNS, "alle" },
	{ "netns=all,", NST_FILTER_NO_VALUE, NST_KEY_NETNS, "" },
	{ "netns=4294967296", NST_FILTER_TOO_LARGE, NST_KEY_NETNS, "4294967296" },
	{ "idle=1.", NST_FILTER_BAD_NUMBER, NST_KEY_IDLE, "1." },
	{ "idle=.5", NST_FILTER_BAD_NUMBER, NST_KEY_IDLE, ".5" },
	{ "idle=1.234", NST_FILTER_BAD_NUMBER, NST_KEY_IDLE, "1.234" },
	{ "idle=1.2.3", NST_FILTER_BAD_NUMBER, NST_KEY_IDLE, "1.2.3" },
	{ "idle=42949672.96", NST_FILTER_TOO_LARGE, NST_KEY_IDLE, "42949672.96" },
	{ "idle=2-1.99", NST_FILTER_BACKWARDS, NST_KEY_IDLE, "2-1.99" },
	{ "rtt=0.1234", NST_FILTER_BAD_NUMBER, NST_KEY_RTT, "0.1234" },
	{ "recvq=1.5", NST_FILTER_BAD_NUMBER, NST_KEY_RECVQ, "1.5" },
	{ "timer=often", NST_FILTER_BAD_NAME, NST_KEY_TIMER, "often" },
	{ "timer<on", NST_FILTER_BAD_OPERATOR, NST_KEY_TIMER, "<" },
	{ "dir=?", NST_FILTER_BAD_NAME, NST_KEY_DIR, "?" },
	{ "lport=all", NST_FILTER_BAD_NUMBER, NST_KEY_LPORT, "all" },
	{ "recvq<0", NST_FILTER_TOO_SMALL, NST_KEY_RECVQ, "0" },
	{ "lport=90-80", NST_FILTER_BACKWARDS, NST_KEY_LPORT, "90-80" },
	{ "laddr=localhost", NST_FILTER_BAD_ADDRESS, NST_KEY_LADDR, "localhost" },
	{ "laddr=10.0.0", NST_FILTER_BAD_ADDRESS, NST_KEY_LADDR, "10.0.0" },
	{ "laddr=10.0.0.0.0/8", NST_FILTER_BAD_ADDRESS, NST_KEY_LADDR, "10.0.0.0.0/8" },
	{ "raddr=1::2::3", NST_FILTER_BAD_ADDRESS, NST_KEY_RADDR, "1::2::3" },
	{ "addr=[::1]", NST_FILTER_BAD_ADDRESS, NST_KEY_ADDR, "[::1]" },
	{ "addr=/8", NST_FILTER_BAD_ADDRESS, NST_KEY_ADDR, "/8" },
	{ "laddr=10.0.0.0/33", NST_FILTER_BAD_PREFIX, NST_KEY_LADDR, "10.0.0.0/33" },
	{ "laddr=10.0.0.0/", NST_FILTER_BAD_PREFIX, NST_KEY_LADDR, "10.0.0.0/" },
	{ "laddr=10.0.0.0/8/8", NST_FILTER_BAD_PREFIX, NST_KEY_LADDR, "10.0.0.0/8/8" },
	{ "laddr=10.0.0.0/255.0.0.0", NST_FILTER_BAD_PREFIX, NST_KEY_LADDR,
	  "10.0.0.0/255.0.0.0" },
	{ "laddr=::/129", NST_FILTER_BAD_PREFIX, NST_KEY_LADDR, "::/129" },
	{ "laddr=::/4294967296", NST_FILTER_BAD_PREFIX, NST_KEY_LADDR, "::/4294967296" },
	{ "laddr=::/-1", NST_FILTER_BAD_PREFIX, NST_KEY_LADDR, "::/-1" },
	{ "comm=a,b[c", NST_FILTER_BAD_PATTERN, NST_KEY_COMM, "b[c" },
	{ "comm=a\\", NST_FILTER_BAD_PATTERN, NST_KEY_COMM, "a\\" },
	{ "device=[", NST_FILTER_BAD_PATTERN, NST_KEY_DEVICE, "[" },
	{ "listener=a,", NST_FILTER_NO_VALUE, NST_KEY_LISTENER, "" },
	{ "device<lo", NST_FILTER_BAD_OPERATOR, NST_KEY_DEVICE, "<" },
	{ "proto=raw state=listen pid=1", NST_FILTER_NOTHING, NST_KEY_NONE, "state=listen" },
	{ "proto=udp6 family=inet", NST_FILTER_NOTHING, NST_KEY_NONE, "family=inet" },
	{ "state=bound proto=udp,raw", NST_FILTER_NOTHING, NST_KEY_NONE, "proto=udp,raw" },
	{ "state!=listen state=listen", NST_FILTER_NOTHING, NST_KEY_NONE, "state=listen" },
	{ "state=listen state=close", NST_FILTER_NOTHING, NST_KEY_NONE, "state=close" },
	{ "proto!=tcp,udp", NST_FILTER_NOTHING, NST_KEY_NONE, "proto!=tcp,udp" },
	{ "owner!=none,any", NST_FILTER_NOTHING, NST_KEY_NONE, "owner!=none,any" },
	{ "owner=none owner=any", NST_FILTER_NOTHING, NST_KEY_NONE, "owner=any" },
	{ "group=", NST_FILTER_NO_VALUE, NST_KEY_GROUP, "" },
	{ "group=lport,", NST_FILTER_NO_VALUE, NST_KEY_GROUP, "" },
	{ "group=port", NST_FILTER_BAD_NAME, NST_KEY_GROUP, "port" },
	{ "group!=lport", NST_FILTER_BAD_OPERATOR, NST_KEY_GROUP, "!=" },
	{ "group=lport/24", NST_FILTER_BAD_PREFIX, NST_KEY_GROUP, "lport/24" },
	{ "group=raddr/", NST_FILTER_BAD_PREFIX, NST_KEY_GROUP, "raddr/" },
	{ "group=raddr/129", NST_FILTER_BAD_PREFIX, NST_KEY_GROUP, "raddr/129" },
	{ "group=lport,rport,uid", NST_FILTER_TOO_MANY_GROUPS, NST_KEY_GROUP, "uid" },
	{ "group=lport,rport group=uid", NST_FILTER_TOO_MANY_GROUPS, NST_KEY_GROUP, "uid" },
	{ "group=lport show=none", NST_FILTER_GROUP_SHOWS, NST_KEY_NONE, "show=none" },
	{ "show=user group=lport", NST_FILTER_GROUP_SHOWS, NST_KEY_NONE, "show=user" },
	{ "top=5", NST_FILTER_TOP_OF_WHAT, NST_KEY_NONE, "top=5" },
	{ "group=lport top=", NST_FILTER_NO_VALUE, NST_KEY_TOP, "" },
	{ "group=lport top=0", NST_FILTER_TOO_SMALL, NST_KEY_TOP, "0" },
	{ "group=lport top=many", NST_FILTER_BAD_NUMBER, NST_KEY_TOP, "many" },
	{ "group=lport top=1-5", NST_FILTER_ONE_VALUE, NST_KEY_TOP, "1-5" },
	{ "group=lport top=1,5", NST_FILTER_BAD_NUMBER, NST_KEY_TOP, "1,5" },
	{ "group=lport top<5", NST_FILTER_BAD_OPERATOR, NST_KEY_TOP, "<" },
	{ "group=lport top=4294967296", NST_FILTER_TOO_LARGE, NST_KEY_TOP, "4294967296" },
};

static void filter_groups(void **unused)
{
	static const struct {
		const char *text;
		struct nst_grouping group;
		unsigned int needs;
	} filters[] = {
		{ "", { .top = U32_MAX }, NST_NEED_OWNER },
		{ "group=state", { { NST_BY_STATE }, { 128 }, U32_MAX }, 0 },
		{ "top=3 group=uid", { { NST_BY_UID }, { 128 }, 3 }, NST_NEED_UID },
		{ "group=uid top=9 top=2", { { NST_BY_UID }, { 128 }, 2 }, NST_NEED_UID },
		{ "group=raddr/24,Lport", { { NST_BY_RADDR, NST_BY_LPORT }, { 24, 128 }, U32_MAX },
		  0 },
		{ "group=rport group=raddr/0", { { NST_BY_RPORT, NST_BY_RADDR }, { 128, 0 },
						 U32_MAX }, 0 },
		{ "group=program", { { NST_BY_PROGRAM }, { 128 }, U32_MAX },
		  NST_NEED_OWNER | NST_NEED_HOLDERS },
		{ "group=netns,process", { { NST_BY_NETNS, NST_BY_PROCESS }, { 128, 128 },
					   U32_MAX }, NST_NEED_OWNER | NST_NEED_HOLDERS },
		{ "group=cgroup", { { NST_BY_CGROUP }, { 128 }, U32_MAX }, NST_NEED_DETAIL },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_filter filter;

		parse(&filter, filters[i].text);
		assert_memory_equal(&filter.group, &filters[i].group, sizeof(filter.group));
		assert_int_equal(nst_filter_needs_show(&filter),
				 filters[i].needs | NST_NEED_QUEUES);
	}
}

static void filter_errors(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		const char *text = errors[i].text, *part = errors[i].part;
		struct nst_filter filter, before;
		struct nst_filter_error error;

		memset(&filter, CANARY, sizeof(filter));
		before = filter;
		if (parse_len(&filter, text, strlen(text), &error))
			fail_msg("\"%s\" should be wrong", text);
		assert_memory_equal(&filter, &before, sizeof(filter));
		if (error.reason != errors[i].reason || error.key != errors[i].key)
			fail_msg("\"%s\": reason %d key %d", text, error.reason, error.key);
		if (error.len != strlen(part) || memcmp(text + error.offset, part, error.len))
			fail_msg("\"%s\": at %u+%u, should be \"%s\"", text, error.offset,
				 error.len, part);
	}
}

/* Where something is missing, the offset says where. */
static void filter_errors_of_no_length(void **unused)
{
	static const struct {
		const char *text;
		u32 offset;
	} missing[] = {
		{ "state=", 6 }, { "lport=80,", 9 }, { "lport=80,,90", 9 }, { " lport!= 80", 8 },
		{ "proto=tcp =5", 10 }, { "lport>=", 7 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		struct nst_filter_error error;
		struct nst_filter filter;

		assert_false(parse_len(&filter, missing[i].text, strlen(missing[i].text), &error));
		assert_int_equal(error.offset, missing[i].offset);
		assert_int_equal(error.len, 0);
	}
}

/* Repeats a part; the caller frees. */
static char *repeat(const char *start, const char *part, size_t times)
{
	char *text = malloc(strlen(start) + strlen(part) * times + 1);
	char *p = stpcpy(text, start);

	while (times--)
		p = stpcpy(p, part);
	return text;
}

static void check_repeated(const char *start, const char *part, size_t times,
			   enum nst_filter_reason reason)
{
	char *text = repeat(start, part, times);
	struct nst_filter_error error;
	struct nst_filter filter;

	assert_int_equal(parse_len(&filter, text, strlen(text), &error), !reason);
	assert_int_equal(error.reason, reason);
	assert_true(error.offset + error.len <= strlen(text));
	free(text);
}

/* A listener's may begin with its pid. */
static void filter_name_is_cut(void **unused)
{
	static const char comm[] = "comm=systemd-resolved", listener[] = "listener=812345/systemd-resolve";
	struct nst_filter_error error;
	struct nst_filter filter;

	(void)unused;
	assert_true(parse_len(&filter, comm, strlen(comm), &error));
	assert_int_equal(filter.value[0].len, 15);
	assert_true(parse_len(&filter, listener, strlen(listener), &error));
	assert_int_equal(filter.value[0].len, strlen("812345/systemd-resolve"));
}

static void filter_bounds(void **unused)
{
	(void)unused;
	check_repeated("lport=1", ",1", NST_FILTER_VALUES - 1, NST_FILTER_OK);
	check_repeated("lport=1", ",1", NST_FILTER_VALUES, NST_FILTER_TOO_MANY);
	check_repeated("", "pid!=1 ", NST_FILTER_VALUES, NST_FILTER_OK);
	check_repeated("", "pid!=1 ", NST_FILTER_VALUES + 1, NST_FILTER_TOO_MANY);
	check_repeated("device=", "a", NST_FILTER_PATTERNS, NST_FILTER_OK);
	check_repeated("device=", "a", NST_FILTER_PATTERNS + 1, NST_FILTER_TOO_MUCH_PATTERN);
	check_repeated("", "comm=12345678 ", NST_FILTER_PATTERNS / 8, NST_FILTER_OK);
	check_repeated("", "comm=12345678 ", NST_FILTER_PATTERNS / 8 + 1,
		       NST_FILTER_TOO_MUCH_PATTERN);
	check_repeated("state=listen", ",listen", 500, NST_FILTER_OK);
	check_repeated("", " ", NST_FILTER_MAX, NST_FILTER_OK);
	check_repeated("", " ", NST_FILTER_MAX + 1, NST_FILTER_TEXT_TOO_LONG);
	check_repeated("", "proto=tcp ", NST_FILTER_MAX / 10, NST_FILTER_OK);
}

static void filter_tables_and_states(void **unused)
{
	static const struct {
		const char *text;
		unsigned int tables, states;
	} filters[] = {
		{ "", 0x0f, 0x2fff },
		{ "state=listen", 0x03, 1 << NST_LISTEN },
		{ "state=dgram", 0x0c, NST_FILTER_DGRAM },
		{ "state=established", 0x0f, 1 << NST_ESTABLISHED },
		{ "state=dgram proto=raw,udpl,tcp,udp", 0xfc, NST_FILTER_DGRAM },
		{ "proto=raw,udpl state!=dgram", 0xc0, 0x2ffe },
		{ "state=close", 0x0f, 1 << NST_CLOSE },
		{ "state=close,listen proto=raw", 0x30, 1 << NST_CLOSE | 1 << NST_LISTEN },
		{ "state=bound", 0x03, 1 << NST_BOUND },
		{ "state!=bound,listen", 0x0f, 0xbff },
		{ "proto=raw family=inet6", 0x20, 0x2fff },
		{ "family=inet state=syn_recv,listen", 0x01, 1 << NST_SYN_RECV | 1 << NST_LISTEN },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_filter filter;

		parse(&filter, filters[i].text);
		assert_int_equal(filter.tables, filters[i].tables);
		assert_int_equal(filter.states, filters[i].states);
	}
}

#define MORE	(NST_NEED_QUEUES | NST_NEED_DETAIL | NST_NEED_OWNER | NST_NEED_HOLDERS | \
		 NST_NEED_UNOWNED | NST_NEED_FILES)

static void filter_needs(void **unused)
{
	static const struct {
		const char *text;
		unsigned int match, show;
	} filters[] = {
		{ "", 0, NST_NEED_QUEUES | NST_NEED_OWNER },
		{ "lport=1 addr=::1 state=listen", 0, NST_NEED_QUEUES | NST_NEED_OWNER },
		{ "pid=1 show=none", NST_NEED_OWNER, NST_NEED_QUEUES },
		{ "comm=x show=none", NST_NEED_OWNER, NST_NEED_QUEUES },
		{ "owner=none show=none", NST_NEED_OWNER, NST_NEED_QUEUES },
		{ "owner=none,any show=none", 0, NST_NEED_QUEUES },
		{ "uid=1 show=timer", NST_NEED_UID, NST_NEED_QUEUES | NST_NEED_TIMER },
		{ "inode=1 recvq=1 show=user", NST_NEED_INODE | NST_NEED_QUEUES,
		  NST_NEED_QUEUES | NST_NEED_UID | NST_NEED_INODE },
		{ "sendq>1 show=none", NST_NEED_QUEUES, NST_NEED_QUEUES },
		{ "netns=all show=none", NST_NEED_NETNS, NST_NEED_QUEUES },
		{ "idle>5 show=none", NST_NEED_DETAIL, NST_NEED_QUEUES },
		{ "fill>=80 show=none", NST_NEED_DETAIL | NST_NEED_QUEUES, NST_NEED_QUEUES },
		{ "timer=on show=none", NST_NEED_TIMER, NST_NEED_QUEUES },
		{ "cwnd=1 show=none", NST_NEED_DETAIL | NST_NEED_TCP, NST_NEED_QUEUES },
		{ "not (notsent>0 or rto=1) show=none", NST_NEED_DETAIL | NST_NEED_TCP,
		  NST_NEED_QUEUES },
		{ "show=tcp", 0, NST_NEED_QUEUES | NST_NEED_DETAIL | NST_NEED_TCP },
		{ "show=mem", 0, NST_NEED_QUEUES | NST_NEED_DETAIL | NST_NEED_MEM },
		{ "device=lo show=none", NST_NEED_DETAIL | NST_NEED_LATE, NST_NEED_QUEUES },
		{ "not (device=lo or lport=1) show=none", NST_NEED_DETAIL | NST_NEED_LATE,
		  NST_NEED_QUEUES },
		{ "listener=x show=none", NST_NEED_DETAIL | NST_NEED_OWNER | NST_NEED_UNOWNED |
		  NST_NEED_LISTENERS | NST_NEED_LATE, NST_NEED_QUEUES },
		{ "mark=5 show=none", NST_NEED_DETAIL | NST_NEED_MARKS, NST_NEED_QUEUES },
		{ "lport=1 or not mark=5 show=none", NST_NEED_DETAIL | NST_NEED_MARKS,
		  NST_NEED_QUEUES },
		{ "netns!=1 group=netns", NST_NEED_NETNS, NST_NEED_QUEUES },
		{ "group=process", 0, NST_NEED_QUEUES | NST_NEED_OWNER | NST_NEED_HOLDERS },
		{ "group=lport,program", 0, NST_NEED_QUEUES | NST_NEED_OWNER | NST_NEED_HOLDERS },
		{ "group=uid", 0, NST_NEED_QUEUES | NST_NEED_UID },
		{ "group=cgroup,state", 0, NST_NEED_QUEUES | NST_NEED_DETAIL },
		{ "group=raddr,lport", 0, NST_NEED_QUEUES },
		/* Who listens for what nobody holds, where it may be shown. */
		{ "show=more", 0, MORE | NST_NEED_LISTENERS },
		{ "show=more owner=none", NST_NEED_OWNER, MORE | NST_NEED_LISTENERS },
		{ "show=more owner=any", NST_NEED_OWNER, MORE },
		{ "show=more owner=queued", NST_NEED_UNOWNED, MORE | NST_NEED_LISTENERS },
		{ "show=more owner=orphan", NST_NEED_UNOWNED, MORE },
		{ "show=more pid=1", NST_NEED_OWNER, MORE },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_filter filter;

		parse(&filter, filters[i].text);
		assert_int_equal(nst_filter_needs_match(&filter), filters[i].match);
		assert_int_equal(nst_filter_needs_show(&filter), filters[i].show);
	}
}

static void filter_namespaces(void **unused)
{
	static const struct {
		const char *text;
		bool in[4];	/* whether 0, 5, 4026531840 and 4294967295 pass */
	} filters[] = {
		{ "", { true, true, true, true } },
		{ "netns=all", { true, true, true, true } },
		{ "netns=ALL", { true, true, true, true } },
		{ "netns=5", { false, true, false, false } },
		{ "netns=5,4026531840", { false, true, true, false } },
		{ "netns=5,all", { true, true, true, true } },
		{ "netns!=5", { true, false, true, true } },
		{ "netns=all netns!=5,0", { false, false, true, true } },
		{ "netns=5 netns!=5", { false, false, false, false } },
		{ "netns=4-4026531840", { false, true, true, false } },
		{ "netns>5", { false, false, true, true } },
		{ "netns>=5 netns<4294967295", { false, true, true, false } },
		{ "netns=4294967295", { false, false, false, true } },
	};
	static const u32 netns[] = { 0, 5, 4026531840, 4294967295 };

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		char letters[ARRAY_SIZE(rows) + 1], all[ARRAY_SIZE(rows) + 1];
		struct nst_filter filter;

		parse(&filter, "");
		matching(&filter, all);
		parse(&filter, filters[i].text);
		for (size_t n = 0; n < ARRAY_SIZE(netns); n++)
			assert_int_equal(nst_filter_match_netns(&filter, netns[n]),
					 filters[i].in[n]);
		/* It is the namespace that passes, or does not; not the socket. */
		matching(&filter, letters);
		assert_string_equal(letters, all);
	}
}

static void filter_pids(void **unused)
{
	static const struct {
		const char *text;
		u32 first, last;
	} filters[] = {
		{ "", 0, U32_MAX },
		{ "pid=812", 812, 812 },
		{ "state=listen pid=4294967295", U32_MAX, U32_MAX },
		{ "pid=812,814", 812, 814 },
		{ "pid=812-900,7", 7, 900 },
		{ "pid!=812", 0, U32_MAX },
		{ "pid<2 lport=5", 0, 1 },
		{ "pid>=100 pid<=200", 100, 200 },
		{ "pid!=1 pid=7", 7, 7 },
		{ "pid=7 pid=9", 9, 7 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_filter filter;
		u32 first, last;

		parse(&filter, filters[i].text);
		nst_filter_pids(&filter, &first, &last);
		assert_int_equal(first, filters[i].first);
		assert_int_equal(last, filters[i].last);
	}
}

/*
 * What a socket's holders make of it: who passes is named, and a socket held by
 * others only is not taken for one that nobody holds.
 */
static void filter_holders(void **unused)
{
	static const struct {
		const char *text;
		bool named, held, nobody;	/* whether it is shown */
	} filters[] = {
		{ "",			true, true, true },
		{ "owner=any",		true, true, false },
		{ "owner=none",		false, false, true },
		{ "pid=812",		true, false, false },
		{ "pid!=812",		true, false, true },
		{ "comm!=x owner=any",	true, false, false },
		{ "comm!=x owner=none",	false, false, true },
	};
	static const struct nst_process process = { .pid = 7 };
	const struct nst_sock named = { .owner = &process, .last_pid = 7 };
	const struct nst_sock held = { .last_pid = 9 };
	const struct nst_sock nobody = {};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_filter filter;

		parse(&filter, filters[i].text);
		assert_int_equal(nst_filter_match_owner(&filter, &named), filters[i].named);
		assert_int_equal(nst_filter_match_owner(&filter, &nobody), filters[i].nobody);
		/* All processes pass a filter that does not ask for any. */
		if (i >= 3)
			assert_int_equal(nst_filter_match_owner(&filter, &held), filters[i].held);
	}
}

/* Everybody's words for the states: those of line 1 name them all. */
static void filter_knows_the_words_of_line_1(void **unused)
{
	(void)unused;
	for (unsigned int state = NST_ESTABLISHED; state <= NST_BOUND; state++) {
		struct nst_filter filter;
		char text[32];

		snprintf(text, sizeof(text), "state=%s", nst_state_word(state));
		parse(&filter, text);
		assert_int_equal(filter.states, 1 << state);
		snprintf(text, sizeof(text), "state=%s", nst_state_name(state));
		parse(&filter, text);
		assert_int_equal(filter.states, 1 << state);
		if (state == NST_CLOSING)	/* the last one but that */
			state = NST_BOUND - 1;
	}
}

/* Every name that the tables of names offer can be read back. */
static void filter_knows_its_names(void **unused)
{
	(void)unused;
	for (enum nst_filter_key key = NST_KEY_FIRST; key < NST_KEYS; key++) {
		const struct nst_filter_key_info *info = &nst_filter_keys[key];

		assert_int_equal(nst_filter_key_find(info->name, strlen(info->name)), key);
		for (const struct nst_filter_name *name = info->names; name && name->name; name++)
			assert_ptr_equal(nst_filter_name_find(info->names, name->name,
							      strlen(name->name)), name);
	}
}

/* Of a saved table, a word may have zero bytes: a name ends where it ends. */
static void filter_names_end(void **unused)
{
	const struct nst_filter_key_info *info = &nst_filter_keys[NST_KEY_TIMER];

	(void)unused;
	for (const struct nst_filter_name *name = info->names; name->name; name++) {
		char text[64] = "";
		size_t len = strlen(name->name);

		strcpy(text, name->name);
		for (; len < sizeof(text) - 1; len++)
			assert_null(nst_filter_name_find(info->names, text, len + 1));
	}
}

/*
 * "!=" lets through exactly what "=" does not, unless it is about "proto", or about what is
 * only shown when "state=" asks for it.
 */
static void filter_negation(void **unused)
{
	static const char * const tests[][2] = {
		{ "lport", "80,443" }, { "rport", "0-40000" }, { "port", "443" },
		{ "laddr", "10.0.0.0/8,::/0" }, { "raddr", "::" }, { "addr", "192.0.2.7" },
		{ "pid", "812" }, { "uid", "0-1000" }, { "inode", "0" }, { "recvq", "0" },
		{ "sendq", "0,1" }, { "comm", "*x" }, { "owner", "none" }, { "family", "inet" },
		{ "state", "listen,dgram" },
	};
	struct nst_filter with, without;
	char text[64];

	(void)unused;
	for (size_t t = 0; t < ARRAY_SIZE(tests); t++) {
		snprintf(text, sizeof(text), "proto=tcp,udp,raw,udpl %s=%s", tests[t][0], tests[t][1]);
		parse(&with, text);
		snprintf(text, sizeof(text), "proto=tcp,udp,raw,udpl %s!=%s", tests[t][0], tests[t][1]);
		parse(&without, text);
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			const struct nst_sock *sock = &records[i].sock;
			enum nst_table table = rows[i].table;
			bool in = passes(&with, sock, table);
			bool out = passes(&without, sock, table);

			if (in == out && (in || !nst_state_is_unhashed(table, sock->state)))
				fail_msg("\"%s\" and row %c", text, rows[i].letter);
		}
	}
}

/* Texts put together at random from good and bad parts: nothing but the truth. */
static void filter_random_texts(void **unused)
{
	static const char * const parts[] = {
		"proto", "family", "state", "lport", "port", "laddr", "addr", "pid", "uid",
		"inode", "recvq", "netns", "all", "comm", "owner", "show", "=", "=", "=", "!=", "<", "<=", ">",
		">=", " ", " ", "\n", ",", ",", "-", "/", "*", "[", "]", "\\", "tcp", "udp6",
		"inet", "listen", "FIN-WAIT-1", "80", "65535", "18446744073709551615", "10.0.0.1",
		"::1", "8", "nginx", "none", "any", "user", "\0", "\377",
	};
	struct nst_filter_error error;
	struct nst_filter filter, before;
	char text[256], letters[ARRAY_SIZE(rows) + 1];
	int valid = 0;

	(void)unused;
	for (int i = 0; i < 300000; i++) {
		size_t len = 0;

		for (u32 n = random32() % 9; n; n--) {
			const char *part = parts[random32() % ARRAY_SIZE(parts)];
			size_t part_len = strlen(part) + !*part;

			memcpy(text + len, part, part_len);
			len += part_len;
		}
		memset(&filter, CANARY, sizeof(filter));
		before = filter;
		if (parse_len(&filter, text, len, &error)) {
			valid++;
			matching(&filter, letters);
		} else {
			assert_memory_equal(&filter, &before, sizeof(filter));
			assert_in_range(error.reason, 1, NST_FILTER_REASONS - 1);
			assert_true(error.offset + error.len <= len);
		}
	}
	assert_true(valid > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_matches),
		cmocka_unit_test(filter_fates),
		cmocka_unit_test(filter_no_user),
		cmocka_unit_test(filter_has_two_stages),
		cmocka_unit_test(filter_zero_bytes_are_space),
		cmocka_unit_test(filter_clear),
		cmocka_unit_test(filter_columns),
		cmocka_unit_test(filter_groups),
		cmocka_unit_test(filter_errors),
		cmocka_unit_test(filter_errors_of_no_length),
		cmocka_unit_test(filter_name_is_cut),
		cmocka_unit_test(filter_bounds),
		cmocka_unit_test(filter_tables_and_states),
		cmocka_unit_test(filter_needs),
		cmocka_unit_test(filter_namespaces),
		cmocka_unit_test(filter_pids),
		cmocka_unit_test(filter_holders),
		cmocka_unit_test(filter_knows_the_words_of_line_1),
		cmocka_unit_test(filter_knows_its_names),
		cmocka_unit_test(filter_names_end),
		cmocka_unit_test(filter_negation),
		cmocka_unit_test(filter_random_texts),
	};

	return cmocka_run_group_tests(tests, make_records, NULL);
}
