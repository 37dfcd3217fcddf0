// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why /proc/netstate cannot be read, in one line.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "proc/sockets.h"

#define DKMS "/var/lib/dkms/netstate"

/* Whether a file has a line with a text. */
static bool has_line(const char *path, const char *text)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (file && !found && getline(&line, &size, file) > 0)
		found = strstr(line, text);
	free(line);
	if (file)
		fclose(file);
	return found;
}

static bool is_there(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	return fd >= 0 && !close(fd);
}

/* What dkms keeps: it has built for other kernels, or has tried to for this one. */
static void say_what_dkms_has(const char *release)
{
	int fd = open(DKMS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *versions = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char path[512], kernel[128];

	snprintf(kernel, sizeof(kernel), "%s ", release);
	while (versions && (entry = readdir(versions))) {
		snprintf(path, sizeof(path), DKMS "/%s/build/make.log", entry->d_name);
		if (has_line(path, kernel))
			printf(", and dkms could not build it: %s", path);
		else if (!strncmp(entry->d_name, "kernel-", 7))
			printf(", but for %s", entry->d_name + 7);
	}
	fputs(versions ? "; dkms status" : "; the package is netstate-dkms", stdout);
}

/* Prints it; what modprobe itself would say of a signature is seen only when it is tried. */
void nst_proc_why(void)
{
	static const char lockdown[] = "/sys/kernel/security/lockdown";
	char modules[128], aliases[128];
	struct utsname kernel;
	struct stat file;

	uname(&kernel);
	snprintf(modules, sizeof(modules), "/lib/modules/%s/modules.dep", kernel.release);
	snprintf(aliases, sizeof(aliases), "/lib/modules/%s/modules.alias", kernel.release);
	if (!stat("/proc/netstate", &file)) {
		printf("/proc/netstate has mode %04o, user %u, group %u, and may not be read",
		       file.st_mode & 07777, file.st_uid, file.st_gid);
	} else if (!is_there("/proc/self")) {
		fputs("/proc is not mounted", stdout);
	} else if (!is_there("/proc/stat")) {
		fputs("/proc is mounted with subset=pid, without netstate", stdout);
	} else if (is_there("/sys/module/netstate")) {
		fputs("the kernel module is loaded, but not in this /proc", stdout);
	} else if (!has_line(modules, "/netstate.ko")) {
		printf("the kernel module is not installed for this kernel, %s", kernel.release);
		say_what_dkms_has(kernel.release);
	} else if (has_line(aliases, "alias netstate-unbuilt ")) {
		printf("the kernel module could not be built for this kernel, %s: " DKMS
		       "/*/%s/*/log/make.log", kernel.release, kernel.release);
	} else {
		fputs("the kernel module is not loaded; to load it: modprobe netstate", stdout);
		if (has_line("/sys/module/module/parameters/sig_enforce", "Y") ||
		    has_line(lockdown, "[integrity]") || has_line(lockdown, "[confidentiality]"))
			fputs(", signed with a key that this kernel knows (Secure Boot)", stdout);
	}
	putchar('\n');
}
