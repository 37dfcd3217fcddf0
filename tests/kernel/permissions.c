// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who is told whose a socket is: exactly they who could have found out by
 * /proc/PID/fd.  That directory is the witness: every reader below looks
 * there, for every target, and then at the table.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "lib/child.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"

#define USER		1000
#define OTHER		2000
#define GROUP		4242
#define FIRST_MAPPED	100000
#define FIRST_PORT	7000

#define PTRACE		CAP_BIT(CAP_SYS_PTRACE)
#define SEARCH		CAP_BIT(CAP_DAC_READ_SEARCH)
#define OVERRIDE	CAP_BIT(CAP_DAC_OVERRIDE)
#define GROUP_PARAM	"/sys/module/netstate/parameters/owners_gid"

/* Those who hold a socket each. */

static int their_userns, mapped_userns;	/* of two of them */

static int as_user(void)
{
	return become(USER, USER, -1);
}

static int as_open_user(void)
{
	return as_user() ?: dumpable(true);
}

static int as_closed_user(void)
{
	return as_user() ?: dumpable(false);
}

static int as_open_other(void)
{
	return become(OTHER, OTHER, -1) ?: dumpable(true);
}

static int ids(uid_t r, uid_t e, uid_t s, gid_t rg, gid_t eg, gid_t sg)
{
	if (setgroups(0, NULL) || setresgid(rg, eg, sg) || setresuid(r, e, s))
		return -errno;
	return dumpable(true);
}

static int with_real_uid(void)
{
	return ids(OTHER, USER, USER, USER, USER, USER);
}

static int with_effective_uid(void)
{
	return ids(USER, 0, USER, USER, USER, USER);
}

static int with_saved_uid(void)
{
	return ids(USER, USER, 0, USER, USER, USER);
}

static int with_real_gid(void)
{
	return ids(USER, USER, USER, OTHER, USER, USER);
}

static int with_effective_gid(void)
{
	return ids(USER, USER, USER, USER, OTHER, USER);
}

static int with_saved_gid(void)
{
	return ids(USER, USER, USER, USER, USER, OTHER);
}

static int with_other_fsuid(void)
{
	int err = ids(USER, USER, 0, USER, USER, USER);

	setfsuid(0);
	return err;
}

static int as_root(void)
{
	return 0;
}

static int as_closed_root(void)
{
	return dumpable(false);
}

static int as_user_in_userns(void)
{
	return as_open_user() ?: userns_new();
}

static int as_closed_user_in_userns(void)
{
	return as_user_in_userns() ?: dumpable(false);
}

static int as_nobody_mapped(void)
{
	return as_open_user() ?: unshare(CLONE_NEWUSER) ? -errno :
	       dumpable(true);
}

/* Once root has given it a range of ids. */
static int as_mapped(void)
{
	return ids(33, 33, 33, 33, 33, 33);
}

static int as_closed_mapped(void)
{
	return as_mapped() ?: dumpable(false);
}

/* In the namespace of the former, but without an id there. */
static int as_unmapped(void)
{
	return as_user() ?: userns_join(mapped_userns) ?: dumpable(true);
}

static int as_closed_unmapped(void)
{
	return as_unmapped() ?: dumpable(false);
}

static const struct {
	const char *name;
	int (*become)(void);
	int (*then)(void);	/* after its ids have been mapped */
} targets[] = {
	{ "root", as_root },
	{ "root, closed", as_closed_root },
	{ "user", as_open_user },
	{ "user, closed", as_closed_user },
	{ "user, as setuid leaves it", as_user },
	{ "other user", as_open_other },
	{ "user, real uid differs", with_real_uid },
	{ "user, effective uid differs", with_effective_uid },
	{ "user, saved uid differs", with_saved_uid },
	{ "user, real gid differs", with_real_gid },
	{ "user, effective gid differs", with_effective_gid },
	{ "user, saved gid differs", with_saved_gid },
	{ "user, fsuid differs", with_other_fsuid },
	{ "user, in a user namespace", as_user_in_userns },
	{ "user, in a user namespace, closed", as_closed_user_in_userns },
	{ "mapped user, in user's namespace", as_nobody_mapped, as_mapped },
	{ "mapped user, in user's namespace, closed", as_nobody_mapped,
	  as_closed_mapped },
	{ "user that this namespace has no id for", as_unmapped },
	{ "the same, closed", as_closed_unmapped },
};

