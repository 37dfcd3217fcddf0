// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets and namespaces, made by a user without privilege to keep a read of
 * somebody else's busy, or from ending: namespaces that die in its midst, inode
 * numbers that were picked, long chains in motion.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/attacker.h"
#include "lib/calls.h"
#include "lib/churner.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/peer.h"
#include "lib/reading.h"
#include "lib/table.h"
#include "lib/trace.h"
#include "lib/witness.h"

#define ROOM		(8 << 20)

/* The number of this process's network namespace. */
static unsigned int netns_number(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

/* " total=" of line 1; -1. */
static long total_of(const struct reading *r)
{
	const char *total = strstr(r->text, " total=");

	return total ? atol(total + strlen(" total=")) : -1;
}

static long lines_of(const struct reading *r)
{
	long lines = 0;

	for (const char *c = r->text; (c = strchr(c, '\n')); c++)
		lines++;
	return lines;
}

/*
 * A namespace that dies between the walk of the tables and the rows' last look: its
 * rows are forgotten, and are far more than those that are left.
 */
#define FORGOTTEN	64

static int listen_in_userns(int line, void *arg)
{
	long n = *(long *)arg;

	if (as_attacker_in_userns() || unshare(CLONE_NEWNET))
		return 1;
	for (int i = 0; i < n; i++) {
		union addr at = addr_of(V4, "0.0.0.0", 10000 + i);

		if (sock_listen(&at, 1) < 0)
			return 2;
	}
	line_tell(line, netns_number());
	line_wait(line);
	return 0;
}

struct pile {
	long files, tasks;
};

/* Descriptors that a walk over processes has to look at. */
static int pile_up(int line, void *arg)
{
	struct pile *pile = arg;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	long n;

	signal(SIGCHLD, SIG_IGN);
	if (as_attacker())
		return 1;
	for (n = 0; n < pile->files; n++)
		if (dup(fd) < 0)
			return 2;
	for (n = 0; n < pile->tasks; n++) {
		pid_t pid = fork();

		if (pid < 0)
			return 3;
		while (!pid)
			pause();
	}
	line_tell(line, n);
	line_wait(line);
	return 0;
}

/* Lines whose last column is this number. */
static long rows_in(const struct reading *r, long long number)
{
	char column[24];
	long n = 0;

	snprintf(column, sizeof(column), " %lld\n", number);
	for (const char *c = r->text; (c = strstr(c, column)); c++)
		n++;
	return n;
}

FIXTURE(forgotten)
{
};

/* By name, or with all that there are. */
FIXTURE_VARIANT(forgotten)
{
	bool all;
};

FIXTURE_VARIANT_ADD(forgotten, named)
{
	.all = false,
};

FIXTURE_VARIANT_ADD(forgotten, all)
{
	.all = true,
};

FIXTURE_SETUP(forgotten)
{
}

FIXTURE_TEARDOWN(forgotten)
{
	calls_stop();
}

TEST_F(forgotten, rows)
{
	static const char *const counted[] = { LOOKS, "__put_net" };
	struct pile pile = {
		.files = 1500, .tasks = size_of("ADVERSARY_PILE", 60),
	};
	long long many = FORGOTTEN, one = 1, dies, stays, n, total;
	long before[2], now[2];
	bool made = false;
	struct child piled, a, b;
	struct reading r;
	char nets[64], filter[128];

	if (!calls_possible())
		SKIP(return, "no kprobe events in this kernel");
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(pile.files + 200));
	ASSERT_EQ(0, attack_start(&piled, pile_up, &pile));
	ASSERT_TRUE(line_hear(piled.line, &n));
	ASSERT_EQ(pile.tasks, n);
	ASSERT_EQ(n, witness_children(piled.pid));
	ASSERT_LE(pile.files, witness_files(piled.pid, piled.pid));
	total = n * pile.files;
	ASSERT_EQ(0, child_start(&b, listen_in_userns, &one));
	ASSERT_TRUE(line_hear(b.line, &stays));
	ASSERT_TRUE(calls_start(counted, 2));

	/* It took if it died while files were looked at for the first time. */
	for (int i = 0; i < 10 && !made; i++) {
		ASSERT_EQ(0, child_start(&a, listen_in_userns, &many));
		ASSERT_TRUE(line_hear(a.line, &dies));
		ASSERT_EQ(many, witness_lines(a.pid, "tcp"));
		if (variant->all)
			snprintf(nets, sizeof(nets), "all");
		else
			snprintf(nets, sizeof(nets), "%lld,%lld", dies, stays);
		snprintf(filter, sizeof(filter), "netns=%s proto=tcp state=listen,close", nets);
		ASSERT_TRUE(calls_so_far(before));
		ASSERT_EQ(0, reading_start(&r, NETSTATE, filter, NULL, ROOM));
		while (calls_first() - before[0] < pile.files && !reading_ended(&r, 1))
			;
		child_kill(&a);
		do {
			ASSERT_TRUE(calls_so_far(now));
			if (now[1] > before[1] && now[0] - before[0] < total)
				made = true;
		} while (!made && now[0] - before[0] < total && !reading_ended(&r, 1));
		note("namespace gone after %ld looks of %lld", now[0] - before[0], total);
		/* Without an end, it does not end even when it is killed. */
		ASSERT_LT(0, reading_end(&r));
		/* It may have died when all had been looked at. */
		if (made)
			EXPECT_EQ(0, rows_in(&r, dies));
		EXPECT_EQ(1, rows_in(&r, stays));
		EXPECT_EQ(total_of(&r) + 2, lines_of(&r));
		if (made && !variant->all)
			EXPECT_EQ(1, total_of(&r));
		reading_free(&r);
	}
	EXPECT_TRUE(made);
	child_kill(&b);
	child_kill(&piled);
}

