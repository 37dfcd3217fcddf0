// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where tables come from.
 *
 * The buffer is large enough that the kernel fills few of them, and small enough
 * for any machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "fail.h"
#include "source.h"

static const char table_path[] = "/proc/netstate";
static const char metrics_path[] = "/proc/netstate_metrics";

/* Ends the program, unless somebody means to try again; then it returns false. */
static bool __attribute__((format(printf, 3, 4)))
give_up(struct nst_source *source, int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(source->trouble, sizeof(source->trouble), format, args);
	va_end(args);
	if (!source->patient)
		nst_die(status, "%s", source->trouble);
	return false;
}

static bool failed(struct nst_source *source)
{
	bool ours = source->path == table_path || source->path == metrics_path;

	/* What read() and lseek() say of a file whose module was unloaded: EIO, EINVAL. */
	if (ours && (errno == ENOENT || errno == EIO || errno == EINVAL))
		return give_up(source, NST_EXIT_NO_MODULE,
			       "the kernel module is not loaded; to load it: modprobe netstate");
	return give_up(source, NST_EXIT_IO, "%s: %s%s", source->path, strerror(errno),
		       ours && errno == ENOMEM ? "; a filter that shows fewer sockets needs less" :
						 "");
}

static bool open_path(struct nst_source *source, const char *path, int flags)
{
	source->path = path;
	*source->trouble = '\0';
	source->line = 0;
	source->start = 0;
	source->end = 0;
	source->fd = open(path, flags | O_CLOEXEC);
	return source->fd >= 0;
}

/**
 * nst_source_open() - open the table of this host, or the file NETSTATE_FILE
 * @source: filled in
 *
 * The table of a /proc that is mounted read-only takes no filter.
 *
 * Return: false if it fails, and the source is patient.
 */
bool nst_source_open(struct nst_source *source)
{
	const char *saved = getenv("NETSTATE_FILE");

	if (saved && *saved)
		return open_path(source, saved, O_RDONLY) || failed(source);
	source->filters = open_path(source, table_path, O_RDWR);
	if (source->filters)
		return true;
	if (errno != EACCES && errno != EROFS)
		return failed(source);
	return open_path(source, table_path, O_RDONLY) || failed(source);
}

/**
 * nst_source_open_metrics() - open the counters of this host
 * @source: filled in
 */
void nst_source_open_metrics(struct nst_source *source)
{
	if (!open_path(source, metrics_path, O_RDONLY))
		failed(source);
}

/**
 * nst_source_filter() - set what the table shows when it is read from its start
 * @source: one that filters
 * @filter: words that nst_filter_parse() has accepted
 *
 * Return: false if it fails, and the source is patient.
 */
bool nst_source_filter(struct nst_source *source, const char *filter)
{
	if (write(source->fd, filter, strlen(filter)) >= 0)
		return true;
	if (errno == EINVAL)
		return give_up(source, NST_EXIT_USAGE,
			       "the loaded module does not know this filter; is it older?");
	return failed(source);
}

/**
 * nst_source_rewind() - go back to the start, where a new table begins
 * @source: the table
 *
 * Return: false if it fails, and the source is patient.
 */
bool nst_source_rewind(struct nst_source *source)
{
	source->line = 0;
	source->start = 0;
	source->end = 0;
	*source->trouble = '\0';
	return lseek(source->fd, 0, SEEK_SET) >= 0 || failed(source);
}

/* Reads more behind what there is; false at the end of the file, or of patience. */
static bool fill(struct nst_source *source)
{
	ssize_t len;

	source->end -= source->start;
	memmove(source->buffer, source->buffer + source->start, source->end);
	source->start = 0;
	if (source->end == sizeof(source->buffer))
		return give_up(source, NST_EXIT_IO, "%s:%lu: too long", source->path,
			       source->line + 1);
	do {
		len = read(source->fd, source->buffer + source->end,
			   sizeof(source->buffer) - source->end);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return failed(source);
	source->end += len;
	return len;
}

/**
 * nst_source_line() - read a line
 * @source: the table
 * @line: the line, without its newline; lives until the next one is read
 *
 * Return: false at the end; also if reading fails, and the source is patient: then
 * it has its trouble.
 */
bool nst_source_line(struct nst_source *source, struct nst_word *line)
{
	const char *newline = NULL;
	size_t searched = 0;
	bool more = true;

	while (more && !newline) {
		line->start = source->buffer + source->start;
		line->len = source->end - source->start;
		newline = memchr(line->start + searched, '\n', line->len - searched);
		searched = line->len;
		if (!newline)
			more = fill(source);
	}
	/* The last line of a file may lack its newline. */
	line->start = source->buffer + source->start;
	if (newline)
		line->len = newline - line->start;
	source->start += line->len + !!newline;
	source->line++;
	return newline || (line->len && !*source->trouble);
}
