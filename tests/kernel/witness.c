// SPDX-License-Identifier: GPL-2.0-only
/*
 * The whole table of a namespace with some five hundred sockets of all kinds,
 * against /proc/net and against the list of what the test has made.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/peer.h"
#include "lib/table.h"
#include "lib/witness.h"

#define MANY	600

FIXTURE(crowd)
{
	int fd[MANY];
	int n;
	struct peer far4, far6;
	struct table table, witness;
};

#define KEEP(fd_)							\
({									\
	int __fd = (fd_);						\
									\
	ASSERT_LE(0, __fd);						\
	ASSERT_GT(MANY, self->n);					\
	self->fd[self->n++] = __fd;					\
	__fd;								\
})

FIXTURE_SETUP(crowd)
{
	static const enum flavour flavours[] = { V4, V6, MAPPED };
	static const char *const hosts[] = { "127.0.0.1", "::1", "127.0.0.1" };
	union addr far4 = addr_of(V4, "127.0.0.9", 9009);
	union addr far6 = addr_of(V6, PEER6, 9009);
	char data[100] = {}, host[32];

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, peer_open(&self->far4, &far4));
	ASSERT_EQ(0, peer_open(&self->far6, &far6));
	KEEP(self->far4.trap);
	KEEP(self->far6.trap);

	for (int f = 0; f < 3; f++) {
		union addr at = addr_of(flavours[f], hosts[f], 0), from, to;
		struct talk talk;

		for (int i = 0; i < 20; i++) {
			int fd, pair[2];

			/* Read, unread and full queues. */
			ASSERT_EQ(0, sock_pair(&at, pair));
			KEEP(pair[0]);
			KEEP(pair[1]);
			if (i % 3)
				ASSERT_EQ(i, write(pair[0], data, i));
			/* Half closed: FIN_WAIT2 here, CLOSE_WAIT there. */
			if (i % 5 == 4)
				ASSERT_EQ(0, shutdown(pair[1], SHUT_WR));

			KEEP(sock_listen(&at, 1 + i));
			to = addr_local(KEEP(sock_bound(SOCK_DGRAM, &at)));
			fd = KEEP(sock_connect(SOCK_DGRAM, NULL, &to));
			ASSERT_EQ(i, send(fd, data, i, 0));
		}

		/* Connecting, and left behind. */
		to = flavours[f] == V6 ? far6 :
		     addr_of(flavours[f], "127.0.0.9", 9009);
		for (int i = 0; i < 10; i++) {
			KEEP(sock_connect(SOCK_STREAM, NULL, &to));
			at = addr_of(flavours[f], flavours[f] == V6 ? HOST6 :
				     hosts[f], 0);
			from = addr_local(KEEP(sock_listen(&at, 8)));
			ASSERT_EQ(0, talk_call(&talk, flavours[f] == V6 ?
					       &self->far6 : &self->far4,
					       &from));
		}
		for (int i = 0; i < 10; i++) {
			int pair[2];

			at = addr_of(flavours[f], hosts[f], 0);
			ASSERT_EQ(0, sock_pair(&at, pair));
			close(pair[0]);
			close(pair[1]);
		}
	}

	/* Addresses of all lengths, wildcards, shared ports. */
	for (int i = 0; i < 40; i++) {
		union addr at;

		snprintf(host, sizeof(host), "127.%d.%d.%d", i, 6 * i, 255 - i);
		at = addr_of(i & 1 ? MAPPED : V4, host, 1 + 1600 * i);
		KEEP(sock_listen(&at, 1));
		KEEP(sock_bound(SOCK_DGRAM, &at));
	}
	for (int i = 0; i < 20; i++) {
		union addr at = addr_of(V6, i & 1 ? LONG6 : "::", 65000);

		KEEP(sock_reuse(SOCK_DGRAM, &at));
		at = addr_of(V4, i & 1 ? "127.3.2.1" : "0.0.0.0", 64999);
		KEEP(sock_reuse(SOCK_DGRAM, &at));
		at = addr_of(V6, i & 1 ? LONG6 : "::", 65000);
		ASSERT_EQ(0, listen(KEEP(sock_reuse(SOCK_STREAM, &at)), 4));
	}
	ASSERT_EQ(0, witness_read_with(&self->table, &self->witness));
}

