// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "churner.h"
#include "netns.h"

#define POOL	30
#define PORTS	100

static union addr place(unsigned int flavour, uint16_t port)
{
	return addr_of(flavour, flavour == V6 ? CHURN_HOST6 : CHURN_HOST, port);
}

static union addr any_place(unsigned int *seed)
{
	return place(rand_r(seed) % 3, CHURN_PORT + rand_r(seed) % PORTS);
}

/* All connections end and others begin, mostly in the memory of the old. */
static void connections(unsigned int *seed, struct churned *done)
{
	static int pool[POOL][2];
	struct linger reset = { 1, 0 };

	for (int i = 0; i < POOL; i++) {
		int *pair = pool[i], first = rand_r(seed) % 2;
		union addr at = place(rand_r(seed) % 3, 0);

		if (pair[0] > 0) {
			if (rand_r(seed) % 8)
				setsockopt(pair[first], SOL_SOCKET, SO_LINGER,
					   &reset, sizeof(reset));
			close(pair[first]);
			close(pair[!first]);
		}
		if (sock_pair(&at, pair))
			pair[0] = 0;
		else
			done->connections++;
	}
}

/* Between the same two ports, while the last is still in TIME_WAIT. */
static void connections_again(unsigned int *seed, struct churned *done)
{
	union addr server = place(V4, CHURN_PORT + PORTS);
	union addr client = place(V4, CHURN_PORT + PORTS + 1);
	int l = sock_listen(&server, 4);

	for (int i = 0; l >= 0 && i < POOL / 3; i++) {
		int fd = sock_connect(SOCK_STREAM, &client, &server);
		int got = fd < 0 ? -1 : accept4(l, NULL, NULL, SOCK_CLOEXEC);

		done->connections += got >= 0;
		/* Who closes first is left with it. */
		close(rand_r(seed) % 8 ? got : fd);
		close(got);
		close(fd);
	}
	if (l >= 0)
		close(l);
}

/* Into a chain and out of it, without a handshake. */
static void requests(unsigned int *seed, struct churned *done)
{
	for (int i = 0; i < POOL; i++) {
		union addr to = place(V4, 1 + rand_r(seed) % 9);
		int fd = sock_connect(SOCK_STREAM, NULL, &to);

		if (fd < 0)
			continue;
		close(fd);
		done->requests++;
	}
}

/* Sockets that move from chain to chain while they live. */
static void datagrams(unsigned int *seed, struct churned *done)
{
	static int pool[POOL];
	union addr any = { .sa = { AF_UNSPEC } };

	for (int i = 0; i < POOL; i++) {
		union addr to = place(V4, 1 + rand_r(seed) % 60000);

		if (!pool[i])
			pool[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		connect(pool[i], &any.sa, sizeof(any));
		done->datagrams += !connect(pool[i], &to.sa, sizeof(to.in));
	}
}

/* On ports that others have, too. */
static void shared_ports(unsigned int *seed, struct churned *done)
{
	static int pool[POOL];

	for (int i = 0; i < POOL; i++) {
		union addr at = any_place(seed);

		if (pool[i] > 0)
			close(pool[i]);
		pool[i] = sock_reuse(SOCK_DGRAM, &at);
		done->datagrams += pool[i] >= 0;
	}
}

static void listeners(unsigned int *seed, struct churned *done)
{
	static int pool[POOL];

	for (int i = 0; i < POOL; i++) {
		union addr at = any_place(seed);

		if (pool[i] > 0)
			close(pool[i]);
		pool[i] = sock_reuse(SOCK_STREAM, &at);
		done->listeners += pool[i] >= 0 && !listen(pool[i], 1);
	}
}

/* One socket that listens, no more, and connects. */
static void turncoats(unsigned int *seed, struct churned *done)
{
	static int pool[POOL / 3];
	union addr any = { .sa = { AF_UNSPEC } };

	for (int i = 0; i < POOL / 3; i++) {
		union addr at = place(V4, CHURN_PORT + i);
		union addr to = place(V4, 1 + rand_r(seed) % 9);

		if (!pool[i])
			pool[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC |
					 SOCK_NONBLOCK, 0);
		setsockopt(pool[i], SOL_SOCKET, SO_REUSEPORT, &(int){ 1 },
			   sizeof(int));
		connect(pool[i], &any.sa, sizeof(any));
		bind(pool[i], &at.sa, sizeof(at.in));
		done->listeners += !listen(pool[i], 4);
		shutdown(pool[i], SHUT_RD);
		connect(pool[i], &any.sa, sizeof(any));
		connect(pool[i], &to.sa, sizeof(to.in));
	}
}

/* Through a message, from one descriptor to another. */
static void passing(unsigned int *seed, struct churned *done)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return;
	for (int i = 0; i < POOL / 3; i++) {
		union addr at = place(rand_r(seed) % 3, 0);
		int fd = sock_bound(SOCK_DGRAM, &at);

		if (fd < 0 || !line_send_fd(ends[0], fd))
			break;
		close(fd);
		if (rand_r(seed) % 4)
			close(line_receive_fd(ends[1]));
		done->passed++;
	}
	close(ends[0]);
	close(ends[1]);
}

