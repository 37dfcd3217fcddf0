// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world around the reader, for tests: to be preloaded. Names are those of no
 * machine, and each question is written to standard error. What happens while the
 * reader sleeps is a command. With SHIM_READS set, each other read is interrupted,
 * and the rest are short.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define REAL(function) ((__typeof__(&(function)))dlsym(RTLD_NEXT, #function))

int open(const char *path, int flags, ...)
{
	const char *file = getenv("NETSTATE_FILE");

	if (getenv("SHIM_OPEN") && file && !strcmp(path, file))
		fprintf(stderr, "open %s\n", path);
	return REAL(open)(path, flags, 0);
}

ssize_t read(int fd, void *buffer, size_t size)
{
	static unsigned int reads;

	if (!getenv("SHIM_READS"))
		return REAL(read)(fd, buffer, size);
	if (reads++ % 2) {
		errno = EINTR;
		return -1;
	}
	return REAL(read)(fd, buffer, size < 100 ? size : 100);
}

/* SHIM_SLEEP gets the number of the sleep; if it fails, that is Ctrl-C. */
int nanosleep(const struct timespec *wanted, struct timespec *left)
{
	static unsigned int sleeps;
	char command[256];

	(void)left;
	fprintf(stderr, "sleep %ld.%03ld\n", (long)wanted->tv_sec, wanted->tv_nsec / 1000000);
	snprintf(command, sizeof(command), "LD_PRELOAD= %s %u", getenv("SHIM_SLEEP"), sleeps++);
	if (system(command))
		raise(SIGINT);
	return 0;
}

int getnameinfo(const struct sockaddr *addr, socklen_t addr_size, char *host, socklen_t size,
		char *service, socklen_t service_size, int flags)
{
	static const char *const names[][2] = {
		{ "192.0.2.10", "here.example" },
		{ "198.51.100.7", "a-client-with-a-rather-long-name.example" },
		{ "198.51.100.80", "www.example" },
		{ "::1", "localhost" },
		{ "fd00:1111:2222:3333:4444:5555:6666:7777", "wide.example" },
	};
	char text[64];
	size_t i;
	int err;

	err = REAL(getnameinfo)(addr, addr_size, text, sizeof(text), service, service_size,
				NI_NUMERICHOST);
	if (!err && flags & NI_NUMERICHOST)
		snprintf(host, size, "%s", text);
	if (err || flags & NI_NUMERICHOST)
		return err;
	fprintf(stderr, "getnameinfo %s\n", text);
	snprintf(host, size, "%s", text);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(text, names[i][0]))
			snprintf(host, size, "%s", names[i][1]);
	return 0;
}

/* "www.example" has an address of either family. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **found)
{
	fprintf(stderr, "getaddrinfo %s\n", name);
	if (strcmp(name, "www.example"))
		return EAI_NONAME;
	REAL(getaddrinfo)("198.51.100.80", service, hints, found);
	return REAL(getaddrinfo)("2001:db8::80", service, hints, &(*found)->ai_next);
}

struct servent *getservbyport(int port, const char *protocol)
{
	static struct servent service;

	fprintf(stderr, "getservbyport %u %s\n", ntohs(port), protocol);
	switch (ntohs(port)) {
	case 22:
		service.s_name = "ssh";
		return &service;
	case 53:
		service.s_name = "domain";
		return &service;
	case 40112:
		service.s_name = "a-service-with-a-long-name";
		return &service;
	}
	return NULL;
}

struct servent *getservbyname(const char *name, const char *protocol)
{
	static struct servent service;

	fprintf(stderr, "getservbyname %s %s\n", name, protocol ? protocol : "-");
	service.s_port = htons(80);
	return strcmp(name, "http") ? NULL : &service;
}

struct protoent *getprotobynumber(int number)
{
	static struct protoent protocol = { .p_name = "icmp" };

	fprintf(stderr, "getprotobynumber %d\n", number);
	return number == 1 ? &protocol : NULL;
}

struct passwd *getpwuid(uid_t uid)
{
	static struct passwd user = { .pw_name = "postgres-with-a-long-name" };

	fprintf(stderr, "getpwuid %u\n", uid);
	return uid == 105 ? &user : NULL;
}
