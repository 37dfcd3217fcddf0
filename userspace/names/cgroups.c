// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directories of cgroups. The number of a cgroup is that of its directory in the
 * cgroup2 file system, and what a file handle there says: with CAP_DAC_READ_SEARCH
 * the kernel finds it by that; otherwise all directories are looked at, once for each
 * table. A cgroup that is removed, while its sockets live on, has none.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"
#include "names/cgroups.h"

#define KERNFS_HANDLE	0xfe	/* FILEID_KERNFS: the handle is the number */
#define DIRECTORIES_MAX	65536	/* more are not looked at */
#define DEPTH_MAX	64

/* The directory of a cgroup. */
struct directory {
	u64 id;
	char path[];	/* where it is in the hierarchy, "/" or "/system.slice" */
};

static void *directories;		/* tree of them */
static char *mount;		/* where the hierarchy is seen, or NULL */
static char *root;		/* and which part of it, "" for all */
static bool walked;

static int compare(const void *a, const void *b)
{
	const struct directory *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static const char *add(u64 id, const char *path)
{
	struct directory *directory = malloc(sizeof(*directory) + strlen(root) + strlen(path) + 2);
	struct directory **found;

	if (!directory) {
		nst_no_memory();
		return NULL;
	}
	directory->id = id;
	strcat(strcpy(directory->path, root), path);
	if (!*directory->path)
		strcpy(directory->path, "/");
	found = tsearch(directory, &directories, compare);
	if (!found)
		nst_no_memory();
	if (!found || *found != directory)
		free(directory);
	return found ? (*found)->path : NULL;
}

/* "36 35 98:0 /part /where rw - cgroup2 cgroup2 rw" */
static bool parse_mount(char *line)
{
	struct nst_word rest = { line, strcspn(line, "\n") }, part, where, word;
	int i;

	for (i = 0; i < 3; i++)
		nst_word_next(&rest);
	part = nst_word_next(&rest);
	where = nst_word_next(&rest);
	do {
		word = nst_word_next(&rest);
	} while (word.len && !nst_word_is(word, "-"));
	if (!nst_word_is(nst_word_next(&rest), "cgroup2"))
		return false;
	mount = malloc(where.len + 1);
	root = malloc(part.len + 1);
	if (!mount || !root) {
		nst_cgroups_free();
		return nst_no_memory();
	}
	nst_word_unescape(where, mount, where.len + 1);
	nst_word_unescape(part, root, part.len + 1);
	if (!strcmp(root, "/"))
		*root = '\0';
	return true;
}

/* Finds the cgroups of this host. Without this, or if they are mounted nowhere, none has a path. */
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

/* The part of a path below where the hierarchy is seen; NULL if it is elsewhere. */
static const char *below_mount(const char *path)
{
	size_t len = strlen(mount);

	if (strncmp(path, mount, len) || (path[len] && path[len] != '/'))
		return NULL;
	return path + len;
}

/* Asks the kernel for the directory. */
static const char *ask(u64 id)
{
	union {
		struct file_handle handle;
		char space[sizeof(struct file_handle) + sizeof(id)];
	} u = { .handle = { .handle_bytes = sizeof(id), .handle_type = KERNFS_HANDLE } };
	char name[40], path[PATH_MAX];
	const char *below;
	int at, fd;
	ssize_t len;

	errno = 0;
	at = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (at < 0)
		return NULL;
	memcpy(u.handle.f_handle, &id, sizeof(id));
	fd = open_by_handle_at(at, &u.handle, O_PATH | O_CLOEXEC);
	close(at);
	if (fd < 0)
		return NULL;
	sprintf(name, "/proc/self/fd/%d", fd);
	len = readlink(name, path, sizeof(path) - 1);
	close(fd);
	if (len < 0)
		return NULL;
	path[len] = '\0';
	below = below_mount(path);
	return below ? add(id, below) : NULL;
}

/* Adds the directories in one that is open, and below; @path has PATH_MAX bytes. */
static void walk(int fd, char *path, unsigned int depth, unsigned int *left)
{
	size_t len = strlen(path), more;
	const struct dirent *entry;
	DIR *dir = fdopendir(fd);
	int below;

	if (!dir) {
		close(fd);
		return;
	}
	while (*left && (entry = readdir(dir))) {
		more = strlen(entry->d_name);
		if (entry->d_type != DT_DIR || *entry->d_name == '.' ||
		    len + more + 2 > PATH_MAX)
			continue;
		--*left;
		sprintf(path + len, "/%s", entry->d_name);
		add(entry->d_ino, path);
		below = depth ? openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		if (below >= 0)
			walk(below, path, depth - 1, left);
	}
	path[len] = '\0';
	closedir(dir);
}

static const char *find(u64 id)
{
	/* Where numbers have more bits than the machine, directories show the lower ones. */
	struct directory wanted = { .id = (unsigned long)id }, **found;

	found = tfind(&wanted, &directories, compare);
	return found ? (*found)->path : NULL;
}

/* The path of a cgroup, "/" or "/system.slice", until nst_cgroups_free(); NULL: not known. */
const char *nst_cgroup_path(u64 id)
{
	unsigned int left = DIRECTORIES_MAX;
	char path[PATH_MAX] = "";
	const char *found;
	struct stat info;
	int fd;

	if (!mount)
		return NULL;
	found = find(id);
	if (!found && !walked)
		found = ask(id);
	if (found || walked)
		return found;
	/* ESTALE says that there is none, all else that this is not the way to ask. */
	if (errno == ESTALE)
		return NULL;
	walked = true;
	fd = open(mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	if (!fstat(fd, &info))
		add(info.st_ino, path);
	walk(fd, path, DEPTH_MAX, &left);
	return find(id);
}

/* Writes what people call the cgroup of a number in text; false if that is not known. */
bool nst_cgroup_name(struct nst_word id, char *name, size_t size)
{
	const char *path;
	u64 number;

	if (!nst_word_number(id, ~0ULL, &number))
		return false;
	path = nst_cgroup_path(number);
	if (path)
		nst_unit_name(path, name, size);
	return path;
}

/* Prints the words at the end of a row, with the name of the cgroup. */
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

/* There may be new ones. */
void nst_cgroups_look_again(void)
{
	walked = false;
}

void nst_cgroups_free(void)
{
	tdestroy(directories, free);
	directories = NULL;
	free(mount);
	free(root);
	mount = NULL;
	root = NULL;
}
