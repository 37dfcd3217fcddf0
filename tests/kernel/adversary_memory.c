// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that open files keep, taken by one user as far as it goes: it stays within
 * the budget, no other user fails for it, and nobody is killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/attacker.h"
#include "lib/budget.h"
#include "lib/cgroup.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/reading.h"
#include "lib/table.h"
#include "lib/trace.h"

#define METRICS		NETSTATE "_metrics"
#define MIB		(1l << 20)

/* What the kernel may charge ahead, for each CPU, and what a process has itself. */
#define SLACK		(3 * MIB)

#define SECOND	2222	/* the uid of another attacker */
#define SOCKETS		1000
#define FILES		1000

FIXTURE(share)
{
	char before[24];
	int *fd;
};

/* A budget of 2 MiB: half for all without privilege, a quarter for one user. */
FIXTURE_SETUP(share)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(SOCKETS + FILES + 200));
	for (int i = 0; i < SOCKETS; i++) {
		union addr at = addr_of(V4, "127.0.0.1", 10000 + i);

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	}
	self->fd = calloc(FILES, sizeof(*self->fd));
	ASSERT_NE(NULL, self->fd);
	snprintf(self->before, sizeof(self->before), "%ld", file_read_long(BUDGET, 256));
	ASSERT_EQ(0, file_write(BUDGET, "2"));
}

FIXTURE_TEARDOWN(share)
{
	EXPECT_EQ(0, file_write(BUDGET, self->before));
	free(self->fd);
}

static int fill(int line, void *arg)
{
	line_tell(line, budget_fill(arg, FILES));
	line_wait(line);
	return 0;
}

static int fill_as_attacker(int line, void *arg)
{
	return as_attacker() ?: fill(line, arg);
}

/* All that others read is whole. */
static bool reads_whole(int (*become)(void))
{
	struct reading r;
	long n = reading_whole(&r, NETSTATE, NULL, become, 4096);
	const char *total = n > 0 ? strstr(r.text, " total=") : NULL;
	bool good = total && atol(total + strlen(" total=")) == SOCKETS;

	if (!good)
		note("a table: %s", n < 0 ? strerror(-n) : "not whole");
	reading_free(&r);
	n = reading_whole(&r, METRICS, NULL, become, 0);
	if (n <= 0)
		note("metrics: %s", strerror(-n));
	reading_free(&r);
	return good && n > 0;
}

TEST_F(share, one_user)
{
	struct child attacker;
	long long n, all;

	ASSERT_EQ(0, child_start(&attacker, fill_as_attacker, self->fd));
	ASSERT_TRUE(line_hear(attacker.line, &n));
	ASSERT_LT(0, n);
	EXPECT_TRUE(reads_whole(as_bystander));
	EXPECT_TRUE(reads_whole(NULL));
	/* Of what root could have it has a quarter. */
	all = n + budget_fill(self->fd, FILES);
	note("%lld files are one user's of %lld", n, all);
	EXPECT_GE(all / 4 + 1, n);
	budget_empty(self->fd, all - n);
	child_kill(&attacker);
}

static int fill_as_second(int line, void *arg)
{
	return become(SECOND, SECOND, -1) ?: fill(line, arg);
}

/* Two who take all that they can: there is still something left for the next one. */
TEST_F(share, two_users)
{
	int (*const fills[])(int line, void *arg) = { fill_as_attacker, fill_as_second };
	struct child attacker[2];
	struct reading r;
	long long n[2], metrics;

	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, child_start(&attacker[i], fills[i], self->fd));
		ASSERT_TRUE(line_hear(attacker[i].line, &n[i]));
		ASSERT_LT(0, n[i]);
	}
	/* The second gets half of what the first does. */
	EXPECT_GE(n[0] / 2 + 1, n[1]);
	metrics = reading_whole(&r, METRICS, NULL, as_bystander, 0);
	EXPECT_LT(0, metrics);
	reading_free(&r);
	EXPECT_TRUE(reads_whole(NULL));
	for (int i = 0; i < 2; i++)
		child_kill(&attacker[i]);
}

/* As root of a user namespace, and of one in that. */
static int fill_in_userns(int line, void *arg)
{
	return as_attacker_in_userns() ?: userns_new() ?: fill(line, arg);
}

TEST_F(share, user_namespaces)
{
	struct child attacker[4];
	long long n, sum = 0, all;

	for (int i = 0; i < 4; i++) {
		ASSERT_EQ(0, child_start(&attacker[i], i % 2 ? fill_in_userns : fill_as_attacker,
					 self->fd));
		ASSERT_TRUE(line_hear(attacker[i].line, &n));
		sum += n;
	}
	ASSERT_LT(0, sum);
	EXPECT_TRUE(reads_whole(as_bystander));
	all = sum + budget_fill(self->fd, FILES);
	EXPECT_GE(all / 4 + 1, sum);
	budget_empty(self->fd, all - sum);
	for (int i = 0; i < 4; i++)
		child_kill(&attacker[i]);
}

