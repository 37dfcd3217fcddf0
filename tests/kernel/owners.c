// SPDX-License-Identifier: GPL-2.0-only
/*
 * The program column: who holds a socket, in all the ways there are to share
 * one.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/child.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/peer.h"
#include "lib/table.h"
#include "lib/witness.h"

/* So many threads or processes come and go, at least, where some do. */
#define PASS_BY	100

static union addr here(uint16_t port)
{
	return addr_of(V4, "127.0.0.1", port);
}

static int udp_socket(uint16_t port)
{
	union addr at = here(port);

	return sock_bound(SOCK_DGRAM, &at);
}

/* The owner of 127.0.0.1:@port as a table read now shows it. */
static bool owner_of(const char *proto, uint16_t port, char *prog)
{
	char text[ADDR_TEXT_MAX];
	const struct row *row = NULL;
	union addr at = here(port);
	struct table t;

	strcpy(prog, "no row");
	if (table_read(&t))
		note("%s", t.error);
	else
		row = table_find(&t, proto, addr_text(&at, text), NULL, NULL);
	if (row)
		strcpy(prog, row->prog);
	table_free(&t);
	return row;
}

static bool owned(uint16_t port, int pid, int others)
{
	char prog[PROG_MAX], want[PROG_MAX], comm[16];

	prctl(PR_GET_NAME, comm);
	owner_text(pid, comm, others, want);
	owner_of("udp", port, prog);
	if (!strcmp(prog, want))
		return true;
	note("port %u: the owner is '%s', not '%s'", port, prog, want);
	return false;
}

static bool nobodys(const char *proto, uint16_t port)
{
	char prog[PROG_MAX];

	owner_of(proto, port, prog);
	if (!strcmp(prog, "-"))
		return true;
	note("port %u: the owner is '%s', not nobody", port, prog);
	return false;
}

FIXTURE(owner)
{
	int me;
};

FIXTURE_SETUP(owner)
{
	ASSERT_EQ(0, netns_new());
	self->me = getpid();
}

FIXTURE_TEARDOWN(owner)
{
}

TEST_F(owner, self)
{
	ASSERT_LE(0, udp_socket(7001));
	EXPECT_TRUE(owned(7001, self->me, 0));
}

/* One process counts once, whatever number of descriptors it has. */
TEST_F(owner, dup)
{
	int fd = udp_socket(7001);

	ASSERT_LE(0, fd);
	for (int i = 0; i < 5; i++)
		ASSERT_LE(0, dup(fd));
	EXPECT_TRUE(owned(7001, self->me, 0));
	close(fd);
	EXPECT_TRUE(owned(7001, self->me, 0));
}

static int lowest(int pid, const struct child *c, int n)
{
	for (int i = 0; i < n; i++)
		if (c[i].pid < pid)
			pid = c[i].pid;
	return pid;
}

TEST_F(owner, fork)
{
	int fd = udp_socket(7001);
	struct child c[3];

	ASSERT_LE(0, fd);
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(0, child_holding(&c[i]));
	EXPECT_TRUE(owned(7001, lowest(self->me, c, 3), 3));

	child_kill(&c[2]);
	EXPECT_TRUE(owned(7001, lowest(self->me, c, 2), 2));
	close(fd);
	EXPECT_TRUE(owned(7001, lowest(c[0].pid, c, 2), 1));
	child_kill(&c[0]);
	EXPECT_TRUE(owned(7001, c[1].pid, 0));
	child_kill(&c[1]);
}

TEST_F(owner, two_hundred)
{
	enum { MANY = 200 };
	int fd = udp_socket(7001);
	struct child c[MANY];

	ASSERT_LE(0, fd);
	for (int i = 0; i < MANY; i++)
		ASSERT_EQ(0, child_holding(&c[i]));
	EXPECT_TRUE(owned(7001, lowest(self->me, c, MANY), MANY));
	for (int i = 0; i < MANY; i++)
		kill(c[i].pid, SIGKILL);
	for (int i = 0; i < MANY; i++)
		child_end(&c[i]);
	EXPECT_TRUE(owned(7001, self->me, 0));
}

static int take_socket(int line, void *arg)
{
	line_tell(line, line_receive_fd(line));
	line_wait(line);
	return 0;
}

TEST_F(owner, passed)
{
	struct child c;
	int fd;

	ASSERT_EQ(0, child_start(&c, take_socket, NULL));
	fd = udp_socket(7001);
	ASSERT_LE(0, fd);
	EXPECT_TRUE(owned(7001, self->me, 0));
	ASSERT_TRUE(line_send_fd(c.line, fd));
	ASSERT_TRUE(line_hear(c.line, NULL));
	EXPECT_TRUE(owned(7001, lowest(self->me, &c, 1), 1));
	close(fd);
	EXPECT_TRUE(owned(7001, c.pid, 0));
	child_kill(&c);
}

