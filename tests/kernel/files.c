// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table as a file: whatever the way to read it, it is one text, taken at
 * offset 0 and unchanged until the next read from there.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>

#include "lib/child.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/ring.h"
#include "lib/table.h"

/* More text than any buffer that the kernel may have for it. */
#define MANY	1500

FIXTURE(text)
{
	int sock[MANY];
	int fd;
	char *text;	/* what there is to read */
	size_t len;
};

static int udp_socket(int i)
{
	union addr at = addr_of(V4, "127.0.0.1", 10000 + i);

	return sock_bound(SOCK_DGRAM, &at);
}

FIXTURE_SETUP(text)
{
	struct table t;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(MANY + 200));
	for (int i = 0; i < MANY; i++) {
		self->sock[i] = udp_socket(i);
		ASSERT_LE(0, self->sock[i]);
	}
	ASSERT_EQ(0, table_read(&t));
	ASSERT_EQ(MANY, t.n);
	self->text = t.text;
	self->len = t.len;
	self->fd = open(NETSTATE, O_RDONLY);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(text)
{
	close(self->fd);
	free(self->text);
}

static bool is_text(FIXTURE_DATA(text) *self, const char *text, size_t len)
{
	size_t same = 0;

	while (text && same < len && same < self->len &&
	       text[same] == self->text[same])
		same++;
	if (text && same == len && len == self->len)
		return true;
	note("%zu bytes instead of %zu, the same up to %zu (%s)", len,
	     self->len, same, text ? "" : strerror(errno));
	return false;
}

TEST_F(text, sizes)
{
	static const size_t sizes[] = {
		1, 7, 4095, 4096, 4097, 65536, 131071, 131072, 131073, 1 << 20,
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		/* The first read may tell how large a buffer is: begin anew. */
		int fd = open(NETSTATE, O_RDONLY);
		size_t len = 0;
		char *text = fd_read_step(fd, sizes[i], &len);

		EXPECT_TRUE(is_text(self, text, len)) {
			note("with reads of %zu", sizes[i]);
		}
		free(text);
		close(fd);
	}
}

/* A small read first, then large ones; and the other way about. */
TEST_F(text, mixed_sizes)
{
	char *buf = malloc(self->len + 1);
	size_t at = 0, size = 1;
	ssize_t n;

	while ((n = read(self->fd, buf + at, size)) > 0) {
		at += n;
		size = at % 3 ? 5 : self->len + 1 - at;
		if (size > self->len + 1 - at)
			size = self->len + 1 - at;
	}
	EXPECT_EQ(0, n);
	EXPECT_TRUE(is_text(self, buf, at));
	free(buf);
}

/* One read gives something, and no more than asked for. */
TEST_F(text, no_more_than_asked)
{
	char buf[64];

	memset(buf, '?', sizeof(buf));
	EXPECT_EQ(10, read(self->fd, buf, 10));
	EXPECT_EQ(0, memcmp(buf, self->text, 10));
	EXPECT_EQ('?', buf[10]);
	EXPECT_EQ(0, read(self->fd, buf, 0));
	EXPECT_EQ(20, read(self->fd, buf, 20));
	EXPECT_EQ(0, memcmp(buf, self->text + 10, 20));
}

TEST_F(text, end_of_file)
{
	char buf[64];
	size_t len;

	free(fd_read(self->fd, &len));
	EXPECT_EQ(self->len, len);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, read(self->fd, buf, sizeof(buf)));
	EXPECT_EQ(0, pread(self->fd, buf, sizeof(buf), self->len));
	EXPECT_EQ(0, pread(self->fd, buf, sizeof(buf), self->len + 1));
	EXPECT_EQ(0, pread(self->fd, buf, sizeof(buf), 1ll << 40));
	EXPECT_EQ(0, read(self->fd, buf, sizeof(buf)));
}

