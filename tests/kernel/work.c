// SPDX-License-Identifier: GPL-2.0-only
/*
 * How much a read does, in calls counted by the kernel's own tracer: the same on
 * a slow machine and on a fast one, so that lost speed is seen at once.
 *
 * What is asked for less must cost less: no processes are looked at when nobody
 * is named, no records are made of what does not match.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/calls.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/table.h"

#define SOCKETS	3000
#define FIRST	20000

/* A page of the module has room for so many IPv4 records. */
#define RECORDS	(sizeof(long) > 4 ? 63 : 72)

/* A table of files with so many places, of which one hold takes so many. */
#define PLACES		(1 << 20)
#define HOLD_PLACES	(64 * 1024)

enum call {
	OWNERS_FIND,	/* the walk over the processes */
	MAY_SEE,	/* hold of a process's locks */
	TURN_PAGE,	/* page of records */
	MATCH_TUPLE,	/* whole filter, about addresses */
	FORMAT_ROW,	/* row of text */
	BUDGET_CHARGE,	/* page, or table */
	BUDGET_ALLOC,	/* memory of any other size */
	CALLS
};

static const char *const functions[CALLS] = {
	"nst_owners_find", "nst_access_may_see", "nst_rows_turn_page",
	"nst_filter_match_tuple", "nst_format_row", "nst_budget_charge",
	"nst_budget_alloc",
};

/* What a read of @path with @filter calls; the bytes it gave, or -1. */
static long work(const char *path, const char *filter, long *calls)
{
	long before[CALLS], after[CALLS];
	int fd = open(path, filter ? O_RDWR : O_RDONLY);
	size_t len = 0;
	char *text;

	if (fd < 0 || (filter && write(fd, filter, strlen(filter)) < 0))
		return -1;
	if (!calls_so_far(before))
		return -1;
	text = fd_read(fd, &len);
	close(fd);
	free(text);
	if (!text || !calls_so_far(after))
		return -1;
	for (int i = 0; i < CALLS; i++)
		calls[i] = after[i] - before[i];
	return len;
}

FIXTURE(work)
{
	long calls[CALLS];
};

FIXTURE_SETUP(work)
{
	if (!calls_possible())
		SKIP(return, "no kprobe events in this kernel");
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(SOCKETS + 100));
	for (int i = 0; i < SOCKETS; i++) {
		union addr at = addr_of(V4, "127.0.0.1", FIRST + i);

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	}
	ASSERT_TRUE(calls_start(functions, CALLS));
}

FIXTURE_TEARDOWN(work)
{
	calls_stop();
}

TEST_F(work, all_rows)
{
	long *calls = self->calls;

	ASSERT_LT(0, work(NETSTATE, NULL, calls));
	EXPECT_EQ(1, calls[OWNERS_FIND]);
	EXPECT_LT(0, calls[MAY_SEE]);
	/* Each row is formatted once, though the reads are small. */
	EXPECT_EQ(SOCKETS, calls[FORMAT_ROW]);
	EXPECT_EQ((SOCKETS + RECORDS - 1) / RECORDS, calls[TURN_PAGE]);
	EXPECT_EQ(0, calls[MATCH_TUPLE]);
	/* Records, spare pages, the owner table, and a page of processes. */
	EXPECT_GE(calls[TURN_PAGE] + 40, calls[BUDGET_CHARGE]);
}

TEST_F(work, nobody_is_named)
{
	long *calls = self->calls;

	ASSERT_LT(0, work(NETSTATE, "show=none", calls));
	EXPECT_EQ(0, calls[OWNERS_FIND]);
	EXPECT_EQ(0, calls[MAY_SEE]);
	EXPECT_EQ(SOCKETS, calls[FORMAT_ROW]);
	ASSERT_LT(0, work(NETSTATE, "show=user,timer lport=20000", calls));
	EXPECT_EQ(0, calls[OWNERS_FIND]);
	EXPECT_EQ(0, calls[MAY_SEE]);
	EXPECT_EQ(1, calls[FORMAT_ROW]);
}

TEST_F(work, one_port)
{
	long *calls = self->calls;

	ASSERT_LT(0, work(NETSTATE, "lport=20007", calls));
	EXPECT_EQ(1, calls[FORMAT_ROW]);
	EXPECT_EQ(1, calls[MATCH_TUPLE]);
	EXPECT_EQ(1, calls[TURN_PAGE]);
	EXPECT_GE(40, calls[BUDGET_CHARGE]);
}

TEST_F(work, one_process)
{
	long *calls = self->calls, all;
	char filter[32];

	ASSERT_LT(0, work(NETSTATE, NULL, calls));
	all = calls[MAY_SEE];
	snprintf(filter, sizeof(filter), "pid=%d", getpid());
	ASSERT_LT(0, work(NETSTATE, filter, calls));
	EXPECT_EQ(SOCKETS, calls[FORMAT_ROW]);
	/* Five hundred files and a little more are looked at in one hold, and no more. */
	EXPECT_GE(SOCKETS / 500 + 1, calls[MAY_SEE]);
	EXPECT_LE(SOCKETS / 512, calls[MAY_SEE]);
	EXPECT_GT(all, calls[MAY_SEE]);

	/* Nor more than so many places, with files or without. */
	ASSERT_EQ(0, files_allow(PLACES));
	ASSERT_EQ(PLACES - 1, dup2(STDIN_FILENO, PLACES - 1));
	ASSERT_LT(0, work(NETSTATE, filter, calls));
	EXPECT_LE(PLACES / HOLD_PLACES, calls[MAY_SEE]);
	close(PLACES - 1);
}

/* Among the files of a process, too, each takes as long as the filter. */
TEST_F(work, long_filter)
{
	char filter[512] = "state=close lport!=1";
	long *calls = self->calls, plain;
	size_t len = strlen(filter);

	ASSERT_LT(0, work(NETSTATE, "state=close", calls));
	plain = calls[MAY_SEE];
	for (int port = 2; port <= 60; port++)
		len += sprintf(filter + len, ",%d", port);
	ASSERT_LT(0, work(NETSTATE, filter, calls));
	EXPECT_LE(SOCKETS / 64, plain);
	/* A hold has a third of the files; other processes are looked at as before. */
	EXPECT_LE(3 * (SOCKETS / 64) / 2, calls[MAY_SEE] - plain);
}

TEST_F(work, nothing_matches)
{
	long *calls = self->calls;

	ASSERT_LT(0, work(NETSTATE, "state=listen", calls));
	EXPECT_EQ(0, calls[FORMAT_ROW]);
	EXPECT_EQ(0, calls[TURN_PAGE]);
	EXPECT_EQ(0, calls[MAY_SEE]);
	EXPECT_GE(40, calls[BUDGET_CHARGE]);
}

TEST_F(work, counters)
{
	long *calls = self->calls;

	ASSERT_LT(0, work(NETSTATE "_metrics", NULL, calls));
	/* Four for the listeners, one for the walk, one for the text: however many sockets. */
	EXPECT_EQ(6, calls[BUDGET_ALLOC]);
	for (int i = 0; i < BUDGET_CHARGE; i++)
		EXPECT_EQ(0, calls[i]);
}

TEST_HARNESS_MAIN
