/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text of the table: netstat's header and rows (net-tools 2.10), byte for
 * byte, with numeric addresses that are never cut.
 */
#ifndef NETSTATE_FORMAT_H
#define NETSTATE_FORMAT_H

#include <netstate/counts.h>
#include <netstate/sock.h>

/* Columns beside the fixed ones, as netstat's options -e, -p and -o add them. */
#define NST_SHOW_USER		0x1	/* User and Inode */
#define NST_SHOW_PROGRAM	0x2	/* PID/Program name */
#define NST_SHOW_TIMER		0x4	/* Timer */
#define NST_SHOW_DETAIL		0x8	/* key=value words at the end */
/* And one that netstat has not, in front of those words; see nst_format_netns(). */
#define NST_SHOW_NETNS		0x10	/* Netns */
/* More words at the end. */
#define NST_SHOW_TCP		0x20
#define NST_SHOW_MEM		0x40
#define NST_SHOW_WORDS (NST_SHOW_DETAIL | NST_SHOW_TCP | NST_SHOW_MEM)

#define NST_HEAD_MAX 1024	/* room that lines 1 and 2 need */
#define NST_ROW_MAX 512		/* room that nst_format_row() needs */

/**
 * nst_format_counts() - write line 1
 * @p: where to; room for NST_HEAD_MAX bytes; not terminated
 * @counts: the counts that it ends in
 * @bound: whether NST_BOUND is one of them, which is for those who ask for it
 *
 * Return: the end of the text, which ends in a newline.
 */
char *nst_format_counts(char *p, const struct nst_counts *counts, bool bound);

/**
 * nst_format_columns() - write line 2, the names of the columns
 * @p: where to; of NST_HEAD_MAX bytes, those that line 1 has left; not terminated
 * @show: columns, NST_SHOW_*
 *
 * Return: the end of the text, which ends in a newline.
 */
char *nst_format_columns(char *p, unsigned int show);

/**
 * nst_format_row() - write the row of a socket
 * @p: where to; room for NST_ROW_MAX bytes, of which some after the end of the
 *	text may be overwritten too; not terminated
 * @sock: the socket
 * @table: its table
 * @show: columns, NST_SHOW_*
 *
 * UDP and raw sockets have no timers: their record says NST_TIMER_OFF and no
 * retransmits or probes.
 *
 * Return: the end of the text, which ends in a newline.
 */
char *nst_format_row(char *p, const struct nst_sock *sock, enum nst_table table,
		     unsigned int show);

/**
 * nst_format_netns() - write the column of NST_SHOW_NETNS
 * @p: the end of a row, of NST_ROW_MAX bytes, without its newline
 * @netns: the inode of the socket's network namespace
 * @show: the other columns, NST_SHOW_*
 *
 * Return: the end of the text, without a newline.
 */
char *nst_format_netns(char *p, u32 netns, unsigned int show);

#endif /* NETSTATE_FORMAT_H */
