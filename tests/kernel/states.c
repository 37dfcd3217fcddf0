// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each state that a socket can be in, made for real: over IPv4, over IPv6 and
 * over IPv4 through an IPv6 socket.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/peer.h"
#include "lib/table.h"
#include "lib/witness.h"

#define PEER_PORT	9009

FIXTURE(state)
{
	struct peer peer;
	struct talk talk;
	union addr host;	/* ours, without a port */
	union addr far;		/* the peer's */
	const char *tcp, *udp;
	char me[PROG_MAX];
	struct row row;		/* as the last shows() saw it */
	long before[NR_COUNTS];
};

FIXTURE_VARIANT(state)
{
	enum flavour flavour;
	const char *host, *far;
};

FIXTURE_VARIANT_ADD(state, v4) {
	.flavour = V4, .host = "127.0.0.1", .far = "127.0.0.9",
};

FIXTURE_VARIANT_ADD(state, v6) {
	.flavour = V6, .host = HOST6, .far = PEER6,
};

FIXTURE_VARIANT_ADD(state, v4_in_v6) {
	.flavour = MAPPED, .host = "127.0.0.1", .far = "127.0.0.9",
};

/* Counts from here: what is there already belongs to the stage. */
static bool remember(FIXTURE_DATA(state) *self)
{
	struct table t;
	int err = table_read(&t);

	memcpy(self->before, t.counts, sizeof(t.counts));
	if (err)
		note("%s", t.error);
	table_free(&t);
	return !err;
}

FIXTURE_SETUP(state)
{
	char comm[16];

	ASSERT_EQ(0, netns_new());
	self->host = addr_of(variant->flavour, variant->host, 0);
	self->far = addr_of(variant->flavour, variant->far, PEER_PORT);
	self->tcp = proto_name(SOCK_STREAM, self->host.sa.sa_family);
	self->udp = proto_name(SOCK_DGRAM, self->host.sa.sa_family);
	prctl(PR_GET_NAME, comm);
	owner_text(getpid(), comm, 0, self->me);
	ASSERT_EQ(0, peer_open(&self->peer, &self->far));
	ASSERT_TRUE(remember(self));
}

FIXTURE_TEARDOWN(state)
{
	peer_close(&self->peer);
}

static enum count count_of(const struct row *row)
{
	for (int i = 0; *row->state && i < C_DGRAM; i++)
		if (!strcasecmp(row->state, count_words[i]))
			return i;
	return C_DGRAM;
}

static bool counts_moved(FIXTURE_DATA(state) *self, const struct table *t,
			 const struct row *row)
{
	for (int i = 0; i < NR_COUNTS; i++) {
		long want = self->before[i] + (i == C_TOTAL) +
			    (i == (int)count_of(row));

		if (t->counts[i] != want) {
			note("%s=%ld, not %ld", count_words[i], t->counts[i],
			       want);
			return false;
		}
	}
	return true;
}

/* The whole table against the kernel's own account. */
static bool agrees(struct table *t, struct table *w)
{
	struct row *mine = calloc(t->n + 1, sizeof(*mine));
	bool same = t->n == w->n;

	memcpy(mine, t->rows, t->n * sizeof(*mine));
	rows_sort(mine, t->n);
	for (size_t i = 0; same && i < t->n; i++)
		same = !row_compare(&mine[i], &w->rows[i]);
	free(mine);
	return same;
}

/*
 * There comes to be one row between these addresses, in this state, with this
 * owner; it and no other is new since remember(); and /proc/net says so too.
 */
static bool shows(FIXTURE_DATA(state) *self, const char *proto,
		  const union addr *local, const union addr *remote,
		  const char *state, const char *owner)
{
	char l[ADDR_TEXT_MAX], r[ADDR_TEXT_MAX], now[512] = "no such row";
	const struct row *row = NULL;
	struct table t, w;
	bool good;

	addr_text(local, l);
	addr_text(remote, r);
	if (!POLL(({
		int err = table_read(&t);

		row = err ? NULL : table_find(&t, proto, l, r, NULL);
		good = row && !strcmp(row->state, state);
		if (err)
			strcpy(now, t.error);
		else if (row)
			row_format(row, now, sizeof(now));
		table_free(&t);
		good;
	}))) {
		note("%s %s %s is not %s but: %s", proto, l, r, state, now);
		return false;
	}

	if (witness_read_with(&t, &w)) {
		note("the sockets do not come to rest: %s", t.error);
		return false;
	}
	row = table_find(&t, proto, l, r, state);
	good = row && !strcmp(row->prog, owner) &&
	       table_count(&t, proto, l, r, NULL) == 1 && agrees(&t, &w) &&
	       counts_moved(self, &t, row);
	if (row)
		self->row = *row;
	if (!good)
		note("not as it should be (owner %s):\n%s", owner, t.text);
	table_free(&t);
	table_free(&w);
	return good;
}

