// SPDX-License-Identifier: GPL-2.0-only
/*
 * The counters: as Prometheus reads them, and equal to those of /proc/net.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/budget.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/peer.h"
#include "lib/table.h"
#include "lib/witness.h"

#define METRICS	NETSTATE "_metrics"
#define STOP	"/sys/module/netstate/parameters/stop"

static const char *const protos[] = { "tcp", "tcp6", "udp", "udp6" };

/* The value of a sample, told by all that comes before it; -1 if not there. */
static double value_of(const char *text, const char *sample)
{
	size_t n = strlen(sample);

	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		if (!strncmp(line, sample, n) && line[n] == ' ')
			return strtod(line + n, NULL);
	return -1;
}

static double sockets_of(const char *text, const char *proto,
			 const char *state)
{
	char sample[128];

	snprintf(sample, sizeof(sample),
		 "netstate_sockets{protocol=\"%s\",state=\"%s\"}", proto,
		 state);
	return value_of(text, sample);
}

/* All of a protocol's samples together; -1 if there is none. */
static double sum_of(const char *text, const char *proto)
{
	char start[64];
	double sum = 0;
	int samples = 0;

	snprintf(start, sizeof(start), "netstate_sockets{protocol=\"%s\",",
		 proto);
	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		if (!strncmp(line, start, strlen(start))) {
			sum += strtod(strchr(line, ' '), NULL);
			samples++;
		}
	return samples ? sum : -1;
}

/* The word of a state: a datagram socket without one is closed. */
static void word_of(const struct row *row, char *word)
{
	const char *state = *row->state ? row->state : "CLOSE";

	while ((*word++ = tolower(*state++)))
		;
}

/* Every sample of the four protocols has as many rows in the table. */
static bool agrees(const char *text, const struct table *t)
{
	bool good = true;

	for (int p = 0; p < 4; p++) {
		long rows = 0;

		for (size_t i = 0; i < t->n; i++) {
			char word[STATE_MAX];
			long same = 0;

			if (strcmp(t->rows[i].proto, protos[p]))
				continue;
			rows++;
			word_of(&t->rows[i], word);
			for (size_t k = 0; k < t->n; k++)
				same += !strcmp(t->rows[k].proto, protos[p]) &&
					!strcmp(t->rows[k].state,
						t->rows[i].state);
			if (sockets_of(text, protos[p], word) != same) {
				note("%s %s: %ld rows, but %g", protos[p],
				     word, same,
				     sockets_of(text, protos[p], word));
				good = false;
			}
		}
		if (sum_of(text, protos[p]) != rows) {
			note("%s: %ld rows, but %g", protos[p], rows,
			     sum_of(text, protos[p]));
			good = false;
		}
	}
	return good;
}

/* Agrees with what the kernel says itself, which was the same before and after. */
static bool agrees_now(void)
{
	struct table before, after;
	bool good = false, still = false;

	POLL(({
		char *text = NULL;

		if (!witness_read(&before)) {
			text = file_read(METRICS, NULL);
			still = !witness_read(&after) && witness_same(&before, &after);
			good = text && still && agrees(text, &after);
			table_free(&after);
		}
		table_free(&before);
		free(text);
		still;
	}));
	return good;
}

TEST(empty)
{
	static const char *const words[] = {
		"established", "syn_sent", "syn_recv", "fin_wait1",
		"fin_wait2", "time_wait", "close_wait", "last_ack", "listen",
		"closing",
	};
	char *text;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	for (int p = 0; p < 2; p++)
		for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
			EXPECT_EQ(0, sockets_of(text, protos[p], words[i]));
	for (int p = 2; p < 4; p++) {
		EXPECT_EQ(0, sockets_of(text, protos[p], "established"));
		EXPECT_EQ(0, sockets_of(text, protos[p], "close"));
	}
	for (int p = 0; p < 4; p++)
		EXPECT_EQ(0, sum_of(text, protos[p]));
	EXPECT_EQ(0, sum_of(text, "raw"));
	EXPECT_EQ(0, sum_of(text, "raw6"));
	free(text);
	EXPECT_TRUE(agrees_now());
}

