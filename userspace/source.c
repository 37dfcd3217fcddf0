// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where tables come from. What fails is recorded by nst_fail(). A large buffer means few
 * reads; this one is still small for any machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fail.h"
#include "reading.h"

static const char table_path[] = "/proc/netstate";
static const char metrics_path[] = "/proc/netstate_metrics";

static bool failed(const struct nst_source *source)
{
	bool ours = source->path == table_path || source->path == metrics_path;

	/* What read() and lseek() say of a file whose module was unloaded: EIO, EINVAL. */
	if (ours && (errno == ENOENT || errno == EIO || errno == EINVAL))
		return nst_fail(NST_EXIT_NO_MODULE,
				"the kernel module is not loaded; to load it: modprobe netstate");
	return nst_fail(NST_EXIT_IO, "%s: %s%s", source->path, strerror(errno),
			ours && errno == ENOMEM ?
			"; a filter that shows fewer sockets needs less" : "");
}

static void start(struct nst_source *source)
{
	source->line = 0;
	source->start = 0;
	source->end = 0;
}

static bool open_path(struct nst_source *source, const char *path, int flags)
{
	start(source);
	source->path = path;
	source->fd = open(path, flags | O_CLOEXEC);
	return source->fd >= 0;
}

/* The name of the file that is to be read in place of this host's table; NULL if none is. */
const char *nst_source_saved(void)
{
	const char *path = getenv("NETSTATE_FILE");

	return path && *path ? path : NULL;
}

/* Opens the table. That of a /proc that is mounted read-only takes no filter. */
bool nst_source_open(struct nst_source *source)
{
	const char *saved = nst_source_saved();

	source->saved = saved;
	source->filters = !saved && open_path(source, table_path, O_RDWR);
	if (source->filters)
		return true;
	if (!saved && errno != EACCES && errno != EROFS)
		return failed(source);
	return open_path(source, saved ? saved : table_path, O_RDONLY) || failed(source);
}

bool nst_source_open_metrics(struct nst_source *source)
{
	return open_path(source, metrics_path, O_RDONLY) || failed(source);
}

/* Sets what the table shows when it is next read from its start: a valid filter. */
bool nst_source_filter(struct nst_source *source, const char *filter)
{
	if (write(source->fd, filter, strlen(filter)) >= 0)
		return true;
	if (errno == EINVAL)
		return nst_fail(NST_EXIT_USAGE,
				"the loaded module does not know this filter; is it older?");
	return failed(source);
}

/* Goes back to the start, where a new table begins. */
bool nst_source_rewind(struct nst_source *source)
{
	start(source);
	return lseek(source->fd, 0, SEEK_SET) >= 0 || failed(source);
}

/* Reads more, behind what is in the buffer; false at the end of the file, or if that fails. */
static bool fill(struct nst_source *source)
{
	ssize_t len;

	source->end -= source->start;
	memmove(source->buffer, source->buffer + source->start, source->end);
	source->start = 0;
	if (source->end == sizeof(source->buffer))
		return nst_fail(NST_EXIT_IO, "%s:%lu: too long", source->path, source->line + 1);
	do {
		len = read(source->fd, source->buffer + source->end,
			   sizeof(source->buffer) - source->end);
	} while (len < 0 && errno == EINTR);
	if (len < 0)
		return failed(source);
	source->end += len;
	return len;
}

/* Reads a line, without its newline; it lives until the next one. False at the end. */
bool nst_source_line(struct nst_source *source, struct nst_word *line)
{
	const char *newline;
	size_t searched = 0;

	do {
		line->start = source->buffer + source->start;
		line->len = source->end - source->start;
		newline = memchr(line->start + searched, '\n', line->len - searched);
		searched = line->len;
	} while (!newline && fill(source));
	/* fill() moves what there is. The last line of a file may lack its newline. */
	line->start = source->buffer + source->start;
	if (newline)
		line->len = newline - line->start;
	source->start += line->len + !!newline;
	source->line++;
	if (!newline && (!line->len || nst_trouble()))
		return false;
	if (source->saved && line->len && line->start[line->len - 1] == '\r')
		line->len--;
	return true;
}
