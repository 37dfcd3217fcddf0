// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups: each line against the sockets that the test has made, and who holds
 * them; and that nothing is lost or shown twice while sockets come and go.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/churner.h"
#include "lib/creds.h"
#include "lib/crowd.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"

#define COUNT(array)	((int)(sizeof(array) / sizeof(*(array))))
#define GROUPS_MAX	"/sys/module/netstate/parameters/groups_max"
#define LINES_MAX	4096
#define KEY_MAX		(2 * PROG_MAX + 2)

/* A line, as it is read or expected. */
struct line {
	char key[KEY_MAX];		/* one word, or two */
	long counts[NR_COUNTS];
	long recvq, sendq;
};

struct lines {
	struct line *line;
	int n;
	long total;			/* by line 1 */
};

static bool lines_begin(struct lines *l)
{
	l->n = 0;
	l->line = calloc(LINES_MAX, sizeof(*l->line));
	return l->line;
}

static struct line *lines_find(const struct lines *l, const char *key)
{
	for (int i = 0; i < l->n; i++)
		if (!strcmp(l->line[i].key, key))
			return &l->line[i];
	return NULL;
}

/* The words of a line into @line; the first @keys are its key. */
static bool parse_line(struct line *line, char *text, int keys)
{
	char *rest = text, *word;
	long number[NR_COUNTS + 2];

	*line->key = '\0';
	for (int i = 0; i < keys; i++) {
		word = strsep(&rest, " ");
		if (i)
			strcat(line->key, " ");
		if (!word || strlen(line->key) + strlen(word) >= KEY_MAX)
			return false;
		strcat(line->key, word);
		rest += rest ? strspn(rest, " ") : 0;
	}
	for (int i = 0; i < COUNT(number); i++) {
		if (!rest || !*rest)
			return false;
		number[i] = strtol(rest, &rest, 10);
		rest += strspn(rest, " ");
	}
	if (*rest)
		return false;
	memcpy(line->counts, number, sizeof(line->counts));
	line->recvq = number[NR_COUNTS];
	line->sendq = number[NR_COUNTS + 1];
	return true;
}

/* The head must name the keys, then the counts. */
static bool parse_head(const char *by, char *text)
{
	char want[KEY_MAX + 256] = "", have[KEY_MAX + 256] = "", *word;

	snprintf(want, sizeof(want), "%s", by);
	word = strchr(want, '/');
	if (word)	/* raddr/24 */
		memmove(word, word + strcspn(word, ","), strlen(word + strcspn(word, ",")) + 1);
	word = strchr(want, ',');
	if (word)
		*word = ' ';
	for (int i = 0; i < NR_COUNTS; i++)
		sprintf(want + strlen(want), " %s", count_words[i]);
	strcat(want, " recvq sendq");
	while ((word = strsep(&text, " ")))
		if (*word)
			sprintf(have + strlen(have), "%s%s", *have ? " " : "", word);
	if (!strcmp(have, want))
		return true;
	note("head \"%s\", not \"%s\"", have, want);
	return false;
}

/* Writes "group=@by @filter", and reads what that shows. 0 or -errno. */
static int lines_read(struct lines *l, int fd, const char *by, const char *filter)
{
	int keys = strchr(by, ',') ? 2 : 1, err = 0;
	char word[512], *text, *rest, *one, *total;
	size_t len;

	snprintf(word, sizeof(word), "group=%s %s\n", by, filter);
	if (write(fd, word, strlen(word)) < 0 || lseek(fd, 0, SEEK_SET))
		return -errno;
	text = fd_read(fd, &len);
	if (!text)
		return -errno;
	rest = text;
	one = strsep(&rest, "\n");
	total = strstr(one, " total=");
	if (!total || !rest || !lines_begin(l)) {
		free(text);
		return -EBADMSG;
	}
	l->total = atol(total + 7);
	if (!parse_head(by, strsep(&rest, "\n")))
		err = -EBADMSG;
	while (!err && (one = strsep(&rest, "\n")) && *one) {
		if (l->n == LINES_MAX || !parse_line(&l->line[l->n++], one, keys)) {
			note("bad line");
			err = -EBADMSG;
		}
	}
	free(text);
	return err;
}

/* What stands before the port, and it. */
static void ends(const char *text, char *host, char *port)
{
	const char *colon = strrchr(text, ':');

	sprintf(host, "%.*s", (int)(colon - text), text);
	strcpy(port, colon + 1);
}

