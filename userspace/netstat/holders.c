// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which process holds a socket that the kernel module does not know. As netstat
 * finds it: from the files of all processes; the first that holds it counts.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fail.h"
#include "netstat/face.h"
#include "netstat/program.h"

/**
 * struct held - a socket that somebody holds
 * @inode: its inode
 * @name: pid and program
 */
struct held {
	unsigned long inode;
	char name[NST_PROGRAM_SIZE];
};

static void *tree;	/* of them */

static int compare(const void *a, const void *b)
{
	const struct held *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

static bool add(unsigned long inode, u32 pid)
{
	const struct nst_process process = { .pid = pid };
	struct held *held = malloc(sizeof(*held)), **found;

	if (!held)
		return nst_no_memory();
	held->inode = inode;
	found = tsearch(held, &tree, compare);
	if (!found || *found != held)
		free(held);
	else
		snprintf(held->name, sizeof(held->name), "%s",
			 nst_program_name(&process, false));
	return found || nst_no_memory();
}

static void add_files(DIR *files, u32 pid)
{
	const struct dirent *file;
	unsigned long inode;
	char target[64];
	ssize_t len;

	while (!nst_trouble() && (file = readdir(files))) {
		len = readlinkat(dirfd(files), file->d_name, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		if (sscanf(target, "socket:[%lu]", &inode) == 1)
			add(inode, pid);
	}
}

/* Looks at the files of all processes; @warn: say if there are some that we may not look at. */
bool nst_holders_find(bool warn)
{
	const struct dirent *entry;
	bool denied = false;
	char path[sizeof(entry->d_name) + 16];
	DIR *processes = opendir("/proc"), *files;

	while (processes && !nst_trouble() && (entry = readdir(processes))) {
		if (!isdigit(*entry->d_name))
			continue;
		sprintf(path, "/proc/%s/fd", entry->d_name);
		files = opendir(path);
		if (files)
			add_files(files, strtoul(entry->d_name, NULL, 10));
		else
			denied |= errno == EACCES;
		if (files)
			closedir(files);
	}
	if (processes)
		closedir(processes);
	if (nst_trouble() || !warn || (processes && !denied))
		return !nst_trouble();
	if (tree)
		fputs(NST_HOLDERS_HIDDEN, stderr);
	else
		fprintf(stderr, "(No info could be read for \"-p\": geteuid()=%d but you should be root.)\n",
			geteuid());
	return true;
}

/**
 * nst_holders_name() - who holds a socket
 * @inode: its inode
 *
 * Return: pid and program, or "-".
 */
const char *nst_holders_name(unsigned long inode)
{
	const struct held wanted = { .inode = inode };
	struct held **found = tfind(&wanted, &tree, compare);

	return found ? (*found)->name : "-";
}

/**
 * nst_holders_forget() - processes may have changed
 */
void nst_holders_forget(void)
{
	tdestroy(tree, free);
	tree = NULL;
}
