// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers in the kernel's own files. What is not there, or not as it should be, is recorded by
 * nst_fail().
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "diagnose/proc.h"
#include "fail.h"

static FILE *open_file(const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file)
		nst_fail(NST_EXIT_IO, "%s: %s", path, strerror(errno));
	return file;
}

static bool no_number(const char *path, const char *key)
{
	return nst_fail(NST_EXIT_IO, "%s: there is no number%s%s", path, *key ? " of " : "", key);
}

bool nst_proc_is_there(const char *path)
{
	FILE *file = fopen(path, "re");

	return file && !fclose(file);
}

/* Reads the first numbers of a file. */
bool nst_proc_numbers(const char *path, u64 *number, size_t count)
{
	FILE *file = open_file(path);
	unsigned long long read;
	size_t i = 0;

	if (!file)
		return false;
	for (; i < count && fscanf(file, "%llu", &read) == 1; i++)
		number[i] = read;
	fclose(file);
	return i == count || no_number(path, "");
}

/* Reads the first line of a file, which may be empty. */
bool nst_proc_text(const char *path, char *text, size_t size)
{
	FILE *file = open_file(path);

	if (!file)
		return false;
	if (!fgets(text, size, file))
		*text = '\0';
	text[strcspn(text, "\n")] = '\0';
	fclose(file);
	return true;
}

/* Reads a number of the line "TCP: inuse 5 orphan 0 ...". */
bool nst_proc_socket_count(const char *key, u64 *number)
{
	static const char path[] = "/proc/net/sockstat";
	char line[256], *rest, *word;
	FILE *file = open_file(path);
	bool found = false;

	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		rest = line;
		word = strsep(&rest, " \n");
		if (strcmp(word, "TCP:"))
			continue;
		while (!found && (word = strsep(&rest, " \n")))
			found = !strcmp(word, key) && rest;
	}
	if (found)
		*number = strtoull(rest, NULL, 10);
	fclose(file);
	return found || no_number(path, key);
}

/* Reads a counter of TcpExt: a line has the names of all, the next one their numbers. */
bool nst_proc_counter(const char *key, u64 *number)
{
	static const char path[] = "/proc/net/netstat", title[] = "TcpExt:";
	char *keys = NULL, *numbers = NULL, *name, *value, *names, *values;
	size_t keys_size = 0, numbers_size = 0;
	FILE *file = open_file(path);
	bool found = false;

	if (!file)
		return false;
	while (!found && getline(&keys, &keys_size, file) > 0 &&
	       getline(&numbers, &numbers_size, file) > 0) {
		if (strncmp(keys, title, strlen(title)))
			continue;
		names = keys;
		values = numbers;
		while (!found && (name = strsep(&names, " \n")) && (value = strsep(&values, " \n")))
			found = !strcmp(name, key);
		if (found)
			*number = strtoull(value, NULL, 10);
	}
	free(keys);
	free(numbers);
	fclose(file);
	return found || no_number(path, key);
}
