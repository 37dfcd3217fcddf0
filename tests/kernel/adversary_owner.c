// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names that speak to a terminal, and sights that somebody should not have: of
 * processes that a security module hides, of namespaces that a container cannot
 * reach, with a group that has been taken back.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "lib/attacker.h"
#include "lib/calls.h"
#include "lib/creds.h"
#include "lib/denials.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/reading.h"
#include "lib/table.h"
#include "lib/trace.h"

#define METRICS		NETSTATE "_metrics"
#define OWNERS_GID	"/sys/module/netstate/parameters/owners_gid"
#define ROOM		(1 << 20)

static unsigned int netns_number(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}

/* A device that has commands for a terminal, and a column, as its name. */

#define ODD_NAME	"\033]0;=\a\177\233"
#define ODD_TEXT	"\\033]0;\\075\\007\\177\\233"

static int name_device(int line, void *arg)
{
	union addr at = addr_of(V4, "0.0.0.0", 7001);
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd;

	if (as_attacker_in_userns() || unshare(CLONE_NEWNET))
		return 1;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	strcpy(ifr.ifr_newname, ODD_NAME);
	/* It is down, so it may be renamed. */
	if (ioctl(fd, SIOCSIFNAME, &ifr))
		return 2;
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, ODD_NAME, strlen(ODD_NAME)) ||
	    bind(fd, &at.sa, sizeof(at.in)))
		return 3;
	line_tell(line, netns_number());
	line_wait(line);
	return 0;
}

TEST(device_name)
{
	char path[32], filter[64], *text;
	struct child attacker;
	struct reading r;
	long long number;

	ASSERT_EQ(0, child_start(&attacker, name_device, NULL));
	ASSERT_TRUE(line_hear(attacker.line, &number));
	snprintf(path, sizeof(path), "/proc/%d/net/dev", attacker.pid);
	text = file_read(path, NULL);
	ASSERT_NE(NULL, text);
	ASSERT_NE(NULL, strstr(text, ODD_NAME));
	free(text);

	snprintf(filter, sizeof(filter), "netns=%lld show=more", number);
	ASSERT_LT(0, reading_whole(&r, NETSTATE, filter, NULL, ROOM));
	EXPECT_NE(NULL, strstr(r.text, " device=" ODD_TEXT " ")) {
		note("%s", strstr(r.text, "device=") ? "written otherwise" : "no device");
	}
	for (size_t i = 0; i < *r.len; i++) {
		unsigned char c = r.text[i];

		if ((c < ' ' && c != '\n') || c >= 0x7f) {
			EXPECT_EQ(' ', c);
			break;
		}
	}
	reading_free(&r);
	child_kill(&attacker);
}

/*
 * Devices whose numbers were picked, so that the kernel finds each only after all others:
 * each socket's is looked up once, and not before the walk is over.
 */
#define DEVICES		30
#define BUCKETS		256		/* of the kernel's table of device numbers */
#define BOUND		600		/* sockets, some pages of records */

static int device_number(long i)
{
	return BUCKETS * (i + 10) + 7;
}

static int make_devices(int line, void *arg)
{
	if (as_attacker_in_userns() || unshare(CLONE_NEWNET))
		return 1;
	for (long i = 0; i < DEVICES; i++) {
		unsigned int number = device_number(i);
		struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
		int fd = open("/dev/net/tun", O_RDWR);

		if (fd < 0) {
			line_tell(line, -1);
			return 2;
		}
		snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "picked%ld", i);
		if (ioctl(fd, TUNSETIFINDEX, &number) || ioctl(fd, TUNSETIFF, &ifr) ||
		    if_nametoindex(ifr.ifr_name) != number)
			return 3;
	}
	for (long i = 0; i < BOUND; i++) {
		union addr at = addr_of(V4, "0.0.0.0", 10000 + i);
		int fd = socket(AF_INET, SOCK_DGRAM, 0);
		char name[IFNAMSIZ];

		snprintf(name, sizeof(name), "picked%ld", i % DEVICES);
		if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, strlen(name)) ||
		    bind(fd, &at.sa, sizeof(at.in)))
			return 4;
	}
	line_tell(line, netns_number());
	line_wait(line);
	return 0;
}

