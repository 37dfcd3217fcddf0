// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that are in no table of the kernel's, and so in no file of /proc/net:
 * only who holds them leads to them.  The witnesses are the links in /proc/PID/fd
 * beside /proc/net, and what the test itself made.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/child.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"
#include "lib/witness.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

#define UNLISTED	"state=close,bound"
#define ALL_STATES	"state=established,syn_sent,syn_recv,fin_wait1,"	\
			"fin_wait2,time_wait,close_wait,last_ack,listen,"	\
			"closing,dgram,close,bound"

FIXTURE(unhashed)
{
	int fd;			/* the table */
	struct table t;
	char me[PROG_MAX];
};

FIXTURE_SETUP(unhashed)
{
	char comm[16];

	ASSERT_EQ(0, netns_new());
	self->fd = open(NETSTATE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	prctl(PR_GET_NAME, comm);
	owner_text(getpid(), comm, 0, self->me);
}

FIXTURE_TEARDOWN(unhashed)
{
	table_free(&self->t);
	close(self->fd);
}

/* Reads the table that a filter gives; how many rows, or -1. */
static int rows(FIXTURE_DATA(unhashed) *self, const char *filter)
{
	table_free(&self->t);
	if (write(self->fd, filter, strlen(filter)) < 0) {
		note("'%s': %m", filter);
		return -1;
	}
	if (table_read_fd(&self->t, self->fd)) {
		note("%s", self->t.error);
		return -1;
	}
	return self->t.n;
}

/* The row of one socket, if it is the only one; among all that a filter shows. */
static const struct row *row_of(FIXTURE_DATA(unhashed) *self, int fd,
				const char *filter)
{
	char text[256];

	snprintf(text, sizeof(text), "%s inode=%lu", filter, sock_inode(fd));
	return rows(self, text) == 1 ? &self->t.rows[0] : NULL;
}

/* That it is this row, with "close" or "bound", ours, and only when asked for. */
static bool is_row(FIXTURE_DATA(unhashed) *self, int fd, const char *proto,
		   const char *laddr, const char *state)
{
	const char *any = strchr(proto, '6') ? ":::*" : "0.0.0.0:*";
	const char *word = *state == 'C' ? "state=close" : "state=bound";
	const char *other = *state == 'C' ? "state=bound" : "state=close";
	const struct row *row = row_of(self, fd, word);

	if (!row || strcmp(row->proto, proto) || strcmp(row->laddr, laddr) ||
	    strcmp(row->raddr, any) || strcmp(row->state, state) ||
	    strcmp(row->prog, self->me) || row->sendq) {
		note("%s %s %s is %s", proto, laddr, state,
		     row ? self->t.text : "not there");
		return false;
	}
	if (!row_of(self, fd, ALL_STATES) || row_of(self, fd, other) ||
	    row_of(self, fd, "") || row_of(self, fd, "state!=listen") ||
	    row_of(self, fd, "proto=tcp,udp,raw state!=dgram")) {
		note("%s %s %s is there when it should not be, or not when it should",
		     proto, laddr, state);
		return false;
	}
	return true;
}

TEST_F(unhashed, never_bound)
{
	static const struct { int family, type; const char *proto; } c[] = {
		{ AF_INET, SOCK_STREAM, "tcp" }, { AF_INET6, SOCK_STREAM, "tcp6" },
		{ AF_INET, SOCK_DGRAM, "udp" }, { AF_INET6, SOCK_DGRAM, "udp6" },
	};

	for (int i = 0; i < 4; i++) {
		int fd = socket(c[i].family, c[i].type, 0);

		ASSERT_LE(0, fd);
		EXPECT_TRUE(is_row(self, fd, c[i].proto,
				   c[i].family == AF_INET ? "0.0.0.0:*" : ":::*",
				   "CLOSE"));
		EXPECT_EQ(i + 1, rows(self, UNLISTED));
		EXPECT_EQ(i + 1, rows(self, "state=closed"));
		EXPECT_EQ(i + 1, self->t.counts[C_CLOSE]);
		EXPECT_EQ(-1, self->t.bound);
		EXPECT_EQ(0, rows(self, "state=bound"));
		EXPECT_EQ(0, self->t.bound);
		EXPECT_EQ(0, rows(self, "\n"));
		EXPECT_EQ(-1, self->t.bound);
	}
}

TEST_F(unhashed, bound)
{
	static const struct { enum flavour flavour; const char *host, *shown, *proto; } c[] = {
		{ V4, "127.0.0.1", "127.0.0.1:", "tcp" },
		{ V4, "0.0.0.0", "0.0.0.0:", "tcp" },
		{ V6, "::1", "::1:", "tcp6" },
		{ V6, LONG6, LONG6 ":", "tcp6" },
		{ MAPPED, "127.0.0.1", "127.0.0.1:", "tcp6" },
	};

	for (int i = 0; i < 5; i++) {
		union addr at = addr_of(c[i].flavour, c[i].host, 8080 + i);
		char shown[ADDR_TEXT_MAX];
		int fd = sock_bound(SOCK_STREAM, &at), udp, listener;

		ASSERT_LE(0, fd);
		snprintf(shown, sizeof(shown), "%s%d", c[i].shown, 8080 + i);
		EXPECT_TRUE(is_row(self, fd, c[i].proto, shown, "BOUND"));

		/* What listens, and all bound datagram sockets, are in tables. */
		addr_set_port(&at, 9090 + i);
		udp = sock_bound(SOCK_DGRAM, &at);
		listener = sock_listen(&at, 1);
		ASSERT_LE(0, udp);
		ASSERT_LE(0, listener);
		EXPECT_EQ(i + 1, rows(self, UNLISTED));
		EXPECT_EQ(i + 1, self->t.bound);
		EXPECT_EQ(2 * i + 2, rows(self, "\n"));
		EXPECT_EQ(3 * i + 3, rows(self, ALL_STATES));
		EXPECT_EQ(i + 1, self->t.bound);
	}
	EXPECT_EQ(1, rows(self, "state=bound lport=8081"));
	EXPECT_EQ(2, rows(self, "state=bound laddr=127.0.0.0/8"));
	EXPECT_EQ(0, rows(self, "state=bound rport!=0"));
	EXPECT_EQ(3, rows(self, "state=bound proto=tcp6"));
	EXPECT_EQ(0, rows(self, "state=close,bound family=inet6 proto=udp"));
}

/* The address may be chosen without a port. */
TEST_F(unhashed, bound_without_port)
{
	union addr at = addr_of(V4, "127.0.0.5", 0);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one,
				sizeof(one)));
	ASSERT_EQ(0, bind(fd, &at.sa, addr_len(&at)));
	EXPECT_TRUE(is_row(self, fd, "tcp", "127.0.0.5:*", "CLOSE"));
}

