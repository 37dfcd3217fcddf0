/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_THING_H
#define BENCH_THING_H

#include <stddef.h>

/**
 * struct work - what a reader did
 * @bytes: how many it got
 * @calls: how many system calls that took, if it is known
 */
struct work {
	long bytes;
	long calls;
};

struct work read_file(const char *spec, size_t buffer);
struct work read_first(const char *spec);
struct work dump_tcp(void);
struct work run_command(const char *line);

#endif
