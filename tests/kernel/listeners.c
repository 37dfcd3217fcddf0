// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters of each listener: which sockets are whose, in what state, how
 * long its queue is; how many listeners are named.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/budget.h"
#include "lib/child.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/peer.h"
#include "lib/witness.h"

#define METRICS	NETSTATE "_metrics"
#define MAX	"/sys/module/netstate/parameters/listeners_max"

static const char *const words[] = {
	"established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2",
	"time_wait", "close_wait", "last_ack", "listen", "closing",
};

#define WORDS	((int)(sizeof(words) / sizeof(*words)))

/* The value of a sample, told by all that comes before it; -1 if not there. */
static long value_of(const char *text, const char *sample)
{
	size_t n = strlen(sample);

	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		if (!strncmp(line, sample, n) && line[n] == ' ')
			return strtol(line + n, NULL, 10);
	return -1;
}

/* What is said of a listener. */
static long about(const char *text, const char *what, const char *addr,
		  const char *port)
{
	char sample[160];

	snprintf(sample, sizeof(sample),
		 "netstate_listener_%s{addr=\"%s\",port=\"%s\"}", what, addr,
		 port);
	return value_of(text, sample);
}

/* How many sockets it has in a state; 0 if there is no such sample. */
static long has(const char *text, const char *addr, const char *port,
		const char *state)
{
	char sample[160];
	long n;

	snprintf(sample, sizeof(sample),
		 "netstate_listener_sockets{addr=\"%s\",port=\"%s\",state=\"%s\"}",
		 addr, port, state);
	n = value_of(text, sample);
	return n < 0 ? 0 : n;
}

/* All listeners' samples that have @label, together. */
static long sum_of(const char *text, const char *label)
{
	long sum = 0;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1) {
		size_t n = strcspn(line, " \n");

		if (!strncmp(line, "netstate_listener_sockets{", 26) &&
		    memmem(line, n, label, strlen(label)))
			sum += strtol(line + n, NULL, 10);
	}
	return sum;
}

static int named(const char *text)
{
	int n = 0;

	for (; (text = strstr(text, "\nnetstate_listener_backlog{")); text++)
		n++;
	return n;
}

/*
 * What a test expects: a list of its own, of listeners and of how many sockets
 * each has in each state.  What is not on it has no samples.
 */
struct expected {
	const char *addr, *port;
	long n[WORDS];
};

static int word_index(const char *word)
{
	for (int i = 0; i < WORDS; i++)
		if (!strcmp(words[i], word))
			return i;
	return -1;
}

static bool as_expected(const char *text, const struct expected *e, int n)
{
	bool good = named(text) == n;

	if (!good)
		note("%d listeners, not %d", named(text), n);
	for (; n; n--, e++)
		for (int i = 0; i < WORDS; i++) {
			long is = has(text, e->addr, e->port, words[i]);

			if (is == e->n[i])
				continue;
			note("%s port %s %s: %ld, not %ld", e->addr, e->port,
			     words[i], is, e->n[i]);
			good = false;
		}
	return good;
}

static void word_of(const struct row *row, char *word)
{
	const char *state = row->state;

	while ((*word++ = tolower(*state++)))
		;
}

/*
 * The kernel's own account: on each port that is listened on, there are as many
 * sockets in each state as the port's listeners have together.
 */
static bool as_witnessed(const char *text, const char *port)
{
	long n[WORDS] = {};
	struct table w;
	bool good = true;

	if (witness_read(&w))
		return false;
	for (size_t i = 0; i < w.n; i++) {
		const char *at = strrchr(w.rows[i].laddr, ':');
		char word[STATE_MAX];

		word_of(&w.rows[i], word);
		if (!strncmp(w.rows[i].proto, "tcp", 3) &&
		    !strcmp(at + 1, port))
			n[word_index(word)]++;
	}
	table_free(&w);
	for (int i = 0; i < WORDS; i++) {
		char label[64];

		snprintf(label, sizeof(label), "port=\"%s\",state=\"%s\"", port,
			 words[i]);
		if (sum_of(text, label) == n[i])
			continue;
		note("port %s %s: %ld, in /proc/net %ld", port, words[i],
		     sum_of(text, label), n[i]);
		good = false;
	}
	return good;
}