#define NR_TARGETS	((int)(sizeof(targets) / sizeof(*targets)))

/* Those who look. */

static int look_as_other_group(void)
{
	return become(USER, OTHER, -1);
}

static int look_as_group_member(void)
{
	return become(OTHER, OTHER, GROUP);
}

static int look_as_other(void)
{
	return become(OTHER, OTHER, -1);
}

static int look_without_ptrace(void)
{
	return drop(PTRACE);
}

static int look_without_dac(void)
{
	return drop(SEARCH | OVERRIDE);
}

static int look_without_search(void)
{
	return drop(SEARCH);
}

static int look_without_override(void)
{
	return drop(OVERRIDE);
}

static int look_without_any(void)
{
	return drop(~0ull);
}

static int look_with_ptrace(void)
{
	return become_with(USER, USER, PTRACE);
}

static int look_with_search(void)
{
	return become_with(USER, USER, SEARCH);
}

static int look_with_both(void)
{
	return become_with(USER, USER, PTRACE | SEARCH);
}

static int look_with_override(void)
{
	return become_with(OTHER, OTHER, PTRACE | OVERRIDE);
}

/* As a setuid program does before it opens a file for its caller. */
static int look_with_fsuid(void)
{
	if (setgroups(0, NULL) || setresgid(USER, USER, 0))
		return -errno;
	setfsuid(USER);
	return 0;
}

static int look_as_setuid_program(void)
{
	return setresuid(USER, 0, 0) ? -errno : 0;
}

static int look_in_own_userns(void)
{
	return as_user() ?: userns_new();
}

static int look_from_their_userns(void)
{
	return as_user() ?: userns_join(their_userns);
}

static int look_as_root_from_their_userns(void)
{
	return userns_join(their_userns);
}

static int look_from_mapped_userns(void)
{
	return as_user() ?: userns_join(mapped_userns);
}

static int look_as_mapped_root(void)
{
	if (userns_join(mapped_userns))
		return -errno;
	return setresgid(0, 0, 0) || setresuid(0, 0, 0) ? -errno : 0;
}

static const struct {
	const char *name;
	int (*become)(void);
} readers[] = {
	{ "root", as_root },
	{ "root without CAP_SYS_PTRACE", look_without_ptrace },
	{ "root without CAP_DAC_*", look_without_dac },
	{ "root without CAP_DAC_READ_SEARCH", look_without_search },
	{ "root without CAP_DAC_OVERRIDE", look_without_override },
	{ "root without capabilities", look_without_any },
	{ "user", as_user },
	{ "user with another gid", look_as_other_group },
	{ "other user", look_as_other },
	{ "group member", look_as_group_member },
	{ "user with CAP_SYS_PTRACE", look_with_ptrace },
	{ "user with CAP_DAC_READ_SEARCH", look_with_search },
	{ "user with both", look_with_both },
	{ "other user with CAP_DAC_OVERRIDE", look_with_override },
	{ "root with user's fsuid", look_with_fsuid },
	{ "setuid program", look_as_setuid_program },
	{ "user in own user namespace", look_in_own_userns },
	{ "user in the targets' namespace", look_from_their_userns },
	{ "root in the targets' namespace", look_as_root_from_their_userns },
	{ "user in the mapped targets' namespace", look_from_mapped_userns },
	{ "root of the mapped targets' namespace", look_as_mapped_root },
};

#define NR_READERS	((int)(sizeof(readers) / sizeof(*readers)))

static int udp_socket(int i)
{
	union addr at = addr_of(V4, "127.0.0.1", FIRST_PORT + i);

	return sock_bound(SOCK_DGRAM, &at);
}

