// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest table and large ones; the budget, and that nothing is lost of
 * it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "lib/budget.h"
#include "lib/child.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"
#include "lib/witness.h"

/* No socket at all, the loopback down. */
TEST(empty)
{
	static const char empty[] =
		"Active Internet connections (servers and established) "
		"established=0 syn_sent=0 syn_recv=0 fin_wait1=0 fin_wait2=0 "
		"time_wait=0 close=0 close_wait=0 last_ack=0 listen=0 "
		"closing=0 dgram=0 total=0\n"
		"Proto Recv-Q Send-Q Local Address           Foreign Address"
		"         State       PID/Program name    \n";
	char *text;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	text = file_read(NETSTATE, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_STREQ(empty, text);
	free(text);
}

/* A server of many workers: one address, one port. */
TEST(thousand_listeners)
{
	enum { MANY = 1000 };
	union addr at4 = addr_of(V4, "127.0.0.1", 8443);
	union addr at6 = addr_of(V6, "::", 8443);
	struct table t, w;
	int fd;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(2 * MANY + 200));
	for (int i = 0; i < MANY; i++) {
		fd = sock_reuse(SOCK_STREAM, &at4);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, listen(fd, 16));
		fd = sock_reuse(SOCK_STREAM, &at6);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, listen(fd, 16));
	}
	ASSERT_EQ(0, witness_read_with(&t, &w));
	EXPECT_EQ(2 * MANY, w.n);
	EXPECT_EQ(MANY, table_count(&t, "tcp", "127.0.0.1:8443", "0.0.0.0:*",
				    "LISTEN"));
	EXPECT_EQ(MANY, table_count(&t, "tcp6", ":::8443", ":::*", "LISTEN"));
	for (size_t i = 0; i < t.n; i++)
		EXPECT_EQ(getpid(), t.rows[i].pid);
	table_free(&t);
	table_free(&w);
}

/* The budget. */

#define SOCKETS		2000
#define FILES		200

FIXTURE(budget)
{
	char before[24];
	int fd[FILES];
};

FIXTURE_SETUP(budget)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(SOCKETS + FILES + 200));
	for (int i = 0; i < SOCKETS; i++) {
		union addr at = addr_of(V4, "127.0.0.1", 10000 + i);

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	}
	snprintf(self->before, sizeof(self->before), "%ld",
		 file_read_long(BUDGET, -1));
	ASSERT_STRNE("-1", self->before);
	ASSERT_EQ(0, file_write(BUDGET, "1"));
}

FIXTURE_TEARDOWN(budget)
{
	EXPECT_EQ(0, file_write(BUDGET, self->before));
}

static bool reads_whole(void)
{
	struct table t;
	bool good = !table_read(&t) && t.n == SOCKETS;

	if (!good)
		note("%zu rows; %s", t.n, t.error);
	table_free(&t);
	return good;
}

TEST_F(budget, enomem_and_then_fine)
{
	struct table t;
	int n = budget_fill(self->fd, FILES);

	ASSERT_LT(0, n);
	EXPECT_EQ(-ENOMEM, table_read(&t));

	/* What is held is still whole. */
	ASSERT_EQ(0, table_read_fd(&t, self->fd[0]));
	EXPECT_EQ(SOCKETS, t.n);
	table_free(&t);

	/* That was read to its end, and is free. */
	EXPECT_TRUE(reads_whole());
	budget_empty(self->fd, n);
	EXPECT_TRUE(reads_whole());
}

/* What a file holds can be taken again in its stead. */
TEST_F(budget, rewind)
{
	int n = budget_fill(self->fd, FILES);
	char byte;

	ASSERT_LT(0, n);
	for (int i = 0; i < 3 * n; i++)
		EXPECT_EQ(1, pread(self->fd[i % n], &byte, 1, 0));
	budget_empty(self->fd, n);
}

/* Nothing is lost: the hundredth time it holds what it held the first. */
TEST_F(budget, nothing_is_lost)
{
	int n = budget_fill(self->fd, FILES);

	ASSERT_LT(0, n);
	budget_empty(self->fd, n);
	for (int i = 0; i < 30; i++) {
		ASSERT_EQ(n, budget_fill(self->fd, FILES));
		/* Half by reading to the end, half by closing. */
		for (int f = 0; f < n / 2; f++)
			free(fd_read(self->fd[f], NULL));
		budget_empty(self->fd, n);
	}
	/* And refusals give back what they had taken already. */
	ASSERT_EQ(n, budget_fill(self->fd, FILES));
	for (int i = 0; i < 100; i++) {
		struct table t;

		ASSERT_EQ(-ENOMEM, table_read(&t));
	}
	budget_empty(self->fd, n);
	EXPECT_EQ(n, budget_fill(self->fd, FILES));
	budget_empty(self->fd, n);
}

static int fill_as(int line, void *arg)
{
	int (*as)(void) = arg, fd[FILES], n;

	if (as())
		return 255;
	n = budget_fill(fd, FILES);
	line_tell(line, n);
	line_wait(line);
	return 0;
}

static int as_user(void)
{
	return become(1000, 1000, -1);
}

static int as_root_of_userns(void)
{
	return as_user() ?: userns_new();
}

static int as_other_user(void)
{
	return become(1001, 1001, -1);
}

