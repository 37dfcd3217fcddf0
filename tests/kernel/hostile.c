// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls that make no sense, filters made of noise, and processes that do all
 * they can to make a read expensive.
 *
 * $HOSTILE_SEED repeats a run whose seed was printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>

#include "lib/child.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"

#define COUNT(array)	((int)(sizeof(array) / sizeof(*(array))))

/* What the compiler would not let pass. */
static ssize_t odd_write(int fd, const void *from, size_t size)
{
	return syscall(SYS_write, fd, from, size);
}

static ssize_t odd_read(int fd, void *to, size_t size)
{
	return syscall(SYS_read, fd, to, size);
}

/* As many as there can be in this time: guests differ. */
#define MAKING_MS	10000

static int udp_socket(void)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);

	return sock_bound(SOCK_DGRAM, &at);
}

/* Line 1 counts the lines, whatever columns they have. */
static bool counts_lines(int fd)
{
	size_t len, lines = 0;
	char *text, *at;
	bool good;

	lseek(fd, 0, SEEK_SET);
	text = fd_read(fd, &len);
	at = text ? strstr(text, " total=") : NULL;
	if (!at) {
		note("read: %m");
		free(text);
		return false;
	}
	for (const char *c = text; (c = strchr(c, '\n')); c++)
		lines++;
	good = lines == strtoul(at + 7, NULL, 10) + 2 && strlen(text) == len;
	free(text);
	return good;
}

FIXTURE(noise)
{
	int fd;
	char *before;
};

FIXTURE_SETUP(noise)
{
	ASSERT_EQ(0, netns_new());
	for (int i = 0; i < 20; i++) {
		union addr at = addr_of(i % 3, i % 3 == V6 ? HOST6 :
					"127.0.0.1", 7001 + i);
		int pair[2];

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
		ASSERT_EQ(0, sock_pair(&at, pair));
	}
	self->fd = open(NETSTATE, O_RDWR);
	ASSERT_LE(0, self->fd);
	self->before = fd_read(self->fd, NULL);
	ASSERT_NE(NULL, self->before);
}

FIXTURE_TEARDOWN(noise)
{
	free(self->before);
	close(self->fd);
}

static bool still_as_before(FIXTURE_DATA(noise) *self)
{
	char *text;
	bool same;

	write(self->fd, "\n", 1);
	lseek(self->fd, 0, SEEK_SET);
	text = fd_read(self->fd, NULL);
	same = text && !strcmp(text, self->before);
	free(text);
	return same;
}

static const char *const keys[] = {
	"proto", "family", "state", "lport", "rport", "port", "laddr", "raddr",
	"addr", "pid", "comm", "uid", "inode", "recvq", "sendq", "owner",
	"netns", "show", "device", "listener",
};

static const char *const operators[] = {
	"=", "=", "=", "!=", "<", "<=", ">", ">=",
};

static const char *const values[] = {
	"tcp", "udp6", "raw", "inet", "inet6", "listen", "established", "none",
	"closed", "bound", "queued", "orphan", "any", "more", "program", "timer", "user", "0", "1", "7001",
	"7000-7010", "65535", "65536", "4294967295", "4294967296", "-1",
	"18446744073709551616", "127.0.0.1", "::1", "::ffff:1.2.3.4",
	"10.0.0.0/8", "fe80::/10", "::/129", "hostile", "h*", "*", "?", "[a-z]*",
	"[", "\\", "\\052", "\x80", "\x01", "", "all", "4026531840",
};

static const char *const marks[] = {
	" ", " ", " ", ",", ",", "\n", "\t", "-", "/", ":", "", "=", "!",
	" or ", " and ", " not ", " | ", "(", " (", ")", ") ", "!(",
};

#define ONE_OF(array, seed)	array[rand_r(seed) % COUNT(array)]

/* Words of the grammar, or nearly so. Not much longer than @room. */
static size_t nonsense(unsigned int *seed, char *text, size_t room)
{
	size_t len = 0;

	do {
		len += sprintf(text + len, "%s%s%s%s", ONE_OF(keys, seed),
			       ONE_OF(operators, seed), ONE_OF(values, seed),
			       ONE_OF(marks, seed));
		if (rand_r(seed) % 4 == 0)
			len += sprintf(text + len, "%s", ONE_OF(values, seed));
	} while (rand_r(seed) % 3 && len < room);
	if (rand_r(seed) % 4 == 0)
		text[rand_r(seed) % len] = rand_r(seed);
	return len;
}

