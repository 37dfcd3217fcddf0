/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A read by another process, so that a test can wait for its end and do
 * something meanwhile.
 */
#ifndef LIB_READING_H
#define LIB_READING_H

#include <sys/types.h>

#include "child.h"

struct reading {
	struct child child;
	const char *path;
	const char *filter;
	int (*become)(void);	/* whom the reader is, or NULL: as we are */
	char *text;		/* what it read, after a good end */
	size_t room, *len;
};

/*
 * Starts it with @filter, or NULL, as @become makes the reader. 0 or -errno.
 * @room bytes of what it reads are kept.
 */
int reading_start(struct reading *r, const char *path, const char *filter,
		  int (*become)(void), size_t room);

/* Whether it has ended, within so many ms. */
bool reading_ended(struct reading *r, int ms);

/* Waits for its end: how many bytes it read, or -errno; -EINTR: it was killed. */
long reading_end(struct reading *r);

/*
 * As reading_end(), but kills it when @most calls have been counted (calls.h)
 * since @from: -ETIME.
 */
long reading_end_within(struct reading *r, long from, long most);

/* Frees what it read. */
void reading_free(struct reading *r);

/* All of that at once. */
long reading_whole(struct reading *r, const char *path, const char *filter,
		   int (*become)(void), size_t room);

#endif