static bool reset(int fd)
{
	struct linger now = { .l_onoff = 1 };

	return !setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) &&
	       !close(fd);
}

/* The other end has reset it, and the program has not noticed. */
TEST_F(unhashed, reset)
{
	static const struct { enum flavour flavour; const char *host, *at, *any, *proto; } c[] = {
		{ V4, "127.0.0.1", "127.0.0.1:*", "0.0.0.0:*", "tcp" },
		{ V6, "::1", "::1:*", ":::*", "tcp6" },
		{ MAPPED, "127.0.0.1", "127.0.0.1:*", ":::*", "tcp6" },
	};

	for (int i = 0; i < 3; i++) {
		union addr at = addr_of(c[i].flavour, c[i].host, 0);
		int fd[2];

		/* The accepted one, whose listener chose its address. */
		ASSERT_EQ(0, sock_pair(&at, fd));
		EXPECT_EQ(NULL, row_of(self, fd[1], UNLISTED));
		EXPECT_NE(NULL, row_of(self, fd[1], ALL_STATES));
		ASSERT_TRUE(reset(fd[0]));
		EXPECT_TRUE(POLL(row_of(self, fd[1], UNLISTED)));
		EXPECT_TRUE(is_row(self, fd[1], c[i].proto, c[i].at, "CLOSE"));
		close(fd[1]);

		/* The connecting one, for which the kernel chose. */
		ASSERT_EQ(0, sock_pair(&at, fd));
		ASSERT_EQ(5, write(fd[1], "hello", 5));
		ASSERT_TRUE(reset(fd[1]));
		EXPECT_TRUE(POLL(row_of(self, fd[0], UNLISTED)));
		EXPECT_TRUE(is_row(self, fd[0], c[i].proto, c[i].any, "CLOSE"));
		close(fd[0]);
		EXPECT_EQ(0, rows(self, UNLISTED));
	}
}

