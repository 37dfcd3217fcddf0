// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets come and go around some that stay: each that stays is in every read,
 * once, and as it is.
 *
 * A walk that is wrong is wrong seldom.  It shows where chains are long and the
 * churn does not wait for the reader: in a guest with thash_entries=64
 * uhash_entries=256 preempt=full.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "lib/child.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"

#define PAIRS		100
#define LISTENERS	100
#define DATAGRAMS	200

#define TIME_WAITS	"/proc/sys/net/ipv4/tcp_max_tw_buckets"

/* How long each test goes on. */
static int duration_ms(void)
{
	const char *ms = getenv("CHURN_MS");

	return ms ? atoi(ms) : 3000;
}

/* Those that stay have other addresses, and the same ports. */
static union addr place(enum flavour flavour, uint16_t port)
{
	return addr_of(flavour, flavour == V6 ? "::1" : "127.0.0.2", port);
}

#define POOL	40

/* All connections end and others begin, mostly in the memory of the old. */
static void churn_tcp(unsigned int *seed)
{
	static int pool[POOL][2];
	struct linger reset = { 1, 0 };

	for (int i = 0; i < POOL; i++) {
		int *pair = pool[i], first = rand_r(seed) % 2;
		union addr at = place(rand_r(seed) % 3, 0);

		if (pair[0] > 0) {
			if (rand_r(seed) % 8)
				setsockopt(pair[first], SOL_SOCKET, SO_LINGER,
					   &reset, sizeof(reset));
			close(pair[first]);
			close(pair[!first]);
		}
		if (sock_pair(&at, pair))
			pair[0] = 0;
	}
}

/* Into a chain and out of it, without a handshake. */
static void churn_refused(unsigned int *seed)
{
	for (int i = 0; i < POOL; i++) {
		union addr to = place(V4, 1 + rand_r(seed) % 9);
		int fd = sock_connect(SOCK_STREAM, NULL, &to);

		if (fd >= 0)
			close(fd);
	}
}

/* Sockets that move from chain to chain while they live. */
static void churn_udp(unsigned int *seed)
{
	static int pool[POOL];
	union addr any = { .sa = { AF_UNSPEC } };

	for (int i = 0; i < POOL; i++) {
		union addr to = place(V4, 1 + rand_r(seed) % 60000);

		if (!pool[i])
			pool[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		connect(pool[i], &any.sa, sizeof(any));
		connect(pool[i], &to.sa, sizeof(to.in));
	}
}

static void churn_listeners(unsigned int *seed)
{
	static int pool[POOL];

	for (int i = 0; i < POOL; i++) {
		union addr at = place(rand_r(seed) % 3,
				      20000 + rand_r(seed) % LISTENERS);

		if (pool[i] > 0)
			close(pool[i]);
		pool[i] = sock_listen(&at, 1);
	}
}

static void (*const churners[])(unsigned int *seed) = {
	churn_tcp, churn_refused, churn_udp, churn_listeners,
};

#define KINDS	(sizeof(churners) / sizeof(*churners))

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* One breaks in upon the reader now and then, one goes on beside it. */
#define CHURNERS	2

static const struct {
	int last_cpu, pause_us;
} jobs[CHURNERS] = {
	{ 0, 30000 }, { 1, 1000 },
};

struct job {
	int which;
	bool elsewhere;
};

/* Bursts that nothing interrupts, and a moment for others in between. */
static int churn(int line, void *arg)
{
	struct sched_param priority = { .sched_priority = 1 };
	struct job job = *(struct job *)arg;
	unsigned int seed = job.which;

	prctl(PR_SET_NAME, "churn");
	if (job.elsewhere && (netns_new() || file_write(TIME_WAITS, "100")))
		return 1;
	line_tell(line, 0);
	if (!line_hear(line, NULL))
		return 1;

	stay_on(jobs[job.which].last_cpu * sysconf(_SC_NPROCESSORS_ONLN) / 2);
	sched_setscheduler(0, SCHED_FIFO, &priority);
	for (;;) {
		churners[rand_r(&seed) % KINDS](&seed);
		usleep(rand_r(&seed) % jobs[job.which].pause_us);
	}
	return 0;
}

FIXTURE(churn)
{
	struct child c[CHURNERS];
	char *text;
	size_t len, n;
	struct row *rows;	/* those that stay, sorted */
	long counts[NR_COUNTS];
};

FIXTURE_VARIANT(churn)
{
	bool own_tables, elsewhere;
};

/* In the same namespace, with the kernel's tables or its own small ones. */
FIXTURE_VARIANT_ADD(churn, among) { };
FIXTURE_VARIANT_ADD(churn, among_in_small_tables) { .own_tables = true };

/* In another namespace: then not a byte of ours may change. */
FIXTURE_VARIANT_ADD(churn, beside) { .elsewhere = true };

static int by_name(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return strcmp(x->laddr, y->laddr) ?: strcmp(x->raddr, y->raddr) ?:
	       strcmp(x->proto, y->proto);
}

static bool settle(void)
{
	for (int i = 0; i < DATAGRAMS; i++) {
		enum flavour flavour = i % 3;
		const char *host = flavour == V6 ? HOST6 : "127.0.0.1";
		union addr at = addr_of(flavour, host, 10000 + i);
		int pair[2];

		if (sock_bound(SOCK_DGRAM, &at) < 0)
			return false;
		if (i >= LISTENERS)
			continue;
		addr_set_port(&at, 20000 + i);
		if (sock_listen(&at, 1) < 0)
			return false;
		if (i >= PAIRS)
			continue;
		addr_set_port(&at, 0);
		if (sock_pair(&at, pair))
			return false;
		addr_set_port(&at, 1 + i);
		if (sock_connect(SOCK_DGRAM, NULL, &at) < 0)
			return false;
	}
	return true;
}

static bool small_tables(void)
{
	static const char *const sizes[] = {
		"/proc/sys/net/ipv4/tcp_child_ehash_entries",
		"/proc/sys/net/ipv4/udp_child_hash_entries",
	};

	for (int i = 0; i < 2; i++)
		if (!access(sizes[i], F_OK) && file_write(sizes[i], "16"))
			return false;
	return true;
}

FIXTURE_SETUP(churn)
{
	struct table t;

	ASSERT_EQ(0, netns_new());
	if (variant->own_tables) {
		if (access("/proc/sys/net/ipv4/tcp_child_ehash_entries", F_OK))
			SKIP(return, "no tables of a namespace's own");
		ASSERT_TRUE(small_tables());
		ASSERT_EQ(0, netns_new());
	}
	ASSERT_EQ(0, files_allow(4000));
	/* Some, but not so many that a read takes long. */
	ASSERT_EQ(0, file_write(TIME_WAITS, "100"));

	/* The churn is there before, so that it does not inherit what stays. */
	for (int i = 0; i < CHURNERS; i++) {
		struct job job = { i, variant->elsewhere };

		ASSERT_EQ(0, child_start(&self->c[i], churn, &job));
		ASSERT_TRUE(line_hear(self->c[i].line, NULL));
	}
	ASSERT_TRUE(settle());
	ASSERT_EQ(0, table_read(&t));
	self->text = t.text;
	self->len = t.len;
	self->n = t.n;
	self->rows = t.rows;
	memcpy(self->counts, t.counts, sizeof(t.counts));
	qsort(self->rows, self->n, sizeof(*self->rows), by_name);
	stay_on(0);
	for (int i = 0; i < CHURNERS; i++)
		ASSERT_TRUE(line_tell(self->c[i].line, 0));
}

FIXTURE_TEARDOWN(churn)
{
	for (int i = 0; i < CHURNERS; i++)
		child_kill(&self->c[i]);
	free(self->rows);
	free(self->text);
}

/* How many of those that stay are not there once, as they were. */
static int missed(FIXTURE_DATA(churn) *self, const struct table *t)
{
	unsigned char *seen = calloc(1, self->n);
	int wrong = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct row *row = &t->rows[i], *stays;

		stays = bsearch(row, self->rows, self->n, sizeof(*row),
				by_name);
		if (!stays)
			continue;
		if (seen[stays - self->rows]++ ||
		    strcmp(row->prog, stays->prog) ||
		    strcmp(row->state, stays->state)) {
			note("%s %s %s %s %s: twice, or changed", row->proto,
			     row->laddr, row->raddr, row->state, row->prog);
			wrong++;
		}
	}
	for (size_t i = 0; i < self->n; i++) {
		if (seen[i])
			continue;
		note("%s %s %s: missing", self->rows[i].proto,
		     self->rows[i].laddr, self->rows[i].raddr);
		wrong++;
	}
	free(seen);
	return wrong;
}

