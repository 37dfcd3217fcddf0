/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What more is known of a socket: the key=value words that show=more adds to its
 * row. New keys may come; the old ones keep their meaning.
 */
#ifndef NETSTATE_DETAIL_H
#define NETSTATE_DETAIL_H

#include <netstate/sock.h>

/* What is known, bits of struct nst_detail's @known. */
#define NST_KNOWS_DIR		0x01
#define NST_KNOWS_IDLE		0x02
#define NST_KNOWS_TRAFFIC	0x04	/* rtt, retransmits, bytes */
#define NST_KNOWS_BACKLOG	0x08
#define NST_KNOWS_DROPS		0x10
#define NST_KNOWS_COOKIE	0x20
#define NST_KNOWS_MARK		0x40
#define NST_KNOWS_DEVICE	0x80
#define NST_KNOWS_CGROUP	0x100
#define NST_KNOWS_TCP		0x200	/* struct nst_tcp_info */
#define NST_KNOWS_MEM		0x400	/* struct nst_mem_info */
#define NST_KNOWS_FILES		0x800	/* whether a file leads to it */

/**
 * enum nst_dir - who began a connection
 */
enum nst_dir {
	NST_DIR_UNKNOWN,
	NST_DIR_IN,
	NST_DIR_OUT,
};

#define NST_DEVICE_SIZE 16

/* Holders of a socket, beside its owner, that a row names. */
#define NST_HOLDERS_MAX 256

/* Room that nst_format_detail() needs at most. */
#define NST_DETAIL_MAX (32 * 1024)

/**
 * struct nst_holder - one of the processes that hold a socket beside its owner
 * @process: the process
 * @next: the one with the next higher pid, or NULL
 */
struct nst_holder {
	const struct nst_process *process;
	struct nst_holder *next;
};

/**
 * struct nst_holders - the processes that hold a socket and pass the filter, beside
 *	its owner, which has a lower pid
 * @first: the one with the lowest pid, or NULL
 * @last: the one with the highest
 */
struct nst_holders {
	struct nst_holder *first;
	struct nst_holder *last;
};

/**
 * struct nst_detail - what more is known of a socket
 * @holders: who else holds it; the first member, see nst_sock_holders()
 * @listener: who listens for what nobody has accepted yet, or, of a connection in
 *	TIME_WAIT, on its port; NULL if nobody does or the reader may not know
 * @bytes_in: bytes received; the other end's close counts as one
 * @bytes_out: bytes sent, each counted once
 * @cookie: the number that identifies the socket to sock_diag and BPF
 * @cgroup: id of its cgroup
 * @idle: 1/100 seconds since the last segment in either direction
 * @rtt: smoothed round-trip time, microseconds
 * @retransmits: segments retransmitted in all
 * @backlog: of a listener, how many connections may wait to be accepted
 * @drops: packets that were dropped for want of room
 * @mark: its mark
 * @known: which of these are known, NST_KNOWS_*
 * @dir: enum nst_dir
 * @device: the device it is bound to, terminated
 */
struct nst_detail {
	struct nst_holders holders;
	const struct nst_process *listener;
	u64 bytes_in;
	u64 bytes_out;
	u64 cookie;
	u64 cgroup;
	u32 idle;
	u32 rtt;
	u32 retransmits;
	u32 backlog;
	u32 drops;
	u32 mark;
	u16 known;
	u8 dir;
	char device[NST_DEVICE_SIZE];
};

/**
 * nst_fill() - how full a queue is
 * @queued: how many are in it
 * @limit: how many may be
 *
 * Without a division of 64 bits, which some machines lack.
 *
 * Return: percent; over 100 of one that has more than it may.
 */
static inline u64 nst_fill(u32 queued, u32 limit)
{
	u32 unit = limit ? limit : 1;
	u32 rest = queued % unit;

	rest = unit > U32_MAX / 100 ? rest / (unit / 100) : rest * 100 / unit;
	return (u64)(queued / unit) * 100 + rest;
}

/**
 * nst_sock_detail() - the struct nst_detail behind a record that has one
 * @sock: the record
 * @table: its table
 *
 * Return: its second part.
 */
static inline struct nst_detail *nst_sock_detail(struct nst_sock *sock, enum nst_table table)
{
	return (struct nst_detail *)((char *)sock + nst_sock_size(table));
}

/**
 * nst_sock_holders() - the struct nst_holders behind a record that has one, by itself
 *	or in a struct nst_detail
 * @sock: the record
 * @table: its table
 *
 * Return: its second part.
 */
static inline struct nst_holders *nst_sock_holders(struct nst_sock *sock, enum nst_table table)
{
	return (struct nst_holders *)((char *)sock + nst_sock_size(table));
}

/* The values of the word "owner" by enum nst_unowned; NULL without one. */
extern const char *const nst_unowned_words[NST_UNOWNED_LISTENER + 1];

/**
 * nst_format_detail() - write the words about a socket
 * @p: where to; not terminated
 * @end: the end of the room
 * @sock: the socket
 * @detail: the words of show=more about it
 * @netns: inode of its network namespace
 *
 * A list of owners that leaves some out ends in ",...".
 *
 * Return: the end of the text, which begins with a space; or NULL if there is not
 * enough room: NST_DETAIL_MAX bytes are.
 */
char *nst_format_detail(char *p, const char *end, const struct nst_sock *sock,
			const struct nst_detail *detail, u32 netns);

#endif /* NETSTATE_DETAIL_H */