/*
 * Inode numbers that were picked: a socket whose number does not suit is closed
 * again. Those that are kept have one place in a table that takes the highest bits
 * of a product, as hash_32() does.
 */
#define GOLDEN		0x61C88647u
#define PICK_BITS	3

struct picks {
	long sockets, tasks;
	bool pick;
	int shift;		/* numbers that are alike by so many bits are one */
	bool bound;
};

static bool suits(const struct picks *p, unsigned int inode)
{
	return (inode >> p->shift) * GOLDEN >> (32 - PICK_BITS) == 0;
}

static int pick_sockets(int line, void *arg)
{
	struct picks *p = arg;
	long kept = 0, suited = 0;

	signal(SIGCHLD, SIG_IGN);
	if (as_attacker())
		return 1;
	while (kept < p->sockets) {
		union addr at = addr_of(V4, "127.0.0.1", 0);
		int fd = socket(AF_INET, p->bound ? SOCK_DGRAM : SOCK_STREAM, 0);
		bool suit = suits(p, sock_inode(fd));

		if (fd < 0)
			return 2;
		if (p->pick && !suit) {
			close(fd);
			continue;
		}
		at.in.sin_port = htons(10000 + kept);
		if (p->bound && bind(fd, &at.sa, sizeof(at.in)))
			return 3;
		kept++;
		suited += suit;
	}
	for (long n = 0; n < p->tasks; n++) {
		pid_t pid = fork();

		if (pid < 0)
			return 3;
		while (!pid)
			pause();
	}
	line_tell(line, suited);
	line_wait(line);
	return 0;
}

struct timing {
	const char *filter;
	long enough;		/* us: then there is no need for a lesser one */
	int reads;		/* at most */
};

/*
 * The CPU's time for a read, in us: the least of some. What others take of an emulated
 * CPU is in it.
 */