TEST(equal_to_the_kernels)
{
	union addr far = addr_of(V4, "127.0.0.9", 9009), here;
	enum flavour f[] = { V4, V6, MAPPED };
	struct peer peer;
	struct talk talk;
	int pair[2], fd;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, peer_open(&peer, &far));
	for (int i = 0; i < 3; i++) {
		union addr at = addr_of(f[i], f[i] == V6 ? "::1" :
					"127.0.0.1", 0);

		for (int k = 0; k <= i; k++) {
			ASSERT_EQ(0, sock_pair(&at, pair));
			ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
			ASSERT_LE(0, sock_listen(&at, 1));
		}
		/* FIN_WAIT2 and CLOSE_WAIT, TIME_WAIT, a connected UDP one. */
		ASSERT_EQ(0, sock_pair(&at, pair));
		shutdown(pair[0], SHUT_WR);
		ASSERT_EQ(0, sock_pair(&at, pair));
		sock_end(pair[0], pair[1]);
		here = addr_local(sock_bound(SOCK_DGRAM, &at));
		ASSERT_LE(0, sock_connect(SOCK_DGRAM, NULL, &here));
	}
	here = addr_of(V4, "127.0.0.1", 0);
	ASSERT_LE(0, sock_connect(SOCK_STREAM, NULL, &far));
	fd = sock_listen(&here, 8);
	ASSERT_LE(0, fd);
	here = addr_local(fd);
	ASSERT_EQ(0, talk_call(&talk, &peer, &here));
	ASSERT_EQ(0, talk_expect(&talk, TH_SYN | TH_ACK));
	EXPECT_TRUE(agrees_now());
}

/* Of this namespace, however many sockets there are in others. */
TEST(one_namespace)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	char *text;

	ASSERT_EQ(0, netns_new());
	ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	ASSERT_LE(0, sock_listen(&at, 1));
	ASSERT_EQ(0, netns_new());
	ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_EQ(1, sum_of(text, "udp"));
	EXPECT_EQ(0, sum_of(text, "tcp"));
	free(text);
}

/* Raw sockets are counted, though the table has no rows of them. */
TEST(raw)
{
	char *text;

	ASSERT_EQ(0, netns_new());
	ASSERT_LE(0, socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
	ASSERT_LE(0, socket(AF_INET, SOCK_RAW, 253));
	ASSERT_LE(0, socket(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6));
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_EQ(2, sum_of(text, "raw"));
	EXPECT_EQ(2, sockets_of(text, "raw", "close"));
	EXPECT_EQ(0, sockets_of(text, "raw", "established"));
	EXPECT_EQ(1, sum_of(text, "raw6"));
	free(text);
}

/* And UDP-Lite, where the kernel has it: connected is established. */
TEST(udplite)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001), at6 = addr_of(V6, "::1", 7001);
	int fd, fd6;
	char *text;

	ASSERT_EQ(0, netns_new());
	fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
	if (fd < 0 && errno == EPROTONOSUPPORT) {
		text = file_read(METRICS, NULL);
		ASSERT_NE(NULL, text);
		EXPECT_EQ(-1, sum_of(text, "udplite"));
		EXPECT_EQ(-1, sum_of(text, "udplite6"));
		free(text);
		return;
	}
	ASSERT_EQ(0, bind(fd, &at.sa, addr_len(&at)));
	ASSERT_EQ(0, connect(fd, &at.sa, addr_len(&at)));
	fd6 = socket(AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE);
	ASSERT_LE(0, fd6);
	ASSERT_EQ(0, bind(fd6, &at6.sa, addr_len(&at6)));
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	EXPECT_EQ(1, sockets_of(text, "udplite", "established"));
	EXPECT_EQ(1, sum_of(text, "udplite"));
	EXPECT_EQ(1, sockets_of(text, "udplite6", "close"));
	EXPECT_EQ(1, sum_of(text, "udplite6"));
	EXPECT_EQ(0, sum_of(text, "udp"));
	free(text);
}

TEST(orphans)
{
	union addr far = addr_of(V4, "127.0.0.9", 9009), local;
	double before;
	struct peer peer;
	struct talk talk;
	char *text;
	int fd;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, peer_open(&peer, &far));
	text = file_read(METRICS, NULL);
	ASSERT_NE(NULL, text);
	before = value_of(text, "netstate_tcp_orphans");
	EXPECT_LE(0, before);
	free(text);

	for (int i = 0; i < 3; i++) {
		fd = sock_connect(SOCK_STREAM, NULL, &far);
		ASSERT_LE(0, fd);
		local = addr_local(fd);
		ASSERT_EQ(0, talk_accept(&talk, &peer, &local));
		if (i)
			close(fd);
	}
	EXPECT_TRUE(POLL(({
		double now;

		text = file_read(METRICS, NULL);
		now = value_of(text, "netstate_tcp_orphans");
		free(text);
		now == before + 2;
	})));
}

/*
 * The text format, line by line:
 *	# HELP name any text
 *	# TYPE name gauge|counter
 *	name{label="value",...} number
 */

static const char *name_end(const char *c)
{
	if (!isalpha(*c) && *c != '_' && *c != ':')
		return NULL;
	while (isalnum(*c) || *c == '_' || *c == ':')
		c++;
	return c;
}