TEST_F(noise, filters)
{
	const char *given = getenv("HOSTILE_SEED");
	unsigned int seed = given ? strtoul(given, NULL, 0) : time(NULL);
	int taken = 0;

	note("HOSTILE_SEED=%u", seed);
	for (int i = 0; i < 20000; i++) {
		char text[400];
		size_t len = nonsense(&seed, text, 300);
		ssize_t n = write(self->fd, text, len);

		ASSERT_TRUE(n == (ssize_t)len || (n < 0 && errno == EINVAL)) {
			note("%.*s: %zd (%m)", (int)len, text, n);
		}
		taken += n > 0;
		if (n > 0 || i % 100 == 0)
			ASSERT_TRUE(counts_lines(self->fd)) {
				note("%.*s", (int)len, text);
			}
	}
	note("%d of them were filters", taken);
	EXPECT_LT(0, taken);
	EXPECT_TRUE(still_as_before(self));
}

#define FAILS_WITH(error, call)						\
({									\
	EXPECT_EQ(-1, call);						\
	EXPECT_EQ(error, errno);					\
})

/* More than there can be is refused, or cut, before anything is taken. */
TEST_F(noise, huge)
{
	/* More than the kernel takes in one call, where it has so much room for a process. */
	size_t huge = sizeof(long) > 4 ? 1ul << 31 : 1ul << 30;
	char *map = mmap(NULL, huge, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			 MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ssize_t n;

	ASSERT_NE(MAP_FAILED, map);
	FAILS_WITH(E2BIG, write(self->fd, map, huge));
	FAILS_WITH(E2BIG, write(self->fd, map, huge - 1));
	FAILS_WITH(E2BIG, odd_write(self->fd, NULL, huge));
	EXPECT_EQ(-1, odd_write(self->fd, map + 1, ~(~0ul >> 1)));
	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	n = read(self->fd, map, huge);
	EXPECT_LT(0, n);
	EXPECT_GE((ssize_t)strlen(self->before), n);
	EXPECT_EQ(0, memcmp(map, self->before, n));
	munmap(map, huge);
	EXPECT_TRUE(still_as_before(self));
}

TEST_F(noise, offsets)
{
	static const off_t far[] = {
		1ll << 31, (1ll << 31) - 1, 1ll << 32, 1ll << 62,
		(off_t)((1ull << 63) - 1), (off_t)((1ull << 63) - 4096),
	};
	char byte;

	for (int i = 0; i < COUNT(far); i++) {
		EXPECT_GE(0, pread(self->fd, &byte, 1, far[i]));
		lseek(self->fd, far[i], SEEK_SET);
		EXPECT_GE(0, read(self->fd, &byte, 1));
		EXPECT_GE(0, odd_read(self->fd, NULL, 1));
	}
	FAILS_WITH(EINVAL, pread(self->fd, &byte, 1, -1));
	FAILS_WITH(EINVAL, lseek(self->fd, -1, SEEK_SET));
	FAILS_WITH(EINVAL, lseek(self->fd, 0, SEEK_END));
	FAILS_WITH(EINVAL, lseek(self->fd, 0, SEEK_DATA));
	FAILS_WITH(EINVAL, lseek(self->fd, 0, 99));
	EXPECT_TRUE(still_as_before(self));
}

/* What a file may be asked for, and this one does not have. */
TEST_F(noise, calls)
{
	struct pollfd p = { .fd = self->fd, .events = POLLIN | POLLOUT };
	unsigned int seed = 1;
	int ends[2], other;
	char buf[64];

	for (int i = 0; i < 1000; i++) {
		unsigned long request = rand_r(&seed) * 2ul + i;

		if (request == FIOCLEX || request == FIONCLEX ||
		    request == FIONBIO || request == FIOASYNC)
			continue;
		EXPECT_EQ(-1, ioctl(self->fd, request, buf));
	}
	FAILS_WITH(ENOTTY, ioctl(self->fd, TIOCGWINSZ, buf));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED,
				   self->fd, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ | PROT_EXEC,
				   MAP_PRIVATE, self->fd, 0));
	EXPECT_EQ(1, poll(&p, 1, 0));
	EXPECT_EQ(-1, fallocate(self->fd, 0, 0, 4096));
	EXPECT_EQ(-1, fsync(self->fd));
	EXPECT_EQ(-1, fcntl(self->fd, F_SETFL, O_DIRECT));
	EXPECT_EQ(-1, fgetxattr(self->fd, "user.x", buf, sizeof(buf)));
	EXPECT_EQ(-1, fsetxattr(self->fd, "user.x", buf, 1, 0));
	EXPECT_EQ(0, flock(self->fd, LOCK_EX));
	EXPECT_EQ(0, flock(self->fd, LOCK_UN));
	ftruncate(self->fd, 0);
	ftruncate(self->fd, 1 << 20);
	posix_fadvise(self->fd, 0, 0, POSIX_FADV_DONTNEED);
	readahead(self->fd, 0, 4096);

	/* Nor is it written to by others. */
	ASSERT_EQ(0, pipe(ends));
	ASSERT_EQ(4, write(ends[1], "pid=", 4));
	EXPECT_EQ(-1, splice(ends[0], NULL, self->fd, NULL, 4, 0));
	other = open(NETSTATE, O_RDWR);
	EXPECT_GE(0, copy_file_range(other, NULL, self->fd, NULL, 100, 0));
	close(other);
	EXPECT_TRUE(still_as_before(self));
}

