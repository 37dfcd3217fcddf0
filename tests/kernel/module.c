// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module goes while its files are open and being read, and comes back.
 *
 * $NETSTATE_KO is the module's file.  Each test leaves the module loaded, with
 * its default parameters.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/child.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"

#define METRICS		NETSTATE "_metrics"
#define FOLDER		"/proc/self/net/netstate"
#define PARAMETERS	"/sys/module/netstate/parameters"

static int load_with(const char *parameters)
{
	const char *path = getenv("NETSTATE_KO") ?: "/netstate.ko";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0) {
		note("%s: %m", path);
		return -errno;
	}
	if (syscall(SYS_finit_module, fd, parameters, 0))
		err = -errno;
	close(fd);
	return err;
}

static int load(void)
{
	return load_with("");
}

static int unload(void)
{
	return syscall(SYS_delete_module, "netstate", O_NONBLOCK) ? -errno : 0;
}

FIXTURE(module)
{
};

/* Nothing is taken away that could not be put back. */
FIXTURE_SETUP(module)
{
	const char *path = getenv("NETSTATE_KO") ?: "/netstate.ko";

	ASSERT_EQ(0, access(path, R_OK)) {
		note("no module at %s", path);
	}
	if (access(NETSTATE, F_OK))
		ASSERT_EQ(0, load());
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(2000));
	for (int i = 0; i < 1000; i++) {
		union addr at = addr_of(V4, "127.0.0.1", 10000 + i);

		ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	}
}

/* After a failure, too. */
FIXTURE_TEARDOWN(module)
{
	if (!access(NETSTATE, F_OK))
		EXPECT_EQ(0, unload());
	EXPECT_EQ(0, load());
}

TEST_F(module, goes_and_comes)
{
	ASSERT_EQ(-EEXIST, load());
	ASSERT_EQ(0, unload());
	EXPECT_EQ(-1, access(NETSTATE, F_OK));
	EXPECT_EQ(-1, access(METRICS, F_OK));
	EXPECT_EQ(-1, access(FOLDER, F_OK));
	EXPECT_EQ(-1, access(FOLDER "_metrics", F_OK));
	EXPECT_EQ(-1, access(PARAMETERS, F_OK));
	EXPECT_EQ(-ENOENT, unload());
	ASSERT_EQ(0, load());
	EXPECT_EQ(0, access(NETSTATE, F_OK));
	EXPECT_EQ(0, access(METRICS, F_OK));
	EXPECT_EQ(0, access(FOLDER, F_OK));
	EXPECT_EQ(0, access(FOLDER "_metrics", F_OK));
}

/* An open file does not keep it; what is left of the file gives EIO. */
TEST_F(module, open_files)
{
	char buf[4096];
	int fresh = open(NETSTATE, O_RDONLY), begun = open(NETSTATE, O_RDONLY);
	int done = open(NETSTATE, O_RDONLY), metrics = open(METRICS, O_RDONLY);

	ASSERT_LE(0, fresh);
	ASSERT_LE(0, metrics);
	ASSERT_EQ(100, read(begun, buf, 100));
	free(fd_read(done, NULL));
	ASSERT_EQ(10, read(metrics, buf, 10));

	ASSERT_EQ(0, unload());
	for (int i = 0; i < 2; i++) {
		const int fds[] = { fresh, begun, done, metrics };

		for (int f = 0; f < 4; f++) {
			EXPECT_EQ(-1, read(fds[f], buf, sizeof(buf)));
			EXPECT_EQ(EIO, errno);
			EXPECT_EQ(-1, pread(fds[f], buf, sizeof(buf), 0));
			EXPECT_EQ(EIO, errno);
		}
		/* Files of the old are not files of the new. */
		if (!i)
			ASSERT_EQ(0, load());
	}
	EXPECT_EQ(0, close(begun));
	EXPECT_EQ(0, close(fresh));
	EXPECT_EQ(0, close(done));
	EXPECT_EQ(0, close(metrics));
	fresh = open(NETSTATE, O_RDONLY);
	EXPECT_LT(0, read(fresh, buf, sizeof(buf)));
	close(fresh);
}

