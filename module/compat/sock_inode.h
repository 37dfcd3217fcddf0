/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inode number and the user of a socket, read without a lock.
 *
 * NST_HAS_SK_INO: since 5d6b58c932ec ("net: lockless sock_i_ino()", 6.18) the socket
 * itself carries the number. Before, it stands in the inode that sk_socket
 * leads to. Both are taken in two steps, so that the caller can make sure in
 * between that what was loaded belongs to the socket it means.
 *
 * NST_HAS_SK_UID: since e84a4927a404 ("net: annotate races around sk->sk_uid",
 * 6.17) the kernel's own tables show the user that made a socket. Before, they
 * show the user of its inode, and root when it has none.
 */
#ifndef NST_COMPAT_SOCK_INODE_H
#define NST_COMPAT_SOCK_INODE_H

#include <net/sock.h>

#include "walk/fetch.h"

/**
 * nst_inode_fetch() - prefetch what nst_inode_load() loads
 * @sk: anything
 */
static inline void nst_inode_fetch(const struct sock *sk)
{
#ifdef NST_HAS_SK_INO
	nst_fetch(&sk->sk_ino);
#else
	nst_fetch(&sk->sk_socket);
#endif
}

/**
 * nst_inode_load() - load what leads to the inode number
 * @sk: a full socket, found under RCU
 *
 * Return: something to compare, and to give to nst_inode_number() once @sk is
 * known to have been a live, hashed socket when this was called.
 */
static inline unsigned long nst_inode_load(const struct sock *sk)
{
#ifdef NST_HAS_SK_INO
	return READ_ONCE(sk->sk_ino);	/* fits: get_next_ino() counts in 32 bits */
#else
	return (unsigned long)READ_ONCE(sk->sk_socket);
#endif
}

/**
 * nst_inode_number() - the inode number
 * @loaded: what nst_inode_load() gave in this same RCU read-side section
 *
 * A struct socket lies in its sockfs inode. sock_orphan() takes it out of the
 * sock before the inode is put, and the inode is freed by RCU
 * (sock_free_inode()), so the memory outlasts the section that saw it in a live
 * sock. i_ino does not change.
 *
 * Return: the number, 0 without an inode (an orphan, or not accepted yet).
 */
static inline u64 nst_inode_number(unsigned long loaded)
{
#ifdef NST_HAS_SK_INO
	return loaded;
#else
	return loaded ? SOCK_INODE((struct socket *)loaded)->i_ino : 0;
#endif
}

/**
 * nst_inode_follow() - prefetch what nst_inode_number() reads
 * @sk: a full socket, found under RCU
 */
static inline void nst_inode_follow(const struct sock *sk)
{
#ifndef NST_HAS_SK_INO
	const struct socket *socket = READ_ONCE(sk->sk_socket);

	if (socket)
		nst_fetch(&SOCK_INODE((struct socket *)socket)->i_ino);
#endif
}

/**
 * nst_inode_uid() - the user of a socket, as /proc/net/tcp of this kernel has it
 * @loaded: as for nst_inode_number()
 * @sk: the full socket
 *
 * Return: the user.
 */
static inline kuid_t nst_inode_uid(unsigned long loaded, const struct sock *sk)
{
#ifdef NST_HAS_SK_UID
	return READ_ONCE(sk->sk_uid);
#else
	return loaded ? READ_ONCE(SOCK_INODE((struct socket *)loaded)->i_uid) : GLOBAL_ROOT_UID;
#endif
}

#endif /* NST_COMPAT_SOCK_INODE_H */
