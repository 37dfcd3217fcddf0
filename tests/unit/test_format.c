// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>

#include <netstate/comm.h>
#include <netstate/format.h>

#include "reference.h"
#include "test.h"

#define SHOW_ALL (NST_SHOW_USER | NST_SHOW_PROGRAM | NST_SHOW_TIMER)

/* A record with room for the addresses of either family. */
union record {
	struct nst_sock sock;
	u8 room[sizeof(struct nst_sock) + 32];
};

/* What pads a column may go so far past the end of a row. */
#define SLACK 40

/* Formats into a buffer of the promised size, beyond which ASan watches. */
static size_t format_row(char *text, const struct nst_sock *sock, enum nst_table table,
			 unsigned int show)
{
	char *buf = malloc(NST_ROW_MAX);
	size_t len;

	memset(buf, CANARY, NST_ROW_MAX);
	if (sock->owner)
		nst_process_name((struct nst_process *)sock->owner);
	len = nst_format_row(buf, sock, table, show) - buf;
	assert_in_range(len, 1, NST_ROW_MAX - SLACK);
	for (size_t i = len + SLACK; i < NST_ROW_MAX; i++)
		assert_int_equal((unsigned char)buf[i], CANARY);
	memcpy(text, buf, len);
	text[len] = '\0';
	free(buf);
	return len;
}

static void check_row(const struct nst_sock *sock, enum nst_table table, unsigned int show)
{
	char expected[REFERENCE_MAX], text[NST_ROW_MAX + 1];

	reference_row(expected, sock, table, show);
	format_row(text, sock, table, show);
	if (strcmp(text, expected))
		fail_msg("table %d show %u\n# is        \"%s\"\n# should be \"%s\"",
			 table, show, text, expected);
}

/* In every table, with every set of columns. */
static void check_everywhere(const struct nst_sock *sock)
{
	for (enum nst_table table = 0; table < NST_TABLES; table++)
		for (unsigned int show = 0; show <= SHOW_ALL; show++)
			check_row(sock, table, show);
}

static void set_addrs(struct nst_sock *sock, enum nst_table table, const char *local,
		      const char *remote)
{
	bool ipv6 = nst_table_is_ipv6(table);
	int family = ipv6 ? AF_INET6 : AF_INET;

	assert_int_equal(inet_pton(family, local, sock->addr), 1);
	assert_int_equal(inet_pton(family, remote, sock->addr + (ipv6 ? 16 : 4)), 1);
}