/* Reads all it can; ends by a signal, or says what error there was. */
static int read_for_ever(int line, void *arg)
{
	const char *path = arg;
	char buf[8192];
	ssize_t n;
	int fd;

	for (long rounds = 0;; rounds++) {
		fd = open(path, O_RDONLY);
		if (fd < 0) {
			/* Between the old and the new; then again. */
			if (errno != ENOENT)
				break;
			usleep(200);
			continue;
		}
		if (rounds == 1)
			line_tell(line, 0);
		while ((n = read(fd, buf, sizeof(buf))) > 0)
			;
		if (n < 0 && errno != EIO)
			break;
		close(fd);
	}
	note("%s: %m", path);
	return 1;
}

/* Namespaces come and go for ever, not faster than the kernel clears them up; each must come. */
static int give_birth(int line, void *arg)
{
	line_tell(line, 0);
	while (!unshare(CLONE_NEWNET))
		usleep(10000);
	note("no namespace: %m");
	return 1;
}

/*
 * It goes in the midst of reads and of births of namespaces, and none of them comes to
 * harm.  $UNLOADS is how often; without it, a few times.
 */
TEST_F_TIMEOUT(module, while_read, 86400)
{
	const char *paths[] = { NETSTATE, NETSTATE, FOLDER, METRICS };
	const char *wanted = getenv("UNLOADS");
	int times = wanted ? atoi(wanted) : 15, done = 0;
	uint64_t end = now_ms() + PATIENCE_MS;
	struct child beside[5];

	for (int i = 0; i < 5; i++) {
		ASSERT_EQ(0, i < 4 ? child_start(&beside[i], read_for_ever, (void *)paths[i]) :
				     child_start(&beside[i], give_birth, NULL));
		ASSERT_TRUE(line_hear(beside[i].line, NULL));
	}
	while (done < times && (wanted || now_ms() < end)) {
		usleep(done++ % 15 * 3000);
		ASSERT_EQ(0, unload());
		EXPECT_EQ(-1, access(NETSTATE, F_OK));
		ASSERT_EQ(0, load());
	}
	note("%d times", done);
	for (int i = 0; i < 5; i++) {
		int status;

		EXPECT_EQ(0, waitpid(beside[i].pid, &status, WNOHANG));
		child_kill(&beside[i]);
	}
}

/* A page that nothing is in until somebody puts it there. */
struct absent {
	int uffd;
	long size;
	char *page;
};

static bool absent_make(struct absent *a)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	a->size = sysconf(_SC_PAGESIZE);
	a->page = mmap(NULL, a->size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	a->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (a->uffd < 0)
		return false;
	reg.range.start = (unsigned long)a->page;
	reg.range.len = a->size;
	return !ioctl(a->uffd, UFFDIO_API, &api) &&
	       !ioctl(a->uffd, UFFDIO_REGISTER, &reg);
}

static bool absent_awaited(const struct absent *a)
{
	struct pollfd p = { .fd = a->uffd, .events = POLLIN };

	return poll(&p, 1, PATIENCE_MS) == 1;
}

static int absent_fill(const struct absent *a)
{
	struct uffdio_zeropage zero = {
		.range = { (unsigned long)a->page, a->size },
	};

	return ioctl(a->uffd, UFFDIO_ZEROPAGE, &zero) ? -errno : 0;
}

struct paused {
	struct absent absent;
	int fd;
	ssize_t n;
};

static void *read_there(void *arg)
{
	struct paused *p = arg;

	p->n = read(p->fd, p->absent.page, 100);
	return NULL;
}

static int unload_then_say(int line, void *arg)
{
	int err = unload();

	line_tell(line, err);
	line_wait(line);
	return err;
}

/* Whether a network namespace can be made now: the kernel may make it wait. */
static int make_namespace(int line, void *arg)
{
	line_tell(line, unshare(CLONE_NEWNET) ? -errno : 0);
	return 0;
}

/*
 * In the midst of a read(2): the read ends well, and then the module goes. Until then it
 * waits, and nobody else does.
 */
