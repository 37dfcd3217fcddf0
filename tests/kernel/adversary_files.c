// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes, threads and their files, made by a user without privilege to keep
 * root's read busy: tables that many share, and processes that never end.
 *
 * Work is counted in files that are looked at.  Each test first counts, by /proc,
 * what it has made.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/attacker.h"
#include "lib/budget.h"
#include "lib/calls.h"
#include "lib/cgroup.h"
#include "lib/churner.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/reading.h"
#include "lib/table.h"

/* Further looks that others' files may cost: ours, and those of the machinery. */
#define SLACK		500
/* So many times as much as it should be is no end. */
#define NO_END		20
#define STACK		16384
#define ROOM		(1 << 16)

struct shape {
	long files, tasks;
	char *stacks;
};

static const char *const counted[] = { LOOKS };

static int quiet_udp(uint16_t port)
{
	union addr at = addr_of(V4, "127.0.0.1", port);

	return sock_bound(SOCK_DGRAM, &at);
}

/* So many descriptors of one socket. */
static bool open_files(long n)
{
	int fd = quiet_udp(7001);

	for (long i = 1; fd >= 0 && i < n; i++)
		if (dup(fd) < 0)
			return false;
	return fd >= 0;
}

static bool shape_make(struct shape *s)
{
	s->stacks = mmap(NULL, s->tasks * STACK, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return s->stacks != MAP_FAILED;
}

static int wait_for_ever(void *arg)
{
	for (;;)
		pause();
	return 0;
}

/* As many processes as clone() gives with these flags; they die with their parent. */
static long start_tasks(struct shape *s, int flags)
{
	long n = 0;

	while (n < s->tasks &&
	       clone(wait_for_ever, s->stacks + (n + 1) * STACK, flags, NULL) > 0)
		n++;
	return n;
}

/* The looks of root's read, which has to end; -errno. */
static long looks_of_read(const char *filter, long most, struct reading *r)
{
	long before = calls_first(), result;

	result = reading_start(r, NETSTATE, filter, NULL, ROOM);
	if (!result)
		result = reading_end_within(r, before, most);
	if (result < 0)
		return result;
	return calls_first() - before;
}

static const struct row *row_of_port(struct table *t, struct reading *r, const char *laddr)
{
	memset(t, 0, sizeof(*t));
	if (table_parse(t, strndup(r->text, *r->len), *r->len)) {
		note("%s", t->error);
		return NULL;
	}
	return table_find(t, "udp", laddr, NULL, NULL);
}

FIXTURE(files)
{
	struct shape shape;
	struct child attacker;
	struct reading r;
	long usual;
	long counts;		/* 1, or 0 where nothing can be counted */
};

FIXTURE_SETUP(files)
{
	ASSERT_EQ(0, netns_new());
	self->shape.files = size_of("ADVERSARY_FILES", 400);
	self->shape.tasks = size_of("ADVERSARY_TASKS", 60);
	ASSERT_EQ(0, files_allow(self->shape.files + 1000));
	file_write("/proc/sys/kernel/pid_max", "4000000");
	ASSERT_LE(0, quiet_udp(7000));
	self->counts = calls_start(counted, 1);
	if (!self->counts)
		note("no kprobe events in this kernel: looks are not counted");
	self->usual = looks_of_read(NULL, 1000000, &self->r);
	ASSERT_LE(self->counts, self->usual);
	reading_free(&self->r);
	self->usual += SLACK;
}

FIXTURE_TEARDOWN(files)
{
	child_kill(&self->attacker);
	reading_free(&self->r);
	calls_stop();
}

/* One table of files, many processes. */

static int share_by_processes(int line, void *arg)
{
	struct shape *s = arg;
	long n;

	if (as_attacker() || !open_files(s->files) || !shape_make(s))
		return 1;
	n = start_tasks(s, CLONE_VM | CLONE_FILES);
	line_tell(line, n);
	line_wait(line);
	return 0;
}

TEST_F(files, shared_by_processes)
{
	const struct row *row;
	struct table t;
	long long n, looks;

	ASSERT_EQ(0, attack_start(&self->attacker, share_by_processes, &self->shape));
	ASSERT_TRUE(line_hear(self->attacker.line, &n));
	ASSERT_EQ(self->shape.tasks, n);
	ASSERT_EQ(n, witness_children(self->attacker.pid));
	ASSERT_LE(self->shape.files, witness_files(self->attacker.pid, self->attacker.pid));

	looks = looks_of_read(NULL, NO_END * (self->shape.files + self->usual), &self->r);
	ASSERT_LE(self->counts, looks);
	note("%lld looks", looks);
	EXPECT_GE(self->shape.files + self->usual, looks);

	/* Each of them is a holder. */
	row = row_of_port(&t, &self->r, "127.0.0.1:7001");
	ASSERT_NE(NULL, row);
	EXPECT_EQ(self->attacker.pid, row->pid);
	EXPECT_EQ(n, row->others);
	table_free(&t);
}

/* Threads with one of two tables in turn, neither of them the leader's. */

struct turns {
	struct shape *shape;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	pthread_attr_t attr;
	long made;
	bool failed;
};

static void *thread_waits(void *arg)
{
	return (void *)(long)wait_for_ever(arg);
}

/* What it makes from now on has its table. */
static void makes_threads(struct turns *t, int which)
{
	pthread_t made;

	pthread_mutex_lock(&t->lock);
	while (t->made < t->shape->tasks && !t->failed) {
		if (t->made % 2 != which) {
			pthread_cond_wait(&t->moved, &t->lock);
			continue;
		}
		t->failed = pthread_create(&made, &t->attr, thread_waits, NULL);
		t->made++;
		pthread_cond_broadcast(&t->moved);
	}
	pthread_mutex_unlock(&t->lock);
}

static void *makes_even(void *arg)
{
	if (!unshare(CLONE_FILES))
		makes_threads(arg, 0);
	return thread_waits(NULL);
}

static void *makes_odd(void *arg)
{
	if (!unshare(CLONE_FILES))
		makes_threads(arg, 1);
	return thread_waits(NULL);
}

static int threads_in_turn(int line, void *arg)
{
	struct turns t = {
		.shape = arg,
		.lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER,
	};
	pthread_t one, two;

	if (as_attacker() || !open_files(t.shape->files))
		return 1;
	pthread_attr_init(&t.attr);
	pthread_attr_setstacksize(&t.attr, 4 * STACK);
	if (pthread_create(&one, &t.attr, makes_even, &t) ||
	    pthread_create(&two, &t.attr, makes_odd, &t))
		return 2;
	pthread_mutex_lock(&t.lock);
	while (t.made < t.shape->tasks && !t.failed)
		pthread_cond_wait(&t.moved, &t.lock);
	pthread_mutex_unlock(&t.lock);
	line_tell(line, t.failed ? -1 : t.made);
	line_wait(line);
	return 0;
}

TEST_F(files, threads_in_turn)
{
	const struct row *row;
	struct table t;
	long long n, looks;

	ASSERT_EQ(0, attack_start(&self->attacker, threads_in_turn, &self->shape));
	ASSERT_TRUE(line_hear(self->attacker.line, &n));
	ASSERT_EQ(self->shape.tasks, n);
	ASSERT_EQ(n + 3, witness_threads(self->attacker.pid));
	ASSERT_LE(self->shape.files, witness_files(self->attacker.pid, self->attacker.pid));

	/* The leader's, and two more. */
	looks = looks_of_read(NULL, NO_END * (3 * self->shape.files + self->usual), &self->r);
	ASSERT_LE(self->counts, looks);
	note("%lld looks", looks);
	EXPECT_GE(3 * self->shape.files + self->usual, looks);
	row = row_of_port(&t, &self->r, "127.0.0.1:7001");
	ASSERT_NE(NULL, row);
	EXPECT_EQ(self->attacker.pid, row->pid);
	EXPECT_EQ(0, row->others);
	table_free(&t);
}

/*
 * Both at once: a thread has a table of its own, which another thread and processes share;
 * others share the leader's. Whoever is met by two ways is one holder.
 */
#define OWN_PORT	7002

struct two_ways {
	struct shape *shape;
	struct shape own;
	int line;
};

static void *shares_its_own(void *arg)
{
	struct two_ways *t = arg;
	struct shape half = t->own;
	pthread_t other;
	long n = -1;

	half.tasks /= 2;
	if (!unshare(CLONE_FILES) && quiet_udp(OWN_PORT) >= 0 && shape_make(&half))
		n = start_tasks(&half, CLONE_VM | CLONE_FILES);
	/* The second thread's id is between those of the processes. */
	if (n == half.tasks && !pthread_create(&other, NULL, thread_waits, NULL) &&
	    shape_make(&half))
		n += start_tasks(&half, CLONE_VM | CLONE_FILES);
	line_tell(t->line, n);
	return thread_waits(NULL);
}

static int share_in_two_ways(int line, void *arg)
{
	struct two_ways t = { .shape = arg, .own = *(struct shape *)arg, .line = line };
	pthread_t thread;
	long n;

	if (as_attacker() || !open_files(t.shape->files) || !shape_make(t.shape))
		return 1;
	n = start_tasks(t.shape, CLONE_VM | CLONE_FILES);
	line_tell(line, n);
	if (pthread_create(&thread, NULL, shares_its_own, &t))
		return 2;
	line_wait(line);
	return 0;
}

/* The program column of a row of show=more names so many further ones. */
static bool has_others(const struct reading *r, const char *laddr, long others)
{
	const char *row = strstr(r->text, laddr), *plus;
	const char *end = row ? strchr(row, '\n') : NULL;

	plus = row ? strstr(row, "+") : NULL;
	if (plus && plus < end && atol(plus + 1) == others)
		return true;
	note("%.*s", row ? (int)(strcspn(row, "=")) : 0, row);
	return false;
}

TEST_F(files, shared_in_two_ways)
{
	const struct row *row;
	struct table t;
	long long a, b, looks;

	ASSERT_EQ(0, attack_start(&self->attacker, share_in_two_ways, &self->shape));
	ASSERT_TRUE(line_hear(self->attacker.line, &a));
	ASSERT_TRUE(line_hear(self->attacker.line, &b));
	ASSERT_EQ(self->shape.tasks, a);
	ASSERT_EQ(self->shape.tasks / 2 * 2, b);
	ASSERT_EQ(a + b, witness_children(self->attacker.pid));
	ASSERT_EQ(3, witness_threads(self->attacker.pid));

	/* Two tables, each once. */
	looks = looks_of_read(NULL, NO_END * (2 * self->shape.files + self->usual), &self->r);
	ASSERT_LE(self->counts, looks);
	note("%lld looks", looks);
	EXPECT_GE(2 * self->shape.files + self->usual, looks);

	/* The leader holds it by one way, and may count twice for the other. */
	row = row_of_port(&t, &self->r, "127.0.0.1:7002");
	ASSERT_NE(NULL, row);
	EXPECT_EQ(self->attacker.pid, row->pid);
	EXPECT_EQ(b, row->others);
	row = table_find(&t, "udp", "127.0.0.1:7001", NULL, NULL);
	ASSERT_NE(NULL, row);
	EXPECT_EQ(self->attacker.pid, row->pid);
	EXPECT_LE(a + b, row->others);
	EXPECT_GE(a + b + 1, row->others);
	table_free(&t);
	reading_free(&self->r);

	/* Where all are named, each is one. */
	ASSERT_LT(0, reading_whole(&self->r, NETSTATE, "show=program,more", NULL, ROOM));
	EXPECT_TRUE(has_others(&self->r, "127.0.0.1:7001", a + b));
	EXPECT_TRUE(has_others(&self->r, "127.0.0.1:7002", b));
}

/*
 * Processes without end: each makes the next one, and exits a little later.  All share one table
 * of files, which takes longer to look at than a process takes to be made.
 */

/* So many live at a time, so that there is always one that has not been looked at. */
#define ALIVE		20

struct chain {
	struct shape *shape;
	atomic_long *made;
	int flags;
};

static int chain_of_processes(int line, void *arg)
{
	struct chain *c = arg;
	pid_t pid;

	signal(SIGCHLD, SIG_IGN);
	if (as_attacker() || !open_files(c->shape->files))
		return 1;
	line_tell(line, 0);
	/* The first of the namespace stays, and reaps. */
	pid = syscall(SYS_clone, (long)c->flags, NULL, NULL, NULL, NULL);
	while (!pid) {
		long mine = atomic_fetch_add(c->made, 1);

		pid = syscall(SYS_clone, (long)c->flags, NULL, NULL, NULL, NULL);
		if (!pid)
			continue;
		/* It lives long enough to be looked at. */
		while (atomic_load(c->made) < mine + ALIVE)
			usleep(2000);
		_exit(0);
	}
	for (;;)
		pause();
	return 0;
}

/* Root's read looks at no more files than @fair beside a chain. */
static void ends_beside_chain(struct __test_metadata *_metadata, FIXTURE_DATA(files) *self,
			      int (*run)(int line, void *arg), struct chain *c, long fair)
{
	long before, looks;

	c->made = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, c->made);
	ASSERT_EQ(0, attack_start(&self->attacker, run, c));
	ASSERT_TRUE(line_hear(self->attacker.line, NULL));
	ASSERT_TRUE(POLL(atomic_load(c->made) > 20)) {
		note("%ld made", atomic_load(c->made));
	}
	ASSERT_LE(self->shape.files, witness_files(self->attacker.pid, self->attacker.pid));

	before = atomic_load(c->made);
	looks = looks_of_read(NULL, fair + fair / 2, &self->r);
	if (looks > 0)
		note("%ld looks beside %ld new ones", looks, atomic_load(c->made) - before);
	/* It still goes on. */
	before = atomic_load(c->made);
	EXPECT_TRUE(POLL(atomic_load(c->made) > before));
	ASSERT_LT(0, looks);
	EXPECT_GE(fair, looks);
	munmap(c->made, 4096);
}

