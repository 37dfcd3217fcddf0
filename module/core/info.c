// SPDX-License-Identifier: GPL-2.0-only
/*
 * The key=value words of show=tcp and show=mem.
 */
#include <netstate/comm.h>
#include <netstate/format.h>
#include <netstate/info.h>
#include <netstate/word.h>

static char *put_tcp(char *p, const struct nst_tcp_info *tcp)
{
	if (*tcp->ca)
		p = nst_comm_text(nst_put_key(p, "ca"), tcp->ca, '=');
	p = nst_put_number(p, "cwnd", tcp->cwnd);
	if (tcp->ssthresh < NST_SSTHRESH_NONE)
		p = nst_put_number(p, "ssthresh", tcp->ssthresh);
	p = nst_put_number(p, "mss", tcp->mss);
	p = nst_put_number(p, "pmtu", tcp->pmtu);
	p = nst_put_fraction(p, "rto", tcp->rto, 1000);
	p = nst_put_fraction(p, "rttvar", tcp->rttvar, 1000);
	if (tcp->min_rtt != U32_MAX)
		p = nst_put_fraction(p, "min_rtt", tcp->min_rtt, 1000);
	p = nst_put_number(p, "unacked", tcp->unacked);
	p = nst_put_number(p, "sacked", tcp->sacked);
	p = nst_put_number(p, "lost", tcp->lost);
	p = nst_put_number(p, "notsent", tcp->notsent);
	p = nst_put_number(p, "reordering", tcp->reordering);
	p = nst_put_number(p, "rcv_space", tcp->rcv_space);
	p = nst_put_number(p, "snd_wnd", tcp->snd_wnd);
	if (tcp->pacing_rate != ~0ULL)
		p = nst_put_number(p, "pacing_rate", tcp->pacing_rate);
	if (tcp->delivery_rate) {
		p = nst_put_number(p, "delivery_rate", tcp->delivery_rate);
		p = nst_put_number(p, "app_limited", tcp->app_limited);
	}
	p = nst_put_number(p, "busy", tcp->busy);
	p = nst_put_number(p, "rwnd_limited", tcp->rwnd_limited);
	return nst_put_number(p, "sndbuf_limited", tcp->sndbuf_limited);
}

static char *put_mem(char *p, const struct nst_mem_info *mem)
{
	p = nst_put_number(p, "rmem_alloc", mem->rmem_alloc);
	p = nst_put_number(p, "rcvbuf", mem->rcvbuf);
	p = nst_put_number(p, "wmem_alloc", mem->wmem_alloc);
	p = nst_put_number(p, "sndbuf", mem->sndbuf);
	p = nst_put_number(p, "fwd_alloc", mem->fwd_alloc > 0 ? mem->fwd_alloc : 0);
	p = nst_put_number(p, "wmem_queued", mem->wmem_queued);
	p = nst_put_number(p, "optmem", mem->optmem);
	return nst_put_number(p, "backlog_mem", mem->backlog);
}

char *nst_format_info(char *p, unsigned int known, const struct nst_info *info, unsigned int show)
{
	if (show & NST_SHOW_TCP && known & NST_KNOWS_TCP)
		p = put_tcp(p, &info->tcp);
	if (show & NST_SHOW_MEM && known & NST_KNOWS_MEM)
		p = put_mem(p, &info->mem);
	return p;
}