/* A user with 65,536 further ids of its own. */
#define FIRST_SUBUID	100000
#define SUBUIDS		4

static int open_userns(int line, void *arg)
{
	if (as_attacker() || unshare(CLONE_NEWUSER) || dumpable(true))
		return 1;
	line_tell(line, 0);
	line_wait(line);
	return 0;
}

struct subuid {
	int userns;
	uid_t uid;
	int *fd;
};

static int fill_as_subuid(int line, void *arg)
{
	struct subuid *s = arg;

	return userns_join(s->userns) ?: become(s->uid, s->uid, -1) ?: fill(line, s->fd);
}

TEST_F(share, subuids)
{
	struct child owner, attacker[SUBUIDS];
	long long n, sum = 0, all;
	int userns;

	ASSERT_EQ(0, child_start(&owner, open_userns, NULL));
	ASSERT_TRUE(line_hear(owner.line, NULL));
	ASSERT_EQ(0, userns_map(owner.pid, FIRST_SUBUID));
	userns = userns_of(owner.pid);
	ASSERT_LE(0, userns);
	for (int i = 0; i < SUBUIDS; i++) {
		struct subuid s = { userns, 1 + i, self->fd };
		char path[32], *status, want[32];

		ASSERT_EQ(0, child_start(&attacker[i], fill_as_subuid, &s));
		ASSERT_TRUE(line_hear(attacker[i].line, &n));
		sum += n;
		/* Each is another user to the kernel. */
		snprintf(path, sizeof(path), "/proc/%d/status", attacker[i].pid);
		snprintf(want, sizeof(want), "\nUid:\t%d\t", FIRST_SUBUID + 1 + i);
		status = file_read(path, NULL);
		ASSERT_NE(NULL, status);
		ASSERT_NE(NULL, strstr(status, want));
		free(status);
	}
	ASSERT_LT(0, sum);
	EXPECT_TRUE(reads_whole(as_bystander));
	all = sum + budget_fill(self->fd, FILES);
	note("%lld files are theirs of %lld", sum, all);
	EXPECT_GE(all / 4 + 1, sum);
	budget_empty(self->fd, all - sum);
	for (int i = 0; i < SUBUIDS; i++)
		child_kill(&attacker[i]);
	child_kill(&owner);
}

/*
 * A chain as long as somebody likes, of sockets that the reader did not ask for, in another
 * namespace: to tell them apart takes memory that is the reader's.
 */
#define ALIKE		17000

static int make_long_chain(int line, void *arg)
{
	int n = 0;

	if (netns_new() || files_allow(ALIKE + SOCKETS + 200) || as_attacker())
		return 1;
	while (n < ALIKE) {
		char host[16];
		union addr at;

		sprintf(host, "127.1.%d.%d", n / 250, 1 + n % 250);
		at = addr_of(V4, host, 7000);
		if (sock_bound(SOCK_DGRAM, &at) < 0)
			break;
		n++;
	}
	line_tell(line, n);
	line_wait(line);
	return 0;
}

TEST_F(share, long_chain)
{
	struct child attacker, maker;
	struct reading r;
	long long n;

	ASSERT_EQ(0, child_start(&maker, make_long_chain, NULL));
	ASSERT_TRUE(line_hear(maker.line, &n));
	ASSERT_EQ(ALIKE, n);
	ASSERT_EQ(0, child_start(&attacker, fill_as_attacker, self->fd));
	ASSERT_TRUE(line_hear(attacker.line, &n));
	ASSERT_LT(0, n);

	EXPECT_LT(0, reading_whole(&r, NETSTATE, "lport=10001", as_bystander, 4096));
	EXPECT_NE(NULL, strstr(r.text, " 127.0.0.1:10001 "));
	note("%.*s", (int)strcspn(strstr(r.text, " total="), "\n"), strstr(r.text, " total="));
	reading_free(&r);
	EXPECT_LT(0, reading_whole(&r, METRICS, NULL, as_bystander, 0));
	reading_free(&r);
	child_kill(&attacker);
	child_kill(&maker);
}

/*
 * To close a file, the kernel searches all that are open, under a lock. Who may not
 * administrate the host has so many at most.
 */
#define OPEN_MAX	4096