TEST_F(files, processes_without_end)
{
	struct chain c = { .shape = &self->shape, .flags = CLONE_FILES | SIGCHLD };

	if (!self->counts)
		SKIP(return, "no kprobe events in this kernel");

	/* One table: for those that were there, and for those that began meanwhile. */
	self->shape.files *= 10;
	ASSERT_EQ(0, files_allow(self->shape.files + 1000));
	ends_beside_chain(_metadata, self, chain_of_processes, &c,
			  2 * self->shape.files + self->usual);
}

/* The same with threads, each of which has a table of its own. */

static struct chain *thread_chain;
static pthread_attr_t thread_attr;

static void *makes_next(void *arg)
{
	pthread_t next;
	long mine;

	if (unshare(CLONE_FILES))
		return NULL;
	mine = atomic_fetch_add(thread_chain->made, 1);
	while (pthread_create(&next, &thread_attr, makes_next, NULL))
		sched_yield();
	while (atomic_load(thread_chain->made) < mine + ALIVE)
		usleep(500);
	return NULL;
}

static int chain_of_threads(int line, void *arg)
{
	pthread_t first;

	thread_chain = arg;
	if (as_attacker() || !open_files(thread_chain->shape->files))
		return 1;
	pthread_attr_init(&thread_attr);
	pthread_attr_setstacksize(&thread_attr, 4 * STACK);
	pthread_attr_setdetachstate(&thread_attr, PTHREAD_CREATE_DETACHED);
	line_tell(line, 0);
	if (pthread_create(&first, &thread_attr, makes_next, NULL))
		return 2;
	line_wait(line);
	return 0;
}

