// SPDX-License-Identifier: GPL-2.0-only
/*
 * All network namespaces in one read: each socket once, with the number of its
 * namespace; only of those that the opener could enter; and whole or not at all
 * while namespaces come and go.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/child.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"
#include "lib/witness.h"

#define SELF_NET	"/proc/self/ns/net"
#define MANY		1000
/* A guest with checks of its memory makes fewer in the time that there is. */
#define MANY_MS		40000
#define MANY_KB		(160 * 1024L)	/* is left free */
/* By default as many as the memory has room for processes. */
#define MAX_NAMESPACES	"/proc/sys/user/max_net_namespaces"
#define FEW		24
#define FILTER_MAX	256

static int current_netns(void)
{
	return open(SELF_NET, O_RDONLY | O_CLOEXEC);
}

static unsigned int number_of(int ns)
{
	struct stat st;

	return fstat(ns, &st) ? 0 : st.st_ino;
}

/* A table with the column, and the same without it. */
struct nets {
	struct table table;
	unsigned int *netns;		/* of each row */
	bool incomplete;		/* line 1 says so */
	char error[256];
};

static void nets_free(struct nets *n)
{
	table_free(&n->table);
	free(n->netns);
	n->netns = NULL;
}

/* Takes the column off a line, and gives its number or name. */
static const char *take_column(char *line)
{
	char *space = strrchr(line, ' ');

	if (!space || !space[1])
		return "";
	*space = '\0';
	return space + 1;
}

static int nets_bad(struct nets *n, const char *what)
{
	snprintf(n->error, sizeof(n->error), "%s", what);
	return -EBADMSG;
}

/*
 * Reads what @filter shows; it has to have the column and no other but that of
 * programs.  What is left is held to all that table_parse() asks of a table.
 */
static int nets_read_fd(struct nets *n, int fd, const char *filter)
{
	char word[FILTER_MAX], *text, *rest, *line, *plain, *end;
	size_t len, rows = 0;
	int err = 0;

	memset(n, 0, sizeof(*n));
	snprintf(word, sizeof(word), "%s\n", filter);
	if (write(fd, word, strlen(word)) < 0 || lseek(fd, 0, SEEK_SET))
		return -errno;
	text = fd_read(fd, &len);
	if (!text)
		return -errno;
	plain = malloc(len + 1);
	n->netns = calloc(len / 64 + 1, sizeof(*n->netns));
	end = plain;
	rest = text;
	for (int i = 0; !err && (line = strsep(&rest, "\n")) && rest; i++) {
		const char *column = i ? take_column(line) : "";
		char *after, *incomplete = i ? NULL : strstr(line, " incomplete=");

		if (incomplete) {
			n->incomplete = true;
			*incomplete = '\0';
		}

		if (i == 1 && strcmp(column, "Netns"))
			err = nets_bad(n, "no column");
		if (i > 1) {
			n->netns[rows++] = strtoul(column, &after, 10);
			if (!*column || *after)
				err = nets_bad(n, "no number");
		}
		end += sprintf(end, "%s\n", line);
	}
	free(text);
	if (err) {
		free(plain);
		return err;
	}
	err = table_parse(&n->table, plain, end - plain);
	if (err)
		nets_bad(n, n->table.error);
	return err;
}

static int nets_read(struct nets *n, const char *filter)
{
	int fd = open(NETSTATE, O_RDWR | O_CLOEXEC);
	int err = fd < 0 ? -errno : nets_read_fd(n, fd, filter);

	if (err)
		note("%s: %s %s", filter, strerror(-err), n->error);
	close(fd);
	return err;
}

static size_t nets_count(const struct nets *n, unsigned int netns, const char *proto,
			 const char *laddr, const char *state)
{
	size_t found = 0;

	for (size_t i = 0; i < n->table.n; i++) {
		const struct row *row = &n->table.rows[i];

		found += (!netns || n->netns[i] == netns) &&
			 (!proto || !strcmp(row->proto, proto)) &&
			 (!laddr || !strcmp(row->laddr, laddr)) &&
			 (!state || !strcmp(row->state, state));
	}
	return found;
}

/* A namespace that this test has furnished. */
struct home {
	int ns;
	unsigned int number;
	int rows;
	bool paired;
	char udp[ADDR_TEXT_MAX], tcp[ADDR_TEXT_MAX], pair[ADDR_TEXT_MAX];
};

static int lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = ioctl(fd, SIOCSIFFLAGS, &ifr) ? -errno : 0;

	close(fd);
	return err;
}

/*
 * Puts sockets into the current namespace, some with the same addresses as in
 * others: 3 rows, or 6 with a connection.
 */