#define EXPECT_TCP(fd_local, state, owner)				\
	EXPECT_TRUE(shows(self, self->tcp, fd_local, &self->far, state, owner))

/* A connection to the peer, established; where we are goes to @local. */
static int connected(FIXTURE_DATA(state) *self, union addr *local)
{
	int fd = sock_connect(SOCK_STREAM, &self->host, &self->far);

	*local = addr_local(fd);
	if (fd < 0 || talk_accept(&self->talk, &self->peer, local)) {
		note("no connection to the peer: %m");
		return -1;
	}
	return fd;
}

TEST_F(state, listen)
{
	union addr local, nobody = addr_of(variant->flavour == V4 ? V4 : V6,
					   variant->flavour == V4 ? "0.0.0.0" :
					   "::", 0);
	int fd = sock_listen(&self->host, 8);

	ASSERT_LE(0, fd);
	local = addr_local(fd);
	EXPECT_TRUE(shows(self, self->tcp, &local, &nobody, "LISTEN",
			  self->me));
	EXPECT_EQ(0, self->row.recvq);
	EXPECT_EQ(0, self->row.sendq);
}

TEST_F(state, syn_sent)
{
	int fd = sock_connect(SOCK_STREAM, &self->host, &self->far);
	union addr local;

	ASSERT_LE(0, fd);
	local = addr_local(fd);
	ASSERT_EQ(0, talk_called(&self->talk, &self->peer, &local));
	EXPECT_TCP(&local, "SYN_SENT", self->me);
}

/* The owner is the listener's: the request itself is nobody's yet. */
TEST_F(state, syn_recv)
{
	int fd = sock_listen(&self->host, 8);
	union addr local;

	ASSERT_LE(0, fd);
	local = addr_local(fd);
	ASSERT_TRUE(remember(self));
	ASSERT_EQ(0, talk_call(&self->talk, &self->peer, &local));
	EXPECT_TCP(&local, "SYN_RECV", self->me);
	EXPECT_EQ(0, self->row.recvq);
	EXPECT_EQ(0, self->row.sendq);
}

/* Both ends connect: then it is a socket like any other, and ours. */
TEST_F(state, syn_recv_of_both_calling)
{
	int fd = sock_connect(SOCK_STREAM, &self->host, &self->far);
	union addr local;

	ASSERT_LE(0, fd);
	local = addr_local(fd);
	ASSERT_EQ(0, talk_called(&self->talk, &self->peer, &local));
	ASSERT_EQ(0, talk_send(&self->talk, TH_SYN, NULL, 0));
	EXPECT_TCP(&local, "SYN_RECV", self->me);
}

TEST_F(state, established)
{
	union addr local;
	int fd = connected(self, &local);

	ASSERT_LE(0, fd);
	EXPECT_TCP(&local, "ESTABLISHED", self->me);
	EXPECT_EQ(0, self->row.recvq);
	EXPECT_EQ(0, self->row.sendq);
}

TEST_F(state, established_with_queues)
{
	char data[300] = {};
	union addr local;
	int fd = connected(self, &local);

	ASSERT_LE(0, fd);
	ASSERT_EQ(300, write(fd, data, 300));
	ASSERT_EQ(0, talk_send(&self->talk, TH_ACK, data, 37));
	ASSERT_TRUE(POLL(recv(fd, data, sizeof(data), MSG_PEEK) == 37));
	EXPECT_TCP(&local, "ESTABLISHED", self->me);
	EXPECT_EQ(37, self->row.recvq);
	EXPECT_EQ(300, self->row.sendq);
}

TEST_F(state, fin_wait1)
{
	union addr local;
	int fd = connected(self, &local);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	EXPECT_TCP(&local, "FIN_WAIT1", self->me);
	EXPECT_EQ(1, self->row.sendq);
	close(fd);
	EXPECT_TCP(&local, "FIN_WAIT1", "-");
	EXPECT_EQ(1, self->row.sendq);
}

TEST_F(state, fin_wait2)
{
	union addr local;
	int fd = connected(self, &local);
	int seconds = 120;	/* more than 60: it stays a full socket */

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_TCP, TCP_LINGER2, &seconds,
				sizeof(seconds)));
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	ASSERT_EQ(0, talk_expect(&self->talk, TH_FIN));
	ASSERT_EQ(0, talk_send(&self->talk, TH_ACK, NULL, 0));
	EXPECT_TCP(&local, "FIN_WAIT2", self->me);
	close(fd);
	EXPECT_TCP(&local, "FIN_WAIT2", "-");
}