TEST_F(files, threads_without_end)
{
	struct chain c = { .shape = &self->shape };

	if (!self->counts)
		SKIP(return, "no kprobe events in this kernel");

	self->shape.files *= 3;
	ASSERT_EQ(0, files_allow(self->shape.files + 1000));
	/* Those that were there, as many again, and a few more. */
	ends_beside_chain(_metadata, self, chain_of_threads, &c,
			  (2 * ALIVE + 6) * self->shape.files + self->usual);
}

/*
 * Processes that share many sockets: who holds which is far more than all of them.
 */
#define HOLDERS_SHOWN	256

struct crowd {
	struct shape shape;
	long sockets;
};

static int hold_in_common(int line, void *arg)
{
	struct crowd *c = arg;
	long n;

	for (int i = 0; i < c->sockets; i++)
		if (quiet_udp(10000 + i) < 0)
			return 1;
	if (as_attacker() || !shape_make(&c->shape))
		return 2;
	n = start_tasks(&c->shape, CLONE_VM | CLONE_FILES);
	line_tell(line, n);
	line_wait(line);
	return 0;
}

static int words_in(const char *list)
{
	int n = 1;

	for (; *list && *list != ' ' && *list != '\n'; list++)
		n += *list == ',';
	return n;
}

TEST(holders_without_end)
{
	struct crowd c = {
		.shape.tasks = size_of("ADVERSARY_HOLDERS", 1500), .sockets = 100,
	};
	char before[24], tail[24];
	long long n, lines = 0;
	struct child attacker;
	struct reading r;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(c.sockets + 200));
	file_write("/proc/sys/kernel/pid_max", "65536");
	file_write("/proc/sys/kernel/threads-max", "60000");
	ASSERT_EQ(0, attack_start(&attacker, hold_in_common, &c));
	ASSERT_TRUE(line_hear(attacker.line, &n));
	/* A small guest has no room for all of them. */
	ASSERT_LT(2 * HOLDERS_SHOWN, n);
	ASSERT_EQ(n, witness_children(attacker.pid));
	ASSERT_LE(c.sockets, witness_files(attacker.pid, attacker.pid));
	note("%lld processes of %ld that were wanted", n, c.shape.tasks);

	/* All are counted, some are named: this holds no note for each. */
	snprintf(tail, sizeof(tail), "+%lld ", n);
	snprintf(before, sizeof(before), "%ld", file_read_long(BUDGET, 256));
	ASSERT_EQ(0, file_write(BUDGET, "1"));
	EXPECT_LT(0, reading_whole(&r, NETSTATE, "show=program,more", NULL, 4 << 20));
	for (char *line = strtok(r.text, "\n"); line; line = strtok(NULL, "\n")) {
		const char *owners = strstr(line, " owners=");

		if (!strstr(line, "127.0.0.1:1"))
			continue;
		lines++;
		EXPECT_NE(NULL, strstr(line, tail));
		ASSERT_NE(NULL, owners);
		EXPECT_GE(HOLDERS_SHOWN + 1, words_in(owners));
	}
	EXPECT_EQ(c.sockets, lines);
	reading_free(&r);

	EXPECT_LT(0, reading_whole(&r, NETSTATE, "group=process", NULL, ROOM));
	reading_free(&r);
	EXPECT_EQ(0, file_write(BUDGET, before));
	child_kill(&attacker);
}