/* Its own table of files for a while; it ends all at once. */
static void *apart(void *arg)
{
	struct churned *done = arg;
	union addr at = place(V4, 0);

	if (unshare(CLONE_FILES))
		return NULL;
	for (int i = 0; i < POOL / 3; i++)
		if (sock_bound(SOCK_DGRAM, &at) >= 0)
			done->datagrams++;
	syscall(SYS_close_range, 3, ~0u, 0);
	return NULL;
}

static void threads(unsigned int *seed, struct churned *done)
{
	pthread_t thread;

	if (!pthread_create(&thread, NULL, apart, done))
		pthread_join(thread, NULL);
}

/* A child that has what we have; sometimes it becomes another program. */
static void forks(unsigned int *seed, struct churned *done)
{
	bool exec = rand_r(seed) % 2;
	pid_t pid = fork();

	if (!pid) {
		if (exec)
			execl("/bin/true", "true", NULL);
		syscall(SYS_close_range, 3, ~0u, 0);
		_exit(0);
	}
	if (pid > 0)
		done->forks += waitpid(pid, NULL, 0) == pid;
}

static void (*const doings[])(unsigned int *seed, struct churned *done) = {
	connections, connections, connections_again, requests, datagrams,
	datagrams, shared_ports, listeners, listeners, turncoats, passing,
	threads, forks,
};

#define NR_DOINGS	(sizeof(doings) / sizeof(*doings))

void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* Bursts that nothing interrupts, and a moment for others in between. */
void churner_run(int which, struct churned *done)
{
	struct sched_param priority = { .sched_priority = 1 };
	unsigned int seed = which;
	/* One breaks in upon readers now and then, one goes on beside them. */
	int pause_us = which % 2 ? 1000 : 30000;

	prctl(PR_SET_NAME, CHURN_NAME);
	stay_on(which % sysconf(_SC_NPROCESSORS_ONLN));
	sched_setscheduler(0, SCHED_FIFO, &priority);
	for (;;) {
		doings[rand_r(&seed) % NR_DOINGS](&seed, done);
		usleep(rand_r(&seed) % pause_us);
	}
}

bool churner_did_all(const struct churned *done)
{
	return done->connections && done->requests && done->datagrams && done->listeners &&
	       done->forks && done->passed;
}

static bool loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool good;

	good = !ioctl(fd, SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags |= IFF_UP;
	good = good && !ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return good;
}

/* With addresses that those who stay have elsewhere; they must not be seen. */
static void furnish(void)
{
	int pair[2];

	for (int i = 0; i < POOL; i++) {
		union addr at = addr_of(i % 3, i % 3 == V6 ? CHURN_HOST6 :
					"127.0.0.1", 10000 + i);

		sock_bound(SOCK_DGRAM, &at);
		sock_listen(&at, 1);
		addr_set_port(&at, 0);
		sock_pair(&at, pair);
	}
}

/* Reads on while the namespace's other sockets and its processes go. */
static void outlive(pid_t parent)
{
	static char buf[5000];
	int fd = open(NETSTATE, O_RDONLY);

	for (int more = 3; more; more -= getppid() != parent) {
		lseek(fd, 0, SEEK_SET);
		while (read(fd, buf, sizeof(buf)) > 0)
			;
	}
}

void churner_run_namespaces(struct churned *done)
{
	pid_t self = getpid();

	prctl(PR_SET_NAME, CHURN_NAME);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			die_with(self);
			if (unshare(CLONE_NEWNET) || !loopback_up())
				_exit(1);
			furnish();
			pid = getpid();
			if (!fork()) {
				outlive(pid);
				_exit(0);
			}
			usleep(2000);
			_exit(0);
		}
		done->namespaces += pid > 0;
		waitpid(pid, NULL, 0);
	}
}

/* Of their hosts, or of none yet. */
static bool may_have(const char *addr)
{
	static const char *const hosts[] = {
		CHURN_HOST, CHURN_HOST6, "0.0.0.0", "::", "127.0.0.1",
	};
	const char *port = strrchr(addr, ':') + 1;
	size_t len = port - 1 - addr, i = 0;

	while (i < 5 && (strncmp(addr, hosts[i], len) || hosts[i][len]))
		i++;
	return i < 4 || (i < 5 && atoi(port) >= atoi(CHURN_PORTS));
}

bool churner_may_have(const struct row *row)
{
	const char *comm = strchr(row->prog, '/');
	size_t len = strlen(CHURN_NAME);

	if (!may_have(row->laddr) || !may_have(row->raddr))
		return false;
	/* Nobody's, or those of one of them and its children. */
	return !comm || (!strncmp(comm + 1, CHURN_NAME, len) &&
			 (!comm[1 + len] || comm[1 + len] == '+'));
}