FIXTURE_TEARDOWN(crowd)
{
	table_free(&self->table);
	table_free(&self->witness);
}

TEST_F(crowd, same_rows)
{
	struct table *t = &self->table, *w = &self->witness;
	char mine[512], theirs[512];
	int wrong = 0;

	EXPECT_LT(500, t->n);
	EXPECT_EQ(w->n, t->n);
	rows_sort(t->rows, t->n);
	for (size_t i = 0; i < t->n && i < w->n && wrong < 10; i++) {
		if (!row_compare(&t->rows[i], &w->rows[i]))
			continue;
		row_format(&t->rows[i], mine, sizeof(mine));
		row_format(&w->rows[i], theirs, sizeof(theirs));
		note("%s\nis in /proc/net\n%s", mine, theirs);
		wrong++;
	}
	EXPECT_EQ(0, wrong);
}

/* Every state that these sockets can have together is there. */
TEST_F(crowd, all_sorts)
{
	static const enum count made[] = {
		C_ESTABLISHED, C_SYN_SENT, C_SYN_RECV, C_FIN_WAIT2,
		C_TIME_WAIT, C_CLOSE_WAIT, C_LISTEN, C_DGRAM,
	};

	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++)
		EXPECT_LT(0, self->table.counts[made[i]]);
	EXPECT_EQ(self->table.n, self->table.counts[C_TOTAL]);
}

static bool among(const unsigned long *inodes, int n, unsigned long inode)
{
	for (int i = 0; i < n; i++)
		if (inodes[i] == inode)
			return true;
	return false;
}

/* Ours has our name on it, and what nobody holds has none. */
TEST_F(crowd, owners)
{
	struct table *t = &self->table, *w = &self->witness;
	unsigned long inodes[MANY];
	char comm[16], me[PROG_MAX];
	int mine = 0, found = 0;

	prctl(PR_GET_NAME, comm);
	owner_text(getpid(), comm, 0, me);
	for (int i = 0; i < self->n; i++)
		inodes[i] = sock_inode(self->fd[i]);
	for (size_t i = 0; i < w->n; i++)
		mine += among(inodes, self->n, w->rows[i].inode) ||
			!strcmp(w->rows[i].state, "SYN_RECV");
	for (size_t i = 0; i < t->n; i++) {
		if (!strcmp(t->rows[i].prog, me))
			found++;
		else
			EXPECT_STREQ("-", t->rows[i].prog);
	}
	EXPECT_EQ(mine, found);
	EXPECT_EQ(self->n + t->counts[C_SYN_RECV], found);

	/* Sockets alike share what can't tell them apart: go by inode. */
	for (size_t i = 0; i < w->n; i++) {
		const struct row *row = &w->rows[i];
		bool ours = among(inodes, self->n, row->inode) ||
			    !strcmp(row->state, "SYN_RECV");
		const struct row *shown = table_find(t, row->proto,
						     row->laddr, row->raddr,
						     row->state);

		ASSERT_NE(NULL, shown);
		EXPECT_STREQ(ours ? me : "-", shown->prog);
	}
}

/* Two reads with nothing in between are alike to the byte. */
TEST_F(crowd, stable)
{
	struct table again;

	ASSERT_EQ(0, table_read(&again));
	EXPECT_EQ(self->table.len, again.len);
	EXPECT_EQ(0, memcmp(self->table.text, again.text, again.len));
	table_free(&again);
}

/* A row is as long as it must be, and the table ends with the last one. */
TEST_F(crowd, text)
{
	const char *line = self->table.text;
	size_t lines = 0, at = 0;

	for (; *line; line = strchr(line, '\n') + 1, lines++)
		if (lines == 1)
			at = line - self->table.text;
	EXPECT_EQ(self->table.n + 2, lines);
	EXPECT_EQ(0, strncmp(self->table.text + at, "Proto Recv-Q Send-Q ",
			     20));
	EXPECT_EQ(self->table.len, (size_t)(line - self->table.text));
	/* Neither word is in the title, for all the scripts that count. */
	EXPECT_TRUE(strcasestr(self->table.text, "tcp") >=
		    self->table.text + at);
	EXPECT_TRUE(strcasestr(self->table.text, "udp") >=
		    self->table.text + at);
}

TEST_HARNESS_MAIN
