// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections that nobody holds: why that is so, and who listens for them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "lib/child.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/peer.h"
#include "lib/table.h"

#define USER	1000
#define OTHER	2000

FIXTURE(unowned)
{
	int fd;			/* the table */
	char *text;
	int rows;
	char me[PROG_MAX];
};

FIXTURE_SETUP(unowned)
{
	char comm[16];

	ASSERT_EQ(0, netns_new());
	self->fd = open(NETSTATE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	prctl(PR_GET_NAME, comm);
	owner_text(getpid(), comm, 0, self->me);
}

FIXTURE_TEARDOWN(unowned)
{
	free(self->text);
	close(self->fd);
}

/* Reads the table that a filter gives; how many rows, or -1. */
static int take(FIXTURE_DATA(unowned) *self, int fd, const char *filter)
{
	free(self->text);
	self->text = NULL;
	self->rows = -2;
	if (write(fd, filter, strlen(filter)) < 0 || lseek(fd, 0, SEEK_SET))
		return -1;
	self->text = fd_read(fd, NULL);
	for (const char *c = self->text; c && (c = strchr(c, '\n')); c++)
		self->rows++;
	return self->rows;
}

static int rows(FIXTURE_DATA(unowned) *self, const char *filter)
{
	return take(self, self->fd, filter);
}

#define LOCAL	20	/* where the local address begins, with queues this short */

/* The row of a connection with this local end, from there on; "" without one. */
static const char *tail(FIXTURE_DATA(unowned) *self, const union addr *local)
{
	static char line[1024];
	char want[ADDR_TEXT_MAX + 1], shown[ADDR_TEXT_MAX];
	const char *at = self->text;

	snprintf(want, sizeof(want), "%s ", addr_text(local, shown));
	while (at && (at = strchr(at, '\n')) && *++at) {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
		if (strlen(line) > LOCAL && !strstr(line, "LISTEN") &&
		    !strncmp(line + LOCAL, want, strlen(want)))
			return line + LOCAL;
	}
	return "";
}

static bool ends_in(const char *line, const char *format, ...)
{
	char want[256];
	va_list args;
	size_t len;

	va_start(args, format);
	len = vsnprintf(want, sizeof(want), format, args);
	va_end(args);
	if (strlen(line) >= len && !strcmp(line + strlen(line) - len, want))
		return true;
	note("'%s' does not end in '%s'", line, want);
	return false;
}

static long orphans(void)
{
	char *text = file_read("/proc/net/sockstat", NULL), *at;
	long n = -1;

	at = text ? strstr(text, " orphan ") : NULL;
	if (at)
		n = atol(at + 8);
	free(text);
	return n;
}

static const struct host {
	enum flavour flavour;
	const char *listens, *at;
} hosts[] = {
	{ V4, "127.0.0.1", "127.0.0.1" },
	{ V4, "0.0.0.0", "127.0.0.7" },
	{ V6, "::1", "::1" },
	{ V6, "::", HOST6 },
	{ MAPPED, "127.0.0.1", "127.0.0.1" },
	{ MAPPED, "0.0.0.0", "127.0.0.7" },
};

#define HOSTS	((int)(sizeof(hosts) / sizeof(*hosts)))

/* Whether no connection's third packet is still under way, as the kernel's tables have it. */
static bool all_have_come(void)
{
	static const char *const files[] = { "/proc/self/net/tcp", "/proc/self/net/tcp6" };
	bool all = true;

	for (int i = 0; i < 2; i++) {
		char *text = file_read(files[i], NULL);

		all = all && (!text || !strstr(text, " 03 00000000:"));	/* TCP_SYN_RECV */
		free(text);
	}
	return all;
}

/* Connects; then the other end waits in its listener's queue. */
static int come(const union addr *to)
{
	int fd = sock_connect(SOCK_STREAM, NULL, to);

	return fd < 0 || POLL(all_have_come()) ? fd : -ETIMEDOUT;
}

/* An established connection that waits in an accept queue; our end of it. */
static int queue_up(const struct host *host, int port, int *listener,
		    union addr *served)
{
	union addr at = addr_of(host->flavour, host->listens, port);
	union addr to = addr_of(host->flavour, host->at, port);
	int fd;

	*listener = sock_listen(&at, 8);
	if (*listener < 0)
		return -1;
	fd = come(&to);
	*served = addr_remote(fd);
	return fd;
}

/* The word listener= as a key: how many of our connections at a port nobody has accepted. */
static void by_listener(struct __test_metadata *_metadata, FIXTURE_DATA(unowned) *self, int port,
			int waiting)
{
	const char *name = strchr(self->me, '/') + 1;
	const struct {
		const char *format, *arg;
		int rows;
	} looks[] = {
		{ "port=%d listener=%s", name, waiting },
		{ "port=%d listener=%s", self->me, waiting },
		{ "port=%d listener=%.3s*", name, waiting },
		{ "port=%d listener=*/%s", name, waiting },
		{ "port=%d listener=%s show=more", name, waiting },
		{ "port=%d listener=%s netns=all", name, waiting },
		{ "port=%d (listener=%s or uid=77)", name, waiting },
		{ "port=%d state=listen listener=%s", name, 0 },
		{ "port=%d listener=%s?", name, 0 },
		{ "port=%d listener=1/%s", name, 0 },
		{ "port=%d listener=%s comm=*", name, 0 },
		{ "port=%d listener!=%s", name, 3 - waiting },
		{ "port=%d not (listener=%s or state=listen)", name, 2 - waiting },
		{ "port=%d owner=queued listener!=%s", name, 0 },
		{ "port=%d group=state listener=%s", name, waiting },
	};
	char filter[128];

	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		snprintf(filter, sizeof(filter), looks[i].format, port, looks[i].arg);
		EXPECT_EQ(looks[i].rows, rows(self, filter)) {
			note("'%s'", filter);
		}
	}
}

