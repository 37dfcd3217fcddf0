// SPDX-License-Identifier: GPL-2.0-only
/*
 * The world around the reader, for tests: to be preloaded. Names are those of no
 * machine, and each question is written to standard error. What happens while the
 * reader sleeps is a command. With SHIM_READS set, each other read is interrupted,
 * and the rest are short. SHIM_ROOT has files of /proc, and what tells of modules; it may
 * have answers of /proc/netstate to filters, and network namespaces: files with their
 * numbers. SHIM_CLOSED is one that may not be entered; SHIM_DENIED may not be written.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define REAL(function) ((__typeof__(&(function)))dlsym(RTLD_NEXT, #function))

/* With SHIM_ROOT, files of /proc and some others are those there, if it has them. */
static const char *redirect(const char *path, char *text, size_t size)
{
	static const char *const parts[] = {
		"/proc/", "/lib/modules/", "/var/lib/dkms", "/sys/", "/run/netns/"
	};
	const char *root = getenv("SHIM_ROOT");
	size_t i = 0;

	while (root && i < ARRAY_SIZE(parts) && strncmp(path, parts[i], strlen(parts[i])))
		i++;
	if (!root || i == ARRAY_SIZE(parts))
		return path;
	snprintf(text, size, "%s%s", root, path);
	return access(text, F_OK) ? path : text;
}

int open(const char *path, int flags, ...)
{
	const char *file = getenv("NETSTATE_FILE"), *denied = getenv("SHIM_DENIED");
	char text[PATH_MAX];
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (getenv("SHIM_OPEN") && file && !strcmp(path, file))
		fprintf(stderr, "open %s\n", path);
	if (denied && !strcmp(path, denied) && (flags & O_ACCMODE) != O_RDONLY) {
		errno = EACCES;
		return -1;
	}
	return REAL(open)(redirect(path, text, sizeof(text)), flags, mode);
}

FILE *fopen(const char *path, const char *mode)
{
	char text[PATH_MAX];

	return REAL(fopen)(redirect(path, text, sizeof(text)), mode);
}

/*
 * Has the table that was opened answer a filter: with the file in netstate.d whose name is
 * in the filter, the longest if there are several.
 */
static void answer(int fd, const char *root, const char *filter, size_t size)
{
	char folder[PATH_MAX], path[PATH_MAX + 300] = "";
	struct dirent *entry;
	size_t longest = 0;
	DIR *answers;
	int found;

	snprintf(folder, sizeof(folder), "%s/proc/netstate.d", root);
	answers = opendir(folder);
	while (answers && (entry = readdir(answers))) {
		size_t len = strlen(entry->d_name);

		if (len <= longest || !memmem(filter, size, entry->d_name, len))
			continue;
		longest = len;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
	}
	if (answers)
		closedir(answers);
	found = *path ? REAL(open)(path, O_RDONLY) : -1;
	if (found < 0)
		return;
	dup2(found, fd);
	close(found);
}

/* A table in SHIM_ROOT takes any filter; if it has no answers, it stays what it is. */
ssize_t write(int fd, const void *buffer, size_t size)
{
	char name[32], path[PATH_MAX];
	const char *root = getenv("SHIM_ROOT");
	ssize_t len;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	len = root ? readlink(name, path, sizeof(path) - 1) : -1;
	if (len < 0)
		return REAL(write)(fd, buffer, size);
	path[len] = '\0';
	if (strncmp(path, root, strlen(root)) || !strstr(path, "/netstate"))
		return REAL(write)(fd, buffer, size);
	answer(fd, root, buffer, size);
	return size;
}

/* The number that stands in a file that is a network namespace here; 0 if it is none. */
static unsigned int namespace_of(int fd)
{
	char name[32], path[PATH_MAX], text[32];
	const char *root = getenv("SHIM_ROOT");
	ssize_t len;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	len = root ? readlink(name, path, sizeof(path) - 1) : -1;
	path[len > 0 ? len : 0] = '\0';
	if (len < 0 || strncmp(path, root, strlen(root)) ||
	    (!strstr(path, "/ns/net") && !strstr(path, "/run/netns/")))
		return 0;
	len = pread(fd, text, sizeof(text) - 1, 0);
	text[len > 0 ? len : 0] = '\0';
	return strtoul(text, NULL, 10);
}