/* Rows as netstat printed them (2.10-0.1+deb12u2); the process names are short. */
static void row_as_netstat(void **unused)
{
	static struct nst_process sshd = { .pid = 812, .comm = "sshd" };
	static struct nst_process avahi = { .pid = 1234567, .comm = "avahi-daemon" };
	static const struct {
		enum nst_table table;
		const char *local, *remote, *row;
		struct nst_sock sock;
	} rows[] = {
		{
			NST_TCP, "0.0.0.0", "0.0.0.0",
			"tcp        0      0 0.0.0.0:2024            0.0.0.0:*               "
			"LISTEN      0          637        -                    "
			"off (0.00/0/0)\n",
			{ .lport = 2024, .state = NST_LISTEN, .inode = 637 },
		}, {
			NST_TCP, "192.0.2.2", "198.51.100.80",
			"tcp        0      0 192.0.2.2:34042         198.51.100.80:80        "
			"TIME_WAIT   0          0          -                    "
			"timewait (42.79/0/0)\n",
			{ .lport = 34042, .rport = 80, .state = NST_TIME_WAIT, .uid = NST_UID_NONE,
			  .timer = NST_TIMER_TIMEWAIT, .timer_left = 4279 },
		}, {
			NST_TCP6, "::", "::",
			"tcp6       1      0 :::22                   :::*                    "
			"LISTEN      0          20123      812/sshd             "
			"off (0.00/0/0)\n",
			{ .lport = 22, .state = NST_LISTEN, .inode = 20123, .recvq = 1,
			  .owner = &sshd },
		}, {
			NST_TCP6, "::ffff:127.0.0.1", "::ffff:127.0.0.1",
			"tcp6       0     36 127.0.0.1:22            127.0.0.1:46446         "
			"ESTABLISHED 1000       20999      812/sshd             "
			"keepalive (7198.04/0/0)\n",
			{ .lport = 22, .rport = 46446, .state = NST_ESTABLISHED, .inode = 20999,
			  .sendq = 36, .uid = 1000, .owner = &sshd,
			  .timer = NST_TIMER_KEEPALIVE, .timer_left = 719804 },
		}, {
			NST_UDP, "0.0.0.0", "0.0.0.0",
			"udp      832      0 0.0.0.0:5353            0.0.0.0:*               "
			"            107        18446744073709551615 1234567/avahi-daemon+2 "
			"off (0.00/0/0)\n",
			{ .lport = 5353, .state = NST_CLOSE, .inode = 18446744073709551615u,
			  .recvq = 832, .uid = 107, .owner = &avahi, .others = 2 },
		}, {
			NST_UDP6, "2001:db8:1111:2222:3333:4444:5555:6666", "2001:db8::1",
			"udp6       0      0 2001:db8:1111:2222:3333:4444:5555:6666:40000 "
			"2001:db8::1:53          ESTABLISHED 4294967294 1          "
			"-                    off (0.00/0/0)\n",
			{ .lport = 40000, .rport = 53, .state = NST_ESTABLISHED, .inode = 1,
			  .uid = 4294967294 },
		}, {
			NST_RAW, "0.0.0.0", "0.0.0.0",
			"raw        0      0 0.0.0.0:1               0.0.0.0:*               "
			"7           0          31         -                    "
			"off (0.00/0/0)\n",
			{ .lport = 1, .state = NST_CLOSE, .inode = 31 },
		}, {
			NST_UDPLITE6, "::", "::",
			"udpl6      0      0 :::7                    :::*                    "
			"            0          32         -                    "
			"off (0.00/0/0)\n",
			{ .lport = 7, .state = NST_CLOSE, .inode = 32 },
		},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		union record record = { .sock = rows[i].sock };
		char text[NST_ROW_MAX + 1];

		set_addrs(&record.sock, rows[i].table, rows[i].local, rows[i].remote);
		format_row(text, &record.sock, rows[i].table, SHOW_ALL);
		assert_string_equal(text, rows[i].row);
		check_row(&record.sock, rows[i].table, SHOW_ALL);
	}
}

static void row_of_every_state(void **unused)
{
	union record record = { .sock = { .inode = 4711, .lport = 1, .rport = 65535 } };

	(void)unused;
	for (int state = 0; state < 256; state++) {
		record.sock.state = state;
		check_everywhere(&record.sock);
	}
}

static void row_with_every_width_of_numbers(void **unused)
{
	union record record = { .sock = { .state = NST_ESTABLISHED } };
	struct nst_sock *sock = &record.sock;
	u64 power = 1;

	(void)unused;
	for (int digits = 1; digits <= 20; digits++, power *= 10) {
		for (u64 value = power - 1; value != power + 1; value++) {
			struct nst_process owner = { .pid = value, .comm = "a" };

			sock->inode = value;
			sock->recvq = value;
			sock->sendq = 4294967295 - sock->recvq;
			sock->uid = value;
			sock->lport = value;
			sock->rport = 65535 - sock->lport;
			sock->timer_left = value;
			sock->owner = digits % 2 ? &owner : NULL;
			sock->others = value / 2;
			check_everywhere(sock);
		}
	}
}