static const char *labels_end(const char *c)
{
	if (*c != '{')
		return c;
	do {
		c = name_end(c + 1);
		if (!c || c[0] != '=' || c[1] != '"')
			return NULL;
		for (c += 2; *c != '"'; c++) {
			if (!*c || (*c == '\\' && !strchr("\\\"n", *++c)))
				return NULL;
		}
		c++;
	} while (*c == ',');
	return *c == '}' ? c + 1 : NULL;
}

static bool is_sample(const char *line)
{
	const char *c = name_end(line);
	char *end;

	c = c ? labels_end(c) : NULL;
	if (!c || *c != ' ' || isspace(c[1]))
		return false;
	strtod(c + 1, &end);
	return end != c + 1 && !*end;
}

static bool is_comment(const char *line, char *name)
{
	char word[8], rest[256];

	if (sscanf(line, "# %7s %127s %255[^\n]", word, name, rest) != 3 ||
	    *name_end(name))
		return false;
	if (!strcmp(word, "TYPE"))
		return !strcmp(rest, "gauge") || !strcmp(rest, "counter");
	return !strcmp(word, "HELP");
}

static int times(const char *text, const char *what, const char *name)
{
	char start[160];
	int n = 0;

	snprintf(start, sizeof(start), "# %s %s ", what, name);
	for (; (text = strstr(text, start)); text++)
		n++;
	return n;
}

static int samples(const char *text, const char *sample)
{
	size_t len = strlen(sample);
	int n = 0;

	for (const char *line = text; *line; line = strchr(line, '\n') + 1)
		n += !strncmp(line, sample, len) && line[len] == ' ';
	return n;
}

TEST(grammar)
{
	char family[128] = "", *text, *copy, *line, *rest;
	size_t len;

	text = file_read(METRICS, &len);
	ASSERT_NE(NULL, text);
	ASSERT_LT(0, len);
	ASSERT_EQ('\n', text[len - 1]);
	ASSERT_EQ(len, strlen(text));

	copy = rest = strndup(text, len - 1);
	while ((line = strsep(&rest, "\n"))) {
		char name[128];

		if (*line == '#') {
			EXPECT_TRUE(is_comment(line, name)) {
				note("not a comment of the format: '%s'", line);
			}
			EXPECT_EQ(1, times(text, "HELP", name));
			EXPECT_EQ(1, times(text, "TYPE", name));
			strcpy(family, name);
			continue;
		}
		EXPECT_TRUE(is_sample(line)) {
			note("not a sample: '%s'", line);
		}
		/* It follows its own HELP and TYPE, and is there once. */
		EXPECT_EQ(0, strncmp(line, family, strlen(family)));
		EXPECT_NE(NULL, strchr("{ ", line[strlen(family)]));
		*strrchr(line, ' ') = '\0';
		EXPECT_EQ(1, samples(text, line));
	}
	free(copy);

	EXPECT_EQ(1, times(text, "HELP", "netstate_sockets"));
	EXPECT_EQ(1, times(text, "HELP", "netstate_tcp_orphans"));
	EXPECT_LT(0, value_of(text, "netstate_walk_seconds"));
	EXPECT_GT(30, value_of(text, "netstate_walk_seconds"));
	EXPECT_NE(NULL, strstr(text, "\nnetstate_build_info{version=\""));
	free(text);
}

/* In pieces as well. */
TEST(small_reads)
{
	int fd = open(METRICS, O_RDONLY);
	char *text = fd_read_step(fd, 11, NULL), *again;

	ASSERT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text, "\nnetstate_build_info{version=\""));
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	again = fd_read_step(fd, 1, NULL);
	ASSERT_NE(NULL, again);
	EXPECT_NE(NULL, strstr(again, "\nnetstate_build_info{version=\""));
	free(again);
	free(text);
}

/*
 * What the module tells of itself, all readers together. It stands in the file of the first
 * network namespace: so that is opened before a test leaves for another one.
 */

#define CROWD	600	/* more than a walk takes without a rest */
#define FILES	200

FIXTURE(own)
{
	int fd;
};

FIXTURE_SETUP(own)
{
	self->fd = open(METRICS, O_RDONLY);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(CROWD + FILES + 200));
}

FIXTURE_TEARDOWN(own)
{
	close(self->fd);
}

static double now(int fd, const char *sample)
{
	char *text = lseek(fd, 0, SEEK_SET) ? NULL : fd_read(fd, NULL);
	double value = text ? value_of(text, sample) : -2;

	if (value < 0)
		note("%s: %g", sample, value);
	free(text);
	return value;
}

static bool crowd_made(bool one_port)
{
	for (int i = 0; i < CROWD; i++) {
		union addr at = addr_of(V4, "127.0.0.1", one_port ? 5353 : 10000 + i);

		if (sock_reuse(SOCK_DGRAM, &at) < 0)
			return false;
	}
	return true;
}

