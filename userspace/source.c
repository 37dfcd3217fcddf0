// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where tables come from. What fails is recorded by nst_fail(). A large buffer means few
 * reads; this one is still small for any machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "beside/run.h"
#include "fail.h"
#include "reading.h"

static const char table_path[] = "/proc/netstate";
static const char own_path[] = "/proc/self/net/netstate";	/* the same here */
static const char metrics_path[] = "/proc/netstate_metrics";
static const char own_metrics_path[] = "/proc/self/net/netstate_metrics";

#define NOT_INSTALLED 127	/* exit status in place of netstate-proc's, as of a shell */

static bool failed(const struct nst_source *source)
{
	bool ours = source->path == table_path || source->path == own_path ||
		    source->path == metrics_path || source->path == own_metrics_path;

	/* What read() and lseek() say of a file whose module was unloaded. */
	if (ours && (errno == EIO || errno == EINVAL))
		return nst_fail(NST_EXIT_NO_MODULE,
				"the kernel module was unloaded; to load it: modprobe netstate");
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

/* Closes a table that was opened, even if only in vain. */
void nst_source_close(struct nst_source *source)
{
	close(source->fd);
	if (source->child > 0)
		waitpid(source->child, NULL, 0);
	source->fd = -1;
	source->child = 0;
}

/* The child: becomes netstate-proc, which ends when nobody reads on, or is told to. */
static void answer(char **argv, int out)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(out, STDERR_FILENO);
	dup2(out, STDOUT_FILENO);
	nst_run(argv[0], argv);
	_exit(NOT_INSTALLED);
}

/* Has netstate-proc answer: what it prints, errors as well, takes the place of the table. */
static bool ask(struct nst_source *source, const char *question)
{
	char *argv[] = { "netstate-proc", (char *)question, NULL };
	int ends[2];

	nst_source_close(source);
	start(source);
	signal(SIGCHLD, SIG_DFL);	/* else it could not be waited for */
	if (pipe2(ends, O_CLOEXEC))
		return nst_fail(NST_EXIT_IO, "%s: %s", argv[0], strerror(errno));
	source->child = fork();
	if (!source->child)
		answer(argv, ends[1]);
	close(ends[1]);
	source->fd = ends[0];
	return source->child > 0 || nst_fail(NST_EXIT_IO, "%s: %s", argv[0], strerror(errno));
}

/* Without the module's file: says why it is not there, and has netstate-proc read others. */
static bool open_without(struct nst_source *source, bool required)
{
	struct nst_word why = {};

	source->path = "/proc/net";
	if (!ask(source, "--why") || (!nst_source_line(source, &why) && nst_trouble()))
		return false;
	if (required)
		return nst_fail(NST_EXIT_NO_MODULE, "%.*s", (int)why.len, why.start);
	nst_warn("%.*s. What follows is from /proc/net: slower, and less is known", (int)why.len,
		 why.start);
	return source->without = source->filters = true;
}

/* Whether the module's file is not there for us; else it is there, and another error is told. */
static bool is_absent(const struct nst_source *source)
{
	return !source->saved && (errno == ENOENT || errno == EACCES || errno == EPERM);
}

/*
 * Opens the table. That of a /proc that is mounted read-only takes no filter. Container
 * runtimes' AppArmor profile denies writing to files in /proc, but not in /proc/PID/net; with
 * subset=pid only that is there. A mode that forbids reading is not gone round by that.
 */
bool nst_source_open(struct nst_source *source, bool required)
{
	const char *saved = nst_source_saved();

	if (source->without)
		return true;
	source->saved = saved;
	source->filters = !saved && (open_path(source, table_path, O_RDWR) ||
				     ((open_path(source, table_path, O_RDONLY) ?
				       !close(source->fd) : errno == ENOENT) &&
				      open_path(source, own_path, O_RDWR)));
	return source->filters || open_path(source, saved ? saved : table_path, O_RDONLY) ||
	       (is_absent(source) ? open_without(source, required) : failed(source));
}

bool nst_source_open_metrics(struct nst_source *source)
{
	return open_path(source, metrics_path, O_RDONLY) ||
	       (errno == ENOENT && open_path(source, own_metrics_path, O_RDONLY)) ||
	       (errno == ENOENT ? open_without(source, true) : failed(source));
}

/* Sets what the table shows when it is next read from its start: a valid filter. */
bool nst_source_filter(struct nst_source *source, const char *filter)
{
	if (source->without) {
		free(source->question);
		source->question = strdup(filter);
		return source->question ? ask(source, source->question) : nst_no_memory();
	}
	if (write(source->fd, filter, strlen(filter)) >= 0)
		return true;
	if (errno == EINVAL)
		return nst_fail(NST_EXIT_USAGE,
				"the loaded module does not know this filter; is it older?");
	if (errno == EPERM)
		return nst_fail(NST_EXIT_USAGE,
				"not permitted: mark= (CAP_NET_ADMIN), or details of another namespace");
	return failed(source);
}

/* Goes back to the start, where a new table begins. */
bool nst_source_rewind(struct nst_source *source)
{
	if (source->without)	/* an answer of which nothing was read is as good as new */
		return (source->child > 0 && !source->line && !source->end) ||
		       ask(source, source->question);
	start(source);
	return lseek(source->fd, 0, SEEK_SET) >= 0 || failed(source);
}

/* Whether netstate-proc has said all: what it printed may be a part of a table else. */
static bool has_answered(struct nst_source *source)
{
	int status;
	pid_t child;

	do
		child = waitpid(source->child, &status, 0);
	while (child < 0 && errno == EINTR);
	source->child = 0;
	if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == NOT_INSTALLED)
		return nst_fail(NST_EXIT_NO_MODULE, "the kernel module is not there, nor "
				"netstate-proc, which would do without it");
	return (child > 0 && !status) ||
	       nst_fail(NST_EXIT_IO, "netstate-proc: %s %#x",
			child < 0 ? strerror(errno) : "exit status", child < 0 ? 0 : status);
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
	if (!len && source->child > 0 && !has_answered(source))
		return false;
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
