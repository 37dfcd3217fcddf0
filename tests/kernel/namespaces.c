// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network namespaces, with shared and with their own tables; pid namespaces
 * and their proc mounts.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/child.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/peer.h"
#include "lib/table.h"
#include "lib/witness.h"

#define HERE	"127.0.0.1:7001"

static int current_netns(void)
{
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static int udp_socket(const char *host)
{
	union addr at = addr_of(V4, host, 7001);

	return sock_bound(SOCK_DGRAM, &at);
}

/* How many rows a table read now has, or -1. */
static int rows_now(void)
{
	struct table t;
	int n = table_read(&t) ? -1 : (int)t.n;

	if (n < 0)
		note("%s", t.error);
	table_free(&t);
	return n;
}

/* The same, of an open file. */
static int rows_of(int fd, const char *laddr)
{
	struct table t;
	int n = -1;

	if (table_read_fd(&t, fd))
		note("%s", t.error);
	else
		n = laddr ? table_count(&t, "udp", laddr, NULL, NULL) : t.n;
	table_free(&t);
	return n;
}

FIXTURE(netns)
{
	int a, b;	/* two namespaces; we are in b */
};

FIXTURE_SETUP(netns)
{
	ASSERT_EQ(0, netns_new());
	self->a = current_netns();
	ASSERT_LE(0, self->a);
	ASSERT_EQ(0, netns_new());
	self->b = current_netns();
	ASSERT_LE(0, self->b);
}

FIXTURE_TEARDOWN(netns)
{
}

/* The same address in both: each sees its own, once. */
TEST_F(netns, own_sockets_only)
{
	struct row row;
	int in_a, in_b = udp_socket("127.0.0.1");

	ASSERT_LE(0, in_b);
	EXPECT_EQ(1, rows_now());
	ASSERT_EQ(0, setns(self->a, CLONE_NEWNET));
	EXPECT_EQ(0, rows_now());
	in_a = udp_socket("127.0.0.1");
	ASSERT_LE(0, in_a);
	EXPECT_EQ(1, rows_now());
	close(in_b);
	EXPECT_EQ(1, rows_now());
	EXPECT_TRUE(row_of_fd(in_a, &row));
	EXPECT_EQ(getpid(), row.pid);
	ASSERT_EQ(0, setns(self->b, CLONE_NEWNET));
	EXPECT_EQ(0, rows_now());
}

/* Listeners of all namespaces are in one table of the kernel. */
TEST_F(netns, listeners_and_the_rest)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	struct table t, w;
	int pair[2];

	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, setns(i ? self->b : self->a, CLONE_NEWNET));
		ASSERT_EQ(0, sock_pair(&at, pair));
		ASSERT_LE(0, sock_listen(&at, 1));
	}
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, setns(i ? self->b : self->a, CLONE_NEWNET));
		ASSERT_EQ(0, witness_read_with(&t, &w));
		EXPECT_EQ(3, t.n);
		rows_sort(t.rows, t.n);
		for (size_t r = 0; r < t.n && r < w.n; r++)
			EXPECT_EQ(0, row_compare(&t.rows[r], &w.rows[r]));
		table_free(&t);
		table_free(&w);
	}
}

/* What an open file shows is where it was opened, not where it is read. */
TEST_F(netns, sticks_to_the_file)
{
	int fd;

	ASSERT_LE(0, udp_socket("127.0.0.2"));
	ASSERT_EQ(0, setns(self->a, CLONE_NEWNET));
	ASSERT_LE(0, udp_socket("127.0.0.1"));
	fd = open(NETSTATE, O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setns(self->b, CLONE_NEWNET));
	EXPECT_EQ(1, rows_of(fd, NULL));
	EXPECT_EQ(1, rows_of(fd, HERE));
}

static int read_elsewhere(int line, void *arg)
{
	int fd = *(int *)arg;

	return unshare(CLONE_NEWNET) ? 100 : rows_of(fd, HERE);
}

