// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "file.h"

uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000ull + ts.tv_nsec / 1000;
}

char *fd_read_step(int fd, size_t step, size_t *len)
{
	size_t size = 1 << 16, used = 0;
	char *buf = malloc(size + 1);

	while (buf) {
		size_t want = size - used < step ? size - used : step;
		ssize_t n = read(fd, buf + used, want);

		if (n < 0) {
			int err = errno;

			free(buf);
			errno = err;
			return NULL;
		}
		if (!n)
			break;
		used += n;
		if (used == size) {
			char *more = realloc(buf, 2 * size + 1);

			if (!more)
				free(buf);
			size *= 2;
			buf = more;
		}
	}
	if (!buf)
		return NULL;
	buf[used] = '\0';
	if (len)
		*len = used;
	return buf;
}

char *fd_read(int fd, size_t *len)
{
	return fd_read_step(fd, SIZE_MAX, len);
}

char *file_read(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;
	int err;

	if (fd < 0)
		return NULL;
	text = fd_read(fd, len);
	err = errno;
	close(fd);
	errno = err;
	return text;
}

long file_read_long(const char *path, long otherwise)
{
	char *text = file_read(path, NULL), *end;
	long n;

	if (!text)
		return otherwise;
	n = strtol(text, &end, 10);
	if (end == text)
		n = otherwise;
	free(text);
	return n;
}

int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

int module_load(const char *name)
{
	char path[64];
	int fd, err = 0;

	snprintf(path, sizeof(path), "/proc/%s", name);
	if (!access(path, F_OK))
		return 0;

	snprintf(path, sizeof(path), "/tests/%s.ko", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, "", 0))
		err = -errno;
	close(fd);
	return err;
}