/* While it is on its way, the kernel alone has it. */
TEST_F(owner, on_its_way)
{
	int ends[2], fd = udp_socket(7001);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
	ASSERT_TRUE(line_send_fd(ends[0], fd));
	close(fd);
	EXPECT_TRUE(nobodys("udp", 7001));
	ASSERT_LE(0, line_receive_fd(ends[1]));
	EXPECT_TRUE(owned(7001, self->me, 0));
}

/* A thread with its own descriptors is still its process. */
static void *thread_apart(void *arg)
{
	int *line = arg;

	prctl(PR_SET_NAME, "thread");
	line_tell(line[1], unshare(CLONE_FILES) ? -1 : udp_socket(7002));
	line_wait(line[1]);
	return NULL;
}

TEST_F(owner, thread_with_its_own_files)
{
	pthread_t thread;
	int line[2];
	long long fd;

	ASSERT_LE(0, udp_socket(7001));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, line));
	ASSERT_EQ(0, pthread_create(&thread, NULL, thread_apart, line));
	ASSERT_TRUE(line_hear(line[0], &fd));
	ASSERT_LE(0, fd);
	EXPECT_TRUE(owned(7001, self->me, 0));	/* both have it: one process */
	EXPECT_TRUE(owned(7002, self->me, 0));	/* the thread alone has it */
}

static void *thread_left(void *arg)
{
	long line = (long)arg;
	int leader = getpid();

	/* Until the leader is a zombie. */
	POLL(({
		char path[64], *text;
		bool zombie;

		snprintf(path, sizeof(path), "/proc/self/task/%d/stat",
			 leader);
		text = file_read(path, NULL);
		zombie = text && strstr(text, ") Z ");
		free(text);
		zombie;
	}));
	line_tell(line, 0);
	line_wait(line);
	_exit(0);
}

static int leave_thread_behind(int line, void *arg)
{
	pthread_t thread;

	if (udp_socket(7001) < 0 ||
	    pthread_create(&thread, NULL, thread_left, (void *)(long)line))
		return 1;
	syscall(SYS_exit, 0);
	return 1;
}

/* What has come and gone so far, for all processes of a test. */
static _Atomic long *passed_by;

static bool passed_by_new(void)
{
	passed_by = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return passed_by != MAP_FAILED;
}

static void *thread_for_a_moment(void *arg)
{
	if (!unshare(CLONE_FILES)) {
		sched_yield();
		atomic_fetch_add(passed_by, 1);
	}
	return NULL;
}

static void *thread_of_threads(void *arg)
{
	for (;;) {
		pthread_t thread[8];
		int i, n = 0;

		for (i = 0; i < 8; i++)
			n += !pthread_create(&thread[n], NULL, thread_for_a_moment, NULL);
		while (n--)
			pthread_join(thread[n], NULL);
	}
	return NULL;
}

static void *thread_that_stays(void *arg)
{
	long line = (long)arg;

	if (unshare(CLONE_FILES) || udp_socket(7001) < 0)
		_exit(1);
	line_tell(line, 0);
	pause();
	return NULL;
}

/* A thread with a socket of its own, among others that come and go before and behind it. */
static int stay_among_threads(int line, void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_of_threads, NULL) ||
	    pthread_create(&thread, NULL, thread_that_stays, (void *)(long)line) ||
	    pthread_create(&thread, NULL, thread_of_threads, NULL))
		return 1;
	line_wait(line);
	_exit(0);
}

TEST_F(owner, threads_that_exit)
{
	struct child c;
	long before;
	int lost = 0;

	ASSERT_TRUE(passed_by_new());
	ASSERT_EQ(0, child_start(&c, stay_among_threads, NULL));
	ASSERT_TRUE(line_hear(c.line, NULL));
	before = *passed_by;
	for (int i = 0; i < 300 || *passed_by - before < PASS_BY; i++)
		lost += !owned(7001, c.pid, 0);
	note("beside %ld threads", *passed_by - before);
	EXPECT_EQ(0, lost);
	child_kill(&c);
}

TEST_F(owner, leader_is_gone)
{
	struct child c;

	ASSERT_EQ(0, child_start(&c, leave_thread_behind, NULL));
	ASSERT_TRUE(line_hear(c.line, NULL));
	EXPECT_TRUE(owned(7001, c.pid, 0));
	child_kill(&c);
}

/* Two processes with one table of descriptors between them. */
TEST_F(owner, shared_table)
{
	int pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	ASSERT_LT(0, pid);
	ASSERT_LE(0, udp_socket(7001));
	EXPECT_TRUE(owned(7001, pid < self->me ? pid : self->me, 1));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	EXPECT_TRUE(owned(7001, self->me, 0));
}