TEST_F(unowned, queued)
{
	for (int i = 0; i < HOSTS; i++) {
		int listener, fd, accepted;
		union addr served;
		char filter[128];

		fd = queue_up(&hosts[i], 8000 + i, &listener, &served);
		ASSERT_LE(0, fd);
		snprintf(filter, sizeof(filter), "owner=queued lport=%d", 8000 + i);
		EXPECT_EQ(1, rows(self, filter));
		snprintf(filter, sizeof(filter), "owner!=queued port=%d", 8000 + i);
		EXPECT_EQ(2, rows(self, filter));	/* listener, client */
		snprintf(filter, sizeof(filter), "owner=orphan port=%d", 8000 + i);
		EXPECT_EQ(0, rows(self, filter));
		snprintf(filter, sizeof(filter), "owner=none,queued port=%d", 8000 + i);
		EXPECT_EQ(1, rows(self, filter));

		/* Whether the listener is shown or not. */
		EXPECT_LE(2, rows(self, "show=more"));
		EXPECT_TRUE(ends_in(tail(self, &served),
				    " owner=queued listener=%s", self->me));
		EXPECT_LE(1, rows(self, "show=more state=established owner=queued"));
		EXPECT_EQ(NULL, strstr(self->text, "LISTEN"));
		EXPECT_NE(NULL, strstr(self->text, " listen=0 "));
		EXPECT_TRUE(ends_in(tail(self, &served),
				    " owner=queued listener=%s", self->me));
		snprintf(filter, sizeof(filter), "show=more rport!=0 lport=%d uid>=0",
			 8000 + i);
		EXPECT_EQ(1, rows(self, filter));
		EXPECT_TRUE(ends_in(tail(self, &served),
				    " owner=queued listener=%s", self->me));

		by_listener(_metadata, self, 8000 + i, 1);
		accepted = accept(listener, NULL, NULL);
		ASSERT_LE(0, accepted);
		by_listener(_metadata, self, 8000 + i, 0);
		EXPECT_EQ(0, rows(self, "owner=queued"));
		EXPECT_LE(3, rows(self, "show=more"));
		EXPECT_EQ(NULL, strstr(self->text, "owner=queued"));
		EXPECT_EQ(NULL, strstr(self->text, "listener="));
	}
}

