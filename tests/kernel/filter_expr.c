// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters with "and", "or", "not" and parentheses: what they leave of a crowd of
 * sockets, and whose names are in the rows, where that depends on both.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/crowd.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"

FIXTURE(expr)
{
	struct world w;
};

FIXTURE_SETUP(expr)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_TRUE(crowd_make(&self->w));
}

FIXTURE_TEARDOWN(expr)
{
	world_end(&self->w);
}

static bool in_state(const struct made *s, const char *state)
{
	return !strcmp(s->is.row.state, state);
}

static int lport(const struct made *s)
{
	return addr_port(&s->local);
}

static int rport(const struct made *s)
{
	return addr_port(&s->remote);
}

static bool is_tcp(const struct made *s)
{
	return s->is.row.proto[0] == 't';
}

/* Whether a holder is one of these; nobody is none. */
static bool one_of(const struct holder *h, unsigned int bits)
{
	return h && h->bit & bits;
}

TEST_F(expr, sockets)
{
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN(w, lport(s) == 7001 || rport(s) == 7001,
			  "lport=7001 or rport=7001"));
	EXPECT_TRUE(SHOWN(w, lport(s) == 7001 || rport(s) == 7001,
			  "( sport = :7001 or dport = :7001 )"));
	EXPECT_TRUE(SHOWN(w, lport(s) != 7001 && rport(s) != 7001,
			  "not (lport=7001 or rport=7001)"));
	EXPECT_TRUE(SHOWN(w, in_state(s, "LISTEN") || !is_tcp(s),
			  "state=listen or proto=udp"));
	EXPECT_TRUE(SHOWN(w, in_state(s, "LISTEN") ||
			     (in_state(s, "ESTABLISHED") && s->is.row.recvq),
			  "state=listen or state=established and recvq>0"));
	EXPECT_TRUE(SHOWN(w, (in_state(s, "LISTEN") || in_state(s, "ESTABLISHED")) &&
			     s->is.row.recvq,
			  "(state=listen or state=established) and recvq>0"));
	EXPECT_TRUE(SHOWN(w, s->is.uid == 1000 || s->is.row.sendq > 0,
			  "uid=1000 | sendq>0"));
	EXPECT_TRUE(SHOWN(w, !(s->is.uid == 0 && s->is.row.inode),
			  "not (uid=0 inode>0)"));
	EXPECT_TRUE(SHOWN(w, lport(s) == 7001 && !(in_state(s, "LISTEN") || s->is.row.recvq),
			  "lport=7001 !(state=listen or recvq>0)"));
	EXPECT_TRUE(SHOWN(w, in_state(s, "CLOSE_WAIT") || in_state(s, "LAST_ACK"),
			  "state connected and (state=close_wait or state=last_ack)"));
	/* each line must hold */
	EXPECT_TRUE(SHOWN(w, is_tcp(s) && (lport(s) == 7001 || lport(s) == 7002),
			  "proto=tcp\nlport=7001 or lport=7002\n"));
}

/* What nobody sees who does not ask for it, is asked for anywhere. */
TEST_F(expr, asked)
{
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN_ANY(w, !strncmp(s->is.row.proto, "raw", 3) ||
				 (made_usual(s) && lport(s) == 7001),
			      "proto=raw or lport=7001"));
	EXPECT_TRUE(SHOWN(w, lport(s) == 7001, "proto!=raw lport=7001 or proto!=raw lport=7001"));
	EXPECT_TRUE(SHOWN(w, lport(s) == 7001, "not (proto=raw or lport!=7001)"));
}

TEST_F(expr, processes)
{
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN_PAIRS(w, one_of(h, WEB | DB), "comm=web or comm=db*"));
	EXPECT_TRUE(SHOWN_PAIRS(w, one_of(h, WEB | DB) || !h, "owner=none or comm=web or comm=db*"));
	EXPECT_TRUE(SHOWN_PAIRS(w, !one_of(h, WEB | DB), "not (comm=web or comm=db*)"));
	EXPECT_TRUE(SHOWN_PAIRS(w, one_of(h, WEB) || (h && h->pid == w->holder[3].pid),
				"comm=web or pid=%d", w->holder[3].pid));
	EXPECT_TRUE(SHOWN_PAIRS(w, one_of(h, WORKER), "comm=web* and not (comm=web or comm=x)"));
}

/* The same process with one socket, and not with another. */
TEST_F(expr, pairs)
{
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN_PAIRS(w, in_state(s, "LISTEN") || one_of(h, WEB),
				"state=listen or comm=web"));
	EXPECT_TRUE(SHOWN_PAIRS(w, in_state(s, "LISTEN") ? one_of(h, WORKER) : one_of(h, US),
				"state=listen comm=*worker or state!=listen comm=keeper"));
	EXPECT_TRUE(SHOWN_PAIRS(w, !(lport(s) == 7001 && one_of(h, WEB)),
				"not (lport=7001 and comm=web)"));
	EXPECT_TRUE(SHOWN_PAIRS(w, !(lport(s) == 7001 && one_of(h, WEB | US)),
				"not (lport=7001 and (comm=web or comm=keeper))"));
	EXPECT_TRUE(SHOWN_PAIRS(w, s->is.row.recvq ? h && h->pid == w->holder[0].pid :
						     one_of(h, WORKER),
				"recvq>0 pid=%d or recvq=0 comm=*worker", w->holder[0].pid));
	EXPECT_TRUE(SHOWN_PAIRS(w, !h || (lport(s) == 7003 && one_of(h, DB)),
				"owner=none or lport=7003 and comm=db*"));
	EXPECT_TRUE(SHOWN_PAIRS(w, lport(s) == 7003 && !one_of(h, DB | US),
				"lport=7003 comm!=db* (uid=1 or comm!=keeper)"));
	EXPECT_TRUE(SHOWN_PAIRS(w, one_of(h, WEB) || (!h && in_state(s, "TIME_WAIT")),
				"comm=web or (owner=none state=time_wait)"));
}