static int furnish(struct home *h, int i)
{
	union addr at = addr_of(V4, "0.0.0.0", 10000 + i % 7);
	int pair[2], fd;

	h->ns = current_netns();
	h->number = number_of(h->ns);
	if (sock_bound(SOCK_DGRAM, &at) < 0)
		return -errno;
	addr_text(&at, h->udp);
	at = addr_of(V6, "::", 11000 + i % 7);
	fd = sock_bound(SOCK_DGRAM, &at);
	if (fd < 0)
		return fd;
	at = addr_of(V4, "0.0.0.0", 20000 + i);
	fd = sock_listen(&at, 1);
	if (fd < 0)
		return fd;
	addr_text(&at, h->tcp);
	h->rows = 3;
	h->paired = i % 4 == 0;
	if (!h->paired)
		return 0;
	if (lo_up())
		return -ENETDOWN;
	at = addr_of(V4, "127.0.0.1", 30000);
	if (sock_pair(&at, pair))
		return -ECONNREFUSED;
	addr_text(&at, h->pair);
	h->rows += 2;	/* sock_pair() closes the listener */
	return 0;
}

/* What namespaces are made from: children of the second have tables of their own. */
struct parents {
	int shared, own;
	bool has_own;
};

static int parents_new(struct parents *p)
{
	int err = netns_new();

	p->shared = current_netns();
	if (err)
		return err;
	err = netns_new();
	p->own = current_netns();
	if (err)
		return err;
	err = netns_small_tables();
	p->has_own = !err;
	return err == -ENOENT ? 0 : err;
}

static int home_new(struct home *h, const struct parents *p, int i, bool own)
{
	memset(h, 0, sizeof(*h));
	if (setns(own ? p->own : p->shared, CLONE_NEWNET) || unshare(CLONE_NEWNET))
		return -errno;
	if (own && p->has_own && file_read_long("/proc/sys/net/ipv4/tcp_ehash_entries", 0) <= 0)
		return -ENOTSUP;
	return furnish(h, i);
}

/* Each of its sockets once, and nothing else in its name. */
static bool home_shown(const struct home *h, const struct nets *n)
{
	bool good = nets_count(n, h->number, "udp", h->udp, NULL) == 1 &&
		    nets_count(n, h->number, "tcp", h->tcp, "LISTEN") == 1 &&
		    nets_count(n, h->number, "udp6", NULL, NULL) == 1 &&
		    (!h->paired ||
		     nets_count(n, h->number, "tcp", h->pair, "ESTABLISHED") == 1) &&
		    nets_count(n, h->number, NULL, NULL, NULL) == (size_t)h->rows;

	if (!good)
		note("%u: %zu rows of %d", h->number,
		     nets_count(n, h->number, NULL, NULL, NULL), h->rows);
	return good;
}

static bool home_hidden(const struct home *h, const struct nets *n)
{
	return !nets_count(n, h->number, NULL, NULL, NULL);
}

static long free_kb(void)
{
	char *text = file_read("/proc/meminfo", NULL);
	char *line = text ? strstr(text, "MemAvailable:") : NULL;
	long kb = line ? atol(line + strlen("MemAvailable:")) : 0;

	free(text);
	return kb;
}

/* What the kernel's own files say of a namespace, row by row. */
static bool home_as_witnessed(const struct home *h, const struct nets *n)
{
	struct row *rows = calloc(n->table.n + 1, sizeof(*rows));
	size_t count = 0;
	struct table w;
	bool good;

	if (!rows || setns(h->ns, CLONE_NEWNET) || witness_read(&w))
		return false;
	for (size_t i = 0; i < n->table.n; i++)
		if (n->netns[i] == h->number)
			rows[count++] = n->table.rows[i];
	rows_sort(rows, count);
	rows_sort(w.rows, w.n);
	good = count == w.n;
	for (size_t i = 0; good && i < count; i++)
		good = !row_compare(&rows[i], &w.rows[i]);
	if (!good)
		note("%u: %zu rows, %zu by its own files", h->number, count, w.n);
	table_free(&w);
	free(rows);
	return good;
}

/* A few of them, half with tables of their own. */
static int homes_new(struct home *homes, int n, struct parents *p)
{
	int err = parents_new(p);

	for (int i = 0; !err && i < n; i++)
		err = home_new(&homes[i], p, i, i % 2);
	return err;
}

static int homes_wrong(const struct home *homes, int n, const struct nets *nets)
{
	int wrong = 0;

	for (int i = 0; i < n; i++)
		wrong += !home_shown(&homes[i], nets);
	return wrong;
}

/* The text that a filter gives; NULL and a note. */
static char *text_of(const char *filter)
{
	int fd = open(NETSTATE, O_RDWR | O_CLOEXEC);
	char word[FILTER_MAX], *text = NULL;

	snprintf(word, sizeof(word), "%s\n", filter);
	if (fd >= 0 && write(fd, word, strlen(word)) > 0)
		text = fd_read(fd, NULL);
	if (!text)
		note("%s: %m", filter);
	close(fd);
	return text;
}

static long total_of(const char *text)
{
	const char *total = strstr(text, " total=");

	return total ? atol(total + strlen(" total=")) : -1;
}

/* Line 1 is what the rows are, with no column to tell by. */
static bool counted_right(const char *filter)
{
	char *text = text_of(filter);
	long lines = 0;
	bool good;

	for (const char *c = text; c && (c = strchr(c, '\n')); c++)
		lines++;
	good = text && total_of(text) == lines - 2;
	if (text && !good)
		note("%s: %ld on line 1, %ld rows", filter, total_of(text), lines - 2);
	free(text);
	return good;
}

