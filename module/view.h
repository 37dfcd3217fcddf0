/* SPDX-License-Identifier: GPL-2.0-only */
/* An open file: what /proc/netstate and the metrics have in common. */
#ifndef NST_VIEW_H
#define NST_VIEW_H

#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "owner/access.h"
#include "store/stats.h"

struct iov_iter;
struct kiocb;
struct mem_cgroup;
struct net;
struct nst_view;

/**
 * struct nst_view_ops - what differs between the files
 * @reads: counts its snapshots
 * @build: takes a snapshot, and goes to its start. Gives 0, or an error
 * @drop: frees it
 * @rewind: goes to its start
 * @room: bytes that @put needs at least
 * @put: writes what comes next, as much as there is room for. Gives the end of the text:
 *	where it began after the last of it
 *
 * The functions are called with the view's lock held, and may sleep.
 */
struct nst_view_ops {
	enum nst_stat reads;
	int (*build)(struct nst_view *view);
	void (*drop)(struct nst_view *view);
	void (*rewind)(struct nst_view *view);
	size_t (*room)(const struct nst_view *view);
	char *(*put)(struct nst_view *view, char *text, const char *end);
};

/**
 * struct nst_view - an open file
 * @ops: what kind of file it is
 * @lock: serialises reads and writes
 * @net: the network namespace that the file is about; held
 * @inside: whether the opener was in it
 * @access: the opener
 * @memcg: the opener's memory cgroup, which pays for the snapshot whoever reads it
 * @built: whether there is a snapshot
 * @buf: the text that was made last, or NULL
 * @size: its room
 * @from: what of it is to be read next
 * @to: its end
 * @pos: the place in the file of @from
 * @end: where the last snapshot ended, if it was read to its end
 */
struct nst_view {
	const struct nst_view_ops *ops;
	struct mutex lock;	/* see above */
	struct net *net;
	bool inside;
	struct nst_access access;
	struct mem_cgroup *memcg;
	bool built;
	char *buf;
	size_t size;
	size_t from;
	size_t to;
	loff_t pos;
	loff_t end;
};

int nst_view_open(struct nst_view *view, struct inode *inode, struct file *file,
		  const struct nst_view_ops *ops);
bool nst_view_tells_details(struct nst_view *view);
void nst_view_release(struct nst_view *view);
ssize_t nst_view_read(struct kiocb *iocb, struct iov_iter *to);

#endif /* NST_VIEW_H */
