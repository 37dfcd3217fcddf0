/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's tracer.
 */
#ifndef LIB_TRACE_H
#define LIB_TRACE_H

#include <stdbool.h>
#include <sys/types.h>

#define TRACING		"/sys/kernel/tracing"

/* Makes TRACING appear where nobody has mounted it. */
void trace_mount(void);

/* Records an event, "group/name", of one process; false if there is none. */
bool trace_start(const char *event, pid_t pid);

/* Ends that; what was recorded, to be freed, or NULL. */
char *trace_stop(const char *event);

#endif
