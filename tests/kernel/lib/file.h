/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whole files, and waiting for a condition with a deadline.
 */
#ifndef LIB_FILE_H
#define LIB_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

/* Long enough for an emulated guest on a busy machine. */
#define PATIENCE_MS	30000

uint64_t now_us(void);

static inline uint64_t now_ms(void)
{
	return now_us() / 1000;
}

/* Evaluates @cond until it holds or @ms have passed; says whether it held. */
#define POLL_FOR(cond, ms)						\
({									\
	uint64_t __end = now_ms() + (ms);				\
	bool __held;							\
									\
	while (!(__held = !!(cond)) && now_ms() < __end)		\
		usleep(2000);						\
	__held;								\
})

#define POLL(cond)	POLL_FOR(cond, PATIENCE_MS)

/* From the descriptor's offset to the end; NULL and errno. Zero-terminated. */
char *fd_read(int fd, size_t *len);

/* The same with at most @step bytes a read. */
char *fd_read_step(int fd, size_t step, size_t *len);

/* A file whole; NULL and errno. */
char *file_read(const char *path, size_t *len);

/* One number at the start of a file, or @otherwise. */
long file_read_long(const char *path, long otherwise);

/* One write(2) of @text; 0 or -errno. */
int file_write(const char *path, const char *text);

/*
 * Loads a module of the tests, unless what it makes in /proc is there already; 0 or
 * -errno, -ENOENT if this guest has not got it.
 */
int module_load(const char *name);

#endif
