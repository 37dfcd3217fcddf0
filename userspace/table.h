/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text of a table of sockets, or of groups of them, taken apart.
 */
#ifndef NETSTATE_TABLE_H
#define NETSTATE_TABLE_H

#include <netstate/format.h>
#include <netstate/group.h>
#include <netstate/info.h>

#include "util.h"

/* Tables that belong together, as bits. */
#define NST_TABLES_TCP		(BIT(NST_TCP) | BIT(NST_TCP6))
#define NST_TABLES_UDP		(BIT(NST_UDP) | BIT(NST_UDP6))
#define NST_TABLES_RAW		(BIT(NST_RAW) | BIT(NST_RAW6))
#define NST_TABLES_UDPLITE	(BIT(NST_UDPLITE) | BIT(NST_UDPLITE6))
#define NST_TABLES_IPV4		(BIT(NST_TCP) | BIT(NST_UDP) | BIT(NST_RAW) | BIT(NST_UDPLITE))
#define NST_TABLES_IPV6		(NST_TABLES_IPV4 << 1)
#define NST_TABLES_SCTP		BIT(NST_TABLES)	/* no table, but counters */

/* Beside NST_SHOW_*: rows as netstat prints them, whose programs may have spaces. */
#define NST_SHOW_PLAIN 0x100
#define NST_SHOW_NOTED 0x200	/* filters look at the words of rows */

#define NST_GROUP_COLUMNS 24	/* more than there are */
#define NST_GROUP_WIDTH 23	/* of what a group has in common, or wider */

/* An address and a port, together and each. */
struct nst_endpoint {
	struct nst_word text;
	struct nst_word host;
	struct nst_word port;
};

/* A row of the table; refers to its text. What not every row has stands behind the rest. */
struct nst_row {
	struct nst_word line;		/* all of it, without the newline */
	struct nst_word proto;
	struct nst_endpoint local;
	struct nst_endpoint remote;
	struct nst_word state;		/* empty for unconnected UDP */
	unsigned int show;		/* the columns that it has, NST_SHOW_* */
	enum nst_table table;
	struct nst_word program;	/* "-", or pid, name and how many others hold it */
	struct nst_word name;		/* of that, the name */
	struct nst_word timer;		/* its name, and what stands in brackets */
	struct nst_word detail;		/* key=value words */
	struct nst_word owners;		/* of those, the value of "owners" */
	u32 netns;
	struct nst_process owner;	/* what @program says; @sock refers to it */
	struct nst_process listener;	/* what "listener" says, likewise */
	union {
		struct nst_sock sock;	/* the numbers; of columns that are not there, 0 */
		/* with its addresses, and what nst_sock_detail() finds behind it */
		u8 space[NST_SOCK_MAX];
	};
};

/* The names of the columns of a table of groups; @keys at the start say what groups share. */
struct nst_groups_head {
	char line[NST_GROUP_MAX];
	char name[NST_GROUP_COLUMNS][16];
	unsigned int columns;
	unsigned int keys;
};

struct nst_word nst_table_counts(struct nst_word line);
bool nst_table_parse_head(unsigned int *show, struct nst_word line);
const char *nst_table_parse_row(struct nst_row *row, unsigned int show, struct nst_word line);
/* Whether it is what the name of a word or column looks like. */
bool nst_word_is_key(struct nst_word word);
bool nst_row_next_owner(struct nst_word *rest, struct nst_process *owner);
const u8 *nst_row_remote(const struct nst_row *row);
bool nst_groups_parse_head(struct nst_groups_head *head, struct nst_word line);
bool nst_groups_parse_line(const struct nst_groups_head *head, struct nst_word line,
			   struct nst_word *column);

#endif /* NETSTATE_TABLE_H */
