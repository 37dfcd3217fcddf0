// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each allocation and each copy to or from the reader's memory fails once: then
 * the call says so, or its answer is whole and right; the next one is, and
 * nothing is lost.
 *
 * Wants a kernel with fault injection.  In a guest with kmemleak=on, what the
 * module had forgotten would show when it is taken out.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "lib/budget.h"
#include "lib/child.h"
#include "lib/fault.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"

#define METRICS		NETSTATE "_metrics"
#define ROOM		(1 << 20)
#define FILES		200

/* More sockets in a chain than a walk takes without a rest. */
#define ONE_PORT	600
#define PAIRS		20
/* A row of all their names is longer than the buffer of a small read. */
#define HOLDERS		80

/* What does not change from one read to the next. */
#define STILL		"state!=established show=more"
#define ONE_ROW		"lport=9999 show=user,program"
#define GROUPED		"group=lport,process"
#define GROUPED_AT_ONCE	"group=lport"
#define UNLISTED	"state=close,bound,listen show=user,program"
#define NAMESPACES	"netns=all state=listen,dgram show=more"
#define NAMESPACE_GROUPS "netns=all state=listen,dgram group=netns"
/* More namespaces than the first table of them holds, where there may be so many. */
#define NEIGHBOURS	40

struct scene {
	int fd;
	const char *filter;		/* what is wanted of the table */
	const struct text {
		char *text;
		size_t len;
	} *want;
	size_t at;			/* how much of it was read */
	struct text all, still, one_row, grouped, grouped_at_once, unhashed, namespaces,
		namespace_groups;
	struct child holder[HOLDERS];
	int holders;
	int step;		/* from one fault to the next that is tried */
};

/* There before anything fails. */
static char buf[ROOM];

static int finish(int result)
{
	return result < 0 ? -errno : 0;
}

static int open_table(struct scene *s)
{
	s->fd = open(NETSTATE, O_RDWR);
	if (s->fd < 0)
		return -errno;
	return finish(write(s->fd, s->filter, strlen(s->filter)));
}

/* To the end or to the first error. */
static int read_on(struct scene *s, size_t step)
{
	ssize_t n = 1;

	while (n > 0 && s->at < ROOM) {
		n = read(s->fd, buf + s->at,
			 ROOM - s->at < step ? ROOM - s->at : step);
		if (n > 0)
			s->at += n;
	}
	return finish(n);
}

/* What was read before, and what is still to be read, are the text. */
static bool all_there(struct scene *s)
{
	int err = read_on(s, ROOM);

	if (!err && s->at == s->want->len &&
	    !memcmp(buf, s->want->text, s->at))
		return true;
	note("%zu bytes instead of %zu (%s)", s->at, s->want->len,
	     strerror(-err));
	return false;
}

static bool refused(int err)
{
	return err == -ENOMEM || err == -EFAULT;
}

/*
 * One call that is to be made with each of its points failing.  It gives 0 or
 * -errno, and does nothing else that could fail.
 */
struct attempt {
	const char *name, *filter;
	int (*prepare)(struct scene *s);
	int (*call)(struct scene *s);
	bool (*right)(struct scene *s, int err);
	bool may_have_none;	/* no fault but where a detector allocates */
};

static int nothing(struct scene *s)
{
	return 0;
}

static int call_open(struct scene *s)
{
	s->fd = open(NETSTATE, O_RDWR);
	return finish(s->fd);
}

static int call_write(struct scene *s)
{
	return finish(write(s->fd, ONE_ROW, strlen(ONE_ROW)));
}

static int call_read(struct scene *s)
{
	return read_on(s, ROOM);
}

/* The first read tells the module how large a buffer is wanted. */
static int call_small_reads(struct scene *s)
{
	return read_on(s, 3000);
}

/* Near the end, beyond the longest row. */
static off_t far(const struct scene *s)
{
	return s->want->len - 100;
}

static int call_pread(struct scene *s)
{
	ssize_t n = pread(s->fd, buf, 100, far(s));

	if (n > 0 && memcmp(buf, s->want->text + far(s), n))
		return -EBADMSG;
	return n ? finish(n) : -ENODATA;
}

static int call_close(struct scene *s)
{
	int err = finish(close(s->fd));

	s->fd = -1;
	return err;
}

