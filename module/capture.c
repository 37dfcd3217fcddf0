// SPDX-License-Identifier: GPL-2.0-only
/*
 * One picture of a network namespace's sockets: walk the tables, find the
 * owners, count. Everything that is printed afterwards comes from it.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "access.h"
#include "capture.h"
#include "walk.h"

#define TABLES_SHOWN (BIT(NST_TCP) | BIT(NST_TCP6) | BIT(NST_UDP) | BIT(NST_UDP6))

static int walk(struct nst_capture *capture, struct net *net)
{
	struct nst_walk *walk;
	int err;

	walk = kzalloc(sizeof(*walk), GFP_KERNEL_ACCOUNT);
	if (!walk)
		return -ENOMEM;

	walk->net = net;
	walk->tables = TABLES_SHOWN;
	walk->rows = &capture->rows;
	err = nst_walk_all(walk);
	nst_rows_trim(&capture->rows);
	kfree(walk);

	return err;
}

static void count(struct nst_capture *capture)
{
	struct nst_cursor cursor;
	struct nst_sock *sock;

	for (nst_cursor_start(&capture->rows, &cursor); (sock = nst_cursor_row(&cursor));
	     nst_cursor_next(&capture->rows, &cursor)) {
		nst_counts_add(&capture->counts, cursor.table, sock->state);
		if (!cursor.index)
			cond_resched();
	}
}

/**
 * nst_capture_take() - take a picture of a network namespace's sockets
 * @net: the namespace; the caller keeps it alive
 * @pid_ns: the namespace that counts the owners' pids; the caller keeps it alive
 * @access: the reader, who sees the owners that it may see
 *
 * Context: process context, may sleep.
 * Return: the capture, to be freed with nst_capture_free(); or an ERR_PTR():
 * -ENOMEM past the budget or without memory, -EINTR when the task is being
 * killed.
 */
struct nst_capture *nst_capture_take(struct net *net, struct pid_namespace *pid_ns,
				     struct nst_access *access)
{
	struct nst_capture *capture;
	int err;

	capture = kzalloc(sizeof(*capture), GFP_KERNEL_ACCOUNT);
	if (!capture)
		return ERR_PTR(-ENOMEM);

	capture->rows.privileged = access->privileged;
	capture->owners.privileged = access->privileged;

	err = walk(capture, net);
	if (!err)
		err = nst_owners_find(&capture->owners, &capture->rows, access, pid_ns);
	if (err) {
		nst_capture_free(capture);
		return ERR_PTR(err);
	}

	count(capture);
	return capture;
}

/**
 * nst_capture_free() - free a capture
 * @capture: the capture, or NULL
 *
 * Context: may sleep.
 */
void nst_capture_free(struct nst_capture *capture)
{
	if (!capture)
		return;

	nst_rows_free(&capture->rows);
	nst_owners_free(&capture->owners);
	kfree(capture);
}