static const char *state_word(const struct cells *c)
{
	static char word[STATE_MAX];
	int i = 0;

	for (; c->row.state[i]; i++)
		word[i] = tolower(c->row.state[i]);
	word[i] = '\0';
	for (i = 0; i < C_DGRAM; i++)
		if (!strcmp(word, count_words[i]))
			return word;
	return count_words[C_DGRAM];
}

static int count_index(const char *word)
{
	for (int i = 0; i < NR_COUNTS; i++)
		if (!strcmp(word, count_words[i]))
			return i;
	return -1;
}

/* What a socket has of one kind: several, if several hold it. */
static int keys_of(const struct world *w, const struct made *s, const char *by,
		   char keys[HOLDERS_MAX][PROG_MAX])
{
	char host[ADDR_TEXT_MAX], port[ADDR_TEXT_MAX];
	int n = 0;

	ends(s->is.row.raddr, host, port);
	if (!strcmp(by, "raddr")) {
		strcpy(keys[0], host);
	} else if (!strcmp(by, "raddr/0")) {
		strcpy(keys[0], strchr(host, '.') ? "0.0.0.0/0" : "::/0");
	} else if (!strcmp(by, "rport")) {
		strcpy(keys[0], port);
	} else if (!strcmp(by, "lport")) {
		ends(s->is.row.laddr, host, port);
		strcpy(keys[0], port);
	} else if (!strcmp(by, "uid")) {
		if (s->is.uid == NO_USER)
			strcpy(keys[0], "-");
		else
			sprintf(keys[0], "%llu", s->is.uid);
	} else if (!strcmp(by, "state")) {
		strcpy(keys[0], state_word(&s->is));
	} else {
		for (const struct holder *h = w->holder; h < w->holder + w->holders; h++) {
			int same = 0;

			if (!(s->passing & h->bit))
				continue;
			if (!strcmp(by, "process"))
				sprintf(keys[n], "%d/%s", h->pid, h->shown);
			else
				strcpy(keys[n], h->shown);
			while (same < n && strcmp(keys[same], keys[n]))
				same++;
			n += same == n;
		}
		if (!n)
			strcpy(keys[n++], "-");
		return n;
	}
	return 1;
}

static void expect(struct lines *want, const struct made *s, const char *key)
{
	struct line *line = lines_find(want, key);

	if (!line) {
		line = &want->line[want->n++];
		strcpy(line->key, key);
	}
	line->counts[count_index(state_word(&s->is))]++;
	line->counts[C_TOTAL]++;
	line->recvq += s->is.row.recvq;
	line->sendq += s->is.row.sendq;
}

/* The lines that the sockets which are wanted should make. */
static bool expect_all(struct lines *want, const struct world *w, const char *by)
{
	char first[32], a[HOLDERS_MAX][PROG_MAX], b[HOLDERS_MAX][PROG_MAX] = { "" };
	const char *second = strchr(by, ',');

	if (!lines_begin(want))
		return false;
	want->total = 0;
	sprintf(first, "%.*s", (int)strcspn(by, ","), by);
	for (const struct made *s = w->made; s < w->made + w->n; s++) {
		int na, nb = 1;

		if (!s->wanted)
			continue;
		want->total++;
		na = keys_of(w, s, first, a);
		if (second)
			nb = keys_of(w, s, second + 1, b);
		for (int i = 0; i < na; i++) {
			for (int j = 0; j < nb; j++) {
				char key[KEY_MAX];

				strcpy(key, a[i]);
				strcat(key, second ? " " : "");
				strcat(key, b[j]);
				expect(want, s, key);
			}
		}
	}
	return true;
}

static bool same_lines(const struct lines *want, const struct lines *have, const char *what)
{
	bool same = want->n == have->n && want->total == have->total;

	for (int i = 0; i < have->n; i++) {
		const struct line *line = lines_find(want, have->line[i].key);

		if (!line || memcmp(line, &have->line[i], sizeof(*line))) {
			note("%s: \"%s\", %ld sockets, %ld and %ld bytes: not so", what,
			     have->line[i].key, have->line[i].counts[C_TOTAL],
			     have->line[i].recvq, have->line[i].sendq);
			same = false;
		}
		if (i && have->line[i].counts[C_TOTAL] > have->line[i - 1].counts[C_TOTAL]) {
			note("%s: \"%s\" comes too late", what, have->line[i].key);
			same = false;
		}
	}
	if (!same)
		note("%s: %d lines of %ld sockets, not %d of %ld", what, have->n, have->total,
		     want->n, want->total);
	return same;
}