static int read_through(struct scene *s)
{
	int err = open_table(s) ?: read_on(s, ROOM) ?:
		  finish(lseek(s->fd, 0, SEEK_SET));

	s->at = 0;
	return err;
}

static int read_a_part(struct scene *s)
{
	return open_table(s) ?: finish(read(s->fd, buf, 1000));
}

static bool right_open(struct scene *s, int err)
{
	if (err && (!refused(err) || open_table(s)))
		return false;
	if (!err && write(s->fd, s->filter, strlen(s->filter)) < 0)
		return false;
	return all_there(s);
}

/* The new filter, or the old one. */
static bool right_write(struct scene *s, int err)
{
	if (!err)
		s->want = &s->one_row;
	return (!err || refused(err)) && all_there(s);
}

static bool right_read(struct scene *s, int err)
{
	if (err && !refused(err))
		return false;
	if (!all_there(s))
		return false;
	/* And once more. */
	s->at = 0;
	return !lseek(s->fd, 0, SEEK_SET) && all_there(s);
}

static bool right_close(struct scene *s, int err)
{
	return !err;
}

/* The metrics change only in how long the walk took. */
static bool same_metrics(const struct scene *s)
{
	char *want = file_read(METRICS, NULL);
	const char *varies = "\nnetstate_walk_seconds ";
	const char *a, *b, *rest_a, *rest_b;
	bool same = false;

	buf[s->at] = '\0';
	a = want ? strstr(want, varies) : NULL;
	b = strstr(buf, varies);
	/* It is not told to everybody. */
	if (want && !a && !b)
		same = !strcmp(want, buf);
	else if (a && b && a - want == b - buf && !memcmp(buf, want, b - buf)) {
		rest_a = strchr(a + 1, '\n');
		rest_b = strchr(b + 1, '\n');
		same = rest_a && rest_b && !strcmp(rest_a, rest_b);
	}
	free(want);
	return same;
}

static int open_metrics(struct scene *s)
{
	s->fd = open(METRICS, O_RDONLY);
	return finish(s->fd);
}

static bool right_metrics(struct scene *s, int err)
{
	if (err && (!refused(err) || (s->fd < 0 && open_metrics(s))))
		return false;
	return !read_on(s, ROOM - 1 - s->at) && same_metrics(s);
}

static const struct attempt attempts[] = {
	{ "open", "\n", nothing, call_open, right_open },
	{ "write", "\n", open_table, call_write, right_write },
	{ "read", "\n", open_table, call_read, right_read },
	{ "read, show=more", STILL, open_table, call_read, right_read },
	{ "read, filtered", ONE_ROW, open_table, call_read, right_read },
	{ "read, in groups", GROUPED, open_table, call_read, right_read },
	{ "read, in groups at once", GROUPED_AT_ONCE, open_table, call_read,
	  right_read },
	{ "read, unhashed", UNLISTED, open_table, call_read, right_read },
	{ "read, of namespaces", NAMESPACES, open_table, call_read, right_read },
	{ "read, groups of namespaces", NAMESPACE_GROUPS, open_table, call_read,
	  right_read },
	{ "read in pieces", "\n", open_table, call_small_reads, right_read },
	{ "read in pieces, show=more", STILL, open_table, call_small_reads,
	  right_read },
	{ "read again", "\n", read_through, call_read, right_read },
	{ "pread first", STILL, open_table, call_pread, right_read },
	{ "close", "\n", read_a_part, call_close, right_close, .may_have_none = true },
	{ "open metrics", NULL, nothing, open_metrics, right_metrics },
	{ "read metrics", NULL, open_metrics, call_read, right_metrics },
};

#define NR_ATTEMPTS	((int)(sizeof(attempts) / sizeof(*attempts)))

static const struct text *wanted(const struct scene *s, const char *filter)
{
	if (!filter || !strcmp(filter, "\n"))
		return &s->all;
	if (!strcmp(filter, GROUPED))
		return &s->grouped;
	if (!strcmp(filter, GROUPED_AT_ONCE))
		return &s->grouped_at_once;
	if (!strcmp(filter, UNLISTED))
		return &s->unhashed;
	if (!strcmp(filter, NAMESPACES))
		return &s->namespaces;
	if (!strcmp(filter, NAMESPACE_GROUPS))
		return &s->namespace_groups;
	return strcmp(filter, STILL) ? &s->one_row : &s->still;
}

