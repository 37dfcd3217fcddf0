// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory N
 *
 * What the machine's memory allows: passes over N things as far apart as
 * sockets, in random order, in huge pages, and prints the nanoseconds for each
 * by how many cache lines of it are touched, "1", "3" and "7"; as "7, cold" after
 * other memory has passed through the caches; and as "bucket" those for each of
 * 524,288 pointers in a row. Medians of 9.
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define LINE 64
/* From one struct tcp_sock to the next in its slab */
#define STRIDE (38 * LINE)
#define BUCKETS 524288
#define COLD (256 << 20)
#define AHEAD 16
#define ROUNDS 9

/* The lines that a row of text needs: not neighbours, which come together */
static const unsigned int line_of[] = { 0, 10, 4, 30, 6, 24, 13 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void *huge(size_t size)
{
	const size_t page = 2 << 20;
	char *memory;
	size_t i;

	size = (size + page - 1) & ~(page - 1);
	memory = aligned_alloc(page, size);
	if (!memory)
		err(1, "%zu bytes", size);
	madvise(memory, size, MADV_HUGEPAGE);
	for (i = 0; i < size; i += LINE)
		memory[i] = 1;
	return memory;
}

static uint32_t *random_order(uint32_t n)
{
	uint32_t *order = huge(n * sizeof(*order));
	uint32_t i;

	for (i = 0; i < n; i++) {
		uint32_t other = random() % (i + 1);

		order[i] = order[other];
		order[other] = i;
	}
	return order;
}

/* The compiler must think that somebody wants it. */
static void use(uint64_t sum)
{
	__asm__ volatile("" : : "r"(sum));
}

static void touch(const char *things, const uint32_t *order, uint32_t n, unsigned int lines)
{
	uint64_t sum = 0;
	unsigned int line;
	uint32_t i;

	for (i = 0; i < n; i++) {
		const char *thing = things + (size_t)order[i] * STRIDE;
		const char *later = things + (size_t)order[(i + AHEAD) % n] * STRIDE;

		for (line = 0; line < lines; line++)
			__builtin_prefetch(later + line_of[line] * LINE);
		for (line = 0; line < lines; line++)
			sum += thing[line_of[line] * LINE];
	}
	use(sum);
}

static void forget(char *other)
{
	size_t i;

	for (i = 0; i < COLD; i += LINE)
		other[i]++;
	__asm__ volatile("" : : "r"(other) : "memory");
}

static void stream(const uint64_t *buckets)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < BUCKETS; i++)
		sum += buckets[i];
	use(sum);
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *times)
{
	qsort(times, ROUNDS, sizeof(*times), by_value);
	return times[ROUNDS / 2];
}

int main(int argc, char **argv)
{
	uint32_t n = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	static const unsigned int lines[] = { 1, 3, 7, 7 };
	static const char *const name[] = { "1", "3", "7", "7, cold", "bucket" };
	double times[5][ROUNDS];
	uint64_t *buckets;
	uint32_t *order;
	char *things, *other;
	int i, round;

	if (!n)
		errx(2, "usage: memory N");
	things = huge((size_t)n * STRIDE);
	other = huge(COLD);
	buckets = huge(BUCKETS * sizeof(*buckets));
	order = random_order(n);

	for (round = 0; round < ROUNDS; round++) {
		double start = now();

		stream(buckets);
		times[4][round] = now() - start;
		for (i = 0; i < 4; i++) {
			if (i == 3)
				forget(other);
			start = now();
			touch(things, order, n, lines[i]);
			times[i][round] = now() - start;
		}
	}
	for (i = 0; i < 5; i++)
		printf("%s\t%.2f\n", name[i], median(times[i]) / (i == 4 ? BUCKETS : n));
	return 0;
}
