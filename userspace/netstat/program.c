// SPDX-License-Identifier: GPL-2.0-only
/*
 * What netstat calls a program: by the first word that it was started with.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "netstat/program.h"

#define SLOTS 1024

static struct {
	u32 pid;
	char text[NST_PROGRAM_SIZE];
} cache[SLOTS];

/* Reads the words that a process was started with; false if it is gone. */
static bool read_words(u32 pid, char *words, size_t size)
{
	char path[32];
	ssize_t len;
	int fd;

	sprintf(path, "/proc/%u/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, words, size - 1);
	close(fd);
	if (len < 0)
		return false;
	words[len] = '\0';
	return true;
}

/**
 * nst_program_name() - what netstat shows of a process
 * @process: the process; if it is gone, its comm serves
 * @saved: it is none of this host
 *
 * Return: pid and name, at most 19 characters; lives until the next call.
 */
const char *nst_program_name(const struct nst_process *process, bool saved)
{
	const char *name = process->comm;
	char words[512], whole[32], *text = cache[process->pid % SLOTS].text, *p;

	if (cache[process->pid % SLOTS].pid == process->pid)
		return text;
	cache[process->pid % SLOTS].pid = process->pid;
	if (!saved && read_words(process->pid, words, sizeof(words)))
		name = *words == '/' ? strrchr(words, '/') + 1 : words;
	sprintf(whole, "%u/%.18s", process->pid, name);
	for (p = whole; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '.';
	memcpy(text, whole, NST_PROGRAM_SIZE - 1);
	return text;
}

/**
 * nst_program_comm() - read what the kernel calls a process
 * @pid: the process
 * @comm: where to, NST_COMM_SIZE bytes that are 0; they stay so if it is gone
 *
 * That goes up to the last newline: names may have others.
 */
void nst_program_comm(u32 pid, char *comm)
{
	char path[32];
	FILE *file;
	size_t len;

	sprintf(path, "/proc/%u/comm", pid);
	file = fopen(path, "re");
	if (!file)
		return;
	len = fread(comm, 1, NST_COMM_SIZE, file);
	fclose(file);
	comm[len ? len - 1 : 0] = '\0';
}

/* Numbers of processes may be other processes' now. */
void nst_program_forget(void)
{
	memset(cache, 0, sizeof(cache));
}