/* With no fault, the first, and every so many-th after it, up to the last. */
static bool survives(struct scene *s, const struct attempt *a)
{
	int faults = 0, refusals = 0, wrong = 0, err;
	bool hit = false;

	for (int nth = 0; wrong < 10 && (!nth || hit || nth == 1); nth += nth ? s->step : 1) {
		s->fd = -1;
		s->at = 0;
		s->filter = a->filter;
		s->want = wanted(s, a->filter);
		err = a->prepare(s);
		if (err) {
			note("%s: %s before it", a->name, strerror(-err));
			return false;
		}
		if (!fault_arm(nth)) {
			note("%s: no fault %d", a->name, nth);
			return false;
		}
		err = a->call(s);
		hit = fault_disarm() && nth;
		faults += hit;
		refusals += hit && err;
		if ((err && !hit) || !a->right(s, err)) {
			note("%s, fault %d: %s, and not right", a->name, nth,
			     strerror(-err));
			wrong++;
		}
		if (s->fd >= 0)
			close(s->fd);
	}
	note("%s: %d faults, %d of them refusals", a->name, faults, refusals);
	return !wrong && (faults || a->may_have_none);
}

/* Holds what it has inherited, under a name that is not short when written. */
static int hold(int line, void *arg)
{
	prctl(PR_SET_NAME, "\n \n\t\n\\\n\x1b\n\n\n\n\n\n");
	return child_hold(line, arg);
}

static bool read_text(struct scene *s, const char *filter, struct text *text)
{
	int err;

	s->filter = filter;
	s->at = 0;
	err = open_table(s) ?: read_on(s, ROOM);
	if (!err) {
		text->len = s->at;
		text->text = malloc(s->at);
		memcpy(text->text, buf, s->at);
	}
	if (s->fd >= 0)
		close(s->fd);
	return !err;
}

static bool read_texts(struct scene *s)
{
	return read_text(s, "\n", &s->all) && read_text(s, STILL, &s->still) &&
	       read_text(s, ONE_ROW, &s->one_row) &&
	       read_text(s, GROUPED, &s->grouped) &&
	       read_text(s, GROUPED_AT_ONCE, &s->grouped_at_once) &&
	       read_text(s, UNLISTED, &s->unhashed) &&
	       read_text(s, NAMESPACES, &s->namespaces) &&
	       read_text(s, NAMESPACE_GROUPS, &s->namespace_groups);
}

static void free_texts(struct scene *s)
{
	free(s->all.text);
	free(s->still.text);
	free(s->one_row.text);
	free(s->grouped.text);
	free(s->grouped_at_once.text);
	free(s->unhashed.text);
	free(s->namespaces.text);
	free(s->namespace_groups.text);
}

/* Namespaces that a socket each keeps, beside this one. */
static bool settle_neighbours(int n)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	union addr at = addr_of(V4, "0.0.0.0", 9999);

	netns_small_tables();	/* not everywhere */
	while (n--)
		if (unshare(CLONE_NEWNET) || sock_bound(SOCK_DGRAM, &at) < 0)
			return false;
	return !setns(home, CLONE_NEWNET);
}

/* Sockets of all kinds, and what a right read gives. */
static bool furnish(struct scene *s)
{
	union addr at = addr_of(V4, "127.0.0.1", 9999);
	int pair[2];

	memset(buf, '?', sizeof(buf));
	if (files_allow(ONE_PORT + 6 * PAIRS + FILES + 100))
		return false;
	if (sock_bound(SOCK_DGRAM, &at) < 0)
		return false;
	for (; s->holders < HOLDERS; s->holders++) {
		struct child *c = &s->holder[s->holders];

		if (child_start(c, hold, NULL) || !line_hear(c->line, NULL))
			return false;
	}
	for (int i = 0; i < ONE_PORT; i++) {
		at = addr_of(V4, "127.0.0.1", 443);
		at.in.sin_addr.s_addr = htonl(0x7f010101 + i);
		if (sock_bound(SOCK_DGRAM, &at) < 0)
			return false;
	}
	for (int i = 0; i < PAIRS; i++) {
		at = addr_of(i % 3, i % 3 == V6 ? HOST6 : "127.0.0.1", 0);
		if (sock_pair(&at, pair) || sock_listen(&at, 1) < 0 ||
		    socket(at.sa.sa_family, SOCK_STREAM, 0) < 0 ||
		    sock_bound(SOCK_STREAM, &at) < 0)
			return false;
	}
	return read_texts(s);
}