/* Any offset, in any order. */
TEST_F(text, pread)
{
	unsigned int seed = 1;
	char buf[300];

	ASSERT_EQ(1, read(self->fd, buf, 1));
	for (int i = 0; i < 300; i++) {
		size_t at = 1 + rand_r(&seed) % (self->len - 301);
		size_t size = 1 + rand_r(&seed) % 300;

		ASSERT_EQ(size, pread(self->fd, buf, size, at));
		ASSERT_EQ(0, memcmp(buf, self->text + at, size));
	}
	/* The file's own offset is where it was. */
	ASSERT_EQ(1, lseek(self->fd, 0, SEEK_CUR));
	ASSERT_EQ(10, read(self->fd, buf, 10));
	EXPECT_EQ(0, memcmp(buf, self->text + 1, 10));
}

/* Not from the start, and nothing has been read before. */
TEST_F(text, pread_first)
{
	char buf[300];

	ASSERT_EQ(300, pread(self->fd, buf, 300, 100000));
	EXPECT_EQ(0, memcmp(buf, self->text + 100000, 300));
	ASSERT_EQ(300, pread(self->fd, buf, 300, 500));
	EXPECT_EQ(0, memcmp(buf, self->text + 500, 300));
	ASSERT_EQ(300, pread(self->fd, buf, 300, 0));
	EXPECT_EQ(0, memcmp(buf, self->text, 300));
}

TEST_F(text, lseek)
{
	char buf[300];

	ASSERT_EQ(5000, lseek(self->fd, 5000, SEEK_SET));
	ASSERT_EQ(300, read(self->fd, buf, 300));
	EXPECT_EQ(0, memcmp(buf, self->text + 5000, 300));
	ASSERT_EQ(5200, lseek(self->fd, -100, SEEK_CUR));
	ASSERT_EQ(300, read(self->fd, buf, 300));
	EXPECT_EQ(0, memcmp(buf, self->text + 5200, 300));
	ASSERT_EQ(60000, lseek(self->fd, 60000 - 5500, SEEK_CUR));
	ASSERT_EQ(300, read(self->fd, buf, 300));
	EXPECT_EQ(0, memcmp(buf, self->text + 60000, 300));
	EXPECT_EQ(-1, lseek(self->fd, -1, SEEK_SET));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(300, read(self->fd, buf, 300));
	EXPECT_EQ(0, memcmp(buf, self->text + 60300, 300));
}

/* The socket's row is in what @fd gives from here on. */
static bool has_row(char *text, int sock)
{
	union addr at = addr_local(sock);
	char addr[ADDR_TEXT_MAX];
	bool has;

	addr_text(&at, addr);
	strcat(addr, " ");
	has = text && strstr(text, addr);
	free(text);
	return has;
}

TEST_F(text, rewind_takes_a_new_one)
{
	int sock;

	free(fd_read(self->fd, NULL));
	sock = udp_socket(MANY);
	ASSERT_LE(0, sock);
	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	EXPECT_TRUE(has_row(fd_read(self->fd, NULL), sock));
	close(sock);

	/* Before the end, too. */
	sock = udp_socket(MANY + 1);
	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	EXPECT_TRUE(has_row(fd_read(self->fd, NULL), sock));
	close(sock);
	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	ASSERT_EQ(1, read(self->fd, &(char){ 0 }, 1));
	sock = udp_socket(MANY + 2);
	EXPECT_FALSE(has_row(fd_read(self->fd, NULL), sock));
	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	EXPECT_TRUE(has_row(fd_read(self->fd, NULL), sock));
}

TEST_F(text, pread_of_the_start_takes_a_new_one)
{
	char title[400] = {}, counts[40];
	int sock;

	snprintf(counts, sizeof(counts), "dgram=%d total=%d\n", MANY, MANY);
	ASSERT_LT(0, pread(self->fd, title, sizeof(title) - 1, 0));
	EXPECT_NE(NULL, strstr(title, counts));
	sock = udp_socket(MANY);
	ASSERT_LE(0, sock);
	/* From anywhere else it is still the same. */
	ASSERT_LT(0, pread(self->fd, title + 1, sizeof(title) - 2, 1));
	EXPECT_NE(NULL, strstr(title, counts));
	ASSERT_LT(0, pread(self->fd, title, sizeof(title) - 1, 0));
	EXPECT_EQ(NULL, strstr(title, counts));
}