/* All handshakes come to their end: they need not have when connect() returns. */
static bool settled(void)
{
	return POLL(({
		struct table w;
		bool still = !witness_read(&w);

		for (size_t i = 0; i < w.n; i++)
			still &= !!strncmp(w.rows[i].state, "SYN_", 4);
		table_free(&w);
		still;
	}));
}

/* Sockets that listen; the address may be taken, if all agree to share it. */
static int shared(const union addr *at, int backlog)
{
	int fd = sock_reuse(SOCK_STREAM, at);

	return fd >= 0 && listen(fd, backlog) ? -errno : fd;
}

static int only6(const union addr *at)
{
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &at->sa, addr_len(at)) || listen(fd, 8))
		return -errno;
	return fd;
}

/* Connects, and lets one of the listeners accept: which one it was. */
static int call(const char *host, uint16_t port, const int *fd, int n)
{
	enum flavour flavour = strchr(host, ':') ? V6 : V4;
	union addr to = addr_of(flavour, host, port);
	int which = -1;

	if (sock_connect(SOCK_STREAM, NULL, &to) < 0)
		return -1;
	for (int i = 0; i < n; i++)
		fcntl(fd[i], F_SETFL, O_NONBLOCK);
	POLL(({
		for (int i = 0; i < n && which < 0; i++)
			if (accept(fd[i], NULL, NULL) >= 0)
				which = i;
		which >= 0;
	}));
	return which;
}

#define EST	0
#define LISTENS	8

/* Which socket is whose: the kernel chose, and accept() tells what. */
TEST(addresses)
{
	static const struct {
		const char *host;
		uint16_t port;
		int whose;	/* in what follows */
	} calls[] = {
		{ "127.0.0.1", 8001, 0 }, { "127.0.0.3", 8001, 0 },
		{ "127.0.0.2", 8001, 1 }, { "127.0.0.1", 8002, 2 },
		{ "::1", 8002, 2 }, { HOST6, 8002, 2 },
		{ "127.0.0.1", 8003, 3 }, { "::1", 8003, 4 },
		{ HOST6, 8004, 5 }, { "::1", 8004, 6 }, { HOST6, 8004, 5 },
		{ "127.0.0.1", 8004, 6 }, { "127.0.0.1", 8005, 7 },
		{ "127.0.0.1", 8006, 9 }, { "127.0.0.2", 8006, 8 },
		{ LONG6, 8007, 10 },
	};
	struct expected e[] = {
		{ "0.0.0.0", "8001" }, { "127.0.0.2", "8001" },
		{ "::", "8002" },
		{ "0.0.0.0", "8003" }, { "::", "8003" },
		{ HOST6, "8004" }, { "::", "8004" },
		{ "127.0.0.1", "8005" },
		{ "0.0.0.0", "8006" }, { "127.0.0.1", "8006" },
		{ LONG6, "8007" },
		{ "127.0.0.1", "8008" },
	};
	/* IPv6 sockets at IPv4 addresses; the last one beside an IPv4 socket. */
	static const int mapped[] = { 7, 9, 11 };
	enum { NR = sizeof(e) / sizeof(*e) };
	union addr at[NR], gone;
	int fd[NR], pair[2];
	char *text;

	ASSERT_EQ(0, netns_new());
	for (int i = 0; i < NR; i++) {
		enum flavour flavour = strchr(e[i].addr, ':') ? V6 : V4;

		for (int k = 0; k < 3; k++)
			if (i == mapped[k])
				flavour = MAPPED;
		at[i] = addr_of(flavour, e[i].addr, atoi(e[i].port));
		fd[i] = i == 4 ? only6(&at[i]) : shared(&at[i], 8);
		ASSERT_LE(0, fd[i]);
		e[i].n[LISTENS] = 1;
	}
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		EXPECT_EQ(calls[i].whose,
			  call(calls[i].host, calls[i].port, fd, NR)) {
			note("%s port %d", calls[i].host, calls[i].port);
		}
		e[calls[i].whose].n[EST]++;
	}
	at[0] = addr_of(V4, "127.0.0.1", 8008);
	ASSERT_LE(0, shared(&at[0], 8));
	e[11].n[LISTENS] = 2;
	/* Those of a listener that is gone are nobody's. */
	gone = addr_of(V4, "127.0.0.1", 8009);
	ASSERT_EQ(0, sock_pair(&gone, pair));

	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_TRUE(as_expected(text, e, NR));
	for (int i = 0; i < NR; i++) {
		EXPECT_TRUE(as_witnessed(text, e[i].port));
		EXPECT_EQ(8 * e[i].n[LISTENS],
			  about(text, "backlog_limit", e[i].addr, e[i].port));
		EXPECT_EQ(0, about(text, "backlog", e[i].addr, e[i].port));
		EXPECT_EQ(0, about(text, "drops", e[i].addr, e[i].port));
	}
	EXPECT_EQ(0, value_of(text, "netstate_listeners_unnamed"));
	free(text);
}