/* In a trace of these: pages of records that were begun after the first look-up. */
static long pages_after_lookup(char *text, long *pages, long *lookups, long *chains)
{
	char *rest = text, *line;
	long after = 0;

	*pages = *lookups = *chains = 0;
	while ((line = strsep(&rest, "\n"))) {
		if (strstr(line, ": nst_find_device:"))
			++*lookups;
		*chains += !!strstr(line, ": dev_get_by_index_rcu:");
		if (!strstr(line, ": nst_rows_turn_page:"))
			continue;
		++*pages;
		after += *lookups > 0;
	}
	return after;
}

/* Whether devices are found in a few steps, whatever their numbers. */
static bool finds_devices_fast(void)
{
	unsigned int version, minor;
	struct utsname name;

	return !uname(&name) && sscanf(name.release, "%u.%u", &version, &minor) == 2 &&
	       (version > 6 || (version == 6 && minor >= 6));
}

/* Whether they are shown, or only looked at. */
FIXTURE(devices)
{
};

FIXTURE_VARIANT(devices)
{
	const char *words;
	bool shows;
};

FIXTURE_VARIANT_ADD(devices, shown)
{
	.words = "show=more",
	.shows = true,
};

FIXTURE_VARIANT_ADD(devices, looked_at)
{
	.words = "device=picked* device!=lo",
};

FIXTURE_SETUP(devices)
{
}

FIXTURE_TEARDOWN(devices)
{
}

TEST_F(devices, with_picked_numbers)
{
	static const char *const counted[] = {
		"nst_find_device", "nst_rows_turn_page", "dev_get_by_index_rcu",
	};
	char filter[64], device[32], *text, *trace;
	long pages, lookups, chains, named = 0;
	long long number;
	struct child attacker;
	int fd;

	/* It may be a module. */
	if (access("/dev/net/tun", F_OK) && system("modprobe tun"))
		note("no modprobe of tun");
	chmod("/dev/net/tun", 0666);
	ASSERT_EQ(0, files_allow(BOUND + DEVICES + 100));
	ASSERT_EQ(0, child_start(&attacker, make_devices, NULL));
	ASSERT_TRUE(line_hear(attacker.line, &number));
	if (number == -1) {
		child_kill(&attacker);
		SKIP(return, "no tun device in this kernel");
	}
	ASSERT_EQ(BOUND, witness_lines(attacker.pid, "udp"));
	if (!calls_start(counted, 3))
		SKIP(return, "no kprobe events in this kernel");

	snprintf(filter, sizeof(filter), "netns=%lld %s", number, variant->words);
	fd = open(NETSTATE, O_RDWR);
	ASSERT_LT(0, write(fd, filter, strlen(filter)));
	ASSERT_TRUE(trace_start("netstate_work", getpid()));
	text = fd_read(fd, NULL);
	trace = trace_stop("netstate_work");
	calls_stop();
	ASSERT_NE(NULL, text);
	ASSERT_NE(NULL, trace);
	for (long i = 0; i < BOUND; i++) {
		const char *row;

		snprintf(device, sizeof(device), "0.0.0.0:%ld ", 10000 + i);
		row = strstr(text, device);
		if (row && !variant->shows) {
			named++;
			continue;
		}
		row = row ? strstr(row, " device=") : NULL;
		snprintf(device, sizeof(device), " device=picked%ld ", i % DEVICES);
		named += row && !strncmp(row, device, strlen(device));
	}
	EXPECT_EQ(BOUND, named);
	EXPECT_EQ(0, pages_after_lookup(trace, &pages, &lookups, &chains));
	note("%ld pages, %ld look-ups, %ld in chains", pages, lookups, chains);
	EXPECT_LT(2, pages);
	EXPECT_EQ(DEVICES, lookups);
	EXPECT_EQ(finds_devices_fast() ? 0 : DEVICES, chains);
	free(trace);
	free(text);
	close(fd);
	child_kill(&attacker);
}

/*
 * What a container sees: with all capabilities, but with a pid namespace and a mount
 * of /proc of its own.  Whatever namespace no process there is in, it has no way to.
 */
struct tenancy {
	long long host;		/* the namespace of a process outside */
	long long own, other;	/* those of two processes inside */
};

static int wait_in_netns(int line, void *arg)
{
	union addr at = addr_of(V4, "0.0.0.0", 7001);

	if (unshare(CLONE_NEWNET) || sock_bound(SOCK_DGRAM, &at) < 0)
		return 1;
	line_tell(line, netns_number());
	line_wait(line);
	return 0;
}

