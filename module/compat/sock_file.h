/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The socket behind a file.
 *
 * NST_HAS_SOCK_FROM_FILE_ERR: before dba4a9256bb4 ("net: Remove the err argument
 * from sock_from_file", 5.11) the function has a second argument.
 */
#ifndef NST_COMPAT_SOCK_FILE_H
#define NST_COMPAT_SOCK_FILE_H

#include <linux/net.h>
#include <net/sock.h>

/**
 * nst_file_socket() - the socket behind a file
 * @file: an open file that the caller keeps from going away
 *
 * Return: the socket, NULL if the file is none.
 */
static inline struct socket *nst_file_socket(struct file *file)
{
#ifdef NST_HAS_SOCK_FROM_FILE_ERR
	int err;

	return sock_from_file(file, &err);
#else
	return sock_from_file(file);
#endif
}

/**
 * nst_file_inode() - the inode of the socket behind a file
 * @file: an open file that the caller keeps from going away
 *
 * Only the socket's address is known then, not what is in it.
 *
 * Return: the inode, NULL if the file is no socket.
 */
static inline struct inode *nst_file_inode(struct file *file)
{
	struct socket *socket = nst_file_socket(file);

	return socket ? SOCK_INODE(socket) : NULL;
}

#endif /* NST_COMPAT_SOCK_FILE_H */
