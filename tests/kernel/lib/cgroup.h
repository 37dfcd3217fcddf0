/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A control group (v2) with a count of memory.
 */
#ifndef LIB_CGROUP_H
#define LIB_CGROUP_H

#include <stdbool.h>

#define CGROUP		"/sys/fs/cgroup/"

/* Whether there can be such groups. */
bool cgroup_has_memory(void);

/* Makes one by name, removes it, enters it: 0 or -errno. */
int cgroup_make(const char *name);
int cgroup_remove(const char *name);
int cgroup_enter(const char *name);

/* How many were removed, of all, and are held by something; -1. */
long cgroup_dying(void);

/* Bytes that it has; -1. */
long cgroup_memory(const char *name);

/* Of "memory.events", how often something happened; -1. */
long cgroup_events(const char *name, const char *what);

#endif