/* Lines whose last column is this number. */
static long rows_in(const char *text, long long number)
{
	char column[24];
	long n = 0;

	snprintf(column, sizeof(column), " %lld\n", number);
	for (const char *c = text; (c = strstr(c, column)); c++)
		n++;
	return n;
}

static int be_container(int line, void *arg)
{
	struct tenancy *t = arg;
	struct child other;
	struct reading r;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		return 1;
	t->own = netns_number();
	if (child_start(&other, wait_in_netns, NULL) || !line_hear(other.line, &t->other))
		return 2;
	if (reading_whole(&r, NETSTATE, "netns=all", NULL, ROOM) <= 0)
		return 3;
	line_tell(line, rows_in(r.text, t->own));
	line_tell(line, rows_in(r.text, t->other));
	line_tell(line, rows_in(r.text, t->host));
	reading_free(&r);
	if (reading_whole(&r, METRICS, NULL, NULL, ROOM) <= 0)
		return 4;
	line_tell(line, !!strstr(r.text, "netstate_walk_seconds"));
	child_kill(&other);
	return 0;
}

static int start_container(int line, void *arg)
{
	union addr at = addr_of(V4, "0.0.0.0", 7001);
	struct child c;
	long long seen;

	/* A mount namespace, then a first process of a pid namespace. */
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) || sock_bound(SOCK_DGRAM, &at) < 0 ||
	    attack_start(&c, be_container, arg))
		return 1;
	for (int i = 0; i < 4; i++) {
		if (!line_hear(c.line, &seen))
			return 2;
		line_tell(line, seen);
	}
	child_end(&c);
	return 0;
}

TEST(container_with_all_capabilities)
{
	struct tenancy t = {};
	struct child outside, container;
	long long own, other, host, told;
	struct reading r;

	ASSERT_EQ(0, child_start(&outside, wait_in_netns, NULL));
	ASSERT_TRUE(line_hear(outside.line, &t.host));
	/* It is there to be seen. */
	ASSERT_LT(0, reading_whole(&r, NETSTATE, "netns=all", NULL, ROOM));
	ASSERT_EQ(1, rows_in(r.text, t.host));
	reading_free(&r);

	ASSERT_EQ(0, child_start(&container, start_container, &t));
	ASSERT_TRUE(line_hear(container.line, &own));
	ASSERT_TRUE(line_hear(container.line, &other));
	ASSERT_TRUE(line_hear(container.line, &host));
	ASSERT_TRUE(line_hear(container.line, &told));
	EXPECT_EQ(1, own);
	EXPECT_EQ(1, other);
	EXPECT_EQ(0, host);
	EXPECT_EQ(0, told);
	child_end(&container);
	child_kill(&outside);
}

/* Landlock, and AppArmor: of the same user, and hidden all the same. */

struct ruleset {
	uint64_t fs;
};

#define LANDLOCK_EXECUTE	1
#define SYS_landlock_create	444
#define SYS_landlock_restrict	446

/* 0, -errno, or 1 where there is no such thing. */
static int confine(void)
{
	struct ruleset rules = { LANDLOCK_EXECUTE };
	int fd = syscall(SYS_landlock_create, &rules, sizeof(rules), 0);

	if (fd < 0)
		return 1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict, fd, 0))
		return -errno;
	close(fd);
	return 0;
}

static int as_confined(void)
{
	return as_attacker() ?: confine();
}

#define APPARMOR	"/sys/kernel/security/apparmor/.replace"
#define POLICY		"confined.policy"

/* Loads the profile, as root; whether it is there. */
static bool profile_load(void)
{
	size_t len;
	char *policy = file_read(POLICY, &len);
	int fd;
	bool loaded;

	mount("securityfs", "/sys/kernel/security", "securityfs", 0, NULL);
	fd = policy ? open(APPARMOR, O_WRONLY | O_CLOEXEC) : -1;
	loaded = fd >= 0 && write(fd, policy, len) == (ssize_t)len;
	close(fd);
	free(policy);
	return loaded;
}

static int enter_profile(void)
{
	return file_write("/proc/self/attr/current", "changeprofile netstate_confined");
}

static int as_profiled(void)
{
	return as_attacker() ?: enter_profile();
}

static int hold_udp(int line, void *arg)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);

	if (as_attacker() || sock_bound(SOCK_DGRAM, &at) < 0)
		return 1;
	line_tell(line, 0);
	line_wait(line);
	return 0;
}

