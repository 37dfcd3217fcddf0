/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Becoming somebody else.  Each gives 0 or -errno, and is for a child that
 * may not come back.
 */
#ifndef LIB_CREDS_H
#define LIB_CREDS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* In /proc/PID/fd's sense a process is open to its own user, or closed. */
int dumpable(bool yes);

/* Real, effective and saved; no other groups but @group (or none: -1). */
int become(uid_t uid, gid_t gid, gid_t group);

/* As become(), with these capabilities left, permitted and effective. */
int become_with(uid_t uid, gid_t gid, uint64_t caps);

/* Takes capabilities away. */
int drop(uint64_t caps);

#define CAP_BIT(cap)	(1ull << (cap))

/*
 * A new user namespace, in which our uid and gid are root; dumpable, as
 * writing its maps has need of it.
 */
int userns_new(void);

/* That of another process, to join; a descriptor or -errno. */
int userns_of(pid_t pid);
int userns_join(int fd);

/* Writes "0 @first 65536" as the maps of a child's namespace, as root. */
int userns_map(pid_t pid, uid_t first);

#endif