TEST_F(unhashed, refused)
{
	union addr from = addr_of(V4, "127.0.0.1", 7007);
	union addr to = addr_of(V4, "127.0.0.1", 7008);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ASSERT_NE(0, connect(fd, &to.sa, addr_len(&to)));
	EXPECT_TRUE(is_row(self, fd, "tcp", "0.0.0.0:*", "CLOSE"));
	close(fd);

	/* It keeps the port that it was given. */
	fd = sock_bound(SOCK_STREAM, &from);
	ASSERT_NE(0, connect(fd, &to.sa, addr_len(&to)));
	EXPECT_TRUE(is_row(self, fd, "tcp", "127.0.0.1:7007", "BOUND"));
}

TEST_F(unhashed, no_longer_listening)
{
	union addr at = addr_of(V4, "127.0.0.1", 7009);
	int fd = sock_listen(&at, 1);

	EXPECT_EQ(NULL, row_of(self, fd, UNLISTED));
	ASSERT_EQ(0, shutdown(fd, SHUT_RDWR));
	EXPECT_TRUE(is_row(self, fd, "tcp", "127.0.0.1:7009", "BOUND"));
	ASSERT_EQ(0, listen(fd, 1));
	EXPECT_EQ(NULL, row_of(self, fd, UNLISTED));
	EXPECT_NE(NULL, row_of(self, fd, "\n"));
}

TEST_F(unhashed, disconnected)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	union addr to = addr_of(V4, "127.0.0.1", 9);
	int fd = sock_connect(SOCK_DGRAM, NULL, &to), raw;
	static const char filter[] = "state=close,dgram proto=raw show=none";
	char *text;

	EXPECT_NE(NULL, row_of(self, fd, "\n"));
	EXPECT_EQ(NULL, row_of(self, fd, UNLISTED));
	ASSERT_EQ(0, connect(fd, &none, sizeof(none)));
	EXPECT_EQ(NULL, row_of(self, fd, "\n"));
	EXPECT_TRUE(is_row(self, fd, "udp", "0.0.0.0:*", "CLOSE"));

	/* A raw socket leaves its table that way, too; it is still a raw socket. */
	raw = socket(AF_INET, SOCK_RAW, 253);
	ASSERT_LE(0, raw);
	EXPECT_EQ(0, rows(self, "state=close proto=raw"));
	ASSERT_EQ(0, connect(raw, &none, sizeof(none)));
	EXPECT_EQ(1, rows(self, UNLISTED));	/* not this one: nobody asked for raw */
	ASSERT_LT(0, write(self->fd, filter, strlen(filter)));
	lseek(self->fd, 0, SEEK_SET);
	text = fd_read(self->fd, NULL);
	EXPECT_NE(NULL, strstr(text, "\nraw        0      0 0.0.0.0:253             0.0.0.0:*               CLOSE      \n")) {
		note("%s", text);
	}
	EXPECT_NE(NULL, strstr(text, " dgram=0 total=1\n"));
	free(text);
}

static unsigned int inodes_of_links(unsigned long *inode, unsigned int most)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	unsigned int n = 0;
	char link[64];
	ssize_t len;

	while (dir && (entry = readdir(dir))) {
		len = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
		link[len > 0 ? len : 0] = '\0';
		if (n < most && sscanf(link, "socket:[%lu]", &inode[n]) == 1)
			n++;
	}
	closedir(dir);
	return n;
}

static bool has_inode(const struct table *t, unsigned long inode)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].inode == inode)
			return true;
	return false;
}