/* Of "group=netns", or "group=netns,uid", the sockets of a namespace; and their sum. */
static long grouped(const char *text, unsigned int number, long *sum)
{
	const char *line = strchr(text, '\n');
	bool two = line && strstr(line, " uid ");
	long found = 0;

	*sum = 0;
	line = line ? strchr(line + 1, '\n') : NULL;
	for (; line && line[1]; line = strchr(line + 1, '\n')) {
		long counts[NR_COUNTS] = {};
		char *end;
		unsigned int key = strtoul(line + 1, &end, 10);

		/* A user, or "-": TIME_WAIT has none. */
		if (two) {
			end += strspn(end, " ");
			end += strcspn(end, " ");
		}
		for (int i = 0; i < NR_COUNTS; i++)
			counts[i] = strtol(end, &end, 10);
		*sum += counts[C_TOTAL];
		if (key == number)
			found += counts[C_TOTAL];
	}
	return found;
}

static bool grouped_right(const struct home *homes, int n, const char *filter)
{
	char *text = text_of(filter);
	bool good = text;
	long sum;

	for (int i = 0; good && i < n; i++) {
		long have = grouped(text, homes[i].number, &sum);

		good = have == homes[i].rows && sum == total_of(text);
		if (!good)
			note("%s: %u has %ld of %d, sum %ld of %ld", filter, homes[i].number,
			     have, homes[i].rows, sum, total_of(text));
	}
	free(text);
	return good;
}

FIXTURE(many)
{
	struct home *homes;
	int n;
};

FIXTURE_SETUP(many)
{
	uint64_t end = now_ms() + MANY_MS;
	struct parents parents;
	int err = 0;

	self->homes = calloc(MANY, sizeof(*self->homes));
	ASSERT_NE(NULL, self->homes);
	ASSERT_EQ(0, files_allow(12 * MANY));
	if (file_read_long(MAX_NAMESPACES, 0) < 2 * MANY)
		ASSERT_EQ(0, file_write(MAX_NAMESPACES, "2000"));
	ASSERT_EQ(0, parents_new(&parents));
	for (; self->n < MANY && now_ms() < end && free_kb() > MANY_KB && !err; self->n++)
		err = home_new(&self->homes[self->n], &parents, self->n, self->n % 10 == 0);
	ASSERT_EQ(0, err);
	note("%d namespaces", self->n);
	ASSERT_LT(2, self->n);
}

FIXTURE_TEARDOWN(many)
{
	free(self->homes);
}

TEST_F_TIMEOUT(many, each_once, 900)
{
	const struct home *homes = self->homes;
	char filter[FILTER_MAX];
	struct nets nets;
	size_t rows = 0;
	int n = self->n;

	ASSERT_EQ(0, nets_read(&nets, "netns=all"));
	EXPECT_EQ(0, homes_wrong(homes, n, &nets));
	for (int i = 0; i < n; i += n / 20 + 1)
		EXPECT_TRUE(home_as_witnessed(&homes[i], &nets));
	nets_free(&nets);
	for (int i = 0; i < n; i++)
		rows += homes[i].rows;

	EXPECT_TRUE(counted_right("netns=all show=none"));
	EXPECT_TRUE(grouped_right(homes, n < 40 ? n : 40, "netns=all group=netns"));
	EXPECT_TRUE(grouped_right(homes, n < 40 ? n : 40, "netns=all group=netns,uid"));

	/* One, two, and all but one. */
	snprintf(filter, sizeof(filter), "netns=%u", homes[1].number);
	ASSERT_EQ(0, nets_read(&nets, filter));
	EXPECT_TRUE(home_shown(&homes[1], &nets));
	EXPECT_EQ(homes[1].rows, nets.table.n);
	nets_free(&nets);
	snprintf(filter, sizeof(filter), "netns=%u,%u state=listen", homes[1].number,
		 homes[n - 1].number);
	ASSERT_EQ(0, nets_read(&nets, filter));
	EXPECT_EQ(1, nets_count(&nets, homes[1].number, "tcp", homes[1].tcp, "LISTEN"));
	EXPECT_EQ(1, nets_count(&nets, homes[n - 1].number, "tcp", homes[n - 1].tcp, "LISTEN"));
	EXPECT_EQ(2, nets.table.n);
	nets_free(&nets);
	snprintf(filter, sizeof(filter), "netns=all netns!=%u", homes[1].number);
	ASSERT_EQ(0, nets_read(&nets, filter));
	EXPECT_TRUE(home_hidden(&homes[1], &nets));
	EXPECT_EQ(0, homes_wrong(homes + 2, n - 2, &nets));
	EXPECT_LE(rows - homes[1].rows, nets.table.n);
	nets_free(&nets);

	/* With what else a filter can say. */
	ASSERT_EQ(0, nets_read(&nets, "netns=all lport=30000"));
	for (int i = 0; i < n; i++)
		EXPECT_EQ(homes[i].paired, nets_count(&nets, homes[i].number, NULL, NULL, NULL));
	nets_free(&nets);
	snprintf(filter, sizeof(filter), "netns=all lport=20000-30000 pid=%d", getpid());
	ASSERT_EQ(0, nets_read(&nets, filter));
	for (int i = 0; i < n; i++)
		EXPECT_EQ(1 + homes[i].paired,
			  nets_count(&nets, homes[i].number, NULL, NULL, NULL));
	for (size_t i = 0; i < nets.table.n; i++)
		EXPECT_EQ(getpid(), nets.table.rows[i].pid);
	nets_free(&nets);
	ASSERT_EQ(0, nets_read(&nets, "netns=0"));
	EXPECT_EQ(0, nets.table.n);
	nets_free(&nets);
}

