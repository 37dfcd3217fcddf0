// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters about those who hold a socket: it is enough that one of them passes,
 * and then the row is about those who do.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "lib/creds.h"
#include "lib/crowd.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"

#define COUNT(array)	((int)(sizeof(array) / sizeof(*(array))))

FIXTURE(owner)
{
	struct world w;
};

FIXTURE_SETUP(owner)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_TRUE(crowd_make(&self->w));
}

FIXTURE_TEARDOWN(owner)
{
	world_end(&self->w);
}

/* Whether a bit is among those. */
static bool among(const struct holder *h, unsigned int bits)
{
	return h->bit & bits;
}

TEST_F(owner, pid)
{
	struct world *w = &self->w;

	for (int i = 0; i < w->holders; i++) {
		int pid = w->holder[i].pid;

		for (int p = pid - 1; p <= pid + 1; p++) {
			EXPECT_TRUE(SHOWN_HELD(w, false, h->pid == p,
					       "pid=%d", p));
			EXPECT_TRUE(SHOWN_HELD(w, true, h->pid != p,
					       "pid!=%d", p));
			EXPECT_TRUE(SHOWN_HELD(w, false, h->pid < p,
					       "pid<%d", p));
			EXPECT_TRUE(SHOWN_HELD(w, false, h->pid <= p,
					       "pid<=%d", p));
			EXPECT_TRUE(SHOWN_HELD(w, false, h->pid > p,
					       "pid>%d", p));
			EXPECT_TRUE(SHOWN_HELD(w, false, h->pid >= p,
					       "pid>=%d", p));
		}
	}
}

/* Of int or struct child. */
static int compare_pids(const void *a, const void *b)
{
	return *(const pid_t *)a - *(const pid_t *)b;
}

TEST_F(owner, pid_ranges_and_lists)
{
	struct world *w = &self->w;
	int pid[4], a, b, c, d;

	for (int i = 0; i < 4; i++)
		pid[i] = w->holder[i].pid;
	qsort(pid, 4, sizeof(*pid), compare_pids);
	a = pid[0];
	b = pid[1];
	c = pid[2];
	d = pid[3];

	EXPECT_TRUE(SHOWN_HELD(w, false, h->pid == a || h->pid == c,
			       "pid=%d,%d", a, c));
	EXPECT_TRUE(SHOWN_HELD(w, false, h->pid == d || h->pid == a,
			       "pid=%d,1,%d", d, a));
	EXPECT_TRUE(SHOWN_HELD(w, true, h->pid == a || h->pid == c,
			       "pid!=%d,%d", b, d));
	EXPECT_TRUE(SHOWN_HELD(w, true, false, "pid!=%d,%d,%d,%d", a, b, c,
			       d));
	EXPECT_TRUE(SHOWN_HELD(w, true, false, "pid!=1-4294967295"));
	EXPECT_TRUE(SHOWN_HELD(w, false, true, "pid=1-4294967295"));
	EXPECT_TRUE(SHOWN_HELD(w, false, true, "pid>=0"));
	EXPECT_TRUE(SHOWN_HELD(w, false, true, "pid!=1 pid>1"));
	EXPECT_TRUE(SHOWN_HELD(w, false, false, "pid=0"));
	EXPECT_TRUE(SHOWN_HELD(w, false, false, "pid=1"));
	EXPECT_TRUE(SHOWN_HELD(w, false, false, "pid=4194305-4294967295"));
	EXPECT_TRUE(SHOWN_HELD(w, false, h->pid > b && h->pid < d,
			       "pid>%d pid<%d", b, d));
	EXPECT_TRUE(SHOWN_HELD(w, false, h->pid >= b && h->pid <= d &&
					 h->pid != c,
			       "pid=%d-%d pid!=%d", b, d, c));
	EXPECT_TRUE(SHOWN_HELD(w, false, false, "pid=%d pid=%d", a, b));
	EXPECT_TRUE(SHOWN_HELD(w, false, h->pid == b,
			       "pid=%d,%d pid=%d,%d", a, b, b, c));
	EXPECT_TRUE(SHOWN_HELD(w, false, h->pid == c,
			       "pid=%d-%d pid=%d-%d", a, c, c, d));
	EXPECT_TRUE(world_refuses(w, "pid=4294967296"));
	EXPECT_TRUE(world_refuses(w, "pid<0"));
	EXPECT_TRUE(world_refuses(w, "pid=self"));
	EXPECT_TRUE(world_refuses(w, "pid=%d-%d", b, a));
}