/* Of a mixed lot: what the links show and /proc/net does not is shown, and no more. */
TEST_F(unhashed, as_the_links_tell)
{
	unsigned long inode[512];
	unsigned int n, unhashed = 0;
	struct table w;
	int fd[2];

	for (int i = 0; i < 60; i++) {
		enum flavour flavour = i % 3;
		union addr at = addr_of(flavour, flavour == V6 ? "::1" : "127.0.0.1",
					20000 + i);
		int type = i % 2 ? SOCK_STREAM : SOCK_DGRAM;

		ASSERT_LE(0, socket(at.sa.sa_family, type, 0));
		ASSERT_LE(0, sock_bound(type, &at));
		addr_set_port(&at, 0);
		ASSERT_EQ(0, sock_pair(&at, fd));
		if (i % 4 == 1)
			ASSERT_TRUE(reset(fd[0]));
		addr_set_port(&at, 21000 + i);
		ASSERT_LE(0, sock_listen(&at, 1));
	}
	usleep(100000);
	ASSERT_EQ(0, witness_read(&w));
	n = inodes_of_links(inode, 512);
	EXPECT_LT(250, n);
	for (unsigned int i = 0; i < n; i++) {
		bool listed = has_inode(&w, inode[i]);
		char filter[256];

		snprintf(filter, sizeof(filter), UNLISTED " inode=%lu", inode[i]);
		EXPECT_EQ(!listed, rows(self, filter));
		snprintf(filter, sizeof(filter), "inode=%lu", inode[i]);
		EXPECT_EQ(listed, rows(self, filter));
		snprintf(filter, sizeof(filter), ALL_STATES " inode=%lu", inode[i]);
		EXPECT_EQ(1, rows(self, filter));
		unhashed += !listed;
	}
	EXPECT_EQ((int)unhashed, rows(self, UNLISTED));
	EXPECT_EQ(60 + 30 + 15, (int)unhashed);
	table_free(&w);
}

/* What is no socket of these protocols. */
TEST_F(unhashed, others)
{
	EXPECT_LE(0, socket(AF_UNIX, SOCK_STREAM, 0));
	EXPECT_LE(0, socket(AF_NETLINK, SOCK_RAW, 0));
	socket(AF_PACKET, SOCK_DGRAM, 0);
	socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);
	EXPECT_LE(0, socket(AF_INET, SOCK_RAW, 253));
	EXPECT_EQ(0, rows(self, UNLISTED " proto=tcp,udp,raw,udpl"));
}

TEST_F(unhashed, other_namespaces)
{
	ASSERT_LE(0, socket(AF_INET, SOCK_STREAM, 0));
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_LE(0, socket(AF_INET, SOCK_STREAM, 0));
	ASSERT_LE(0, socket(AF_INET, SOCK_STREAM, 0));
	EXPECT_EQ(1, rows(self, UNLISTED));
	close(self->fd);
	self->fd = open(NETSTATE, O_RDWR);
	EXPECT_EQ(2, rows(self, UNLISTED));
}

struct apart {
	atomic_int fd;
	atomic_bool over;
};

static void *hold_apart(void *arg)
{
	struct apart *apart = arg;

	if (unshare(CLONE_FILES))
		return NULL;
	apart->fd = socket(AF_INET, SOCK_STREAM, 0);
	while (!apart->over)
		usleep(1000);
	return NULL;
}

/* A thread may have files of its own. */
TEST_F(unhashed, of_a_thread)
{
	struct apart apart = { -1, false };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, hold_apart, &apart));
	EXPECT_TRUE(POLL(apart.fd >= 0));
	EXPECT_EQ(1, rows(self, UNLISTED));
	EXPECT_STREQ(self->me, self->t.rows[0].prog);
	apart.over = true;
	pthread_join(thread, NULL);
	EXPECT_TRUE(POLL(!rows(self, UNLISTED)));
}

/* However many hold it, by however many descriptors: one row, and all are counted. */
TEST_F_TIMEOUT(unhashed, many_holders, 900)
{
	const char *wanted = getenv("HOLDERS");
	int n = wanted ? atoi(wanted) : 500, fd, bound;
	union addr at = addr_of(V4, "127.0.0.1", 7010);
	char me[PROG_MAX], comm[16], filter[96];
	int line[2];

	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	bound = sock_bound(SOCK_STREAM, &at);
	for (int i = 0; i < 300; i++)
		ASSERT_LE(0, dup(i % 2 ? fd : bound));
	ASSERT_EQ(0, pipe(line));
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		ASSERT_LE(0, pid);
		if (!pid) {
			die_with(getppid());
			close(line[1]);
			if (!read(line[0], comm, 1))
				_exit(0);
		}
	}
	prctl(PR_GET_NAME, comm);
	owner_text(getpid(), comm, n, me);
	EXPECT_TRUE(POLL(rows(self, UNLISTED) == 2 &&
			 !strcmp(self->t.rows[0].prog, me)));
	EXPECT_STREQ(me, self->t.rows[0].prog);
	EXPECT_STREQ(me, self->t.rows[1].prog);
	snprintf(filter, sizeof(filter), UNLISTED " pid=%d", getpid());
	EXPECT_EQ(2, rows(self, filter));
	EXPECT_STREQ(self->me, self->t.rows[0].prog);
	snprintf(filter, sizeof(filter), UNLISTED " pid!=%d", getpid());
	EXPECT_EQ(2, rows(self, filter));
	snprintf(filter, sizeof(filter), UNLISTED " comm=nobody");
	EXPECT_EQ(0, rows(self, filter));
	EXPECT_EQ(0, rows(self, UNLISTED " owner=none"));
	EXPECT_EQ(2, rows(self, UNLISTED " owner=any"));
	close(line[1]);
	while (wait(NULL) > 0)
		;
}

