/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text of a table of sockets, taken apart.
 */
#ifndef NETSTATE_TABLE_H
#define NETSTATE_TABLE_H

#include <netstate/format.h>

/**
 * struct nst_word - a part of a line
 * @start: where it begins; not terminated
 * @len: its length, 0 if it is not there
 */
struct nst_word {
	const char *start;
	size_t len;
};

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
 * @program: "-", or pid, name and how many more hold the socket
 * @name: of that, the name
 * @timer: its name, and what stands in brackets
 * @netns: the inode of its network namespace
 * @more: key=value words
 * @owners: of those, the value of "owners"
 * @show: the columns that the row has, NST_SHOW_*
 * @table: what it is of
 * @owner: what @program says; @sock refers to it
 * @sock: the numbers; of columns that are not there, 0
 * @room: room for its addresses
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
		u8 room[sizeof(struct nst_sock) + 32];
	};
};

bool nst_table_parse_row(struct nst_row *row, unsigned int show, struct nst_word line);
bool nst_table_parse_head(unsigned int *show, struct nst_word line);
bool nst_table_title(struct nst_word line);
struct nst_word nst_table_counts(struct nst_word line);
bool nst_row_next_owner(struct nst_word *rest, struct nst_process *owner);
struct nst_word nst_row_word(const struct nst_row *row, const char *wanted);
const u8 *nst_row_remote(const struct nst_row *row);

bool nst_word_is(struct nst_word word, const char *text);
struct nst_word nst_word_next(struct nst_word *rest);
bool nst_word_number(struct nst_word word, u64 max, u64 *number);
bool nst_word_split(struct nst_word word, char c, struct nst_word *before,
		    struct nst_word *after);
bool nst_word_split_last(struct nst_word word, char c, struct nst_word *before,
			 struct nst_word *after);
void nst_word_unescape(struct nst_word word, char *text, size_t size);

#endif /* NETSTATE_TABLE_H */
