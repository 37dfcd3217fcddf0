// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading a file in this process. "FILE FILTER" writes the filter first.
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "thing.h"

static int open_filtered(const char *spec, struct work *work)
{
	size_t length = strcspn(spec, " ");
	const char *filter = spec[length] ? spec + length + 1 : NULL;
	char *path = strndup(spec, length);
	int fd = open(path, filter ? O_RDWR : O_RDONLY);

	if (fd < 0)
		err(1, "%s", path);
	if (filter && write(fd, filter, strlen(filter)) != (ssize_t)strlen(filter))
		err(1, "%s", spec);
	free(path);
	work->calls = filter ? 3 : 2;
	return fd;
}

/* To the end */
struct work read_file(const char *spec, size_t buffer)
{
	static char *text;
	struct work work = {};
	int fd = open_filtered(spec, &work);
	ssize_t got;

	text = realloc(text, buffer);
	if (!text)
		err(1, "buffer");
	do {
		got = read(fd, text, buffer);
		if (got < 0)
			err(1, "%s", spec);
		work.bytes += got;
		work.calls++;
	} while (got);
	close(fd);
	return work;
}

/* The first byte: of a table that is captured as a whole, what that takes */
struct work read_first(const char *spec)
{
	struct work work = {};
	int fd = open_filtered(spec, &work);
	char byte;

	if (read(fd, &byte, 1) != 1)
		err(1, "%s", spec);
	close(fd);
	work.bytes = 1;
	work.calls++;
	return work;
}