/* What was not accepted, but has a listener's address, as a client may. */
TEST(not_accepted)
{
	union addr here = addr_of(V4, "127.0.0.2", 8001);
	union addr there = addr_of(V4, "127.0.0.1", 8002);
	union addr both = addr_of(V6, "::", 8001);
	struct expected e[] = {
		{ "::", "8001", { [EST] = 1, [LISTENS] = 1 } },
		{ "127.0.0.1", "8002", { [EST] = 1, [LISTENS] = 1 } },
	};
	char *text;

	ASSERT_EQ(0, netns_new());
	ASSERT_LE(0, sock_listen(&there, 1));
	ASSERT_LE(0, sock_connect(SOCK_STREAM, &here, &there));
	ASSERT_LE(0, sock_listen(&both, 1));
	ASSERT_TRUE(settled());
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_TRUE(as_expected(text, e, 2));
	EXPECT_TRUE(as_witnessed(text, "8001"));
	free(text);
}

/* One for each connection: a peer has one address and port. */
#define PEERS	7

FIXTURE(states)
{
	struct peer peer[PEERS];
	struct talk talk[PEERS];
	union addr at;
	struct expected e[1 + PEERS];
	char text[1 + PEERS][ADDR_TEXT_MAX];
	int fd;
};

FIXTURE_VARIANT(states)
{
	enum flavour flavour;
	const char *host, *far;
	bool any;
};

FIXTURE_VARIANT_ADD(states, ipv4)
{
	.flavour = V4, .host = "127.0.0.1", .far = "127.0.0.9",
};
FIXTURE_VARIANT_ADD(states, ipv4_any)
{
	.flavour = V4, .host = "127.0.0.1", .far = "127.0.0.9", .any = true,
};
FIXTURE_VARIANT_ADD(states, ipv6)
{
	.flavour = V6, .host = HOST6, .far = PEER6,
};
FIXTURE_VARIANT_ADD(states, ipv6_any)
{
	.flavour = V6, .host = HOST6, .far = PEER6, .any = true,
};
FIXTURE_VARIANT_ADD(states, mapped)
{
	.flavour = MAPPED, .host = "127.0.0.1", .far = "127.0.0.9",
};
FIXTURE_VARIANT_ADD(states, mapped_any)
{
	.flavour = MAPPED, .host = "127.0.0.1", .far = "127.0.0.9",
	.any = true,
};

/* A listener, with nothing but that on it. */
static void expect_listener(struct expected *e, const union addr *at,
			    char *text)
{
	addr_text(at, text);
	*e = (struct expected){ .addr = text, .port = strrchr(text, ':') + 1 };
	*strrchr(text, ':') = '\0';
	e->n[LISTENS] = 1;
}

