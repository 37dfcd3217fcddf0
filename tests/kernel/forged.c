// SPDX-License-Identifier: GPL-2.0-only
/*
 * Inode numbers that two sockets have. A user can come by the number of anybody's socket:
 * they have 32 bits, and are not checked for being in use. The module modules/forge.c makes in a
 * moment what takes a user minutes. Nobody must be named for a socket that only has the
 * same number as his, and no socket may be missing for one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/table.h"

#define FORGE	"/proc/forge"

static unsigned int number_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_ino;
}

/* Gives a socket of this process that number. */
static bool forge(int to, int fd, unsigned int number)
{
	char text[32];
	int len = sprintf(text, "%d %u", fd, number);

	return write(to, text, len) == len && number_of(fd) == number;
}

struct forgery {
	unsigned int number;
	int fd;			/* of the victim, which is not to be inherited */
};

/* A user whose bound socket has somebody else's number. */
static int forger(int line, void *arg)
{
	const struct forgery *f = arg;
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	int to = open(FORGE, O_WRONLY | O_CLOEXEC), fd;

	close(f->fd);
	if (to < 0 || become(1000, 1000, -1))
		return 1;
	fd = sock_bound(SOCK_DGRAM, &at);
	line_tell(line, fd >= 0 && forge(to, fd, f->number));
	line_wait(line);
	return 0;
}

FIXTURE(forged)
{
	struct child attacker;
	struct forgery f;
	int table;
	struct table t;
};

FIXTURE_SETUP(forged)
{
	int err = module_load("forge");

	if (err == -ENOENT)
		SKIP(return, "no module forge");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, netns_new());
	self->table = open(NETSTATE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->table);
}

FIXTURE_TEARDOWN(forged)
{
	table_free(&self->t);
	close(self->table);
	if (self->attacker.pid > 0)
		child_kill(&self->attacker);
}

/* The attacker's socket has a listener's number: each has its own owner, and no other. */
TEST_F(forged, owner)
{
	union addr at = addr_of(V4, "127.0.0.1", 443);
	int victim = sock_listen(&at, 1);
	const struct row *row;
	long long made;

	ASSERT_LE(0, victim);
	self->f = (struct forgery){ .number = number_of(victim), .fd = victim };
	ASSERT_EQ(0, child_start(&self->attacker, forger, &self->f));
	ASSERT_TRUE(line_hear(self->attacker.line, &made));
	ASSERT_TRUE(made);

	ASSERT_EQ(0, table_read_fd(&self->t, self->table));
	row = table_find(&self->t, "tcp", "127.0.0.1:443", NULL, "LISTEN");
	ASSERT_NE(NULL, row);
	EXPECT_EQ(getpid(), row->pid);
	EXPECT_EQ(0, row->others);
	row = table_find(&self->t, "udp", "127.0.0.1:7001", NULL, NULL);
	ASSERT_NE(NULL, row);
	/* Later kernels keep the number in the sock, which is not forged: it has no owner then. */
	if (row->pid)
		EXPECT_EQ(self->attacker.pid, row->pid);
	EXPECT_EQ(0, row->others);
}

/* The attacker's socket has the number of one that is in no table: that has its row. */
TEST_F(forged, unhashed)
{
	int victim = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct row *row;
	long long made;

	ASSERT_LE(0, victim);
	self->f = (struct forgery){ .number = number_of(victim), .fd = victim };
	ASSERT_EQ(0, child_start(&self->attacker, forger, &self->f));
	ASSERT_TRUE(line_hear(self->attacker.line, &made));
	ASSERT_TRUE(made);

	ASSERT_LT(0, write(self->table, "state=close,dgram", 17));
	ASSERT_EQ(0, table_read_fd(&self->t, self->table));
	row = table_find(&self->t, "tcp", "0.0.0.0:*", NULL, "CLOSE");
	ASSERT_NE(NULL, row);
	EXPECT_EQ(getpid(), row->pid);
	EXPECT_EQ(0, row->others);
}

/* So many that a search for one of them gives up: a read goes on, and says so. */
#define MANY	1100

TEST_F(forged, many_of_one_number)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	int to = open(FORGE, O_WRONLY | O_CLOEXEC), rows = 0, owned = 0;
	char *text, *at_row, mine[24];
	unsigned int number;

	ASSERT_LE(0, to);
	ASSERT_EQ(0, files_allow(MANY + 100));
	for (int i = 0; i < MANY; i++) {
		int fd;

		at.in.sin_port = htons(10000 + i);
		fd = sock_bound(SOCK_DGRAM, &at);
		ASSERT_LE(0, fd);
		if (!i)
			number = number_of(fd);
		ASSERT_TRUE(forge(to, fd, number));
	}
	text = fd_read(self->table, NULL);
	ASSERT_NE(NULL, text);
	sprintf(mine, " %d/", getpid());
	for (at_row = text; (at_row = strstr(at_row, "\nudp ")); at_row++) {
		char *end = strchr(at_row + 1, '\n');

		rows++;
		owned += end && memmem(at_row, end - at_row, mine, strlen(mine));
	}
	EXPECT_EQ(MANY, rows);
	/* Where the number is kept in the sock, too, only the first is found. */
	TH_LOG("%d have an owner", owned);
	if (owned > 1) {
		EXPECT_LE(1000, owned);
		EXPECT_GT(MANY, owned);
		EXPECT_NE(NULL, strstr(text, " incomplete="));
	}
	free(text);
	close(to);
}

TEST_HARNESS_MAIN
