// SPDX-License-Identifier: GPL-2.0-only
/*
 * bystander SECONDS [INTERVAL_MS THING]
 *
 * What a busy server feels of a reader. One thread on the last CPU connects to
 * itself over loopback, accepts and closes, again and again; another process, on
 * the first CPU, does THING (as in alternate: a file or a command line) every
 * INTERVAL_MS, or without a pause if that is 0. Prints, separated by tabs:
 * connections a second; median, 99th and 99.9th percentile of the time for one,
 * in microseconds; how often THING was done, and how many per cent of a CPU that
 * took. What was begun is done to its end, after the connections.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "thing.h"

#define PORT 19998
#define MOST (4 << 20)
#define BUFFER (128 * 1024)

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "CPU %d", cpu);
}

/**
 * struct reader - what both processes see
 * @stop: whether it is time
 * @reads: how often THING was done
 * @elapsed: in how many microseconds
 */
struct reader {
	atomic_bool stop;
	long reads;
	double elapsed;
};

static void read_again(const char *thing, double interval, struct reader *reader)
{
	double start = now(), next = start;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stay_on(0);
	for (; !reader->stop; reader->reads++) {
		double pause = next - now();

		if (pause > 0)
			usleep(pause);
		next += interval;
		if (*thing == '/')
			read_file(thing, BUFFER);
		else
			run_command(thing);
	}
	reader->elapsed = now() - start;
	_exit(0);
}

/* How many per cent of a CPU it took, with its commands */
static double stop(struct reader *reader, pid_t pid)
{
	struct rusage usage;

	if (!pid)
		return 0;
	reader->stop = true;
	if (wait4(pid, NULL, 0, &usage) < 0)
		err(1, "wait4");
	return 100 *
	       ((usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + usage.ru_utime.tv_usec +
		usage.ru_stime.tv_usec) /
	       reader->elapsed;
}

static const struct sockaddr_in server = {
	.sin_family = AF_INET,
	.sin_port = (in_port_t)__builtin_bswap16(PORT),
};

static int listener(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (const struct sockaddr *)&server, sizeof(server)) || listen(fd, 16))
		err(1, "listener");
	return fd;
}

/* Reset rather than closed in form, so that nothing stays behind in TIME_WAIT */
static void drop(int fd)
{
	const struct linger linger = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(fd);
}

static void connect_once(int listening)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int peer;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&server, sizeof(server)))
		err(1, "connect");
	peer = accept(listening, NULL, NULL);
	if (peer < 0)
		err(1, "accept");
	drop(fd);
	close(peer);
}

static int by_value(const void *a, const void *b)
{
	const float *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void serve(double seconds, struct reader *reader, pid_t pid)
{
	float *times = malloc(MOST * sizeof(*times));
	double start, last, end, share;
	int listening = listener();
	long n = 0;

	if (!times)
		err(1, "malloc");
	stay_on(sysconf(_SC_NPROCESSORS_ONLN) - 1);
	start = now();
	for (last = start; last < start + seconds * 1e6 && n < MOST; n++) {
		connect_once(listening);
		end = now();
		times[n] = end - last;
		last = end;
	}
	share = stop(reader, pid);
	qsort(times, n, sizeof(*times), by_value);
	printf("%.0f\t%.1f\t%.1f\t%.1f\t%ld\t%.2f\n", n / (last - start) * 1e6, times[n / 2],
	       times[n * 99 / 100], times[n * 999 / 1000], reader->reads, share);
	free(times);
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 0;
	struct reader *reader = mmap(NULL, sizeof(*reader), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid = 0;

	if (seconds <= 0 || (argc != 2 && argc != 4))
		errx(2, "usage: bystander SECONDS [INTERVAL_MS THING]");
	if (reader == MAP_FAILED)
		err(1, "mmap");
	if (argc == 4) {
		pid = fork();
		if (pid < 0)
			err(1, "fork");
		if (!pid)
			read_again(argv[3], atof(argv[2]) * 1e3, reader);
	}
	serve(seconds, reader, pid);
	return 0;
}