/* More descriptors than are looked at in one go; all are found. */
TEST_F(owner, three_thousand_files)
{
	enum { MANY = 3000, EVERY = 100 };

	ASSERT_EQ(0, files_allow(MANY + 200));
	for (int i = 0; i < MANY; i++)
		ASSERT_LE(0, i % EVERY ? open("/dev/null", O_RDONLY) :
					 udp_socket(7000 + i / EVERY));
	for (int i = 0; i < MANY / EVERY; i++)
		EXPECT_TRUE(owned(7000 + i, self->me, 0));
}

TEST_F(owner, two_thousand_sockets)
{
	enum { MANY = 2000 };
	char comm[16], want[PROG_MAX];
	struct table t;
	int wrong = 0;

	prctl(PR_GET_NAME, comm);
	owner_text(self->me, comm, 0, want);
	ASSERT_EQ(0, files_allow(MANY + 200));
	for (int i = 0; i < MANY; i++)
		ASSERT_LE(0, udp_socket(7000 + i));
	ASSERT_EQ(0, table_read(&t));
	EXPECT_EQ(MANY, t.n);
	for (size_t i = 0; i < t.n; i++)
		wrong += !!strcmp(t.rows[i].prog, want);
	EXPECT_EQ(0, wrong);
	table_free(&t);
}

/* A table that is large and nearly empty. */
TEST_F(owner, high_descriptors)
{
	unsigned long max = 1 << 20;
	int high[] = { 1000, 65535, 65536, 70000, 500001, (1 << 20) - 1 };
	int fd;

	if (files_allow(max)) {
		max = 1 << 16;
		ASSERT_EQ(0, files_allow(max));
	}
	for (size_t i = 0; i < sizeof(high) / sizeof(*high); i++) {
		if (high[i] >= (int)max)
			continue;
		fd = udp_socket(7000 + i);
		ASSERT_LE(0, fd);
		ASSERT_EQ(high[i], dup2(fd, high[i]));
		close(fd);
		EXPECT_TRUE(owned(7000 + i, self->me, 0));
	}
}

/* What \ooo stands for. */
static void unescape(char *text)
{
	char *to = text;
	unsigned int c;
	int n;

	for (; *text; *to++ = c)
		if (sscanf(text, "\\%3o%n", &c, &n) == 1)
			text += n;
		else
			c = *text++;
	*to = '\0';
}

/* White space and the like can't break a row apart. */
TEST_F(owner, odd_names)
{
	static const char *const names[] = {
		"two words", " ", "a\nb\tc\rd", "back\\slash", "\\040",
		"\001\033[2J\177", "a/b:c*d", "fifteen letters",
	};
	char prog[PROG_MAX], *name;

	ASSERT_LE(0, udp_socket(7001));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		ASSERT_EQ(0, prctl(PR_SET_NAME, names[i]));
		ASSERT_TRUE(owner_of("udp", 7001, prog));
		EXPECT_EQ(self->me, strtol(prog, &name, 10));
		ASSERT_EQ('/', *name);
		for (char *c = name; *c; c++)
			EXPECT_TRUE(*c > ' ' && *c < 0x7f);
		unescape(name);
		EXPECT_STREQ(names[i], name + 1);
	}

	ASSERT_EQ(0, prctl(PR_SET_NAME, "two words"));
	ASSERT_TRUE(owner_of("udp", 7001, prog));
	EXPECT_STREQ("/two\\040words", strchr(prog, '/'));
	ASSERT_EQ(0, prctl(PR_SET_NAME, ""));
	ASSERT_TRUE(owner_of("udp", 7001, prog));
	EXPECT_STREQ("/", strchr(prog, '/'));
}

static int listen_in_child(int line, void *arg)
{
	union addr at = here(7001);
	int fd = sock_listen(&at, 8);

	line_tell(line, fd);
	line_wait(line);
	return 0;
}

/* A request that waits for its last ACK is its listener's. */
TEST_F(owner, syn_recv)
{
	union addr at = here(7001), far = addr_of(V4, "127.0.0.9", 9009);
	char comm[16], want[PROG_MAX];
	const struct row *row;
	struct table t;
	struct child c;
	struct peer peer;
	struct talk talk;
	long long fd;

	ASSERT_EQ(0, child_start(&c, listen_in_child, NULL));
	ASSERT_TRUE(line_hear(c.line, &fd));
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, peer_open(&peer, &far));
	ASSERT_EQ(0, talk_call(&talk, &peer, &at));
	ASSERT_EQ(0, talk_expect(&talk, TH_SYN | TH_ACK));
	prctl(PR_GET_NAME, comm);
	owner_text(c.pid, comm, 0, want);
	ASSERT_EQ(0, table_read(&t));
	row = table_find(&t, "tcp", "127.0.0.1:7001", "127.0.0.9:9009",
			 "SYN_RECV");
	ASSERT_NE(NULL, row);
	EXPECT_STREQ(want, row->prog);
	table_free(&t);
	child_kill(&c);
}

