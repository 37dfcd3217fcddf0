/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where tables come from: /proc/netstate, or a file that one was saved in.
 */
#ifndef NETSTATE_SOURCE_H
#define NETSTATE_SOURCE_H

#include "util.h"

#define NST_SOURCE_BUFFER (256 * 1024)	/* also the longest line */

/**
 * struct nst_source - an open table
 * @path: its name
 * @filters: it takes a filter, and applies it
 * @saved: it is of another time, or of another host
 * @fd: the file
 * @line: number of the line that was read last
 * @start: where the next line begins in @buffer
 * @end: where what was read ends
 * @buffer: text
 */
struct nst_source {
	const char *path;
	bool filters;
	bool saved;
	int fd;
	unsigned long line;
	size_t start;
	size_t end;
	char buffer[NST_SOURCE_BUFFER];
};

const char *nst_source_saved(void);
bool nst_source_open(struct nst_source *source);
bool nst_source_open_metrics(struct nst_source *source);
bool nst_source_filter(struct nst_source *source, const char *filter);
bool nst_source_rewind(struct nst_source *source);
bool nst_source_line(struct nst_source *source, struct nst_word *line);

#endif /* NETSTATE_SOURCE_H */