static int target(int line, void *arg)
{
	int i = (long)arg, fd = udp_socket(i), err;
	union addr at = addr_of(V4, "127.0.0.1", FIRST_PORT + i);

	err = sock_bound(SOCK_STREAM, &at);
	if (err >= 0)
		err = fd < 0 ? fd : targets[i].become();
	line_tell(line, err ?: fd);
	if (!err && targets[i].then && line_hear(line, NULL)) {
		err = targets[i].then();
		line_tell(line, err ?: fd);
	}
	if (err)
		note("%s: %s", targets[i].name, strerror(-err));
	line_wait(line);
	return 0;
}

/* What a reader finds at a proc mount. */
struct view {
	bool found[NR_TARGETS];		/* by /proc/PID/fd */
	bool shown[NR_TARGETS];		/* by the table */
	bool listed[NR_TARGETS];	/* that it has a socket that is in no table */
	bool told[NR_TARGETS];		/* asked for it alone: that owners are hidden */
	bool all_told;			/* the same, asked for all */
	bool self_found, self_shown, self_told;
	int rows;
	pid_t reader;			/* of a file that was handed over, */
	int own;			/* and a socket of its own */
};

FIXTURE(access)
{
	struct child target[NR_TARGETS];
	int fd[NR_TARGETS];
	char dir[32];
	struct view *view;	/* shared with the reader */
};

/* Opening and listing the directory, and reading the link. */
static bool finds(const char *proc, pid_t pid, int fd)
{
	char path[80], link[80];
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%d/fd", proc, pid);
	dir = opendir(path);
	if (!dir)
		return false;
	closedir(dir);
	snprintf(path, sizeof(path), "%s/%d/fd/%d", proc, pid, fd);
	return readlink(path, link, sizeof(link)) > 0;
}

/* Whether the table has this target's owner: all of it, or "-". */
static int shows(const struct table *t, int i, pid_t pid)
{
	char text[ADDR_TEXT_MAX];
	const struct row *row;

	snprintf(text, sizeof(text), "127.0.0.1:%d", FIRST_PORT + i);
	row = table_find(t, "udp", text, NULL, NULL);
	if (!row || (row->pid && (row->pid != pid || row->others)) ||
	    (!row->pid && strcmp(row->prog, "-"))) {
		note("%s is '%s' in\n%s", text, row ? row->prog : "missing",
		     t->text);
		return -1;
	}
	return !!row->pid;
}

static bool look(FIXTURE_DATA(access) *self, const struct table *t,
		 const char *proc, int own)
{
	struct view *v = self->view;

	v->rows = t->n;
	v->all_told = t->hidden;
	for (int i = 0; i < NR_TARGETS; i++) {
		int shown = shows(t, i, self->target[i].pid);

		if (shown < 0)
			return false;
		v->shown[i] = shown;
		v->found[i] = finds(proc, self->target[i].pid, self->fd[i]);
	}
	if (own >= 0) {
		v->self_shown = shows(t, NR_TARGETS, getpid()) > 0;
		v->self_found = finds(proc, getpid(), own);
	}
	return true;
}

/* Sockets that are in no table are there for those who may see a holder. */
static bool look_for_unhashed(struct view *v, const char *path)
{
	static const char filter[] = "state=bound";
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char text[ADDR_TEXT_MAX];
	const struct row *row;
	struct table t;
	size_t found = 0;
	bool good;

	if (fd < 0 || write(fd, filter, strlen(filter)) < 0 ||
	    table_read_fd(&t, fd)) {
		note("%s for unhashed ones: %m %s", path, fd < 0 ? "" : t.error);
		return false;
	}
	close(fd);
	for (int i = 0; i < NR_TARGETS; i++) {
		snprintf(text, sizeof(text), "127.0.0.1:%d", FIRST_PORT + i);
		row = table_find(&t, "tcp", text, NULL, "BOUND");
		v->listed[i] = row;
		found += !!row;
		if (row && !row->pid) {
			note("%s is nobody's", text);
			found = -1;
			break;
		}
	}
	good = found == t.n;
	if (!good)
		note("unhashed:\n%s", t.text);
	table_free(&t);
	return good;
}