static int open_all(int line, void *arg)
{
	int n, fd, last = -1;

	if (files_allow(OPEN_MAX + 1000) || as_attacker_in_userns())
		return 1;
	for (n = 0; n <= OPEN_MAX; n++) {
		fd = open(n % 2 ? NETSTATE : METRICS, O_RDONLY);
		if (fd < 0)
			break;
		last = fd;
	}
	line_tell(line, errno == EMFILE ? n : -errno);
	line_hear(line, NULL);
	/* One for one. */
	close(last);
	line_tell(line, open(NETSTATE, O_RDONLY) == last && open(NETSTATE, O_RDONLY) < 0);
	line_wait(line);
	return 0;
}

TEST(open_files)
{
	struct child attacker;
	struct reading r;
	long long n;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, attack_start(&attacker, open_all, NULL));
	ASSERT_TRUE(line_hear(attacker.line, &n));
	EXPECT_EQ(OPEN_MAX, n);
	EXPECT_EQ(-EMFILE, reading_whole(&r, NETSTATE, NULL, as_attacker, 0));
	reading_free(&r);
	EXPECT_LT(0, reading_whole(&r, NETSTATE, NULL, as_bystander, 0));
	reading_free(&r);
	EXPECT_LT(0, reading_whole(&r, METRICS, NULL, NULL, 0));
	reading_free(&r);
	EXPECT_TRUE(line_tell(attacker.line, 0));
	ASSERT_TRUE(line_hear(attacker.line, &n));
	EXPECT_EQ(1, n);
	child_kill(&attacker);
	/* What is closed does not count. */
	EXPECT_LT(0, reading_whole(&r, NETSTATE, NULL, as_attacker, 0));
	reading_free(&r);
}

/* What stays of files that are open, in one memory cgroup. */

#define GROUP		"netstate.adversary"

struct hoard {
	const char *path;
	const char *filter;
	size_t size;		/* of the first read, or none */
	bool to_end;
	long files;
};

static int hoard(int line, void *arg)
{
	const struct hoard *h = arg;
	char *buf = malloc(h->size + 1);
	long n, kept = 0;

	if (cgroup_enter(GROUP) || as_attacker())
		return 1;
	for (n = 0; n < h->files; n++) {
		int fd = open(h->path, h->filter ? O_RDWR : O_RDONLY);

		/* What is refused is refused: it goes on with the next. */
		if (fd < 0)
			continue;
		if (h->filter && write(fd, h->filter, strlen(h->filter)) < 0 && errno != ENOMEM)
			return 2;
		if (h->size && read(fd, buf, h->size) < 0 && errno != ENOMEM)
			return 3;
		while (h->to_end && read(fd, buf, h->size) > 0)
			;
		kept++;
	}
	free(buf);
	line_tell(line, kept);
	line_wait(line);
	return 0;
}

/* Bytes that are charged for it. */
static long hoarded(const struct hoard *h, long long *kept)
{
	struct child c;
	long bytes = -1, before;

	before = cgroup_memory(GROUP);
	if (child_start(&c, hoard, (void *)h))
		return -1;
	if (line_hear(c.line, kept))
		bytes = cgroup_memory(GROUP) - before;
	child_kill(&c);
	return bytes;
}

FIXTURE(hoard)
{
	char before[24];
};

FIXTURE_VARIANT(hoard)
{
	struct hoard hoard;
};

/* Buffers of 128 KiB. */
FIXTURE_VARIANT_ADD(hoard, read_to_the_end)
{
	.hoard = { NETSTATE, NULL, 131072, true, 150 },
};

FIXTURE_VARIANT_ADD(hoard, read_once)
{
	.hoard = { NETSTATE, NULL, 131072, false, 150 },
};

FIXTURE_VARIANT_ADD(hoard, metrics_opened)
{
	.hoard = { METRICS, NULL, 0, false, FILES },
};

FIXTURE_VARIANT_ADD(hoard, filters)
{
	.hoard = { NETSTATE, "lport!=1,2,3 comm=sshd,nginx", 0, false, 8000 },
};

FIXTURE_SETUP(hoard)
{
	if (!cgroup_has_memory())
		SKIP(return, "no memory controller in cgroup v2");
	ASSERT_EQ(0, cgroup_make(GROUP));
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(variant->hoard.files + 200));
	for (int i = 0; i < 10; i++) {
		union addr at = addr_of(V4, "127.0.0.1", 10000 + i);

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	}
	snprintf(self->before, sizeof(self->before), "%ld", file_read_long(BUDGET, 256));
	ASSERT_EQ(0, file_write(BUDGET, "1"));
}

FIXTURE_TEARDOWN(hoard)
{
	EXPECT_EQ(0, file_write(BUDGET, self->before));
	EXPECT_TRUE(POLL(!cgroup_remove(GROUP)));
}

