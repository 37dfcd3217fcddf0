// SPDX-License-Identifier: GPL-2.0-only
/*
 * How the reader ends.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"

/**
 * nst_die() - say what is wrong, and end
 * @status: the exit code, NST_EXIT_*
 * @format: as for printf(), without the program's name and the newline
 *
 * What has been printed so far still gets out.
 */
void nst_die(int status, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("netstate: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(status);
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
