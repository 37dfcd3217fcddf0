// SPDX-License-Identifier: GPL-2.0-only
/*
 * poll SECONDS INTERVAL_MS FILE
 *
 * Reads FILE ("FILE FILTER", as in alternate) to its end every so often, or at
 * once when that is past already. Prints, separated by tabs: the interval, the
 * file, how many reads, how long all took, and how much of that was reading, both
 * in microseconds. On one CPU where nothing else runs, that is the CPU's time.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "thing.h"

#define BUFFER (128 * 1024)

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	double seconds = argc == 4 ? atof(argv[1]) : 0;
	double interval = argc == 4 ? atof(argv[2]) * 1e3 : 0;
	double start, next, busy = 0;
	int reads = 0;

	if (seconds <= 0 || interval <= 0)
		errx(2, "usage: poll SECONDS INTERVAL_MS FILE");

	start = now();
	for (next = start; now() < start + seconds * 1e6; reads++) {
		double begun = now();

		read_file(argv[3], BUFFER);
		busy += now() - begun;
		next += interval;
		if (next > now())
			usleep(next - now());
	}
	printf("%s\t%s\t%d\t%.0f\t%.0f\n", argv[2], argv[3], reads, now() - start, busy);
	return 0;
}
