// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cgroup.h"
#include "file.h"

#define PATH_ROOM	96

static const char *path_of(const char *name, const char *file, char *path)
{
	snprintf(path, PATH_ROOM, CGROUP "%s/%s", name, file);
	return path;
}

bool cgroup_has_memory(void)
{
	char *text = file_read(CGROUP "cgroup.controllers", NULL);
	bool has = text && strstr(text, "memory") &&
		   !file_write(CGROUP "cgroup.subtree_control", "+memory");

	free(text);
	return has;
}

int cgroup_make(const char *name)
{
	char path[PATH_ROOM];

	return mkdir(path_of(name, "", path), 0755) ? -errno : 0;
}

int cgroup_remove(const char *name)
{
	char path[PATH_ROOM];

	return rmdir(path_of(name, "", path)) ? -errno : 0;
}

int cgroup_enter(const char *name)
{
	char path[PATH_ROOM];

	return file_write(path_of(name, "cgroup.procs", path), "0");
}

long cgroup_memory(const char *name)
{
	char path[PATH_ROOM];

	return file_read_long(path_of(name, "memory.current", path), -1);
}

/* The number behind a word at the begin of a line of a file. */
static long number_in(const char *path, const char *what)
{
	char *text = file_read(path, NULL), *line, *rest;
	size_t len = strlen(what);
	long n = -1;

	for (line = text ? strtok_r(text, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest))
		if (!strncmp(line, what, len) && line[len] == ' ')
			n = atol(line + len);
	free(text);
	return n;
}

long cgroup_dying(void)
{
	return number_in(CGROUP "cgroup.stat", "nr_dying_descendants");
}

long cgroup_events(const char *name, const char *what)
{
	char path[PATH_ROOM];

	return number_in(path_of(name, "memory.events", path), what);
}
