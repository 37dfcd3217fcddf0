// SPDX-License-Identifier: GPL-2.0-only
/*
 * One connection after another, by two users in turn, with the same ends and mostly in the
 * same memory. Each life has its own user and its own bytes in its queue: no row may be made
 * of two of them.
 *
 * For a build of netstate that takes its time between two looks at a socket of this port:
 * see moments.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/churner.h"
#include "lib/columns.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"

#define PORT	7300
#define ROWS	60		/* of each user, if there is time for so many */
#define TIME_MS	60000
#define USER	1000		/* and the next one */

/* Bytes that wait to be read in a life of this user. */
static long bytes_of(unsigned long uid)
{
	return 11 * (1 + uid - USER);
}

/* Established at once, without a peer; with bytes that nobody has sent. */
static int live(unsigned long uid)
{
	static const char bytes[64];
	union addr from = addr_of(V4, "127.0.0.1", PORT), to = addr_of(V4, "127.9.9.9", 80);
	int fd, one = 1, queue = TCP_RECV_QUEUE, none = TCP_NO_QUEUE;

	setfsuid(uid);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setfsuid(0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one)) ||
	    bind(fd, &from.sa, sizeof(from.in)) || connect(fd, &to.sa, sizeof(to.in)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof(queue)) ||
	    send(fd, bytes, bytes_of(uid), 0) != bytes_of(uid) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &none, sizeof(none)))
		return -1;
	/* It is to be met in most looks at its chain. */
	for (uint64_t end = now_us() + 500; now_us() < end;)
		;
	return close(fd);
}

static int live_on(int line, void *arg)
{
	atomic_long *lives = arg;

	/* Memory that a CPU has freed is what it takes next. */
	stay_on(1);
	for (unsigned long uid = USER; !live(uid); uid ^= 1)
		atomic_fetch_add(lives, 1);
	note("%m");
	return 1;
}

TEST(one_life_a_row)
{
	const char filter[] = "proto=tcp lport=7300 show=user";
	atomic_long *lives = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long rows[2] = {}, mixed = 0;
	uint64_t end = now_ms() + TIME_MS;
	struct child child;
	int fd;

	ASSERT_NE(MAP_FAILED, lives);
	ASSERT_LT(1, sysconf(_SC_NPROCESSORS_ONLN));
	ASSERT_EQ(0, netns_new());
	fd = open(NETSTATE, O_RDWR);
	ASSERT_LT(0, write(fd, filter, strlen(filter)));
	stay_on(0);
	ASSERT_EQ(0, child_start(&child, live_on, lives));
	while ((rows[0] < ROWS || rows[1] < ROWS) && now_ms() < end) {
		struct columns c;

		ASSERT_EQ(0, columns_read(&c, fd, SHOW_USER)) {
			note("%s", c.error);
		}
		for (size_t n = 0; n < c.n; n++) {
			const struct cells *cells = &c.cells[n];

			ASSERT_TRUE(cells->uid == USER || cells->uid == USER + 1);
			rows[cells->uid - USER]++;
			/* At its beginning it has none yet. */
			if (cells->row.recvq && cells->row.recvq != bytes_of(cells->uid)) {
				mixed++;
				note("%ld bytes of user %llu", cells->row.recvq, cells->uid);
			}
		}
		columns_free(&c);
	}
	note("%ld and %ld rows of %ld lives", rows[0], rows[1], atomic_load(lives));
	EXPECT_EQ(0, mixed);
	EXPECT_LT(0, rows[0]);
	EXPECT_LT(0, rows[1]);
	child_kill(&child);
}

TEST_HARNESS_MAIN