int fstat(int fd, struct stat *file)
{
	unsigned int netns = namespace_of(fd);
	int err = REAL(fstat)(fd, file);

	if (netns)
		file->st_ino = netns;
	return err;
}

int setns(int fd, int type)
{
	const char *closed = getenv("SHIM_CLOSED");

	(void)type;
	errno = EPERM;
	return closed && strtoul(closed, NULL, 10) == namespace_of(fd) ? -1 : 0;
}

/*
 * With SHIM_ROOT, each interface is up, and nothing more is known of it. SHIM_GONE is in
 * the list, but not there any more.
 */
int ioctl(int fd, unsigned long request, ...)
{
	const char *gone = getenv("SHIM_GONE");
	struct ifreq *interface;
	va_list args;
	void *argument;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	interface = argument;
	if (request == NS_GET_NSTYPE && namespace_of(fd))
		return CLONE_NEWNET;
	if (!getenv("SHIM_ROOT") || request >> 8 != SIOCGIFFLAGS >> 8)
		return REAL(ioctl)(fd, request, argument);
	if (request == SIOCGIFCONF) {
		((struct ifconf *)argument)->ifc_len = 0;
		return 0;
	}
	if (request == SIOCGIFFLAGS && (!gone || strcmp(gone, interface->ifr_name))) {
		interface->ifr_flags = IFF_UP;
		return 0;
	}
	errno = ENODEV;
	return -1;
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

/* With SHIM_CLOCK, the time that passes is what that file says, in seconds. */
int clock_gettime(clockid_t which, struct timespec *time)
{
	const char *path = getenv("SHIM_CLOCK");
	char text[32];
	ssize_t len;
	int fd;

	if (!path || which != CLOCK_MONOTONIC)
		return REAL(clock_gettime)(which, time);
	fd = REAL(open)(path, O_RDONLY);
	len = fd < 0 ? -1 : REAL(read)(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	*time = (struct timespec){ .tv_sec = strtol(text, NULL, 10) };
	return 0;
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
	/* A name server that is dead. */
	if (getenv("SHIM_DEAD")) {
		poll(NULL, 0, atoi(getenv("SHIM_DEAD")));
		return EAI_AGAIN;
	}
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

static unsigned int next_service;

void setservent(int stay_open)
{
	(void)stay_open;
	fputs("setservent\n", stderr);
	next_service = 0;
}

struct servent *getservent(void)
{
	static const struct {
		unsigned short port;
		char *protocol, *name;
	} services[] = {
		{ 22, "tcp", "ssh" }, { 53, "tcp", "domain" }, { 53, "udp", "domain" },
		{ 53, "udp", "the-second-one-does-not-count" }, { 5432, "udp", "not-of-tcp" },
		{ 5432, "sctp", "not-of-tcp-either" },
		{ 40112, "tcp", "a-service-with-a-long-name" },
	};
	static struct servent service;

	if (next_service == ARRAY_SIZE(services))
		return NULL;
	service.s_port = htons(services[next_service].port);
	service.s_proto = services[next_service].protocol;
	service.s_name = services[next_service++].name;
	return &service;
}

struct servent *getservbyname(const char *name, const char *protocol)
{
	static struct servent service;

	fprintf(stderr, "getservbyname %s %s\n", name, protocol ? protocol : "-");
	service.s_port = htons(80);
	return strcmp(name, "http") ? NULL : &service;
}

struct passwd *getpwnam(const char *name)
{
	static struct passwd user = { .pw_uid = 33 };

	fprintf(stderr, "getpwnam %s\n", name);
	return strcmp(name, "www-data") ? NULL : &user;
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