FIXTURE_SETUP(states)
{
	union addr at;

	ASSERT_EQ(0, netns_new());
	self->at = at = addr_of(variant->flavour, variant->host, 8080);
	if (variant->any)
		at = addr_of(variant->flavour == V4 ? V4 : V6,
			     variant->flavour == V4 ? "0.0.0.0" : "::", 8080);
	self->fd = sock_listen(&at, 16);
	ASSERT_LE(0, self->fd);
	expect_listener(&self->e[0], &at, self->text[0]);

	/* Each has a socket of its own that listens, too. */
	for (int i = 0; i < PEERS; i++) {
		at = addr_of(variant->flavour, variant->far, 9001 + i);
		ASSERT_EQ(0, peer_open(&self->peer[i], &at));
		expect_listener(&self->e[1 + i], &self->peer[i].addr,
				self->text[1 + i]);
	}
}

FIXTURE_TEARDOWN(states)
{
	for (int i = 0; i < PEERS; i++)
		peer_close(&self->peer[i]);
}

/* A connection from a peer, accepted. */
static int talk(FIXTURE_DATA(states) *self, int i)
{
	union addr to = addr_on_wire(&self->at);
	int err = talk_connect(&self->talk[i], &self->peer[i], &to);

	return err ?: accept(self->fd, NULL, NULL);
}

TEST_F(states, each)
{
	union addr to = addr_on_wire(&self->at);
	struct talk *t = self->talk;
	long *n = self->e[0].n;
	bool good = false;
	int fd[PEERS];

	for (int i = 0; i < 6; i++) {
		fd[i] = talk(self, i);
		ASSERT_LE(0, fd[i]);
	}
	/* 0 stays. */
	n[word_index("established")]++;
	/* The peer closes: we do not, or do. */
	ASSERT_EQ(0, talk_send(&t[1], TH_FIN | TH_ACK, NULL, 0));
	n[word_index("close_wait")]++;
	ASSERT_EQ(0, talk_send(&t[2], TH_FIN | TH_ACK, NULL, 0));
	ASSERT_EQ(1, POLL(!read(fd[2], &(char){ 0 }, 1)));
	close(fd[2]);
	n[word_index("last_ack")]++;
	/* We close: the peer says nothing, or acknowledges, or closes, too. */
	shutdown(fd[3], SHUT_WR);
	n[word_index("fin_wait1")]++;
	for (int i = 4; i < 6; i++) {
		shutdown(fd[i], SHUT_WR);
		ASSERT_EQ(0, talk_expect(&t[i], TH_FIN | TH_ACK));
		ASSERT_EQ(0, talk_send(&t[i], TH_ACK, NULL, 0));
	}
	n[word_index("fin_wait2")]++;
	ASSERT_EQ(0, talk_send(&t[5], TH_FIN | TH_ACK, NULL, 0));
	n[word_index("time_wait")]++;
	ASSERT_EQ(0, talk_call(&t[6], &self->peer[6], &to));
	ASSERT_EQ(0, talk_expect(&t[6], TH_SYN | TH_ACK));
	n[word_index("syn_recv")]++;

	EXPECT_TRUE(POLL_FOR(({
		char *text = file_read(METRICS, NULL);

		good = text && as_expected(text, self->e, 1 + PEERS) &&
		       as_witnessed(text, "8080");
		free(text);
		good;
	}), 5000));
}