TEST_F(netns, sticks_to_the_file_of_a_child)
{
	int fd = open(NETSTATE, O_RDONLY);
	struct child c;

	ASSERT_LE(0, fd);
	ASSERT_LE(0, udp_socket("127.0.0.1"));
	ASSERT_EQ(0, child_start(&c, read_elsewhere, &fd));
	EXPECT_EQ(1, child_end(&c));
}

/* The namespace that only an open file keeps can still be read. */
TEST_F(netns, last_reader)
{
	int fd;

	ASSERT_EQ(0, netns_new());
	fd = open(NETSTATE, O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setns(self->b, CLONE_NEWNET));
	EXPECT_EQ(0, rows_of(fd, NULL));
	EXPECT_EQ(0, rows_of(fd, NULL));
	close(fd);
}

/*
 * And it goes when the file does, wherever the reading has got to: as with the
 * kernel's own file, the last one here.
 */
static const struct {
	const char *path;
	enum { IDLE, BEGUN, DONE } read;
} kept[] = {
	{ NETSTATE, IDLE }, { NETSTATE, BEGUN }, { NETSTATE, DONE },
	{ NETSTATE "_metrics", IDLE }, { NETSTATE "_metrics", BEGUN },
	{ "/proc/self/net/tcp", IDLE }, { "/proc/self/net/tcp", BEGUN },
};

static int keep_and_let_go(int line, void *arg)
{
	int which = *(int *)arg, home, fd;
	char byte;

	if (netns_limited(2))
		return 1;
	home = current_netns();
	if (unshare(CLONE_NEWNET))
		return 2;
	fd = open(kept[which].path, O_RDONLY);
	if (fd < 0 || setns(home, CLONE_NEWNET))
		return 3;
	if (kept[which].read == BEGUN && read(fd, &byte, 1) != 1)
		return 4;
	if (kept[which].read == DONE)
		free(fd_read(fd, NULL));
	if (netns_room())
		return 5;
	close(fd);
	return POLL(netns_room()) ? 0 : 6;
}

TEST_F(netns, goes_with_the_last_reader)
{
	for (int i = 0; i < (int)(sizeof(kept) / sizeof(*kept)); i++) {
		struct child c;

		ASSERT_EQ(0, child_start(&c, keep_and_let_go, &i));
		EXPECT_EQ(0, child_end(&c)) {
			note("%d: %s", i, kept[i].path);
		}
	}
}

/* Makes one of each kind here and says how many rows that makes. */
static int furnish(struct peer *peer)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001), here;
	union addr far = addr_of(V4, "127.0.0.9", 9009);
	union addr at6 = addr_of(V6, HOST6, 7001);
	struct talk talk;
	int pair[2], l, fd;

	if (sock_bound(SOCK_DGRAM, &at) < 0 ||
	    sock_bound(SOCK_DGRAM, &at6) < 0 ||		/* 2 */
	    sock_pair(&at, pair) || sock_pair(&at6, pair) ||	/* 6 */
	    peer_open(peer, &far))				/* 7 */
		return -1;
	l = sock_listen(&at6, 1);				/* 8 */
	at = addr_of(V4, "127.0.0.1", 0);
	fd = sock_listen(&at, 1);				/* 9 */
	if (l < 0 || fd < 0)
		return -1;
	here = addr_local(fd);
	if (talk_call(&talk, peer, &here) ||			/* 10 */
	    talk_expect(&talk, TH_SYN | TH_ACK))
		return -1;
	if (sock_pair(&at, pair))
		return -1;
	close(pair[0]);
	close(pair[1]);						/* 11 */
	return 11;
}

/*
 * A namespace with tables of its own: the setting is its parent's.  Negative
 * in @mine means that it shares the parent's after all.
 */
static int netns_with(const char *parents, const char *entries,
		      const char *mine)
{
	int err = file_write(parents, entries);

	if (err)
		return err;
	err = netns_new();
	if (err)
		return err;
	return file_read_long(mine, -1) > 0 ? 0 : -ENOTSUP;
}