/* Whether "group=@by @filter" shows the sockets that are wanted. */
static bool grouped(struct world *w, const char *by, const char *filter)
{
	struct lines want, have = { NULL };
	int err = lines_read(&have, w->fd, by, filter);
	bool good;

	if (err || !expect_all(&want, w, by)) {
		note("group=%s %s: %s", by, filter, strerror(-err));
		free(have.line);
		return false;
	}
	/* calloc() and strcpy() leave the rest of a key zero; parsing may not. */
	for (int i = 0; i < have.n; i++) {
		size_t len = strlen(have.line[i].key);

		memset(have.line[i].key + len, 0, KEY_MAX - len);
	}
	good = same_lines(&want, &have, by);
	free(want.line);
	free(have.line);
	return good;
}

#define GROUPED(w, by, filter, predicate)				\
({									\
	for (struct made *s = (w)->made; s < (w)->made + (w)->n; s++) {	\
		s->passing = s->holders;				\
		s->wanted = made_usual(s) && (predicate);		\
	}								\
	grouped(w, by, filter);						\
})

FIXTURE(groups)
{
	struct world w;
};

FIXTURE_SETUP(groups)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_TRUE(crowd_make(&self->w));
}

FIXTURE_TEARDOWN(groups)
{
	world_end(&self->w);
}

/* By each thing alone, and by any two. */
TEST_F(groups, all_keys)
{
	static const char *const keys[] = {
		"process", "program", "lport", "rport", "raddr", "raddr/0", "uid", "state",
	};
	struct world *w = &self->w;
	char by[64];

	for (int i = 0; i < COUNT(keys); i++) {
		EXPECT_TRUE(GROUPED(w, keys[i], "", true));
		for (int j = 0; j < COUNT(keys); j++) {
			if (i == j || (i < 2 && j < 2))	/* a process is one program */
				continue;
			snprintf(by, sizeof(by), "%s,%s", keys[i], keys[j]);
			EXPECT_TRUE(GROUPED(w, by, "", true));
		}
	}
}

/* With other words; those about owners choose who counts. */
TEST_F(groups, filtered)
{
	struct world *w = &self->w;
	struct holder *h = &w->holder[1];
	char filter[64];

	EXPECT_TRUE(GROUPED(w, "program", "proto=tcp", s->is.row.proto[0] == 't'));
	EXPECT_TRUE(GROUPED(w, "lport", "state=listen", !strcmp(s->is.row.state, "LISTEN")));
	EXPECT_TRUE(GROUPED(w, "state", "owner=none", !s->holders));
	EXPECT_TRUE(GROUPED(w, "process", "owner=any", s->holders));
	EXPECT_TRUE(GROUPED(w, "uid,state", "recvq>0", s->is.row.recvq > 0));

	for (struct made *s = w->made; s < w->made + w->n; s++) {
		s->passing = s->holders & h->bit;
		s->wanted = made_usual(s) && s->passing;
	}
	snprintf(filter, sizeof(filter), "pid=%d", h->pid);
	EXPECT_TRUE(grouped(w, "program", filter));
	EXPECT_TRUE(grouped(w, "process,state", filter));
	EXPECT_TRUE(grouped(w, "lport", filter));
}

/* One namespace and one cgroup have all; their numbers are those of show=more. */
TEST_F(groups, namespace_and_cgroup)
{
	struct world *w = &self->w;
	struct lines l;
	char link[64] = "";

	ASSERT_LT(0, readlink("/proc/self/ns/net", link, sizeof(link) - 1));
	ASSERT_EQ(0, strncmp(link, "net:[", 5));
	link[strlen(link) - 1] = '\0';
	ASSERT_EQ(0, lines_read(&l, w->fd, "netns", ""));
	ASSERT_EQ(1, l.n);
	EXPECT_STREQ(link + 5, l.line[0].key);
	EXPECT_EQ(l.total, l.line[0].counts[C_TOTAL]);
	free(l.line);

	ASSERT_EQ(0, lines_read(&l, w->fd, "cgroup", ""));
	for (int i = 0; i < l.n; i++) {
		char filter[64], *text;

		if (!strcmp(l.line[i].key, "-"))
			continue;
		ASSERT_EQ(13, write(w->fd, "show=more\n\n\n\n", 13));
		lseek(w->fd, 0, SEEK_SET);
		text = fd_read(w->fd, NULL);
		ASSERT_NE(NULL, text);
		snprintf(filter, sizeof(filter), " cgroup=%s ", l.line[i].key);
		EXPECT_NE(NULL, strstr(text, filter));
		free(text);
	}
	free(l.line);
}

