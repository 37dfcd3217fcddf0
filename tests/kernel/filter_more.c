// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters about the words of show=more: sockets of which the test has made what the words
 * say, and how many rows each filter leaves of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"

#define USER	1000
#define BACKLOG	5
#define WAITING	3
#define BYTES	1000
#define ALL	11	/* rows */

FIXTURE(more)
{
	int fd;
};

/* @n clients of a listener, with ports from @port on: so they are known to be outgoing. */
static int clients(const union addr *to, uint16_t port, int n)
{
	int fd = -1;

	while (n--) {
		union addr from = addr_of(V4, "127.0.0.1", port + n);

		fd = sock_connect(SOCK_STREAM, &from, to);
	}
	return fd;
}

FIXTURE_SETUP(more)
{
	union addr full = addr_of(V4, "127.0.0.1", 7001), empty = addr_of(V4, "127.0.0.1", 7002);
	union addr at = addr_of(V4, "127.0.0.1", 7003);
	int one = 1, mark = 7, l, c, s, udp;
	char bytes[BYTES] = "";

	ASSERT_EQ(0, netns_new());
	/* One that is accepted, with data in one direction, before the others wait. */
	l = sock_listen(&full, BACKLOG);
	ASSERT_LE(0, l);
	c = clients(&full, 8001, 1);
	ASSERT_LE(0, c);
	s = accept(l, NULL, NULL);
	ASSERT_LE(0, s);
	ASSERT_EQ(BYTES, write(c, bytes, BYTES));
	ASSERT_EQ(BYTES, recv(s, bytes, BYTES, MSG_WAITALL));
	ASSERT_EQ(0, setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)));
	ASSERT_LE(0, clients(&full, 8002, WAITING));
	ASSERT_LE(0, sock_listen(&empty, 2 * BACKLOG));
	udp = sock_bound(SOCK_DGRAM, &at);
	ASSERT_LE(0, udp);
	ASSERT_EQ(0, setsockopt(udp, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
	self->fd = open(NETSTATE, O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(more)
{
	close(self->fd);
}

/* How many rows a filter leaves, or -errno. */
static int rows(int fd, const char *filter)
{
	struct table t;
	int n;

	if (write(fd, filter, strlen(filter)) != (ssize_t)strlen(filter))
		return -errno;
	n = table_read_fd(&t, fd) ? -EBADMSG : (int)t.n;
	if (n < 0)
		note("%s", t.error);
	table_free(&t);
	return n;
}

static const struct {
	const char *filter;
	int rows;
} looks[] = {
	{ "lport>=0", ALL },
	{ "backlog=5", 1 }, { "backlog=10", 1 }, { "backlog>=5", 2 }, { "backlog!=5", ALL - 1 },
	{ "backlog<5", 0 },
	{ "fill=60", 1 }, { "fill>60", 0 }, { "fill>=50 fill<100", 1 }, { "fill=0", 1 },
	{ "fill!=60", ALL - 1 }, { "not fill<=100", ALL - 2 },
	{ "bytes_in=1000", 1 }, { "bytes_out=1000", 1 }, { "bytes_in=1000 lport=7001", 1 },
	{ "bytes_out=1000 rport=7001", 1 }, { "bytes_in>1000", 0 },
	{ "bytes_in=1000 or bytes_out=1000", 2 },
	{ "dir=out", 1 + WAITING }, { "dir=in", 1 + WAITING }, { "dir=in,out", 2 + 2 * WAITING },
	{ "dir!=in,out", 3 },
	{ "idle<100000", 2 + 2 * WAITING }, { "idle>=100000.5", 0 }, { "idle!=0-100000", 3 },
	{ "rtt>0", 2 + 2 * WAITING }, { "rtt>=4000000", 0 },
	{ "retrans=0", 2 + 2 * WAITING }, { "retrans>0", 0 }, { "probes=0", ALL },
	{ "retransmits=0", ALL }, { "retransmits>0", 0 },
	{ "timer=keepalive", 1 }, { "timer!=keepalive", ALL - 1 }, { "timer=timewait", 0 },
	{ "drops=0 proto=udp", 1 }, { "drops>0", 0 },
	{ "mark=7", 1 }, { "mark!=7", ALL - 1 }, { "mark=8", 0 }, { "mark=0", 0 },
	{ "mark=7 or fill>=60 or timer=keepalive", 3 },
	{ "not (mark=7 or dir=in or dir=out)", 2 },
	{ "cookie=0", 0 }, { "cgroup=0", 0 },
};

TEST_F(more, words)
{
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		EXPECT_EQ(looks[i].rows, rows(self->fd, looks[i].filter)) {
			note("'%s'", looks[i].filter);
		}
	}
}

/* The same words, in groups and with all words shown. */
TEST_F(more, groups)
{
	static const char *const filters[] = {
		"group=state fill>=60", "group=lport (fill>=60 or mark=9)",
		"group=cgroup fill=60", "fill=60 show=more", "fill=60 show=none",
	};
	char *text;
	size_t len;

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		ASSERT_EQ((ssize_t)strlen(filters[i]),
			  write(self->fd, filters[i], strlen(filters[i])));
		ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
		text = fd_read(self->fd, &len);
		ASSERT_NE(NULL, text);
		EXPECT_NE(NULL, strstr(text, " listen=1 ")) {
			note("'%s': %s", filters[i], text);
		}
		EXPECT_NE(NULL, strstr(text, " total=1\n"));
		free(text);
	}
}

/* Who may not see marks cannot find them out, in whatever words. */
static int looks_for_marks(int line, void *arg)
{
	static const char *const filters[] = {
		"mark=7", "mark!=7", "lport=1 or mark=7", "not (lport=1 or mark=7)",
		"netns=all mark=7", "group=lport mark>0",
	};
	int fd, failed = 0;

	if (become(USER, USER, -1))
		return 1;
	fd = open(NETSTATE, O_RDWR);
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		int n = rows(fd, filters[i]);

		if (n == -EPERM)
			continue;
		note("'%s': %d", filters[i], n);
		failed++;
	}
	/* What was there before still is. */
	if (rows(fd, "fill=60") != 1 || rows(fd, "mark=7") != -EPERM)
		failed++;
	return failed ? 2 : 0;
}