/* A group counts a socket for those of its holders that pass with it, and no others. */
TEST_F(expr, groups)
{
	static const char words[] =
		"group=program (state=listen comm=web*) or (lport=7003 comm=db*) or uid=4\n";
	unsigned int listens[4] = {}, total = 0;
	struct world *w = &self->w;
	char *text, want[128];
	size_t len;

	for (struct made *s = w->made; s < w->made + w->n; s++) {
		unsigned int bits = (in_state(s, "LISTEN") ? WEB | WORKER : 0) |
				    (lport(s) == 7003 ? DB : 0);

		if (!made_usual(s) || !(s->holders & bits))
			continue;
		total++;
		for (int i = 0; i < 4; i++)
			listens[i] += !!(s->holders & bits & 1 << i);
	}
	ASSERT_EQ((ssize_t)strlen(words), write(w->fd, words, strlen(words)));
	ASSERT_EQ(0, lseek(w->fd, 0, SEEK_SET));
	text = fd_read(w->fd, &len);
	ASSERT_NE(NULL, text);
	sprintf(want, " total=%u\n", total);
	EXPECT_NE(NULL, strstr(text, want));
	/* the keeper's are none of these */
	EXPECT_EQ(NULL, strstr(text, "\nkeeper "));
	for (int i = 1; i < 4; i++) {
		char *line, name[32];
		unsigned long sum = 0;

		sprintf(name, "\n%s ", w->holder[i].shown);
		line = strstr(text, name);
		EXPECT_EQ(!!listens[i], !!line);
		if (!line)
			continue;
		line += strlen(name);
		for (int column = 0; column < 13; column++)
			sum = strtoul(line, &line, 10);
		EXPECT_EQ(listens[i], sum);
	}
	free(text);
}

TEST_F(expr, nonsense)
{
	static const char *const bad[] = {
		"or", "lport=1 or", "and lport=1", "not", "()", "(", ")", "(lport=1",
		"lport=1)", "lport=1 or or uid=1", "(show=more)", "not show=more",
		"lport=1 or group=lport", "(lport=1 top=3)", "lport=1 or x",
		"(((((((((((((((((lport=1)))))))))))))))))", "dst", "lport 22",
	};
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN(w, lport(s) == 7001 || rport(s) == 7001,
			  "lport=7001 or rport=7001"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		EXPECT_TRUE(world_refuses(w, "%s", bad[i]));
	EXPECT_TRUE(SHOWN(w, true, "%s", "((((((((((((((((lport>=0))))))))))))))))"));
}

/* A socket that is in no table, where no column and no other word asks for owners. */
TEST(unhashed_without_owners)
{
	static const char *const filters[] = {
		"state=bound lport=7001 show=none",
		"state=bound (lport=7001 or netns=1) show=none",
		"state=bound (lport=7001 or netns=1) show=user",
	};
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	int fd;

	ASSERT_EQ(0, netns_new());
	ASSERT_LE(0, sock_bound(SOCK_STREAM, &at));
	fd = open(NETSTATE, O_RDWR);
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		char *text;

		ASSERT_LT(0, write(fd, filters[i], strlen(filters[i])));
		ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
		text = fd_read(fd, NULL);
		ASSERT_NE(NULL, text);
		EXPECT_NE(NULL, strstr(text, "\ntcp "));
		EXPECT_NE(NULL, strstr(text, " total=1 bound=1")) {
			note("'%s': %s", filters[i], text);
		}
		free(text);
	}
}

/*
 * Many hold one socket, more than are asked about one by one: the read says that it has
 * left some out, and names none that does not pass.
 */

/* Whether a filter leaves a row with this part in it, or none if that is NULL. */
static bool has_line(int fd, const char *filter, bool incomplete, const char *part)
{
	char *text = NULL, *row;
	size_t len;
	bool good;

	if (write(fd, filter, strlen(filter)) == (ssize_t)strlen(filter) && !lseek(fd, 0, SEEK_SET))
		text = fd_read(fd, &len);
	if (!text) {
		note("'%s': %m", filter);
		return false;
	}
	row = strstr(text, "\nudp ");
	good = !!strstr(text, " incomplete=1\n") == incomplete && !!row == !!part &&
	       (!part || strstr(row, part));
	if (!good)
		note("'%s': %s", filter, text);
	free(text);
	return good;
}

#define HOLDERS 1030

FIXTURE(crowded)
{
	struct child child[HOLDERS];
	int fd;
};

FIXTURE_SETUP(crowded)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	struct rlimit files = { 2 * HOLDERS, 2 * HOLDERS };	/* a line to each */

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ASSERT_EQ(0, netns_new());
	ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	for (int i = 0; i < HOLDERS; i++)
		ASSERT_EQ(0, child_holding(&self->child[i]));
	self->fd = open(NETSTATE, O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(crowded)
{
	for (int i = 0; i < HOLDERS; i++)
		child_kill(&self->child[i]);
	close(self->fd);
}

TEST_F_TIMEOUT(crowded, some_are_asked, 900)
{
	int fd = self->fd;

	/* The socket decides: nobody need be asked. */
	EXPECT_TRUE(has_line(fd, "lport=7001 or comm=nobody*", false, "+1030"));
	/* One of those that are asked decides; and none of them does. */
	EXPECT_TRUE(has_line(fd, "lport=7001 pid>0 or recvq>9", true, "+1023"));
	EXPECT_TRUE(has_line(fd, "lport=7001 comm=nobody* or recvq>9", true, NULL));
}

TEST_HARNESS_MAIN