/* Without the word, all of this is as if it were not there. */
TEST(not_unless_asked)
{
	struct home homes[FEW];
	struct parents parents;
	struct table t, w;

	ASSERT_EQ(0, homes_new(homes, FEW, &parents));
	for (int i = 0; i < 4; i++) {
		ASSERT_EQ(0, setns(homes[i].ns, CLONE_NEWNET));
		ASSERT_EQ(0, witness_read_with(&t, &w));
		EXPECT_EQ(homes[i].rows, t.n);
		EXPECT_EQ(w.n, t.n);
		table_free(&t);
		table_free(&w);
	}
}

/* The words of show=more and of the timer keep their places. */
TEST(columns)
{
	struct home homes[FEW];
	struct parents parents;
	unsigned int rows = 0;
	char *text, *line, *rest;

	ASSERT_EQ(0, homes_new(homes, FEW, &parents));
	text = text_of("netns=all show=user,program,timer,more");
	ASSERT_NE(NULL, text);
	rest = text;
	strsep(&rest, "\n");
	line = strsep(&rest, "\n");
	EXPECT_NE(NULL, strstr(line, " Timer                Netns"));
	EXPECT_STREQ("Netns", strrchr(line, ' ') + 1);
	while ((line = strsep(&rest, "\n")) && *line) {
		char *column = strchr(line, '('), *word = strstr(line, " netns=");

		ASSERT_NE(NULL, column);
		column = strchr(column, ')') + 1;
		ASSERT_NE(NULL, word);
		EXPECT_EQ(strtoul(column, NULL, 10), strtoul(word + 7, NULL, 10));
		for (int i = 0; i < FEW; i++)
			rows += strtoul(column, NULL, 10) == homes[i].number;
	}
	free(text);
	for (int i = 0; i < FEW; i++)
		rows -= homes[i].rows;
	EXPECT_EQ(0, rows);
}

/* A device has its name by the namespace that it is in. */
TEST(devices)
{
	struct home homes[4];
	struct parents parents;
	char filter[FILTER_MAX], *text;
	union addr at;
	int fd;

	ASSERT_EQ(0, homes_new(homes, 4, &parents));
	at = addr_of(V4, "0.0.0.0", 777);
	fd = sock_bound(SOCK_DGRAM, &at);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	ASSERT_EQ(0, setns(parents.shared, CLONE_NEWNET));
	snprintf(filter, sizeof(filter), "netns=%u lport=777 show=more", homes[3].number);
	text = text_of(filter);
	ASSERT_NE(NULL, text);
	EXPECT_EQ(1, total_of(text));
	EXPECT_NE(NULL, strstr(text, " device=lo "));
	free(text);
}

/* Who may enter a namespace is who sees it: setns() is the witness. */

struct tenant {
	struct child child;
	struct home home[2];
};

static int stay(int line, void *arg)
{
	line_wait(line);
	return 0;
}

/*
 * Somebody in a user namespace, with network namespaces of that, and a process in each:
 * one that only a file or a socket keeps is not shown to those who may not list all.
 */
static int tenant_run(int line, void *arg)
{
	struct home *homes = arg;
	struct child c[2];

	if (userns_new())
		return 1;
	for (int i = 0; i < 2; i++)
		if (unshare(CLONE_NEWNET) || furnish(&homes[i], i + 1) ||
		    child_start(&c[i], stay, NULL) || !line_send_fd(line, homes[i].ns) ||
		    !line_tell(line, homes[i].number))
			return 2;
	line_wait(line);
	return 0;
}

static bool tenant_start(struct tenant *t)
{
	long long number;

	if (child_start(&t->child, tenant_run, t->home))
		return false;
	for (int i = 0; i < 2; i++) {
		t->home[i].ns = line_receive_fd(t->child.line);
		if (t->home[i].ns < 0 || !line_hear(t->child.line, &number))
			return false;
		t->home[i].number = number;
		t->home[i].rows = 3;
	}
	return true;
}

static int enter(int line, void *arg)
{
	const struct home *h = arg;

	return !!setns(h->ns, CLONE_NEWNET);
}

static bool can_enter(struct home *h)
{
	struct child c;

	return !child_start(&c, enter, h) && !child_end(&c);
}

static const struct reader {
	const char *name;
	int (*become)(pid_t tenant);
	int sees;		/* 1: the test's, 2: the tenant's; besides its own */
} readers[5];

