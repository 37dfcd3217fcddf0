/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inode number and the file of a socket, read without a lock.
 *
 * NST_HAS_SK_INO: since 5d6b58c932ec ("net: lockless sock_i_ino()", 6.18) the socket
 * itself carries the number. Before, it stands in the inode that sk_socket leads to,
 * which may be looked into only when the socket has proved to be one all the time.
 */
#ifndef NST_COMPAT_SOCK_INODE_H
#define NST_COMPAT_SOCK_INODE_H

#include <net/sock.h>

#include "fetch.h"

/**
 * struct nst_inode - what leads to a socket's inode number and file
 * @socket: the struct socket, NULL if no file leads to the sock. It lies in the inode.
 *	Compared with the one that files lead to; never told to anybody
 * @ino: the number, where the sock carries it
 */
struct nst_inode {
	struct socket *socket;
#ifdef NST_HAS_SK_INO
	unsigned long ino;
#endif
};

/**
 * nst_inode_fetch() - prefetch what nst_inode_load() loads
 * @sk: anything
 */
static inline void nst_inode_fetch(const struct sock *sk)
{
	nst_fetch(&sk->sk_socket);
#ifdef NST_HAS_SK_INO
	nst_fetch(&sk->sk_ino);
#endif
}

/**
 * nst_inode_load() - load what leads to the inode
 * @sk: a full socket, found under RCU
 *
 * Return: something to compare, and to be asked once @sk is known to have been a live,
 * hashed socket when this was called.
 */
static __always_inline struct nst_inode nst_inode_load(const struct sock *sk)
{
	return (struct nst_inode){
		.socket = READ_ONCE(sk->sk_socket),
#ifdef NST_HAS_SK_INO
		.ino = READ_ONCE(sk->sk_ino),	/* fits: get_next_ino() counts in 32 bits */
#endif
	};
}

/**
 * nst_inode_is_same() - whether two looks have seen the same
 * @a: the one
 * @b: the other
 *
 * Return: whether they have.
 */
static __always_inline bool nst_inode_is_same(const struct nst_inode *a, const struct nst_inode *b)
{
#ifdef NST_HAS_SK_INO
	if (a->ino != b->ino)
		return false;
#endif
	return a->socket == b->socket;
}

/**
 * nst_inode_number() - the inode number
 * @inode: what nst_inode_load() gave in this same RCU read-side section
 *
 * A struct socket is part of its sockfs inode. The kernel first takes it out of the sock
 * (sock_orphan()), then puts the inode, which RCU frees (sock_free_inode()). So it may be
 * read until this section ends. i_ino does not change.
 *
 * Return: the number, 0 without an inode (an orphan, or not accepted yet).
 */
static __always_inline u64 nst_inode_number(const struct nst_inode *inode)
{
#ifdef NST_HAS_SK_INO
	return inode->ino;
#else
	return inode->socket ? SOCK_INODE(inode->socket)->i_ino : 0;
#endif
}

/**
 * nst_inode_deref() - prefetch what nst_inode_number() reads
 * @sk: a full socket, found under RCU
 */
static inline void nst_inode_deref(const struct sock *sk)
{
#ifndef NST_HAS_SK_INO
	struct socket *socket = READ_ONCE(sk->sk_socket);

	if (socket)
		nst_fetch(&SOCK_INODE(socket)->i_ino);
#endif
}

/**
 * nst_inode_has_file() - whether a file leads to a socket
 * @inode: as for nst_inode_number(), and with a socket
 *
 * The struct socket may be read as its inode's number may, which it lies beside. The file is
 * not looked into.
 *
 * Return: false for one that the kernel has made for itself, or that is just being made or
 * closed.
 */
static inline bool nst_inode_has_file(const struct nst_inode *inode)
{
	return READ_ONCE(inode->socket->file);
}

#endif /* NST_COMPAT_SOCK_INODE_H */
