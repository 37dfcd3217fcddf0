// SPDX-License-Identifier: GPL-2.0-only
/*
 * heavy KIND N COMMAND... - runs a command beside so many of them:
 *
 *	connections	established TCP sockets
 *	port		UDP sockets on one port
 *	unhashed	TCP sockets that were never bound
 *	files		descriptors of one process
 *	sparse		slots of one process, two of them in use
 *	threads		threads of one process, with one table of files
 *	tables		threads of one process, each with a table of its own
 *	processes	processes that hold one socket
 *	shared		processes with one table of a thousand files
 *	turns		threads with one of two such tables in turn
 *	picked		UDP sockets whose inode numbers have one place in hash_32()'s table
 *	raw		raw ICMP sockets
 *	listeners	TCP listeners that share one address
 *	tail		UDP sockets of IPv6 that share one: a kernel adds them at the tail
 *
 * and beside so many of which, while the command runs, some come and go:
 *
 *	bucket		established TCP sockets in a table of one bucket
 *	motion		UDP sockets on one port
 *	dying		network namespaces
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/netns.h"

#define STACK 8192

static int wait_for_ever(void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

static bool tasks(int n, int flags)
{
	char *stacks = mmap(NULL, (size_t)n * STACK, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	union addr at = addr_of(V4, "127.0.0.1", 7001);

	file_write("/proc/sys/kernel/pid_max", "4000000");
	file_write("/proc/sys/kernel/threads-max", "1000000");
	file_write("/proc/sys/vm/max_map_count", "1000000");
	if (sock_bound(SOCK_DGRAM, &at) < 0)
		return false;
	for (int i = 1; i <= n; i++)
		if (clone(wait_for_ever, stacks + (size_t)i * STACK, flags,
			  NULL) < 0)
			return false;
	return true;
}

/* Established at once, without a peer. */
static bool connection(int i)
{
	union addr to = addr_of(V4, "127.9.9.9", 80);
	union addr from = addr_of(V4, "127.0.0.1", 10000 + i % 20000);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	from.in.sin_addr.s_addr = htonl(0x7f010101 + i / 20000);
	return fd >= 0 && !setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one)) &&
	       !bind(fd, &from.sa, sizeof(from.in)) && !connect(fd, &to.sa, sizeof(to.in));
}

static bool connections(int n)
{
	for (int i = 0; i < n; i++)
		if (!connection(i))
			return false;
	return true;
}

static bool port(int n)
{
	for (int i = 0; i < n; i++) {
		union addr at = addr_of(V4, "127.0.0.1", 443);

		at.in.sin_addr.s_addr = htonl(0x7f010101 + i);
		if (sock_bound(SOCK_DGRAM, &at) < 0)
			return false;
	}
	return true;
}

static bool unhashed(int n)
{
	for (int i = 0; i < n; i++)
		if (socket(AF_INET6, SOCK_STREAM, 0) < 0)
			return false;
	return true;
}

static bool files(int n)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	int fd = sock_bound(SOCK_DGRAM, &at);

	for (int i = 0; i < n; i++)
		if (dup(fd) < 0)
			return false;
	return fd >= 0;
}

static bool sparse(int n)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	int fd = sock_bound(SOCK_DGRAM, &at);

	return fd >= 0 && dup2(fd, n - 1) >= 0;
}

static bool threads(int n)
{
	return tasks(n, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES);
}

static bool tables(int n)
{
	return tasks(n, CLONE_VM | CLONE_SIGHAND | CLONE_THREAD);
}

static bool processes(int n)
{
	return tasks(n, CLONE_VM);
}

static bool shared(int n)
{
	union addr at = addr_of(V4, "127.0.0.1", 7002);
	int fd = sock_bound(SOCK_DGRAM, &at);

	for (int i = 0; i < 1000; i++)
		if (dup(fd) < 0)
			return false;
	return fd >= 0 && tasks(n, CLONE_VM | CLONE_FILES);
}

/* A thousand sockets, and many processes that hold all of them in one table. */
static bool holders(int n)
{
	union addr at = addr_of(V4, "127.0.0.1", 0);

	for (int i = 0; i < 1000; i++) {
		at.in.sin_port = htons(10000 + i);
		if (sock_bound(SOCK_DGRAM, &at) < 0)
			return false;
	}
	return tasks(n, CLONE_VM | CLONE_FILES);
}

/* Two threads that make the others, one after the other. */
struct turns {
	int n;
	atomic_int made;
};

