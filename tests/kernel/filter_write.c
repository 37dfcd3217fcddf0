// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing a filter: what the file takes, when it takes effect and for whom,
 * and that a filter saves the work.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "lib/child.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"

#define COUNT(array)	((int)(sizeof(array) / sizeof(*(array))))
#define FILTER_MAX	4096

/* Three sockets, at three ports, as bits of what a file shows. */
enum { ONE = 1, TWO = 2, THREE = 4, ALL = 7 };

static int udp_socket(uint16_t port)
{
	union addr at = addr_of(V4, "127.0.0.1", port);

	return sock_bound(SOCK_DGRAM, &at);
}

/* What a table has. */
static int ports(const struct table *t)
{
	int bits = 0;

	for (size_t i = 0; i < t->n; i++) {
		int port = atoi(strchr(t->rows[i].laddr, ':') + 1);

		if (port > 7000 && port < 7010)
			bits |= 1 << (port - 7001);
	}
	return bits;
}

/* What a file shows, read from the start. */
static int shown(int fd)
{
	struct table t;
	int bits = -1;

	if (!table_read_fd(&t, fd))
		bits = ports(&t);
	else
		note("%s", t.error);
	table_free(&t);
	return bits;
}

/* write(2): 0 or -errno. */
static int put(int fd, const void *text, size_t len)
{
	ssize_t n = write(fd, text, len);

	if (n >= 0 && n != (ssize_t)len) {
		note("%zd of %zu bytes are taken", n, len);
		return 1;
	}
	return n < 0 ? -errno : 0;
}

static int say(int fd, const char *text)
{
	return put(fd, text, strlen(text));
}

FIXTURE(file)
{
	int fd;
};

FIXTURE_SETUP(file)
{
	ASSERT_EQ(0, netns_new());
	for (int i = 0; i < 3; i++)
		ASSERT_LE(0, udp_socket(7001 + i));
	self->fd = open(NETSTATE, O_RDWR);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(ALL, shown(self->fd));
}

FIXTURE_TEARDOWN(file)
{
	close(self->fd);
}

TEST_F(file, set_and_clear)
{
	static const struct { const char *text; size_t len; } clear[] = {
		{ "\n", 1 }, { " ", 1 }, { "\0", 1 }, { " \t\r\n\n", 5 },
		{ "\0\0\n", 3 },
	};

	for (int i = 0; i < COUNT(clear); i++) {
		EXPECT_EQ(0, say(self->fd, "lport=7002\n"));
		EXPECT_EQ(TWO, shown(self->fd));
		EXPECT_EQ(0, put(self->fd, clear[i].text, clear[i].len));
		EXPECT_EQ(ALL, shown(self->fd));
	}
}

/* It replaces the old one; words of one write are "and". */
TEST_F(file, replace)
{
	EXPECT_EQ(0, say(self->fd, "lport!=7001"));
	EXPECT_EQ(0, say(self->fd, "lport!=7002"));
	EXPECT_EQ(ONE | THREE, shown(self->fd));
	EXPECT_EQ(0, say(self->fd, "lport!=7001\nlport!=7002\n"));
	EXPECT_EQ(THREE, shown(self->fd));
	EXPECT_EQ(0, put(self->fd, "lport!=7001\0lport!=7003", 23));
	EXPECT_EQ(TWO, shown(self->fd));
}

TEST_F(file, sticks)
{
	char byte;

	EXPECT_EQ(0, say(self->fd, "lport=7001,7003"));
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(ONE | THREE, shown(self->fd));
	EXPECT_EQ(1, pread(self->fd, &byte, 1, 0));
	EXPECT_LE(0, lseek(self->fd, 5, SEEK_SET));
	EXPECT_EQ(ONE | THREE, shown(self->fd));
	/* The table is another one, the filter is not. */
	ASSERT_LE(0, udp_socket(7004));
	EXPECT_EQ(ONE | THREE, shown(self->fd));
	EXPECT_EQ(0, say(self->fd, "lport>=7002"));
	EXPECT_EQ(TWO | THREE | 8, shown(self->fd));
}

/* A text that is no filter leaves the old one. */
TEST_F(file, nonsense)
{
	static const char *const bad[] = {
		"x", "lport", "lport=", "=", "lport=x", "colour=red",
		"lport=7001 colour=red", "lport=7001 x", "lport=70000",
		"lport=7003-7001", "laddr=127.0.0.1/33", "comm=[",
		"state=open", "proto=udp proto=tcp", "lport=7001;",
		"\"lport=7001\"", "(lport=7001", "lport=7001)", "#lport=7001",
		"lport=7001\n\nx\n", "\x80\xff", "lport=7001\x01",
	};

	EXPECT_EQ(0, say(self->fd, "lport=7002"));
	for (int i = 0; i < COUNT(bad); i++) {
		EXPECT_EQ(-EINVAL, say(self->fd, bad[i])) {
			note("'%s'", bad[i]);
		}
		EXPECT_EQ(TWO, shown(self->fd));
	}
	EXPECT_EQ(-EINVAL, put(self->fd, "lport=7001\0x", 12));
	EXPECT_EQ(TWO, shown(self->fd));
}