struct audience {
	const struct reader *reader;
	struct home homes[4];	/* the last is where the reader is */
	struct tenant tenant;
};

/* All namespaces; not while a thousand of another test's are dying. */
static bool nets_read_all(struct nets *n)
{
	if (!nets_read(n, "netns=all") && !n->incomplete)
		return true;
	nets_free(n);
	return false;
}

static int read_as(int line, void *arg)
{
	struct audience *a = arg;
	int failed = 0, seen = 0;
	struct nets nets;

	if (a->reader->become(a->tenant.child.pid))
		return 100;
	if (!POLL(nets_read_all(&nets))) {
		note("incomplete: %d: %s", nets.incomplete, nets.error);
		return 101;
	}
	for (int i = 0; i < 6; i++) {
		struct home *h = i < 4 ? &a->homes[i] : &a->tenant.home[i - 4];
		size_t rows = nets_count(&nets, h->number, NULL, NULL, NULL);
		bool wanted = i == 3 || can_enter(h);

		if (i != 3)
			seen |= rows ? i < 4 ? 1 : 2 : 0;
		if (rows != (wanted ? (size_t)h->rows : 0)) {
			note("%s: %zu rows of namespace %d", a->reader->name, rows, i);
			failed++;
		}
	}
	nets_free(&nets);
	if (seen != a->reader->sees)
		note("%s: sees %d", a->reader->name, seen);
	return failed + (seen != a->reader->sees);
}

static int as_root(pid_t tenant)
{
	return 0;
}

static int without_admin(pid_t tenant)
{
	return drop(CAP_BIT(CAP_SYS_ADMIN));
}

static int as_nobody(pid_t tenant)
{
	return become(65534, 65534, -1);
}

static int as_admin_of_networks(pid_t tenant)
{
	return become_with(65534, 65534, CAP_BIT(CAP_NET_ADMIN) | CAP_BIT(CAP_SYS_PTRACE));
}

static int as_tenant(pid_t tenant)
{
	return userns_join(userns_of(tenant));
}

static const struct reader readers[5] = {
	{ "root", as_root, 3 },
	{ "root without CAP_SYS_ADMIN", without_admin, 0 },
	{ "nobody", as_nobody, 0 },
	{ "with other capabilities", as_admin_of_networks, 0 },
	{ "of a user namespace", as_tenant, 2 },
};

FIXTURE(audience)
{
	struct audience *a;
};

FIXTURE_SETUP(audience)
{
	struct parents parents;

	self->a = calloc(1, sizeof(*self->a));
	ASSERT_NE(NULL, self->a);
	ASSERT_TRUE(tenant_start(&self->a->tenant));
	ASSERT_EQ(0, homes_new(self->a->homes, 4, &parents));
	chmod(NETSTATE, 0666);
}

FIXTURE_TEARDOWN(audience)
{
	child_kill(&self->a->tenant.child);
	free(self->a);
}

TEST_F(audience, who_may_enter)
{
	for (int i = 0; i < 5; i++) {
		struct child c;

		self->a->reader = &readers[i];
		ASSERT_EQ(0, child_start(&c, read_as, self->a));
		EXPECT_EQ(0, child_end(&c)) {
			note("%s", readers[i].name);
		}
	}
}

/*
 * Marks, of each namespace by itself: those of one that the opener may administrate, and of no
 * other that it may only enter.
 */
#define ROOTS_MARK	7
#define USERS_MARK	5
#define MARK_PORT	7007
#define MARK_USER	1000

static int marked_socket(unsigned int mark)
{
	union addr at = addr_of(V4, "127.0.0.1", MARK_PORT);
	int fd = sock_bound(SOCK_DGRAM, &at);

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)))
		return -errno;
	return fd;
}

/* A namespace that a user without privilege has made. */
static int mark_own(int line, void *arg)
{
	int err = become(MARK_USER, MARK_USER, -1) ?: userns_new();

	if (!err && (unshare(CLONE_NEWNET) || lo_up()))
		err = -errno;
	line_tell(line, err ?: marked_socket(USERS_MARK));
	line_wait(line);
	return 0;
}

struct mark_reader {
	uint64_t caps;
	pid_t in;		/* reads in the network namespace of that process */
	bool roots, users;	/* which marks it is to see */
};

/* Both sockets are there, each with its mark or without. */
static int read_marks(int line, void *arg)
{
	static const char filter[] = "netns=all show=more lport=7007";
	const struct mark_reader *r = arg;
	int fd, rows = 0, roots = 0, users = 0, marks = 0;
	char path[64], *text, *rest, *row;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", r->in);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) || become_with(MARK_USER, MARK_USER, r->caps))
		return 1;
	fd = open(NETSTATE, O_RDWR | O_CLOEXEC);
	if (fd < 0 || write(fd, filter, strlen(filter)) < 0)
		return 2;
	text = rest = fd_read(fd, NULL);
	if (!text)
		return 3;
	while ((row = strsep(&rest, "\n"))) {
		rows += !strncmp(row, "udp ", 4);
		marks += !!strstr(row, " mark=");
		roots += !!strstr(row, " mark=7 ");
		users += !!strstr(row, " mark=5 ");
	}
	if (rows == 2 && roots == r->roots && users == r->users && marks == roots + users)
		return 0;
	note("%d rows, marks %d and %d of %d", rows, roots, users, marks);
	return 4;
}

