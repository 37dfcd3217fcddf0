// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directories of cgroups. The number of a cgroup is the inode number of its directory in
 * the cgroup2 file system, and a handle that opens it, with CAP_DAC_READ_SEARCH. Else all
 * directories are looked at, at most once for each table. A cgroup that is removed while its
 * sockets live on has no directory, so no name.
 */
#include <fts.h>
#include <search.h>
#include <stdlib.h>

#include "beside/handle.h"
#include "fail.h"
#include "names/names.h"

#define DIRECTORIES_MAX	65536	/* more are not looked at */

/* The directory of a cgroup. */
struct directory {
	u64 id;
	char path[];	/* where it is in the hierarchy, "/" or "/system.slice" */
};

static void *directories;	/* a tree of struct directory */
static char *mount;		/* where the hierarchy is mounted; NULL: not known */
static char *root;		/* the part of the hierarchy that is mounted there, "" for all */
static bool walked;		/* @directories has all that there are */

static int compare(const void *a, const void *b)
{
	const struct directory *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static bool add(u64 id, const char *path)
{
	struct directory *directory = malloc(sizeof(*directory) + strlen(root) + strlen(path) + 2);
	struct directory **found;

	if (!directory)
		return nst_no_memory();
	directory->id = id;
	strcat(strcpy(directory->path, root), path);
	if (!*directory->path)
		strcpy(directory->path, "/");
	found = tsearch(directory, &directories, compare);
	if (!found || *found != directory)
		free(directory);
	return found || nst_no_memory();
}

/* Adds one cgroup; false if it may not be opened by its number, or has gone. */
static bool add_by_number(u64 id)
{
	char *path = nst_handle_cgroup(mount, id);
	bool added = path && !strncmp(path, mount, strlen(mount)) &&
		     add((unsigned long)id, path + strlen(mount));

	free(path);
	return added;
}

static void walk(void)
{
	char *const paths[] = { mount, NULL };
	FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOSTAT | FTS_NOCHDIR | FTS_XDEV, NULL);
	unsigned int left = DIRECTORIES_MAX;
	const FTSENT *entry;

	while (tree && left && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_D && left--)
			add(entry->fts_ino, entry->fts_path + strlen(mount));
	if (tree)
		fts_close(tree);
	if (!left)
		nst_warn("there are more than %u cgroups: some have no name", DIRECTORIES_MAX);
	walked = true;
}

/* Reads a line such as "36 35 98:0 /part /where rw - cgroup2 cgroup2 rw". */
static void parse_mount(const char *line)
{
	if (!strstr(line, " - cgroup2 ") || sscanf(line, "%*s %*s %*s %ms %ms", &root, &mount) != 2)
		return;
	nst_word_unescape(nst_word_of(mount), mount, strlen(mount) + 1);
	nst_word_unescape(nst_word_of(root), root, strlen(root) + 1);
	if (!strcmp(root, "/"))
		*root = '\0';
}

/*
 * Finds where this host's cgroups are mounted. If this is not called, or if they are mounted
 * nowhere, no cgroup has a path.
 */
void nst_cgroups_open(void)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t size = 0;

	while (file && !mount && getline(&line, &size, file) > 0)
		parse_mount(line);
	free(line);
	if (file)
		fclose(file);
}

/*
 * Returns the path of a cgroup, "/" or "/system.slice", which lives until
 * nst_cgroups_forget(); NULL if it is not known.
 */
const char *nst_cgroup_path(u64 id)
{
	/* On 32-bit machines, inode numbers are the lower half of the cgroup's. */
	struct directory wanted = { .id = (unsigned long)id };
	struct directory **found = tfind(&wanted, &directories, compare);

	if (!found && mount && !walked) {
		if (!add_by_number(id))
			walk();
		found = tfind(&wanted, &directories, compare);
	}
	return found ? (*found)->path : NULL;
}

/* Writes what people call the cgroup whose number is the text @id; false if that is not known. */
bool nst_cgroup_name(struct nst_word id, char *name, size_t size)
{
	u64 number;
	const char *path = nst_word_number(id, ~0ULL, &number) ? nst_cgroup_path(number) : NULL;

	if (path)
		nst_unit_name(path, name, size);
	return path;
}

/* Prints the words at the end of a row, with the name of the cgroup in place of its number. */
void nst_cgroups_print_words(FILE *out, struct nst_word words)
{
	struct nst_word word, key, value;
	char name[NST_UNIT_MAX];

	for (word = nst_word_next(&words); word.len; word = nst_word_next(&words)) {
		fputc(' ', out);
		if (nst_word_split(word, '=', &key, &value) && nst_word_is(key, "cgroup") &&
		    nst_cgroup_name(value, name, sizeof(name)))
			fprintf(out, "cgroup=%s", name);
		else
			nst_put(out, word);
	}
}

/* For the next table, the directories are looked at again: cgroups come and go. */
void nst_cgroups_forget(void)
{
	tdestroy(directories, free);
	directories = NULL;
	walked = false;
}
