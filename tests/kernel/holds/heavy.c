// SPDX-License-Identifier: GPL-2.0-only
/*
 * heavy KIND N COMMAND... - runs a command beside so many of them:
 *
 *	connections	established TCP sockets
 *	port		UDP sockets on one port
 *	unlisted	TCP sockets that were never bound
 *	files		descriptors of one process
 *	sparse		slots of one process, two of them in use
 *	threads		threads of one process, with one table of files
 *	tables		threads of one process, each with a table of its own
 *	processes	processes that hold one socket
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

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

static bool connections(int n)
{
	union addr to = addr_of(V4, "127.9.9.9", 80);
	int one = 1;

	for (int i = 0; i < n; i++) {
		union addr from = addr_of(V4, "127.0.0.1", 10000 + i % 20000);
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		from.in.sin_addr.s_addr = htonl(0x7f010101 + i / 20000);
		if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_REPAIR, &one,
					 sizeof(one)) ||
		    bind(fd, &from.sa, sizeof(from.in)) ||
		    connect(fd, &to.sa, sizeof(to.in)))
			return false;
	}
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

static bool unlisted(int n)
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

static const struct {
	const char *name;
	bool (*make)(int n);
} kinds[] = {
	{ "connections", connections }, { "port", port },
	{ "unlisted", unlisted }, { "files", files },
	{ "sparse", sparse }, { "threads", threads }, { "tables", tables },
	{ "processes", processes },
};

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
	if (netns_new() || files_allow(n + 1000) || !kinds[kind].make(n))
		err(1, "%d %s", n, argv[1]);

	pid = vfork();
	if (!pid) {
		/* It would be one more of them. */
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "%s", argv[3]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