TEST(marks_of_each)
{
	uint64_t enter = CAP_BIT(CAP_SYS_ADMIN) | CAP_BIT(CAP_SYS_PTRACE);
	struct child user, c;
	long long fd;

	ASSERT_EQ(0, netns_new());
	ASSERT_LE(0, marked_socket(ROOTS_MARK));
	ASSERT_EQ(0, child_start(&user, mark_own, NULL));
	ASSERT_TRUE(line_hear(user.line, &fd));
	ASSERT_LE(0, fd);
	struct mark_reader readers[] = {
		{ enter | CAP_BIT(CAP_NET_ADMIN), getpid(), true, true },
		{ enter | CAP_BIT(CAP_NET_ADMIN), user.pid, true, true },
		/* What a user has made is his to administrate, where he stands or not. */
		{ enter, user.pid, false, true },
		{ enter, getpid(), false, true },
	};

	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		ASSERT_EQ(0, child_start(&c, read_marks, &readers[i]));
		EXPECT_EQ(0, child_end(&c)) {
			note("reader %zu", i);
		}
	}
	child_kill(&user);
}

static int open_as_nobody(int line, void *arg)
{
	int fd = as_nobody(0) ? -1 : open(NETSTATE, O_RDWR);

	line_send_fd(line, fd);
	line_wait(line);
	return 0;
}

static int read_root_file(int line, void *arg)
{
	const struct audience *a = arg;
	int fd = line_receive_fd(line), wrong;
	struct nets nets;

	if (as_nobody(0) || nets_read_fd(&nets, fd, "netns=all"))
		return 1;
	wrong = homes_wrong(a->homes, 4, &nets);
	for (int i = 0; i < 2; i++)
		wrong += nets_count(&nets, a->tenant.home[i].number, NULL, NULL, NULL) !=
			 (size_t)a->tenant.home[i].rows;
	return wrong;
}

/* The opener counts, whoever reads. */
TEST_F(audience, opener_not_reader)
{
	struct home *homes = self->a->homes;
	struct nets nets;
	struct child c;
	int fd;

	ASSERT_EQ(0, child_start(&c, open_as_nobody, NULL));
	fd = line_receive_fd(c.line);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, nets_read_fd(&nets, fd, "netns=all"));
	EXPECT_TRUE(home_shown(&homes[3], &nets));
	EXPECT_EQ(homes[3].rows, nets.table.n);
	nets_free(&nets);
	EXPECT_EQ(0, child_end(&c));

	ASSERT_EQ(0, child_start(&c, read_root_file, self->a));
	fd = open(NETSTATE, O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(line_send_fd(c.line, fd));
	EXPECT_EQ(0, child_end(&c));
}

/*
 * An open file keeps the namespace that it was opened in and no other, wherever the
 * reading has got to. In a user namespace that may have so many and one more: when
 * that can be made, what was there has gone.
 */
static const struct {
	enum { IDLE, BEGUN, DONE } read;
	const char *filter;
} held[] = {
	{ IDLE, "netns=all\n" },
	{ BEGUN, "netns=all\n" },
	{ DONE, "netns=all\n" },
	{ BEGUN, "netns=all show=more\n" },
	{ BEGUN, "netns=all group=netns\n" },
};

static int hold_and_let_go(int line, void *arg)
{
	const char *filter = held[*(int *)arg].filter;
	int reading = held[*(int *)arg].read, home, fd, udp;
	union addr at = addr_of(V4, "0.0.0.0", 7001);
	struct child resident;
	char byte, *text;

	if (netns_limited(2))
		return 1;
	netns_small_tables();
	home = current_netns();
	if (unshare(CLONE_NEWNET))
		return 2;
	/* Without a process in it, it is not shown in a user namespace. */
	if (child_start(&resident, stay, NULL))
		return 2;
	udp = sock_bound(SOCK_DGRAM, &at);
	/* With a device, whose name is looked up in the namespace. */
	if (udp < 0 || setsockopt(udp, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) ||
	    setns(home, CLONE_NEWNET) || netns_room())
		return 3;
	fd = open(NETSTATE, O_RDWR);
	if (fd < 0 || write(fd, filter, strlen(filter)) < 0)
		return 4;
	if (reading == BEGUN && read(fd, &byte, 1) != 1)
		return 5;
	if (reading == DONE) {
		text = fd_read(fd, NULL);
		if (!text || total_of(text) != 1)
			return 6;
		free(text);
	}
	close(udp);
	child_kill(&resident);
	if (!POLL(netns_room()))
		return 7;
	/* What was captured is still there to be read. */
	text = fd_read(fd, NULL);
	if (reading == BEGUN && (!text || total_of(text) != 1))
		return 8;
	free(text);
	lseek(fd, 0, SEEK_SET);
	text = fd_read(fd, NULL);
	return text && total_of(text) == 0 ? 0 : 9;
}

