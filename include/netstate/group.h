/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Groups of sockets: what the sockets of a group have in common, and how many of
 * them are in which state.
 */
#ifndef NETSTATE_GROUP_H
#define NETSTATE_GROUP_H

#include <netstate/counts.h>
#include <netstate/detail.h>
#include <netstate/sock.h>

/**
 * enum nst_group_by - what sockets can be grouped by
 */
enum nst_group_by {
	NST_BY_NONE,
	NST_BY_PROCESS,
	NST_BY_PROGRAM,
	NST_BY_LPORT,
	NST_BY_RPORT,
	NST_BY_RADDR,
	NST_BY_UID,
	NST_BY_NETNS,
	NST_BY_CGROUP,
	NST_BY_STATE,
	NST_BYS
};

#define NST_GROUP_KEYS 2	/* by so many things at once */

/**
 * struct nst_grouping - how sockets are to be grouped
 * @by: enum nst_group_by, the second may be NST_BY_NONE; not at all if the first is
 * @prefix: for NST_BY_RADDR, how many bits of an address count
 * @top: how many groups are to be shown
 */
struct nst_grouping {
	u8 by[NST_GROUP_KEYS];
	u8 prefix[NST_GROUP_KEYS];
	u32 top;
};

/**
 * struct nst_group_part - one of the things that a group's sockets have in common
 * @number: port, uid, inode of a namespace, state as nst_shown_state() numbers it;
 *	for an address, how many bits of it count; for a process, its pid; for a
 *	program or a cgroup 1, or 0 where there is none
 * @bytes: name of a process or program; IPv6 address, v4-mapped for IPv4; id of a
 *	cgroup; the rest is zero
 *
 * Two that mean the same are the same bytes.
 */
struct nst_group_part {
	u32 number;
	u8 bytes[NST_COMM_SIZE];
};

/**
 * struct nst_group_key - what a group's sockets have in common
 * @part: one for each thing that they are grouped by; the rest is zero
 */
struct nst_group_key {
	struct nst_group_part part[NST_GROUP_KEYS];
};

/**
 * struct nst_group - a group of sockets
 * @key: what they have in common
 * @counts: how many there are
 * @recvq: bytes in their receive queues; of listeners, connections to be accepted
 * @sendq: bytes in their send queues
 * @last: the socket that was counted last, as the caller numbers them from 1 on
 */
struct nst_group {
	struct nst_group_key key;
	struct nst_counts counts;
	u64 recvq;
	u64 sendq;
	u64 last;
};

/* Room that nst_format_group() needs, and nst_format_group_head(). */
#define NST_GROUP_MAX 640

/**
 * nst_grouping_words() - how much of a key tells groups apart
 * @grouping: how they are made
 *
 * Return: so many 32-bit words at its start; the others are zero.
 */
unsigned int nst_grouping_words(const struct nst_grouping *grouping);

/**
 * nst_grouping_by_owner() - whether groups are made by who holds the sockets
 * @grouping: how
 *
 * Return: whether one of its keys is NST_BY_PROCESS or NST_BY_PROGRAM.
 */
bool nst_grouping_by_owner(const struct nst_grouping *grouping);

/**
 * nst_group_key_make() - which group a socket belongs to
 * @key: filled in
 * @grouping: how sockets are grouped
 * @sock: the socket
 * @table: its table
 * @detail: the words of show=more about it; only looked at for NST_BY_CGROUP
 * @process: the process that holds it, NULL if none does
 * @netns: inode of its network namespace
 */
void nst_group_key_make(struct nst_group_key *key, const struct nst_grouping *grouping,
			const struct nst_sock *sock, enum nst_table table,
			const struct nst_detail *detail, const struct nst_process *process,
			u32 netns);

/**
 * nst_group_add() - count a socket
 * @group: the group
 * @sock: the socket
 * @table: its table
 * @number: its number; one that was counted last is not counted again
 */
void nst_group_add(struct nst_group *group, const struct nst_sock *sock, enum nst_table table,
		   u64 number);

/**
 * nst_group_compare() - the order in which groups are shown
 * @a: a group
 * @b: another one
 *
 * Most sockets first; of groups with as many, the one with the lower key.
 *
 * Return: below 0 if @a comes before @b, above 0 if after it.
 */
int nst_group_compare(const struct nst_group *a, const struct nst_group *b);

/**
 * nst_format_group_head() - write the line above the groups
 * @p: where to; room for NST_GROUP_MAX bytes; not terminated
 * @grouping: how they were made
 * @bound: whether there is a column for NST_BOUND
 *
 * Return: the end of the text, which ends in a newline.
 */
char *nst_format_group_head(char *p, const struct nst_grouping *grouping, bool bound);

/**
 * nst_format_group() - write the line of a group
 * @p: where to; room for NST_GROUP_MAX bytes; not terminated
 * @group: the group
 * @grouping: how it was made
 * @other: whether it is what is left when there are too many groups, whose key
 *	means nothing
 * @bound: whether there is a column for NST_BOUND
 *
 * Return: the end of the text, which ends in a newline.
 */
char *nst_format_group(char *p, const struct nst_group *group,
		       const struct nst_grouping *grouping, bool other, bool bound);

#endif /* NETSTATE_GROUP_H */