struct sight {
	pid_t of;
	int (*confine)(void);
};

/* Whether it may read the descriptors of a process; 2: there is no such confinement. */
static int look_at(int line, void *arg)
{
	const struct sight *sight = arg;
	char path[32];
	int err = as_attacker();
	bool before;

	snprintf(path, sizeof(path), "/proc/%d/fd/0", sight->of);
	before = !err && readlink(path, path + 24, 1) > 0;
	err = err ?: sight->confine();
	if (err == 1)
		return 2;
	if (err || !before)
		return 3;
	return readlink(path, path + 24, 1) > 0 ? 1 : 0;
}

/* The program column of the one row of port 7001, as somebody sees it. */
static bool shown_to(int (*become)(void), char *prog)
{
	const struct row *row = NULL;
	struct reading r;
	struct table t;
	long n = reading_whole(&r, NETSTATE, NULL, become, ROOM);

	if (n > 0 && !table_parse(&t, strndup(r.text, n), n))
		row = table_find(&t, "udp", "127.0.0.1:7001", NULL, NULL);
	if (row) {
		strcpy(prog, row->prog);
		table_free(&t);
	}
	reading_free(&r);
	return row;
}

FIXTURE(confined)
{
	struct child holder;
};

FIXTURE_VARIANT(confined)
{
	int (*confine)(void);
	int (*become)(void);
	bool (*prepare)(void);
};

FIXTURE_VARIANT_ADD(confined, landlock)
{
	.confine = confine,
	.become = as_confined,
};

FIXTURE_VARIANT_ADD(confined, apparmor)
{
	.confine = enter_profile,
	.become = as_profiled,
	.prepare = profile_load,
};

FIXTURE_SETUP(confined)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, child_start(&self->holder, hold_udp, NULL));
	ASSERT_TRUE(line_hear(self->holder.line, NULL));
}

FIXTURE_TEARDOWN(confined)
{
	child_kill(&self->holder);
}

TEST_F(confined, names_nobody)
{
	struct sight sight = { self->holder.pid, variant->confine };
	char prog[PROG_MAX] = "";
	struct child witness;
	int seen;

	if (variant->prepare && !variant->prepare())
		SKIP(return, "no AppArmor in this kernel, or no policy in this guest");
	ASSERT_EQ(0, child_start(&witness, look_at, &sight));
	seen = child_end(&witness);
	if (seen == 2)
		SKIP(return, "no Landlock in this kernel");
	ASSERT_EQ(0, seen);

	ASSERT_TRUE(shown_to(as_attacker, prog));
	EXPECT_EQ(self->holder.pid, atoi(prog));
	ASSERT_TRUE(shown_to(variant->become, prog));
	EXPECT_STREQ("-", prog);
}

/* What is refused is in the audit log once for each label, not once for each process. */
#define MANY		12

/* Labels, and how many of them a read may have refused; 63 can be made of six profiles. */
#define LABELS		40
#define LABELS_ASKED	32
#define PROFILES	6

static int as_open_root(void)
{
	return dumpable(true);
}

static int hold_still(int line, void *arg)
{
	int (*const *become)(void) = arg;

	line_tell(line, (*become)());
	line_wait(line);
	return 0;
}

static int as_incapable_root(void)
{
	return file_write("/proc/self/attr/current", "changeprofile netstate_incapable");
}

/* Each time another selection of the profiles. */
static unsigned int selection;

static int as_one_of_many(void)
{
	int err = as_attacker();

	for (int i = 0; i < PROFILES && !err; i++) {
		char stack[32];

		snprintf(stack, sizeof(stack), "stack netstate_label_%d", i + 1);
		if (selection >> i & 1)
			err = file_write("/proc/self/attr/current", stack);
	}
	return err;
}

FIXTURE(audited)
{
	int log;
	struct child holder[LABELS];
};

FIXTURE_VARIANT(audited)
{
	int (*holders)(void);
	int (*become)(void);
	bool (*prepare)(void);
	unsigned int many;
	int records;	/* of a read, at most */
};

FIXTURE_VARIANT_ADD(audited, landlock)
{
	.holders = as_attacker,
	.become = as_confined,
	.many = MANY,
	.records = 1,
};

FIXTURE_VARIANT_ADD(audited, apparmor)
{
	.holders = as_attacker,
	.become = as_profiled,
	.prepare = profile_load,
	.many = MANY,
	.records = 1,
};