/* As much as files of the kernel's own take, and the budget. */
TEST_F(hoard, within_the_budget)
{
	struct hoard plain = {
		.path = "/proc/net/sockstat", .files = variant->hoard.files,
	};
	long usual, bytes;
	long long kept = 0;

	usual = hoarded(&plain, &kept);
	ASSERT_LE(0, usual);
	ASSERT_EQ(plain.files, kept);
	bytes = hoarded(&variant->hoard, &kept);
	note("%lld files keep %ld KiB, others %ld KiB", kept, bytes >> 10, usual >> 10);
	EXPECT_LT(0, kept);
	EXPECT_GT(usual + MIB + SLACK, bytes);
	EXPECT_EQ(0, cgroup_events(GROUP, "oom_kill"));
}

/* Whose memory it is: who opens a file pays, whoever it is handed to. */

static int open_there(int line, void *arg)
{
	int err = cgroup_enter(GROUP) ?: as_attacker();
	int fd = err ? -1 : open(NETSTATE, O_RDONLY);

	line_send_fd(line, fd);
	line_wait(line);
	return 0;
}

TEST(opener_pays)
{
	enum { MANY = 10000 };
	struct child opener;
	long before;
	char byte;
	int fd;

	if (!cgroup_has_memory())
		SKIP(return, "no memory controller in cgroup v2");
	ASSERT_EQ(0, cgroup_make(GROUP));
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(2 * MANY));
	for (int i = 0; i < MANY; i++) {
		union addr at = addr_of(V4, "127.0.0.1", 10000 + i);

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	}
	ASSERT_EQ(0, child_start(&opener, open_there, NULL));
	fd = line_receive_fd(opener.line);
	ASSERT_LE(0, fd);
	before = cgroup_memory(GROUP);
	ASSERT_EQ(1, read(fd, &byte, 1));
	/* 56 bytes a row; some may have been charged ahead. */
	EXPECT_LT(before + MANY * 56 / 2, cgroup_memory(GROUP));
	/* For this and nothing else: what we take afterwards is ours. */
	before = cgroup_memory(GROUP);
	for (int i = 0; i < MANY / 5; i++)
		ASSERT_LE(0, socket(AF_INET, SOCK_DGRAM, 0));
	EXPECT_GT(before + MIB, cgroup_memory(GROUP));
	close(fd);
	child_kill(&opener);
	EXPECT_TRUE(POLL(!cgroup_remove(GROUP)));
}

/*
 * Large pieces of memory are tried for, but no others' pages are moved or written out for that.
 */
#define LARGE_ORDER	4

static int read_when_told(int line, void *arg)
{
	if (as_attacker())
		return 1;
	line_hear(line, NULL);
	free(file_read(NETSTATE, NULL));
	line_tell(line, 0);
	line_wait(line);
	return 0;
}

/* Whether pages are moved or written out for it: at once, or by the kernel's threads. */
static bool presses(const char *flags)
{
	static const char *const pressing[] = {
		"GFP_KERNEL", "GFP_USER", "GFP_NOFS", "GFP_NOIO", "GFP_NOWAIT", "GFP_ATOMIC",
		"RECLAIM",
	};

	for (size_t i = 0; i < sizeof(pressing) / sizeof(*pressing); i++)
		if (strstr(flags, pressing[i]))
			return true;
	return false;
}

TEST(large_pieces)
{
	enum { MANY = 10000 };
	int large = 0, pressing = 0;
	char *text, *line, *rest;
	struct child c;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(MANY + 200));
	for (int i = 0; i < MANY; i++) {
		union addr at = addr_of(V4, "127.0.0.1", 10000 + i);

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	}
	ASSERT_EQ(0, child_start(&c, read_when_told, NULL));
	if (!trace_start("kmem/mm_page_alloc", c.pid))
		SKIP(return, "no trace of pages in this kernel");
	ASSERT_TRUE(line_tell(c.line, 0));
	ASSERT_TRUE(line_hear(c.line, NULL));
	text = trace_stop("kmem/mm_page_alloc");
	child_kill(&c);
	ASSERT_NE(NULL, text);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const char *order = strstr(line, " order=");
		const char *flags = strstr(line, " gfp_flags=");

		if (!order || !flags || atoi(order + strlen(" order=")) < LARGE_ORDER)
			continue;
		large++;
		if (presses(flags)) {
			note("%s", flags);
			pressing++;
		}
	}
	note("%d large pieces", large);
	EXPECT_LT(0, large);
	EXPECT_EQ(0, pressing);
	free(text);
}

TEST_HARNESS_MAIN
