/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What show=tcp and show=mem want to know of a socket. Called in the order of a copy, as the
 * functions of walk/detail.h are.
 */
#ifndef NST_WALK_INFO_H
#define NST_WALK_INFO_H

#include <linux/jiffies.h>
#include <net/tcp.h>

#include <netstate/info.h>

struct sock;
struct tcp_congestion_ops;

/**
 * nst_jiffies_since() - how long ago something was
 * @then: when, as tcp_jiffies32; to be loaded before this is called
 *
 * Return: the jiffies since then; 0 if this CPU has not heard of that time yet.
 */
static inline u32 nst_jiffies_since(u32 then)
{
	u32 since = tcp_jiffies32 - then;

	return since > U32_MAX - HZ ? 0 : since;
}

void nst_info_copy_tcp(struct nst_detail *detail, const struct sock *sk);
void nst_info_copy_mem(struct nst_detail *detail, const struct sock *sk);

const struct tcp_congestion_ops *nst_info_load_ca(const struct sock *sk);

/**
 * nst_info_ca_is_same() - whether a socket still has the congestion control that it had
 * @now: what nst_info_load_ca() gives
 * @before: what it gave before
 *
 * Return: false if it certainly has another one: NULL may stand for one that was not certain
 * to last, in the moment at which the socket was locked.
 */
static inline bool nst_info_ca_is_same(const struct tcp_congestion_ops *now,
				       const struct tcp_congestion_ops *before)
{
	return now == before || !now || !before;
}

void nst_info_copy_ca(struct nst_detail *detail, const struct tcp_congestion_ops *ca);

#endif /* NST_WALK_INFO_H */