/* Asks for the sockets of one process: its one row, or none with a word that says why. */
static bool look_for_one(const char *path, pid_t pid, bool *told)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char filter[32];
	struct table t;
	bool good;

	snprintf(filter, sizeof(filter), "proto=udp pid=%d", pid);
	if (fd < 0 || write(fd, filter, strlen(filter)) < 0 ||
	    table_read_fd(&t, fd)) {
		note("%s for %s: %m %s", path, filter, fd < 0 ? "" : t.error);
		return false;
	}
	close(fd);
	*told = t.hidden;
	good = t.n == !t.hidden;
	if (!good)
		note("%s:\n%s", filter, t.text);
	table_free(&t);
	return good;
}

static bool look_for_each(FIXTURE_DATA(access) *self, const char *path)
{
	struct view *v = self->view;

	for (int i = 0; i < NR_TARGETS; i++)
		if (!look_for_one(path, self->target[i].pid, &v->told[i]))
			return false;
	return look_for_one(path, getpid(), &v->self_told);
}

struct errand {
	FIXTURE_DATA(access) *self;
	int (*become)(void);
	const char *proc;
};

static int reader(int line, void *arg)
{
	struct errand *e = arg;
	int own = udp_socket(NR_TARGETS), err;
	struct table t;
	char path[64];
	bool good;

	if (own < 0)
		return 1;
	err = e->become();
	if (err) {
		note("can't become that: %s", strerror(-err));
		return 2;
	}
	snprintf(path, sizeof(path), "%s/netstate", e->proc);
	if (table_read_path(&t, path)) {
		note("%s", t.error);
		return 3;
	}
	good = look(e->self, &t, e->proc, own) &&
	       look_for_unhashed(e->self->view, path) &&
	       look_for_each(e->self, path);
	table_free(&t);
	return good ? 0 : 4;
}

static bool view_as(FIXTURE_DATA(access) *self, int (*become)(void),
		    const char *proc)
{
	struct errand errand = { self, become, proc };
	struct child c;

	memset(self->view, 0, sizeof(*self->view));
	return !child_start(&c, reader, &errand) && !child_end(&c);
}

FIXTURE_SETUP(access)
{
	ASSERT_EQ(0, netns_new());
	self->view = mmap(NULL, sizeof(*self->view), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	strcpy(self->dir, "/tmp/netstate.XXXXXX");
	mkdir("/tmp", 01777);
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, chmod(self->dir, 0755));
	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));

	for (int i = 0; i < NR_TARGETS; i++) {
		struct child *c = &self->target[i];
		long long fd;

		ASSERT_EQ(0, child_start(c, target, (void *)(long)i));
		ASSERT_TRUE(line_hear(c->line, &fd));
		ASSERT_LE(0, fd);
		if (targets[i].then) {
			ASSERT_EQ(0, userns_map(c->pid, FIRST_MAPPED));
			ASSERT_TRUE(line_tell(c->line, 0));
			ASSERT_TRUE(line_hear(c->line, &fd));
			ASSERT_LE(0, fd);
		}
		if (targets[i].become == as_user_in_userns)
			their_userns = userns_of(c->pid);
		if (targets[i].then == as_mapped)
			mapped_userns = userns_of(c->pid);
		self->fd[i] = fd;
	}
}

FIXTURE_TEARDOWN(access)
{
	for (int i = 0; i < NR_TARGETS; i++)
		child_kill(&self->target[i]);
	umount2(self->dir, MNT_DETACH);
	rmdir(self->dir);
}

