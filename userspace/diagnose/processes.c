// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that run out of files, or keep sockets for nothing; and those that are not seen.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "diagnose/ask.h"
#include "diagnose/finding.h"
#include "diagnose/looks.h"
#include "diagnose/thresholds.h"
#include "fail.h"

/* Reads the process of a group; false if it is none. */
static bool read_process(struct nst_word group, struct nst_process *process)
{
	return nst_row_next_owner(&group, process);
}

bool nst_unhashed_look(void)
{
	struct nst_word column[NST_GROUP_COLUMNS];
	struct nst_finding *finding;
	struct nst_process process;
	u64 count;

	if (!nst_ask("state=close,bound group=process top=100"))
		return false;
	while (nst_ask_group(column)) {
		count = nst_ask_column(column, "total");
		if (count < NST_SOCKETS_UNUSED_MAX || nst_ask_is_rest(column) ||
		    !read_process(column[0], &process))
			continue;
		finding = nst_found(NST_SOCKETS_UNUSED);
		if (!finding)
			continue;
		finding->process = process;
		finding->processes = 1;
		finding->count = count;
		nst_found_what(finding, "%s has %llu sockets that neither listen nor are connected",
			       nst_found_who(finding), (unsigned long long)count);
		nst_found_command(finding, "netstate -anp state=close,bound pid=%u", process.pid);
	}
	return !nst_trouble();
}

/* Finds a line of a file of /proc/PID, and reads the number behind its first word or words. */
static bool read_line(u32 pid, const char *file, const char *key, u64 *number)
{
	char path[64], line[256];
	bool found = false;
	FILE *lines;

	snprintf(path, sizeof(path), "/proc/%u/%s", pid, file);
	lines = fopen(path, "re");
	while (lines && !found && fgets(line, sizeof(line), lines))
		found = !strncmp(line, key, strlen(key));
	if (lines)
		fclose(lines);
	/* Without a limit there is a word. */
	return found && nst_word_number(nst_word_next(&(struct nst_word){
						line + strlen(key), strcspn(line + strlen(key), "\n\t") }),
					~0ULL, number);
}

static u64 count_entries(int fd)
{
	DIR *files = fdopendir(dup(fd));
	struct dirent *entry;
	u64 count = 0;

	while (files && (entry = readdir(files)))
		count += *entry->d_name != '.';
	if (files)
		closedir(files);
	return count;
}

/* Counts the open files of a process. Kernels since 6.2 say how many there are. */
static bool count_files(u32 pid, u64 *count)
{
	struct statfs system;
	struct stat status;
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%u/fd", pid);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (!fstatfs(fd, &system) && system.f_type == PROC_SUPER_MAGIC && !fstat(fd, &status) &&
	    status.st_size)
		*count = status.st_size;
	else
		*count = count_entries(fd);
	close(fd);
	return true;
}

/* Judges one process; false if its files may not be counted. */
static bool judge(const struct nst_process *process)
{
	struct nst_finding *finding;
	u64 limit, table, count;

	/* The table of files has room for all that are open; mostly that is enough to know. */
	if (!read_line(process->pid, "limits", "Max open files ", &limit) ||
	    !read_line(process->pid, "status", "FDSize:\t", &table) ||
	    !nst_is_near(table, limit, NST_NEAR))
		return true;
	if (!count_files(process->pid, &count))
		return errno != EACCES && errno != EPERM;
	finding = nst_is_near(count, limit, NST_NEAR) ? nst_found(NST_FILES_USED_UP) : NULL;
	if (!finding)
		return true;
	finding->process = *process;
	finding->processes = 1;
	finding->count = count;
	finding->limit = limit;
	nst_found_what(finding, "%s has %llu files open; it may have %llu", nst_found_who(finding),
		       (unsigned long long)count, (unsigned long long)limit);
	nst_found_command(finding, "netstate -n group=state pid=%u", process->pid);
	return true;
}

bool nst_files_look(void)
{
	struct nst_word column[NST_GROUP_COLUMNS];
	struct nst_process process;
	u64 hidden = 0;

	if (!nst_ask("proto=tcp,udp,raw,udpl group=process"))
		return false;
	while (nst_ask_group(column))
		if (!nst_ask_is_rest(column) && read_process(column[0], &process))
			hidden += !judge(&process);
	if (hidden)
		nst_fail(NST_EXIT_IO, "the files of %llu processes may not be counted",
			 (unsigned long long)hidden);
	return !nst_trouble();
}

/* Counts the sockets that should have an owner, of those that pass a word about it. */
static bool count_sockets(const char *owner, u64 *count)
{
	struct nst_word column[NST_GROUP_COLUMNS];

	*count = 0;
	if (!nst_ask("owner=%s state=established,syn_sent,close_wait,listen,dgram group=state", owner))
		return false;
	while (nst_ask_group(column))
		*count += nst_ask_column(column, "total");
	return !nst_trouble();
}

/*
 * Hidden owners are nothing wrong, but what they do is not judged. The looks before this one have
 * asked for owners.
 */
bool nst_owners_look(void)
{
	u64 none, queued;

	if (!nst_ask_hid_owners())
		return true;
	if (!count_sockets("none", &none) || !count_sockets("queued", &queued))
		return false;
	return none <= queued ||
	       nst_fail(NST_EXIT_IO, "%llu sockets are of processes that you may not see; the host's root may, and the group netstate",
			(unsigned long long)(none - queued));
}