TEST_F(file, length)
{
	char *text = malloc(FILTER_MAX + 1);

	/* Words at the very end. */
	memset(text, ' ', FILTER_MAX + 1);
	memcpy(text + FILTER_MAX - 10, "lport=7001", 10);
	EXPECT_EQ(0, put(self->fd, text, FILTER_MAX));
	EXPECT_EQ(ONE, shown(self->fd));
	memcpy(text + FILTER_MAX - 10, "lport=7002", 10);
	EXPECT_EQ(-E2BIG, put(self->fd, text, FILTER_MAX + 1));
	EXPECT_EQ(-E2BIG, put(self->fd, text + 1, 1 << 20));
	EXPECT_EQ(-E2BIG, put(self->fd, NULL, FILTER_MAX + 1));
	EXPECT_EQ(ONE, shown(self->fd));
	EXPECT_EQ(0, put(self->fd, text + 1, FILTER_MAX));
	EXPECT_EQ(TWO, shown(self->fd));

	/* One word that is as long as all may be. */
	memset(text, '0', FILTER_MAX);
	memcpy(text, "lport=", 6);
	memcpy(text + FILTER_MAX - 4, "7003", 4);
	EXPECT_EQ(0, put(self->fd, text, FILTER_MAX));
	EXPECT_EQ(THREE, shown(self->fd));
	free(text);
}

TEST_F(file, nothing)
{
	EXPECT_EQ(0, say(self->fd, "lport=7002"));
	EXPECT_EQ(0, put(self->fd, "", 0));
	EXPECT_EQ(TWO, shown(self->fd));
	EXPECT_EQ(0, put(self->fd, NULL, 0));
	EXPECT_EQ(TWO, shown(self->fd));
}

TEST_F(file, bad_address)
{
	long page = sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, munmap(map + page, page));
	memcpy(map + page - 10, "lport=7001", 10);
	EXPECT_EQ(0, say(self->fd, "lport=7002"));
	EXPECT_EQ(-EFAULT, put(self->fd, NULL, 10));
	EXPECT_EQ(-EFAULT, put(self->fd, (void *)-4096ul, 10));
	EXPECT_EQ(-EFAULT, put(self->fd, map + page, 10));
	EXPECT_EQ(-EFAULT, put(self->fd, map + page - 10, 11));
	EXPECT_EQ(TWO, shown(self->fd));
	EXPECT_EQ(0, put(self->fd, map + page - 10, 10));
	EXPECT_EQ(ONE, shown(self->fd));
}

/* A read that has begun goes on as if nothing had been written. */
TEST_F(file, in_the_middle)
{
	/* More than a buffer of the kernel's that began with a small read. */
	enum { MORE = 500, ROOM = 1 << 17, FIRST_READ = 700 };
	static const char *const texts[] = {
		"lport=7002", "show=none", "show=user,timer lport!=7001",
		"proto=tcp", "nonsense", "\n",
	};
	struct table t;
	char *text;
	size_t len;
	int fd;

	for (int i = 0; i < MORE; i++)
		ASSERT_LE(0, udp_socket(8000 + i));
	for (int i = 0; i < COUNT(texts); i++) {
		fd = open(NETSTATE, O_RDWR);
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, say(fd, "lport!=7002"));
		text = calloc(1, ROOM);
		ASSERT_EQ(FIRST_READ, read(fd, text, FIRST_READ));
		EXPECT_EQ(strcmp(texts[i], "nonsense") ? 0 : -EINVAL,
			  say(fd, texts[i]));
		EXPECT_EQ(FIRST_READ, lseek(fd, 0, SEEK_CUR));
		len = FIRST_READ;
		for (ssize_t n = 1; n > 0; len += n > 0 ? n : 0)
			n = read(fd, text + len, ROOM - 1 - len);
		EXPECT_EQ(0, table_parse(&t, text, len)) {
			note("%s", t.error);
		}
		EXPECT_EQ(2 + MORE, t.n);
		EXPECT_EQ(ONE | THREE, ports(&t));
		table_free(&t);

		/* At its end there is still nothing more to read. */
		EXPECT_EQ(0, say(fd, "lport=7001"));
		EXPECT_EQ(0, read(fd, &(char){ 0 }, 1));
		EXPECT_EQ(ONE, shown(fd));
		close(fd);
	}
}