/* Whether there is a word on line 1 where, and only where, owners are hidden. */
static int words_amiss(const struct view *v, const char *name)
{
	bool all_found = true;
	int amiss = 0;

	for (int i = 0; i < NR_TARGETS; i++) {
		all_found = all_found && v->found[i];
		if (v->told[i] != v->found[i])
			continue;
		note("%s: line 1 says%s that owners are hidden, of %s", name,
		     v->told[i] ? "" : " not", targets[i].name);
		amiss++;
	}
	if (v->all_told == all_found || v->self_told == v->self_found) {
		note("%s: line 1 says%s that owners are hidden, of itself that%s",
		     name, v->all_told ? "" : " not", v->self_told ? "" : " not");
		amiss++;
	}
	return amiss;
}

/* Every reader at every target; how many times the two accounts differ. */
static int differences(FIXTURE_DATA(access) *self, const char *proc)
{
	int differ = 0;

	for (int r = 0; r < NR_READERS; r++) {
		const struct view *v = self->view;

		if (!view_as(self, readers[r].become, proc)) {
			note("%s could not read", readers[r].name);
			differ++;
			continue;
		}
		for (int i = 0; i < NR_TARGETS; i++) {
			if (v->shown[i] == v->found[i] &&
			    v->listed[i] == v->found[i])
				continue;
			note("%s: %s is %s in the table, its other socket %s, %s in %s/PID/fd",
			     readers[r].name, targets[i].name,
			     v->shown[i] ? "shown" : "hidden",
			     v->listed[i] ? "as well" : "is not",
			     v->found[i] ? "readable" : "not", proc);
			differ++;
		}
		if (v->self_shown != v->self_found) {
			note("%s: %s itself", readers[r].name,
			     v->self_shown ? "sees" : "does not see");
			differ++;
		}
		differ += words_amiss(v, readers[r].name);
		if (v->rows != NR_TARGETS + 1) {
			note("%s: %d rows", readers[r].name, v->rows);
			differ++;
		}
	}
	return differ;
}

TEST_F(access, as_proc_pid_fd)
{
	EXPECT_EQ(0, differences(self, "/proc"));
}

/* The witness itself: these much is certain without it. */
TEST_F(access, certainties)
{
	const struct view *v = self->view;

	ASSERT_TRUE(view_as(self, as_root, "/proc"));
	for (int i = 0; i < NR_TARGETS; i++)
		EXPECT_TRUE(v->shown[i]);
	EXPECT_TRUE(v->self_shown);

	ASSERT_TRUE(view_as(self, as_user, "/proc"));
	for (int i = 0; i < NR_TARGETS; i++) {
		if (targets[i].become == as_open_user)
			EXPECT_TRUE(v->shown[i]);
		if (targets[i].become == as_root ||
		    targets[i].become == as_closed_user ||
		    targets[i].become == as_open_other ||
		    targets[i].become == with_saved_uid)
			EXPECT_FALSE(v->shown[i]);
	}
	EXPECT_TRUE(v->self_shown);
}

TEST_F(access, hidepid)
{
	static const char *const options[] = {
		"hidepid=0", "hidepid=1", "hidepid=2", "hidepid=4",
		"hidepid=2,gid=4242",
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		ASSERT_EQ(0, mount("proc", self->dir, "proc", 0, options[i]));
		EXPECT_EQ(0, differences(self, self->dir)) {
			note("with %s", options[i]);
		}
		ASSERT_EQ(0, umount2(self->dir, MNT_DETACH));
	}
}

/* What is hidden and what is not there look the same; what may be seen does not. */
static int asks_for_pids(int line, void *arg)
{
	const struct errand *e = arg;
	pid_t pid[3] = { e->self->target[0].pid, 0, getpid() };
	bool told[3];
	char path[64];

	/* One that has gone */
	pid[1] = fork();
	if (!pid[1])
		_exit(0);
	if (waitpid(pid[1], NULL, 0) != pid[1])
		return 1;
	if (udp_socket(NR_TARGETS) < 0 || e->become())
		return 2;
	snprintf(path, sizeof(path), "%s/netstate", e->proc);
	for (int i = 0; i < 3; i++)
		if (!look_for_one(path, pid[i], &told[i]))
			return 3;
	if (!told[0] || !told[1] || told[2]) {
		note("told: %d of a hidden one, %d of none, %d of itself", told[0], told[1],
		     told[2]);
		return 4;
	}
	return 0;
}

