// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "note.h"

void note(const char *format, ...)
{
	char *text = NULL, *line, *rest;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);

	rest = text;
	while ((line = strsep(&rest, "\n")))
		fprintf(stderr, "# %s\n", line);
	free(text);
}