/* Many that share an address are one listener. */
TEST(reuseport)
{
	enum { GROUP = 700 };
	union addr at = addr_of(V4, "127.0.0.1", 8443);
	union addr at6 = addr_of(V6, "::", 8443);
	struct expected e[] = {
		{ "127.0.0.1", "8443", { [EST] = 5, [LISTENS] = GROUP } },
		{ "::", "8443", { [EST] = 4, [LISTENS] = GROUP } },
	};
	char *text;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(3 * GROUP));
	for (int i = 0; i < GROUP; i++) {
		ASSERT_LE(0, shared(&at, 16));
		ASSERT_LE(0, shared(&at6, 4));
	}
	for (int i = 0; i < 9; i++) {
		union addr to = i % 2 ? addr_of(V6, "::1", 8443) : at;

		ASSERT_LE(0, sock_connect(SOCK_STREAM, NULL, &to));
	}
	ASSERT_TRUE(settled());
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_TRUE(as_expected(text, e, 2));
	EXPECT_TRUE(as_witnessed(text, "8443"));
	EXPECT_EQ(5, about(text, "backlog", "127.0.0.1", "8443"));
	EXPECT_EQ(4, about(text, "backlog", "::", "8443"));
	EXPECT_EQ(16 * GROUP,
		  about(text, "backlog_limit", "127.0.0.1", "8443"));
	EXPECT_EQ(4 * GROUP, about(text, "backlog_limit", "::", "8443"));
	free(text);
}

TEST(queue)
{
	union addr at = addr_of(V4, "127.0.0.1", 8080);
	char *text;
	int fd;

	ASSERT_EQ(0, netns_new());
	fd = sock_listen(&at, 5);
	ASSERT_LE(0, fd);
	for (int i = 0; i < 6; i++) {
		text = file_read(METRICS, NULL);
		ASSERT_NE(NULL, text);
		EXPECT_EQ(5, about(text, "backlog_limit", "127.0.0.1", "8080"));
		EXPECT_EQ(i, about(text, "backlog", "127.0.0.1", "8080"));
		EXPECT_EQ(0, about(text, "drops", "127.0.0.1", "8080"));
		free(text);
		ASSERT_LE(0, sock_connect(SOCK_STREAM, NULL, &at));
		ASSERT_TRUE(settled());
	}

	/* It takes one more than the limit; the next are dropped. */
	for (int i = 0; i < 3; i++)
		ASSERT_LE(0, sock_connect(SOCK_STREAM, NULL, &at));
	EXPECT_TRUE(POLL(({
		bool dropped;

		text = file_read(METRICS, NULL);
		ASSERT_NE(NULL, text);
		EXPECT_EQ(6, about(text, "backlog", "127.0.0.1", "8080"));
		dropped = about(text, "drops", "127.0.0.1", "8080") > 0;
		free(text);
		dropped;
	})));

	ASSERT_LE(0, accept(fd, NULL, NULL));
	ASSERT_LE(0, accept(fd, NULL, NULL));
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_GE(6, about(text, "backlog", "127.0.0.1", "8080"));
	EXPECT_LE(4, about(text, "backlog", "127.0.0.1", "8080"));
	free(text);
}

/* Of a group that one of is full, and none is on the whole; as text, "1.20". */
static bool fullest_is(const char *text, const char *ratio)
{
	char line[128];

	snprintf(line, sizeof(line), "\nnetstate_listener_backlog_fullest_ratio"
		 "{addr=\"127.0.0.1\",port=\"8081\"} %s\n", ratio);
	if (strstr(text, line))
		return true;
	note("not: %s", line + 1);
	return false;
}

TEST(fullest_of_a_group)
{
	union addr at = addr_of(V4, "127.0.0.1", 8081);
	int narrow, wide;
	char *text;

	ASSERT_EQ(0, netns_new());
	narrow = shared(&at, 5);
	ASSERT_LE(0, narrow);
	for (int i = 0; i < 6; i++)
		ASSERT_LE(0, sock_connect(SOCK_STREAM, NULL, &at));
	wide = shared(&at, 1000);
	ASSERT_LE(0, wide);
	ASSERT_TRUE(settled());
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_EQ(6, about(text, "backlog", "127.0.0.1", "8081"));
	EXPECT_EQ(1005, about(text, "backlog_limit", "127.0.0.1", "8081"));
	EXPECT_TRUE(fullest_is(text, "1.20"));
	EXPECT_EQ(1, about(text, "full", "127.0.0.1", "8081"));
	free(text);

	/* At the limit it takes one more. */
	ASSERT_LE(0, accept(narrow, NULL, NULL));
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_TRUE(fullest_is(text, "1.00"));
	EXPECT_EQ(0, about(text, "full", "127.0.0.1", "8081"));
	free(text);
	/* What a socket dropped goes with it: no counter, that would look as if it began anew. */
	close(narrow);
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_TRUE(fullest_is(text, "0.00"));
	EXPECT_NE(NULL, strstr(text, "# TYPE netstate_listener_drops gauge\n"));
	free(text);
}

