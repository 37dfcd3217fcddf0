// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nothing that a read has looked at is held on to: a socket, a file, a process,
 * its namespaces and credentials go when their time has come.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "lib/child.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/peer.h"
#include "lib/table.h"

#define READS	20

static bool read_often(void)
{
	for (int i = 0; i < READS; i++) {
		char *text = file_read(NETSTATE, NULL);
		char *metrics = file_read(NETSTATE "_metrics", NULL);

		free(text);
		free(metrics);
		if (!text || !metrics)
			return false;
	}
	return true;
}

/*
 * All sockets of this network namespace, also those that nobody can reach any
 * more: the kernel counts one out when its last reference goes.
 */
static long used(void)
{
	char *text = file_read("/proc/net/sockstat", NULL);
	long n = -1;

	if (text)
		sscanf(text, "sockets: used %ld", &n);
	free(text);
	return n;
}

TEST(sockets)
{
	enum { MANY = 100 };
	enum flavour flavours[] = { V4, V6, MAPPED };
	union addr far = addr_of(V4, "127.0.0.9", 9009);
	int fd[3 * MANY * 5 + 1], n = 0;
	struct peer peer;
	struct talk talk;
	long before;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(3 * MANY * 5 + 200));
	before = used();
	ASSERT_LE(0, before);

	ASSERT_EQ(0, peer_open(&peer, &far));
	for (int f = 0; f < 3; f++) {
		union addr at = addr_of(flavours[f], flavours[f] == V6 ?
					"::1" : "127.0.0.1", 0);

		for (int i = 0; i < MANY; i++) {
			union addr local;

			ASSERT_EQ(0, sock_pair(&at, fd + n));
			n += 2;
			fd[n] = sock_listen(&at, 1);
			ASSERT_LE(0, fd[n]);
			/* A request, for its reference to the listener. */
			local = addr_local(fd[n++]);
			if (flavours[f] != V6 && i < 10)
				ASSERT_EQ(0, talk_call(&talk, &peer, &local));
			fd[n] = sock_bound(SOCK_DGRAM, &at);
			ASSERT_LE(0, fd[n++]);
			fd[n] = socket(at.sa.sa_family, SOCK_RAW, 253);
			ASSERT_LE(0, fd[n++]);
		}
	}
	EXPECT_EQ(before + n + 2, used());
	EXPECT_TRUE(read_often());
	while (n)
		close(fd[--n]);
	peer_close(&peer);
	EXPECT_TRUE(POLL(used() == before)) {
		note("%ld sockets, before it were %ld", used(), before);
	}
}

/* More sockets on one port than a walk takes without a rest in between. */
TEST(long_chain)
{
	enum { MANY = 1500 };
	int fd[MANY];
	long before;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(MANY + 200));
	before = used();
	for (int i = 0; i < MANY; i++) {
		union addr at = addr_of(V4, "127.0.0.1", 443);

		at.in.sin_addr.s_addr = htonl(0x7f010101 + i);
		fd[i] = sock_bound(SOCK_DGRAM, &at);
		ASSERT_LE(0, fd[i]);
	}
	EXPECT_EQ(before + MANY, used());
	EXPECT_TRUE(read_often());
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
	EXPECT_TRUE(POLL(used() == before)) {
		note("%ld sockets, before it were %ld", used(), before);
	}
}

/* The last close() of a descriptor is the socket's end, at once. */
TEST(files)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);

	ASSERT_EQ(0, netns_new());
	for (int i = 0; i < 50; i++) {
		int fd = sock_bound(SOCK_DGRAM, &at);

		/* The port would be in use. */
		ASSERT_LE(0, fd);
		free(file_read(NETSTATE, NULL));
		close(fd);
	}
}

/*
 * Processes and credentials keep their namespaces, and of those there can be
 * no more than a limit: with a limit of one, the next can be made when all
 * that belonged to the last has gone.
 */

static int bind_one(uint16_t port)
{
	union addr at = addr_of(V4, "127.0.0.1", port);

	return sock_bound(SOCK_DGRAM, &at);
}

/* A thread with files of its own is looked at as well. */
static void *thread_apart(void *arg)
{
	long line = (long)arg;

	line_tell(line, unshare(CLONE_FILES) ? -1 : bind_one(7002));
	line_wait(line);
	_exit(0);
}

static int hold_sockets(int line, void *arg)
{
	pthread_t thread;

	if (bind_one(7001) < 0 ||
	    pthread_create(&thread, NULL, thread_apart, (void *)(long)line))
		line_tell(line, -1);
	line_wait(line);
	return 0;
}

/* The same by a child, the first of its pid namespace. */
static int hold_sockets_in(int line, void *arg)
{
	int flag = *(int *)arg;
	struct child c;
	long long fd;

	if (!POLL(!unshare(flag))) {
		note("no more than the first: %m");
		return 1;
	}
	if (child_start(&c, hold_sockets, NULL) || !line_hear(c.line, &fd))
		return 2;
	line_tell(line, fd);
	line_wait(line);
	child_kill(&c);
	return 0;
}

struct limit {
	int flag;
	const char *path;
};

static int one_at_a_time(int line, void *arg)
{
	struct limit *limit = arg;

	if (userns_new() || file_write(limit->path, "1"))
		return 1;
	for (int i = 0; i < 4; i++) {
		struct child c;
		struct table t;
		long long fd;

		if (child_start(&c, hold_sockets_in, &limit->flag) ||
		    !line_hear(c.line, &fd) || fd < 0)
			return 2;
		for (int k = 0; k < READS; k++) {
			if (table_read(&t) || t.n != 2)
				return 3;
			/* Or there was nothing to hold on to. */
			if (!t.rows[0].pid || !t.rows[1].pid)
				return 4;
			table_free(&t);
		}
		if (child_end(&c))
			return 5;
	}
	return 0;
}

static int live_one_at_a_time(struct limit *limit)
{
	struct child c;

	return child_start(&c, one_at_a_time, limit) ?: child_end(&c);
}

TEST(pids)
{
	struct limit limit = {
		CLONE_NEWPID, "/proc/sys/user/max_pid_namespaces",
	};

	ASSERT_EQ(0, netns_new());
	EXPECT_EQ(0, live_one_at_a_time(&limit));
}

TEST(credentials)
{
	struct limit limit = {
		CLONE_NEWUSER, "/proc/sys/user/max_user_namespaces",
	};

	ASSERT_EQ(0, netns_new());
	EXPECT_EQ(0, live_one_at_a_time(&limit));
}

TEST_HARNESS_MAIN
