/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table with any of its columns and protocols, and the kernel's own
 * account of the same: /proc/net/{tcp,udp,raw,udplite}{,6}.
 *
 * Parsing is as strict as that of table.h.
 */
#ifndef LIB_COLUMNS_H
#define LIB_COLUMNS_H

#include "table.h"

#define CELLS_TEXT_MAX	512
#define NO_USER		(~0ull)	/* the kernel keeps no user of it, and shows 0 */

/* What "show=" adds to the columns that are always there. */
enum { SHOW_USER = 1, SHOW_PROGRAM = 2, SHOW_TIMER = 4, SHOW_ALL = 7 };

struct cells {
	struct row row;
	unsigned long long uid;	/* the inode is in @row */
	char timer[12];		/* off, on, keepalive, timewait, probe */
	long left;		/* hundredths of seconds */
	int retransmits, probes;
};

struct columns {
	struct cells *cells;
	size_t n;
	char *text;
	char error[CELLS_TEXT_MAX + 128];
};

/* From an open file, rewound first. 0 or -errno; -EBADMSG leaves c->error. */
int columns_read(struct columns *c, int fd, int show);

/* The kernel's account: all but the program column. 0 or -errno. */
int columns_of_kernel(struct columns *c);

void columns_free(struct columns *c);

/* The row between these ends; NULL. Of an equal one if there are several. */
const struct cells *columns_find(const struct columns *c,
				 const struct row *like);

/* As netstat writes it, without the newline; @buf has CELLS_TEXT_MAX. */
char *cells_format(const struct cells *cells, int show, char *buf);

#endif