TEST(one_namespace)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	int pair[2];
	char *text;

	ASSERT_EQ(0, netns_new());
	ASSERT_LE(0, sock_listen(&at, 1));
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, sock_pair(&at, pair));
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_EQ(0, named(text));
	EXPECT_EQ(NULL, strstr(text, "netstate_listener_"));
	free(text);
}

/* More listeners than may be named. */

#define LISTENERS	1200

FIXTURE(many)
{
	char max[24], budget[24];
};

/* On two addresses each, the second with a connection. */
FIXTURE_SETUP(many)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(4 * LISTENERS));
	for (int i = 0; i < LISTENERS; i++) {
		union addr at = addr_of(V4, i % 2 ? "127.0.0.1" : "127.0.0.2",
					10000 + i / 2);

		ASSERT_LE(0, sock_listen(&at, 1));
		if (i % 2)
			ASSERT_LE(0, sock_connect(SOCK_STREAM, NULL, &at));
	}
	ASSERT_TRUE(settled());
	snprintf(self->max, sizeof(self->max), "%ld", file_read_long(MAX, -1));
	snprintf(self->budget, sizeof(self->budget), "%ld",
		 file_read_long(BUDGET, -1));
	ASSERT_STRNE("-1", self->max);
	ASSERT_STRNE("-1", self->budget);
}

FIXTURE_TEARDOWN(many)
{
	EXPECT_EQ(0, file_write(MAX, self->max));
	EXPECT_EQ(0, file_write(BUDGET, self->budget));
}

TEST_F(many, named)
{
	char *text;

	ASSERT_EQ(0, file_write(MAX, "5000"));
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_EQ(LISTENERS, named(text));
	EXPECT_EQ(0, value_of(text, "netstate_listeners_unnamed"));
	for (int i = 0; i < LISTENERS / 2; i++) {
		char port[8];

		snprintf(port, sizeof(port), "%d", 10000 + i);
		EXPECT_EQ(1, has(text, "127.0.0.1", port, "listen"));
		EXPECT_EQ(1, has(text, "127.0.0.1", port, "established"));
		EXPECT_EQ(1, has(text, "127.0.0.2", port, "listen"));
		EXPECT_EQ(0, has(text, "127.0.0.2", port, "established"));
	}
	free(text);
}

/* Nothing is left out, however few are named. */
TEST_F(many, cap)
{
	static const int caps[] = { 1, 15, 16, 17, 33, LISTENERS - 1,
				    LISTENERS };

	for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++) {
		char cap[16], *text;
		int rest = LISTENERS - caps[i];

		snprintf(cap, sizeof(cap), "%d", caps[i]);
		ASSERT_EQ(0, file_write(MAX, cap));
		text = file_read(METRICS, NULL);
		ASSERT_NE(NULL, text);
		EXPECT_EQ(caps[i] + !!rest, named(text));
		EXPECT_EQ(rest, has(text, "other", "other", "listen"));
		EXPECT_EQ(rest, value_of(text, "netstate_listeners_unnamed"));
		EXPECT_EQ(LISTENERS, sum_of(text, "state=\"listen\""));
		EXPECT_EQ(LISTENERS / 2, sum_of(text, "state=\"established\""));
		EXPECT_EQ(rest ? rest : -1,
			  about(text, "backlog_limit", "other", "other"));
		free(text);
	}
}