static void row_with_every_width_of_addresses(void **unused)
{
	static const char * const addrs6[] = {
		"::", "::1", "::12", "1::1", "12::1", "123::1", "1234::1", "1234:5::1",
		"1234:56::1", "1234:567::1", "1234:5678::1", "1234:5678:9::1",
		"1234:5678:9a::1", "1234:5678:9abc::1", "1234:5678:9abc:1234::5",
		"1234:5678:9abc:1234:5678:9abc:1234:5678", "::255.255.255.255",
		"::ffff:1.2.3.4", "::ffff:255.255.255.255",
	};
	static const char * const addrs4[] = {
		"0.0.0.0", "10.2.3.4", "10.20.3.4", "10.20.30.4", "10.20.30.40",
		"100.20.30.40", "100.200.30.40", "100.200.130.40", "255.255.255.255",
	};
	static const u16 ports[] = { 0, 1, 22, 443, 8080, 65535 };
	union record record = { .sock = { .state = NST_CLOSE } };
	struct nst_sock *sock = &record.sock;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(addrs6) * ARRAY_SIZE(ports); i++) {
		size_t a = i / ARRAY_SIZE(ports), p = i % ARRAY_SIZE(ports);

		sock->lport = ports[p];
		sock->rport = ports[ARRAY_SIZE(ports) - 1 - p];
		set_addrs(sock, NST_TCP6, addrs6[a], addrs6[ARRAY_SIZE(addrs6) - 1 - a]);
		check_row(sock, NST_TCP6, 0);
		check_row(sock, NST_UDP6, NST_SHOW_PROGRAM);
		a %= ARRAY_SIZE(addrs4);
		set_addrs(sock, NST_TCP, addrs4[a], addrs4[ARRAY_SIZE(addrs4) - 1 - a]);
		check_row(sock, NST_TCP, NST_SHOW_PROGRAM);
		check_row(sock, NST_RAW, 0);
	}
}

static void row_with_odd_names(void **unused)
{
	static const struct {
		const char *comm, *text;
	} names[] = {
		{ "nginx",		"7/nginx" },
		{ "",			"7/" },
		{ "kworker/0:1",	"7/kworker/0:1" },
		{ "(sd-pam)",		"7/(sd-pam)" },
		{ "tmux: server",	"7/tmux:\\040server" },
		{ " a\tb\nc\r",		"7/\\040a\\011b\\012c\\015" },
		{ "\\",			"7/\\134" },
		{ "\\040",		"7/\\134040" },
		{ "g++",		"7/g++" },
		{ "a+1",		"7/a\\0531" },
		{ "c++17",		"7/c+\\05317" },
		{ "caf\303\251",	"7/caf\\303\\251" },
		{ "\001\037\177\200\377", "7/\\001\\037\\177\\200\\377" },
		{ "!~%s%n",		"7/!~%s%n" },
		{ "123456789012345",	"7/123456789012345" },
		{ "\n\n\n\n\n",		"7/\\012\\012\\012\\012\\012" },
	};
	union record record = { .sock = { .state = NST_CLOSE } };

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct nst_process owner = { .pid = 7 };
		char expected[64], text[NST_ROW_MAX + 1];

		strcpy(owner.comm, names[i].comm);
		record.sock.owner = &owner;
		snprintf(expected, sizeof(expected), " %-20s\n", names[i].text);
		format_row(text, &record.sock, NST_TCP, NST_SHOW_PROGRAM);
		assert_string_equal(text + 79, expected);
	}
}

static void row_with_every_byte_in_a_name(void **unused)
{
	struct nst_process owner = { .pid = 1 };
	union record record = { .sock = { .owner = &owner, .others = 1 } };

	(void)unused;
	for (int byte = 1; byte < 256; byte++) {
		for (int len = 0; len < NST_COMM_SIZE; len++) {
			memset(owner.comm, 0, sizeof(owner.comm));
			memset(owner.comm, byte, len);
			check_row(&record.sock, NST_TCP, NST_SHOW_PROGRAM);
		}
	}
}

static void row_with_every_timer(void **unused)
{
	union record record = { .sock = { .state = NST_ESTABLISHED } };
	struct nst_sock *sock = &record.sock;

	(void)unused;
	for (int i = 0; i < 256; i++) {
		sock->timer = i % 64;
		sock->retransmits = i;
		sock->probes = 255 - i;
		for (u32 left = 0; left < 250; left++) {
			sock->timer_left = left;
			check_row(sock, NST_TCP, NST_SHOW_TIMER);
		}
		sock->timer_left = random32();
		check_row(sock, NST_TCP6, SHOW_ALL);
	}
}