TEST_F(file, two_files)
{
	int other = open(NETSTATE, O_RDWR), again;
	char path[40];

	ASSERT_LE(0, other);
	EXPECT_EQ(0, say(self->fd, "lport=7001"));
	EXPECT_EQ(ALL, shown(other));
	EXPECT_EQ(0, say(other, "lport=7002"));
	EXPECT_EQ(ONE, shown(self->fd));
	EXPECT_EQ(TWO, shown(other));

	/* Another descriptor is the same file; another open() is not. */
	again = dup(other);
	EXPECT_EQ(0, say(again, "lport=7003"));
	EXPECT_EQ(THREE, shown(other));
	close(again);
	sprintf(path, "/proc/self/fd/%d", other);
	again = open(path, O_RDWR);
	ASSERT_LE(0, again);
	EXPECT_EQ(ALL, shown(again));
	close(again);
	close(other);
	EXPECT_EQ(ONE, shown(self->fd));
	again = open(NETSTATE, O_RDONLY);
	EXPECT_EQ(ALL, shown(again));
	close(again);
}

TEST_F(file, modes)
{
	struct stat st;
	char byte;
	int fd;

	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_EQ(S_IFREG | 0666, st.st_mode);

	fd = open(NETSTATE, O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EBADF, say(fd, "lport=7001"));
	EXPECT_EQ(ALL, shown(fd));
	close(fd);

	/* As a shell's > and >> open it. */
	fd = open(NETSTATE, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, say(fd, "lport=7001\n"));
	EXPECT_EQ(-EINVAL, say(fd, "nonsense\n"));
	EXPECT_EQ(-1, read(fd, &byte, 1));
	EXPECT_EQ(EBADF, errno);
	close(fd);
	fd = open(NETSTATE, O_RDWR | O_APPEND);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, say(fd, "lport=7003"));
	EXPECT_EQ(THREE, shown(fd));
	close(fd);
	EXPECT_EQ(ALL, shown(self->fd));
}

/* There are no places in a filter to write to. */
TEST_F(file, other_ways_to_write)
{
	const struct iovec two[] = {
		{ "lport=7001", 10 }, { "lport=7002", 10 },
	};
	const struct iovec bad[] = {
		{ "lport=7003", 10 }, { " x", 2 },
	};

	EXPECT_EQ(0, say(self->fd, "lport=7003"));
	EXPECT_EQ(-1, pwrite(self->fd, "lport=7001", 10, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pwrite(self->fd, "lport=7001", 10, 100));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(THREE, shown(self->fd));

	/* Each part is a write of its own. */
	EXPECT_EQ(20, writev(self->fd, two, 2));
	EXPECT_EQ(TWO, shown(self->fd));
	EXPECT_EQ(10, writev(self->fd, bad, 2));
	EXPECT_EQ(THREE, shown(self->fd));

	/* Wherever the file stands. */
	EXPECT_EQ(1000, lseek(self->fd, 1000, SEEK_SET));
	EXPECT_EQ(0, say(self->fd, "lport=7002"));
	EXPECT_EQ(1000, lseek(self->fd, 0, SEEK_CUR));
	EXPECT_EQ(TWO, shown(self->fd));
}

static int writes_as_user(int line, void *arg)
{
	int fd = open(NETSTATE, O_RDWR);

	/* One that root has opened, and one of its own. */
	if (fd < 0 || become(1000, 1000, -1) || say(fd, "lport=7001") ||
	    shown(fd) != ONE)
		return 1;
	fd = open(NETSTATE, O_RDWR);
	if (fd < 0 || say(fd, "lport=7002") || shown(fd) != TWO)
		return 2;
	if (say(fd, "nonsense") != -EINVAL || shown(fd) != TWO)
		return 3;
	if (userns_new() || say(fd, "lport=7003") || shown(fd) != THREE)
		return 4;
	return 0;
}

TEST_F(file, unprivileged)
{
	struct child c;

	ASSERT_EQ(0, child_start(&c, writes_as_user, NULL));
	EXPECT_EQ(0, child_end(&c));
}

/* Other namespaces: a file shows those of its opener, whoever writes. */

static int in_other_netns(int line, void *arg)
{
	int given = *(int *)arg, fd;

	if (netns_new() || udp_socket(7001) < 0 || udp_socket(7002) < 0)
		return 1;
	fd = open(NETSTATE, O_RDWR);
	if (fd < 0 || say(fd, "lport!=7002") || shown(fd) != ONE)
		return 2;
	if (!line_send_fd(line, fd))
		return 3;
	/* The parent's file has three there, and is still the parent's. */
	if (say(given, "lport>7001") || shown(given) != (TWO | THREE))
		return 4;
	line_tell(line, 0);
	line_wait(line);
	return shown(fd) == TWO ? 0 : 5;
}

TEST_F(file, passed_between_namespaces)
{
	struct child c;
	int fd;

	ASSERT_EQ(0, child_start(&c, in_other_netns, &self->fd));
	fd = line_receive_fd(c.line);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(line_hear(c.line, NULL));
	EXPECT_EQ(TWO | THREE, shown(self->fd));
	EXPECT_EQ(ONE, shown(fd));
	EXPECT_EQ(0, say(fd, "lport=7002,7003"));
	EXPECT_EQ(TWO, shown(fd));
	EXPECT_EQ(0, child_end(&c));
	/* Its namespace lives as long as the file. */
	EXPECT_EQ(0, say(fd, "\n"));
	EXPECT_EQ(0, shown(fd));
}

/* Two write and one reads: it is always one of the filters, whole. */

static atomic_bool stop;

struct writer {
	int fd;
	const char *text;
	bool failed;
};

static void *keep_writing(void *arg)
{
	struct writer *w = arg;

	while (!stop)
		w->failed |= say(w->fd, w->text);
	return NULL;
}

TEST_F(file, at_the_same_time)
{
	struct writer writer[] = {
		{ self->fd, "lport=7001,7002 show=program" },
		{ self->fd, "lport=7003 state=dgram owner=any" },
	};
	pthread_t thread[COUNT(writer)];
	int seen[ALL + 1] = {};

	ASSERT_EQ(0, say(self->fd, writer[0].text));
	for (int i = 0; i < COUNT(writer); i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, keep_writing,
					    &writer[i]));
	for (int i = 0; i < 300; i++) {
		int bits = shown(self->fd);

		ASSERT_TRUE(bits == (ONE | TWO) || bits == THREE) {
			note("%d", bits);
		}
		seen[bits]++;
	}
	stop = true;
	for (int i = 0; i < COUNT(writer); i++) {
		pthread_join(thread[i], NULL);
		EXPECT_FALSE(writer[i].failed);
	}
	EXPECT_LT(0, seen[ONE | TWO]);
	EXPECT_LT(0, seen[THREE]);
}

