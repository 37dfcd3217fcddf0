// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "file.h"
#include "trace.h"

void trace_mount(void)
{
	if (access(TRACING "/trace", F_OK))
		mount("tracefs", TRACING, "tracefs", 0, NULL);
}

static int enable(const char *event, const char *word)
{
	char path[128];

	snprintf(path, sizeof(path), TRACING "/events/%s/enable", event);
	return file_write(path, word);
}

bool trace_start(const char *event, pid_t pid)
{
	char text[16];

	trace_mount();
	snprintf(text, sizeof(text), "%d", pid);
	close(open(TRACING "/trace", O_WRONLY | O_TRUNC));
	return !file_write(TRACING "/set_event_pid", text) && !enable(event, "1");
}

char *trace_stop(const char *event)
{
	char *text;

	enable(event, "0");
	text = file_read(TRACING "/trace", NULL);
	close(open(TRACING "/set_event_pid", O_WRONLY | O_TRUNC));
	close(open(TRACING "/trace", O_WRONLY | O_TRUNC));
	return text;
}
