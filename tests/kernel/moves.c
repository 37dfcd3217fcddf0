// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections that pass from one object to another in their chain, in the orders that
 * kernels have. The module modules/moves.c moves these to and fro while they are read: each
 * end has to be there exactly once in every table, by what this program knows of them.
 *
 * GAPS: for a build of netstate that looks for the order in which neither object is there
 * for a moment, as on kernels that have it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/table.h"

#define MOVES	"/proc/moves"
#define PORT	7100
#define PAIRS	200
#define READS	60	/* at least, with */
#define MIN	20000	/* moves at least */

FIXTURE(moves)
{
	int fd[PAIRS][2];
	uint16_t port[PAIRS];
	int table, mover;
	struct table t;
};

FIXTURE_VARIANT(moves)
{
	const char *order;
	unsigned int gap;	/* ns between the two steps of a move */
};

#ifdef GAPS
FIXTURE_VARIANT_ADD(moves, gap) { "gap" };
FIXTURE_VARIANT_ADD(moves, gap_long) { "gap", 100000 };
#else
FIXTURE_VARIANT_ADD(moves, in_place) { "place" };
FIXTURE_VARIANT_ADD(moves, head_first) { "head" };
FIXTURE_VARIANT_ADD(moves, head_first_long) { "head", 100000 };
FIXTURE_VARIANT_ADD(moves, tail_first) { "tail" };
FIXTURE_VARIANT_ADD(moves, tail_first_long) { "tail", 100000 };
#endif

FIXTURE_SETUP(moves)
{
	union addr at = addr_of(V4, "127.0.0.1", PORT);
	const char filter[] = "proto=tcp state!=listen port=7100";
	int listener, err = module_load("moves"), i;

	if (err == -ENOENT)
		SKIP(return, "no module moves");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, netns_new());

	listener = sock_listen(&at, PAIRS);
	ASSERT_LE(0, listener);
	for (i = 0; i < PAIRS; i++) {
		union addr from;

		self->fd[i][0] = sock_connect(SOCK_STREAM, NULL, &at);
		ASSERT_LE(0, self->fd[i][0]);
		self->fd[i][1] = accept(listener, NULL, NULL);
		ASSERT_LE(0, self->fd[i][1]);
		from = addr_local(self->fd[i][0]);
		self->port[i] = addr_port(&from);
	}
	close(listener);

	self->table = open(NETSTATE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->table);
	ASSERT_EQ(sizeof(filter) - 1, write(self->table, filter, sizeof(filter) - 1));
	self->mover = open(MOVES, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->mover);
}

FIXTURE_TEARDOWN(moves)
{
	table_free(&self->t);
	close(self->mover);
	close(self->table);
}

/* The port at the end of an address. */
static unsigned int port_in(const char *addr)
{
	return atoi(strrchr(addr, ':') + 1);
}

/* How many ends of the connections are not there once; the first of them is named. */
static int wrong_ends(const struct table *t, const uint16_t *port, char *first)
{
	static unsigned char seen[2][UINT16_MAX + 1];
	size_t i;
	int wrong = 0, end;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < t->n; i++) {
		unsigned int local = port_in(t->rows[i].laddr), remote = port_in(t->rows[i].raddr);

		if (local == PORT)
			seen[0][remote]++;
		else
			seen[1][local]++;
	}

	for (i = 0; i < PAIRS; i++)
		for (end = 0; end < 2; end++)
			if (seen[end][port[i]] != 1 && !wrong++)
				sprintf(first, "%u, %s: %d times", port[i],
					end ? "client" : "server", seen[end][port[i]]);
	return wrong;
}

/* How many of them are in this state. */
static long in_state(const struct table *t, const char *state)
{
	long n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += !strcmp(t->rows[i].state, state);
	return n;
}

static long moves_made(int mover)
{
	char text[24] = "";

	return pread(mover, text, sizeof(text) - 1, 0) > 0 ? atol(text) : -1;
}

TEST_F(moves, each_end_once)
{
	char how[32], first[64] = "";
	int len = sprintf(how, "%s %d %u", variant->order, PORT, variant->gap);
	long reads, bad = 0, made = 0, requests = 0, waiting = 0;

	ASSERT_EQ(len, write(self->mover, how, len));
	for (reads = 0; reads < READS || made < MIN; reads++) {
		ASSERT_EQ(0, table_read_fd(&self->t, self->table)) {
			TH_LOG("%s", self->t.error);
		}
		requests += in_state(&self->t, "SYN_RECV");
		waiting += in_state(&self->t, "TIME_WAIT");
		bad += wrong_ends(&self->t, self->port, first) > 0;
		made = moves_made(self->mover);
		ASSERT_LE(0, made);
	}
	ASSERT_EQ(4, write(self->mover, "stop", 4));
	TH_LOG("%ld moves, %ld reads, in which %ld requests and %ld in TIME_WAIT", made, reads,
	       requests, waiting);
	EXPECT_LT(0, requests);
	EXPECT_LT(0, waiting);

	EXPECT_EQ(0, bad) {
		TH_LOG("%ld reads were wrong; the last: %s", bad, first);
	}
}

TEST_HARNESS_MAIN
