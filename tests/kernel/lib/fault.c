// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"
#include "file.h"

#define DEBUG	"/sys/kernel/debug/"

static int nth_fd = -1;

int fault_open(void)
{
	static const struct { const char *file, *text; } settings[] = {
		/* All that may sleep, and no page is too small to fail. */
		{ DEBUG "failslab/ignore-gfp-wait", "N" },
		{ DEBUG "failslab/verbose", "0" },
		{ DEBUG "fail_page_alloc/ignore-gfp-wait", "N" },
		{ DEBUG "fail_page_alloc/min-order", "0" },
		{ DEBUG "fail_page_alloc/verbose", "0" },
		{ DEBUG "fail_usercopy/verbose", "0" },
	};
	int err = 0;

	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0)
		return -errno;
	for (size_t i = 0; !err && i < sizeof(settings) / sizeof(*settings); i++)
		err = file_write(settings[i].file, settings[i].text);
	return err;
}

bool fault_arm(int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	return pwrite(nth_fd, text, len, 0) == len;
}

bool fault_disarm(void)
{
	char left[16] = {};

	/* This may be what fails: then it was not what was meant. */
	if (pread(nth_fd, left, sizeof(left) - 1, 0) < 0)
		return false;
	if (!atoi(left))
		return true;
	/* If it fails, it has failed for the last time. */
	if (pwrite(nth_fd, "0", 1, 0) < 0)
		return false;
	return false;
}
