// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of show=tcp and show=mem, against what the sockets say of themselves: TCP_INFO,
 * TCP_CONGESTION and SO_MEMINFO.
 */
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"

#define BYTES	(256 * 1024)

FIXTURE(info)
{
	int fd;			/* the table */
	int listener;
	int client;		/* has sent, and been answered; is idle */
	int server;
	int full;		/* has more to send than the other end takes */
	int reader;		/* that other end, which does not read */
	int udp;
	char *text;
};

static int pair(int listener, uint16_t port, int *server)
{
	union addr from = addr_of(V4, "127.0.0.1", port), to = addr_local(listener);
	int fd = sock_connect(SOCK_STREAM, &from, &to);

	*server = accept(listener, NULL, NULL);
	return *server < 0 || fcntl(fd, F_SETFL, 0) ? -1 : fd;	/* to wait for what comes */
}

FIXTURE_SETUP(info)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001), udp = addr_of(V4, "127.0.0.1", 7002);
	static char bytes[BYTES];
	int small = 4096;

	ASSERT_EQ(0, netns_new());
	self->listener = sock_listen(&at, 4);
	ASSERT_LE(0, self->listener);
	self->client = pair(self->listener, 8001, &self->server);
	ASSERT_LE(0, self->client);
	/* Its path has a history then. */
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(8000, write(self->client, bytes, 8000));
		ASSERT_EQ(8000, recv(self->server, bytes, 8000, MSG_WAITALL));
		ASSERT_EQ(100, write(self->server, bytes, 100));
		ASSERT_EQ(100, recv(self->client, bytes, 100, MSG_WAITALL));
	}
	ASSERT_EQ(0, setsockopt(self->listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	self->full = pair(self->listener, 8002, &self->reader);
	ASSERT_LE(0, self->full);
	ASSERT_EQ(0, fcntl(self->full, F_SETFL, O_NONBLOCK));
	while (write(self->full, bytes, BYTES) > 0)
		continue;
	self->udp = sock_bound(SOCK_DGRAM, &udp);
	ASSERT_LE(0, self->udp);
	ASSERT_EQ(0, connect(self->udp, &udp.sa, sizeof(udp.in)));
	ASSERT_EQ(1000, send(self->udp, bytes, 1000, 0));	/* to itself */
	self->fd = open(NETSTATE, O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(info)
{
	free(self->text);
	close(self->fd);
}

/* Reads the one row that a filter leaves; NULL without. */
static const char *row(FIXTURE_DATA(info) *self, const char *filter)
{
	char *line;

	free(self->text);
	self->text = NULL;
	if (write(self->fd, filter, strlen(filter)) < 0 || lseek(self->fd, 0, SEEK_SET))
		return NULL;
	self->text = fd_read(self->fd, NULL);
	line = self->text ? strchr(self->text, '\n') : NULL;
	line = line ? strchr(line + 1, '\n') : NULL;
	return line && line[1] ? line + 1 : NULL;
}

/* The value of a word of the row; "" if it has none. */
static const char *word(const char *row, const char *key)
{
	static char value[64];
	char start[32];
	const char *at;

	snprintf(start, sizeof(start), " %s=", key);
	at = row ? strstr(row, start) : NULL;
	snprintf(value, sizeof(value), "%.*s", at ? (int)strcspn(at + strlen(start), " \n") : 0,
		 at ? at + strlen(start) : "");
	return value;
}

static bool get(int fd, struct tcp_info *info)
{
	socklen_t len = sizeof(*info);

	memset(info, 0, sizeof(*info));
	return !getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len);
}

/* What the words would be. With -1 there is to be none. */
struct expected {
	const char *key;
	long long number;	/* microseconds for words in milliseconds */
	bool in_ms;
};

static int differ(const char *row, const struct expected *all, size_t n)
{
	char want[32];
	int wrong = 0;

	for (const struct expected *e = all; e < all + n; e++) {
		if (e->number < 0)
			*want = '\0';
		else if (e->in_ms)
			snprintf(want, sizeof(want), "%lld.%03lld", e->number / 1000, e->number % 1000);
		else
			snprintf(want, sizeof(want), "%lld", e->number);
		if (!strcmp(word(row, e->key), want))
			continue;
		note("%s=%s, not %s", e->key, word(row, e->key), want);
		wrong++;
	}
	return wrong;
}

/* How many words about a connection are not what it says itself. */
static int differs(FIXTURE_DATA(info) *self, int fd, const char *filter)
{
	struct tcp_info before, i;
	char ca[16] = "";
	socklen_t len = sizeof(ca);
	const char *line;

	/* Until nothing happened between the two looks: a timer may have run. */
	for (int tries = 0; tries < 20; tries++) {
		if (!get(fd, &before))
			return -1;
		line = row(self, filter);
		if (!line || !get(fd, &i))
			return -1;
		/* These go on by themselves. */
		if (i.tcpi_busy_time / 1000 == before.tcpi_busy_time / 1000 &&
		    i.tcpi_total_retrans == before.tcpi_total_retrans &&
		    i.tcpi_rto == before.tcpi_rto)
			break;
	}
	if (getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, ca, &len) || strcmp(word(line, "ca"), ca)) {
		note("ca=%s, not %s", word(line, "ca"), ca);
		return -1;
	}
	return differ(line, (struct expected []){
		{ "cwnd", i.tcpi_snd_cwnd },
		{ "ssthresh", i.tcpi_snd_ssthresh < 0x7fffffff ? (long long)i.tcpi_snd_ssthresh : -1 },
		{ "mss", i.tcpi_snd_mss },
		{ "pmtu", i.tcpi_pmtu },
		{ "rto", i.tcpi_rto, true },
		{ "rttvar", i.tcpi_rttvar, true },
		{ "min_rtt", i.tcpi_min_rtt != ~0u ? (long long)i.tcpi_min_rtt : -1, true },
		{ "unacked", i.tcpi_unacked },
		{ "sacked", i.tcpi_sacked },
		{ "lost", i.tcpi_lost },
		{ "notsent", i.tcpi_notsent_bytes },
		{ "reordering", i.tcpi_reordering },
		{ "rcv_space", i.tcpi_rcv_space },
		{ "snd_wnd", i.tcpi_snd_wnd },
		{ "pacing_rate", i.tcpi_pacing_rate != ~0ull ? (long long)i.tcpi_pacing_rate : -1 },
		{ "delivery_rate", i.tcpi_delivery_rate ? (long long)i.tcpi_delivery_rate : -1 },
		{ "app_limited", i.tcpi_delivery_rate ? i.tcpi_delivery_rate_app_limited : -1 },
	}, 17);
}

TEST_F(info, tcp)
{
	EXPECT_EQ(0, differs(self, self->client, "lport=8001 show=tcp"));
	EXPECT_EQ(0, differs(self, self->server, "rport=8001 show=tcp"));
	EXPECT_EQ(0, differs(self, self->reader, "rport=8002 show=more,tcp,mem"));
	EXPECT_EQ(0, differs(self, self->full, "lport=8002 show=tcp netns=all"));
	EXPECT_LT(0, atol(word(row(self, "lport=8002 show=tcp"), "notsent")));
}

/* Who is limited by what: time goes on for who has more to send, and stands for the others. */
TEST_F(info, times)
{
	struct tcp_info before, after;
	unsigned long busy, rwnd;
	const char *line;

	ASSERT_TRUE(get(self->client, &before));
	line = row(self, "lport=8001 show=tcp");
	EXPECT_EQ(before.tcpi_busy_time / 1000, strtoul(word(line, "busy"), NULL, 10));

	EXPECT_TRUE(POLL(get(self->full, &before) && before.tcpi_rwnd_limited > 0));
	line = row(self, "lport=8002 show=tcp");
	busy = strtoul(word(line, "busy"), NULL, 10);
	rwnd = strtoul(word(line, "rwnd_limited"), NULL, 10);
	ASSERT_TRUE(get(self->full, &after));
	EXPECT_LE(before.tcpi_busy_time / 1000, busy + 1);
	EXPECT_GE(after.tcpi_busy_time / 1000 + 1, busy);
	EXPECT_LE(before.tcpi_rwnd_limited / 1000, rwnd + 1);
	EXPECT_GE(after.tcpi_rwnd_limited / 1000 + 1, rwnd);
}

static int mem_differs(FIXTURE_DATA(info) *self, int fd, const char *filter)
{
	uint32_t m[SK_MEMINFO_VARS] = {}, before[SK_MEMINFO_VARS] = { 1 };
	socklen_t len;
	const char *line = NULL;

	for (int tries = 0; tries < 20 && memcmp(before, m, sizeof(m)); tries++) {
		len = sizeof(before);
		if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, before, &len))
			return -1;
		line = row(self, filter);
		len = sizeof(m);
		if (!line || getsockopt(fd, SOL_SOCKET, SO_MEMINFO, m, &len))
			return -1;
	}
	return differ(line, (struct expected []){
		{ "rmem_alloc", m[SK_MEMINFO_RMEM_ALLOC] }, { "rcvbuf", m[SK_MEMINFO_RCVBUF] },
		{ "wmem_alloc", m[SK_MEMINFO_WMEM_ALLOC] }, { "sndbuf", m[SK_MEMINFO_SNDBUF] },
		{ "fwd_alloc", m[SK_MEMINFO_FWD_ALLOC] },
		{ "wmem_queued", m[SK_MEMINFO_WMEM_QUEUED] },
		{ "optmem", m[SK_MEMINFO_OPTMEM] }, { "backlog_mem", m[SK_MEMINFO_BACKLOG] },
	}, 8);
}

