// SPDX-License-Identifier: GPL-2.0-only
/* Files that are opened by their number, which wants CAP_DAC_READ_SEARCH. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "beside/handle.h"

#define KERNFS 0xfe	/* FILEID_KERNFS of linux/exportfs.h: the number is all that it has */

/**
 * nst_handle_cgroup() - find the directory of a cgroup
 * @mount: where the cgroup2 file system is mounted
 * @id: the number of the cgroup
 *
 * Return: its path, to be freed; NULL if it has gone, or may not be opened.
 */
char *nst_handle_cgroup(const char *mount, u64 id)
{
	struct {
		struct file_handle head;
		u64 id;
	} handle = { { .handle_bytes = sizeof(id), .handle_type = KERNFS }, id };
	int top = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = open_by_handle_at(top, &handle.head, O_PATH | O_CLOEXEC);
	char link[32], *path;

	sprintf(link, "/proc/self/fd/%d", fd);
	path = fd < 0 ? NULL : realpath(link, NULL);
	if (fd >= 0)
		close(fd);
	if (top >= 0)
		close(top);
	return path;
}
