// SPDX-License-Identifier: GPL-2.0-only
/* Running another of our programs. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "beside/run.h"

/*
 * Becomes another of our programs: the one in this one's directory, or else the one that is
 * installed. If this program has more rights than its user, the user could choose that
 * directory: then only the installed one will do. Returns if there is none.
 */
void nst_run(const char *name, char **argv)
{
	char path[PATH_MAX + 64], *slash;
	ssize_t len = getauxval(AT_SECURE) ? -1 : readlink("/proc/self/exe", path, PATH_MAX);

	path[len > 0 ? len : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash) {
		strcpy(slash + 1, name);
		execv(path, argv);
	}
	snprintf(path, sizeof(path), NETSTATE_LIBEXECDIR "/%s", name);
	execv(path, argv);
}
