// SPDX-License-Identifier: GPL-2.0-only
/*
 * alternate ROUNDS COMMAND-LINE...
 *
 * Runs several things in turn, ROUNDS times, and prints the median of each:
 * what it is, wall-clock and CPU time in microseconds, bytes.
 *
 * A word that begins with / is a file, read whole in this process; anything else
 * is a command line, run with its output thrown away. CPU time is the process's
 * own and its children's, user and system.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BUFFER (128 * 1024)

struct sample {
	double wall;
	double cpu;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static double usage_of(int who)
{
	struct rusage u;

	getrusage(who, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + u.ru_utime.tv_usec +
	       u.ru_stime.tv_usec;
}

static double cpu(void)
{
	return usage_of(RUSAGE_SELF) + usage_of(RUSAGE_CHILDREN);
}

static long read_file(const char *path)
{
	static char buffer[BUFFER];
	int fd = open(path, O_RDONLY);
	long bytes = 0;
	ssize_t got;

	if (fd < 0)
		err(1, "%s", path);
	while ((got = read(fd, buffer, sizeof(buffer))) > 0)
		bytes += got;
	if (got < 0)
		err(1, "%s", path);
	close(fd);
	return bytes;
}

static long run_command(const char *line)
{
	char command[4096];
	int status;

	snprintf(command, sizeof(command), "exec %s >/dev/null 2>&1", line);
	status = system(command);
	if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
		errx(1, "%s: status %d", line, status);
	return 0;
}

static int by_wall(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->wall > y->wall) - (x->wall < y->wall);
}

static int by_cpu(const void *a, const void *b)
{
	const struct sample *x = a, *y = b;

	return (x->cpu > y->cpu) - (x->cpu < y->cpu);
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[1]) : 0;
	int things = argc - 2;
	struct sample *samples;
	long *bytes;
	int i, round;

	if (rounds < 1)
		errx(2, "usage: alternate ROUNDS THING...");
	samples = calloc((size_t)rounds * things, sizeof(*samples));
	bytes = calloc(things, sizeof(*bytes));
	if (!samples || !bytes)
		err(1, "calloc");

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < things; i++) {
			struct sample *sample = &samples[i * rounds + round];
			const char *thing = argv[2 + i];
			double used = cpu(), start = now();

			bytes[i] = *thing == '/' ? read_file(thing) : run_command(thing);
			sample->wall = now() - start;
			sample->cpu = cpu() - used;
		}
	}

	for (i = 0; i < things; i++) {
		struct sample *of = samples + i * rounds;
		double wall;

		qsort(of, rounds, sizeof(*of), by_wall);
		wall = of[rounds / 2].wall;
		qsort(of, rounds, sizeof(*of), by_cpu);
		printf("%-32s %12.0f %12.0f %10ld\n", argv[2 + i], wall, of[rounds / 2].cpu,
		       bytes[i]);
	}
	return 0;
}
