// SPDX-License-Identifier: GPL-2.0-only
/*
 * Everything at once: sockets in all states that stay, many more that come and
 * go around them, and readers of all kinds.  Each that stays is in every table
 * as it was, and every other row is one that there can be.
 *
 * $TORTURE_SECONDS is how long each test goes on, at least; $TORTURE_READS how
 * many tables are looked at, at least.
 *
 * A walk that is wrong is wrong seldom: it shows in a guest with long chains,
 * thash_entries=64 uhash_entries=256 preempt=full.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "lib/child.h"
#include "lib/churner.h"
#include "lib/crowd.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/peer.h"
#include "lib/stay.h"
#include "lib/table.h"

#define METRICS		NETSTATE "_metrics"

#define PAIRS		50
#define LISTENERS	40
#define GROUP		8
#define DATAGRAMS	100

/* A day: the runner has a time limit of its own. */
#define NO_LIMIT	86400

static long setting(const char *name, long otherwise)
{
	const char *text = getenv(name);

	return text ? atol(text) : otherwise;
}

/* What all processes of the test share. */
struct shared {
	struct stays stays;
	struct churned churned;
	atomic_long reads, slow, rewound, filtered, polled, killed, counted;
	atomic_long wrong;
};

/* Those who read. */

static bool stranger(const struct row *row)
{
	return !churner_may_have(row);
}

/* Takes @text. */
static void look(struct shared *s, char *text, size_t len,
		 bool (*wanted)(const struct row *row), atomic_long *reads)
{
	struct table t;
	int wrong;

	if (!text) {
		note("a read failed: %m");
		s->wrong++;
		return;
	}
	wrong = table_parse(&t, text, len);
	if (wrong)
		note("%s", t.error);
	else
		wrong = stays_wrong(&s->stays, &t, wanted, stranger);
	s->wrong += !!wrong;
	++*reads;
	table_free(&t);
}

static void read_whole(struct shared *s, unsigned int *seed)
{
	size_t len;
	char *text = file_read(NETSTATE, &len);

	look(s, text, len, NULL, &s->reads);
}

/* A few bytes at a time; those who stay are to be found all the same. */
static void read_slowly(struct shared *s, unsigned int *seed)
{
	int fd = open(NETSTATE, O_RDONLY | O_CLOEXEC);
	size_t size = 1 << 20, len = 0;
	char *text = malloc(size + 1);
	ssize_t n;

	do {
		size_t step = 1 + rand_r(seed) % 700;

		if (step > size - len)
			text = realloc(text, (size *= 2) + 1);
		n = read(fd, text + len, step);
		if (n > 0)
			len += n;
		if (rand_r(seed) % 32 == 0)
			usleep(1000);
	} while (n > 0);
	text[len] = '\0';
	if (n < 0) {
		free(text);
		text = NULL;
	}
	look(s, text, len, NULL, &s->slow);
	close(fd);
}

/* From the start again, wherever it has got to. */
static void read_rewinding(struct shared *s, unsigned int *seed)
{
	int fd = open(NETSTATE, O_RDONLY | O_CLOEXEC);
	static char part[100000];
	size_t len;
	char *text;

	for (int i = rand_r(seed) % 4; i >= 0; i--) {
		size_t some = rand_r(seed) % sizeof(part);

		if (rand_r(seed) % 2)
			lseek(fd, 0, SEEK_SET);
		if (rand_r(seed) % 2)
			pread(fd, part, some, rand_r(seed) % 2 * some);
		else
			read(fd, part, some);
	}
	lseek(fd, 0, SEEK_SET);
	text = fd_read(fd, &len);
	look(s, text, len, NULL, &s->rewound);
	close(fd);
}

static bool is_udp4(const struct row *row)
{
	return !strcmp(row->proto, "udp");
}

static bool is_tcp6(const struct row *row)
{
	return !strcmp(row->proto, "tcp6");
}

static bool listens(const struct row *row)
{
	return !strcmp(row->state, "LISTEN");
}

static bool closes(const struct row *row)
{
	return !strcmp(row->state, "FIN_WAIT1") ||
	       !strcmp(row->state, "LAST_ACK") ||
	       !strcmp(row->state, "TIME_WAIT");
}

static bool at_low_port(const struct row *row)
{
	return atoi(strrchr(row->laddr, ':') + 1) < 10100;
}