TEST_F(access, hidepid_hides_pids)
{
	struct errand errand = { self, look_as_other, self->dir };
	struct child c;

	ASSERT_EQ(0, mount("proc", self->dir, "proc", 0, "hidepid=2"));
	ASSERT_EQ(0, child_start(&c, asks_for_pids, &errand));
	EXPECT_EQ(0, child_end(&c));
}

/* Who may attach to whom is another question than who may look. */
TEST_F(access, ptrace_scope)
{
	static const char scope[] = "/proc/sys/kernel/yama/ptrace_scope";
	long before = file_read_long(scope, -1);
	char text[24];

	if (before < 0)
		SKIP(return, "no Yama");
	for (int i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%d", i);
		ASSERT_EQ(0, file_write(scope, text));
		EXPECT_EQ(0, differences(self, "/proc")) {
			note("with ptrace_scope=%d", i);
		}
	}
	snprintf(text, sizeof(text), "%ld", before);
	EXPECT_EQ(0, file_write(scope, text));
}

/* An open file keeps the view of who opened it, whoever reads it. */

struct handover {
	FIXTURE_DATA(access) *self;
	int (*become)(void);
	int fd;
};

static int opener(int line, void *arg)
{
	struct handover *h = arg;
	int fd;

	if (h->become())
		return 1;
	for (int i = 0; i < NR_TARGETS; i++)
		h->self->view->found[i] = finds("/proc",
						h->self->target[i].pid,
						h->self->fd[i]);
	fd = open(NETSTATE, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || !line_send_fd(line, fd) || !line_hear(line, NULL))
		return 2;
	h->self->view->self_found = finds("/proc", h->self->view->reader, h->self->view->own);
	line_tell(line, 0);
	line_wait(line);
	return 0;
}

static int late_reader(int line, void *arg)
{
	struct handover *h = arg;
	struct view *v = h->self->view;
	struct table t;
	int shown;

	v->reader = getpid();
	v->own = udp_socket(NR_TARGETS);
	if (v->own < 0 || h->become())
		return 1;
	line_tell(line, 0);
	if (!line_hear(line, NULL) || table_read_fd(&t, h->fd))
		return 1;
	shown = shows(&t, NR_TARGETS, getpid());
	if (shown < 0)
		return 2;
	v->self_shown = shown;
	for (int i = 0; i < NR_TARGETS; i++) {
		shown = shows(&t, i, h->self->target[i].pid);
		if (shown < 0)
			return 2;
		v->shown[i] = shown;
	}
	table_free(&t);
	return 0;
}

static int handed_over(FIXTURE_DATA(access) *self, int (*open_as)(void),
		       int (*read_as)(void))
{
	struct handover o = { self, open_as }, r = { self, read_as };
	struct child first, second;
	int differ = 0;

	memset(self->view, 0, sizeof(*self->view));
	if (child_start(&first, opener, &o))
		return -1;
	r.fd = line_receive_fd(first.line);
	if (r.fd < 0 || child_start(&second, late_reader, &r) ||
	    !line_hear(second.line, NULL) ||
	    !line_tell(first.line, 0) || !line_hear(first.line, NULL) ||
	    !line_tell(second.line, 0) || child_end(&second))
		return -1;
	close(r.fd);
	child_end(&first);
	/* Its own socket is no exception. */
	if (self->view->self_shown != self->view->self_found) {
		note("the reader itself is %s", self->view->self_shown ? "shown" : "hidden");
		differ++;
	}
	for (int i = 0; i < NR_TARGETS; i++) {
		if (self->view->shown[i] == self->view->found[i])
			continue;
		note("%s is %s", targets[i].name,
		     self->view->shown[i] ? "shown" : "hidden");
		differ++;
	}
	return differ;
}