TEST_F(more, marks_are_hidden)
{
	struct child looker;

	ASSERT_EQ(0, child_start(&looker, looks_for_marks, NULL));
	EXPECT_EQ(0, child_end(&looker));
}

#define LO	3	/* rows with device=lo: UDP, a listener, what it has accepted */
#define ODD	1	/* with that of this name, which is written as this text: */
#define ODD_NAME "e=\033*"
#define ODD_TEXT "e\\075\\033*"
#define DEVICES	8	/* all rows; one socket's device is gone, the others have none */

FIXTURE(device)
{
	int fd;
	int tun;
};

/* Binds a socket to a device, which the kernel then says of it. */
static bool bind_to(int fd, const char *device)
{
	char said[IFNAMSIZ] = "";
	socklen_t len = sizeof(said);

	return !setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device)) &&
	       !getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, said, &len) && !strcmp(said, device);
}

static int udp_bound_to(const char *device, uint16_t port)
{
	union addr at = addr_of(V4, "127.0.0.1", port);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	return device && !bind_to(fd, device) ? -1 : bind(fd, &at.sa, sizeof(at.in));
}

static int tun_named(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR);

	strcpy(ifr.ifr_name, name);
	return fd >= 0 && ioctl(fd, TUNSETIFF, &ifr) ? -1 : fd;
}

