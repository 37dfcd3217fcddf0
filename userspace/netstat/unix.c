// SPDX-License-Identifier: GPL-2.0-only
/*
 * UNIX sockets, as netstat -x shows them: their names up to white space.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "forms.h"
#include "json/print.h"
#include "netstat/document.h"
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

/* A path that is in the rest of a line, with the spaces in it; NULL if there is none. */
static const char *whole_path(char *rest)
{
	rest[strcspn(rest, "\n")] = '\0';
	return *rest == ' ' && rest[1] ? rest + 1 : NULL;
}

static void print_json(unsigned long count, const char *flags, const char *type, const char *state,
		       u64 inode, const char *path)
{
	const char *program;
	u32 pid = nst_holders_process(inode, &program);

	nst_document_object(NULL);
	nst_json_put_text("proto", "unix");
	nst_json_put_number("refcnt", count);
	nst_json_put_list("flags", flags);
	nst_json_put_text("type", type);
	nst_json_put_text("state", state);
	nst_json_put_number("inode", inode);
	if (pid)
		nst_json_put_number("pid", pid);
	else
		nst_json_put_text("pid", NULL);
	nst_json_put_text("program", program);
	nst_json_put_text("path", path);
	nst_json_close();
}

static void print_row(const struct nst_options *options, char *line)
{
	unsigned long count, protocol, flags, inode;
	char path[PATH_MAX] = "", shown[16];
	const char *type_name, *state_name;
	unsigned int type, state;
	bool listens;
	int end;

	if (sscanf(line, "%*x: %lx %lx %lx %x %x %lu%n %4095s", &count, &protocol, &flags, &type,
		   &state, &inode, &end, path) < 6) {
		fputs("warning, got bogus unix line.\n", stderr);
		return;
	}
	listens = state == UNCONNECTED && flags & ACCEPTS;
	if (!(options->flags & NST_OPT_ALL) && listens != !!(options->flags & NST_OPT_LISTENING))
		return;
	sprintf(shown, "%s%s%s", flags & ACCEPTS ? "ACC " : "",
		flags & WAITS_FOR_DATA ? "W " : "", flags & HAS_NO_SPACE ? "N " : "");
	type_name = name(types, ARRAY_SIZE(types), type);
	state_name = listens ? "LISTENING" : name(states, ARRAY_SIZE(states), state);
	if (options->flags & NST_OPT_JSON) {
		print_json(count, shown, type_name, *state_name ? state_name : NULL, inode,
			   whole_path(line + end));
		return;
	}
	printf("%-5s %-6lu [ %s%*s %-10s %-13s %-8lu", protocol ? "??" : "unix", count, shown,
	       (int)strlen(shown) - 9, "]", type_name, state_name, inode);
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
	const bool json = options->flags & NST_OPT_JSON;
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	if ((options->show & NST_SHOW_PROGRAM || json) &&
	    !nst_holders_find(!(options->parts & NST_PART_SOCKETS))) {
		nst_holders_forget();
		return 1;
	}
	if (!json)
		printf("Active UNIX domain sockets (%s)\n"
		       "Proto RefCnt Flags       Type       State         I-Node  %s Path\n",
		       nst_print_which(options->flags),
		       options->show & NST_SHOW_PROGRAM ? " PID/Program name    " : "");
	file = nst_document_source(options, "/proc/net/unix");
	if (!file && !nst_trouble())
		fputs("netstat: no support for `AF UNIX' on this system.\n", stderr);
	if (!file)
		return 1;
	if (getline(&line, &size, file) > 0)
		while (getline(&line, &size, file) > 0)
			print_row(options, line);
	free(line);
	fclose(file);
	nst_holders_forget();
	return 0;
}
