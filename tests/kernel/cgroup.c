// SPDX-License-Identifier: GPL-2.0-only
/*
 * A memory cgroup: what a read takes is charged to the reader's, and at its
 * limit the reader fails, not its neighbours and not the host.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/cgroup.h"
#include "lib/child.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/ring.h"
#include "lib/table.h"

#define GROUP		"netstate.test"

/* Their capture has more than a MiB: 56 bytes each, and what finds owners. */
#define SOCKETS		20000
#define LIMIT		"1M"
#define CAPTURE		(SOCKETS * 56l)
/* What the kernel may charge ahead, for each CPU. */
#define SLACK		(1l << 20)
/* So many groups come and go. */
#define GROUPS		50
/* A page that each of so many reads forgets is more than the slack. */
#define READS		600
#define FEW		20

FIXTURE(cgroup)
{
	struct child neighbour;
};

/*
 * By itself, or by io_uring. Its threads were the kernel's own, and in no group, in 5.10
 * before 5.10.162 and in 5.11, which are not tried here: those since are the process's.
 */
FIXTURE_VARIANT(cgroup)
{
	bool ring;
};

FIXTURE_VARIANT_ADD(cgroup, itself)
{
	.ring = false,
};

FIXTURE_VARIANT_ADD(cgroup, io_uring)
{
	.ring = true,
};

static int live_there(int line, void *arg)
{
	line_tell(line, cgroup_enter(GROUP));
	line_wait(line);
	return 0;
}

FIXTURE_SETUP(cgroup)
{
	int ring = variant->ring ? ring_open() : 0;
	long long err;

	if (ring < 0)
		SKIP(return, "no io_uring in this kernel");
	if (variant->ring)
		close(ring);
	if (!cgroup_has_memory())
		SKIP(return, "no memory controller in cgroup v2");
	ASSERT_EQ(0, cgroup_make(GROUP));
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(SOCKETS + 200));
	for (int i = 0; i < SOCKETS; i++) {
		union addr at = addr_of(V4, "127.0.0.1", 10000 + i);

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	}
	ASSERT_EQ(0, child_start(&self->neighbour, live_there, NULL));
	ASSERT_TRUE(line_hear(self->neighbour.line, &err));
	ASSERT_EQ(0, err);
}