/* The first lines of all, and all of the counts on line 1. */
TEST_F(groups, top)
{
	struct world *w = &self->w;
	struct lines all, top;
	char filter[32];

	ASSERT_EQ(0, lines_read(&all, w->fd, "lport", ""));
	ASSERT_LT(5, all.n);
	for (int n = 1; n < all.n + 2; n++) {
		snprintf(filter, sizeof(filter), "top=%d", n);
		ASSERT_EQ(0, lines_read(&top, w->fd, "lport", filter));
		EXPECT_EQ(n < all.n ? n : all.n, top.n);
		EXPECT_EQ(all.total, top.total);
		for (int i = 0; i < top.n; i++)
			EXPECT_STREQ(all.line[i].key, top.line[i].key);
		free(top.line);
	}
	free(all.line);
}

/* Reads of any size see the same text. */
TEST_F(groups, small_reads)
{
	char *whole, *steps;
	int fd = self->w.fd;

	ASSERT_EQ(13, write(fd, "group=lport\n\n", 13));
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	whole = fd_read(fd, NULL);
	ASSERT_NE(NULL, whole);
	for (size_t step = 1; step < 5000; step = step * 3 + 1) {
		ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
		steps = fd_read_step(fd, step, NULL);
		ASSERT_NE(NULL, steps);
		EXPECT_STREQ(whole, steps);
		free(steps);
	}
	for (size_t at = 0; at < strlen(whole); at += 97) {
		char part[33] = "";

		ASSERT_LE(0, pread(fd, part, 32, at));
		EXPECT_EQ(0, strncmp(whole + at, part, 32));
	}
	free(whole);
}

/* Too many: what is left over is one line, the last, and nothing is lost. */
TEST_F(groups, others)
{
	struct world *w = &self->w;
	char before[24];
	struct lines l;
	long sum;

	snprintf(before, sizeof(before), "%ld", file_read_long(GROUPS_MAX, -1));
	ASSERT_STRNE("-1", before);
	EXPECT_EQ(-EINVAL, file_write(GROUPS_MAX, "0"));
	EXPECT_EQ(-EINVAL, file_write(GROUPS_MAX, "16777217"));
	for (int most = 1; most < 6; most++) {
		char text[16];

		snprintf(text, sizeof(text), "%d", most);
		ASSERT_EQ(0, file_write(GROUPS_MAX, text));
		ASSERT_EQ(0, lines_read(&l, w->fd, "lport", ""));
		EXPECT_EQ(most + 1, l.n);
		EXPECT_STREQ("(other)", l.line[l.n - 1].key);
		sum = 0;
		for (int i = 0; i < l.n; i++)
			sum += l.line[i].counts[C_TOTAL];
		EXPECT_EQ(l.total, sum);
		free(l.line);
	}
	EXPECT_EQ(0, file_write(GROUPS_MAX, before));
}

/* Another user, who has inherited what we hold. */
static int look_as_stranger(int line, void *arg)
{
	struct world *w = arg;
	bool good;

	if (become(1234, 1234, -1))
		return 1;
	w->holder[0].pid = getpid();
	w->fd = open(NETSTATE, O_RDWR);
	for (struct made *s = w->made; s < w->made + w->n; s++) {
		s->passing = s->holders & US;
		s->wanted = made_usual(s);
	}
	good = grouped(w, "program", "") && grouped(w, "process,state", "");
	for (struct made *s = w->made; s < w->made + w->n; s++)
		s->wanted &= !!s->passing;
	return !(good && grouped(w, "process", "comm=*"));
}

/* What cannot be seen in a row cannot be seen in a group: only oneself. */
TEST_F(groups, stranger)
{
	struct child c;

	ASSERT_EQ(0, child_start(&c, look_as_stranger, &self->w));
	EXPECT_EQ(0, child_end(&c));
}

/*
 * A server with workers: nine processes of one name, who all hold the server's socket, and
 * each worker one more. The socket is the program's once, and each process's.
 */
