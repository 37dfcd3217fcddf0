// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files in the folder of each network namespace: /proc/PID/net/netstate and
 * netstate_metrics are about that namespace, whoever opens them, as net/udp beside them is.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/addr.h"
#include "lib/attacker.h"
#include "lib/child.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/reading.h"
#include "lib/table.h"

#define ROOM	65536
#define HERE	7001
#define THERE	7002

/* Binds a port in a network namespace of its own; for each word that it hears in a new one. */
static int be_there(int line, void *arg)
{
	for (int port = THERE;; port++) {
		union addr at = addr_of(V4, "127.0.0.1", port);

		if (netns_new() || sock_bound(SOCK_DGRAM, &at) < 0)
			return 1;
		line_tell(line, 0);
		if (!line_hear(line, NULL))
			return 0;
	}
}

FIXTURE(folder)
{
	struct child there;
	char table[48], metrics[56], udp[48];
};

FIXTURE_SETUP(folder)
{
	union addr at = addr_of(V4, "127.0.0.1", HERE);

	ASSERT_EQ(0, netns_new());
	ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	ASSERT_EQ(0, child_start(&self->there, be_there, NULL));
	ASSERT_TRUE(line_hear(self->there.line, NULL));
	sprintf(self->table, "/proc/%d/net/netstate", self->there.pid);
	sprintf(self->metrics, "%s_metrics", self->table);
	sprintf(self->udp, "/proc/%d/net/udp", self->there.pid);
}

FIXTURE_TEARDOWN(folder)
{
	child_kill(&self->there);
}

TEST_F(folder, is_about_its_namespace)
{
	const struct row *row;
	struct table t;

	ASSERT_EQ(0, table_read_path(&t, self->table)) {
		TH_LOG("%s", t.error);
	}
	EXPECT_EQ(1, t.n);
	row = table_find(&t, "udp", "127.0.0.1:7002", NULL, NULL);
	ASSERT_NE(NULL, row);
	EXPECT_EQ(self->there.pid, row->pid);
	table_free(&t);

	/* Our own is what /proc/netstate is. */
	ASSERT_EQ(0, table_read_path(&t, "/proc/self/net/netstate"));
	EXPECT_EQ(1, t.n);
	row = table_find(&t, "udp", "127.0.0.1:7001", NULL, NULL);
	ASSERT_NE(NULL, row);
	EXPECT_EQ(getpid(), row->pid);
	table_free(&t);
}

/* The path is the same, and has been looked up: it leads to where the process is now. */
TEST_F(folder, goes_with_its_process)
{
	static const char *const local[] = { "127.0.0.1:7002", "127.0.0.1:7003", "127.0.0.1:7004" };
	struct table t;

	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, table_read_path(&t, self->table));
		EXPECT_EQ(1, t.n);
		EXPECT_NE(NULL, table_find(&t, "udp", local[i], NULL, NULL));
		table_free(&t);
		ASSERT_TRUE(line_tell(self->there.line, 0));
		ASSERT_TRUE(line_hear(self->there.line, NULL));
	}
}

/* How many UDP sockets the counters of a file have; -1 without. */
static long udp_counted(const char *path)
{
	static const char series[] = "\nnetstate_sockets{protocol=\"udp\",";
	char *text = file_read(path, NULL), *at = text;
	long n = -1;

	while (at && (at = strstr(at, series))) {
		at = strchr(at, ' ');
		n = (n < 0 ? 0 : n) + atol(at);
	}
	free(text);
	return n;
}

TEST_F(folder, counts_its_namespace)
{
	union addr at = addr_of(V4, "127.0.0.1", HERE + 10);

	ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	EXPECT_EQ(1, udp_counted(self->metrics));
	EXPECT_EQ(2, udp_counted("/proc/self/net/netstate_metrics"));
	EXPECT_EQ(2, udp_counted("/proc/netstate_metrics"));
}

/* What it is asked is asked there: the namespace's number, and filters with others. */
TEST_F(folder, takes_filters)
{
	struct reading r;

	ASSERT_LT(0, reading_whole(&r, self->table, "lport=7001,7002", NULL, ROOM));
	EXPECT_NE(NULL, strstr(r.text, "127.0.0.1:7002"));
	EXPECT_EQ(NULL, strstr(r.text, "127.0.0.1:7001"));
	reading_free(&r);
	ASSERT_LT(0, reading_whole(&r, self->table, "netns=all lport=7001,7002", NULL, ROOM));
	EXPECT_NE(NULL, strstr(r.text, "127.0.0.1:7002"));
	EXPECT_NE(NULL, strstr(r.text, "127.0.0.1:7001"));
	reading_free(&r);
	EXPECT_GT(0, reading_whole(&r, self->table, "no filter", NULL, ROOM));
	reading_free(&r);
}

/* Who may not see the owner's files sees the socket, as in net/udp, and no owner. */
TEST_F(folder, shows_owners_by_the_openers_rights)
{
	struct reading r;

	ASSERT_LT(0, reading_whole(&r, self->udp, NULL, as_attacker, ROOM));
	EXPECT_NE(NULL, strstr(r.text, "0100007F:1B5A"));
	reading_free(&r);

	ASSERT_LT(0, reading_whole(&r, self->table, NULL, as_attacker, ROOM));
	EXPECT_NE(NULL, strstr(r.text, "127.0.0.1:7002"));
	EXPECT_NE(NULL, strstr(r.text, " owners=some\n"));
	EXPECT_EQ(NULL, strchr(strstr(r.text, "127.0.0.1:7002"), '/'));
	reading_free(&r);

	/* Its administrator is not this one, also of a user namespace of his own. */
	EXPECT_EQ(-EPERM, reading_whole(&r, self->table, "mark=0", as_attacker, ROOM));
	reading_free(&r);
	EXPECT_EQ(-EPERM, reading_whole(&r, self->table, "mark=0", as_attacker_in_userns, ROOM));
	reading_free(&r);
}

