/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text of a table of sockets, or of groups of them, taken apart.
 */
#ifndef NETSTATE_TABLE_H
#define NETSTATE_TABLE_H

#include <netstate/format.h>
#include <netstate/group.h>

#include "util.h"

/* Beside NST_SHOW_*: rows as netstat itself prints them, see nst_table_parse_row(). */
#define NST_SHOW_PLAIN 0x100

#define NST_GROUP_COLUMNS 24	/* more than there are */
#define NST_GROUP_WIDTH 23	/* of what a group has in common, or wider */

/**
 * struct nst_endpoint - an address and a port
 * @text: both, with a colon between them
 * @host: of that, the address
 * @port: of that, the port
 */
struct nst_endpoint {
	struct nst_word text;
	struct nst_word host;
	struct nst_word port;
};

/**
 * struct nst_row - a row of the table; refers to its text
 * @line: all of it, without the newline
 * @proto: the name of its table
 * @local: this end
 * @remote: the other end
 * @state: as it stands there; of UDP often nothing
 * @program: "-", or pid, name and how many others hold the socket
 * @name: of that, the name
 * @timer: its name, and what stands in brackets
 * @more: key=value words
 * @owners: of those, the value of "owners"
 * @netns: the inode of its network namespace
 * @show: the columns that the row has, NST_SHOW_*
 * @table: what it is of
 * @owner: what @program says; @sock refers to it
 * @sock: the numbers; of columns that are not there, 0
 * @space: space for its addresses
 */
struct nst_row {
	struct nst_word line;
	struct nst_word proto;
	struct nst_endpoint local;
	struct nst_endpoint remote;
	struct nst_word state;
	struct nst_word program;
	struct nst_word name;
	struct nst_word timer;
	struct nst_word more;
	struct nst_word owners;
	u32 netns;
	unsigned int show;
	enum nst_table table;
	struct nst_process owner;
	union {
		struct nst_sock sock;
		u8 space[sizeof(struct nst_sock) + 32];
	};
};

/**
 * struct nst_groups_head - the names of the columns of a table of groups
 * @line: the line
 * @name: these
 * @columns: how many
 * @keys: how many of them, at the start, say what a group has in common
 */
struct nst_groups_head {
	char line[NST_GROUP_MAX];
	char name[NST_GROUP_COLUMNS][16];
	unsigned int columns;
	unsigned int keys;
};

bool nst_table_title(struct nst_word line);
struct nst_word nst_table_counts(struct nst_word line);
bool nst_table_parse_head(unsigned int *show, struct nst_word line);
const char *nst_table_parse_row(struct nst_row *row, unsigned int show, struct nst_word line);
bool nst_row_next_owner(struct nst_word *rest, struct nst_process *owner);
const u8 *nst_row_remote(const struct nst_row *row);

bool nst_groups_parse_head(struct nst_groups_head *head, struct nst_word line);
bool nst_groups_parse_line(const struct nst_groups_head *head, struct nst_word line,
			   struct nst_word *column);

#endif /* NETSTATE_TABLE_H */
