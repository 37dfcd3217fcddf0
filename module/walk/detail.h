/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What show=more wants to know of a socket. Called in the order of these
 * functions, like the rest of a copy: what is loaded before the second look at
 * the socket, and what may be followed after it.
 */
#ifndef NST_WALK_DETAIL_H
#define NST_WALK_DETAIL_H

#include <netstate/detail.h>

struct cgroup;
struct inet_timewait_sock;
struct net;
struct nst_slots;
struct nst_walk;
struct request_sock;
struct sock;

void nst_detail_start(struct nst_detail *detail, const struct nst_walk *walk,
		      const struct sock *sk);

void nst_detail_copy_connection(struct nst_detail *detail, const struct nst_walk *walk,
				const struct sock *sk);
void nst_detail_copy_listener(struct nst_detail *detail, const struct nst_walk *walk,
			      const struct sock *sk);
void nst_detail_copy_datagram(struct nst_detail *detail, const struct nst_walk *walk,
			      const struct sock *sk);
void nst_detail_copy_request(struct nst_detail *detail, const struct nst_walk *walk,
			     const struct request_sock *req);
void nst_detail_copy_timewait(struct nst_detail *detail, const struct nst_walk *walk,
			      const struct inet_timewait_sock *tw);

void nst_detail_name_device(struct nst_slots *devices, struct nst_detail *detail, struct net *net);
void nst_detail_free_devices(struct nst_slots *devices);

struct cgroup *nst_detail_load_cgroup(const struct sock *sk);
void nst_detail_copy_cgroup(struct nst_detail *detail, struct cgroup *cgroup);

#endif /* NST_WALK_DETAIL_H */