FIXTURE_TEARDOWN(cgroup)
{
	child_kill(&self->neighbour);
	EXPECT_TRUE(POLL(!cgroup_remove(GROUP)));
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

/* Takes a capture; the errno, or 0 and holds it. */
static int take_there(int line, void *arg)
{
	bool by_ring = *(bool *)arg;
	int err = cgroup_enter(GROUP), fd = open(NETSTATE, O_RDONLY);
	int ring = by_ring ? ring_open() : -1;
	ssize_t got = 0;
	char byte;

	if (!err)
		got = by_ring ? ring_read(ring, fd, &byte, 1, 0) : read(fd, &byte, 1);
	if (got != 1)
		err = by_ring ? got : -errno;
	line_tell(line, err);
	line_wait(line);
	return 0;
}

TEST_F(cgroup, charged_to_the_reader)
{
	long before = cgroup_memory(GROUP);
	long long err;
	bool by_ring = variant->ring;
	struct child c;

	ASSERT_LE(0, before);
	ASSERT_EQ(0, child_start(&c, take_there, &by_ring));
	ASSERT_TRUE(line_hear(c.line, &err));
	EXPECT_EQ(0, err);
	/* Some of it may have been charged before. */
	EXPECT_LE(before + CAPTURE / 2,
		  cgroup_memory(GROUP));
	child_kill(&c);
	EXPECT_TRUE(POLL(cgroup_memory(GROUP) <
			 before + SLACK));
}

/* Says ENOMEM, and lives. */
static bool fails_there(bool by_ring)
{
	struct child c;
	bool heard;
	long long err;

	if (child_start(&c, take_there, &by_ring))
		return false;
	heard = line_hear(c.line, &err);
	child_kill(&c);
	if (!heard)
		note("a reader was killed");
	else if (err != -ENOMEM)
		note("a read there: %s", strerror(-err));
	return heard && err == -ENOMEM;
}

TEST_F(cgroup, at_its_limit)
{
	int status;

	ASSERT_EQ(0, file_write(CGROUP GROUP "/memory.max", LIMIT));
	for (int i = 0; i < 20; i++)
		EXPECT_TRUE(fails_there(variant->ring));
	EXPECT_LT(0, cgroup_events(GROUP, "max"));
	EXPECT_EQ(0, cgroup_events(GROUP, "oom_kill"));

	/* The others do not suffer, and nothing stays. */
	EXPECT_EQ(0, waitpid(self->neighbour.pid, &status, WNOHANG));
	EXPECT_TRUE(reads_whole());
	EXPECT_TRUE(POLL(cgroup_memory(GROUP) < SLACK));

	ASSERT_EQ(0, file_write(CGROUP GROUP "/memory.max", "max"));
	ASSERT_EQ(0, cgroup_enter(GROUP));
	EXPECT_TRUE(reads_whole());
	EXPECT_EQ(0, file_write(CGROUP "cgroup.procs", "0"));
}

/* Reads a file in the group, and leaves. */
static int read_there(int line, void *arg)
{
	char byte;
	int fd;

	if (cgroup_enter(GROUP))
		return 1;
	fd = open(arg, O_RDONLY);
	return fd >= 0 && read(fd, &byte, 1) == 1 ? 0 : 2;
}

/* How many groups are not gone yet, of many in which this was read and which were removed. */
static long groups_that_stay(char *path)
{
	long before = cgroup_dying();

	for (int i = 0; i < GROUPS; i++) {
		struct child c;

		if (cgroup_make(GROUP) || child_start(&c, read_there, path) || child_end(&c) ||
		    !POLL(!cgroup_remove(GROUP)))
			return -1;
	}
	POLL(cgroup_dying() <= before);
	return cgroup_dying() - before;
}

TEST(group_goes)
{
	long usual, ours;

	if (!cgroup_has_memory())
		SKIP(return, "no memory controller in cgroup v2");
	usual = groups_that_stay("/proc/net/sockstat");
	ours = groups_that_stay(NETSTATE);
	note("%ld of %d groups stay, %ld where another file is read", ours, GROUPS, usual);
	ASSERT_LE(0, usual);
	EXPECT_LE(0, ours);
	EXPECT_GE(usual + GROUPS / 2, ours);
}

/* Reads a file again and again in the group; how much memory that has then, and had. */
static int read_on_there(int line, void *arg)
{
	char *const *what = arg;
	long before = 0;

	if (cgroup_enter(GROUP))
		return 1;
	for (int i = 0; i < READS; i++) {
		int fd = open(what[0], O_RDWR);
		char *text;

		if (fd < 0 || write(fd, what[1], strlen(what[1])) < 0)
			return 2;
		text = fd_read(fd, NULL);
		if (!text)
			return 3;
		free(text);
		close(fd);
		if (!i)
			before = cgroup_memory(GROUP);
	}
	line_tell(line, POLL(cgroup_memory(GROUP) < before + SLACK));
	line_tell(line, cgroup_memory(GROUP) - before);
	return 0;
}

/* A page that a read forgets is not missed by the budget, nor by what looks for leaks. */
TEST(nothing_stays)
{
	static char *what[][2] = {
		{ NETSTATE, "" }, { NETSTATE, "state=close" }, { NETSTATE, "show=more" },
		{ NETSTATE, "show=tcp,mem" }, { NETSTATE, "group=process" }, { NETSTATE, "netns=all" },
	};

	if (!cgroup_has_memory())
		SKIP(return, "no memory controller in cgroup v2");
	ASSERT_EQ(0, netns_new());
	for (int i = 0; i < FEW; i++) {
		union addr at = addr_of(V4, "127.0.0.1", 10000 + i);

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	}
	for (size_t i = 0; i < sizeof(what) / sizeof(*what); i++) {
		long long back, more;
		struct child c;

		ASSERT_EQ(0, cgroup_make(GROUP));
		ASSERT_EQ(0, child_start(&c, read_on_there, what[i]));
		EXPECT_TRUE(line_hear(c.line, &back) && line_hear(c.line, &more) && back) {
			note("'%s': %lld bytes more after %d reads", what[i][1], more, READS);
		}
		EXPECT_EQ(0, child_end(&c));
		EXPECT_TRUE(POLL(!cgroup_remove(GROUP)));
	}
}

TEST_HARNESS_MAIN
