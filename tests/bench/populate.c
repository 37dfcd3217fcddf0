// SPDX-License-Identifier: GPL-2.0-only
/*
 * populate N PROCESSES COMMAND...
 *
 * Makes N established TCP sockets over loopback, without a handshake
 * (TCP_REPAIR, needs root), spread over processes, and runs a command beside
 * them. 20,000 ports for each of 127.x.y.1.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORTS 20000
#define FIRST_PORT 20000

static struct sockaddr_in address(unsigned int net, unsigned int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(0x7f000001 | net << 8),
	};
}

static void connected(unsigned int i)
{
	struct sockaddr_in here = address(1 + i / PORTS, FIRST_PORT + i % PORTS);
	struct sockaddr_in there = address(0, 9);
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		err(1, "socket %u", i);
	if (setsockopt(fd, SOL_TCP, TCP_REPAIR, &on, sizeof(on)))
		err(1, "TCP_REPAIR");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		err(1, "SO_REUSEADDR");
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)))
		err(1, "bind %u", i);
	if (connect(fd, (struct sockaddr *)&there, sizeof(there)))
		err(1, "connect %u", i);
}

/* One process; says when it is done, and holds its sockets until it is killed. */
static void hold(unsigned int from, unsigned int to, int done)
{
	struct rlimit files = { to - from + 64, to - from + 64 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setrlimit(RLIMIT_NOFILE, &files))
		err(1, "RLIMIT_NOFILE");
	for (; from < to; from++)
		connected(from);
	if (write(done, "x", 1) != 1)
		err(1, "write");
	for (;;)
		pause();
}

static void wait_for(int done, unsigned int processes)
{
	char byte;

	while (processes--)
		if (read(done, &byte, 1) != 1)
			errx(1, "a process failed");
}

int main(int argc, char **argv)
{
	unsigned int i, n, processes;
	int done[2];
	pid_t pid;
	int status;

	if (argc < 4)
		errx(2, "usage: populate N PROCESSES COMMAND...");
	n = atoi(argv[1]);
	processes = atoi(argv[2]);
	if (!processes || pipe(done))
		errx(2, "usage: populate N PROCESSES COMMAND...");

	for (i = 0; i < processes; i++) {
		unsigned int from = (unsigned long)n * i / processes;
		unsigned int to = (unsigned long)n * (i + 1) / processes;

		pid = fork();
		if (pid < 0)
			err(1, "fork");
		if (!pid) {
			close(done[0]);
			hold(from, to, done[1]);
		}
	}
	close(done[1]);
	wait_for(done[0], processes);

	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		execvp(argv[3], argv + 3);
		err(127, "%s", argv[3]);
	}
	if (waitpid(pid, &status, 0) < 0)
		err(1, "waitpid");

	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