/* Each that takes a snapshot is one, in however many pieces it is read. */
TEST_F(own, reads)
{
	const char *table = "netstate_reads_total{file=\"netstate\"}";
	const char *metrics = "netstate_reads_total{file=\"netstate_metrics\"}";
	double tables = now(self->fd, table), before = now(self->fd, metrics);
	int fd = open(NETSTATE, O_RDONLY);

	ASSERT_LE(0, fd);
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
		free(fd_read_step(fd, 50, NULL));
	}
	EXPECT_EQ(tables + 3, now(self->fd, table));
	EXPECT_EQ(before + 2, now(self->fd, metrics));
	close(fd);
}

/* By what read(2) says, and no other count grows. */
TEST_F(own, failed_reads)
{
	static const char *const samples[] = {
		"netstate_read_errors_total{errno=\"EBUSY\"}",
		"netstate_read_errors_total{errno=\"EFAULT\"}",
		"netstate_read_errors_total{errno=\"ENOMEM\"}",
		"netstate_read_errors_total{errno=\"EINTR\"}",
		"netstate_read_errors_total{errno=\"other\"}",
	};
	char *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = open(NETSTATE, O_RDONLY), held[FILES], n, said = 0;
	char before[24], byte;
	double was[5];

	ASSERT_NE(MAP_FAILED, nowhere);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(crowd_made(false));
	for (int i = 0; i < 5; i++)
		was[i] = now(self->fd, samples[i]);

	ASSERT_EQ(0, file_write(STOP, "1"));
	said = read(fd, &byte, 1) < 0 ? errno : 0;
	EXPECT_EQ(0, file_write(STOP, "0"));
	EXPECT_EQ(EBUSY, said);

	EXPECT_EQ(-1, read(fd, nowhere, 1));
	EXPECT_EQ(EFAULT, errno);

	snprintf(before, sizeof(before), "%ld", file_read_long(BUDGET, -1));
	ASSERT_EQ(0, file_write(BUDGET, "1"));
	n = budget_fill(held, FILES);
	budget_empty(held, n);
	EXPECT_EQ(0, file_write(BUDGET, before));
	EXPECT_LT(0, n);

	for (int i = 0; i < 5; i++)
		EXPECT_EQ(was[i] + (i < 3), now(self->fd, samples[i]));
	close(fd);
}

/* Those of tables that are open and not at their end, and their memory. */
TEST_F(own, held)
{
	const char *records = "netstate_records", *used = "netstate_budget_used_bytes";
	double were, was;
	char byte;
	int fd;

	ASSERT_TRUE(crowd_made(false));
	were = now(self->fd, records);
	was = now(self->fd, used);
	fd = open(NETSTATE, O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_LT(0, write(fd, "lport>=10000", 12));
	EXPECT_EQ(were, now(self->fd, records));
	ASSERT_EQ(1, read(fd, &byte, 1));
	EXPECT_EQ(were + CROWD, now(self->fd, records));
	/* A record has an address, a port and an owner at least. */
	EXPECT_LT(was + CROWD * 16, now(self->fd, used));
	free(fd_read(fd, NULL));
	EXPECT_EQ(were, now(self->fd, records));
	close(fd);
	EXPECT_EQ(was, now(self->fd, used));
}

/* Groups are no records. */
TEST_F(own, groups_hold_none)
{
	double were = now(self->fd, "netstate_records");
	int fd = open(NETSTATE, O_RDWR);
	char byte;

	ASSERT_TRUE(crowd_made(false));
	ASSERT_LE(0, fd);
	ASSERT_LT(0, write(fd, "group=lport", 11));
	ASSERT_EQ(1, read(fd, &byte, 1));
	EXPECT_EQ(were, now(self->fd, "netstate_records"));
	close(fd);
	EXPECT_EQ(were, now(self->fd, "netstate_records"));
}

TEST_F(own, limit)
{
	char before[24];

	snprintf(before, sizeof(before), "%ld", file_read_long(BUDGET, -1));
	ASSERT_EQ(0, file_write(BUDGET, "7"));
	EXPECT_EQ(7 << 20, now(self->fd, "netstate_budget_limit_bytes"));
	EXPECT_EQ(0, file_write(BUDGET, before));
}

/* A chain that is too long for one section is walked again, under its lock. */
TEST_F(own, long_chain)
{
	const char *retries = "netstate_bucket_retries_total", *locks = "netstate_bucket_locks_total";
	double again = now(self->fd, retries), locked = now(self->fd, locks);

	/* Nothing here is long. */
	EXPECT_EQ(locked, now(self->fd, locks));
	ASSERT_TRUE(crowd_made(true));
	free(file_read(NETSTATE, NULL));
	EXPECT_LT(again, now(self->fd, retries));
	EXPECT_LT(locked, now(self->fd, locks));
}

TEST_HARNESS_MAIN