/* The longest row there is. */
static void row_that_is_longest(void **unused)
{
	struct nst_process owner = { .pid = 4294967295 };
	union record record = {
		.sock = {
			.inode = 18446744073709551615u, .owner = &owner, .recvq = 4294967295,
			.sendq = 4294967295, .uid = 4294967294, .timer_left = 4294967295,
			.others = 4294967295, .lport = 65535, .rport = 65535,
			.state = NST_ESTABLISHED, .timer = NST_TIMER_KEEPALIVE,
			.retransmits = 255, .probes = 255,
		},
	};
	char text[NST_ROW_MAX + 1];

	(void)unused;
	memset(owner.comm, 0xff, NST_COMM_SIZE - 1);
	memset(record.sock.addr, 0xff, 32);
	check_everywhere(&record.sock);
	assert_int_equal(format_row(text, &record.sock, NST_UDPLITE6, SHOW_ALL), 279);
}

static void random_addr(u8 *addr)
{
	for (int i = 0; i < 16; i++)
		addr[i] = random32();
	switch (random32() % 4) {
	case 0:
		memset(addr, 0, 16);
		break;
	case 1:
		memset(addr, 0, 10);
		memset(addr + 10, 0xff, 2);
		break;
	case 2:
		memset(addr + random32() % 16, 0, random32() % 8);
		break;
	}
}

static void row_random(void **unused)
{
	union record record;
	struct nst_sock *sock = &record.sock;

	(void)unused;
	for (int i = 0; i < 200000; i++) {
		struct nst_process owner = { .pid = random_magnitude(32) };
		u8 addrs[48];

		for (u32 c = 0, len = random32() % NST_COMM_SIZE; c < len; c++)
			owner.comm[c] = random32() % 4 ? 'a' + random32() % 26 : random32();
		memset(&record, 0, sizeof(record));
		sock->inode = random_magnitude(64);
		sock->owner = random32() % 4 ? &owner : NULL;
		sock->recvq = random_magnitude(32);
		sock->sendq = random_magnitude(32);
		sock->uid = random_magnitude(32);
		sock->timer_left = random_magnitude(32);
		sock->others = random32() % 4 ? 0 : random_magnitude(32);
		sock->lport = random_magnitude(16);
		sock->rport = random_magnitude(16);
		sock->state = random32() % 16;
		sock->timer = random32() % 8;
		sock->retransmits = random_magnitude(8);
		sock->probes = random_magnitude(8);
		random_addr(addrs);
		random_addr(addrs + 16);
		memcpy(sock->addr, addrs, 32);
		check_row(sock, random32() % NST_TABLES, random32() % (SHOW_ALL + 1));
	}
}

/* Everything else stays as it is, and the column is the last one. */
static void row_with_namespace(void **unused)
{
	static const u32 numbers[] = { 0, 5, 4026531840, 4294967295 };
	static const union record record = { .sock = { .state = NST_LISTEN, .lport = 80 } };
	char expected[REFERENCE_MAX], text[NST_ROW_MAX + 1];

	(void)unused;
	for (unsigned int show = 0; show <= SHOW_ALL; show++) {
		for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
			size_t len = format_row(text, &record.sock, NST_TCP6, show | NST_SHOW_NETNS);
			char *end;

			*nst_format_netns(text + len - 1, numbers[i], show) = '\0';
			reference_row(expected, &record.sock, NST_TCP6, show);
			end = strchr(expected, '\n');
			if (show & NST_SHOW_TIMER)
				end += sprintf(end, "%*s", 20 - (int)strlen("off (0.00/0/0)"), "");
			sprintf(end, " %u", numbers[i]);
			assert_string_equal(text, expected);
		}
	}
}