static void go_while_paused(struct __test_metadata *_metadata, const char *path)
{
	struct pollfd p = { .events = POLLIN };
	struct paused paused;
	struct child c, mother;
	pthread_t thread;
	char byte;
	bool born;
	long long err;

	if (!absent_make(&paused.absent))
		SKIP(return, "no userfaultfd");
	paused.fd = open(path, O_RDONLY);
	ASSERT_LE(0, paused.fd);
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_there, &paused));
	ASSERT_TRUE(absent_awaited(&paused.absent));

	ASSERT_EQ(0, child_start(&c, unload_then_say, NULL));
	ASSERT_TRUE(POLL(access(path, F_OK)));
	ASSERT_EQ(0, child_start(&mother, make_namespace, NULL));
	p.fd = mother.line;
	born = poll(&p, 1, PATIENCE_MS) == 1 && line_hear(mother.line, &err) && !err;
	EXPECT_TRUE(born);
	p.fd = c.line;
	EXPECT_EQ(0, poll(&p, 1, 300));

	ASSERT_EQ(0, absent_fill(&paused.absent));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(100, paused.n);
	EXPECT_EQ(0, memcmp(paused.absent.page, "Active Internet", 15));
	EXPECT_TRUE(line_hear(c.line, &err));
	EXPECT_EQ(0, err);
	EXPECT_EQ(0, child_end(&c));
	child_kill(&mother);
	EXPECT_EQ(-1, read(paused.fd, &byte, 1));
	EXPECT_EQ(EIO, errno);
	close(paused.absent.uffd);
}

TEST_F(module, while_a_read_is_paused)
{
	go_while_paused(_metadata, NETSTATE);
}

TEST_F(module, while_a_read_of_a_folder_is_paused)
{
	go_while_paused(_metadata, FOLDER);
}

/* What a parameter can't be, the module does not start with. */
TEST_F(module, parameters)
{
	static const char *const nonsense[] = {
		"budget_mb=much", "budget_mb=-1", "budget_mb=", "owners_gid=us",
		"owners_gid=99999999999", "owners_gid=-2", "mode=0", "mode=0777", "mode=1666",
		"mode=0066", "mode=rw", "mode=0668", "gid=us", "gid=-1",
	};

	ASSERT_EQ(0, unload());
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(*nonsense); i++) {
		EXPECT_GT(0, load_with(nonsense[i])) {
			note("it takes %s", nonsense[i]);
			unload();
		}
	}
	ASSERT_EQ(0, load_with("budget_mb=3 owners_gid=7"));
	EXPECT_EQ(3, file_read_long(PARAMETERS "/budget_mb", 0));
	EXPECT_EQ(7, file_read_long(PARAMETERS "/owners_gid", 0));
	ASSERT_EQ(0, unload());
	ASSERT_EQ(0, load());
	EXPECT_EQ(-1, file_read_long(PARAMETERS "/owners_gid", 0));
}

/* Who may open the files: of a group that the module is told when it is loaded. */

#define GROUP		4242
#define USER		1000

struct wish {
	const char *path;
	int flags;
	int group;		/* a further group of the user, or -1 */
	bool userns;		/* as root of a user namespace of its own */
};

/* 0, or the error of open() as exit code. */
static int wish_open(int line, void *arg)
{
	const struct wish *w = arg;

	if (become(USER, USER, w->group) || dumpable(true) || (w->userns && userns_new()))
		return 255;
	return open(w->path, w->flags) < 0 ? errno : 0;
}

static int opens(const char *path, int flags, int group, bool userns)
{
	struct wish w = { path, flags, group, userns };
	struct child c;

	if (child_start(&c, wish_open, &w))
		return 255;
	return child_end(&c);
}

/* The bits of a file's mode, and its group. */
static bool is_of(const char *path, unsigned int mode, unsigned int gid)
{
	struct stat st;

	if (stat(path, &st))
		return false;
	if ((st.st_mode & 07777) == mode && st.st_uid == 0 && st.st_gid == gid)
		return true;
	note("%s: %o, group %u", path, st.st_mode & 07777, st.st_gid);
	return false;
}