/* The listener of its own address is its listener, not that of all addresses. */
TEST_F(unowned, queued_at_the_nearest)
{
	union addr any = addr_of(V4, "0.0.0.0", 8100);
	union addr at = addr_of(V4, "127.0.0.3", 8100);
	union addr served[2];
	struct child c;
	int fd;

	fd = sock_reuse(SOCK_STREAM, &at);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, listen(fd, 4));
	ASSERT_EQ(0, child_holding(&c));	/* holds it, too */
	close(fd);				/* and now alone */
	fd = sock_reuse(SOCK_STREAM, &any);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, listen(fd, 4));

	fd = come(&at);
	ASSERT_LE(0, fd);
	served[0] = at;
	served[1] = addr_of(V4, "127.0.0.4", 8100);
	fd = come(&served[1]);
	ASSERT_LE(0, fd);
	EXPECT_EQ(2, rows(self, "show=more rport!=0 lport=8100"));
	EXPECT_TRUE(ends_in(tail(self, &served[0]), " owner=queued listener=%d%s",
			    c.pid, strchr(self->me, '/')));
	EXPECT_TRUE(ends_in(tail(self, &served[1]), " owner=queued listener=%s",
			    self->me));
	child_kill(&c);
}

/* Who listens has a name, whether the filter lets that one through or not. */
TEST_F(unowned, listened_by_whom_it_leaves_out)
{
	const char *name = strchr(self->me, '/') + 1;
	const struct {
		const char *format;
		int rows;
	} looks[] = {
		{ "port=8250 owner=queued listener=%s comm!=%s", 1 },
		{ "port=8250 listener!=%s comm!=%s", 0 },
		{ "port=8250 listener=%s not comm=%s", 1 },
		{ "port=8250 (listener=%s or rport=1) and not (comm=%s or pid=1)", 1 },
		{ "port=8250 show=more comm!=%s,%s", 1 },
	};
	union addr served;
	char filter[256];
	int listener;

	ASSERT_LE(0, queue_up(&hosts[0], 8250, &listener, &served));
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		snprintf(filter, sizeof(filter), looks[i].format, name, name);
		EXPECT_EQ(looks[i].rows, rows(self, filter)) {
			TH_LOG("%s", filter);
		}
	}
	EXPECT_TRUE(ends_in(tail(self, &served), " owner=queued listener=%s", self->me));
}

static unsigned int current_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

/* The same address and port in two namespaces: each has a listener of its own. */
TEST_F(unowned, queued_in_each_namespace)
{
	int listener[2], last;
	unsigned int number[2];
	char filter[128];
	union addr served;
	struct child c;

	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, i ? netns_new() : 0);
		number[i] = current_netns();
		ASSERT_LE(0, queue_up(&hosts[0], 8200, &listener[i], &served));
		last = socket(AF_INET, SOCK_STREAM, 0);	/* never bound */
		ASSERT_LE(0, last);
	}
	ASSERT_EQ(0, child_holding(&c));
	close(listener[1]);	/* the child's alone from now on */

	for (int i = 0; i < 2; i++) {
		snprintf(filter, sizeof(filter), "netns=%u show=more lport=8200", number[i]);
		EXPECT_EQ(2, rows(self, filter));
		EXPECT_TRUE(ends_in(tail(self, &served), " owner=queued listener=%d%s",
				    i ? c.pid : getpid(), strchr(self->me, '/')));
		snprintf(filter, sizeof(filter), "netns=%u state=close", number[i]);
		EXPECT_EQ(1, rows(self, filter));
	}
	snprintf(filter, sizeof(filter), "netns=%u,%u show=more lport=8200 rport!=0", number[0],
		 number[1]);
	EXPECT_EQ(2, rows(self, filter));
	EXPECT_NE(NULL, strstr(self->text, " listen=0 "));
	snprintf(filter, sizeof(filter), " listener=%s\n", self->me);
	EXPECT_NE(NULL, strstr(self->text, filter));
	snprintf(filter, sizeof(filter), " listener=%d/", c.pid);
	EXPECT_NE(NULL, strstr(self->text, filter));
	snprintf(filter, sizeof(filter), "netns=%u,%u state=close", number[0], number[1]);
	EXPECT_EQ(2, rows(self, filter));
	child_kill(&c);
}