/*
 * Requests of one listener, which many processes hold: each has all of them. The listener
 * wants data before it accepts, so a request stays one.
 */
#define HOLDERS_MORE	262144	/* that a read notes beyond four for each socket */

static int ask_of_many(int line, void *arg)
{
	union addr at = addr_of(V4, "127.0.0.1", 9000);
	int listener = sock_bound(SOCK_STREAM, &at), seconds = 1000, fd;
	struct crowd *c = arg;
	long i;

	if (setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)) ||
	    listen(listener, c->sockets) || as_attacker() || !shape_make(&c->shape) ||
	    start_tasks(&c->shape, CLONE_VM) != c->shape.tasks)
		return 1;
	for (i = 0; i < c->sockets; i++) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		if (fd < 0 || connect(fd, &at.sa, sizeof(at.in)))
			return 2;
	}
	line_tell(line, i);
	line_wait(line);
	return 0;
}

/* How many sockets the groups have, without those that stand for all others. */
static long in_groups(const char *text)
{
	const char *line = strchr(strchr(text, '\n') + 1, '\n');
	long sum = 0;

	for (; line && line[1]; line = strchr(line + 1, '\n')) {
		long count, counts = 0, last = 0;
		const char *p = line + 1;
		int n;

		if (!strncmp(p, "(other)", 7))
			continue;
		/* The last but two of its columns. */
		for (p += strcspn(p, " \n"); sscanf(p, "%*[ ]%ld%n", &count, &n) == 1; p += n)
			last = ++counts == 13 ? count : last;
		sum += last;
	}
	return sum;
}