TEST_F(info, mem)
{
	EXPECT_EQ(0, mem_differs(self, self->client, "lport=8001 show=mem"));
	EXPECT_EQ(0, mem_differs(self, self->full, "lport=8002 show=more,mem"));
	EXPECT_LT(0, atol(word(row(self, "lport=8002 show=mem"), "wmem_queued")));
	EXPECT_EQ(0, mem_differs(self, self->reader, "rport=8002 show=mem,tcp"));
	EXPECT_EQ(0, mem_differs(self, self->listener, "state=listen show=mem"));
	EXPECT_EQ(0, mem_differs(self, self->udp, "proto=udp show=mem netns=all"));
	EXPECT_LT(1000, atol(word(row(self, "proto=udp show=mem"), "rmem_alloc")));
}

/* Who does not ask for words gets none; and there are none of what has none. */
TEST_F(info, asked)
{
	EXPECT_STREQ("", word(row(self, "lport=8001"), "cwnd"));
	EXPECT_STREQ("", word(row(self, "lport=8001 show=more"), "cwnd"));
	EXPECT_STREQ("", word(row(self, "lport=8001 show=more cwnd>0"), "cwnd"));
	EXPECT_STREQ("", word(row(self, "lport=8001 show=mem"), "cwnd"));
	EXPECT_STREQ("", word(row(self, "lport=8001 show=tcp"), "rcvbuf"));
	EXPECT_STREQ("", word(row(self, "lport=8001 show=tcp"), "rtt"));
	EXPECT_STREQ("", word(row(self, "state=listen show=tcp"), "cwnd"));
	EXPECT_STREQ("", word(row(self, "proto=udp show=tcp"), "cwnd"));
	EXPECT_STRNE("", word(row(self, "lport=8001 show=more,tcp"), "rtt"));
	EXPECT_STRNE("", word(row(self, "lport=8001 show=more,tcp"), "cwnd"));
}