/*
 * Who has no privilege gets a quarter, and so takes nothing from another user; both
 * together get half, and so take nothing from root.
 */
TEST_F(budget, shares)
{
	int (*const as[])(void) = { as_user, as_root_of_userns };
	int all = budget_fill(self->fd, FILES);

	ASSERT_LT(3, all);
	budget_empty(self->fd, all);
	for (int i = 0; i < 2; i++) {
		struct child one, two;
		long long first, second;
		int rest;

		ASSERT_EQ(0, child_start(&one, fill_as, as[i]));
		ASSERT_TRUE(line_hear(one.line, &first));
		EXPECT_LE(all / 4 - 1, first);
		EXPECT_GE(all / 4, first);

		ASSERT_EQ(0, child_start(&two, fill_as, as_other_user));
		ASSERT_TRUE(line_hear(two.line, &second));
		EXPECT_LE(all / 4 - 1, second);
		EXPECT_GE(all / 4, second);

		rest = budget_fill(self->fd, FILES);
		EXPECT_LE(all - first - second - 1, rest);
		EXPECT_GE(all - first - second + 1, rest);
		budget_empty(self->fd, rest > 0 ? rest : 0);
		child_kill(&one);
		child_kill(&two);
		EXPECT_EQ(all, budget_fill(self->fd, FILES));
		budget_empty(self->fd, all);
	}
}

/* All that it may hold, again and again; how often it was refused more. */
static int fill_for_ever(int line, void *arg)
{
	atomic_long *filled = arg;
	int fd[FILES], n = 0;

	if (as_user())
		return 1;
	line_tell(line, 0);
	while (n >= 0) {
		n = budget_fill(fd, FILES);
		*filled += n > 0;
		budget_empty(fd, n);
	}
	return 1;
}

/* However many try, who polls with privilege is never refused. */
TEST_F(budget, poller_beside_a_crowd)
{
	enum { CROWD = 4, POLLS = 10 };
	atomic_long *filled = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				   -1, 0);
	struct child c[CROWD];
	long before;
	int polls;

	ASSERT_NE(MAP_FAILED, filled);
	for (int i = 0; i < CROWD; i++) {
		ASSERT_EQ(0, child_start(&c[i], fill_for_ever, filled));
		ASSERT_TRUE(line_hear(c[i].line, NULL));
	}
	before = *filled;
	for (polls = 0; polls < POLLS || *filled - before < CROWD; polls++)
		EXPECT_TRUE(reads_whole());
	note("%d polls beside %ld times that all was taken", polls, *filled - before);
	/* All of them still try. */
	for (int i = 0; i < CROWD; i++) {
		EXPECT_EQ(0, waitpid(c[i].pid, NULL, WNOHANG));
		child_kill(&c[i]);
	}
	munmap(filled, 4096);
}

/* The budget can grow and shrink while it is in use. */
TEST_F(budget, changed_in_use)
{
	int more[FILES], n = budget_fill(self->fd, FILES), m;

	ASSERT_LT(0, n);
	ASSERT_EQ(0, file_write(BUDGET, "2"));
	m = budget_fill(more, FILES);
	EXPECT_LE(n - 1, m);
	EXPECT_GE(n + 2, m);
	ASSERT_EQ(0, file_write(BUDGET, "1"));
	EXPECT_EQ(0, budget_fill(&more[m], FILES - m));
	budget_empty(more, m);
	budget_empty(self->fd, n);
	EXPECT_TRUE(reads_whole());
}

TEST_F(budget, nonsense)
{
	static const char *const words[] = {
		"much", "-1", "\n", "1.5", "0x", "99999999999999999999", "1 2",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		EXPECT_GT(0, file_write(BUDGET, words[i])) {
			note("budget_mb takes '%s'", words[i]);
		}
		EXPECT_EQ(1, file_read_long(BUDGET, -1));
	}
	EXPECT_TRUE(reads_whole());
}

/* Memory, coarsely: what hundreds of reads took has been given back. */
static long free_kib(void)
{
	char *text = file_read("/proc/meminfo", NULL), *at;
	long kib = -1;

	at = text ? strstr(text, "MemFree:") : NULL;
	if (at)
		kib = strtol(at + 8, NULL, 10);
	free(text);
	return kib;
}

TEST(memory)
{
	enum { MANY = 4000, TIMES = 200, SLACK_KIB = 16 * 1024 };
	long before;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(MANY + 200));
	for (int i = 0; i < MANY; i++) {
		union addr at = addr_of(V6, HOST6, 10000 + i);

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	}
	for (int i = 0; i < 10; i++)
		free(file_read(NETSTATE, NULL));

	/* Of 4000 rows a capture has some 300 KiB: 60 MiB in all. */
	before = free_kib();
	ASSERT_LT(0, before);
	for (int i = 0; i < TIMES; i++) {
		int fd = open(NETSTATE, O_RDONLY);

		ASSERT_LE(0, fd);
		ASSERT_EQ(1, read(fd, &(char){ 0 }, 1));
		if (i % 2)
			free(fd_read(fd, NULL));
		close(fd);
	}
	EXPECT_TRUE(POLL(free_kib() > before - SLACK_KIB)) {
		note("%ld KiB less", before - free_kib());
	}
}

TEST_HARNESS_MAIN