/*
 * Work is saved, not only lines: a table that the budget does not hold can be
 * asked for a part.
 */

#define BUDGET		"/sys/module/netstate/parameters/budget_mb"
#define SOCKETS		20000
#define FIRST		10000

FIXTURE(budget)
{
	char before[24];
	int fd;
};

FIXTURE_SETUP(budget)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(SOCKETS + 200));
	for (int i = 0; i < SOCKETS; i++)
		ASSERT_LE(0, udp_socket(FIRST + i));
	sprintf(self->before, "%ld", file_read_long(BUDGET, -1));
	ASSERT_STRNE("-1", self->before);
	ASSERT_EQ(0, file_write(BUDGET, "1"));
	self->fd = open(NETSTATE, O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(budget)
{
	EXPECT_EQ(0, file_write(BUDGET, self->before));
}

/* How many rows there are, or -errno. */
static long rows(int fd, const char *filter)
{
	struct table t;
	long n = say(fd, filter) ?: table_read_fd(&t, fd);

	if (!n) {
		n = t.n;
		table_free(&t);
	}
	return n;
}

TEST_F_TIMEOUT(budget, saved_by_filter, 900)
{
	static const struct { const char *filter; long rows; } parts[] = {
		{ "lport=12345", 1 },
		{ "lport=10000,29999", 2 },
		{ "lport<10100", 100 },
		{ "port=20000-20009 laddr=127.0.0.0/8 owner=any", 10 },
		{ "uid=1", 0 },
		{ "recvq>0", 0 },
		{ "laddr!=127.0.0.1", 0 },
		{ "proto=tcp", 0 },
		{ "family=inet6", 0 },
		{ "state=established", 0 },
		{ "lport=10000-12999", 3000 },
	};

	EXPECT_EQ(-ENOMEM, rows(self->fd, "\n"));
	for (int i = 0; i < COUNT(parts); i++) {
		EXPECT_EQ(parts[i].rows, rows(self->fd, parts[i].filter)) {
			note("'%s'", parts[i].filter);
		}
	}
	EXPECT_EQ(-ENOMEM, rows(self->fd, "lport>0"));
	EXPECT_EQ(-ENOMEM, rows(self->fd, "proto=udp"));
	EXPECT_EQ(1, rows(self->fd, "lport=10000"));

	/* With more of a budget it is all there. */
	ASSERT_EQ(0, file_write(BUDGET, "16"));
	EXPECT_EQ(SOCKETS, rows(self->fd, "\n"));
}

TEST_HARNESS_MAIN