/* One read, and what is wrong with it. */
static int wrong_rows(FIXTURE_DATA(churn) *self, bool all_of_it)
{
	struct table t;
	size_t len;
	char *text = file_read(NETSTATE, &len);
	int wrong;

	if (!text)
		return 1;
	if (all_of_it && len == self->len && !memcmp(text, self->text, len)) {
		free(text);
		return 0;
	}
	if (table_parse(&t, text, len)) {
		note("%s", t.error);
		wrong = 1;
	} else {
		wrong = missed(self, &t);
		/* A row too many, or in another place. */
		if (all_of_it && !wrong)
			wrong = 1;
	}
	table_free(&t);
	return wrong;
}

static long metric(const char *text, const char *proto, const char *state)
{
	char sample[128];
	const char *at;

	snprintf(sample, sizeof(sample),
		 "\nnetstate_sockets{protocol=\"%s\",state=\"%s\"} ", proto,
		 state);
	at = strstr(text, sample);
	return at ? strtol(at + strlen(sample), NULL, 10) : 0;
}

/* The counters of a namespace in which nothing happens. */
static int wrong_counts(FIXTURE_DATA(churn) *self)
{
	char *text = file_read(NETSTATE "_metrics", NULL);
	int wrong = 0;

	if (!text)
		return 1;
	for (int i = 0; i < C_TOTAL; i++) {
		const char *word = i == C_DGRAM ? "close" : count_words[i];
		long n = metric(text, "udp", word) + metric(text, "udp6", word);

		if (i != C_DGRAM)
			n += metric(text, "tcp", word) +
			     metric(text, "tcp6", word);
		if (i == C_CLOSE || n == self->counts[i])
			continue;
		note("%s: %ld, not %ld", word, n, self->counts[i]);
		wrong++;
	}
	free(text);
	return wrong;
}

TEST_F_TIMEOUT(churn, who_stays_is_shown_once, 300)
{
	uint64_t end = now_ms() + duration_ms();
	int reads = 0, wrong = 0;

	while (now_ms() < end && wrong < 10) {
		wrong += wrong_rows(self, variant->elsewhere);
		for (int i = 0; variant->elsewhere && i < 50; i++)
			wrong += wrong_counts(self);
		reads++;
	}
	note("%d reads around %zu sockets", reads, self->n);
	EXPECT_EQ(0, wrong);
}

TEST_HARNESS_MAIN