static int rows(FIXTURE_DATA(info) *self, const char *filter)
{
	int n = -2;

	row(self, filter);
	for (const char *c = self->text; c && (c = strchr(c, '\n')); c++)
		n++;
	return n;
}

/* The keys, among four connections, a listener and a UDP socket. */
TEST_F(info, keys)
{
	static const struct {
		const char *filter;
		int rows;
	} looks[] = {
		{ "", 6 },
		{ "cwnd>0", 4 }, { "cwnd=0", 0 }, { "not cwnd>0", 2 },
		{ "mss>=500", 4 }, { "mss>65535", 0 }, { "mss!=0-65535", 2 },
		{ "rto>=1 rto<=120000", 4 }, { "rto>=0.5", 4 }, { "rto<0.5", 0 },
		{ "notsent>0", 1 }, { "notsent>0 lport=8002", 1 }, { "notsent=0", 3 },
		{ "lost=0", 4 }, { "lost>0", 0 },
		{ "unacked=0 lport=8001", 1 }, { "unacked>=0", 4 },
		{ "notsent>0 or state=listen", 2 }, { "cwnd>0 show=none", 4 },
		{ "notsent>0 group=state", 1 }, { "notsent>0 netns=all", 1 },
		{ "notsent>0 show=tcp,mem,more,user,timer", 1 },
	};

	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		EXPECT_EQ(looks[i].rows, rows(self, looks[i].filter)) {
			note("'%s'", looks[i].filter);
		}
	}
}

TEST_HARNESS_MAIN
