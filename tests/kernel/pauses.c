// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can happen while a read rests. For builds of netstate that say when they rest there,
 * and go on when they are told to, by the reader's nice value: see moments.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/attacker.h"
#include "lib/child.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/reading.h"
#include "lib/table.h"

#define SOCKETS		600		/* of modules/pernet.c */
#define RESTS		"netstate: rests"
#define GOES		"pernet: goes"
#define GOES_MS		5000		/* until a namespace that nothing holds goes */
#define FREED_MS	2000		/* from then on, until its memory is freed */
#define GO_ON		7		/* the nice value */
#define ROOM		4096
#define HIDES		"hides"		/* the process before whose files it rests */

static int live_in_netns(int line, void *arg)
{
	line_tell(line, unshare(CLONE_NEWNET) ? -errno : 0);
	line_wait(line);
	return 0;
}

/* Whether the kernel's log says something that it has not said before; @fd is kept. */
static bool says(int fd, const char *what)
{
	char record[8192];
	ssize_t len;

	while ((len = read(fd, record, sizeof(record) - 1)) > 0) {
		record[len] = '\0';
		if (strstr(record, what))
			return true;
	}
	return false;
}

/* Starts a process in a namespace of its own. */
static bool live(struct child *owner)
{
	long long err = -1;

	return !child_start(owner, live_in_netns, NULL) && line_hear(owner->line, &err) && !err;
}

/* Until what was to be freed after a grace period is freed, and what is freed then, too. */
static void wait_for_rcu(void)
{
	for (int i = 0; i < 5; i++)
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

/*
 * In the midst of a long chain a walk holds the socket that comes next. Here that is one of
 * the kernel's own of another namespace, which goes meanwhile. The kernel tells if what is
 * let go of then is no longer there.
 */
TEST(namespace_goes)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct child owner, other;
	struct reading r;
	long long err;

	err = module_load("pernet");
	if (err == -ENOENT)
		SKIP(return, "no module pernet in this guest");
	ASSERT_EQ(0, err);
	ASSERT_LE(0, log);
	ASSERT_LE(0, lseek(log, 0, SEEK_END));
	ASSERT_TRUE(live(&owner));
	ASSERT_TRUE(live(&other));
	ASSERT_EQ(SOCKETS, witness_lines(owner.pid, "udp6"));

	ASSERT_EQ(0, reading_start(&r, NETSTATE, "proto=udp6 show=none", NULL, ROOM));
	ASSERT_TRUE(POLL(says(log, RESTS)));
	child_kill(&owner);
	/*
	 * It goes, if nothing holds it. Its memory is freed when the next one goes, and that may
	 * not be a new one, which would get it.
	 */
	if (POLL_FOR(says(log, GOES), GOES_MS)) {
		child_kill(&other);
		ASSERT_TRUE(POLL(says(log, GOES)));
		usleep(FREED_MS * 1000);
	}
	ASSERT_EQ(0, setpriority(PRIO_PROCESS, r.child.pid, GO_ON));
	EXPECT_LT(0, reading_end(&r));
	EXPECT_NE(NULL, strstr(r.text, " total=0\n")) {
		note("%s", r.text);
	}
	reading_free(&r);
	wait_for_rcu();
	child_kill(&other);
}

/* A process that the reader may see, until it is told to hide itself. */
static int hide(int line, void *arg)
{
	union addr at = addr_of(V4, "127.0.0.1", 7003);

	if (sock_bound(SOCK_DGRAM, &at) < 0 || as_bystander() || prctl(PR_SET_NAME, HIDES))
		return 1;
	line_tell(line, 0);
	line_hear(line, NULL);
	prctl(PR_SET_DUMPABLE, 0);
	line_tell(line, 0);
	line_wait(line);
	return 0;
}

/*
 * Between the question whether the reader may see a process and the look at its files, it has
 * become one that he may not see.
 */
TEST(sight_is_lost)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct child child;
	struct reading r;
	const char *row;

	ASSERT_LE(0, log);
	ASSERT_LE(0, lseek(log, 0, SEEK_END));
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, child_start(&child, hide, NULL));
	ASSERT_TRUE(line_hear(child.line, NULL));

	ASSERT_EQ(0, reading_start(&r, NETSTATE, "lport=7003", as_bystander, ROOM));
	ASSERT_TRUE(POLL(says(log, RESTS)));
	ASSERT_TRUE(line_tell(child.line, 0));
	ASSERT_TRUE(line_hear(child.line, NULL));
	ASSERT_EQ(0, setpriority(PRIO_PROCESS, r.child.pid, GO_ON));
	EXPECT_LT(0, reading_end(&r));
	row = strstr(r.text, ":7003 ");
	ASSERT_NE(NULL, row);
	EXPECT_EQ(NULL, strstr(row, HIDES)) {
		note("%s", row);
	}
	EXPECT_NE(NULL, strstr(r.text, " owners=some"));
	reading_free(&r);
	child_kill(&child);
}

TEST_HARNESS_MAIN