static bool is_owned(const struct row *row)
{
	return row->pid;
}

static bool has_queue(const struct row *row)
{
	return row->sendq > 0;
}

static void read_filtered(struct shared *s, unsigned int *seed)
{
	static const struct {
		const char *text;
		bool (*wanted)(const struct row *row);
	} filters[] = {
		{ "proto=udp4", is_udp4 },
		{ "proto=tcp6", is_tcp6 },
		{ "state=listen", listens },
		{ "state=fin_wait1,last_ack,time_wait", closes },
		{ "lport<10100", at_low_port },
		{ "owner=any", is_owned },
		{ "sendq>0", has_queue },
		{ "\n", NULL },
	};
	enum { MANY = sizeof(filters) / sizeof(*filters) };
	int fd = open(NETSTATE, O_RDWR | O_CLOEXEC);

	for (int i = 0; i < 4; i++) {
		int which = rand_r(seed) % MANY;
		static char part[20000];
		size_t len;
		char *text;

		/* Another one while it is being read is for the next. */
		write(fd, "show=more", 9);
		lseek(fd, 0, SEEK_SET);
		read(fd, part, 1 + rand_r(seed) % sizeof(part));
		write(fd, filters[which].text, strlen(filters[which].text));
		read(fd, part, sizeof(part));
		lseek(fd, 0, SEEK_SET);
		text = fd_read(fd, &len);
		look(s, text, len, filters[which].wanted, &s->filtered);
	}
	close(fd);
}

/* Of those who churn, no socket has such a port. */
#define STAY_FILTER	"lport<30000 state!=time_wait show=none"

static bool is_polled(const struct row *row)
{
	return atoi(strrchr(row->laddr, ':') + 1) < 30000 &&
	       strcmp(row->state, "TIME_WAIT");
}

/* Line 1 alone, and often: how many of those that stay there are. */
static void poll_often(struct shared *s, unsigned int *seed)
{
	int fd = open(NETSTATE, O_RDWR | O_CLOEXEC), want = 0;
	char line[600], *at;

	for (size_t i = 0; i < s->stays.n; i++)
		if (is_polled(&s->stays.stay[i].row))
			want += s->stays.stay[i].times;
	write(fd, STAY_FILTER, strlen(STAY_FILTER));
	for (int i = 0; i < 1000; i++) {
		ssize_t n = pread(fd, line, sizeof(line) - 1, 0);

		line[n > 0 ? n : 0] = '\0';
		at = strstr(line, " total=");
		s->polled++;
		if (at && atoi(at + 7) == want)
			continue;
		note("not %d: %.*s", want, (int)strcspn(line, "\n"), line);
		s->wrong++;
	}
	close(fd);
}

static long sample(const char *text, const char *name)
{
	const char *at = text ? strstr(text, name) : NULL;

	return at ? atol(at + strlen(name)) : -1;
}

/* There are at least those that stay. */
static void read_metrics(struct shared *s, unsigned int *seed)
{
	char *text = file_read(METRICS, NULL);
	long here = sample(text, "{protocol=\"tcp\",state=\"listen\"} "), n = 0;

	for (size_t i = 0; i < s->stays.n; i++) {
		const struct stay *stay = &s->stays.stay[i];

		if (!strcmp(stay->row.proto, "tcp") && listens(&stay->row))
			n += stay->times;
	}
	if (here < n) {
		note("%ld listeners are counted, there are %ld", here, n);
		s->wrong++;
	}
	s->counted++;
	free(text);
	usleep(10000);
}

static void (*const kinds[])(struct shared *s, unsigned int *seed) = {
	read_whole, read_slowly, read_rewinding, read_filtered, read_metrics,
	poll_often, poll_often,
};

#define NR_KINDS	((int)(sizeof(kinds) / sizeof(*kinds)))

/* One that is killed, wherever it is, after the other. */
static void kill_readers(struct shared *s)
{
	unsigned int seed = 1;
	pid_t self = getpid();

	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			die_with(self);
			for (;;)
				read_slowly(s, &seed);
		}
		usleep(rand_r(&seed) % 20000);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		s->killed++;
	}
}

/* All processes, by number: they begin when the sockets that stay are made. */

#define CHURNERS	2
#define WORKERS		(CHURNERS + 1 + NR_KINDS + 1)