TEST_F(module, mode_and_group)
{
	ASSERT_EQ(0, unload());
	ASSERT_EQ(0, load_with("mode=0640 gid=4242"));
	EXPECT_TRUE(is_of(NETSTATE, 0640, GROUP));
	EXPECT_TRUE(is_of(METRICS, 0440, GROUP));
	EXPECT_EQ(EACCES, opens(NETSTATE, O_RDONLY, -1, false));
	EXPECT_EQ(EACCES, opens(NETSTATE, O_RDONLY, -1, true));
	EXPECT_EQ(EACCES, opens(METRICS, O_RDONLY, -1, false));
	EXPECT_EQ(EACCES, opens(METRICS, O_RDONLY, -1, true));
	EXPECT_EQ(0, opens(NETSTATE, O_RDONLY, GROUP, false));
	EXPECT_EQ(0, opens(METRICS, O_RDONLY, GROUP, false));
	EXPECT_EQ(EACCES, opens(NETSTATE, O_RDWR, GROUP, false));
	EXPECT_EQ(0640, strtol(file_read(PARAMETERS "/mode", NULL) ?: "", NULL, 8));
	EXPECT_EQ(GROUP, file_read_long(PARAMETERS "/gid", -1));
	/* They are for the next load, and nobody is made believe something else. */
	EXPECT_NE(0, file_write(PARAMETERS "/mode", "0666"));
	EXPECT_NE(0, file_write(PARAMETERS "/gid", "0"));

	/* What chmod and chown do lasts until the module goes. */
	ASSERT_EQ(0, chmod(NETSTATE, 0600));
	EXPECT_EQ(EACCES, opens(NETSTATE, O_RDONLY, GROUP, false));
	ASSERT_EQ(0, unload());
	ASSERT_EQ(0, load_with("mode=0640 gid=4242"));
	EXPECT_TRUE(is_of(NETSTATE, 0640, GROUP));
	EXPECT_EQ(0, opens(NETSTATE, O_RDONLY, GROUP, false));

	ASSERT_EQ(0, unload());
	ASSERT_EQ(0, load());
	EXPECT_TRUE(is_of(NETSTATE, 0666, 0));
	EXPECT_TRUE(is_of(METRICS, 0444, 0));
	EXPECT_EQ(0, opens(NETSTATE, O_RDWR, -1, false));
	EXPECT_EQ(0, opens(METRICS, O_RDONLY, -1, true));
}

/* Whether somebody sees that our sockets are ours: 1 or 0. */
static int sees_owners(int line, void *arg)
{
	char word[24], *text;

	snprintf(word, sizeof(word), " %d/", getppid());
	if (become(USER, USER, *(int *)arg))
		return 255;
	text = file_read(NETSTATE, NULL);
	return text && strstr(text, "127.0.0.1:10007") ? strstr(text, word) != NULL : 254;
}

TEST_F(module, group_of_owners)
{
	static int other = -1, member = GROUP;
	struct child c;

	ASSERT_EQ(0, unload());
	ASSERT_EQ(0, load_with("owners_gid=4242"));
	ASSERT_EQ(0, child_start(&c, sees_owners, &other));
	EXPECT_EQ(0, child_end(&c));
	ASSERT_EQ(0, child_start(&c, sees_owners, &member));
	EXPECT_EQ(1, child_end(&c));

	/* Nor does it come back with the module. */
	ASSERT_EQ(0, unload());
	ASSERT_EQ(0, load());
	ASSERT_EQ(0, child_start(&c, sees_owners, &member));
	EXPECT_EQ(0, child_end(&c));
}

/* A network namespace that only an open file keeps goes with the module. */
static int keep_namespace(int line, void *arg)
{
	int home, fd;
	char byte;

	if (netns_limited(2))
		return 1;
	home = open("/proc/self/ns/net", O_RDONLY);
	if (unshare(CLONE_NEWNET))
		return 2;
	fd = open(NETSTATE, O_RDONLY);
	if (fd < 0 || read(fd, &byte, 1) != 1 || setns(home, CLONE_NEWNET))
		return 3;
	if (netns_room())
		return 4;
	line_tell(line, 0);
	line_hear(line, NULL);
	return POLL(netns_room()) ? 0 : 5;
}

TEST_F(module, lets_namespaces_go)
{
	struct child c;

	ASSERT_EQ(0, child_start(&c, keep_namespace, NULL));
	EXPECT_TRUE(line_hear(c.line, NULL));
	ASSERT_EQ(0, unload());
	EXPECT_TRUE(line_tell(c.line, 0));
	EXPECT_EQ(0, child_end(&c));
}

TEST_HARNESS_MAIN