/* What happens meanwhile is for the next read. */
TEST_F(text, does_not_change_in_the_middle)
{
	char *buf = malloc(self->len + 1);
	size_t at = 0;
	ssize_t n;

	ASSERT_EQ(1000, read(self->fd, buf, 1000));
	for (int i = 0; i < MANY; i += 2) {
		close(self->sock[i]);
		if (i % 3)
			ASSERT_LE(0, udp_socket(MANY + i));
	}
	for (at = 1000; (n = read(self->fd, buf + at, self->len + 1 - at)) > 0;)
		at += n;
	EXPECT_EQ(0, n);
	EXPECT_TRUE(is_text(self, buf, at));
	free(buf);
}

TEST_F(text, two_files)
{
	char *mine, *theirs;
	size_t len;
	int other = open(NETSTATE, O_RDONLY), sock;

	ASSERT_EQ(1, read(self->fd, &(char){ 0 }, 1));
	sock = udp_socket(MANY);
	ASSERT_LE(0, sock);
	theirs = fd_read(other, NULL);
	EXPECT_TRUE(has_row(theirs, sock));
	mine = fd_read(self->fd, &len);
	ASSERT_NE(NULL, mine);
	EXPECT_EQ(self->len - 1, len);
	EXPECT_STREQ(self->text + 1, mine);
	free(mine);
}

TEST_F(text, readv)
{
	char *buf = malloc(self->len + 1), *p = buf;
	struct iovec iov[] = {
		{ p, 3 }, { p + 3, 0 }, { p + 3, 4096 },
		{ p + 4099, self->len + 1 - 4099 },
	};
	ssize_t n = readv(self->fd, iov, 4);
	size_t at = n, rest;
	char *more;

	ASSERT_LT(0, n);
	more = fd_read(self->fd, &rest);
	ASSERT_NE(NULL, more);
	ASSERT_EQ(self->len, at + rest);
	memcpy(buf + at, more, rest);
	EXPECT_TRUE(is_text(self, buf, self->len));
	n = preadv(self->fd, iov, 1, 100);
	EXPECT_EQ(3, n);
	EXPECT_EQ(0, memcmp(buf, self->text + 100, 3));
	free(more);
	free(buf);
}

TEST_F(text, splice)
{
	char *buf = malloc(self->len + 1);
	size_t at = 0;
	ssize_t n, got;
	int ends[2];

	ASSERT_EQ(0, pipe(ends));
	while ((n = splice(self->fd, NULL, ends[1], NULL, 16384, 0)) > 0)
		for (; n; n -= got, at += got) {
			ASSERT_LE(at + n, self->len);
			got = read(ends[0], buf + at, n);
			ASSERT_LT(0, got);
		}
	EXPECT_EQ(0, n);
	EXPECT_TRUE(is_text(self, buf, at));
	free(buf);
}

TEST_F(text, sendfile)
{
	int to = memfd_create("copy", 0);
	size_t len;
	char *text;
	ssize_t n;

	ASSERT_LE(0, to);
	while ((n = sendfile(to, self->fd, NULL, 1 << 20)) > 0)
		;
	EXPECT_EQ(0, n);
	ASSERT_EQ(0, lseek(to, 0, SEEK_SET));
	text = fd_read(to, &len);
	EXPECT_TRUE(is_text(self, text, len));
	free(text);
}

/* Threads that share the file and its offset: each byte goes to one. */
struct sharer {
	FIXTURE_DATA(text) *self;
	pthread_t thread;
	unsigned int seed;
	size_t len, sum;
	bool good;
};

static size_t sum_of(const char *text, size_t len)
{
	size_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += (unsigned char)text[i];
	return sum;
}