static size_t format_head(char *text, const struct nst_counts *counts, unsigned int show,
			  bool bound)
{
	char *buf = malloc(NST_HEAD_MAX);
	size_t len;

	memset(buf, CANARY, NST_HEAD_MAX);
	len = nst_format_columns(nst_format_counts(buf, counts, bound), show) - buf;
	assert_in_range(len, 1, NST_HEAD_MAX - 1);
	assert_int_equal((unsigned char)buf[len], CANARY);
	memcpy(text, buf, len);
	text[len] = '\0';
	free(buf);
	return len;
}

static void head_columns(void **unused)
{
	const struct nst_counts counts = { .total = 0 };

	(void)unused;
	for (unsigned int show = 0; show <= SHOW_ALL; show++) {
		char text[NST_HEAD_MAX], expected[REFERENCE_MAX];

		reference_columns(expected, show);
		format_head(text, &counts, show, show & 1);
		assert_string_equal(strchr(text, '\n') + 1, expected);
	}
}

static void head_with_namespace(void **unused)
{
	static const struct nst_counts counts;

	(void)unused;
	for (unsigned int show = 0; show <= SHOW_ALL; show++) {
		char text[NST_HEAD_MAX], expected[REFERENCE_MAX], *end;

		reference_columns(expected, show);
		end = strchr(expected, '\n');
		if (show & NST_SHOW_TIMER)
			end += sprintf(end, "%*s", 20 - (int)strlen("Timer"), "");
		strcpy(end, " Netns\n");
		format_head(text, &counts, show | NST_SHOW_NETNS, false);
		assert_string_equal(strchr(text, '\n') + 1, expected);
	}
}

static void head_counts(void **unused)
{
	static const struct nst_counts counts = {
		.state = { 99, 1, 22, 333, 4444, 55555, 666666, 7777777, 88888888, 999999999,
			   4294967295, 11, 99, 14, 99 },
		.dgram = 12, .total = 13,
	};
	char text[NST_HEAD_MAX];

	(void)unused;
	format_head(text, &counts, 0, true);
	*strchr(text, '\n') = '\0';
	assert_string_equal(strstr(text, " dgram"), " dgram=12 total=13 bound=14");
	format_head(text, &counts, 0, false);
	*strchr(text, '\n') = '\0';
	assert_string_equal(text,
			    "Active Internet connections (servers and established)"
			    " established=1 syn_sent=22 syn_recv=333 fin_wait1=4444"
			    " fin_wait2=55555 time_wait=666666 close=7777777"
			    " close_wait=88888888 last_ack=999999999 listen=4294967295"
			    " closing=11 dgram=12 total=13");
}

/* Line 1 must be no row to anybody: see what people grep for. */
static void head_looks_like_no_row(void **unused)
{
	const struct nst_counts counts = { .total = 1 };
	char text[NST_HEAD_MAX];

	(void)unused;
	format_head(text, &counts, SHOW_ALL, true);
	*strchr(text, '\n') = '\0';
	assert_null(strstr(text, "tcp"));
	assert_null(strstr(text, "udp"));
	assert_null(strchr(text, ':'));
	assert_null(strchr(text, '.'));
	for (unsigned int state = 1; state < NST_STATES; state++)
		assert_null(strstr(text, nst_state_name(state)));
}

static void head_that_is_longest(void **unused)
{
	struct nst_counts counts;
	char text[NST_HEAD_MAX];

	(void)unused;
	memset(&counts, 0xff, sizeof(counts));
	assert_int_equal(format_head(text, &counts, SHOW_ALL, true), 439 + 17);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_as_netstat),
		cmocka_unit_test(row_of_every_state),
		cmocka_unit_test(row_with_every_width_of_numbers),
		cmocka_unit_test(row_with_every_width_of_addresses),
		cmocka_unit_test(row_with_odd_names),
		cmocka_unit_test(row_with_every_byte_in_a_name),
		cmocka_unit_test(row_with_every_timer),
		cmocka_unit_test(row_that_is_longest),
		cmocka_unit_test(row_random),
		cmocka_unit_test(row_with_namespace),
		cmocka_unit_test(head_columns),
		cmocka_unit_test(head_with_namespace),
		cmocka_unit_test(head_counts),
		cmocka_unit_test(head_looks_like_no_row),
		cmocka_unit_test(head_that_is_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
