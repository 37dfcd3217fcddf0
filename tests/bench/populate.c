// SPDX-License-Identifier: GPL-2.0-only
/*
 * populate [OPTION...] COMMAND...
 *
 * Fills the network namespace with sockets, spread over processes, and runs a
 * command beside them. Needs root.
 *
 *	-t N	established TCP sockets over loopback, without a handshake
 *		(TCP_REPAIR), on 20,000 ports of each of 127.x.y.1
 *	-w N	TCP connections in TIME_WAIT, and nobody's
 *	-u N	bound UDP sockets
 *	-U N	on how many ports these are (20000)
 *	-f N	open files that are no sockets
 *	-p N	how many processes hold them (1)
 *
 * One more socket listens on port 19999. COMMAND finds the pid of one of the
 * holders in $HOLDER.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORTS 20000
#define FIRST_PORT 20000
#define LISTEN_PORT 19999

struct crowd {
	unsigned int tcp;
	unsigned int time_wait;
	unsigned int udp;
	unsigned int udp_ports;
	unsigned int files;
	unsigned int processes;
};

static struct sockaddr_in address(unsigned int net, unsigned int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(0x7f000001 | net << 8),
	};
}

static int new_socket(int type)
{
	int on = 1;
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		err(1, "socket");
	if (type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		err(1, "SO_REUSEADDR");
	return fd;
}

static void bind_to(int fd, struct sockaddr_in to)
{
	if (bind(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "bind %s:%u", inet_ntoa(to.sin_addr), ntohs(to.sin_port));
}

static void connect_to(int fd, struct sockaddr_in to)
{
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect %s:%u", inet_ntoa(to.sin_addr), ntohs(to.sin_port));
}

static int listener(void)
{
	int fd = new_socket(SOCK_STREAM);

	bind_to(fd, address(0, LISTEN_PORT));
	if (listen(fd, 16))
		err(1, "listen");
	return fd;
}

static void established(unsigned int i)
{
	int fd = new_socket(SOCK_STREAM);
	int on = 1;

	if (setsockopt(fd, SOL_TCP, TCP_REPAIR, &on, sizeof(on)))
		err(1, "TCP_REPAIR");
	bind_to(fd, address(1 + i / PORTS, FIRST_PORT + i % PORTS));
	connect_to(fd, address(0, 9));
}

/* The side that closes first waits. */
static void time_wait(int listening, unsigned int i)
{
	int fd = new_socket(SOCK_STREAM);
	int peer;

	bind_to(fd, address(128 + i / PORTS, FIRST_PORT + i % PORTS));
	connect_to(fd, address(0, LISTEN_PORT));
	peer = accept(listening, NULL, NULL);
	if (peer < 0)
		err(1, "accept");
	close(fd);
	close(peer);
}

static void udp(unsigned int i, unsigned int ports)
{
	bind_to(new_socket(SOCK_DGRAM), address(1 + i / ports, FIRST_PORT + i % ports));
}

static void other_file(void)
{
	if (eventfd(0, 0) < 0)
		err(1, "eventfd");
}

/* The part of n things that is for holder i */
static unsigned int share(const struct crowd *crowd, unsigned int n, unsigned int i)
{
	return (unsigned long)n * i / crowd->processes;
}

/* One process; says when it is done, and holds what it has until it is killed. */
static void hold(const struct crowd *crowd, unsigned int i, int done)
{
	unsigned int files = 64 + 3 + (crowd->tcp + crowd->udp + crowd->files) / crowd->processes;
	struct rlimit limit = { files, files };
	unsigned int n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "RLIMIT_NOFILE");
	for (n = share(crowd, crowd->tcp, i); n < share(crowd, crowd->tcp, i + 1); n++)
		established(n);
	for (n = share(crowd, crowd->udp, i); n < share(crowd, crowd->udp, i + 1); n++)
		udp(n, crowd->udp_ports);
	for (n = share(crowd, crowd->files, i); n < share(crowd, crowd->files, i + 1); n++)
		other_file();
	if (write(done, "x", 1) != 1)
		err(1, "write");
	close(done);
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

static pid_t *start_holders(const struct crowd *crowd)
{
	pid_t *pids = calloc(crowd->processes, sizeof(*pids));
	int done[2];
	unsigned int i;

	if (!pids || pipe(done))
		err(1, "pipe");
	for (i = 0; i < crowd->processes; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			err(1, "fork");
		if (!pids[i]) {
			close(done[0]);
			hold(crowd, i, done[1]);
		}
	}
	close(done[1]);
	wait_for(done[0], crowd->processes);
	close(done[0]);
	return pids;
}

/* When this returns, their sockets are gone. */
static void stop_holders(const pid_t *pids, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
	for (i = 0; i < n; i++)
		waitpid(pids[i], NULL, 0);
}

static int run(char **argv)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		execvp(*argv, argv);
		err(127, "%s", *argv);
	}
	if (waitpid(pid, &status, 0) < 0)
		err(1, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void usage(void)
{
	errx(2, "usage: populate [-t N] [-w N] [-u N] [-U N] [-f N] [-p N] COMMAND...");
}

static void parse(int argc, char **argv, struct crowd *crowd)
{
	int option;

	while ((option = getopt(argc, argv, "+t:w:u:U:f:p:")) != -1) {
		unsigned int n = optarg ? strtoul(optarg, NULL, 10) : 0;

		switch (option) {
		case 't':
			crowd->tcp = n;
			break;
		case 'w':
			crowd->time_wait = n;
			break;
		case 'u':
			crowd->udp = n;
			break;
		case 'U':
			crowd->udp_ports = n;
			break;
		case 'f':
			crowd->files = n;
			break;
		case 'p':
			crowd->processes = n;
			break;
		default:
			usage();
		}
	}
	if (optind == argc || !crowd->processes || !crowd->udp_ports)
		usage();
}

int main(int argc, char **argv)
{
	struct crowd crowd = { .udp_ports = PORTS, .processes = 1 };
	int listening, status;
	pid_t *holders;
	unsigned int i;
	char pid[16];

	parse(argc, argv, &crowd);
	holders = start_holders(&crowd);
	snprintf(pid, sizeof(pid), "%d", holders[0]);
	setenv("HOLDER", pid, 1);
	listening = listener();
	for (i = 0; i < crowd.time_wait; i++)
		time_wait(listening, i);

	status = run(argv + optind);
	stop_holders(holders, crowd.processes);
	free(holders);
	return status;
}