TEST(requests_of_many)
{
	struct crowd c = {
		.shape.tasks = size_of("ADVERSARY_HOLDERS", 400), .sockets = 1024,
	};
	struct child attacker;
	struct reading r;
	long long n;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(c.sockets + 200));
	ASSERT_EQ(0, attack_start(&attacker, ask_of_many, &c));
	ASSERT_TRUE(line_hear(attacker.line, &n));
	ASSERT_EQ(c.sockets, n);
	ASSERT_EQ(c.shape.tasks, witness_children(attacker.pid));

	ASSERT_LT(0, reading_whole(&r, NETSTATE, "state=syn_recv show=none", NULL, ROOM));
	EXPECT_NE(NULL, strstr(r.text, " syn_recv=1024 "));
	reading_free(&r);
	ASSERT_LT(0, reading_whole(&r, NETSTATE, "group=process state=syn_recv", NULL, ROOM));
	note("%ld in groups, of %ld", in_groups(r.text), c.sockets * c.shape.tasks);
	EXPECT_LT(HOLDERS_MORE / 2, in_groups(r.text));
	EXPECT_GE(HOLDERS_MORE + 6 * c.sockets, in_groups(r.text));
	EXPECT_NE(NULL, strstr(r.text, "\n(other) "));
	reading_free(&r);

	/* Who is chosen by a process and something else: for each of them anew. */
	EXPECT_LT(0, reading_whole(&r, NETSTATE, "state=syn_recv show=more (comm=x or lport=9000)",
				   NULL, 64 << 20));
	reading_free(&r);
	child_kill(&attacker);
}