/* Names: keeper, web, "web worker", and one of odd characters. */
TEST_F(owner, comm)
{
	static const struct { const char *pattern; unsigned int bits; } c[] = {
		{ "web", WEB }, { "we", 0 }, { "webb", 0 }, { "Web", 0 },
		{ "keeper", KEEPER }, { "keeper,web", KEEPER | WEB },
		{ "*", ALL_HANDS }, { "**", ALL_HANDS }, { "?", 0 },
		{ "web*", WEB | WORKER }, { "*web", WEB }, { "*b", WEB },
		{ "*e*", KEEPER | WEB | WORKER }, { "*er", KEEPER | WORKER },
		{ "*e*e*", KEEPER | WORKER }, { "*e*e*e*", KEEPER },
		{ "???", WEB }, { "???*", ALL_HANDS }, { "??????", KEEPER },
		{ "w[a-f]b", WEB }, { "w[!a-f]b", 0 }, { "w[^x]b", WEB },
		{ "[k-w]*", KEEPER | WEB | WORKER }, { "[kd]*", KEEPER | DB },
		{ "[!k]*", WEB | WORKER | DB }, { "[!kd]*", WEB | WORKER },
		{ "web\\040worker", WORKER }, { "web?worker", WORKER },
		{ "web[\\040-9]worker", WORKER }, { "*[\\040]*", WORKER },
		{ "\\167eb", WEB }, { "w\\eb", WEB }, { "\\web", WEB },
		{ "db*", DB }, { "db\\[1]\\*\\\\\\,-+9", DB },
		{ "db[[]1[]][*]\\134\\,-+9", DB }, { "*\\,*", DB },
		{ "*[*]*", DB }, { "*\\*", 0 }, { "*[\\\\]*", DB },
		{ "*[]]*", DB }, { "*[+-]9", DB }, { "*[!]]*", ALL_HANDS },
		{ "*-+9", DB }, { "db[1]*", 0 }, { "db?1*", DB },
		{ "x*,y*", 0 }, { "w*,db*,x", WEB | WORKER | DB },
	};

	for (int i = 0; i < COUNT(c); i++) {
		EXPECT_TRUE(SHOWN_HELD(&self->w, false, among(h, c[i].bits),
				       "comm=%s", c[i].pattern));
		EXPECT_TRUE(SHOWN_HELD(&self->w, true, !among(h, c[i].bits),
				       "comm!=%s", c[i].pattern));
	}
}

TEST_F(owner, comm_nonsense)
{
	static const char *const bad[] = {
		"=", "=a,", "=,a", "=[", "=[a", "=a[b-", "=[]", "=[!]",
		"=[z-a]", "=\\", "=a\\", "=[\\", "<a", ">=a", "!a", "",
		"=web[,]",	/* a comma ends a pattern, in brackets too */
	};
	char text[600] = "comm=";

	for (int i = 0; i < COUNT(bad); i++)
		EXPECT_TRUE(world_refuses(&self->w, "comm%s", bad[i]));

	/* As much of patterns as there may be, and a byte more. */
	memset(text + 5, '*', 256);
	EXPECT_TRUE(SHOWN_HELD(&self->w, false, true, "%s", text));
	EXPECT_TRUE(world_refuses(&self->w, "%s*", text));
	EXPECT_TRUE(world_refuses(&self->w, "%s comm!=a", text));
}

/* One and the same process must pass all words. */
TEST_F(owner, pid_and_comm)
{
	struct world *w = &self->w;

	for (int i = 0; i < w->holders; i++) {
		int p = w->holder[i].pid;

		EXPECT_TRUE(SHOWN_HELD(w, false,
				       h->pid == p && h->bit == WEB,
				       "pid=%d comm=web", p));
		EXPECT_TRUE(SHOWN_HELD(w, false,
				       h->pid == p && !among(h, WEB | WORKER),
				       "comm!=web* pid=%d", p));
		EXPECT_TRUE(SHOWN_HELD(w, false, h->pid != p && h->bit == WEB,
				       "comm=web pid!=%d", p));
		EXPECT_TRUE(SHOWN_HELD(w, true,
				       h->pid != p && !among(h, DB | WEB),
				       "comm!=web pid!=%d comm!=db*", p));
	}
	EXPECT_TRUE(SHOWN_HELD(w, false, h->bit == WORKER,
			       "comm=web* comm=*worker"));
	EXPECT_TRUE(SHOWN_HELD(w, false, false, "comm=web comm=keeper"));
}