static int listen_there(int line, void *arg)
{
	union addr at = addr_of(V4, "127.0.0.1", HERE);

	if (netns_new() || sock_listen(&at, 1) < 0)
		return 1;
	line_tell(line, 0);
	line_wait(line);
	return 0;
}

/* What the kernel tells only in the namespace is told to nobody else, but who may enter it. */
TEST_F(folder, details_are_told_inside)
{
	static const char *const filters[] = {
		"show=more", "show=tcp", "show=mem", "idle>0", "group=cgroup", "group=state,netns",
		"netns=all", "owner=orphan", "owner=kernel", "owner=hidden",
	};
	static int (*const readers[])(void) = { NULL, as_attacker };
	struct child listener;
	char metrics[56];
	struct reading r;

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		EXPECT_LT(0, reading_whole(&r, self->table, filters[i], NULL, ROOM));
		reading_free(&r);
		EXPECT_LT(0, reading_whole(&r, "/proc/self/net/netstate", filters[i], as_attacker, ROOM));
		reading_free(&r);
		EXPECT_EQ(-EPERM, reading_whole(&r, self->table, filters[i], as_attacker, ROOM)) {
			TH_LOG("%s", filters[i]);
		}
		reading_free(&r);
	}
	EXPECT_LT(0, reading_whole(&r, self->table, "lport>0 owner=none group=state,uid", as_attacker, ROOM));
	reading_free(&r);

	ASSERT_EQ(0, child_start(&listener, listen_there, NULL));
	ASSERT_TRUE(line_hear(listener.line, NULL));
	sprintf(metrics, "/proc/%d/net/netstate_metrics", listener.pid);
	for (size_t i = 0; i < 2; i++) {
		ASSERT_LT(0, reading_whole(&r, metrics, NULL, readers[i], ROOM));
		EXPECT_NE(NULL, strstr(r.text, "\nnetstate_listener_backlog{addr=\"127.0.0.1\",port=\"7001\"}"));
		EXPECT_EQ(!i, !!strstr(r.text, "netstate_listener_drops{"));
		EXPECT_EQ(!i, !!strstr(r.text, "netstate_tcp_orphans"));
		reading_free(&r);
	}
	child_kill(&listener);
}

/* An open file keeps the namespace, as net/udp does, and shows what is in it; then it goes. */
static int outlive(int line, void *arg)
{
	char path[48], text[4096];
	struct child c;
	ssize_t n;
	int fd;

	if (netns_limited(2) || child_start(&c, be_there, NULL) || !line_hear(c.line, NULL))
		return 1;
	sprintf(path, "/proc/%d/net/netstate", c.pid);
	fd = open(path, O_RDONLY);
	if (fd < 0 || netns_room())
		return 2;
	child_kill(&c);
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0 || netns_room())
		return 3;
	text[n] = '\0';
	if (!strstr(text, "Active Internet") || strstr(text, "127.0.0.1"))
		return 4;
	close(fd);
	return POLL(netns_room()) ? 0 : 5;
}

TEST(open_file_keeps_the_namespace)
{
	struct child c;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, child_start(&c, outlive, NULL));
	EXPECT_EQ(0, child_end(&c));
}

#define BIRTHS	300

/* Namespaces come and go; each must come. */
static int give_birth(int line, void *arg)
{
	line_tell(line, 0);
	for (int i = 0; i < BIRTHS; i++) {
		if (unshare(CLONE_NEWNET))
			return 1;
	}
	return 0;
}

TEST(births_and_deaths_beside_reads)
{
	struct child mothers[2];
	long reads = 0, gone = 0;
	bool alive = true;

	ASSERT_EQ(0, netns_new());
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, child_start(&mothers[i], give_birth, NULL));
		ASSERT_TRUE(line_hear(mothers[i].line, NULL));
	}
	for (long i = 0; alive; i++) {
		siginfo_t info = { .si_pid = 0 };
		char path[56], *text;

		sprintf(path, "/proc/%d/net/netstate%s", mothers[i % 2].pid,
			i & 2 ? "" : "_metrics");
		errno = 0;
		text = file_read(path, NULL);
		if (text) {
			reads++;
			EXPECT_TRUE(strstr(text, "Active Internet") || strstr(text, "# HELP"));
			free(text);
		} else {
			gone++;
			/* The mother has ended, or its namespace went while the file was opened. */
			EXPECT_TRUE(errno == ENOENT || errno == ESRCH || errno == EINVAL ||
				    errno == ENXIO) {
				TH_LOG("%s: %m", path);
			}
		}
		waitid(P_PID, mothers[i % 2].pid, &info, WEXITED | WNOHANG | WNOWAIT);
		alive = !info.si_pid;
	}
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(0, child_end(&mothers[i]));
	TH_LOG("%ld reads, %ld of what had gone", reads, gone);
	EXPECT_LT(10, reads);
}

TEST_HARNESS_MAIN
