/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What show=tcp and show=mem want to know of a socket. Called in the order of a copy, as the
 * functions of walk/detail.h are.
 */
#ifndef NST_WALK_INFO_H
#define NST_WALK_INFO_H

#include <netstate/info.h>

struct sock;
struct tcp_congestion_ops;

void nst_info_copy_tcp(struct nst_detail *detail, const struct sock *sk);
void nst_info_copy_mem(struct nst_detail *detail, const struct sock *sk);

const struct tcp_congestion_ops *nst_info_load_ca(const struct sock *sk);
void nst_info_copy_ca(struct nst_detail *detail, const struct tcp_congestion_ops *ca);

#endif /* NST_WALK_INFO_H */