#define WORKERS		8
#define SERVER_PORT	7001

static int work(int line, void *arg)
{
	int number = *(int *)arg;
	union addr at = addr_of(V4, "127.0.0.1", SERVER_PORT + 1 + number);

	line_tell(line, sock_bound(SOCK_DGRAM, &at));
	line_wait(line);
	return 0;
}

TEST(of_one_program)
{
	union addr at = addr_of(V4, "127.0.0.1", SERVER_PORT);
	struct child c[WORKERS];
	struct lines l;
	int fd, table;
	long long got;

	ASSERT_EQ(0, netns_new());
	fd = sock_bound(SOCK_DGRAM, &at);
	ASSERT_LE(0, fd);
	for (int i = 0; i < WORKERS; i++) {
		ASSERT_EQ(0, child_start(&c[i], work, &i));
		ASSERT_TRUE(line_hear(c[i].line, &got));
		ASSERT_LE(0, got);
	}
	table = open(NETSTATE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, table);

	ASSERT_EQ(0, lines_read(&l, table, "program", "proto=udp"));
	EXPECT_EQ(1 + WORKERS, l.total);
	ASSERT_EQ(1, l.n);
	EXPECT_STREQ("groups", l.line[0].key);
	EXPECT_EQ(1 + WORKERS, l.line[0].counts[C_TOTAL]);
	free(l.line);

	ASSERT_EQ(0, lines_read(&l, table, "program,lport", "proto=udp"));
	EXPECT_EQ(1 + WORKERS, l.n);
	for (int i = 0; i < l.n; i++)
		EXPECT_EQ(1, l.line[i].counts[C_TOTAL]);
	free(l.line);

	ASSERT_EQ(0, lines_read(&l, table, "process", "proto=udp"));
	EXPECT_EQ(1 + WORKERS, l.total);
	ASSERT_EQ(1 + WORKERS, l.n);
	for (int i = 0; i < l.n; i++) {
		bool server = strtol(l.line[i].key, NULL, 10) == getpid();

		EXPECT_EQ(server ? 1 : 2, l.line[i].counts[C_TOTAL]);
	}
	free(l.line);
	for (int i = 0; i < WORKERS; i++)
		child_kill(&c[i]);
}

TEST_F(groups, refused)
{
	static const char *const filters[] = {
		"group=lport show=none", "top=5", "group=lport top=0", "group=", "group=nothing",
		"group=lport,rport,uid", "group=raddr/200", "group!=uid",
	};

	for (int i = 0; i < COUNT(filters); i++) {
		EXPECT_EQ(-1, write(self->w.fd, filters[i], strlen(filters[i])));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_TRUE(GROUPED(&self->w, "state", "", true));
}

static int churn(int line, void *arg)
{
	churner_run(line % 3, arg);
	return 0;
}

/* In every read the groups add up to line 1, and who stays is in his own. */
TEST(under_churn)
{
	struct churned *done = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	int fd, wrong = 0, reads = 0;
	struct child c[3];
	uint64_t end;

	ASSERT_NE(MAP_FAILED, done);
	ASSERT_EQ(0, netns_new());
	for (int i = 0; i < 40; i++)
		ASSERT_LE(0, sock_reuse(SOCK_DGRAM, &at));
	fd = open(NETSTATE, O_RDWR);
	ASSERT_LE(0, fd);
	for (int i = 0; i < COUNT(c); i++)
		ASSERT_EQ(0, child_start(&c[i], churn, done));
	for (end = now_ms() + 5000; now_ms() < end || !churner_did_all(done); reads++) {
		static const char *const by[] = { "lport", "state", "lport,state", "uid" };
		struct lines l;
		long sum = 0;

		ASSERT_EQ(0, lines_read(&l, fd, by[reads % 4], ""));
		for (int i = 0; i < l.n; i++) {
			sum += l.line[i].counts[C_TOTAL];
			if (!strcmp(l.line[i].key, "7001") || !strcmp(l.line[i].key, "7001 dgram"))
				wrong += l.line[i].counts[C_DGRAM] != 40;
		}
		wrong += sum != l.total;
		free(l.line);
	}
	note("%d reads beside %ld connections", reads, (long)done->connections);
	EXPECT_EQ(0, wrong);
	for (int i = 0; i < COUNT(c); i++)
		child_kill(&c[i]);
	munmap(done, 4096);
}

TEST_HARNESS_MAIN