/* A reader in the midst of its read can be frozen. */
#define GROUP		"netstate.frozen"

static int in_group(void)
{
	return cgroup_enter(GROUP);
}

static bool is_frozen(void)
{
	char *text = file_read(CGROUP GROUP "/cgroup.events", NULL);
	bool frozen = text && strstr(text, "frozen 1");

	free(text);
	return frozen;
}

static int forks_holding(int line, void *arg)
{
	struct shape *s = arg;
	long n = 0;

	signal(SIGCHLD, SIG_IGN);
	if (as_attacker() || !open_files(s->files))
		return 1;
	for (; n < s->tasks; n++) {
		pid_t pid = fork();

		if (pid < 0)
			return 2;
		if (!pid)
			wait_for_ever(NULL);
	}
	line_tell(line, n);
	line_wait(line);
	return 0;
}

/* Whether there is what freezes a reader. */
static bool can_freeze(void)
{
	if (!cgroup_make(GROUP) && !access(CGROUP GROUP "/cgroup.freeze", F_OK))
		return true;

	cgroup_remove(GROUP);
	return false;
}

static bool freeze(bool frozen)
{
	return !file_write(CGROUP GROUP "/cgroup.freeze", frozen ? "1" : "0") &&
	       POLL(is_frozen() == frozen);
}

TEST_F(files, frozen_in_the_midst)
{
	long long before, all, at, n;

	if (!self->counts)
		SKIP(return, "no kprobe events in this kernel");
	if (!can_freeze())
		SKIP(return, "no freezer in cgroup v2");
	self->shape.files *= 5;
	ASSERT_EQ(0, files_allow(self->shape.files + 1000));
	ASSERT_EQ(0, attack_start(&self->attacker, forks_holding, &self->shape));
	ASSERT_TRUE(line_hear(self->attacker.line, &n));
	ASSERT_EQ(n, witness_children(self->attacker.pid));
	all = n * self->shape.files;

	before = calls_first();
	ASSERT_EQ(0, reading_start(&self->r, NETSTATE, NULL, in_group, ROOM));
	while (calls_first() - before < self->shape.files)
		ASSERT_FALSE(reading_ended(&self->r, 1));
	ASSERT_TRUE(freeze(true));
	at = calls_first() - before;
	note("frozen after %lld looks of %lld", at, all);
	EXPECT_GT(all, at);
	EXPECT_FALSE(reading_ended(&self->r, 0));

	/* And goes on. */
	EXPECT_TRUE(freeze(false));
	EXPECT_LT(0, reading_end(&self->r));
	EXPECT_TRUE(POLL(!cgroup_remove(GROUP)));
}

static void *stay_behind(void *arg)
{
	return wait_for_ever(NULL) ? arg : NULL;
}

/* A process with a socket and two threads, of which the first one ends when it is told to. */
static int leave_socket_behind(int line, void *arg)
{
	pthread_t thread;

	if (as_attacker() || quiet_udp(7002) < 0 || pthread_create(&thread, NULL, stay_behind, arg))
		return 1;
	line_tell(line, 0);
	line_hear(line, NULL);
	pthread_exit(NULL);
}

/* A reader on a CPU that somebody else can take from it, in the midst of its read. */
#define ITS_CPU		1
/* How long tasks of real time may keep others from one. */
#define LIMIT		"/proc/sys/kernel/sched_rt_runtime_us"

static int be_last(void)
{
	const struct sched_param none = {};

	stay_on(ITS_CPU);
	return sched_setscheduler(0, SCHED_IDLE, &none) ? -errno : 0;
}

/* Takes that CPU from each word on until @arg, which it sets first, is cleared. */
static int be_first(int line, void *arg)
{
	const struct sched_param first = { .sched_priority = 1 };
	atomic_bool *taken = arg;

	stay_on(ITS_CPU);
	if (sched_setscheduler(0, SCHED_FIFO, &first))
		return 1;
	while (line_hear(line, NULL)) {
		atomic_store(taken, true);
		while (atomic_load(taken))
			;
	}
	return 0;
}

/* A read that stands still in the midst of the files of others. */
struct standing {
	struct child first;
	atomic_bool *taken;
	char limit[24];
	long before;		/* looks at files */
};

