/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What show=more wants to know of a socket. Called in the order of these
 * functions, like the rest of a copy: what is loaded before the second look at
 * the socket, and what may be followed after it.
 */
#ifndef NST_WALK_DETAIL_H
#define NST_WALK_DETAIL_H

#include <netstate/more.h>

struct cgroup;
struct inet_timewait_sock;
struct net;
struct nst_walk;
struct request_sock;
struct sock;

void nst_more_start(struct nst_more *more, const struct nst_walk *walk, const struct sock *sk);

void nst_more_copy_connection(struct nst_more *more, const struct nst_walk *walk,
			      const struct sock *sk);
void nst_more_copy_listener(struct nst_more *more, const struct nst_walk *walk,
			    const struct sock *sk);
void nst_more_copy_datagram(struct nst_more *more, const struct nst_walk *walk,
			    const struct sock *sk);
void nst_more_copy_request(struct nst_more *more, const struct nst_walk *walk,
			   const struct request_sock *req);
void nst_more_copy_timewait(struct nst_more *more, const struct nst_walk *walk,
			    const struct inet_timewait_sock *tw);

void nst_more_name_device(struct nst_more *more, struct net *net);

struct cgroup *nst_more_load_cgroup(const struct sock *sk);
void nst_more_copy_cgroup(struct nst_more *more, struct cgroup *cgroup);

#endif /* NST_WALK_DETAIL_H */
