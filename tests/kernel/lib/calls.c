// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "calls.h"
#include "file.h"
#include "trace.h"

#define CALLS_MAX	16
#define NAME_MAX_LEN	64

static const char *const *counted;
static int count;

bool calls_possible(void)
{
	trace_mount();
	return !access(TRACING "/kprobe_events", W_OK);
}

void calls_stop(void)
{
	file_write(TRACING "/events/netstate_work/enable", "0");
	close(open(TRACING "/kprobe_events", O_WRONLY | O_TRUNC));
}

bool calls_start(const char *const *functions, int n)
{
	char probes[CALLS_MAX * 2 * NAME_MAX_LEN] = "";
	int len = 0;

	for (int i = 0; i < n && i < CALLS_MAX; i++)
		len += sprintf(probes + len, "p:netstate_work/%s %s%s\n", functions[i],
			       strncmp(functions[i], "nst_", 4) ? "" : "netstate:",
			       functions[i]);
	counted = functions;
	count = n;
	trace_mount();
	/* A test that was killed may have left its own. */
	calls_stop();
	if (!file_write(TRACING "/kprobe_events", probes) &&
	    !file_write(TRACING "/events/netstate_work/enable", "1"))
		return true;
	calls_stop();
	return false;
}

bool calls_so_far(long *calls)
{
	char *text = file_read(TRACING "/kprobe_profile", NULL), *line, *rest;
	int found = 0;

	if (!text)
		return false;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char name[NAME_MAX_LEN];
		long hits;

		if (sscanf(line, " %63s %ld", name, &hits) != 2)
			continue;
		for (int i = 0; i < count; i++)
			if (!strcmp(name, counted[i])) {
				calls[i] = hits;
				found++;
			}
	}
	free(text);
	return found == count;
}

long calls_first(void)
{
	long calls[CALLS_MAX];

	return calls_so_far(calls) ? calls[0] : -1;
}
