// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the reader ends.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"

static bool is_plugin;
static void (*clear_way)(void);

/**
 * nst_fail_as_plugin() - from now on end as plugins of monitoring systems do
 *
 * They say all on standard output, and have an exit code of their own for what
 * kept them from their work.
 */
void nst_fail_as_plugin(void)
{
	is_plugin = true;
	dup2(STDOUT_FILENO, STDERR_FILENO);
}

/**
 * nst_fail_after() - before anything is said of what is wrong, do something
 * @action: what; NULL: nothing any more
 */
void nst_fail_after(void (*action)(void))
{
	clear_way = action;
}

/**
 * nst_complain() - begin to say on standard error what is wrong
 *
 * What has been printed so far still gets out.
 */
void nst_complain(void)
{
	if (clear_way)
		clear_way();
	fflush(stdout);
	fputs(is_plugin ? "UNKNOWN - " : "netstate: ", stderr);
}

/**
 * nst_leave() - end after that
 * @status: the exit code, NST_EXIT_*
 */
void nst_leave(int status)
{
	exit(is_plugin ? NST_PLUGIN_UNKNOWN : status);
}

/**
 * nst_die() - say what is wrong, and end
 * @status: the exit code, NST_EXIT_*
 * @format: as for printf(), without the program's name and the newline
 */
void nst_die(int status, const char *format, ...)
{
	va_list args;

	nst_complain();
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	nst_leave(status);
}

/**
 * nst_check_output() - end if standard output takes no more
 *
 * To be called soon after printing, while errno is that of the failed write. A
 * pipe that nobody reads is not met here: SIGPIPE ends the reader.
 */
void nst_check_output(void)
{
	if (ferror(stdout))
		nst_die(NST_EXIT_IO, "standard output: %s", strerror(errno));
}

/**
 * nst_flush() - let all that was printed out, end if that fails
 */
void nst_flush(void)
{
	if (fflush(stdout))
		nst_die(NST_EXIT_IO, "standard output: %s", strerror(errno));
}