static int time_it(int line, void *arg)
{
	const struct timing *t = arg;
	long least = -1;

	for (int i = 0; i < t->reads && (least < 0 || least > t->enough); i++) {
		struct timespec from, to;
		int fd = open(NETSTATE, O_RDWR);
		long us;

		if (fd < 0 || write(fd, t->filter, strlen(t->filter)) < 0)
			return 1;
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
		free(fd_read(fd, NULL));
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
		close(fd);
		us = (to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000;
		if (least < 0 || us < least)
			least = us;
	}
	line_tell(line, least);
	return 0;
}

FIXTURE(picked)
{
	struct picks picks;
};

FIXTURE_VARIANT(picked)
{
	bool bound;
	int shift;
	const char *filter;
};

/* The table of owners, and the set of sockets that are in no table. */
FIXTURE_VARIANT_ADD(picked, owners)
{
	.bound = true,
	.shift = 3,
	.filter = "proto=udp",
};

FIXTURE_VARIANT_ADD(picked, unhashed)
{
	.bound = false,
	.shift = 0,
	.filter = "state=close",
};

FIXTURE_SETUP(picked)
{
	self->picks = (struct picks){
		.sockets = size_of("ADVERSARY_SOCKETS", 3000), .tasks = 10,
		.bound = variant->bound, .shift = variant->shift,
	};
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(self->picks.sockets + 200));
}

FIXTURE_TEARDOWN(picked)
{
}

/*
 * There is no work to be counted here but the steps in a table. So it is a ratio of the
 * CPU's time, with room: the aim is twice, and without a seed it is 10 times and more.
 */
TEST_F(picked, cost_no_more)
{
	struct timing timing = { .filter = variant->filter };
	long long us[2], suited;

	for (int pick = 0; pick < 2; pick++) {
		struct child attacker, reader;

		self->picks.pick = pick;
		ASSERT_EQ(0, attack_start(&attacker, pick_sockets, &self->picks));
		ASSERT_TRUE(line_hear(attacker.line, &suited));
		ASSERT_EQ(self->picks.tasks, witness_children(attacker.pid));
		ASSERT_LE(self->picks.sockets, witness_files(attacker.pid, attacker.pid));
		/* By chance it is an eighth. */
		ASSERT_EQ(pick, suited == self->picks.sockets);
		/* Some kernels count it in ticks of 10 ms. */
		timing.enough = pick ? 4 * us[0] + 2 * 10000 : 0;
		timing.reads = pick ? 40 : 3;
		ASSERT_EQ(0, child_start(&reader, time_it, &timing));
		ASSERT_TRUE(line_hear(reader.line, &us[pick]));
		child_end(&reader);
		child_kill(&attacker);
	}
	note("%lld us beside any numbers, %lld us beside picked ones", us[0], us[1]);
	EXPECT_GE(timing.enough, us[1]);
}

/*
 * A long chain in motion.  Who walks it and rests in its midst stands on one socket, at
 * a place that is known: the sockets there are closed.  Of a TCP chain the head moves.
 */
#define REST_AFTER	256	/* sockets, as the module does */
#define AROUND		1

struct motion {
	bool tcp;
	long sockets;
	atomic_long *moves;
	atomic_bool *rest;	/* no more of them */
	int *fd;		/* in the order of the chain, the head last */
	long n;
};

/* All are in one chain: a table of one bucket, or one port. */
static int member(const struct motion *m, unsigned int i)
{
	union addr at = addr_of(V4, "127.0.0.1", m->tcp ? 10000 + i % 20000 : 5353);
	union addr to = addr_of(V4, "127.9.9.9", 80);
	int fd = socket(AF_INET, m->tcp ? SOCK_STREAM : SOCK_DGRAM, 0), one = 1;

	at.in.sin_addr.s_addr = htonl(0x7f010101 + (m->tcp ? i / 20000 : i));
	if (fd < 0 || bind(fd, &at.sa, sizeof(at.in)))
		return -1;
	/* Established at once, without a peer. */
	if (m->tcp && (setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one)) ||
		       connect(fd, &to.sa, sizeof(to.in))))
		return -1;
	return fd;
}

static bool lengthen(struct motion *m)
{
	static unsigned int next;
	int fd = member(m, next++ % 1000000);

	if (fd < 0)
		return false;
	m->fd[m->n++] = fd;
	return true;
}