TEST_F(owner, any_or_none)
{
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN(w, s->holders, "owner=any"));
	EXPECT_TRUE(SHOWN(w, !s->holders, "owner=none"));
	EXPECT_TRUE(SHOWN(w, s->holders, "owner!=none"));
	EXPECT_TRUE(SHOWN(w, !s->holders, "owner!=ANY"));
	EXPECT_TRUE(SHOWN(w, true, "owner=any,none"));
	EXPECT_TRUE(SHOWN_ANY(w, s->holders, "owner=any proto=tcp,udp,raw,udpl"));
	EXPECT_TRUE(SHOWN(w, !s->holders && *s->is.row.state,
			  "owner=none state!=dgram"));
	EXPECT_TRUE(SHOWN(w, !s->holders && s->is.row.inode,
			  "owner=none inode>0"));
	EXPECT_TRUE(world_refuses(w, "owner!=any,none"));
	EXPECT_TRUE(world_refuses(w, "owner=any owner=none"));
	EXPECT_TRUE(world_refuses(w, "owner=root"));
	EXPECT_TRUE(world_refuses(w, "owner>none"));

	/* With words about processes. */
	EXPECT_TRUE(SHOWN_HELD(w, true, false, "owner=none comm!=web"));
	EXPECT_TRUE(SHOWN_HELD(w, false, h->bit != WEB,
			       "owner=any comm!=web"));
	EXPECT_TRUE(SHOWN_HELD(w, false, h->bit == WEB,
			       "owner=any comm=web"));
	EXPECT_TRUE(SHOWN_HELD(w, false, false, "owner=none comm=*"));
	EXPECT_TRUE(SHOWN_HELD(w, false, false, "owner=none pid>0"));
}

/* The column need not be there for the words to hold. */
TEST_F(owner, without_the_column)
{
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN_AS(w, 0, made_usual(s) && s->holders & WEB,
			     "comm=web show=none"));
	EXPECT_TRUE(SHOWN_AS(w, SHOW_USER, made_usual(s) && s->holders & DB,
			     "show=user pid=%d", w->holder[3].pid));
	EXPECT_TRUE(SHOWN_AS(w, SHOW_TIMER, made_usual(s) && !s->holders,
			     "owner=none show=timer"));
	EXPECT_TRUE(SHOWN_AS(w, SHOW_TIMER, made_usual(s) &&
					    s->holders != WEB,
			     "show=timer comm!=web"));
}

/* With words about the socket. */
TEST_F(owner, joined)
{
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN_AS(w, 0, s->holders & WEB &&
				   !strcmp(s->is.row.proto, "raw"),
			     "show=none proto=raw4 comm=web"));
	EXPECT_TRUE(SHOWN_AS(w, 0, s->holders & KEEPER &&
				   !strcmp(s->is.row.state, "LISTEN"),
			     "state=listen show=none pid=%d",
			     w->holder[0].pid));
	/* Whose a request is, its listener tells; nobody has a TIME_WAIT. */
	EXPECT_TRUE(SHOWN_AS(w, 0, s->holders & WORKER &&
				   !strcmp(s->is.row.state, "SYN_RECV"),
			     "show=none state=syn_recv comm=*worker"));
	EXPECT_TRUE(SHOWN(w, !strcmp(s->is.row.state, "TIME_WAIT"),
			  "state=time_wait owner=none"));
}

/* It is the name at the time of the read. */
TEST_F(owner, renamed)
{
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN_HELD(w, false, h->bit == KEEPER, "comm=keeper"));
	ASSERT_EQ(0, prctl(PR_SET_NAME, "other"));
	EXPECT_TRUE(SHOWN_HELD(w, false, false, "comm=keeper"));
	w->holder[0].shown = "other";
	EXPECT_TRUE(SHOWN_HELD(w, false, h->bit == KEEPER, "comm=other"));
}

/* Many hold one socket: the row counts those that pass. */

#define MANY	40

FIXTURE(many)
{
	struct child child[MANY];	/* in order of their pids */
	char comm[16];
	int fd;
};

