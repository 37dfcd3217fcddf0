// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a table to what is printed. Rows are printed as they are read, so that memory does
 * not depend on how many there are. What can't be printed yet waits in a file: all rows, if
 * line 1 must count them and the kernel has not, and raw sockets, which netstat shows last.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "beside/count.h"
#include "fail.h"
#include "forms.h"
#include "names/names.h"
#include "netstat/face.h"
#include "netstat/program.h"
#include "select.h"

/* A broken pipe is no error: the reader has seen enough. */
static void leave(int signal)
{
	(void)signal;
	_exit(EXIT_SUCCESS);
}

void nst_view_init(void)
{
	signal(SIGPIPE, leave);
}

/* Opens the table, and has it show what is wanted. */
bool nst_view_open(struct nst_source *source, struct nst_select *select,
		   struct nst_options *options)
{
	if (!nst_source_open(source, options->flags & NST_OPT_REQUIRE) ||
	    !nst_select_set(select, options, source))
		return false;
	if (!source->filters)	/* a saved table: cgroups and processes are another host's */
		return true;
	nst_cgroups_open();
	return !nst_trouble();
}

/* Waits until the next table is due, forgets all names, and goes back to the start. */
bool nst_view_again(struct nst_source *source, double seconds)
{
	struct timespec rest = { .tv_sec = seconds };

	rest.tv_nsec = (seconds - rest.tv_sec) * 1e9;
	while (nanosleep(&rest, &rest) && errno == EINTR)
		continue;
	nst_names_forget();
	nst_program_forget();
	nst_cgroups_forget();
	return !source || nst_source_rewind(source);
}

/* Text that is kept for later, in a file without a name; NULL if there can be none. */
FILE *nst_spool_open(void)
{
	const char *const directories[] = { secure_getenv("TMPDIR"), "/var/tmp", "/tmp" };
	FILE *spool;
	size_t i;
	int fd = -1;

	for (i = 0; i < ARRAY_SIZE(directories) && fd < 0; i++)
		if (directories[i])
			fd = open(directories[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)	/* in memory only where no directory takes one */
		fd = memfd_create("netstate", MFD_CLOEXEC);
	spool = fd < 0 ? NULL : fdopen(fd, "w+");
	if (!spool)
		nst_fail(NST_EXIT_IO, "temporary file: %m");
	return spool;
}

/* Prints what was kept; NULL is nothing. */
static bool print_spool(FILE *spool)
{
	char buffer[64 * 1024];
	size_t len;

	if (!spool)
		return true;
	if (fflush(spool))
		return nst_fail(NST_EXIT_IO, "temporary file: %m");
	rewind(spool);
	do {
		len = fread(buffer, 1, sizeof(buffer), spool);
		fwrite(buffer, 1, len, stdout);
	} while (nst_check_output() && len);
	if (ferror(spool))
		nst_fail(NST_EXIT_IO, "temporary file: %m");
	fclose(spool);
	return !nst_trouble();
}

static bool print_rows(struct nst_reading *reading, const struct nst_options *options)
{
	bool head_first = options->flags & NST_OPT_AS_NETSTAT || reading->select->exact;
	FILE *rows = head_first ? stdout : nst_spool_open(), *raws = NULL, *out = rows;
	struct nst_row row;

	if (head_first)
		nst_print_head(options, reading->counts);
	while (out && nst_reading_row(reading, &row)) {
		out = rows;
		if (BIT(row.table) & NST_TABLES_RAW)
			out = raws = raws ? raws : nst_spool_open();
		if (!out)
			break;
		nst_print_row(out, options, &row);
		if (putc_unlocked('\n', out) == EOF || ferror_unlocked(out)) {
			nst_check_output();
			break;
		}
	}
	if (nst_trouble())
		return false;
	if (!head_first) {
		nst_reading_count(reading);
		nst_print_head(options, reading->counts);
	}
	return (head_first || print_spool(rows)) && print_spool(raws);
}

/* Prints the line of a group, with the name of its cgroup. */
static void print_group(const struct nst_reading *reading, const struct nst_options *options,
			struct nst_word line, const struct nst_word *column)
{
	const char *end = line.start + line.len, *rest;
	char name[NST_UNIT_MAX];
	unsigned int i = 0;

	while (i < reading->groups.keys && strcmp(reading->groups.name[i], "cgroup"))
		i++;
	rest = column[i].start + NST_GROUP_WIDTH;
	if (i < reading->groups.keys && !nst_options_numeric(options) && rest <= end &&
	    nst_cgroup_name(column[i], name, sizeof(name))) {
		nst_put(stdout, (struct nst_word){ line.start, column[i].start - line.start });
		nst_put_padded(stdout, nst_word_of(name), NST_GROUP_WIDTH);
		line = (struct nst_word){ rest, end - rest };
	}
	nst_put(stdout, line);
	putchar('\n');
}

static bool print_groups(struct nst_reading *reading, const struct nst_options *options)
{
	struct nst_word line, column[NST_GROUP_COLUMNS];

	if (!(options->flags & NST_OPT_NO_HEADER)) {
		/* A saved table of groups shows all sockets, whatever the options say. */
		nst_print_title(reading->select->grouped ? options->flags : NST_OPT_ALL,
				reading->counts);
		puts(reading->groups.line);
	}
	while (nst_check_output() && nst_reading_group(reading, &line, column))
		print_group(reading, options, line, column);
	return !nst_trouble();
}

/* Begins to read a table that was opened for @select; says once that owners are hidden. */
bool nst_view_begin(struct nst_reading *reading, struct nst_source *source,
		    const struct nst_select *select, const struct nst_options *options)
{
	static unsigned int said;

	if (!nst_reading_begin(reading, source, select))
		return false;
	if (reading->hidden && !said++)
		fputs(NST_HOLDERS_HIDDEN, stderr);
	return !reading->grouped || select->grouped ||
	       (select->everything && !(options->flags & NST_OPT_LISTENING)) ||
	       nst_fail(NST_EXIT_IO, "%s: a table of groups, of which nothing can be chosen",
			source->path);
}

/* Reads a table from its start, and prints it as text, or its counts. */
bool nst_view_table(struct nst_source *source, const struct nst_select *select,
		    const struct nst_options *options)
{
	static struct nst_reading reading;

	if (!nst_view_begin(&reading, source, select, options))
		return false;
	if (options->flags & NST_OPT_COUNTS) {
		if (!nst_count_rows(&reading))
			return false;
		nst_put(stdout, nst_word_of(reading.counts));
		putchar('\n');
		return true;
	}
	return reading.grouped ? print_groups(&reading, options) : print_rows(&reading, options);
}