/* Where a walk may rest, that many sockets from the head. */
static void move_around(struct motion *m, long place)
{
	long from = m->n - place - AROUND;

	if (from < 0 || place <= AROUND)
		return;
	for (int i = 0; i < 2 * AROUND; i++)
		close(m->fd[from + i]);
	memmove(&m->fd[from], &m->fd[from + 2 * AROUND],
		(m->n - from - 2 * AROUND) * sizeof(*m->fd));
	m->n -= 2 * AROUND;
}

/* Tables of one bucket are for the children of a namespace that is told so. */
static int own_table(void)
{
	return netns_new() ?:
	       file_write("/proc/sys/net/ipv4/tcp_child_ehash_entries", "1") ?:
	       netns_new();
}

/* Where a walk may be, the end first.  Nothing new: that would shift its place. */
static bool sweep(struct motion *m)
{
	for (long place = m->n / REST_AFTER * REST_AFTER; place; place -= REST_AFTER)
		move_around(m, place);
	return m->n > m->sockets / 2;
}

static bool renew_head(struct motion *m)
{
	close(m->fd[--m->n]);
	return lengthen(m);
}

/* In motion from each word that it hears until it is to rest; then says so. */
static int keep_in_motion(int line, void *arg)
{
	struct motion *m = arg;
	int err = as_attacker_in_userns() ?: m->tcp ? own_table() : netns_new();

	m->fd = calloc(m->sockets + 1, sizeof(*m->fd));
	while (!err && m->n < m->sockets)
		err = lengthen(m) ? 0 : -errno;
	line_tell(line, err == -ENOENT ? 0 : err ?: (long long)netns_number());
	while (!err && line_hear(line, NULL)) {
		while (!atomic_load(m->rest) && (m->tcp ? renew_head(m) : sweep(m)))
			atomic_fetch_add(m->moves, 1);
		while (!err && m->n < m->sockets)
			err = lengthen(m) ? 0 : -errno;
		line_tell(line, err);
	}
	return 1;
}

/*
 * Of what a process did: how many pages of records, at most, were begun between the
 * two calls; none without a trace.
 */
static long pages_between(char *text, const char *begin, const char *end, long *all)
{
	long most = 0, pages = 0;
	bool inside = false;
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		if (strstr(line, begin)) {
			inside = true;
			pages = 0;
		} else if (strstr(line, end)) {
			inside = false;
		} else if (strstr(line, ": nst_rows_turn_page:")) {
			++*all;
			if (inside && ++pages > most)
				most = pages;
		}
	}
	return most;
}

/* No hold visits more sockets than these. A page holds 56 of them, and two may be begun. */
#define HOLD_MAX	256
#define ON_A_PAGE	56
#define PAGES_IN_HOLD	(HOLD_MAX / ON_A_PAGE + 2)
/* How often all of a chain are visited, with those tries that end for want of room. */
#define VISITS_MAX	4

static const char *const holds_counted[] = {
	"nst_rows_turn_page", "_raw_spin_lock_bh", "_raw_spin_unlock_bh",
};

FIXTURE(chain)
{
	struct motion m;
	struct child attacker;
};

FIXTURE_VARIANT(chain)
{
	bool tcp;
	long sockets;
};

FIXTURE_VARIANT_ADD(chain, udp)
{
	.tcp = false,
	.sockets = 16000,
};

/* Each connect() looks at the whole chain: fewer of them. */
FIXTURE_VARIANT_ADD(chain, tcp)
{
	.tcp = true,
	.sockets = 1000,
};

/* Whoever takes the lock of a chain on a kernel that is preempted everywhere calls another. */
static bool locks_are_seen(void)
{
	struct utsname u;

	return !uname(&u) && !strstr(u.version, "PREEMPT_RT");
}