/* In each of the states that it can be in. */
TEST_F(unowned, orphans)
{
	static const char *const states[] = {
		"FIN_WAIT1", "FIN_WAIT2", "LAST_ACK", "CLOSING",
	};
	union addr far = addr_of(V4, "127.0.0.9", 9009);
	long before = orphans(), held = before;
	struct peer peer;

	ASSERT_EQ(0, peer_open(&peer, &far));
	for (int i = 0; i < 4; i++) {
		union addr from = addr_of(V4, "127.0.0.1", 7100 + i);
		int fd = sock_connect(SOCK_STREAM, &from, &far);
		char filter[64];
		struct talk talk;

		ASSERT_LE(0, fd);
		ASSERT_EQ(0, talk_accept(&talk, &peer, &from));
		snprintf(filter, sizeof(filter), "owner=orphan lport=%d", 7100 + i);
		EXPECT_TRUE(POLL(rows(self, "state=established lport=7100-7103") == 1));
		EXPECT_EQ(0, rows(self, filter));
		if (i == 2) {
			ASSERT_EQ(0, talk_send(&talk, TH_FIN | TH_ACK, NULL, 0));
			EXPECT_TRUE(POLL(rows(self, "state=close_wait") == 1));
		} else if (i) {
			ASSERT_EQ(0, shutdown(fd, SHUT_WR));
			ASSERT_EQ(0, talk_expect(&talk, TH_FIN));
			if (i == 3)
				talk.ack--;
			ASSERT_EQ(0, talk_send(&talk, i == 3 ? TH_FIN | TH_ACK :
					       TH_ACK, NULL, 0));
		}
		EXPECT_EQ(0, rows(self, filter));
		close(fd);
		EXPECT_TRUE(POLL(rows(self, filter) == 1));
		EXPECT_NE(NULL, strstr(tail(self, &from), states[i]));
		snprintf(filter, sizeof(filter), "owner!=orphan lport=%d", 7100 + i);
		EXPECT_EQ(0, rows(self, filter));
		EXPECT_EQ(i + 1, rows(self, "owner=orphan show=more"));
		EXPECT_TRUE(ends_in(tail(self, &from), " owner=orphan"));
		/* The kernel counts what waits in FIN_WAIT2 as TIME_WAIT. */
		held += i != 1;
		EXPECT_TRUE(POLL(orphans() == held)) {
			note("%ld orphans, not %ld", orphans(), held);
		}
	}
	EXPECT_EQ(0, rows(self, "owner=queued"));
	EXPECT_EQ(4, rows(self, "owner=none,any state!=listen proto=tcp"));
	EXPECT_EQ(4, rows(self, "group=state owner=orphan"));
	peer_close(&peer);
}

/* One that is over, and whose port somebody listens on, or nobody. */
TEST_F(unowned, time_wait)
{
	for (int i = 0; i < HOSTS; i++) {
		union addr served, to;
		int listener, fd, accepted;
		char filter[64];

		fd = queue_up(&hosts[i], 8200 + i, &listener, &served);
		ASSERT_LE(0, fd);
		accepted = accept(listener, NULL, NULL);
		to = addr_local(fd);
		sock_end(accepted, fd);	/* the server's end waits */
		snprintf(filter, sizeof(filter), "state=time_wait port=%d show=more",
			 8200 + i);
		EXPECT_TRUE(POLL(rows(self, filter) == 1));
		EXPECT_TRUE(ends_in(tail(self, &served), " maybe=%s", self->me));
		/* Also where only those are asked for that nobody holds. */
		strcat(filter, " owner=none");
		EXPECT_EQ(1, rows(self, filter));
		EXPECT_TRUE(ends_in(tail(self, &served), " maybe=%s", self->me));
		close(listener);
		EXPECT_EQ(1, rows(self, filter));
		EXPECT_EQ(NULL, strstr(self->text, "maybe="));

		/* The client's end waits: nobody listens there. */
		fd = queue_up(&hosts[i], 8300 + i, &listener, &served);
		accepted = accept(listener, NULL, NULL);
		to = addr_local(fd);
		sock_end(fd, accepted);
		snprintf(filter, sizeof(filter), "state=time_wait port=%d show=more",
			 8300 + i);
		EXPECT_TRUE(POLL(rows(self, filter) == 1));
		EXPECT_EQ(NULL, strstr(self->text, "maybe="));
		EXPECT_STRNE("", tail(self, &to));
		close(listener);
		EXPECT_EQ(0, rows(self, "owner=queued,orphan state=time_wait"));
	}
}

