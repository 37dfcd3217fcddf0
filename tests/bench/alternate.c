// SPDX-License-Identifier: GPL-2.0-only
/*
 * alternate [-b BYTES] [-c MIB] ROUNDS THING...
 *
 * Does several things in turn, ROUNDS times, and prints a line of each,
 * separated by tabs: what it is; medians of wall-clock and CPU time, and the
 * shortest wall-clock time, in microseconds; bytes and system calls, if they
 * are known.
 *
 *	/FILE [FILTER]		read in this process; FILTER is written first
 *	begin /FILE [FILTER]	only the first byte
 *	sock_diag		a dump of TCP sockets, in this process
 *	nothing			a system call
 *	COMMAND LINE		run with its output thrown away
 *
 * -b is the size of the reads (128 KiB, as cat's). -c passes over so much memory
 * before each thing, so that the caches hold nothing of what it needs. CPU time
 * is the process's own and its children's, user and system. In a guest of QEMU,
 * instructions.c can count what each takes.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "mark.h"
#include "thing.h"

/* So many calls make one "nothing". */
#define NOTHINGS 1000

struct sample {
	double wall;
	double cpu;
};

static size_t buffer = 128 * 1024;
static size_t flush;

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

static void forget(void)
{
	static char *memory;
	size_t i;

	if (!flush)
		return;
	if (!memory)
		memory = malloc(flush);
	if (!memory)
		err(1, "malloc");
	for (i = 0; i < flush; i += 64)
		memory[i]++;
	__asm__ volatile("" : : "r"(memory) : "memory");
}

static struct work call_nothing(void)
{
	struct work work = { .calls = NOTHINGS };
	int i;

	for (i = 0; i < NOTHINGS; i++)
		syscall(SYS_getppid);
	return work;
}

static struct work do_thing(const char *thing)
{
	if (*thing == '/')
		return read_file(thing, buffer);
	if (!strncmp(thing, "begin /", 7))
		return read_first(thing + 6);
	if (!strcmp(thing, "sock_diag"))
		return dump_tcp();
	if (!strcmp(thing, "nothing"))
		return call_nothing();
	return run_command(thing);
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

static void print(const char *thing, struct sample *samples, int n, const struct work *work)
{
	double wall, least;

	qsort(samples, n, sizeof(*samples), by_wall);
	least = samples[0].wall;
	wall = samples[n / 2].wall;
	qsort(samples, n, sizeof(*samples), by_cpu);
	printf("%s\t%.1f\t%.1f\t%.1f\t%ld\t%ld\n", thing, wall, samples[n / 2].cpu, least,
	       work->bytes, work->calls);
}

static void usage(void)
{
	errx(2, "usage: alternate [-b BYTES] [-c MIB] ROUNDS THING...");
}

int main(int argc, char **argv)
{
	int i, option, round, rounds, things;
	struct sample *samples;
	struct work *work;

	while ((option = getopt(argc, argv, "+b:c:")) != -1) {
		if (option == 'b')
			buffer = strtoul(optarg, NULL, 10);
		else if (option == 'c')
			flush = strtoul(optarg, NULL, 10) << 20;
		else
			usage();
	}
	argv += optind;
	rounds = *argv ? atoi(*argv++) : 0;
	things = argc - optind - 1;
	if (rounds < 1 || things < 1 || !buffer)
		usage();
	samples = calloc((size_t)rounds * things, sizeof(*samples));
	work = calloc(things, sizeof(*work));
	if (!samples || !work)
		err(1, "calloc");

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < things; i++) {
			struct sample *sample = &samples[i * rounds + round];
			double start, used;

			forget();
			used = cpu();
			start = now();
			mark();
			work[i] = do_thing(argv[i]);
			mark();
			sample->wall = now() - start;
			sample->cpu = cpu() - used;
		}
	}

	for (i = 0; i < things; i++)
		print(argv[i], samples + i * rounds, rounds, &work[i]);
	return 0;
}