FIXTURE_SETUP(chain)
{
	struct motion *m = &self->m;

	m->tcp = variant->tcp;
	m->sockets = size_of("ADVERSARY_CHAIN", variant->sockets);
	m->moves = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, m->moves);
	m->rest = (atomic_bool *)(m->moves + 1);
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(m->sockets + 200));
	/* Who rests has to wait for its turn: an attacker would be busy on all CPUs. */
	if (!m->tcp)
		stay_on(0);
}

FIXTURE_TEARDOWN(chain)
{
	child_kill(&self->attacker);
	munmap(self->m.moves, 4096);
	calls_stop();
}

TEST_F(chain, in_motion)
{
	long long number, most = 0, sockets = self->m.sockets;
	bool counts = calls_start(holds_counted, 3);
	char filter[64];

	if (!counts)
		note("no kprobe events in this kernel: holds are not measured");
	ASSERT_EQ(0, child_start(&self->attacker, keep_in_motion, &self->m));
	ASSERT_TRUE(line_hear(self->attacker.line, &number));
	if (!number)
		SKIP(return, "no TCP tables of one's own in this kernel");
	ASSERT_LT(0, number);
	ASSERT_EQ(sockets, witness_lines(self->attacker.pid, self->m.tcp ? "tcp" : "udp"));

	snprintf(filter, sizeof(filter), "netns=%lld show=none", number);
	for (int i = 0; i < 3; i++) {
		long before = atomic_load(self->m.moves), lines = 0, total, pages, all = 0, moves;
		int fd = open(NETSTATE, O_RDWR);
		char *text, *trace;

		ASSERT_LT(0, write(fd, filter, strlen(filter)));
		if (counts)
			ASSERT_TRUE(trace_start("netstate_work", getpid()));
		atomic_store(self->m.rest, false);
		ASSERT_TRUE(line_tell(self->attacker.line, 0));
		ASSERT_TRUE(POLL(atomic_load(self->m.moves) > before));
		/* As if the attacker had many processes. */
		setpriority(PRIO_PROCESS, 0, 10);
		text = fd_read(fd, NULL);
		setpriority(PRIO_PROCESS, 0, 0);
		moves = atomic_load(self->m.moves) - before;
		atomic_store(self->m.rest, true);
		trace = counts ? trace_stop("netstate_work") : NULL;
		ASSERT_TRUE(line_hear(self->attacker.line, NULL));
		ASSERT_NE(NULL, text) {
			note("%m");
		}
		close(fd);
		/*
		 * All that stood still, or it says that it lacks some. A sweep begins with more
		 * than half of them, and closes some.
		 */
		total = atol(strstr(text, " total=") + strlen(" total="));
		EXPECT_TRUE(total >= sockets / 2 - 2 * AROUND * (sockets / REST_AFTER) ||
			    strstr(text, " incomplete=")) {
			note("%ld sockets", total);
		}
		for (const char *c = text; (c = strchr(c, '\n')); c++)
			lines++;
		EXPECT_EQ(total + 2, lines);

		ASSERT_EQ(counts, trace != NULL);
		pages = pages_between(trace, ": _raw_spin_lock_bh:", ": _raw_spin_unlock_bh:",
				      &all);
		if (pages > most)
			most = pages;
		note("%ld sockets beside %ld moves: %ld pages, %ld of them in one hold%s",
		     total, moves, all, pages,
		     strstr(text, " incomplete=") ? ", incomplete" : "");
		EXPECT_GE(VISITS_MAX * (sockets / ON_A_PAGE + 2), all);
		free(trace);
		free(text);
	}
	EXPECT_GE(PAGES_IN_HOLD, most);
	/* Longer than one section: it was walked under its lock, a step after the other. */
	if (counts && locks_are_seen())
		EXPECT_LT(0, most);
}

/*
 * A short chain of connections: at rest it is walked without its lock. While its head moves it
 * may be left after some tries, and walked under its lock: whole in any case.
 */
#define SHORT		24	/* fewer than are too many to be told apart, or for a section */
#define SHORT_READS	10
#define VALUES		60	/* of the filter, which are all compared with each */

FIXTURE(short_chain)
{
	struct motion m;
	struct child attacker;
	int fd;
};

