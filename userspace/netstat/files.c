// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sockets among the open files of all processes, by the links in /proc/PID/fd. What ends
 * meanwhile is passed over.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netstat/files.h"

static bool is_gone(void)
{
	return errno == ENOENT || errno == ESRCH;
}

/* Whether this /proc leaves out the processes that its reader may not look at. */
static bool leaves_out(void)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	bool found = false;
	size_t size = 0;

	while (mounts && !found && getline(&line, &size, mounts) > 0)
		found = strstr(line, " /proc ") && strstr(line, "hidepid=") &&
			!strstr(line, "hidepid=noaccess") && !strstr(line, "hidepid=1");
	free(line);
	if (mounts)
		fclose(mounts);
	return found && geteuid();
}

static bool scan_process(DIR *files, u32 pid, bool (*found)(u64 inode, u32 pid), bool *hidden)
{
	const struct dirent *file;
	unsigned long long inode;
	char target[64];
	ssize_t len;

	while ((file = readdir(files))) {
		len = readlinkat(dirfd(files), file->d_name, target, sizeof(target) - 1);
		*hidden |= len < 0 && errno == EACCES;
		target[len > 0 ? len : 0] = '\0';
		if (sscanf(target, "socket:[%llu]", &inode) == 1 && !found(inode, pid))
			return false;
	}
	return true;
}

static int is_process(const struct dirent *entry)
{
	return isdigit(*entry->d_name);
}

/**
 * nst_files_scan() - look at the open files of processes
 * @found: called for each socket among them, by rising pid; returns whether to go on
 * @lowest: of these processes only
 * @highest: the last of them
 * @hidden: set to whether there may be processes among them that we may not look at
 *
 * Return: whether @found always said so.
 */
bool nst_files_scan(bool (*found)(u64 inode, u32 pid), u32 lowest, u32 highest, bool *hidden)
{
	int proc = open("/proc/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd, i;
	struct dirent **entry = NULL;
	int count = proc < 0 ? 0 : scandirat(proc, ".", &entry, is_process, versionsort);
	char path[sizeof((*entry)->d_name) + 4];
	u32 pid, listed = 0;
	bool go_on = true, are_missing;
	DIR *files;

	/* There is always a process 1. */
	are_missing = count < 1 || strcmp(entry[0]->d_name, "1") || leaves_out();
	*hidden = false;
	for (i = 0; i < count; i++) {
		pid = strtoul(entry[i]->d_name, NULL, 10);
		if (go_on && pid >= lowest && pid <= highest) {
			listed++;
			sprintf(path, "%s/fd", entry[i]->d_name);
			fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			*hidden |= fd < 0 && !is_gone();
			files = fd < 0 ? NULL : fdopendir(fd);
			if (fd >= 0 && !files) {
				*hidden = true;
				close(fd);
			}
			go_on = !files || scan_process(files, pid, found, hidden);
			if (files)
				closedir(files);
		}
		free(entry[i]);
	}
	*hidden |= are_missing && listed <= highest - lowest;
	free(entry);
	if (proc >= 0)
		close(proc);
	return go_on;
}
