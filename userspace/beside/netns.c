// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network namespaces of this host: by name, by process, and whether they are there and may
 * be entered. The kernel shows nothing of those that may not, as if they were not there.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <netstate/filter_token.h>

#include "beside/netns.h"
#include "beside/text.h"
#include "beside/tokens.h"
#include "fail.h"
#include "util.h"

#define PID_MOST (1U << 22)	/* numbers of namespaces are larger */

/* The number of the namespace that an open file stands for; 0 if it is no namespace. */
static u32 number_of(int fd)
{
	struct stat file;

	return ioctl(fd, NS_GET_NSTYPE) == CLONE_NEWNET && !fstat(fd, &file) ? file.st_ino : 0;
}

/* The same of a file; with its number 0, errno says why. */
static u32 number_at(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	u32 netns;

	if (fd < 0)
		return 0;
	netns = number_of(fd);
	close(fd);
	errno = EINVAL;
	return netns;
}

/**
 * nst_netns_named() - find a namespace by its name
 * @name: its name, as ip-netns(8) has it
 *
 * Return: its number, or 0.
 */
u32 nst_netns_named(const char *name)
{
	char path[NAME_MAX + 16];

	if (strchr(name, '/') || *name == '.' || strlen(name) > NAME_MAX)
		return 0;
	sprintf(path, "/run/netns/%s", name);
	return number_at(path);
}

/* Writes one value of netns=: if it is a pid, the number of that process's namespace. */
static bool put_value(FILE *out, struct nst_word value)
{
	char path[32];
	u64 pid;
	u32 netns;

	if (!nst_word_number(value, PID_MOST, &pid) || !pid) {
		fprintf(out, "%.*s", (int)value.len, value.start);
		return true;
	}
	sprintf(path, "/proc/%u/ns/net", (u32)pid);
	netns = number_at(path);
	if (!netns)
		return nst_fail(NST_EXIT_USAGE, errno == ENOENT ? "netns=%u: no such process" :
				"netns=%u: the network namespace of this process is hidden from you",
				(u32)pid);
	fprintf(out, "%u", netns);
	return true;
}

/**
 * nst_netns_of_processes() - put numbers of namespaces in place of pids
 * @text: a filter, allocated; replaced if there are any
 *
 * Return: whether all these processes are there.
 */
bool nst_netns_of_processes(char **text)
{
	struct nst_span rest = { *text, *text + strlen(*text) };
	const char *done = *text, *before;
	struct nst_word values, value;
	struct nst_token token;
	struct nst_text made;
	bool good = true;

	if (!nst_text_open(&made))
		return false;
	while (good && nst_tokens_next(&rest, "netns", &token, &values)) {
		/* "<" and its like, "lt", "ge", are about numbers of namespaces. */
		if (strchr("<>lg", *token.operator.start))
			continue;
		fprintf(made.out, "%.*s", (int)(values.start - done), done);
		for (before = ""; good && nst_tokens_value(&values, &value); before = ",") {
			fputs(before, made.out);
			good = put_value(made.out, value);
		}
		done = token.list.end;
	}
	fputs(done, made.out);
	if (!nst_text_close(&made))
		return false;
	free(*text);
	*text = made.text;
	return good;
}

/* Whether the kernel shows sockets of a namespace, or can't be asked. */
static bool has_sockets(u32 netns)
{
	char text[1024], *total;
	int fd = open("/proc/netstate", O_RDWR | O_CLOEXEC);
	ssize_t len = -1;

	if (fd < 0)
		return true;
	sprintf(text, "netns=%u group=netns proto=tcp,udp,raw,udpl\n", netns);
	if (write(fd, text, strlen(text)) > 0)
		len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	total = strstr(text, " total=");
	return !total || strncmp(total, " total=0", 8);
}

/* Looks for a namespace among those of processes; returns an open file, or -1. */
static int open_by_process(u32 netns)
{
	int fd = open("/proc/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), found = -1;
	DIR *processes = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char path[sizeof(entry->d_name) + 8];

	while (processes && found < 0 && (entry = readdir(processes))) {
		if (!isdigit(*entry->d_name))
			continue;
		sprintf(path, "%s/ns/net", entry->d_name);
		found = openat(fd, path, O_RDONLY | O_CLOEXEC);
		if (found >= 0 && number_of(found) != netns) {
			close(found);
			found = -1;
		}
	}
	if (processes)
		closedir(processes);
	else if (fd >= 0)
		close(fd);
	return found;
}

/* The same among those that are mounted: ip-netns(8) and others keep them so. */
static int open_by_mount(u32 netns)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, path[PATH_MAX];
	unsigned int number;
	size_t size = 0;
	int found = -1;

	while (mounts && found < 0 && getline(&line, &size, mounts) > 0)
		if (sscanf(line, "%*d %*d %*s net:[%u] %4095s", &number, path) == 2 &&
		    number == netns)
			found = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	free(line);
	if (mounts)
		fclose(mounts);
	return found;
}

/* A thread, which can change its namespace without the others. */
static void *enter(void *fd)
{
	return setns(*(int *)fd, CLONE_NEWNET) && errno == EPERM ? fd : NULL;
}

static bool may_enter(int fd)
{
	void *refused = NULL;
	pthread_t thread;

	if (!pthread_create(&thread, NULL, enter, &fd))
		pthread_join(thread, &refused);
	return !refused;
}

static bool check(u32 netns)
{
	bool fits;
	int fd;

	if (netns == number_at("/proc/self/ns/net") || has_sockets(netns))
		return true;
	fd = open_by_process(netns);
	if (fd < 0)
		fd = open_by_mount(netns);
	if (fd < 0)
		return nst_fail(NST_EXIT_USAGE, "netns=%u: there is no such network namespace, "
				"or it is hidden from you; lsns -t net lists them", netns);
	fits = may_enter(fd);
	close(fd);
	return fits || nst_fail(NST_EXIT_USAGE, "netns=%u: you may not enter this network "
				"namespace (CAP_SYS_ADMIN), so nothing of it is shown", netns);
}

/**
 * nst_netns_check() - see whether the namespaces that a filter asks for can be shown
 * @text: the filter
 *
 * Only those that are asked for by their number, and not where the filter has "not".
 *
 * Return: whether they can.
 */
bool nst_netns_check(const char *text)
{
	struct nst_span rest = { text, text + strlen(text) };
	struct nst_word values, value;
	struct nst_token token;
	u64 netns;

	do {
		nst_token_next(&token, &rest);
		if (token.kind == NST_TOKEN_NOT)
			return true;
	} while (token.kind);
	rest.start = text;
	while (nst_tokens_next(&rest, "netns", &token, &values)) {
		if (!strchr("=e", *token.operator.start))	/* "=", "==" or "eq" */
			continue;
		while (nst_tokens_value(&values, &value))
			if (nst_word_number(value, U32_MAX, &netns) && !check(netns))
				return false;
	}
	return true;
}
