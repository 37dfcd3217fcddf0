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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/child.h"
#include "lib/churner.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/stay.h"
#include "lib/table.h"

#define PAIRS		100
#define LISTENERS	100
#define DATAGRAMS	200

#define TIME_WAITS	"/proc/sys/net/ipv4/tcp_max_tw_buckets"

/* How long each test goes on, and how much longer if the churn has not done all by then. */
#define CHURN_AT_LAST_MS	300000

static int duration_ms(void)
{
	const char *ms = getenv("CHURN_MS");

	return ms ? atoi(ms) : 3000;
}

/* One breaks in upon the reader now and then, one goes on beside it. */
#define CHURNERS	2

struct job {
	int which;
	bool elsewhere;
	struct churned *done;
};

static int churn(int line, void *arg)
{
	struct job job = *(struct job *)arg;

	if (job.elsewhere && (netns_new() || file_write(TIME_WAITS, "100")))
		return 1;
	line_tell(line, 0);
	if (!line_hear(line, NULL))
		return 1;
	churner_run(job.which, job.done);
	return 0;
}

FIXTURE(churn)
{
	struct child c[CHURNERS];
	struct churned *done;
	char *text;
	size_t len;
	struct stays stays;
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

/* Listeners that stay, and how many connections each has all the time. */
static const struct host {
	enum flavour flavour;
	const char *host, *shown;
	int connections;
} hosts[] = {
	{ V4, "127.0.0.1", "127.0.0.1", 50 },
	{ V4, "127.0.0.2", "127.0.0.2", 20 },
	{ V6, HOST6, HOST6, 40 },
	{ V6, "::", "::", 30 },
};

#define HOSTS	((int)(sizeof(hosts) / sizeof(*hosts)))
#define HOST_PORT	21000

/* The last of them listens at all addresses, and takes IPv4 as well. */
static bool settle_hosts(void)
{
	for (int i = 0; i < HOSTS; i++) {
		union addr at = addr_of(hosts[i].flavour, hosts[i].host,
					HOST_PORT);
		int fd = sock_reuse(SOCK_STREAM, &at);

		if (fd < 0 || listen(fd, 64))
			return false;
		if (i == HOSTS - 1)
			at = addr_of(V4, "127.0.0.3", HOST_PORT);
		for (int k = 0; k < hosts[i].connections; k++)
			if (sock_connect(SOCK_STREAM, NULL, &at) < 0 ||
			    accept4(fd, NULL, NULL, SOCK_CLOEXEC) < 0)
				return false;
	}
	return true;
}

static bool settle(void)
{
	if (!settle_hosts())
		return false;
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

FIXTURE_SETUP(churn)
{
	struct table t;

	self->done = mmap(NULL, sizeof(*self->done), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->done);
	ASSERT_EQ(0, netns_new());
	if (variant->own_tables) {
		int err = netns_small_tables();

		if (err == -ENOENT)
			SKIP(return, "no tables of a namespace's own");
		ASSERT_EQ(0, err);
		ASSERT_EQ(0, netns_new());
	}
	ASSERT_EQ(0, files_allow(4000));
	/* Some, but not so many that a read takes long. */
	ASSERT_EQ(0, file_write(TIME_WAITS, "100"));

	/* The churn is there before, so that it does not inherit what stays. */
	for (int i = 0; i < CHURNERS; i++) {
		struct job job = { i, variant->elsewhere, self->done };

		ASSERT_EQ(0, child_start(&self->c[i], churn, &job));
		ASSERT_TRUE(line_hear(self->c[i].line, NULL));
	}
	ASSERT_TRUE(settle());
	ASSERT_EQ(0, table_read(&t));
	self->text = t.text;
	self->len = t.len;
	memcpy(self->counts, t.counts, sizeof(t.counts));
	ASSERT_TRUE(stays_learn(&self->stays, &t));
	free(t.rows);
	stay_on(0);
	for (int i = 0; i < CHURNERS; i++)
		ASSERT_TRUE(line_tell(self->c[i].line, 0));
}

FIXTURE_TEARDOWN(churn)
{
	for (int i = 0; i < CHURNERS; i++)
		child_kill(&self->c[i]);
	munmap(self->done, sizeof(*self->done));
	free(self->text);
}

static bool stranger(const struct row *row)
{
	return !churner_may_have(row);
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
		wrong = stays_wrong(&self->stays, &t, NULL, stranger);
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

/* No more connections are listeners' than there are. */
static bool adds_up(const char *text)
{
	long all = metric(text, "tcp", "established") +
		   metric(text, "tcp6", "established");
	long theirs = 0;

	while ((text = strstr(text, "\nnetstate_listener_sockets{"))) {
		const char *end = strchr(++text, '\n');
		const char *state = strstr(text, "state=\"established\"} ");

		if (state && state < end)
			theirs += strtol(strchr(state, ' '), NULL, 10);
	}
	if (theirs > all)
		note("%ld of %ld are listeners'", theirs, all);
	return theirs <= all;
}

/* The counters of the listeners that stay: exact, whatever happens around. */
static int wrong_hosts(void)
{
	char *text = file_read(NETSTATE "_metrics", NULL);
	int wrong = 0;

	if (!text)
		return 1;
	for (int i = 0; i < HOSTS; i++) {
		static const char *const states[] = { "established", "listen" };

		for (int k = 0; k < 2; k++) {
			long want = k ? 1 : hosts[i].connections, n = -1;
			char sample[160];
			const char *at;

			snprintf(sample, sizeof(sample),
				 "{addr=\"%s\",port=\"%d\",state=\"%s\"} ",
				 hosts[i].shown, HOST_PORT, states[k]);
			at = strstr(text, sample);
			if (at)
				n = strtol(at + strlen(sample), NULL, 10);
			if (n == want)
				continue;
			note("%s%ld, not %ld", sample, n, want);
			wrong++;
		}
	}
	wrong += !adds_up(text);
	free(text);
	return wrong;
}

/* For a while, and until all that there is to churn has come and gone. */
static bool goes_on(FIXTURE_DATA(churn) *self, uint64_t end)
{
	return now_ms() < end || (!churner_did_all(self->done) && now_ms() < end + CHURN_AT_LAST_MS);
}

TEST_F_TIMEOUT(churn, listeners_have_what_is_theirs, 900)
{
	uint64_t end = now_ms() + duration_ms();
	int reads = 0, wrong = 0;

	while (goes_on(self, end) && wrong < 10) {
		wrong += wrong_hosts();
		reads++;
	}
	note("%d reads", reads);
	EXPECT_EQ(0, wrong);
	EXPECT_TRUE(churner_did_all(self->done));
}

TEST_F_TIMEOUT(churn, who_stays_is_shown_once, 900)
{
	uint64_t end = now_ms() + duration_ms();
	int reads = 0, wrong = 0;

	while (goes_on(self, end) && wrong < 10) {
		wrong += wrong_rows(self, variant->elsewhere);
		for (int i = 0; variant->elsewhere && i < 50; i++)
			wrong += wrong_counts(self);
		reads++;
	}
	note("%d reads around %zu sockets", reads, self->stays.rows);
	EXPECT_EQ(0, wrong);
	EXPECT_TRUE(churner_did_all(self->done));
}

TEST_HARNESS_MAIN