TEST(nothing_is_held)
{
	for (int i = 0; i < (int)(sizeof(held) / sizeof(*held)); i++) {
		struct child c;

		ASSERT_EQ(0, child_start(&c, hold_and_let_go, &i));
		EXPECT_EQ(0, child_end(&c)) {
			note("%d: %s", i, held[i].filter);
		}
	}
}

/* Births and deaths while the table is read. */

#define CHURNERS	3
#define TAGS		5000
#define FIRST_TAG	25000		/* none that the kernel chooses */

struct births {
	struct parents parents;
	atomic_long made;
};

/*
 * One namespace after the other. In each, all sockets have one port, which the next ones
 * have not: so what is mixed up shows. Some leave connections in TIME_WAIT, which keep no
 * namespace.
 */
static int bear(int line, void *arg)
{
	struct births *b = arg;

	for (unsigned int i = getpid() % CHURNERS; ; i += CHURNERS) {
		unsigned int tag = FIRST_TAG + i % TAGS;
		union addr at = addr_of(V4, "127.0.0.1", tag);
		int fd[12], n = 0, pair[2];

		if (setns(i % 2 ? b->parents.own : b->parents.shared, CLONE_NEWNET) ||
		    unshare(CLONE_NEWNET) || lo_up())
			return 1;
		for (int k = 0; k < 2; k++) {
			if (!sock_pair(&at, pair)) {
				close(pair[1]);
				close(pair[0]);
			}
		}
		for (int k = 0; k < 4; k++) {
			union addr own = addr_of(V4, "127.0.1.1", tag);

			own.in.sin_addr.s_addr = htonl(0x7f000101 + k);
			fd[n++] = sock_bound(SOCK_DGRAM, &own);
			fd[n++] = sock_listen(&own, 1);
		}
		atomic_fetch_add(&b->made, 1);
		if (i % 3)
			usleep(i % 5000);
		while (n)
			close(fd[--n]);
	}
	return 0;
}

static unsigned int port_in(const char *addr)
{
	return atoi(strrchr(addr, ':') + 1);
}

static bool is_tag(unsigned int port)
{
	return port >= FIRST_TAG && port < FIRST_TAG + TAGS;
}

/* Whether all rows of a namespace that is not one of ours have one port at one of their ends. */
static bool unmixed(const struct nets *n, const struct home *homes, int count)
{
	for (size_t i = 0; i < n->table.n; i++) {
		const struct row *row = &n->table.rows[i];
		unsigned int l = port_in(row->laddr), r = port_in(row->raddr), tag = 0;
		bool ours = false;

		for (int h = 0; h < count; h++)
			ours |= homes[h].number == n->netns[i];
		if (is_tag(l))
			tag = l;
		else if (is_tag(r))
			tag = r;
		if (ours || !tag)
			continue;
		for (size_t k = i + 1; k < n->table.n; k++) {
			const struct row *other = &n->table.rows[k];

			if (n->netns[k] == n->netns[i] && port_in(other->laddr) != tag &&
			    port_in(other->raddr) != tag) {
				note("%u has %s and %s", n->netns[i], row->laddr, other->laddr);
				return false;
			}
		}
	}
	return true;
}

TEST_F_TIMEOUT(audience, births_and_deaths, 900)
{
	const char *asked = getenv("CHURN_MS");
	long ms = asked ? atol(asked) : 3000, reads = 0, met = 0;
	struct home *homes = self->a->homes;
	struct child churner[CHURNERS];
	struct births *b;
	uint64_t end;

	b = mmap(NULL, sizeof(*b), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, b);
	ASSERT_EQ(0, parents_new(&b->parents));
	for (int i = 0; i < CHURNERS; i++)
		ASSERT_EQ(0, child_start(&churner[i], bear, b));
	ASSERT_TRUE(POLL(atomic_load(&b->made) > 5));
	ASSERT_EQ(0, setns(homes[3].ns, CLONE_NEWNET));

	end = now_ms() + ms;
	while (now_ms() < end || reads < 10) {
		struct nets nets;

		ASSERT_EQ(0, nets_read(&nets, "netns=all"));
		EXPECT_EQ(0, homes_wrong(homes, 4, &nets));
		EXPECT_TRUE(unmixed(&nets, homes, 4));
		for (size_t i = 0; i < nets.table.n; i++)
			met += is_tag(port_in(nets.table.rows[i].laddr));
		nets_free(&nets);
		EXPECT_TRUE(counted_right("netns=all show=none"));
		EXPECT_TRUE(counted_right("netns=all show=more owner=any"));
		EXPECT_TRUE(grouped_right(homes, 4, "netns=all group=netns"));
		EXPECT_TRUE(grouped_right(homes, 4, "netns=all group=netns,uid owner=any"));
		reads++;
	}
	note("%ld rounds of reads, %ld namespaces, %ld rows of theirs", reads,
	     atomic_load(&b->made), met);
	EXPECT_LT(0, met);
	for (int i = 0; i < CHURNERS; i++)
		child_kill(&churner[i]);
	munmap(b, sizeof(*b));
}