/*
 * One of IPv4 that is over, where only an IPv6 socket is left that listens: the kernel
 * would give it the next connection, unless it takes IPv6 only.
 */
TEST_F(unowned, time_wait_dual_stack)
{
	static const char filter[] = "state=time_wait port=8350 show=more";
	union addr at = addr_of(V6, "::", 8350), served;
	int listener, fd, accepted, left, one = 1;

	fd = queue_up(&hosts[0], 8350, &listener, &served);
	ASSERT_LE(0, fd);
	accepted = accept(listener, NULL, NULL);
	sock_end(accepted, fd);
	close(listener);
	EXPECT_TRUE(POLL(rows(self, filter) == 1));
	EXPECT_EQ(NULL, strstr(self->text, "maybe="));

	for (int only = 0; only < 2; only++) {
		left = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
		ASSERT_EQ(0, setsockopt(left, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
		ASSERT_EQ(0, setsockopt(left, SOL_IPV6, IPV6_V6ONLY, &only, sizeof(only)));
		ASSERT_EQ(0, bind(left, &at.sa, sizeof(at.in6)));
		ASSERT_EQ(0, listen(left, 1));
		EXPECT_EQ(1, rows(self, filter));
		EXPECT_EQ(!only, ends_in(tail(self, &served), " maybe=%s", self->me));
		close(left);
	}
}

static int listen_as_user(int line, void *arg)
{
	union addr at = addr_of(V4, "127.0.0.1", 8400);
	int fd = sock_listen(&at, 8), accepted;

	line_tell(line, fd);
	line_hear(line, NULL);
	accepted = accept(fd, NULL, NULL);
	close(accepted);
	if (accepted < 0 || become(USER, USER, -1) || dumpable(true))
		fd = -1;
	line_tell(line, fd);
	line_wait(line);
	return fd < 0;
}

struct look {
	FIXTURE_DATA(unowned) *self;
	uid_t uid;
	bool may;
	pid_t server;
};

static int look_as(int line, void *arg)
{
	struct look *look = arg;
	FIXTURE_DATA(unowned) *self = look->self;
	union addr served = addr_of(V4, "127.0.0.1", 8400);
	char pid[32];
	int fd;

	if (look->uid && become(look->uid, look->uid, -1))
		return 1;
	fd = open(NETSTATE, O_RDWR);
	if (fd < 0 || take(self, fd, "show=more rport!=0 lport=8400") != 2)
		return 2;
	snprintf(pid, sizeof(pid), "=%d/", look->server);
	if (!strstr(self->text, pid) == look->may || !strstr(self->text, "owner=queued") ||
	    !strstr(self->text, "listener=") == look->may ||
	    !strstr(self->text, "maybe=") == look->may || !*tail(self, &served)) {
		note("for %d:\n%s", look->uid, self->text);
		return 3;
	}
	/* Nor by words of the filter. */
	snprintf(pid, sizeof(pid), "show=more pid=%d", look->server);
	if (take(self, fd, pid) != look->may)
		return 4;
	if (take(self, fd, "listener=*") != look->may ||
	    take(self, fd, "owner=queued listener!=*") != !look->may ||
	    take(self, fd, "not (listener!=* or lport=1)") != look->may)
		return 5;
	return 0;
}

/* Who may not see the listener's process does not learn of it. */
TEST_F(unowned, strangers)
{
	union addr at = addr_of(V4, "127.0.0.1", 8400);
	struct look looks[] = {
		{ self, 0, true }, { self, USER, true }, { self, OTHER, false },
	};
	struct child server, c;
	long long fd;

	ASSERT_EQ(0, child_start(&server, listen_as_user, NULL));
	ASSERT_TRUE(line_hear(server.line, &fd));
	ASSERT_LE(0, fd);

	/* A connection that is over, and one that waits. */
	fd = come(&at);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(line_tell(server.line, 0));
	EXPECT_TRUE(POLL(rows(self, "state=fin_wait2 lport=8400") == 1));
	close(fd);
	ASSERT_TRUE(line_hear(server.line, &fd));
	ASSERT_LE(0, fd);
	ASSERT_LE(0, sock_connect(SOCK_STREAM, NULL, &at));
	EXPECT_TRUE(POLL(rows(self, "owner=queued") == 1));
	EXPECT_TRUE(POLL(rows(self, "state=time_wait") == 1));
	for (int i = 0; i < 3; i++)
		looks[i].server = server.pid;
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, child_start(&c, look_as, &looks[i]));
		EXPECT_EQ(0, child_end(&c));
	}
	child_kill(&server);
}