FIXTURE(own_tables)
{
	int outside;
};

FIXTURE_VARIANT(own_tables)
{
	const char *parents, *mine;
};

FIXTURE_VARIANT_ADD(own_tables, tcp) {
	.parents = "/proc/sys/net/ipv4/tcp_child_ehash_entries",
	.mine = "/proc/sys/net/ipv4/tcp_ehash_entries",
};

FIXTURE_VARIANT_ADD(own_tables, udp) {
	.parents = "/proc/sys/net/ipv4/udp_child_hash_entries",
	.mine = "/proc/sys/net/ipv4/udp_hash_entries",
};

FIXTURE_SETUP(own_tables)
{
	if (access(variant->parents, F_OK))
		SKIP(return, "this kernel has no %s", variant->parents);
	ASSERT_EQ(0, netns_new());
	self->outside = current_netns();
	ASSERT_EQ(0, netns_with(variant->parents, "256", variant->mine));
}

FIXTURE_TEARDOWN(own_tables)
{
}

TEST_F(own_tables, all_shown_here_and_nowhere_else)
{
	struct table t, w;
	struct peer peer;
	int rows;

	ASSERT_EQ(0, rows_now());
	rows = furnish(&peer);
	ASSERT_LT(0, rows);
	ASSERT_EQ(0, witness_read_with(&t, &w));
	EXPECT_EQ(rows, t.n);
	EXPECT_EQ(w.n, t.n);
	rows_sort(t.rows, t.n);
	for (size_t i = 0; i < t.n && i < w.n; i++)
		EXPECT_EQ(0, row_compare(&t.rows[i], &w.rows[i]));
	table_free(&t);
	table_free(&w);

	ASSERT_EQ(0, setns(self->outside, CLONE_NEWNET));
	EXPECT_EQ(0, rows_now());
	EXPECT_EQ(rows, furnish(&peer));
	EXPECT_EQ(rows, rows_now());
}

/* A proc mount numbers processes as the pid namespace it was made in. */

FIXTURE(pidns)
{
	char dir[32];		/* where the inner mount goes */
};

FIXTURE_SETUP(pidns)
{
	strcpy(self->dir, "/tmp/netstate.XXXXXX");
	mkdir("/tmp", 01777);
	ASSERT_NE(NULL, mkdtemp(self->dir));
	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_EQ(0, netns_new());
}

FIXTURE_TEARDOWN(pidns)
{
	umount2(self->dir, MNT_DETACH);
	rmdir(self->dir);
}

/* The first process of a pid namespace: mounts, makes a socket, waits. */
static int inner_first(int line, void *arg)
{
	const char *dir = arg;

	line_tell(line, getpid() == 1 && !mount("proc", dir, "proc", 0, NULL) ?
			udp_socket("127.0.0.1") : -1);
	line_wait(line);
	return 0;
}

/* A row's owner in the netstate of this proc mount. */
static bool owner_in(const char *dir, const char *laddr, char *prog)
{
	const struct row *row;
	char path[64];
	struct table t;

	snprintf(path, sizeof(path), "%s/netstate", dir);
	strcpy(prog, "no row");
	if (table_read_path(&t, path)) {
		note("%s", t.error);
		table_free(&t);
		return false;
	}
	row = table_find(&t, "udp", laddr, NULL, NULL);
	if (row)
		strcpy(prog, row->prog);
	table_free(&t);
	return row;
}

#define EXPECT_OWNER(dir, laddr, pid, others)				\
({									\
	char __prog[PROG_MAX], __want[PROG_MAX], __comm[16];		\
									\
	prctl(PR_GET_NAME, __comm);					\
	EXPECT_TRUE(owner_in(dir, laddr, __prog));			\
	if (pid)							\
		owner_text(pid, __comm, others, __want);		\
	else								\
		strcpy(__want, "-");					\
	EXPECT_STREQ(__want, __prog);					\
})