/* Makes the others, whose files come first: @run begins after them. */
static bool standing_prepare(struct standing *s, struct child *others, struct shape *shape,
			     struct child *child, int (*run)(int line, void *arg))
{
	long long n;

	s->taken = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	snprintf(s->limit, sizeof(s->limit), "%ld", file_read_long(LIMIT, 950000));
	shape->files *= 5;
	return s->taken != MAP_FAILED && !file_write(LIMIT, "-1") &&
	       !child_start(&s->first, be_first, s->taken) &&
	       !files_allow(shape->files + 1000) && !attack_start(others, forks_holding, shape) &&
	       line_hear(others->line, &n) && n == shape->tasks &&
	       !child_start(child, run, NULL) && others->pid < child->pid;
}

/* Begins the read, and lets it come as far as the files of the first of the others. */
static bool standing_begin(struct standing *s, struct reading *r, const struct shape *shape)
{
	stay_on(0);
	s->before = calls_first();
	if (reading_start(r, NETSTATE, NULL, be_last, ROOM))
		return false;
	while (calls_first() - s->before < shape->files)
		if (reading_ended(r, 1))
			return false;
	return line_tell(s->first.line, 0) && POLL(atomic_load(s->taken));
}

/* Lets it go on; false if it had looked at all files of the others by then. */
static bool standing_go_on(struct standing *s, const struct shape *shape)
{
	long looks = calls_first() - s->before;

	atomic_store(s->taken, false);
	return looks < shape->tasks * shape->files;
}

static bool standing_end(struct standing *s)
{
	child_kill(&s->first);
	munmap(s->taken, 4096);
	return !file_write(LIMIT, s->limit);
}

/* A process holds the socket, or line 1 says that something may be missing. */
static bool holds_or_said(const char *text, const char *laddr, long long pid)
{
	const char *row = strstr(text, laddr);
	char owner[24];

	sprintf(owner, " %lld/", pid);
	if (row && (strstr(text, " incomplete=") ||
		    memmem(row, strcspn(row, "\n"), owner, strlen(owner))))
		return true;
	note("%lld: %.100s", pid, row ?: "no row");
	return false;
}

/*
 * Between the list of processes and the look at its files the first thread of one ends, by
 * which they were to be found. The other one has them still; so nobody may take its socket
 * for nobody's.
 */
TEST_F(files, first_thread_ends_in_the_midst)
{
	struct standing s;
	struct child leaving;

	if (!self->counts)
		SKIP(return, "no kprobe events in this kernel");
	ASSERT_TRUE(standing_prepare(&s, &self->attacker, &self->shape, &leaving,
				     leave_socket_behind));
	ASSERT_TRUE(line_hear(leaving.line, NULL));

	ASSERT_TRUE(standing_begin(&s, &self->r, &self->shape));
	EXPECT_TRUE(line_tell(leaving.line, 0));
	EXPECT_TRUE(POLL(witness_files(leaving.pid, leaving.pid) <= 0));
	EXPECT_EQ(2, witness_threads(leaving.pid));
	EXPECT_TRUE(standing_go_on(&s, &self->shape));
	EXPECT_LT(0, reading_end(&self->r));

	EXPECT_TRUE(holds_or_said(self->r.text, "127.0.0.1:7002 ", leaving.pid));
	child_kill(&leaving);
	EXPECT_TRUE(standing_end(&s));
}

/* What has a socket, and on a word leaves it to a child that it makes then. */
static int hand_down(int line, void *arg)
{
	int fd = quiet_udp(7002);
	pid_t child;

	stay_on(0);
	if (as_attacker() || fd < 0)
		return 1;
	line_tell(line, 0);
	line_hear(line, NULL);
	child = fork();
	if (!child)
		wait_for_ever(NULL);
	close(fd);
	line_tell(line, child);
	line_wait(line);
	return 0;
}

/*
 * The same, but the child is made before: it has an id, and is no task yet. The kernel waits
 * for the page to which it writes the number of a descriptor.
 */
struct birth {
	int line, fault;
	struct uffdio_range page;
};

static void *midwife(void *arg)
{
	struct birth *b = arg;
	struct uffdio_zeropage zero = { .range = b->page };
	struct uffd_msg message;

	if (read(b->fault, &message, sizeof(message)) != sizeof(message))
		return NULL;
	line_tell(b->line, 0);
	line_hear(b->line, NULL);
	ioctl(b->fault, UFFDIO_ZEROPAGE, &zero);
	return NULL;
}

