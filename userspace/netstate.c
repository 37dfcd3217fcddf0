// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate - show the table of sockets in /proc/netstate
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef NETSTATE_VERSION
#define NETSTATE_VERSION "unknown"
#endif

#define TABLE "/proc/netstate"

/* Large enough that the kernel fills few buffers, small enough for any machine. */
#define BUFFER_SIZE (256 * 1024)

enum {
	EXIT_IO = 1,
	EXIT_USAGE = 2,
	EXIT_NO_MODULE = 3,
};

static char buffer[BUFFER_SIZE];

static int failed(const char *what)
{
	fprintf(stderr, "netstate: %s: %s\n", what, strerror(errno));
	return EXIT_IO;
}

/* Writes all of it. A reader that has seen enough (EPIPE) is no error. */
static int put(const char *data, size_t len)
{
	while (len) {
		ssize_t written = write(STDOUT_FILENO, data, len);

		if (written < 0) {
			if (errno == EINTR)
				continue;
			return errno == EPIPE ? -1 : failed("standard output");
		}
		data += written;
		len -= written;
	}
	return 0;
}

static int copy(int fd, const char *path)
{
	for (;;) {
		ssize_t len = read(fd, buffer, sizeof(buffer));
		int status;

		if (len < 0) {
			if (errno == EINTR)
				continue;
			return failed(path);
		}
		if (!len)
			return EXIT_SUCCESS;
		status = put(buffer, len);
		if (status)
			return status < 0 ? EXIT_SUCCESS : status;
	}
}

static int show_table(void)
{
	const char *path = getenv("NETSTATE_FILE");
	int fd, status;

	if (!path || !*path)
		path = TABLE;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		if (errno != ENOENT || strcmp(path, TABLE))
			return failed(path);
		fprintf(stderr,
			"netstate: the kernel module is not loaded; to load it: modprobe netstate\n");
		return EXIT_NO_MODULE;
	}
	status = copy(fd, path);
	close(fd);
	return status;
}

static int put_usage(FILE *out)
{
	fputs("usage: netstate [-h | -V]\n"
	      "\n"
	      "Shows the sockets of this network namespace, as netstat -tuanp does.\n"
	      "\n"
	      "  -h  this text\n"
	      "  -V  the version\n", out);
	return out == stdout ? EXIT_SUCCESS : EXIT_USAGE;
}

int main(int argc, char **argv)
{
	int option = getopt(argc, argv, "hV");

	signal(SIGPIPE, SIG_IGN);
	switch (option) {
	case 'h':
		return put_usage(stdout);
	case 'V':
		puts("netstate " NETSTATE_VERSION);
		return EXIT_SUCCESS;
	case -1:
		if (optind == argc)
			return show_table();
		/* fall through */
	default:
		return put_usage(stderr);
	}
}