/* After close() only a small stand-in of the socket is left. */
TEST_F(state, fin_wait2_of_the_small_kind)
{
	union addr local;
	int fd = connected(self, &local);

	ASSERT_LE(0, fd);
	close(fd);
	ASSERT_EQ(0, talk_expect(&self->talk, TH_FIN));
	ASSERT_EQ(0, talk_send(&self->talk, TH_ACK, NULL, 0));
	EXPECT_TCP(&local, "FIN_WAIT2", "-");
	EXPECT_EQ(0, self->row.recvq);
	EXPECT_EQ(0, self->row.sendq);
}

TEST_F(state, time_wait)
{
	union addr local;
	int fd = connected(self, &local);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	ASSERT_EQ(0, talk_expect(&self->talk, TH_FIN));
	ASSERT_EQ(0, talk_send(&self->talk, TH_FIN | TH_ACK, NULL, 0));
	EXPECT_TCP(&local, "TIME_WAIT", "-");	/* though we hold fd */
	close(fd);
	EXPECT_TCP(&local, "TIME_WAIT", "-");
}

TEST_F(state, close_wait)
{
	union addr local;
	int fd = connected(self, &local);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, talk_send(&self->talk, TH_FIN | TH_ACK, "bye", 3));
	EXPECT_TCP(&local, "CLOSE_WAIT", self->me);
	EXPECT_EQ(4, self->row.recvq);
}

TEST_F(state, last_ack)
{
	union addr local;
	int fd = connected(self, &local);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, talk_send(&self->talk, TH_FIN | TH_ACK, NULL, 0));
	EXPECT_TCP(&local, "CLOSE_WAIT", self->me);
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	EXPECT_TCP(&local, "LAST_ACK", self->me);
	close(fd);
	EXPECT_TCP(&local, "LAST_ACK", "-");
}

TEST_F(state, closing)
{
	union addr local;
	int fd = connected(self, &local);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	ASSERT_EQ(0, talk_expect(&self->talk, TH_FIN));
	self->talk.ack--;	/* both closed; the FIN is still on its way */
	ASSERT_EQ(0, talk_send(&self->talk, TH_FIN | TH_ACK, NULL, 0));
	EXPECT_TCP(&local, "CLOSING", self->me);
	close(fd);
	EXPECT_TCP(&local, "CLOSING", "-");
}

/* A reset takes the row away. */
TEST_F(state, closed)
{
	char l[ADDR_TEXT_MAX], r[ADDR_TEXT_MAX];
	union addr local;
	int fd = connected(self, &local);

	ASSERT_LE(0, fd);
	addr_text(&local, l);
	addr_text(&self->far, r);
	EXPECT_TCP(&local, "ESTABLISHED", self->me);
	ASSERT_EQ(0, talk_send(&self->talk, TH_RST | TH_ACK, NULL, 0));
	EXPECT_TRUE(POLL(({
		struct table t;
		int left = -1;

		if (!table_read(&t))
			left = table_count(&t, self->tcp, l, r, NULL);
		table_free(&t);
		!left;
	})));
}

/* Waiting to be accepted: the listener's queue, and nobody's socket. */
TEST_F(state, accept_queue)
{
	int l = sock_listen(&self->host, 8), fd;
	struct table t;
	union addr local;
	char text[ADDR_TEXT_MAX];

	ASSERT_LE(0, l);
	local = addr_local(l);
	addr_text(&local, text);
	ASSERT_TRUE(remember(self));
	ASSERT_EQ(0, talk_connect(&self->talk, &self->peer, &local));
	EXPECT_TCP(&local, "ESTABLISHED", "-");

	ASSERT_EQ(0, table_read(&t));
	ASSERT_NE(NULL, table_find(&t, self->tcp, text, NULL, "LISTEN"));
	EXPECT_EQ(1, table_find(&t, self->tcp, text, NULL, "LISTEN")->recvq);
	EXPECT_EQ(0, table_find(&t, self->tcp, text, NULL, "LISTEN")->sendq);
	table_free(&t);

	fd = accept(l, NULL, NULL);
	ASSERT_LE(0, fd);
	EXPECT_TCP(&local, "ESTABLISHED", self->me);
	ASSERT_EQ(0, table_read(&t));
	ASSERT_NE(NULL, table_find(&t, self->tcp, text, NULL, "LISTEN"));
	EXPECT_EQ(0, table_find(&t, self->tcp, text, NULL, "LISTEN")->recvq);
	table_free(&t);
}

