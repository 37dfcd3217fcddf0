// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attacker.h"
#include "creds.h"
#include "file.h"

int as_attacker(void)
{
	return become(ATTACKER, ATTACKER, -1) ?: dumpable(true);
}

int as_bystander(void)
{
	return become(BYSTANDER, BYSTANDER, -1) ?: dumpable(true);
}

int as_attacker_in_userns(void)
{
	return as_attacker() ?: userns_new();
}

int attack_start(struct child *c, int (*run)(int line, void *arg), void *arg)
{
	int home = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	int err = home < 0 || unshare(CLONE_NEWPID) ? -errno : 0;

	if (!err)
		err = child_start(c, run, arg);
	if (home >= 0 && setns(home, CLONE_NEWPID))
		err = -errno;
	close(home);
	return err;
}

long size_of(const char *variable, long otherwise)
{
	const char *text = getenv(variable);

	return text && atol(text) > 0 ? atol(text) : otherwise;
}

static long entries(const char *path, bool (*wanted)(int number, long arg), long arg)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	long n = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
			n += !wanted || wanted(atoi(entry->d_name), arg);
	closedir(dir);
	return n;
}

static bool has_parent(int pid, long parent)
{
	char path[32], *text, *end = NULL;
	long is = -1;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	text = file_read(path, NULL);
	if (text)
		end = strrchr(text, ')');
	/* Behind the name: the state, and the parent. */
	if (end)
		is = atol(end + 4);
	free(text);
	return is == parent;
}

long witness_children(pid_t parent)
{
	return entries("/proc", has_parent, parent);
}

long witness_threads(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	return entries(path, NULL, 0);
}

long witness_files(pid_t pid, pid_t thread)
{
	char path[48];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/fd", pid, thread);
	return entries(path, NULL, 0);
}

long witness_lines(pid_t pid, const char *file)
{
	char path[48], *text;
	long lines = -1;

	snprintf(path, sizeof(path), "/proc/%d/net/%s", pid, file);
	text = file_read(path, NULL);
	if (!text)
		return -1;
	for (const char *c = text; (c = strchr(c, '\n')); c++)
		lines++;
	free(text);
	return lines;
}