FIXTURE_SETUP(many)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	int sock, again;

	ASSERT_EQ(0, netns_new());
	sock = sock_bound(SOCK_DGRAM, &at);
	ASSERT_LE(0, sock);
	again = dup(sock);	/* counts once */
	ASSERT_LE(0, again);
	for (int i = 0; i < MANY; i++)
		ASSERT_EQ(0, child_holding(&self->child[i]));
	qsort(self->child, MANY, sizeof(*self->child), compare_pids);
	close(sock);
	close(again);
	prctl(PR_GET_NAME, self->comm);
	self->fd = open(NETSTATE, O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(many)
{
	for (int i = 0; i < MANY; i++)
		child_kill(&self->child[i]);
}

/* The one row that this filter leaves is @pid's, and @more others'. */
static bool names(FIXTURE_DATA(many) *self, const char *filter, int pid,
		  int more)
{
	char want[PROG_MAX], got[PROG_MAX] = "?";
	size_t len = strlen(filter);
	struct table t;

	owner_text(pid, self->comm, more, want);
	if (write(self->fd, filter, len) == (ssize_t)len &&
	    !table_read_fd(&t, self->fd)) {
		if (t.n == 1)
			strcpy(got, t.rows[0].prog);
		table_free(&t);
	}
	if (!strcmp(got, want))
		return true;
	note("'%s': '%s', not '%s'", filter, got, want);
	return false;
}

TEST_F(many, counted)
{
	const struct child *c = self->child;
	char text[64];

	EXPECT_TRUE(names(self, "\n", c[0].pid, MANY - 1));
	for (int i = 0; i < MANY; i++) {
		sprintf(text, "pid>=%d", c[i].pid);
		EXPECT_TRUE(names(self, text, c[i].pid, MANY - 1 - i));
		sprintf(text, "pid<=%d", c[i].pid);
		EXPECT_TRUE(names(self, text, c[0].pid, i));
		sprintf(text, "pid!=%d", c[i].pid);
		EXPECT_TRUE(names(self, text, c[i ? 0 : 1].pid, MANY - 2));
		sprintf(text, "pid=%d", c[i].pid);
		EXPECT_TRUE(names(self, text, c[i].pid, 0));
	}
	sprintf(text, "pid=%d,%d", c[7].pid, c[3].pid);
	EXPECT_TRUE(names(self, text, c[3].pid, 1));
	sprintf(text, "pid=%d-%d pid!=%d", c[5].pid, c[15].pid, c[5].pid);
	EXPECT_TRUE(names(self, text, c[6].pid, 9));
}

/*
 * To who may not see a holder there is none: no filter finds out more than
 * the rows tell.
 */

#define USER	1000

struct errand {
	int hidden, own;	/* pids */
	int fd;			/* the hidden one's */
};

static int rows(int fd, const char *filter)
{
	struct table t;
	int n = -1;

	if (write(fd, filter, strlen(filter)) != (ssize_t)strlen(filter)) {
		note("'%s': %m", filter);
		return -1;
	}
	if (table_read_fd(&t, fd))
		note("%s", t.error);
	else
		n = t.n;
	table_free(&t);
	return n;
}

static int holds_as_user(int line, void *arg)
{
	union addr at = addr_of(V4, "127.0.0.1", 7002);

	if (become(USER, USER, -1) || dumpable(true) ||
	    sock_bound(SOCK_DGRAM, &at) < 0)
		return 1;
	prctl(PR_SET_NAME, "mine");
	line_tell(line, 0);
	line_wait(line);
	return 0;
}

/* Rows: a hidden one's, and one of the user's own. */
static int looks_as_user(int line, void *arg)
{
	struct errand *e = arg;
	int fd, failed = 0;
	char text[64];
	const struct {
		const char *words;
		int pid, rows;
	} looks[] = {
		{ "pid=", e->hidden, 0 },
		{ "pid=", e->own, 1 },
		{ "pid!=", e->hidden, 2 },
		{ "pid!=", e->own, 1 },
		{ "pid>0", 0, 1 },
		{ "comm=keeper", 0, 0 },
		{ "comm=mine", 0, 1 },
		{ "comm!=keeper", 0, 2 },
		{ "comm!=mine", 0, 1 },
		{ "owner=none", 0, 1 },
		{ "owner=none lport=7001", 0, 1 },
		{ "owner=any lport=7001", 0, 0 },
		{ "owner=any lport=7002", 0, 1 },
	};

	close(e->fd);
	if (become(USER, USER, -1))
		return 1;
	fd = open(NETSTATE, O_RDWR);
	for (int i = 0; i < COUNT(looks); i++) {
		int n;

		sprintf(text, "%s%.0d", looks[i].words, looks[i].pid);
		n = rows(fd, text);
		if (n == looks[i].rows)
			continue;
		note("'%s': %d rows, not %d", text, n, looks[i].rows);
		failed++;
	}
	return failed ? 2 : 0;
}

TEST(hidden)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	struct child own, looker;
	struct errand e;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, child_start(&own, holds_as_user, NULL));
	ASSERT_TRUE(line_hear(own.line, NULL));
	e.fd = sock_bound(SOCK_DGRAM, &at);
	ASSERT_LE(0, e.fd);
	ASSERT_EQ(0, prctl(PR_SET_NAME, "keeper"));
	e.hidden = getpid();
	e.own = own.pid;
	ASSERT_EQ(0, child_start(&looker, looks_as_user, &e));
	EXPECT_EQ(0, child_end(&looker));
	child_kill(&own);
}

TEST_HARNESS_MAIN
