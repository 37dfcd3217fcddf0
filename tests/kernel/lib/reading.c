// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "calls.h"
#include "note.h"
#include "reading.h"

#define STEP	65536

static int read_it(int line, void *arg)
{
	struct reading *r = arg;
	static char spill[STEP];
	long all = 0;
	int err = 0, fd;

	if (r->become)
		err = r->become();
	fd = err ? -1 : open(r->path, r->filter ? O_RDWR : O_RDONLY);
	if (fd < 0)
		err = err ?: -errno;
	if (!err && r->filter && write(fd, r->filter, strlen(r->filter)) < 0)
		err = -errno;
	line_tell(line, err);
	while (!err) {
		size_t left = r->room - *r->len;
		ssize_t n;

		if (left)
			n = read(fd, r->text + *r->len, left < STEP ? left : STEP);
		else
			n = read(fd, spill, STEP);
		if (n < 0)
			err = -errno;
		if (n <= 0)
			break;
		if (left)
			*r->len += n;
		all += n;
	}
	line_tell(line, err ?: all);
	return 0;
}

int reading_start(struct reading *r, const char *path, const char *filter,
		  int (*become)(void), size_t room)
{
	size_t size = sizeof(*r->len) + room + 1;
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long long err;

	if (shared == MAP_FAILED)
		return -errno;
	*r = (struct reading){
		.path = path, .filter = filter, .become = become,
		.len = shared, .text = (char *)shared + sizeof(*r->len), .room = room,
	};
	err = child_start(&r->child, read_it, r);
	if (!err && !line_hear(r->child.line, &err))
		err = -EIO;
	return err;
}

bool reading_ended(struct reading *r, int ms)
{
	struct pollfd p = { .fd = r->child.line, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

long reading_end(struct reading *r)
{
	long long result;

	if (!line_hear(r->child.line, &result))
		result = -EINTR;
	child_end(&r->child);
	return result;
}

long reading_end_within(struct reading *r, long from, long most)
{
	long result = 0;

	while (!reading_ended(r, 20)) {
		long calls = calls_first();

		if (!result && calls - from > most) {
			note("%ld calls, and no end", calls - from);
			result = -ETIME;
			kill(r->child.pid, SIGKILL);
		}
	}
	if (result)
		reading_end(r);
	return result ?: reading_end(r);
}

void reading_free(struct reading *r)
{
	if (r->len)
		munmap(r->len, sizeof(*r->len) + r->room + 1);
	r->len = NULL;
}

long reading_whole(struct reading *r, const char *path, const char *filter,
		   int (*become)(void), size_t room)
{
	long err = reading_start(r, path, filter, become, room);

	return err ?: reading_end(r);
}