TEST_F(many, off)
{
	char *text;

	ASSERT_EQ(0, file_write(MAX, "0"));
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_EQ(NULL, strstr(text, "netstate_listener"));
	EXPECT_EQ(LISTENERS, value_of(text,
		"netstate_sockets{protocol=\"tcp\",state=\"listen\"}"));
	free(text);
}

TEST_F(many, nonsense)
{
	static const char *const values[] = {
		"many", "-1", "\n", "1.5", "99999999999", "8193",
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		EXPECT_GT(0, file_write(MAX, values[i])) {
			note("listeners_max takes '%s'", values[i]);
		}
		EXPECT_EQ(atol(self->max), file_read_long(MAX, -1));
	}
	EXPECT_EQ(0, file_write(MAX, "8192"));
}

/* One picture, in pieces as well, whatever happens in between. */
TEST_F(many, one_picture)
{
	static const size_t steps[] = { 13, 4096, 100000 };
	int fd = open(METRICS, O_RDONLY);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, file_write(MAX, "700"));
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		union addr at = addr_of(V4, "127.0.0.1", 9000);
		char start[100], *text, *all, *end;
		int more;

		ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
		ASSERT_EQ(100, read(fd, start, 100));
		more = sock_listen(&at, 1);
		ASSERT_LE(0, more);
		text = fd_read_step(fd, steps[i], NULL);
		ASSERT_NE(NULL, text);
		ASSERT_LT(0, asprintf(&all, "%.100s%s", start, text));
		EXPECT_EQ(701, named(all));
		EXPECT_EQ(LISTENERS, sum_of(all, "state=\"listen\""));
		end = strstr(all, "\nnetstate_build_info{version=\"");
		ASSERT_NE(NULL, end);
		/* And from the middle, of what is there now: the same again. */
		close(more);
		free(text);
		ASSERT_EQ(100, pread(fd, start, 100, 30000));
		EXPECT_EQ(0, memcmp(start, all + 30000, 20));
		free(all);
	}
	close(fd);
}

/* Open files, a byte of each read, until the budget is full. */
static int fill(int *fd, int room)
{
	char byte;

	for (int i = 0; i < room; i++) {
		fd[i] = open(METRICS, O_RDONLY | O_CLOEXEC);
		if (fd[i] >= 0 && read(fd[i], &byte, 1) == 1)
			continue;
		if (fd[i] < 0 || errno != ENOMEM) {
			note("file %d: %m", i);
			return -1;
		}
		close(fd[i]);
		return i;
	}
	return -1;
}

#define FILES	200

static int read_for_ever(int line, void *arg)
{
	line_tell(line, 0);
	for (;;)
		free(file_read(METRICS, NULL));
	return 0;
}

TEST_F(many, budget)
{
	int fd[FILES], n;
	char *text;

	ASSERT_EQ(0, file_write(MAX, "5000"));
	ASSERT_EQ(0, file_write(BUDGET, "1"));
	n = fill(fd, FILES);
	ASSERT_LT(0, n);
	EXPECT_EQ(NULL, file_read(METRICS, NULL));
	EXPECT_EQ(ENOMEM, errno);
	/* What is held is still whole, and free at its end. */
	text = fd_read(fd[0], NULL);
	ASSERT_NE(NULL, text);
	EXPECT_EQ(LISTENERS, named(text));
	free(text);
	text = file_read(METRICS, NULL);
	EXPECT_NE(NULL, text);
	free(text);
	budget_empty(fd, n);

	/* Nothing is lost, nor by readers that are killed. */
	for (int i = 0; i < 30; i++) {
		struct child c;

		ASSERT_EQ(0, child_start(&c, read_for_ever, NULL));
		ASSERT_TRUE(line_hear(c.line, NULL));
		usleep(i * 1000);
		child_kill(&c);
	}
	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(n, fill(fd, FILES));
		budget_empty(fd, n);
	}
}

TEST_HARNESS_MAIN