TEST_F(access, opened_by_user_read_by_root)
{
	EXPECT_EQ(0, handed_over(self, as_user, as_root));
	EXPECT_EQ(0, handed_over(self, look_as_other, as_root));
}

TEST_F(access, opened_by_root_read_by_user)
{
	EXPECT_EQ(0, handed_over(self, as_root, as_user));
	EXPECT_EQ(0, handed_over(self, look_without_ptrace, look_as_other));
}

TEST_F(access, opened_by_user_read_by_other)
{
	EXPECT_EQ(0, handed_over(self, as_user, look_as_other));
	EXPECT_EQ(0, handed_over(self, look_as_other, as_user));
}

/* Nor does who has become another see itself in what it opened before. */
static int open_and_change(int line, void *arg)
{
	int fd, own = udp_socket(NR_TARGETS), shown;
	struct table t;

	if (own < 0 || become_with(USER, USER, CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SETGID)))
		return 1;
	fd = open(NETSTATE, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || become(OTHER, OTHER, -1) || table_read_fd(&t, fd))
		return 2;
	shown = table_find(&t, "udp", "127.0.0.1:7019", NULL, NULL)->pid;
	table_free(&t);
	/* What it opens now shows it. */
	if (shown || table_read(&t))
		return 3;
	return table_find(&t, "udp", "127.0.0.1:7019", NULL, NULL)->pid == getpid() ? 0 : 4;
}

TEST_F(access, changed_since_it_opened)
{
	struct child c;

	ASSERT_EQ(7019, FIRST_PORT + NR_TARGETS);
	ASSERT_EQ(0, child_start(&c, open_and_change, NULL));
	EXPECT_EQ(0, child_end(&c));
}

/* One group may be told all. */

static int look_with_gid(void)
{
	return become(OTHER, GROUP, -1);
}

static int look_in_userns_with_gid(void)
{
	return look_with_gid() ?: userns_new();
}

static int all_shown(FIXTURE_DATA(access) *self, int (*become)(void))
{
	int shown = 0;

	if (!view_as(self, become, "/proc"))
		return -1;
	for (int i = 0; i < NR_TARGETS; i++)
		shown += self->view->shown[i];
	if (self->view->all_told == (shown == NR_TARGETS)) {
		note("%d of %d shown, and line 1 says%s that some are hidden",
		     shown, NR_TARGETS, self->view->all_told ? "" : " not");
		return -1;
	}
	return shown == NR_TARGETS;
}

TEST_F(access, owners_gid)
{
	ASSERT_EQ(-1, file_read_long(GROUP_PARAM, 0));
	EXPECT_EQ(0, all_shown(self, look_as_group_member));
	EXPECT_EQ(0, all_shown(self, look_with_gid));

	ASSERT_EQ(0, file_write(GROUP_PARAM, "4242"));
	EXPECT_EQ(4242, file_read_long(GROUP_PARAM, 0));
	EXPECT_EQ(1, all_shown(self, look_as_group_member));
	EXPECT_EQ(1, all_shown(self, look_with_gid));
	EXPECT_EQ(1, all_shown(self, as_root));
	EXPECT_EQ(0, all_shown(self, look_as_other));
	EXPECT_EQ(0, all_shown(self, as_user));
	EXPECT_EQ(0, all_shown(self, look_without_ptrace));
	/* Its own namespace gives it no more groups. */
	EXPECT_EQ(1, all_shown(self, look_in_userns_with_gid));
	EXPECT_EQ(0, all_shown(self, look_in_own_userns));

	ASSERT_EQ(0, file_write(GROUP_PARAM, "-1"));
	EXPECT_EQ(0, all_shown(self, look_as_group_member));
	EXPECT_EQ(0, all_shown(self, look_with_gid));
	EXPECT_NE(0, file_write(GROUP_PARAM, "users"));
	EXPECT_NE(0, file_write(GROUP_PARAM, "\n"));
	EXPECT_EQ(-1, file_read_long(GROUP_PARAM, 0));
}

TEST_HARNESS_MAIN