static int hand_down_slowly(int line, void *arg)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct birth b = { .line = line, .page.len = sysconf(_SC_PAGESIZE) };
	struct uffdio_register all = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	int fd = quiet_udp(7002);
	pthread_t thread;
	pid_t child;
	void *page;

	stay_on(0);
	page = mmap(NULL, b.page.len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	b.page.start = (unsigned long)page;
	all.range = b.page;
	b.fault = syscall(SYS_userfaultfd, O_CLOEXEC);
	if (b.fault < 0 || page == MAP_FAILED || ioctl(b.fault, UFFDIO_API, &api) ||
	    ioctl(b.fault, UFFDIO_REGISTER, &all)) {
		line_tell(line, -1);
		return 1;
	}
	if (as_attacker() || fd < 0 || pthread_create(&thread, NULL, midwife, &b))
		return 2;
	child = syscall(SYS_clone, (long)(CLONE_PIDFD | SIGCHLD), NULL, page, NULL, NULL);
	if (!child)
		wait_for_ever(NULL);
	close(fd);
	line_tell(line, child);
	line_wait(line);
	return 0;
}

/*
 * A process that begins during the read holds what its parent has closed by then. None of
 * them was in the list of processes when it was made.
 */
static void inherits(struct __test_metadata *_metadata, FIXTURE_DATA(files) *self,
		     int (*run)(int line, void *arg))
{
	struct child parent;
	struct standing s;
	long long heir;

	if (!self->counts)
		SKIP(return, "no kprobe events in this kernel");
	ASSERT_TRUE(standing_prepare(&s, &self->attacker, &self->shape, &parent, run));
	ASSERT_TRUE(line_hear(parent.line, &heir));
	if (heir < 0) {
		EXPECT_TRUE(standing_end(&s));
		SKIP(return, "no userfaultfd in this kernel");
	}

	ASSERT_TRUE(standing_begin(&s, &self->r, &self->shape));
	EXPECT_TRUE(line_tell(parent.line, 0));
	ASSERT_TRUE(line_hear(parent.line, &heir));
	ASSERT_LT(0, heir);
	EXPECT_TRUE(POLL(witness_files(heir, heir) > 0));
	EXPECT_TRUE(standing_go_on(&s, &self->shape));
	EXPECT_LT(0, reading_end(&self->r));

	EXPECT_TRUE(holds_or_said(self->r.text, "127.0.0.1:7002 ", heir));
	kill(heir, SIGKILL);
	child_kill(&parent);
	EXPECT_TRUE(standing_end(&s));
}

TEST_F(files, forks_in_the_midst)
{
	inherits(_metadata, self, hand_down);
}

TEST_F(files, is_born_in_the_midst)
{
	inherits(_metadata, self, hand_down_slowly);
}

/* An operator in trouble stops all reads, those on their way, too. */
#define STOP		"/sys/module/netstate/parameters/stop"

TEST_F(files, stopped)
{
	long long before, all, n;
	struct reading r;

	if (!self->counts)
		SKIP(return, "no kprobe events in this kernel");
	ASSERT_EQ(0, attack_start(&self->attacker, forks_holding, &self->shape));
	ASSERT_TRUE(line_hear(self->attacker.line, &n));
	ASSERT_EQ(n, witness_children(self->attacker.pid));
	all = n * self->shape.files;

	before = calls_first();
	ASSERT_EQ(0, reading_start(&self->r, NETSTATE, NULL, NULL, ROOM));
	while (calls_first() - before < self->shape.files)
		ASSERT_FALSE(reading_ended(&self->r, 1));
	ASSERT_EQ(0, file_write(STOP, "1"));
	EXPECT_EQ(-EBUSY, reading_end(&self->r));
	EXPECT_GT(all, calls_first() - before);

	EXPECT_EQ(-EBUSY, reading_whole(&r, NETSTATE, NULL, NULL, 0));
	reading_free(&r);
	EXPECT_EQ(-EBUSY, reading_whole(&r, NETSTATE "_metrics", NULL, as_bystander, 0));
	reading_free(&r);
	ASSERT_EQ(0, file_write(STOP, "0"));
	EXPECT_LT(0, reading_whole(&r, NETSTATE, NULL, NULL, 0));
	reading_free(&r);
}

TEST_HARNESS_MAIN