static void *share_offset(void *arg)
{
	struct sharer *s = arg;
	char buf[997];
	ssize_t n;

	while ((n = read(s->self->fd, buf, sizeof(buf))) > 0) {
		s->len += n;
		s->sum += sum_of(buf, n);
	}
	s->good = !n;
	return NULL;
}

/* Other threads read than the one that has opened the file, and that asks for it. */
TEST_F(text, io_uring)
{
	static const size_t sizes[] = { 1 << 20, 5000 };
	char *text = malloc(self->len + (1 << 20));
	int ring = ring_open();

	if (ring < 0) {
		free(text);
		SKIP(return, "no io_uring in this kernel");
	}
	for (int i = 0; i < 2; i++) {
		size_t len = 0;
		ssize_t n;

		while ((n = ring_read(ring, self->fd, text + len, sizes[i], len)) > 0 &&
		       len <= self->len)
			len += n;
		ASSERT_EQ(0, n);
		EXPECT_TRUE(is_text(self, text, len));
	}
	free(text);
	close(ring);
}

TEST_F(text, two_threads_share_the_offset)
{
	for (int round = 0; round < 5; round++) {
		struct sharer s[2] = { { self }, { self } };

		ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
		for (int i = 0; i < 2; i++)
			ASSERT_EQ(0, pthread_create(&s[i].thread, NULL,
						    share_offset, &s[i]));
		for (int i = 0; i < 2; i++) {
			pthread_join(s[i].thread, NULL);
			EXPECT_TRUE(s[i].good);
		}
		EXPECT_EQ(self->len, s[0].len + s[1].len);
		EXPECT_EQ(sum_of(self->text, self->len), s[0].sum + s[1].sum);
	}
}

/* Threads that each read where they like, the start and the end included. */
static void *read_anywhere(void *arg)
{
	struct sharer *s = arg;
	size_t len = s->self->len;
	char buf[2000];

	s->good = true;
	for (int i = 0; i < 150; i++) {
		size_t at = rand_r(&s->seed) % len;
		ssize_t n;

		if (i % 10 == 0)
			at = 0;
		else if (i % 10 == 5)
			at = len;
		n = pread(s->self->fd, buf, sizeof(buf), at);
		if (n < 0 || (!n && at < len) || at + n > len ||
		    memcmp(buf, s->self->text + at, n)) {
			note("pread at %zu gave %zd (%m)", at, n);
			s->good = false;
		}
	}
	return NULL;
}

TEST_F(text, four_threads_read_anywhere)
{
	struct sharer s[4];

	for (int i = 0; i < 4; i++) {
		s[i] = (struct sharer){ self, .seed = i };
		ASSERT_EQ(0, pthread_create(&s[i].thread, NULL, read_anywhere,
					    &s[i]));
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(s[i].thread, NULL);
		EXPECT_TRUE(s[i].good);
	}
}

/* A buffer that can't be written to costs nothing but the error. */
TEST_F(text, efault)
{
	size_t page = sysconf(_SC_PAGESIZE), len;
	char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *buf = malloc(self->len + 1), *rest;
	ssize_t n;

	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, mprotect(map + page, page, PROT_NONE));

	EXPECT_EQ(-1, read(self->fd, map + page, page));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(300, read(self->fd, buf, 300));
	EXPECT_EQ(-1, read(self->fd, map + page, page));
	EXPECT_EQ(EFAULT, errno);

	/*
	 * What there was room for is given, and the rest comes after it. Some
	 * machines copy in steps, and stop before the step that faults.
	 */
	n = read(self->fd, map + page - 100, page);
	ASSERT_TRUE((n > 0 && n <= 100) || (n == -1 && errno == EFAULT));
	if (n < 0)
		n = 0;
	memcpy(buf + 300, map + page - 100, n);
	rest = fd_read(self->fd, &len);
	ASSERT_NE(NULL, rest);
	ASSERT_EQ(self->len, 300 + n + len);
	memcpy(buf + 300 + n, rest, len);
	EXPECT_TRUE(is_text(self, buf, self->len));
	free(rest);
	free(buf);
}