FIXTURE_VARIANT_ADD(audited, apparmor_root)
{
	.holders = as_open_root,
	.become = as_incapable_root,
	.prepare = profile_load,
	.many = MANY,
	.records = 1,
};

FIXTURE_VARIANT_ADD(audited, apparmor_labels)
{
	.holders = as_one_of_many,
	.become = as_profiled,
	.prepare = profile_load,
	.many = LABELS,
	.records = LABELS_ASKED,
};

FIXTURE_SETUP(audited)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);

	self->log = denials_listen();
	if (self->log < 0)
		SKIP(return, "no audit in this kernel");
	if (variant->prepare && !variant->prepare())
		SKIP(return, "no AppArmor in this kernel, or no policy in this guest");
	ASSERT_EQ(0, netns_new());
	ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	for (unsigned int i = 0; i < variant->many; i++) {
		long long err;

		selection = i + 1;
		ASSERT_EQ(0, child_start(&self->holder[i], hold_still, (void *)&variant->holders));
		ASSERT_TRUE(line_hear(self->holder[i].line, &err));
		ASSERT_EQ(0, err);
	}
}

FIXTURE_TEARDOWN(audited)
{
	for (unsigned int i = 0; i < variant->many && self->holder[i].pid; i++)
		child_kill(&self->holder[i]);
	close(self->log);
}

struct onlooker {
	const struct child *holder;
	unsigned int many;
	int (*become)(void);
};

/* Looks at a descriptor of each holder: how many it may not. */
static int look_at_all(int line, void *arg)
{
	const struct onlooker *by = arg;
	int refused = 0;

	if (by->become())
		return by->many + 1;
	for (unsigned int i = 0; i < by->many; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/proc/%d/fd/0", by->holder[i].pid);
		refused += readlink(path, path + 24, 1) < 0;
	}
	return refused;
}

TEST_F(audited, once_a_read)
{
	struct onlooker by = { self->holder, variant->many, variant->become };
	unsigned int refused;
	struct child witness;
	struct reading r;
	int heard;

	ASSERT_EQ(0, child_start(&witness, look_at_all, &by));
	refused = child_end(&witness);
	if (refused > variant->many)
		SKIP(return, "no such confinement in this kernel");
	ASSERT_EQ(variant->many, refused);
	/* Older kernels' Landlock says nothing. */
	EXPECT_LE(variant->prepare ? variant->many : 0, denials_heard(self->log));

	ASSERT_LT(0, reading_whole(&r, NETSTATE, NULL, variant->become, ROOM));
	EXPECT_NE(NULL, strstr(r.text, " owners=some\n"));
	heard = denials_heard(self->log);
	EXPECT_GE(variant->records, heard);
	/* The labels differ: each was asked about, until there was no room for more. */
	EXPECT_LE(variant->records > 1 ? variant->records : 0, heard);
	reading_free(&r);
}

/*
 * Who may mount in a mount namespace of its own can lay something else over PID/ns, where
 * a link then answers that the kernel would refuse. What is shown does not hang on that.
 */
static struct {
	pid_t pid;
	int userns;
	char fd[32], link[32];
} target;

static bool is_readable(const char *link)
{
	char to[8];

	return readlink(link, to, sizeof(to)) > 0;
}

static int hold_in_userns(int line, void *arg)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);

	if (as_attacker_in_userns() || sock_bound(SOCK_DGRAM, &at) < 0)
		return 1;
	line_tell(line, 0);
	line_wait(line);
	return 0;
}

static int as_neighbour(void)
{
	return as_attacker() ?: userns_join(target.userns) ?: dumpable(true);
}

static int confined_neighbour(void)
{
	return as_neighbour() ?: confine();
}