static void clear(struct scene *s)
{
	while (s->holders)
		child_kill(&s->holder[--s->holders]);
	free_texts(s);
}

FIXTURE(faults)
{
	struct scene scene;
};

FIXTURE_SETUP(faults)
{
	int err = fault_open();

	if (err == -ENOENT)
		SKIP(return, "this kernel does not inject faults");
	ASSERT_EQ(0, err);
	self->scene.step = 1;
	ASSERT_EQ(0, netns_new());
	ASSERT_TRUE(settle_neighbours(NEIGHBOURS));
	ASSERT_TRUE(furnish(&self->scene));
}

FIXTURE_TEARDOWN(faults)
{
	clear(&self->scene);
}

/* Each of them, and the budget then holds as much as before. */
TEST_F_TIMEOUT(faults, one_by_one, 900)
{
	char budget[24];
	int fd[FILES], n;

	snprintf(budget, sizeof(budget), "%ld", file_read_long(BUDGET, -1));
	ASSERT_STRNE("-1", budget);
	ASSERT_EQ(0, file_write(BUDGET, "1"));
	n = budget_fill(fd, FILES);
	EXPECT_LT(0, n);
	budget_empty(fd, n);

	for (int i = 0; i < NR_ATTEMPTS; i++)
		EXPECT_TRUE(survives(&self->scene, &attempts[i]));

	EXPECT_EQ(n, budget_fill(fd, FILES));
	budget_empty(fd, n);
	EXPECT_EQ(0, file_write(BUDGET, budget));
}

/*
 * Nor is anything held on to.  Where there can be one network namespace more
 * than there is, and one pid namespace, the next can be made when all that
 * belonged to the last has gone.
 */

static int first_of_pidns(int line, void *arg)
{
	struct scene *s = arg;
	bool good = furnish(s);

	line_tell(line, good);
	line_wait(line);
	clear(s);
	return 0;
}

/* The sockets and their holders, in namespaces of their own. */
static int keep_apart(int line, void *arg)
{
	struct child c;
	long long good;

	if (unshare(CLONE_NEWPID) ||
	    child_start(&c, first_of_pidns, arg) || !line_hear(c.line, &good))
		return 1;
	line_tell(line, good);
	line_wait(line);
	child_end(&c);
	return 0;
}

static bool lets_go(struct scene *s)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct child c;
	bool good;
	long long made;

	if (unshare(CLONE_NEWNET) || netns_up() ||
	    child_start(&c, keep_apart, s) || !line_hear(c.line, &made))
		return false;
	good = made && read_texts(s);
	for (int i = 0; good && i < NR_ATTEMPTS; i++)
		good = survives(s, &attempts[i]);
	/* Or there was nothing to hold on to. Others' owners are hidden from this user. */
	good = good && memmem(s->one_row.text, s->one_row.len, "+80", 3) &&
	       memmem(s->unhashed.text, s->unhashed.len, "bound=20 owners=some\n", 21);
	free_texts(s);
	return !child_end(&c) && !setns(home, CLONE_NEWNET) && good;
}

static int leashed(int line, void *arg)
{
	struct scene *s = arg;

	/* The kernel is asked about each process here, which can fail at many more places. */
	s->step = 20;
	if (fault_open())
		return 1;
	if (netns_limited(2) ||
	    file_write("/proc/sys/user/max_pid_namespaces", "1"))
		return 2;
	if (!lets_go(s))
		return 3;
	return POLL(netns_room()) && POLL(!unshare(CLONE_NEWPID)) ? 0 : 4;
}

FIXTURE(leash)
{
};

FIXTURE_SETUP(leash)
{
}

FIXTURE_TEARDOWN(leash)
{
}

TEST_F_TIMEOUT(leash, nothing_is_held, 900)
{
	static struct scene scene;
	struct child c;
	int err = fault_open();

	if (err == -ENOENT)
		SKIP(return, "this kernel does not inject faults");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, child_start(&c, leashed, &scene));
	EXPECT_EQ(0, child_end(&c));
}

TEST_HARNESS_MAIN
