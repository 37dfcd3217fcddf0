// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hundred thousand sockets.  Wants 2 GiB and some tens of seconds.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/calls.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"

#define SMALL	20000
#define LARGE	100000

static void numbered_host(int i, char *host, size_t size)
{
	snprintf(host, size, "127.%d.%d.%d", 1 + i / 40000, i / 200 % 200,
		 1 + i % 200);
}

/* One server's port, at each of so many addresses: one chain of the kernel. */
static bool bind_to_one_port(int from, int to)
{
	char host[24];

	for (int i = from; i < to; i++) {
		union addr at;

		numbered_host(i, host, sizeof(host));
		at = addr_of(i & 1 ? MAPPED : V4, host, 443);
		if (sock_bound(SOCK_DGRAM, &at) < 0) {
			note("socket %d: %m", i);
			return false;
		}
	}
	return true;
}

/* The number that numbered_host() made it of, or -1. */
static int number_of(const char *text)
{
	int a, b, c;

	if (sscanf(text, "127.%d.%d.%d:443", &a, &b, &c) != 3)
		return -1;
	return (a - 1) * 40000 + b * 200 + c - 1;
}

FIXTURE(load)
{
	struct table t;
};

FIXTURE_SETUP(load)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(LARGE + 1000));
}

FIXTURE_TEARDOWN(load)
{
	table_free(&self->t);
}

/* Each of them is there, once, and ours. */
static int missing(const struct table *t, int (*number)(const char *))
{
	unsigned char *seen = calloc(1, LARGE);
	int wrong = 0;

	for (size_t i = 0; i < t->n; i++) {
		int n = number(t->rows[i].laddr);

		if (n < 0 || n >= LARGE || seen[n] ||
		    t->rows[i].pid != getpid() || t->rows[i].others) {
			if (++wrong < 10)
				note("%s: %s", t->rows[i].laddr,
				     t->rows[i].prog);
			continue;
		}
		seen[n] = 1;
	}
	for (int i = 0; i < LARGE; i++)
		wrong += !seen[i];
	free(seen);
	return wrong;
}

/*
 * What the walk does, whatever the length of the chain that all are in: each socket is looked
 * at when the chain is walked in full; before that it is tried with half of the room, a
 * quarter, and so on, room for what was met and for records. Where calls can't be counted,
 * nothing is said.
 */
static bool looks_at_each(int sockets)
{
	static const char *const counted[] = { "nst_filter_match_tuple" };
	static const char filter[] = "lport=443 show=none";
	int fd = open(NETSTATE, O_RDWR | O_CLOEXEC);
	long before, looks;

	if (!calls_start(counted, 1))
		return true;
	before = calls_first();
	if (fd < 0 || write(fd, filter, strlen(filter)) < 0)
		return false;
	free(fd_read(fd, NULL));
	close(fd);
	looks = calls_first() - before;
	calls_stop();
	note("%d sockets: %ld looks", sockets, looks);
	return looks >= sockets && looks <= 5l * sockets;
}

/* Work grows with them, not with their square. */
TEST_F_TIMEOUT(load, udp_on_one_port, 900)
{
	ASSERT_TRUE(bind_to_one_port(0, SMALL));
	EXPECT_TRUE(looks_at_each(SMALL));
	ASSERT_TRUE(bind_to_one_port(SMALL, LARGE));
	EXPECT_TRUE(looks_at_each(LARGE));

	ASSERT_EQ(0, table_read(&self->t)) {
		note("%s", self->t.error);
	}
	EXPECT_EQ(LARGE, self->t.n);
	EXPECT_EQ(LARGE, self->t.counts[C_DGRAM]);
	EXPECT_EQ(0, missing(&self->t, number_of));
}

/* Established without a handshake: one end each, of nobody's connection. */
static bool establish(int i)
{
	union addr from = addr_of(V4, "127.0.0.1", 10000 + i % 20000);
	union addr to = addr_of(V4, "127.9.9.9", 80);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	from.in.sin_addr.s_addr = htonl(0x7f010101 + i / 20000);
	return fd >= 0 &&
	       !setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one)) &&
	       !bind(fd, &from.sa, sizeof(from.in)) &&
	       !connect(fd, &to.sa, sizeof(to.in));
}

static int number_established(const char *text)
{
	int host, port;

	if (sscanf(text, "127.1.1.%d:%d", &host, &port) != 2)
		return -1;
	return (host - 1) * 20000 + port - 10000;
}

TEST_F_TIMEOUT(load, tcp_established, 900)
{
	int made = 0;

	while (made < LARGE && establish(made))
		made++;
	ASSERT_EQ(LARGE, made) {
		note("%m");
	}
	ASSERT_EQ(0, table_read(&self->t)) {
		note("%s", self->t.error);
	}
	EXPECT_EQ(LARGE, self->t.n);
	EXPECT_EQ(LARGE, self->t.counts[C_ESTABLISHED]);
	EXPECT_EQ(0, missing(&self->t, number_established));
}

TEST_HARNESS_MAIN
