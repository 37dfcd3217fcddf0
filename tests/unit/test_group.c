// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>

#include <netstate/comm.h>
#include <netstate/group.h>

#include "test.h"

union record {
	struct nst_sock sock;
	u8 room[sizeof(struct nst_sock) + 32];
};

static const struct nst_process nginx = { .pid = 812, .comm = "nginx" };
static const struct nst_process dash = { .pid = 7, .comm = "-" };
static const struct nst_process other = { .pid = 8, .comm = "(other)" };
static const struct nst_process pam = { .pid = 9, .comm = "(sd-pam)" };
static const struct nst_process odd = { .pid = 4194304, .comm = "\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1" };

/* One socket, and what its group is called. */
static const struct {
	struct nst_grouping by;
	enum nst_table table;
	const char *raddr;
	u8 state;
	const struct nst_process *process;
	u64 cgroup;
	const char *key[NST_GROUP_KEYS];
} keys[] = {
	{ { { NST_BY_PROCESS }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, &nginx, 0, { "812/nginx" } },
	{ { { NST_BY_PROCESS }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, NULL, 0, { "-" } },
	{ { { NST_BY_PROCESS }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, &dash, 0, { "7/-" } },
	{ { { NST_BY_PROGRAM }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, &nginx, 0, { "nginx" } },
	{ { { NST_BY_PROGRAM }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, NULL, 0, { "-" } },
	{ { { NST_BY_PROGRAM }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, &dash, 0, { "\\055" } },
	{ { { NST_BY_PROGRAM }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, &other, 0, { "\\050other)" } },
	{ { { NST_BY_PROGRAM }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, &pam, 0, { "(sd-pam)" } },
	{ { { NST_BY_LPORT, NST_BY_RPORT }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, NULL, 0, { "22", "*" } },
	{ { { NST_BY_RADDR }, { 128 }, 0 }, NST_TCP, "10.1.2.3", 1, NULL, 0, { "10.1.2.3" } },
	{ { { NST_BY_RADDR }, { 32 }, 0 }, NST_TCP, "10.1.2.3", 1, NULL, 0, { "10.1.2.3" } },
	{ { { NST_BY_RADDR }, { 24 }, 0 }, NST_TCP, "10.1.2.3", 1, NULL, 0, { "10.1.2.0/24" } },
	{ { { NST_BY_RADDR }, { 9 }, 0 }, NST_TCP, "10.255.2.3", 1, NULL, 0, { "10.128.0.0/9" } },
	{ { { NST_BY_RADDR }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, NULL, 0, { "0.0.0.0/0" } },
	{ { { NST_BY_RADDR }, { 24 }, 0 }, NST_TCP6, "::ffff:10.1.2.3", 1, NULL, 0,
	  { "10.1.2.0/24" } },
	{ { { NST_BY_RADDR }, { 128 }, 0 }, NST_TCP6, "2001:db8::1", 1, NULL, 0, { "2001:db8::1" } },
	{ { { NST_BY_RADDR }, { 24 }, 0 }, NST_TCP6, "2001:dff::1", 1, NULL, 0, { "2001:d00::/24" } },
	{ { { NST_BY_RADDR }, { 127 }, 0 }, NST_TCP6, "2001:db8::1", 1, NULL, 0,
	  { "2001:db8::/127" } },
	{ { { NST_BY_RADDR }, { 0 }, 0 }, NST_TCP6, "2001:db8::1", 1, NULL, 0, { "::/0" } },
	{ { { NST_BY_UID, NST_BY_NETNS }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, NULL, 0,
	  { "4294967294", "4026531840" } },
	{ { { NST_BY_UID }, { 0 }, 0 }, NST_TCP, "10.1.2.3", NST_TIME_WAIT, NULL, 0, { "-" } },
	{ { { NST_BY_CGROUP }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, NULL, 1ULL << 40, { "1099511627776" } },
	{ { { NST_BY_CGROUP }, { 0 }, 0 }, NST_TCP, "10.1.2.3", 1, NULL, 0, { "-" } },
	{ { { NST_BY_STATE, NST_BY_PROGRAM }, { 0 }, 0 }, NST_TCP, "10.1.2.3", NST_CLOSE_WAIT, &odd, 0,
	  { "close_wait", "\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001\\001" } },
	{ { { NST_BY_STATE }, { 0 }, 0 }, NST_TCP, "10.1.2.3", NST_NEW_SYN_RECV, NULL, 0, { "syn_recv" } },
	{ { { NST_BY_STATE }, { 0 }, 0 }, NST_UDP, "10.1.2.3", NST_CLOSE, NULL, 0, { "dgram" } },
	{ { { NST_BY_STATE }, { 0 }, 0 }, NST_RAW6, "::", NST_ESTABLISHED, NULL, 0, { "dgram" } },
};

static void make(size_t i, struct nst_group_key *key)
{
	bool ipv6 = nst_table_is_ipv6(keys[i].table);
	union record record = { .sock = { .lport = 22,
					  .uid = keys[i].state == NST_TIME_WAIT ? NST_UID_NONE : 4294967294U,
					  .state = keys[i].state } };
	struct nst_detail more = { .known = keys[i].cgroup ? NST_KNOWS_CGROUP : 0,
				 .cgroup = keys[i].cgroup };

	assert_int_equal(inet_pton(ipv6 ? AF_INET6 : AF_INET, keys[i].raddr,
				   record.sock.addr + (ipv6 ? 16 : 4)), 1);
	memset(key, 0xff, sizeof(*key));
	nst_group_key_make(key, &keys[i].by, &record.sock, keys[i].table, &more,
			   keys[i].process, 4026531840U);
}

static void group_keys(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char *text = malloc(NST_GROUP_MAX), *end, *rest = NULL;
		unsigned int words = nst_grouping_words(&keys[i].by);
		struct nst_group group = { .recvq = 0 };

		make(i, &group.key);
		/* All that tells groups apart is at the start. */
		for (size_t w = words; w < sizeof(group.key) / 4; w++)
			assert_int_equal(((const u32 *)&group.key)[w], 0);
		end = nst_format_group(text, &group, &keys[i].by, false, i % 2);
		assert_in_range(end - text, 1, NST_GROUP_MAX - 1);
		*end = '\0';
		assert_string_equal(strtok_r(text, " ", &rest), keys[i].key[0]);
		if (keys[i].key[1])
			assert_string_equal(strtok_r(NULL, " ", &rest), keys[i].key[1]);
		free(text);
	}
}

/* A line has as many words as its head, and columns end where their names end. */
static void group_lines(void **unused)
{
	static const struct nst_grouping by = { { NST_BY_LPORT, NST_BY_RADDR }, { 128, 128 }, 1 };
	static const char head[] =
		"lport                   raddr                   established syn_sent syn_recv "
		"fin_wait1 fin_wait2 time_wait   close close_wait last_ack  listen closing   dgram "
		"  total   recvq   sendq\n";
	static const char line[] =
		"443                     10.1.2.3                    1000000        0        1   "
		"      0         0         0       0          2        0       0       0       0 "
		"1000003 18446744073709551615       0\n";
	static const char rest[] =
		"(other)                 (other)                           0        0        0   "
		"      0         0         0       0          0        0       0       0       0 "
		"      0       0       0\n";
	union record record = { .sock = { .lport = 443, .recvq = U32_MAX } };
	struct nst_group group = { .recvq = 0 };
	char text[NST_GROUP_MAX];

	(void)unused;
	inet_pton(AF_INET, "10.1.2.3", record.sock.addr + 4);
	nst_group_key_make(&group.key, &by, &record.sock, NST_TCP, NULL, NULL, 0);
	*nst_format_group_head(text, &by, false) = '\0';
	assert_string_equal(text, head);
	*nst_format_group(text, &group, &by, true, false) = '\0';
	assert_string_equal(text, rest);

	for (u32 i = 1; i <= 1000003; i++) {
		record.sock.state = i <= 1000000 ? NST_ESTABLISHED :
				    i == 1000001 ? NST_NEW_SYN_RECV : NST_CLOSE_WAIT;
		nst_group_add(&group, &record.sock, NST_TCP, i);
		nst_group_add(&group, &record.sock, NST_TCP, i);	/* counts once */
	}
	assert_int_equal(group.recvq, 1000003ULL * U32_MAX);
	group.recvq = UINT64_MAX;
	*nst_format_group(text, &group, &by, false, false) = '\0';
	assert_string_equal(text, line);

	/* For those who ask for it, one column more. */
	record.sock.state = NST_BOUND;
	nst_group_add(&group, &record.sock, NST_TCP, 1000004);
	*nst_format_group_head(text, &by, true) = '\0';
	assert_memory_equal(text, head, strlen(head) - 1);
	assert_string_equal(text + strlen(head) - 1, "   bound\n");
	*nst_format_group(text, &group, &by, false, true) = '\0';
	assert_string_equal(strrchr(text, ' '), " 1\n");
}

static void group_order(void **unused)
{
	static const struct nst_grouping by = { { NST_BY_LPORT, NST_BY_PROGRAM }, { 0 }, 1 };
	static const struct {
		u32 total;
		u16 lport;
		const struct nst_process *process;
	} sorted[] = {
		{ 9, 7000, &nginx }, { 3, 80, &dash }, { 3, 80, &nginx }, { 3, 443, &dash },
		{ 1, 1, NULL },
	};
	struct nst_group group[ARRAY_SIZE(sorted)];

	(void)unused;
	memset(group, 0, sizeof(group));
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++) {
		union record record = { .sock = { .lport = sorted[i].lport } };

		group[i].counts.total = sorted[i].total;
		nst_group_key_make(&group[i].key, &by, &record.sock, NST_TCP, NULL,
				   sorted[i].process, 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(sorted); j++) {
			int order = nst_group_compare(&group[i], &group[j]);

			assert_true(i < j ? order < 0 : i > j ? order > 0 : !order);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(group_keys),
		cmocka_unit_test(group_lines),
		cmocka_unit_test(group_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
