// SPDX-License-Identifier: GPL-2.0-only
/*
 * UNIX sockets, as netstat -x shows them: their names up to white space.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "forms.h"
#include "netstat/face.h"
#include "util.h"

#define ACCEPTS		(1UL << 16)	/* bits of the column Flags */
#define WAITS_FOR_DATA	(1UL << 17)
#define HAS_NO_SPACE	(1UL << 18)

#define UNCONNECTED	1		/* in the column St */

static const char *const types[] = { NULL, "STREAM", "DGRAM", "RAW", "RDM", "SEQPACKET" };
static const char *const states[] = { "FREE", "", "CONNECTING", "CONNECTED", "DISCONNECTING" };

static const char *name(const char *const *names, size_t count, unsigned int number)
{
	return number < count && names[number] ? names[number] : "UNKNOWN";
}

static void print_row(const struct nst_options *options, const char *line)
{
	unsigned long count, protocol, flags, inode;
	char path[PATH_MAX] = "", shown[16];
	unsigned int type, state;
	bool listens;

	if (sscanf(line, "%*x: %lx %lx %lx %x %x %lu %4095s", &count, &protocol, &flags, &type,
		   &state, &inode, path) < 6) {
		fputs("warning, got bogus unix line.\n", stderr);
		return;
	}
	listens = state == UNCONNECTED && flags & ACCEPTS;
	if (!(options->flags & NST_OPT_ALL) && listens != !!(options->flags & NST_OPT_LISTENING))
		return;
	sprintf(shown, "[ %s%s%s]", flags & ACCEPTS ? "ACC " : "",
		flags & WAITS_FOR_DATA ? "W " : "", flags & HAS_NO_SPACE ? "N " : "");
	printf("%-5s %-6lu %-11s %-10s %-13s %-8lu", protocol ? "??" : "unix", count, shown,
	       name(types, ARRAY_SIZE(types), type),
	       listens ? "LISTENING" : name(states, ARRAY_SIZE(states), state), inode);
	if (options->show & NST_SHOW_PROGRAM)
		printf(" %-20s", nst_holders_name(inode));
	putchar(' ');
	nst_put(stdout, nst_word_of(path));
	putchar('\n');
}

/**
 * nst_unix_print() - print UNIX sockets
 * @options: what is shown
 *
 * Return: netstat's status.
 */
int nst_unix_print(const struct nst_options *options)
{
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	if (options->show & NST_SHOW_PROGRAM &&
	    !nst_holders_find(!(options->parts & NST_PART_SOCKETS))) {
		nst_holders_forget();
		return 1;
	}
	printf("Active UNIX domain sockets (%s)\n"
	       "Proto RefCnt Flags       Type       State         I-Node  %s Path\n",
	       nst_print_which(options->flags),
	       options->show & NST_SHOW_PROGRAM ? " PID/Program name    " : "");
	file = fopen("/proc/net/unix", "re");
	if (!file) {
		fputs("netstat: no support for `AF UNIX' on this system.\n", stderr);
		return 1;
	}
	if (getline(&line, &size, file) > 0)
		while (getline(&line, &size, file) > 0)
			print_row(options, line);
	free(line);
	fclose(file);
	nst_holders_forget();
	return 0;
}
