// SPDX-License-Identifier: GPL-2.0-only
/*
 * What went wrong.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"

static bool is_plugin;
static int code;
static char *text;	/* allocated */

/* From now on an error is told as a monitoring plugin does: on standard output, as UNKNOWN. */
void nst_fail_as_plugin(void)
{
	is_plugin = true;
	dup2(STDOUT_FILENO, STDERR_FILENO);
}

/* Records an exit code and what to say; the first error stays. Returns false, for its caller. */
bool nst_fail(int status, const char *format, ...)
{
	va_list args;

	if (code)
		return false;
	code = status;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	return false;
}

bool nst_no_memory(void)
{
	return nst_fail(NST_EXIT_IO, "out of memory");
}

/* The error that is recorded, in words; NULL if there is none. */
const char *nst_trouble(void)
{
	return !code ? NULL : text ? text : "out of memory";
}

void nst_trouble_forget(void)
{
	free(text);
	text = NULL;
	code = 0;
}

/*
 * Says something on standard error, once what was printed is out; the program goes on. A
 * plugin says nothing but its error. What a table holds may be part of the message, so
 * what is no printable ASCII becomes "?".
 */
void nst_warn(const char *format, ...)
{
	char *message, *p;
	va_list args;

	if (is_plugin && !code)
		return;
	va_start(args, format);
	if (vasprintf(&message, format, args) < 0)
		message = NULL;
	va_end(args);
	for (p = message; p && *p; p++)
		if (*p != '\n' && (*p < ' ' || *p > '~'))
			*p = '?';
	fflush(stdout);
	fprintf(stderr, "%s%s\n", is_plugin ? "UNKNOWN - " : "netstate: ",
		message ? message : "out of memory");
	free(message);
}

/* To be asked soon after printing, while errno is that of the failed write. */
bool nst_check_output(void)
{
	return !ferror(stdout) || nst_fail(NST_EXIT_IO, "standard output: %s", strerror(errno));
}

bool nst_flush(void)
{
	return !fflush(stdout) || nst_fail(NST_EXIT_IO, "standard output: %s", strerror(errno));
}

/* The end of main(): tells the error if there is one, and returns the exit code. */
int nst_tell(int status)
{
	if (nst_flush() && !nst_trouble())
		return status;
	nst_warn("%s", nst_trouble());
	return is_plugin ? NST_PLUGIN_UNKNOWN : code;
}
