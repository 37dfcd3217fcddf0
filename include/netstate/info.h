/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What ss -i and ss -m know of a socket: the key=value words that show=tcp and show=mem
 * add to its row. New keys may come; the old ones keep their meaning.
 */
#ifndef NETSTATE_INFO_H
#define NETSTATE_INFO_H

#include <netstate/detail.h>

#define NST_CA_SIZE 16

/* Room that nst_format_info() needs at most. */
#define NST_INFO_MAX 1024

/**
 * struct nst_tcp_info - what is known of a connection, as struct tcp_info has it
 * @pacing_rate: bytes in a second at most; ~0 without such a limit
 * @delivery_rate: bytes in a second that arrived, as far as measured; 0 if that is not known
 * @cwnd: segments that may be under way
 * @ssthresh: slow start ends at so many; NST_SSTHRESH_NONE at first
 * @mss: bytes of a segment that is sent
 * @pmtu: bytes of a packet on the path, by what is known
 * @rto: microseconds until a segment is sent again
 * @rttvar: mean deviation of the round-trip time, microseconds
 * @min_rtt: the shortest one lately, microseconds; ~0 if there is none
 * @unacked: segments that are not acknowledged
 * @sacked: of these, that have arrived out of order
 * @lost: of these, that are taken for lost
 * @notsent: bytes that are not sent
 * @reordering: by how many segments the path is taken to change their order
 * @rcv_space: bytes that the program takes in a round-trip time
 * @snd_wnd: bytes that the other end takes
 * @busy: milliseconds in which there was something to send, or not acknowledged
 * @rwnd_limited: of these, in which the other end took no more
 * @sndbuf_limited: of these, in which the send buffer was full
 * @app_limited: whether @delivery_rate was measured while the program sent too little
 * @ca: name of the congestion control, terminated; empty if it is not known
 */
struct nst_tcp_info {
	u64 pacing_rate;
	u64 delivery_rate;
	u64 busy;
	u64 rwnd_limited;
	u64 sndbuf_limited;
	u32 cwnd;
	u32 ssthresh;
	u32 mss;
	u32 pmtu;
	u32 rto;
	u32 rttvar;
	u32 min_rtt;
	u32 unacked;
	u32 sacked;
	u32 lost;
	u32 notsent;
	u32 reordering;
	u32 rcv_space;
	u32 snd_wnd;
	bool app_limited;
	char ca[NST_CA_SIZE];
};

#define NST_SSTHRESH_NONE 0x7fffffff

/**
 * struct nst_mem_info - the memory of a socket, bytes
 * @rmem_alloc: what its receive queue takes
 * @rcvbuf: how much that may be
 * @wmem_alloc: what its packets on their way out take
 * @sndbuf: how much that may be
 * @fwd_alloc: taken from the memory of its protocol, and not used; may be below 0 for a moment
 * @wmem_queued: what its send queue takes
 * @optmem: what its options and filters take
 * @backlog: packets that wait for the one who uses the socket
 */
struct nst_mem_info {
	u32 rmem_alloc;
	u32 rcvbuf;
	u32 wmem_alloc;
	u32 sndbuf;
	s32 fwd_alloc;
	u32 wmem_queued;
	u32 optmem;
	u32 backlog;
};

/**
 * struct nst_info - both; which are known, struct nst_detail says
 * @tcp: see there
 * @mem: see there
 */
struct nst_info {
	struct nst_tcp_info tcp;
	struct nst_mem_info mem;
};

/* Bytes of the largest record, with all that may be behind it. */
#define NST_SOCK_MAX \
	(sizeof(struct nst_sock) + 32 + sizeof(struct nst_detail) + sizeof(struct nst_info))

/**
 * nst_detail_info() - the struct nst_info behind a struct nst_detail that has one
 * @detail: that
 *
 * Return: its second part.
 */
static inline struct nst_info *nst_detail_info(struct nst_detail *detail)
{
	return (struct nst_info *)(detail + 1);
}

/**
 * nst_format_info() - write the words about a socket
 * @p: where to; room for NST_INFO_MAX bytes; not terminated
 * @known: which words are known, NST_KNOWS_*
 * @info: what they say
 * @show: which words are to be shown, NST_SHOW_TCP and NST_SHOW_MEM
 *
 * Return: the end of the text, which begins with a space if there is any.
 */
char *nst_format_info(char *p, unsigned int known, const struct nst_info *info, unsigned int show);

#endif /* NETSTATE_INFO_H */