static int connect_in_child(int line, void *arg)
{
	union addr from = here(7001), far = addr_of(V4, "127.0.0.9", 9009);
	int fd = sock_connect(SOCK_STREAM, &from, &far);

	line_tell(line, fd);
	line_wait(line);
	return 0;
}

/* The process is gone, its connection is not yet. */
TEST_F(owner, exited)
{
	union addr from = here(7001), far = addr_of(V4, "127.0.0.9", 9009);
	char prog[PROG_MAX];
	struct child c;
	struct peer peer;
	struct talk talk;
	long long fd;

	ASSERT_EQ(0, peer_open(&peer, &far));
	ASSERT_EQ(0, child_start(&c, connect_in_child, NULL));
	ASSERT_TRUE(line_hear(c.line, &fd));
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, talk_accept(&talk, &peer, &from));
	ASSERT_TRUE(owner_of("tcp", 7001, prog));
	EXPECT_EQ(c.pid, strtol(prog, NULL, 10));

	ASSERT_EQ(0, child_end(&c));
	EXPECT_TRUE(nobodys("tcp", 7001));
	ASSERT_EQ(0, talk_expect(&talk, TH_FIN));
	ASSERT_EQ(0, talk_send(&talk, TH_ACK, NULL, 0));
	EXPECT_TRUE(nobodys("tcp", 7001));
}

/*
 * With Multipath TCP the row is a subflow's, which is not the socket that the
 * process holds.  What tells is the inode, as /proc/PID/fd has it.
 */
#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

TEST_F(owner, mptcp)
{
	int l = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP), fd[3], owned = 0;
	struct table t, w;
	union addr at = here(7001);

	if (l < 0)
		SKIP(return, "no Multipath TCP");
	ASSERT_EQ(0, bind(l, &at.sa, addr_len(&at)));
	ASSERT_EQ(0, listen(l, 1));
	fd[0] = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	ASSERT_EQ(0, connect(fd[0], &at.sa, addr_len(&at)));
	fd[1] = accept(l, NULL, NULL);
	ASSERT_LE(0, fd[1]);
	fd[2] = l;

	ASSERT_EQ(0, witness_read_with(&t, &w));
	EXPECT_EQ(3, t.n);
	for (size_t i = 0; i < w.n; i++) {
		const struct row *row = table_find(&t, w.rows[i].proto,
						   w.rows[i].laddr,
						   w.rows[i].raddr, NULL);
		bool ours = false;

		ASSERT_NE(NULL, row);
		for (int k = 0; k < 3; k++)
			ours |= sock_inode(fd[k]) == w.rows[i].inode;
		EXPECT_EQ(ours ? self->me : 0, row->pid);
		owned += ours;
	}
	EXPECT_LE(2, owned);	/* or nothing has been tried */
	table_free(&t);
	table_free(&w);
}

static int fork_and_exit(int line, void *arg)
{
	for (;;) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (pid > 0)
			atomic_fetch_add(passed_by, waitpid(pid, NULL, 0) == pid);
	}
}

/* Processes come and go beside; ours stays the owner in every read. */
TEST_F(owner, under_churn)
{
	int fd = udp_socket(7001), lost = 0;
	struct child holder, churn[2];
	char comm[16], want[PROG_MAX], prog[PROG_MAX];
	long before;

	ASSERT_TRUE(passed_by_new());
	/* The churn does not inherit it. */
	for (int i = 0; i < 2; i++) {
		close(fd);
		ASSERT_EQ(0, child_start(&churn[i], fork_and_exit, NULL));
		fd = udp_socket(7001);
		if (!i)
			ASSERT_LE(0, fd);
	}
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, child_holding(&holder));
	prctl(PR_GET_NAME, comm);
	owner_text(lowest(self->me, &holder, 1), comm, 1, want);
	before = *passed_by;
	for (int i = 0; i < 100 || *passed_by - before < PASS_BY; i++) {
		owner_of("udp", 7001, prog);
		lost += !!strcmp(prog, want);
	}
	note("beside %ld processes", *passed_by - before);
	EXPECT_EQ(0, lost);
	child_kill(&churn[0]);
	child_kill(&churn[1]);
	child_kill(&holder);
}

TEST_HARNESS_MAIN