static int behind_mount(void)
{
	static const char *const folders[] = { "ns", "fdinfo" };
	int err = as_neighbour() ?: unshare(CLONE_NEWNS);

	if (err || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return err ?: -errno;
	for (int i = 0; i < 2; i++) {
		char mine[32], over[32];

		snprintf(mine, sizeof(mine), "/proc/self/%s", folders[i]);
		snprintf(over, sizeof(over), "/proc/%d/%s", target.pid, folders[i]);
		if (mount(mine, over, NULL, MS_BIND, NULL))
			return -errno;
	}
	err = confine();
	/* The kernel refuses, and the link in its way does not. */
	if (!err && (is_readable(target.fd) || !is_readable(target.link)))
		err = -EXDEV;
	return err;
}

TEST(mounted_over)
{
	char prog[PROG_MAX] = "";
	struct child holder;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, child_start(&holder, hold_in_userns, NULL));
	ASSERT_TRUE(line_hear(holder.line, NULL));
	target.pid = holder.pid;
	target.userns = userns_of(holder.pid);
	ASSERT_LE(0, target.userns);
	snprintf(target.fd, sizeof(target.fd), "/proc/%d/fd/0", holder.pid);
	snprintf(target.link, sizeof(target.link), "/proc/%d/ns/net", holder.pid);
	if (syscall(SYS_landlock_create, NULL, 0, 1) < 0) {
		child_kill(&holder);
		SKIP(return, "no Landlock in this kernel");
	}

	ASSERT_TRUE(shown_to(as_neighbour, prog));
	EXPECT_EQ(holder.pid, atoi(prog));
	ASSERT_TRUE(shown_to(confined_neighbour, prog));
	EXPECT_STREQ("-", prog);
	ASSERT_TRUE(shown_to(behind_mount, prog));
	EXPECT_STREQ("-", prog);
	close(target.userns);
	child_kill(&holder);
}

static int hold_in_netns(int line, void *arg)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);

	if (as_attacker_in_userns() || netns_new() || sock_bound(SOCK_DGRAM, &at) < 0)
		return 1;
	line_tell(line, netns_number());
	line_wait(line);
	return 0;
}

/* Who may not open its PID/ns/net does not learn of its namespace by all of them. */
TEST(namespace_behind_landlock)
{
	struct child holder;
	struct reading r;
	long long number;

	ASSERT_EQ(0, child_start(&holder, hold_in_netns, NULL));
	ASSERT_TRUE(line_hear(holder.line, &number));
	target.userns = userns_of(holder.pid);
	ASSERT_LE(0, target.userns);
	if (syscall(SYS_landlock_create, NULL, 0, 1) < 0) {
		child_kill(&holder);
		SKIP(return, "no Landlock in this kernel");
	}

	ASSERT_LT(0, reading_whole(&r, NETSTATE, "netns=all", as_neighbour, ROOM));
	EXPECT_EQ(1, rows_in(r.text, number));
	reading_free(&r);
	ASSERT_LT(0, reading_whole(&r, NETSTATE, "netns=all", confined_neighbour, ROOM));
	EXPECT_EQ(0, rows_in(r.text, number));
	reading_free(&r);
	close(target.userns);
	child_kill(&holder);
}

/* A group whose members see all owners: only as long as it is set. */
#define SEERS		4242

static int open_as_seer(int line, void *arg)
{
	int fd = become(BYSTANDER, BYSTANDER, SEERS) ? -1 : open(NETSTATE, O_RDONLY);

	line_send_fd(line, fd);
	line_wait(line);
	return 0;
}

static int owner_in(int fd)
{
	const struct row *row = NULL;
	struct table t;
	int pid = -1;

	if (!table_read_fd(&t, fd))
		row = table_find(&t, "udp", "127.0.0.1:7001", NULL, NULL);
	if (row)
		pid = row->pid;
	table_free(&t);
	return pid;
}

TEST(group_taken_back)
{
	struct child holder, seer;
	char text[16];
	int fd;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, child_start(&holder, hold_udp, NULL));
	ASSERT_TRUE(line_hear(holder.line, NULL));
	snprintf(text, sizeof(text), "%d", SEERS);
	ASSERT_EQ(0, file_write(OWNERS_GID, text));
	ASSERT_EQ(0, child_start(&seer, open_as_seer, NULL));
	fd = line_receive_fd(seer.line);
	ASSERT_LE(0, fd);
	EXPECT_EQ(holder.pid, owner_in(fd));
	ASSERT_EQ(0, file_write(OWNERS_GID, "-1"));
	EXPECT_EQ(0, owner_in(fd));
	close(fd);
	child_kill(&seer);
	child_kill(&holder);
}