static int occurrences(const char *text, const char *word)
{
	int n = 0;

	for (; text && (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

#define KERNELS	600	/* of modules/pernet.c, all UDP */

struct view {
	FIXTURE_DATA(unowned) *self;
	uid_t uid;
	int *held;	/* by us alone */
};

/* What a reader finds that nobody holds, of these and of one that root holds. */
static int looks_at_kernels(int line, void *arg)
{
	const struct view *view = arg;
	FIXTURE_DATA(unowned) *self = view->self;
	const struct {
		const char *filter;
		int rows;
	} looks[] = {
		{ "", KERNELS + 1 },
		{ "owner=kernel", KERNELS }, { "owner!=kernel", 1 },
		{ "owner=hidden", !!view->uid }, { "owner=kernel,hidden", KERNELS + !!view->uid },
		{ "owner=none", KERNELS + !!view->uid }, { "owner=any", !view->uid },
		{ "owner=none owner!=kernel", !!view->uid },
		{ "owner=kernel netns=all", KERNELS },
		{ "owner=kernel comm=*", 0 }, { "owner=kernel state=listen", 0 },
		{ "owner=kernel lport=1", 0 }, { "(owner=kernel or lport=1)", KERNELS },
		{ "not (owner=kernel or lport=1)", 1 },
		{ "owner=queued,orphan", 0 },
		{ "owner=kernel group=state", 1 }, { "owner=hidden group=uid", !!view->uid },
	};
	int fd;

	close(*view->held);
	if (view->uid && become(view->uid, view->uid, -1))
		return 1;
	fd = open(NETSTATE, O_RDWR);
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		if (take(self, fd, looks[i].filter) == looks[i].rows)
			continue;
		note("user %d: '%s' leaves %d rows, not %d", view->uid, looks[i].filter,
		     self->rows, looks[i].rows);
		return 2;
	}
	if (take(self, fd, "show=more") != KERNELS + 1 ||
	    occurrences(self->text, " owner=kernel\n") != KERNELS ||
	    occurrences(self->text, " owner=hidden\n") != !!view->uid)
		return 3;
	return 0;
}

/* What the kernel keeps to itself is not taken for what a process keeps that we cannot see. */
TEST_F(unowned, kernel_and_hidden)
{
	int err = module_load("pernet"), fd;
	const struct view views[] = { { self, 0, &fd }, { self, USER, &fd } };
	union addr at = addr_of(V4, "127.0.0.1", 8500);
	struct child c;

	if (err == -ENOENT)
		SKIP(return, "no module pernet in this guest");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, netns_new());	/* it has made its sockets there */
	fd = sock_bound(SOCK_DGRAM, &at);
	ASSERT_LE(0, fd);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, child_start(&c, looks_at_kernels, (void *)&views[i]));
		EXPECT_EQ(0, child_end(&c));
	}
}

/* A socket on its way to another process has a file, and no process holds that. */
TEST_F(unowned, on_its_way)
{
	union addr at = addr_of(V4, "127.0.0.1", 8501);
	int line[2], fd = sock_listen(&at, 1);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, line));
	EXPECT_EQ(0, rows(self, "owner=hidden"));
	EXPECT_EQ(1, rows(self, "owner=any"));
	ASSERT_TRUE(line_send_fd(line[0], fd));
	close(fd);
	EXPECT_EQ(1, rows(self, "owner=hidden"));
	EXPECT_EQ(0, rows(self, "owner=kernel"));
	EXPECT_EQ(0, rows(self, "owner=any"));
	EXPECT_EQ(1, rows(self, "show=more"));
	EXPECT_NE(NULL, strstr(self->text, " owner=hidden\n"));
	fd = line_receive_fd(line[1]);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, rows(self, "owner=hidden"));
	EXPECT_EQ(1, rows(self, "owner=any"));
}