/* The other forms of the table: columns, words, groups. */
TEST_F(unhashed, forms)
{
	union addr at = addr_of(V4, "127.0.0.1", 7011);
	int fd = sock_bound(SOCK_STREAM, &at);
	char want[512], *text;
	size_t len;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, socket(AF_INET, SOCK_DGRAM, 0));
	ASSERT_LT(0, write(self->fd, UNLISTED " show=none", 27));
	text = fd_read(self->fd, &len);
	ASSERT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text, " close=1 "));
	EXPECT_NE(NULL, strstr(text, " dgram=0 total=2 bound=1\n"));
	EXPECT_NE(NULL, strstr(text, "\ntcp        0      0 127.0.0.1:7011          0.0.0.0:*               BOUND      \n"));
	EXPECT_NE(NULL, strstr(text, "\nudp        0      0 0.0.0.0:*               0.0.0.0:*               CLOSE      \n"));
	free(text);

	ASSERT_LT(0, write(self->fd, "state=bound show=user,more", 26));
	lseek(self->fd, 0, SEEK_SET);
	text = fd_read(self->fd, &len);
	snprintf(want, sizeof(want), "BOUND       0          %-10lu owners=%s drops=0 ",
		 sock_inode(fd), self->me);
	EXPECT_NE(NULL, strstr(text, want)) {
		note("%s", text);
	}
	free(text);

	ASSERT_LT(0, write(self->fd, "group=state,lport " UNLISTED, 35));
	lseek(self->fd, 0, SEEK_SET);
	text = fd_read(self->fd, &len);
	EXPECT_NE(NULL, strstr(text, " total=2 bound=1\nstate "));
	EXPECT_NE(NULL, strstr(text, "   sendq   bound\n"));
	EXPECT_NE(NULL, strstr(text, "\nbound                   7011  "));
	EXPECT_NE(NULL, strstr(text, "\nclose                   *  "));
	free(text);

	ASSERT_LT(0, write(self->fd, "group=process " UNLISTED, 31));
	lseek(self->fd, 0, SEEK_SET);
	text = fd_read(self->fd, &len);
	snprintf(want, sizeof(want), "\n%-23s ", self->me);
	EXPECT_NE(NULL, strstr(text, want));
	EXPECT_NE(NULL, strstr(text, "      2       0       0       1\n"));
	free(text);
}

/* Sockets that stay unhashed, beside others that wander through the tables. */

#define STAY		100
#define FIRST_STAY	10000
#define WANDERERS	3
#define WANDERED	100	/* rounds that each has made at least */

struct wanderer {
	unsigned int seed;
	atomic_long *rounds, *resets;
};