/*
 * More of them on their way out at once than a walk steps over. The kernel ends them in
 * batches, so while one that died before is held up the others stay in its list, in a row.
 */
#define DYING		1300
#define DYING_MAX	1000	/* that are stepped over */
#define DYING_MS	25000	/* as MANY_MS */

/* All of them go with this process. */
static int breed(int line, void *arg)
{
	uint64_t end = now_ms() + DYING_MS;
	long n = 0, many = *(int *)arg;

	if (files_allow(many + 100))
		return 1;
	while (n < many && now_ms() < end && free_kb() > MANY_KB && !unshare(CLONE_NEWNET) &&
	       current_netns() >= 0)
		n++;
	line_tell(line, n);
	line_wait(line);
	return 0;
}

TEST_F_TIMEOUT(audience, many_that_die, 900)
{
	struct home behind[2], *homes = self->a->homes;
	int many[2] = { 1, DYING }, linger, whole = 0;
	struct child breeder[2];
	struct parents parents;
	char one;
	long long n;

	if (module_load("linger") == -ENOENT)
		SKIP(return, "no module linger");
	linger = open("/proc/linger", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, linger);
	if (file_read_long(MAX_NAMESPACES, 0) < 2 * DYING)
		ASSERT_EQ(0, file_write(MAX_NAMESPACES, "2600"));
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, child_start(&breeder[i], breed, &many[i]));
		ASSERT_TRUE(line_hear(breeder[i].line, &n));
	}
	ASSERT_EQ(0, homes_new(behind, 2, &parents));
	child_kill(&breeder[0]);
	ASSERT_EQ(0, read(linger, &one, 1));	/* the end of that one is held */
	child_kill(&breeder[1]);
	if (n <= DYING_MAX) {
		close(linger);
		SKIP(return, "this guest is too slow for so many");
	}

	for (int reads = 0; whole < 10; reads++) {
		struct nets nets;

		ASSERT_EQ(0, nets_read(&nets, "netns=all"));
		EXPECT_EQ(0, homes_wrong(homes, 4, &nets));
		for (int i = 0; i < 2; i++)
			EXPECT_TRUE((nets.incomplete && home_hidden(&behind[i], &nets)) ||
				    home_shown(&behind[i], &nets)) {
				TH_LOG("read %d, %lld die, incomplete: %d", reads, n,
				       nets.incomplete);
			}
		/* Held, they are met by every read. Afterwards they go, all of them. */
		EXPECT_TRUE(nets.incomplete || reads > 10);
		if (reads == 10)
			close(linger);
		whole = nets.incomplete ? 0 : whole + 1;
		nets_free(&nets);
	}
}

/* Any words about namespaces: what they leave is what of all of them passes. */
TEST(vocabulary)
{
	static const char *const words[] = {
		"netns=0", "netns=4294967295", "netns!=0", "netns>4026531840 netns<4294967295",
		"netns<1", "netns>=4026531840", "netns=0-4294967295", "netns=ALL", "netns=a-l_l",
		"netns=all,0", "netns=0,all netns=all", "netns!=1,2,3-4294967294",
	};
	static const char *const nonsense[] = {
		"netns", "netns=", "netns=all,", "netns=,all", "netns!=all", "netns<all",
		"netns=4294967296", "netns=-1", "netns=2-1", "netns=net:[1]", "netns=al",
		"netns>4294967295", "netns<0", "netns<=1,2", "netns=all-all", "netns==1",
	};
	struct home homes[FEW];
	struct parents parents;
	struct nets some;
	int fd = open(NETSTATE, O_RDWR);

	ASSERT_EQ(0, homes_new(homes, FEW, &parents));
	for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++) {
		static const struct {
			const char *word;
			unsigned int first, last;
		} ranges[] = {
			{ "netns=4294967295", ~0u, ~0u }, { "netns<1", 0, 0 },
			{ "netns=0", 0, 0 }, { "netns!=1,2,3-4294967294", ~0u, ~0u },
		};
		unsigned int first = 0, last = ~0u;
		int wrong = 0;

		for (size_t r = 0; r < sizeof(ranges) / sizeof(*ranges); r++) {
			if (!strcmp(words[w], ranges[r].word)) {
				first = ranges[r].first;
				last = ranges[r].last;
			}
		}
		/* Others' namespaces come and go. */
		ASSERT_EQ(0, nets_read(&some, words[w]));
		for (size_t i = 0; i < some.table.n; i++)
			wrong += some.netns[i] < first || some.netns[i] > last;
		for (int i = 0; i < FEW; i++)
			wrong += homes[i].number >= first && homes[i].number <= last ?
				 !home_shown(&homes[i], &some) : !home_hidden(&homes[i], &some);
		EXPECT_EQ(0, wrong) {
			note("%s", words[w]);
		}
		nets_free(&some);
	}
	for (size_t w = 0; w < sizeof(nonsense) / sizeof(*nonsense); w++) {
		EXPECT_EQ(-1, write(fd, nonsense[w], strlen(nonsense[w])));
		EXPECT_EQ(EINVAL, errno);
	}
}

TEST_HARNESS_MAIN