static void ignore(int sig)
{
}

/* Signals in between take nothing away. */
TEST_F(text, under_signals)
{
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = {};
	struct sigaction action = { .sa_handler = ignore };
	char *buf = malloc(self->len + 1);

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	for (int round = 0; round < 5; round++) {
		size_t at = 0;
		ssize_t n;

		ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
		setitimer(ITIMER_REAL, &often, NULL);
		do {
			n = read(self->fd, buf + at, self->len + 1 - at < 500 ?
				 self->len + 1 - at : 500);
			if (n > 0)
				at += n;
		} while (n > 0 || (n < 0 && errno == EINTR));
		setitimer(ITIMER_REAL, &never, NULL);
		EXPECT_EQ(0, n);
		EXPECT_TRUE(is_text(self, buf, at));
	}
	free(buf);
}

static int read_for_ever(int line, void *arg)
{
	char buf[4096];
	int fd = open(NETSTATE, O_RDONLY);

	line_tell(line, fd);
	for (;;) {
		lseek(fd, 0, SEEK_SET);
		while (read(fd, buf, sizeof(buf)) > 0)
			;
	}
	return 0;
}

/* A reader can be killed, at whatever point it is. */
TEST_F(text, killed)
{
	size_t len;
	char *text;

	for (int i = 0; i < 20; i++) {
		struct child c;
		int status;

		ASSERT_EQ(0, child_start(&c, read_for_ever, NULL));
		ASSERT_TRUE(line_hear(c.line, NULL));
		usleep(i * 1000);
		ASSERT_EQ(0, kill(c.pid, SIGKILL));
		ASSERT_TRUE(POLL(waitpid(c.pid, &status, WNOHANG) == c.pid));
		EXPECT_TRUE(WIFSIGNALED(status));
		close(c.line);
	}
	text = fd_read(self->fd, &len);
	EXPECT_TRUE(is_text(self, text, len));
	free(text);
}

/* An open file that goes to a child, and is read there. */
static int read_there(int line, void *arg)
{
	FIXTURE_DATA(text) *self = arg;
	size_t len;
	char *text = fd_read(self->fd, &len);

	return !text || len != self->len - 100 ||
	       memcmp(text, self->text + 100, len);
}

TEST_F(text, inherited)
{
	struct child c;
	char buf[100];

	ASSERT_EQ(100, read(self->fd, buf, 100));
	ASSERT_EQ(0, child_start(&c, read_there, self));
	EXPECT_EQ(0, child_end(&c));
	EXPECT_EQ(0, read(self->fd, buf, 100));
}

/* What the file is, to anybody. */

static int open_as_user(int line, void *arg)
{
	static const int modes[] = { O_RDONLY, O_RDWR, O_WRONLY };
	struct table t;

	if (become(1000, 1000, -1))
		return 1;
	for (int i = 0; i < 3; i++) {
		int fd = open(NETSTATE, modes[i]);

		if (fd < 0) {
			note("open mode %d: %m", modes[i]);
			return 2;
		}
		if (modes[i] != O_WRONLY && table_read_fd(&t, fd)) {
			note("%s", t.error);
			return 3;
		}
		close(fd);
	}
	return 0;
}

TEST(anybody)
{
	struct child c;
	struct stat st;

	ASSERT_EQ(0, stat(NETSTATE, &st));
	EXPECT_EQ(S_IFREG | 0666, st.st_mode);
	EXPECT_EQ(0, st.st_uid);
	EXPECT_EQ(0, st.st_size);
	ASSERT_EQ(0, stat(NETSTATE "_metrics", &st));
	EXPECT_EQ(S_IFREG | 0444, st.st_mode);
	EXPECT_EQ(0, st.st_uid);
	ASSERT_EQ(0, child_start(&c, open_as_user, NULL));
	EXPECT_EQ(0, child_end(&c));
}

TEST_HARNESS_MAIN