static int wander(int line, void *arg)
{
	struct wanderer *w = arg;
	unsigned int seed = w->seed;

	line_tell(line, 0);
	for (;;) {
		enum flavour flavour = rand_r(&seed) % 3;
		union addr at = addr_of(flavour, flavour == V6 ? "::1" : "127.0.0.1", 0);
		int type = rand_r(&seed) % 4 ? SOCK_STREAM : SOCK_DGRAM;
		int fd[3] = { socket(at.sa.sa_family, type, 0), -1, -1 };

		if (rand_r(&seed) % 8)
			bind(fd[0], &at.sa, addr_len(&at));
		if (type == SOCK_STREAM && rand_r(&seed) % 4) {
			if (!listen(fd[0], 4)) {
				at = addr_local(fd[0]);
				fd[1] = sock_connect(type, NULL, &at);
				if (rand_r(&seed) % 2)
					fd[2] = accept4(fd[0], NULL, NULL, SOCK_NONBLOCK);
				if (rand_r(&seed) % 2) {
					*w->resets += fd[1] >= 0 && reset(fd[1]);
					fd[1] = -1;
				}
			}
			if (rand_r(&seed) % 2)
				shutdown(fd[0], SHUT_RDWR);
		}
		*w->rounds += fd[0] >= 0;
		for (int i = 0; i < 3; i++)
			if (fd[i] >= 0)
				close(fd[i]);
	}
	return 0;
}

static int compare_longs(const void *a, const void *b)
{
	unsigned long x = *(unsigned long *)a, y = *(unsigned long *)b;

	return x < y ? -1 : x > y;
}

/* No inode twice, all that stay once; -1 or the rows. */
static int judge(int fd, const unsigned long *stay)
{
	static unsigned long inode[200000];
	char *text, *line, *save;
	int n = 0, stayed = 0;
	size_t len;

	lseek(fd, 0, SEEK_SET);
	text = fd_read(fd, &len);
	if (!text)
		return -1;
	strtok_r(text, "\n", &save);
	strtok_r(NULL, "\n", &save);
	while ((line = strtok_r(NULL, "\n", &save)) && n < 200000) {
		char *p = line + 79 + 12;

		/* All addresses here are short, so the columns are in their places. */
		inode[n] = strtoul(p, NULL, 10);
		n += inode[n] != 0;
	}
	free(text);
	qsort(inode, n, sizeof(*inode), compare_longs);
	for (int i = 1; i < n; i++) {
		if (inode[i] == inode[i - 1]) {
			note("inode %lu twice", inode[i]);
			return -1;
		}
	}
	for (int i = 0; i < STAY; i++)
		stayed += !!bsearch(&stay[i], inode, n, sizeof(*inode), compare_longs);
	if (stayed != STAY) {
		note("%d of %d stayed", stayed, STAY);
		return -1;
	}
	return n;
}

static bool have_wandered(const atomic_long *rounds)
{
	for (int i = 0; i < WANDERERS; i++)
		if (rounds[i] < WANDERED)
			return false;
	return true;
}

TEST_F_TIMEOUT(unhashed, under_churn, 900)
{
	const char *ms = getenv("CHURN_MS");
	uint64_t end = now_ms() + (ms ? atoi(ms) : 5000);
	static const char filter[] = ALL_STATES " show=user";
	unsigned long stay[STAY], reads = 0, most = 0;
	struct child c[WANDERERS];
	atomic_long *rounds = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				   -1, 0);

	ASSERT_NE(MAP_FAILED, rounds);
	for (int i = 0; i < STAY; i++) {
		union addr at = addr_of(V4, "127.0.0.1", FIRST_STAY + i);
		int fd = i % 2 ? socket(AF_INET6, i % 4 == 1 ? SOCK_STREAM : SOCK_DGRAM, 0) :
				 sock_bound(SOCK_STREAM, &at);

		ASSERT_LE(0, fd);
		stay[i] = sock_inode(fd);
	}
	qsort(stay, STAY, sizeof(*stay), compare_longs);
	ASSERT_LT(0, write(self->fd, filter, strlen(filter)));
	for (int i = 0; i < WANDERERS; i++) {
		struct wanderer w = { i + 1, &rounds[i], &rounds[WANDERERS] };

		ASSERT_EQ(0, child_start(&c[i], wander, &w));
		ASSERT_TRUE(line_hear(c[i].line, NULL));
	}
	while (now_ms() < end || reads < 20 || !have_wandered(rounds)) {
		int n = judge(self->fd, stay);

		ASSERT_LE(STAY, n);
		most = (int)most < n ? n : most;
		reads++;
	}
	note("%lu reads of up to %lu sockets, beside %ld that were reset", reads, most,
	     (long)rounds[WANDERERS]);
	EXPECT_LT(0, (long)rounds[WANDERERS]);
	for (int i = 0; i < WANDERERS; i++)
		child_kill(&c[i]);
	munmap(rounds, 4096);
}

TEST_HARNESS_MAIN