static int live_as_user(int line, void *arg)
{
	union addr far = addr_of(V4, "127.0.0.9", 9019);
	union addr from = addr_of(V4, "127.0.0.1", 7190), at = addr_of(V4, "127.0.0.1", 8502);
	int fd;

	if (become(USER, USER, -1))
		return 1;
	/* One end that becomes an orphan, and a listener with what it has not accepted. */
	fd = sock_connect(SOCK_STREAM, &from, &far);
	if (!line_tell(line, fd < 0 || sock_listen(&at, 4) < 0 ||
			     sock_connect(SOCK_STREAM, NULL, &at) < 0))
		return 1;
	line_hear(line, NULL);
	close(fd);
	line_tell(line, 0);
	line_wait(line);
	return 0;
}

/* What has no inode has the user that the kernel keeps, if it does; and is not root's. */
TEST_F(unowned, users)
{
	union addr far = addr_of(V4, "127.0.0.9", 9019), from = addr_of(V4, "127.0.0.1", 7190);
	union addr at = addr_of(V4, "127.0.0.1", 8503);
	int listener, accepted, fd;
	struct child c;
	struct peer peer;
	struct talk talk;
	long long bad = 1;

	/* One of root's that is over. */
	listener = sock_listen(&at, 4);
	fd = come(&at);
	accepted = accept(listener, NULL, NULL);
	ASSERT_LE(0, accepted);
	sock_end(accepted, fd);
	close(listener);
	EXPECT_TRUE(POLL(rows(self, "state=time_wait") == 1));
	EXPECT_EQ(1, rows(self, ""));
	EXPECT_EQ(0, rows(self, "uid=0"));
	EXPECT_EQ(0, rows(self, "uid>=0"));
	EXPECT_EQ(1, rows(self, "uid!=0"));
	EXPECT_EQ(1, rows(self, "group=uid"));
	EXPECT_NE(NULL, strstr(self->text, "\n-   ")) {
		note("%s", self->text);
	}
	EXPECT_EQ(1, rows(self, "show=user"));	/* as netstat has it */
	EXPECT_NE(NULL, strstr(self->text, "TIME_WAIT   0          0         \n"));

	ASSERT_EQ(0, peer_open(&peer, &far));
	ASSERT_EQ(0, child_start(&c, live_as_user, NULL));
	ASSERT_EQ(0, talk_accept(&talk, &peer, &from));
	ASSERT_TRUE(line_hear(c.line, &bad));
	ASSERT_EQ(0, bad);
	EXPECT_EQ(1, rows(self, "state=established lport=7190 uid=1000"));
	ASSERT_TRUE(line_tell(c.line, 0));
	ASSERT_TRUE(line_hear(c.line, NULL));
	EXPECT_EQ(1, rows(self, "owner=orphan uid=1000"));
	EXPECT_EQ(1, rows(self, "owner=queued uid=1000"));
	EXPECT_EQ(0, rows(self, "uid=0 lport!=9019"));	/* but for the peer's */
	EXPECT_EQ(1, rows(self, "owner=orphan show=user"));
	EXPECT_NE(NULL, strstr(self->text, "FIN_WAIT1   1000       0 ")) {
		note("%s", self->text);
	}
	/* From FIN_WAIT2 on it is kept as TIME_WAIT is. */
	ASSERT_EQ(0, talk_expect(&talk, TH_FIN));
	ASSERT_EQ(0, talk_send(&talk, TH_ACK, NULL, 0));
	EXPECT_TRUE(POLL(rows(self, "state=fin_wait2") == 1));
	EXPECT_EQ(0, rows(self, "owner=orphan uid>=0"));
	EXPECT_EQ(1, rows(self, "owner=orphan uid!=0-4294967295"));
	peer_close(&peer);
	child_kill(&c);
}

TEST_HARNESS_MAIN
