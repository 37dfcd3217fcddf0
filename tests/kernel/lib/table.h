/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text of /proc/netstate as rows.
 *
 * Parsing is strict: a row must be, byte for byte, what netstat's own format
 * strings make of its fields, the sections must come in order, listeners
 * first, and line 1 must count the rows that follow.  So every test that
 * reads a table holds it to that.
 */
#ifndef LIB_TABLE_H
#define LIB_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "addr.h"

#define NETSTATE	"/proc/netstate"
#define PROG_MAX	96
#define STATE_MAX	12

/* The words of line 1, in their order. */
enum count {
	C_ESTABLISHED, C_SYN_SENT, C_SYN_RECV, C_FIN_WAIT1, C_FIN_WAIT2,
	C_TIME_WAIT, C_CLOSE, C_CLOSE_WAIT, C_LAST_ACK, C_LISTEN, C_CLOSING,
	C_DGRAM, C_TOTAL, NR_COUNTS
};

extern const char *const count_words[NR_COUNTS];

struct row {
	char proto[6];
	char state[STATE_MAX];		/* empty: none */
	char laddr[ADDR_TEXT_MAX];
	char raddr[ADDR_TEXT_MAX];
	long recvq, sendq;
	char prog[PROG_MAX];		/* "-", or pid/comm, or pid/comm+N */
	int pid;			/* 0: nobody */
	int others;			/* the N */
	unsigned long inode;		/* only in a witness' rows */
};

struct table {
	char *text;
	size_t len;
	long counts[NR_COUNTS];
	long bound;			/* behind them if asked for, or -1 */
	bool hidden;			/* behind that: not all owners could be seen */
	struct row *rows;
	size_t n;
	char error[256];		/* why it could not be parsed */
};

/* Reads @path from the start. 0 or -errno; -EBADMSG leaves t->error. */
int table_read_path(struct table *t, const char *path);
int table_read(struct table *t);

/* The same from an open file, rewound first. */
int table_read_fd(struct table *t, int fd);

/* Takes over @text, which malloc gave. */
int table_parse(struct table *t, char *text, size_t len);

void table_free(struct table *t);

/*
 * The first row with this protocol and these addresses; NULL as @raddr or
 * @state stands for any.
 */
const struct row *table_find(const struct table *t, const char *proto,
			     const char *laddr, const char *raddr,
			     const char *state);

/* How many such rows there are. */
size_t table_count(const struct table *t, const char *proto,
		   const char *laddr, const char *raddr, const char *state);

/* The row of a socket that this process holds. */
const struct row *table_find_fd(const struct table *t, int fd);

/* As table_find_fd() in a table read now; false if there is no such row. */
bool row_of_fd(int fd, struct row *out);

/* By net-tools' format strings, without the newline. */
int row_format(const struct row *row, char *buf, size_t size);

/* "tcp6" and the like for a socket of this type and family. */
const char *proto_name(int type, int family);

/* "pid/comm" or "pid/comm+N" as the program column has it. */
const char *owner_text(int pid, const char *comm, int others, char *buf);

#endif