FIXTURE_SETUP(device)
{
	union addr at = addr_of(V4, "127.0.0.1", 7002), from = addr_of(V4, "127.0.0.1", 8001);
	int gone, l;

	/* It may be a module. */
	if (access("/dev/net/tun", F_OK) && system("modprobe tun"))
		note("no modprobe of tun");
	ASSERT_EQ(0, netns_new());
	self->tun = tun_named(ODD_NAME);
	gone = tun_named("gone");
	if (self->tun < 0 || gone < 0)
		SKIP(return, "no tun device in this kernel");
	ASSERT_EQ(0, udp_bound_to("lo", 7001));
	l = sock_listen(&at, BACKLOG);
	ASSERT_LE(0, l);
	ASSERT_TRUE(bind_to(l, "lo"));
	ASSERT_LE(0, sock_connect(SOCK_STREAM, &from, &at));
	ASSERT_LE(0, accept(l, NULL, NULL));
	ASSERT_EQ(0, udp_bound_to(ODD_NAME, 7003));
	ASSERT_EQ(0, udp_bound_to("gone", 7004));
	close(gone);
	ASSERT_EQ(0, if_nametoindex("gone"));
	ASSERT_EQ(0, udp_bound_to(NULL, 7005));
	ASSERT_EQ(0, udp_bound_to(NULL, 7006));
	self->fd = open(NETSTATE, O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(device)
{
	close(self->fd);
}

TEST_F(device, names)
{
	static const struct {
		const char *filter;
		int rows;
	} looks[] = {
		{ "", DEVICES },
		{ "device=lo", LO }, { "device=l?", LO }, { "device=[k-m]o", LO },
		{ "device=L*", 0 }, { "device=l", 0 }, { "device!=lo", DEVICES - LO },
		{ "device=*", LO + ODD }, { "device!=*", DEVICES - LO - ODD },
		{ "device=lo,e*", LO + ODD }, { "device!=lo,e*", DEVICES - LO - ODD },
		{ "device=" ODD_TEXT, ODD }, { "device=e=\\033\\*", ODD }, { "device=e", 0 },
		{ "device=gone", 0 }, { "device=1", 0 },
		{ "device=lo proto=udp", 1 }, { "device=lo state=listen", 1 },
		{ "device=lo or lport=7005", LO + 1 }, { "device=lo and not lport=7001", LO - 1 },
		{ "not (device=lo or device=e*)", DEVICES - LO - ODD },
		{ "device=lo owner=any", LO }, { "device=lo owner=none", 0 },
		{ "device=lo comm=*", LO }, { "device=lo comm=nobody", 0 },
		{ "comm=nobody or device=e*", ODD }, { "comm=* device!=lo", DEVICES - LO },
		{ "device=lo device=e*", 0 },
	};

	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		EXPECT_EQ(looks[i].rows, rows(self->fd, looks[i].filter)) {
			note("'%s'", looks[i].filter);
		}
	}
}

/* What a filter shows, to be freed. */
static char *shown(int fd, const char *filter)
{
	if (write(fd, filter, strlen(filter)) < 0 || lseek(fd, 0, SEEK_SET))
		return NULL;
	return fd_read(fd, NULL);
}

static int occurrences(const char *text, const char *word)
{
	int n = 0;

	for (; text && (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

/* The words as show=more has them mean the rows that have them, beside whatever is shown. */
TEST_F(device, as_shown)
{
	static const char *const filters[] = {
		"device=lo show=more", "netns=all device=lo show=more", "device=lo show=none",
		"device=lo group=state", "device=lo group=cgroup", "device=lo group=program",
		"(device=lo or lport=1) group=lport", "device=lo netns=all group=netns",
	};
	char *text = shown(self->fd, "show=more");

	ASSERT_NE(NULL, text);
	EXPECT_EQ(LO, occurrences(text, " device=lo "));
	EXPECT_EQ(ODD, occurrences(text, " device=" ODD_TEXT " "));
	EXPECT_EQ(LO + ODD, occurrences(text, " device="));
	free(text);
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		text = shown(self->fd, filters[i]);
		ASSERT_NE(NULL, text);
		EXPECT_NE(NULL, strstr(text, " listen=1 ")) {
			note("'%s': %s", filters[i], text);
		}
		EXPECT_EQ(1, occurrences(text, " total=3\n"));
		EXPECT_EQ(strstr(filters[i], "more") ? LO : 0, occurrences(text, " device=lo "));
		free(text);
	}
}

TEST_HARNESS_MAIN