TEST_F(state, udp)
{
	union addr local, nobody = addr_of(variant->flavour == V4 ? V4 : V6,
					   variant->flavour == V4 ? "0.0.0.0" :
					   "::", 0);
	int fd = sock_bound(SOCK_DGRAM, &self->host);

	ASSERT_LE(0, fd);
	local = addr_local(fd);
	EXPECT_TRUE(shows(self, self->udp, &local, &nobody, "", self->me));
	EXPECT_EQ(0, self->row.recvq);
	EXPECT_EQ(0, self->row.sendq);

	ASSERT_EQ(3, sendto(fd, "abc", 3, 0, &local.sa, addr_len(&local)));
	EXPECT_TRUE(shows(self, self->udp, &local, &nobody, "", self->me));
	EXPECT_LT(3, self->row.recvq);	/* memory, not bytes */
}

TEST_F(state, udp_connected)
{
	union addr local = self->host, to = self->far;
	union addr none = { .sa = { AF_UNSPEC } };
	int fd;

	addr_set_port(&local, 7001);
	fd = sock_bound(SOCK_DGRAM, &local);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, connect(fd, &to.sa, addr_len(&to)));
	EXPECT_TRUE(shows(self, self->udp, &local, &to, "ESTABLISHED",
			  self->me));

	/*
	 * And not any more.  The port was ours by bind(): it stays.  So does,
	 * in IPv6, the address it was connected to.
	 */
	ASSERT_EQ(0, connect(fd, &none.sa, sizeof(none)));
	addr_set_port(&to, 0);
	if (variant->flavour == V4)
		to = addr_of(V4, "0.0.0.0", 0);
	EXPECT_TRUE(shows(self, self->udp, &local, &to, "", self->me));
}

/* Any address, any port: what netstat writes as a star. */
TEST_F(state, wildcard)
{
	union addr any = variant->flavour == V4 ? addr_of(V4, "0.0.0.0", 0) :
						  addr_of(V6, "::", 0);
	union addr local;
	int fd = sock_listen(&any, 1);

	ASSERT_LE(0, fd);
	local = addr_local(fd);
	EXPECT_TRUE(shows(self, self->tcp, &local, &any, "LISTEN", self->me));
	EXPECT_STREQ(variant->flavour == V4 ? "0.0.0.0:*" : ":::*",
		     self->row.raddr);
	close(fd);

	fd = sock_bound(SOCK_DGRAM, &any);
	ASSERT_LE(0, fd);
	local = addr_local(fd);
	EXPECT_TRUE(shows(self, self->udp, &local, &any, "", self->me));
	EXPECT_STREQ(variant->flavour == V4 ? "0.0.0.0:*" : ":::*",
		     self->row.raddr);
}

/* The smallest and the largest port. */
TEST_F(state, edge_ports)
{
	const uint16_t ports[] = { 1, 65535 };
	union addr local = self->host;
	int fd;

	for (int i = 0; i < 2; i++) {
		addr_set_port(&local, ports[i]);
		fd = sock_connect(SOCK_STREAM, &local, &self->far);
		ASSERT_LE(0, fd);
		EXPECT_TCP(&local, "SYN_SENT", self->me);
		close(fd);
	}
}

/* What netstat does not list: not in a state, or not of its protocols. */
TEST_F(state, not_shown)
{
	long before[NR_COUNTS];
	int pair[2];

	memcpy(before, self->before, sizeof(before));
	ASSERT_LE(0, sock_bound(SOCK_STREAM, &self->host));
	ASSERT_LE(0, socket(self->host.sa.sa_family, SOCK_STREAM, 0));
	ASSERT_LE(0, socket(self->host.sa.sa_family, SOCK_DGRAM, 0));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_TRUE(remember(self));
	EXPECT_EQ(0, memcmp(before, self->before, sizeof(before)));
}

/* An address that fills its eight groups is written whole. */
TEST(long_address)
{
	union addr at, far;
	struct table t, w;
	int fd;

	ASSERT_EQ(0, netns_new());
	at = addr_of(V6, LONG6, 61234);
	far = addr_of(V6, LONG6, 61235);
	fd = sock_connect(SOCK_DGRAM, &at, &far);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, sock_listen(&at, 1));
	ASSERT_LE(0, sock_connect(SOCK_STREAM, &far, &at));
	ASSERT_EQ(0, witness_read_with(&t, &w));
	ASSERT_EQ(4, t.n);
	EXPECT_STREQ(LONG6 ":61234", t.rows[0].laddr);
	EXPECT_STREQ(LONG6 ":61234", t.rows[3].laddr);
	EXPECT_STREQ(LONG6 ":61235", t.rows[3].raddr);
	EXPECT_TRUE(agrees(&t, &w));
}

TEST_HARNESS_MAIN
