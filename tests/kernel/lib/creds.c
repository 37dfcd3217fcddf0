// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "creds.h"
#include "file.h"

int dumpable(bool yes)
{
	return prctl(PR_SET_DUMPABLE, yes) ? -errno : 0;
}

/* System calls, as libc's would ask other threads to follow. */
static int set_ids(uid_t uid, gid_t gid, gid_t group)
{
	if (setgroups(group != (gid_t)-1, &group) ||
	    setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return -errno;
	return 0;
}

int become(uid_t uid, gid_t gid, gid_t group)
{
	return set_ids(uid, gid, group);
}

static int caps_get(uint64_t *permitted)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &head, data))
		return -errno;
	*permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
	return 0;
}

static int caps_set(uint64_t caps)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};

	for (int i = 0; i < 2; i++)
		data[i].permitted = data[i].effective = caps >> 32 * i;
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

int become_with(uid_t uid, gid_t gid, uint64_t caps)
{
	if (prctl(PR_SET_KEEPCAPS, 1))
		return -errno;
	return set_ids(uid, gid, -1) ?: caps_set(caps);
}

int drop(uint64_t caps)
{
	uint64_t have = 0;

	return caps_get(&have) ?: caps_set(have & ~caps);
}

static int map_self(const char *path, unsigned int id)
{
	char text[32];

	snprintf(text, sizeof(text), "0 %u 1", id);
	return file_write(path, text);
}

int userns_new(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER))
		return -errno;
	return dumpable(true) ?:
	       file_write("/proc/self/setgroups", "deny") ?:
	       map_self("/proc/self/uid_map", uid) ?:
	       map_self("/proc/self/gid_map", gid);
}

int userns_of(pid_t pid)
{
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int userns_join(int fd)
{
	return setns(fd, CLONE_NEWUSER) ? -errno : 0;
}

int userns_map(pid_t pid, uid_t first)
{
	char path[48], text[48];
	int err;

	snprintf(text, sizeof(text), "0 %u 65536", first);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	err = file_write(path, text);
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	return err ?: file_write(path, text);
}