/* How long a walk takes tells how many sockets the host has. */
TEST(walk_seconds)
{
	static int (*const strangers[])(void) = { as_attacker, as_attacker_in_userns };
	struct reading r;

	ASSERT_EQ(0, netns_new());
	ASSERT_LT(0, reading_whole(&r, METRICS, NULL, NULL, ROOM));
	EXPECT_NE(NULL, strstr(r.text, "\nnetstate_walk_seconds"));
	reading_free(&r);
	for (int i = 0; i < 2; i++) {
		ASSERT_LT(0, reading_whole(&r, METRICS, NULL, strangers[i], ROOM));
		EXPECT_EQ(NULL, strstr(r.text, "netstate_walk_seconds"));
		reading_free(&r);
	}
}

/* What the module tells of itself is about all readers of the host. */
TEST(module_itself)
{
	static int (*const readers[])(void) = { as_attacker, as_attacker_in_userns, NULL };
	static const char *const words[] = {
		"netstate_reads", "netstate_read_errors", "netstate_bucket", "netstate_records",
		"netstate_budget",
	};
	struct reading r;

	ASSERT_LT(0, reading_whole(&r, METRICS, NULL, NULL, ROOM));
	for (int k = 0; k < 5; k++)
		EXPECT_NE(NULL, strstr(r.text, words[k]));
	reading_free(&r);
	for (int i = 0; i < 3; i++) {
		/* Root of a container has its own network, if it has no user namespace. */
		if (!readers[i])
			ASSERT_EQ(0, netns_new());
		ASSERT_LT(0, reading_whole(&r, METRICS, NULL, readers[i], ROOM));
		for (int k = 0; k < 5; k++)
			EXPECT_EQ(NULL, strstr(r.text, words[k]));
		reading_free(&r);
	}
}

/*
 * Listeners without number push nobody's out of those that are named: neither the low
 * ports, nor another user's.
 */
#define LISTENERS_MAX	"/sys/module/netstate/parameters/listeners_max"
#define NAMED		"100"
#define CROWD_PORTS	2000
#define WELL_KNOWN	8

static int listen_at(const char *host, int port)
{
	union addr at = addr_of(V4, host, port);

	return sock_listen(&at, 1);
}

static int listen_in_crowd(int line, void *arg)
{
	long n = 0;

	if (as_attacker())
		return 1;
	while (n < CROWD_PORTS && listen_at("0.0.0.0", 2000 + n) >= 0)
		n++;
	line_tell(line, n);
	line_wait(line);
	return 0;
}

static int listen_alone(int line, void *arg)
{
	if (as_bystander() || listen_at("0.0.0.0", 50000) < 0)
		return 1;
	line_tell(line, 1);
	line_wait(line);
	return 0;
}

static bool named(const struct reading *r, int port)
{
	char word[24];

	snprintf(word, sizeof(word), "port=\"%d\"", port);
	return strstr(r->text, word);
}

TEST(listeners_pushed_out)
{
	struct child attacker, bystander;
	struct reading r;
	char before[24];
	int missing = 0;
	long long n;

	ASSERT_EQ(0, netns_new());
	ASSERT_EQ(0, files_allow(CROWD_PORTS + 100));
	ASSERT_EQ(0, child_start(&attacker, listen_in_crowd, NULL));
	ASSERT_TRUE(line_hear(attacker.line, &n));
	ASSERT_EQ(CROWD_PORTS, n);
	ASSERT_EQ(n, witness_lines(attacker.pid, "tcp"));
	ASSERT_EQ(0, child_start(&bystander, listen_alone, NULL));
	ASSERT_TRUE(line_hear(bystander.line, &n));
	for (int i = 0; i < WELL_KNOWN; i++)
		ASSERT_LE(0, listen_at("0.0.0.0", 443 + i));

	snprintf(before, sizeof(before), "%ld", file_read_long(LISTENERS_MAX, 1000));
	ASSERT_EQ(0, file_write(LISTENERS_MAX, NAMED));
	EXPECT_LT(0, reading_whole(&r, METRICS, NULL, NULL, ROOM));
	EXPECT_EQ(0, file_write(LISTENERS_MAX, before));
	for (int i = 0; i < WELL_KNOWN; i++)
		missing += !named(&r, 443 + i);
	EXPECT_EQ(0, missing);
	EXPECT_TRUE(named(&r, 50000));
	/* The crowd is still counted, and some of it named. */
	EXPECT_NE(NULL, strstr(r.text, "{addr=\"other\",port=\"other\",state=\"listen\"} "));
	reading_free(&r);
	child_kill(&attacker);
	child_kill(&bystander);
}

TEST_HARNESS_MAIN