/* How many pids the row of our one socket has, or -1. */
static int owners(void)
{
	struct table t;
	int n = -1;

	if (!table_read(&t) && t.n == 1)
		n = t.rows[0].pid ? t.rows[0].others + 1 : 0;
	else
		note("%zu rows; %s", t.n, t.error);
	table_free(&t);
	return n;
}

/* How many groups there are, each with our one socket; or -1. */
static int groups(const char *by)
{
	int fd = open(NETSTATE, O_RDWR), n = -2;
	char *text, *line, *rest;

	if (fd < 0 || write(fd, by, strlen(by)) < 0)
		return -1;
	text = rest = fd_read(fd, NULL);
	close(fd);
	while (rest && (line = strsep(&rest, "\n")) && *line)
		n++;
	free(text);
	return n;
}

static uint64_t time_to_read(void)
{
	uint64_t start = now_us();

	free(file_read(NETSTATE, NULL));
	return now_us() - start;
}

/* A table full of files, most of them not sockets; ours is the last. */
TEST(million_files)
{
	unsigned long max = 1 << 20, n = 0;
	uint64_t end = now_ms() + MAKING_MS;
	int fd, null = open("/dev/null", O_RDONLY);

	ASSERT_EQ(0, netns_new());
	if (files_allow(max))
		max = 1 << 16;
	ASSERT_EQ(0, files_allow(max));
	while (n < max - 10 && dup(null) >= 0 && now_ms() < end)
		n++;
	fd = udp_socket();
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, owners());
	note("%lu files: %llu us", n, (unsigned long long)time_to_read());
}

/*
 * Many tasks with the same memory.  Each has its own table of files, or a
 * thread group of its own as well.
 */

#define STACK	8192
#define TASKS	5000

static int wait_for_ever(void *arg)
{
	for (;;)
		pause();
	return 0;
}

static int start_many(int flags)
{
	char *stacks = mmap(NULL, TASKS * STACK, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t end = now_ms() + MAKING_MS;
	int n = 0;

	while (n < TASKS && now_ms() < end &&
	       clone(wait_for_ever, stacks + ++n * STACK, flags, NULL) > 0)
		;
	return n;
}

struct many {
	int flags;
};

/* They go with their parent: it is the first of a pid namespace. */
static int with_many(int line, void *arg)
{
	struct many *many = arg;

	line_tell(line, udp_socket() < 0 ? -1 : start_many(many->flags));
	line_wait(line);
	return 0;
}

static long many_there(struct child *c, struct many *many)
{
	long long n;

	file_write("/proc/sys/kernel/pid_max", "65536");
	file_write("/proc/sys/kernel/threads-max", "60000");
	if (netns_new() || unshare(CLONE_NEWPID) ||
	    child_start(c, with_many, many) || !line_hear(c->line, &n))
		return -1;
	return n;
}

TEST(thousands_of_processes)
{
	struct many many = { CLONE_VM | SIGCHLD };
	struct child c;
	long n = many_there(&c, &many);

	ASSERT_LT(100, n);
	EXPECT_EQ(n + 1, owners());
	EXPECT_EQ(n + 1, groups("group=process"));
	EXPECT_EQ(1, groups("group=program"));
	EXPECT_EQ(1, groups("group=program,lport"));
	note("%ld processes with one socket: %llu us", n,
	     (unsigned long long)time_to_read());
	child_kill(&c);
}

/* Each with its own table: one process all the same. */
TEST(thousands_of_threads)
{
	struct many many = { CLONE_VM | CLONE_SIGHAND | CLONE_THREAD };
	struct child c;
	long n = many_there(&c, &many);

	ASSERT_LT(100, n);
	EXPECT_EQ(1, owners());
	note("%ld threads with tables of their own: %llu us", n,
	     (unsigned long long)time_to_read());
	child_kill(&c);
}

TEST_HARNESS_MAIN