struct job {
	int which;
	struct shared *shared;
};

static int work(int line, void *arg)
{
	struct job job = *(struct job *)arg;
	struct shared *s = job.shared;
	unsigned int seed = job.which;

	line_tell(line, 0);
	if (!line_hear(line, NULL))
		return 1;
	if (job.which < CHURNERS)
		churner_run(job.which, &s->churned);
	if (job.which == CHURNERS)
		churner_run_namespaces(&s->churned);
	job.which -= CHURNERS + 1;
	while (job.which < NR_KINDS)
		kinds[job.which](s, &seed);
	kill_readers(s);
	return 1;
}

FIXTURE(torture)
{
	struct shared *shared;
	struct child c[WORKERS];
	struct world world;
	struct peer peer;
	struct talk talk;	/* with a socket in TIME_WAIT */
	int started;
};

FIXTURE_VARIANT(torture)
{
	bool own_tables;
};

FIXTURE_VARIANT_ADD(torture, shared_tables) { };
FIXTURE_VARIANT_ADD(torture, small_tables) { .own_tables = true };

#define SYSCTL	"/proc/sys/net/ipv4/"

/* What nobody answers is not to be given up while the test goes on. */
static bool be_patient(void)
{
	static const struct { const char *name, *value; } sysctls[] = {
		{ "tcp_syn_retries", "127" }, { "tcp_synack_retries", "255" },
		{ "tcp_retries2", "255" }, { "tcp_orphan_retries", "255" },
		/* Some, but not so many that a read takes long. */
		{ "tcp_max_tw_buckets", "80" },
		{ "ip_local_port_range", "20000 29999" },
	};
	char path[80];

	for (size_t i = 0; i < sizeof(sysctls) / sizeof(*sysctls); i++) {
		snprintf(path, sizeof(path), SYSCTL "%s",
			 sysctls[i].name);
		if (file_write(path, sysctls[i].value)) {
			note("%s: %m", path);
			return false;
		}
	}
	return true;
}

static bool settle_groups(void)
{
	for (int i = 0; i < GROUP; i++)
		for (enum flavour f = V4; f <= MAPPED; f++) {
			const char *host = f == V6 ? HOST6 : "127.0.0.1";
			union addr at = addr_of(f, host, 9500 + f);
			int fd = sock_reuse(SOCK_STREAM, &at);

			if (fd < 0 || listen(fd, 4) ||
			    sock_reuse(SOCK_DGRAM, &at) < 0)
				return false;
		}
	return true;
}

/* Beside the crowd; on the ports that sockets elsewhere have, too. */
static bool settle(void)
{
	for (int i = 0; i < DATAGRAMS; i++) {
		enum flavour flavour = i % 3;
		const char *host = flavour == V6 ? HOST6 : "127.0.0.1";
		union addr at = addr_of(flavour, host, 10000 + i);
		int pair[2];

		if (sock_bound(SOCK_DGRAM, &at) < 0)
			return false;
		if (i < LISTENERS && sock_listen(&at, 1) < 0)
			return false;
		addr_set_port(&at, 0);
		if (i < PAIRS && sock_pair(&at, pair))
			return false;
	}
	return settle_groups();
}

/* A socket in TIME_WAIT, for as long as its peer speaks now and then. */
static int linger(FIXTURE_DATA(torture) *self)
{
	union addr far = addr_of(V4, "127.0.0.8", 9009);
	union addr near = addr_of(V4, "127.0.0.1", 9010);
	struct talk *t = &self->talk;
	int fd, err;

	err = peer_open(&self->peer, &far);
	if (err)
		return err;
	fd = sock_connect(SOCK_STREAM, &near, &far);
	err = fd < 0 ? fd : talk_accept(t, &self->peer, &near);
	if (!err && shutdown(fd, SHUT_WR))
		err = -errno;
	err = err ?: talk_expect(t, TH_FIN) ?:
	      talk_send(t, TH_FIN | TH_ACK, NULL, 0);
	close(fd);
	return err;
}

/* Those of the crowd that are in TIME_WAIT go a minute after they @came. */
static void expect_to_go(struct stays *s, uint64_t came)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->stay[i].row.state, "TIME_WAIT") &&
		    strcmp(s->stay[i].row.raddr, "127.0.0.8:9009"))
			s->stay[i].until_ms = came + 55000;
}