static int make_in_turn(struct turns *t, int which)
{
	char *stacks = mmap(NULL, (size_t)t->n * STACK, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	int made;

	if (stacks == MAP_FAILED || unshare(CLONE_FILES))
		atomic_store(&t->made, t->n);
	while ((made = atomic_load(&t->made)) < t->n) {
		if (made % 2 != which) {
			sched_yield();
			continue;
		}
		clone(wait_for_ever, stacks + (size_t)(made + 1) * STACK,
		      CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_FILES, NULL);
		atomic_store(&t->made, made + 1);
	}
	return wait_for_ever(NULL);
}

static int make_even(void *arg)
{
	return make_in_turn(arg, 0);
}

static int make_odd(void *arg)
{
	return make_in_turn(arg, 1);
}

static bool turns(int n)
{
	static struct turns t;
	static char stacks[2][4 * STACK];
	int flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;

	t.n = n;
	file_write("/proc/sys/kernel/threads-max", "1000000");
	if (!files(1000) || clone(make_even, stacks[0] + sizeof(stacks[0]), flags, &t) < 0 ||
	    clone(make_odd, stacks[1] + sizeof(stacks[1]), flags, &t) < 0)
		return false;
	while (atomic_load(&t.made) < n)
		sched_yield();
	return true;
}

static bool picked(int n)
{
	for (int kept = 0; kept < n;) {
		union addr at = addr_of(V4, "127.0.0.1", 10000 + kept % 50000);
		int fd = socket(AF_INET, SOCK_DGRAM, 0);

		if (fd < 0)
			return false;
		if ((uint32_t)(sock_inode(fd) >> 3) * 0x61C88647u >> 29) {
			close(fd);
			continue;
		}
		at.in.sin_addr.s_addr = htonl(0x7f010101 + kept++ / 50000);
		if (bind(fd, &at.sa, sizeof(at.in)))
			return false;
	}
	return true;
}

static bool raw(int n)
{
	for (int i = 0; i < n; i++)
		if (socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) < 0)
			return false;
	return true;
}

static bool share(int n, int type, const union addr *at)
{
	for (int i = 0; i < n; i++) {
		int fd = sock_reuse(type, at);

		if (fd < 0 || (type == SOCK_STREAM && listen(fd, 1)))
			return false;
	}
	return true;
}

static bool listeners(int n)
{
	union addr at = addr_of(V4, "127.0.0.1", 443);

	return share(n, SOCK_STREAM, &at);
}

static bool tail(int n)
{
	union addr at = addr_of(V6, "::1", 443);

	return share(n, SOCK_DGRAM, &at);
}

/* A namespace with a table of its own: the children of one that is told so have it. */
static bool buckets(int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", n);
	return !file_write("/proc/sys/net/ipv4/tcp_child_ehash_entries", text) && !netns_new();
}

static bool bucket(int n)
{
	return buckets(1) && connections(n);
}

static int namespace_new(void)
{
	return unshare(CLONE_NEWNET) ? -1 : open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static bool namespaces(int n)
{
	for (int i = 0; i < n; i++)
		if (namespace_new() < 0)
			return false;
	return true;
}

/* A descriptor that is closed and made again, the lowest that is free. */
static void renew_connection(int n)
{
	static int i;

	close(3 + i % n);
	connection(i++ % n);
}

static void renew_port(int n)
{
	union addr at = addr_of(V4, "127.0.0.1", 443);
	static int i;

	/* A walk rests every 512 sockets; they were made in this order. */
	for (int place = 512; place < n; place += 512)
		close(3 + n - place - i % 512);
	for (int place = 512; place < n; place += 512) {
		at.in.sin_addr.s_addr = htonl(0x7f810101 + i++);
		sock_bound(SOCK_DGRAM, &at);
	}
}

static void renew_namespaces(int n)
{
	closefrom(3);
	namespaces(n);
}

static const struct kind {
	const char *name;
	bool (*make)(int n);
	void (*renew)(int n);
} kinds[] = {
	{ "connections", connections }, { "port", port },
	{ "unhashed", unhashed }, { "files", files },
	{ "sparse", sparse }, { "threads", threads }, { "tables", tables },
	{ "processes", processes }, { "shared", shared }, { "holders", holders },
	{ "turns", turns }, { "picked", picked }, { "raw", raw },
	{ "listeners", listeners }, { "tail", tail }, { "buckets", buckets },
	{ "bucket", bucket, renew_connection }, { "motion", port, renew_port },
	{ "dying", namespaces, renew_namespaces },
};

/* What goes on beside the command, by a process of its own; false if it did not begin. */
static bool go_on(const struct kind *kind, int n)
{
	char path[48], ready;
	int ends[2], home;
	pid_t pid;

	if (pipe(ends))
		return false;
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(ends[1], 0);
		closefrom(3);
		if (!kind->make(n))
			err(1, "%d %s", n, kind->name);
		write(0, "", 1);
		for (;;)
			kind->renew(n);
	}
	close(ends[1]);
	if (pid < 0 || read(ends[0], &ready, 1) != 1)
		return false;
	close(ends[0]);
	/* The command is where the sockets are. */
	snprintf(path, sizeof(path), "/proc/%d/ns/net", pid);
	home = kind->make == namespaces ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	return home < 0 || !setns(home, CLONE_NEWNET);
}

int main(int argc, char **argv)
{
	size_t kind = 0, count = sizeof(kinds) / sizeof(*kinds);
	int n, status;
	pid_t pid;

	while (argc > 3 && kind < count && strcmp(argv[1], kinds[kind].name))
		kind++;
	if (argc < 4 || kind == count)
		errx(2, "usage: heavy KIND N COMMAND...");
	n = atoi(argv[2]);
	if (netns_new() || files_allow(n + 3000) ||
	    !(kinds[kind].renew ? go_on(&kinds[kind], n) : kinds[kind].make(n)))
		err(1, "%d %s", n, argv[1]);

	pid = vfork();
	if (!pid) {
		/* It would be one more of them. */
		closefrom(3);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "%s", argv[3]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