FIXTURE_SETUP(short_chain)
{
	struct motion *m = &self->m;

	m->tcp = true;
	m->sockets = SHORT;
	m->moves = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, m->moves);
	m->rest = (atomic_bool *)(m->moves + 1);
	ASSERT_EQ(0, netns_new());
}

FIXTURE_TEARDOWN(short_chain)
{
	child_kill(&self->attacker);
	munmap(self->m.moves, 4096);
	close(self->fd);
	calls_stop();
}

/* How often the reader took a lock by this function; its line 1 in @line. */
static long locks_of_read(int fd, const char *lock, char *line, size_t size)
{
	char *text, *trace, *at, called[64];
	long locks = 0;

	sprintf(called, ": %s:", lock);
	if (!trace_start("netstate_work", getpid()))
		return -1;
	text = fd_read(fd, NULL);
	at = trace = trace_stop("netstate_work");
	if (!text || !trace)
		return -1;
	snprintf(line, size, "%.*s", (int)strcspn(text, "\n"), text);
	for (; (at = strstr(at, called)); at++)
		locks++;
	free(trace);
	free(text);
	return lseek(fd, 0, SEEK_SET) ? -1 : locks;
}

TEST_F(short_chain, no_lock_at_rest)
{
	static const char *const counted[] = { "_raw_spin_lock_bh" };
	char filter[512], line[600];
	long long number, locks, most = 0;
	int len;

	if (!locks_are_seen() || !calls_start(counted, 1))
		SKIP(return, "no kprobe events in this kernel, or it has other locks");
	ASSERT_EQ(0, child_start(&self->attacker, keep_in_motion, &self->m));
	ASSERT_TRUE(line_hear(self->attacker.line, &number));
	if (!number)
		SKIP(return, "no TCP tables of one's own in this kernel");
	ASSERT_LT(0, number);
	ASSERT_EQ(SHORT, witness_lines(self->attacker.pid, "tcp"));
	len = sprintf(filter, "netns=%lld proto=tcp4 show=none lport!=1", number);
	for (int i = 1; i < VALUES; i++)
		len += sprintf(filter + len, ",%d", i + 1);
	self->fd = open(NETSTATE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_LT(0, write(self->fd, filter, strlen(filter))) {
		note("%m: %s", filter);
	}

	/* The first of all takes memory that the next ones find at hand. */
	ASSERT_LE(0, locks_of_read(self->fd, counted[0], line, sizeof(line)));
	for (int i = 0; i < SHORT_READS; i++) {
		EXPECT_EQ(0, locks_of_read(self->fd, counted[0], line, sizeof(line)));
		EXPECT_NE(NULL, strstr(line, " total=24"));
	}
	ASSERT_TRUE(line_tell(self->attacker.line, 0));
	ASSERT_TRUE(POLL(atomic_load(self->m.moves) > 0));
	for (int i = 0; i < 10 * SHORT_READS; i++) {
		locks = locks_of_read(self->fd, counted[0], line, sizeof(line));
		ASSERT_LE(0, locks);
		EXPECT_EQ(NULL, strstr(line, " incomplete=")) {
			note("%s", line);
		}
		most = locks > most ? locks : most;
	}
	note("%lld locks in a read, beside %ld moves", most, atomic_load(self->m.moves));
}

/*
 * Raw sockets of one protocol are in one chain, and before Linux 6.0 one lock of the kernel's
 * own protects all of them, also from who only reads. Root of a user namespace makes as many
 * as it likes; whoever opens another one waits.
 */
#define RAW_SOCKETS	3000

static int make_raw(int line, void *arg)
{
	int n = 0;

	if (files_allow(RAW_SOCKETS + 100) || as_attacker_in_userns() || netns_new())
		return 1;
	while (n < RAW_SOCKETS && socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0)
		n++;
	line_tell(line, n);
	line_wait(line);
	return 0;
}

TEST(raw_sockets)
{
	static const char *const counted[] = { "_raw_read_lock" };
	const char *const path[] = { NETSTATE, NETSTATE "_metrics" };
	long before[2], after;
	struct child attacker;
	struct utsname u;
	long long n;
	char line[600];
	int fd[2];

	if (uname(&u) || atoi(u.release) > 5)
		SKIP(return, "raw sockets are under RCU in this kernel");
	if (!calls_start(counted, 1))
		SKIP(return, "no kprobe events in this kernel");
	for (int i = 0; i < 2; i++) {
		fd[i] = open(path[i], i ? O_RDONLY : O_RDWR);
		ASSERT_LE(0, fd[i]);
		ASSERT_TRUE(i || write(fd[i], "proto=raw", 9) == 9);
		before[i] = locks_of_read(fd[i], counted[0], line, sizeof(line));
		ASSERT_LE(0, before[i]);
	}
	ASSERT_EQ(0, child_start(&attacker, make_raw, NULL));
	ASSERT_TRUE(line_hear(attacker.line, &n));
	ASSERT_EQ(RAW_SOCKETS, n);
	for (int i = 0; i < 2; i++) {
		after = locks_of_read(fd[i], counted[0], line, sizeof(line));
		note("%s: %ld holds, %ld without them", path[i], after, before[i]);
		EXPECT_LE(before[i] + RAW_SOCKETS / HOLD_MAX, after);
		close(fd[i]);
	}
	calls_stop();
	child_kill(&attacker);
}

/*
 * Connections whose addresses hash alike: of an IPv6 one, the kernel hashes only the last 32
 * bits of the local address. All are in one chain of the table that namespaces share, and
 * in states in which they do not keep their namespace. Behind them is an older connection.
 */
#define ALIKE		(2 * REST_AFTER + 100)	/* a walk cannot do without a rest */
#define ALIKE6		"2001:db8::"

static union addr alike(unsigned int i)
{
	union addr at = addr_of(V6, ALIKE6, 7001);

	at.in6.sin6_addr.s6_addr32[1] = htonl(i);
	return at;
}

/* The server's end of it is left in TIME_WAIT. */
static int leave_in_time_wait(int listener, const union addr *from, const union addr *to)
{
	int fd = sock_connect(SOCK_STREAM, from, to);
	int got = fd < 0 ? -1 : accept(listener, NULL, NULL);

	sock_end(got, fd);
	return got < 0 ? -EIO : 0;
}

#define SYN_RECV	3	/* as /proc/net/tcp6 has it */
#define TIME_WAIT	6

static int pile_up_alike(int line, void *arg)
{
	bool requests = *(unsigned int *)arg == SYN_RECV;
	union addr any = addr_of(V6, "::", 7001), from = addr_of(V6, PEER6, 7002);
	union addr first = alike(0);
	struct peer peer;
	struct talk talk;
	int err, l;

	err = as_attacker_in_userns() ?: netns_new() ?: netns_answer6(ALIKE6, 32);
	l = sock_listen(&any, 4096);
	if (!err && requests)
		err = peer_open(&peer, &from) ?: talk_connect(&talk, &peer, &first);
	else if (!err)
		err = sock_connect(SOCK_STREAM, &from, &first) < 0 ? -EIO : 0;
	if (!err && accept(l, NULL, NULL) < 0)
		err = -errno;
	for (unsigned int i = 1; !err && i <= ALIKE; i++) {
		union addr to = alike(i);

		err = requests ? talk_call(&talk, &peer, &to) : leave_in_time_wait(l, &from, &to);
	}
	line_tell(line, err ?: (long long)netns_number());
	line_wait(line);
	return 0;
}

/*
 * How many of these, in that state, the kernel's own walk meets, and how many before the
 * older connection.
 */
struct met {
	long all, before;
};

static struct met witness_alike(pid_t pid, unsigned int state)
{
	char path[32], *text, *rest, *line, where[ADDR_TEXT_MAX], hex[48];
	struct met met = { .before = -1 };
	unsigned int is;

	snprintf(path, sizeof(path), "/proc/%d/net/tcp6", pid);
	text = rest = file_read(path, NULL);
	while (text && (line = strsep(&rest, "\n"))) {
		if (sscanf(line, "%*d: %47s %*s %x", hex, &is) != 2 || !witness_addr(hex, where) ||
		    strncmp(where, "2001:db8:", strlen("2001:db8:")))
			continue;
		if (is == 1)
			met.before = met.all;
		met.all += is == state;
	}
	free(text);
	return met;
}

FIXTURE(alike)
{
	unsigned int state;
	struct child attacker;
};

FIXTURE_VARIANT(alike)
{
	unsigned int state;
	const char *shown;
};

FIXTURE_VARIANT_ADD(alike, time_wait)
{
	.state = TIME_WAIT,
	.shown = "TIME_WAIT",
};

FIXTURE_VARIANT_ADD(alike, requests)
{
	.state = SYN_RECV,
	.shown = "SYN_RECV",
};

FIXTURE_SETUP(alike)
{
	self->state = variant->state;
}

FIXTURE_TEARDOWN(alike)
{
	child_kill(&self->attacker);
}

TEST_F(alike, hide_nothing)
{
	char filter[64], local[ADDR_TEXT_MAX], state[STATE_MAX], *rest, *line;
	long long number, others = 0, older = 0;
	struct reading r;

	ASSERT_EQ(0, child_start(&self->attacker, pile_up_alike, &self->state));
	ASSERT_TRUE(line_hear(self->attacker.line, &number));
	ASSERT_LT(0, number) {
		note("%s", strerror(-number));
	}
	ASSERT_TRUE(POLL(witness_alike(self->attacker.pid, variant->state).all == ALIKE));
	if (witness_alike(self->attacker.pid, variant->state).before != ALIKE)
		SKIP(return, "this kernel hashes the whole address");

	snprintf(filter, sizeof(filter), "netns=%lld", number);
	ASSERT_LT(0, reading_whole(&r, NETSTATE, filter, NULL, ROOM));
	EXPECT_EQ(NULL, strstr(r.text, " incomplete="));
	for (rest = r.text; (line = strsep(&rest, "\n"));) {
		if (sscanf(line, "tcp6 %*s %*s %63s %*s %11s", local, state) != 2 ||
		    strncmp(local, "2001:db8:", strlen("2001:db8:")))
			continue;
		others += !strcmp(state, variant->shown);
		older += !strcmp(state, "ESTABLISHED");
	}
	reading_free(&r);
	EXPECT_EQ(ALIKE, others);
	EXPECT_EQ(1, older);
}

/* A read at an odd offset formats all that comes before: it can be killed. */
TEST(seek_far)
{
	static const char *const counted[] = { "nst_format_row" };
	long sockets = size_of("ADVERSARY_SOCKETS", 5000), before, len;
	struct reading r;
	int status;
	pid_t pid;
	char byte;

	if (!calls_possible())
		SKIP(return, "no kprobe events in this kernel");
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(sockets + 200));
	for (int i = 0; i < sockets; i++) {
		union addr at = addr_of(V4, "127.0.0.1", 10000 + i);

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	}
	ASSERT_EQ(sockets, witness_lines(getpid(), "udp"));
	ASSERT_TRUE(calls_start(counted, 1));
	/* The last byte of what the attacker gets. */
	len = reading_whole(&r, NETSTATE, NULL, as_attacker, 0);
	reading_free(&r);
	ASSERT_LT(sockets, len);
	before = calls_first();
	pid = fork();
	if (!pid) {
		if (as_attacker())
			_exit(1);
		pread(open(NETSTATE, O_RDONLY), &byte, 1, len - 1);
		_exit(0);
	}
	while (calls_first() - before < sockets / 10)
		ASSERT_EQ(0, waitpid(pid, &status, WNOHANG));
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	note("%ld rows formatted", calls_first() - before);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_GT(sockets * 9 / 10, calls_first() - before);
	calls_stop();
}

TEST_HARNESS_MAIN