TEST_F(pidns, numbers_of_the_mount)
{
	struct child c;
	long long fd;

	ASSERT_LE(0, udp_socket("127.0.0.2"));	/* the child has it too */
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	ASSERT_EQ(0, child_start(&c, inner_first, self->dir));
	ASSERT_TRUE(line_hear(c.line, &fd));
	ASSERT_LE(0, fd);
	ASSERT_LE(0, udp_socket("127.0.0.3"));	/* the child has not */

	EXPECT_OWNER("/proc", HERE, c.pid, 0);
	EXPECT_OWNER(self->dir, HERE, 1, 0);
	EXPECT_OWNER("/proc", "127.0.0.2:7001",
		     c.pid < getpid() ? c.pid : getpid(), 1);
	EXPECT_OWNER(self->dir, "127.0.0.2:7001", 1, 0);
	EXPECT_OWNER("/proc", "127.0.0.3:7001", getpid(), 0);
	EXPECT_OWNER(self->dir, "127.0.0.3:7001", 0, 0);
	child_kill(&c);
}

/* Whether line 1 says that owners may be missing, with this filter, or -1. */
static int tells_of_others(const char *dir, const char *filter)
{
	char path[64];
	struct table t;
	int fd, told = -1;

	snprintf(path, sizeof(path), "%s/netstate", dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || write(fd, filter, strlen(filter)) < 0)
		return -1;
	if (table_read_fd(&t, fd))
		note("%s", t.error);
	else
		told = t.hidden;
	close(fd);
	table_free(&t);
	return told;
}

/* Read by who lives inside: the same numbers, and nobody from outside. */
static int inner_reader(int line, void *arg)
{
	const char *dir = arg;
	char prog[PROG_MAX];
	int fd;

	if (getpid() != 1 || mount("proc", dir, "proc", 0, NULL))
		return 1;
	fd = udp_socket("127.0.0.1");
	if (fd < 0)
		return 2;
	if (!owner_in(dir, HERE, prog) || strncmp(prog, "1/", 2)) {
		note("inside, the owner of our own is '%s'", prog);
		return 3;
	}
	if (!owner_in(dir, "127.0.0.3:7001", prog) || strcmp(prog, "-")) {
		note("inside, the owner of one outside is '%s'", prog);
		return 4;
	}
	/* Whose that is, nobody inside can say: it may be the one that is asked for. */
	if (tells_of_others(dir, "proto=udp") != 1 || tells_of_others(dir, "comm=nobody") != 1)
		return 5;
	/* Nobody outside has a pid here, or holds those. */
	if (tells_of_others(dir, "pid=1") || tells_of_others(dir, "laddr=127.0.0.1"))
		return 6;
	return 0;
}

static int outsider(int line, void *arg)
{
	line_tell(line, udp_socket("127.0.0.3"));
	line_wait(line);
	return 0;
}

TEST_F(pidns, read_inside)
{
	struct child holder, c;
	long long fd;

	ASSERT_EQ(0, child_start(&holder, outsider, NULL));
	ASSERT_TRUE(line_hear(holder.line, &fd));
	ASSERT_LE(0, fd);
	EXPECT_OWNER("/proc", "127.0.0.3:7001", holder.pid, 0);
	ASSERT_EQ(0, unshare(CLONE_NEWPID));
	ASSERT_EQ(0, child_start(&c, inner_reader, self->dir));
	EXPECT_EQ(0, child_end(&c));
	child_kill(&holder);
}

/* A mount for processes only has no netstate. */
TEST_F(pidns, subset)
{
	char path[64];
	int fd;

	if (mount("proc", self->dir, "proc", 0, "subset=pid"))
		SKIP(return, "no subset=pid");
	snprintf(path, sizeof(path), "%s/netstate", self->dir);
	fd = open(path, O_RDONLY);
	EXPECT_EQ(-1, fd);
	EXPECT_EQ(ENOENT, errno);
}

TEST_HARNESS_MAIN