FIXTURE_SETUP(torture)
{
	struct table t;
	uint64_t start;

	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	ASSERT_EQ(0, netns_new());
	if (variant->own_tables) {
		int err = netns_small_tables();

		if (err == -ENOENT)
			SKIP(return, "no tables of a namespace's own");
		ASSERT_EQ(0, err);
		ASSERT_EQ(0, netns_new());
	}
	ASSERT_EQ(0, files_allow(4000));
	ASSERT_TRUE(be_patient());
	/* They are there before, so that they do not inherit what stays. */
	for (int i = 0; i < WORKERS; i++) {
		struct job job = { i, self->shared };

		ASSERT_EQ(0, child_start(&self->c[i], work, &job));
		self->started++;
		ASSERT_TRUE(line_hear(self->c[i].line, NULL));
	}
	start = now_ms();
	ASSERT_TRUE(crowd_make(&self->world));
	ASSERT_TRUE(settle());
	ASSERT_EQ(0, linger(self));
	ASSERT_EQ(0, table_read(&t)) {
		note("%s", t.error);
	}
	ASSERT_TRUE(stays_learn(&self->shared->stays, &t));
	ASSERT_LT(PAIRS * 2 + LISTENERS + 6 * GROUP + DATAGRAMS, t.n);
	expect_to_go(&self->shared->stays, start);
	table_free(&t);
	ASSERT_EQ(0, file_write(SYSCTL "ip_local_port_range", CHURN_PORTS));
	for (int i = 0; i < WORKERS; i++)
		ASSERT_TRUE(line_tell(self->c[i].line, 0));
}

FIXTURE_TEARDOWN(torture)
{
	while (self->started)
		child_kill(&self->c[--self->started]);
	world_end(&self->world);
}

/* Every kind of reader and of churn has had its turn. */
static bool all_begun(const struct shared *s)
{
	const struct churned *c = &s->churned;

	return s->reads && s->slow && s->rewound && s->filtered && s->polled &&
	       s->counted && s->killed && churner_did_all(c) && c->namespaces;
}

static long all_reads(const struct shared *s)
{
	return s->reads + s->slow + s->rewound + s->filtered + s->polled;
}

/* Whether all of them go on as they should. */
static bool at_work(FIXTURE_DATA(torture) *self)
{
	for (int i = 0; i < WORKERS; i++) {
		int status;

		if (waitpid(self->c[i].pid, &status, WNOHANG)) {
			note("process %d has ended: %x", i, status);
			self->c[i].pid = 0;
			return false;
		}
	}
	return true;
}

static void report(const struct shared *s, long ms)
{
	const struct churned *c = &s->churned;

	note("%ld reads in %ld s: %ld whole, %ld slow, %ld rewound, %ld filtered, %ld polls",
	     all_reads(s), ms / 1000, s->reads, s->slow, s->rewound,
	     s->filtered, s->polled);
	note("and %ld of the counters; %ld readers killed; around %zu sockets",
	     s->counted, s->killed, s->stays.rows);
	note("a second: %ld connections, %ld requests, %ld datagram sockets, %ld listeners",
	     c->connections * 1000 / ms, c->requests * 1000 / ms,
	     c->datagrams * 1000 / ms, c->listeners * 1000 / ms);
	note("%ld namespaces, %ld forks, %ld passed", c->namespaces, c->forks,
	     c->passed);
}

TEST_F_TIMEOUT(torture, who_stays_is_shown, NO_LIMIT)
{
	uint64_t begin = now_ms(), spoke = begin;
	uint64_t end = begin + 1000 * setting("TORTURE_SECONDS", 5);
	long reads = setting("TORTURE_READS", 100);
	struct shared *s = self->shared;
	bool good = true;

	while (good && s->wrong < 10 &&
	       (now_ms() < end || all_reads(s) < reads || !all_begun(s))) {
		usleep(50000);
		good = at_work(self);
		if (now_ms() - spoke < 20000)
			continue;
		good = good && !talk_send(&self->talk, TH_ACK, NULL, 0);
		spoke = now_ms();
	}
	report(s, now_ms() - begin);
	EXPECT_TRUE(good);
	EXPECT_EQ(0, s->wrong);
}

TEST_HARNESS_MAIN
