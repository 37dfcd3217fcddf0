// SPDX-License-Identifier: GPL-2.0-only
/*
 * An open file, from open to release; proc.c and metrics.c say what it shows.
 *
 *	open		hold the network namespace, and remember who opens
 *	read		at the start: take a snapshot; then make text from it, and nothing
 *			else, until the end of the file
 *	release		give everything back
 *
 * The snapshot is immutable, so reads of any size and at any offset see the same text,
 * until a read at offset 0 takes a new one. A read that begins at the end of the file
 * frees it, and the buffer.
 *
 * This is no seq_file: that one has a buffer that no budget knows of, makes all text up to
 * an odd offset without a rest, and tries again for ever when it is told -EAGAIN.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/uio.h>
#include <net/net_namespace.h>

#include "compat/entry_data.h"
#include "compat/memcg.h"
#include "rest.h"
#include "store/budget.h"
#include "store/stats.h"
#include "view.h"

/* A large buffer saves calls for large reads; small reads need none. */
#define BUFFER_MAX ((size_t)128 * 1024)

/*
 * The namespace that a file is about, held: the one in whose folder it is, or the opener's;
 * NULL if it is about to go. While a file is being opened, its entry stays, and the
 * namespace with it: that is freed after its entries are removed (entries.c).
 */
static struct net *net_of(const struct inode *inode)
{
	struct net *net = nst_entry_data(inode);

	return net ? maybe_get_net(net) : get_net(current->nsproxy->net_ns);
}

/**
 * nst_view_open() - begin an open file
 * @view: all zeroes; filled in
 * @inode: its inode
 * @file: the file, being opened by the current task
 * @ops: what kind of file it is
 *
 * Context: process context, may sleep.
 * Return: 0, then to be ended with nst_view_release(); -ESRCH; -ENXIO, as for the kernel's
 * own files of a namespace that goes; -ENOMEM; -EMFILE.
 */
int nst_view_open(struct nst_view *view, struct inode *inode, struct file *file,
		  const struct nst_view_ops *ops)
{
	int err;

	/*
	 * Only a task on its way out has no namespaces. A kernel thread that opens a file
	 * for somebody (io_uring's, in some kernels) has the host's in place of his.
	 */
	if (!current->nsproxy || current->flags & PF_KTHREAD)
		return -ESRCH;

	view->net = net_of(inode);
	if (!view->net)
		return -ENXIO;
	view->inside = view->net == current->nsproxy->net_ns;

	err = nst_access_open(&view->access, file);
	if (err) {
		put_net(view->net);
		return err;
	}

	view->ops = ops;
	mutex_init(&view->lock);
	view->memcg = get_mem_cgroup_from_mm(current->mm);
	view->end = -1;
	return 0;
}

/**
 * nst_view_tells_details() - whether the opener may know what net/tcp and its like do not have
 * @view: the file
 *
 * The kernel tells that by netlink, to who is in the namespace.
 *
 * Context: process context.
 * Return: true if the opener was in the namespace that the file is about, or may enter it.
 */
bool nst_view_tells_details(struct nst_view *view)
{
	return view->inside || nst_access_may_enter(&view->access, view->net->user_ns);
}

/* Frees the snapshot and the buffer. */
static void drop(struct nst_view *view)
{
	if (view->built)
		view->ops->drop(view);
	view->built = false;
	nst_budget_free(view->access.budget, view->buf, view->size);
	view->buf = NULL;
	view->size = 0;
}

/**
 * nst_view_release() - end an open file
 * @view: the file
 *
 * Context: process context, may sleep.
 */
void nst_view_release(struct nst_view *view)
{
	drop(view);
	mem_cgroup_put(view->memcg);
	put_net(view->net);
	nst_access_close(&view->access);
	/* Who exits, or takes the module out, closes many. */
	cond_resched();
}

/* Goes to the start of the snapshot. */
static void go_to_start(struct nst_view *view)
{
	view->from = 0;
	view->to = 0;
	view->pos = 0;
}

/* As build(), charged to whoever is to be charged. */
static int build_charged(struct nst_view *view, size_t wanted)
{
	int err = view->ops->build(view);

	if (err)
		return err;

	view->built = true;
	view->size = max(view->ops->room(view), clamp(wanted, PAGE_SIZE, BUFFER_MAX));
	view->buf = nst_budget_alloc(view->access.budget, view->size);
	if (view->buf)
		return 0;

	drop(view);
	return -ENOMEM;
}

/*
 * Takes a snapshot, and makes a buffer for reads of this size. Only this is charged to the
 * opener: what a reader's own pages cost, when text is copied there, is the reader's.
 */
static int build(struct nst_view *view, size_t wanted)
{
	struct mem_cgroup *old;
	int err = nst_rest();

	nst_stats_add(view->ops->reads, 1);
	drop(view);
	go_to_start(view);
	if (err)
		return err;

	old = nst_charge_to(view->memcg);
	err = build_charged(view, wanted);
	nst_charge_to(old);
	return err;
}

/* Makes the text that comes next, once all of the last has been read. */
static int fill(struct nst_view *view)
{
	int err = nst_rest();

	if (err)
		return err;

	view->from = 0;
	view->to = view->ops->put(view, view->buf, view->buf + view->size) - view->buf;
	return 0;
}

/* Goes to a place in the file, or to its end if that comes before. */
static int seek(struct nst_view *view, loff_t pos)
{
	int err;

	if (pos < view->pos) {
		view->ops->rewind(view);
		go_to_start(view);
	}

	while (view->pos < pos) {
		loff_t left = pos - view->pos;

		if (view->from == view->to) {
			err = fill(view);
			if (err)
				return err;
			if (view->from == view->to)
				break;
		}
		left = min_t(loff_t, left, view->to - view->from);
		view->from += left;
		view->pos += left;
	}

	return 0;
}

/* Copies text to the reader. Gives how much; an error only if that is nothing. */
static ssize_t copy(struct nst_view *view, struct iov_iter *to)
{
	ssize_t done = 0;

	while (iov_iter_count(to)) {
		size_t wanted, copied;

		if (view->from == view->to) {
			int err = fill(view);

			if (err)
				return done ?: err;
			if (view->from == view->to)
				break;
		}

		wanted = min(view->to - view->from, iov_iter_count(to));
		copied = copy_to_iter(view->buf + view->from, wanted, to);
		view->from += copied;
		view->pos += copied;
		done += copied;
		if (copied < wanted)
			return done ?: -EFAULT;
	}

	return done;
}

static ssize_t read_at(struct nst_view *view, loff_t pos, struct iov_iter *to)
{
	ssize_t ret = nst_rest();	/* also before what is formatted already */

	if (ret)
		return ret;
	if (pos == 0 || !view->built) {
		if (pos && pos == view->end)
			return 0;
		ret = build(view, iov_iter_count(to));
	}
	if (!ret)
		ret = seek(view, pos);
	if (!ret)
		ret = copy(view, to);
	if (!ret) {
		view->end = view->pos;
		drop(view);
	}

	return ret;
}

/**
 * nst_view_read() - read a file whose private data is a struct nst_view
 * @iocb: the file, and where in it
 * @to: where to
 *
 * Context: process context, may sleep.
 * Return: how many bytes; 0 at the end; -ENOMEM; -EFAULT; what nst_rest() gave.
 */
ssize_t nst_view_read(struct kiocb *iocb, struct iov_iter *to)
{
	struct nst_view *view = iocb->ki_filp->private_data;
	ssize_t ret = -EINTR;

	if (!iov_iter_count(to))
		return 0;
	if (!mutex_lock_killable(&view->lock)) {
		ret = read_at(view, iocb->ki_pos, to);
		if (ret > 0)
			iocb->ki_pos += ret;
		mutex_unlock(&view->lock);
	}

	if (ret < 0)
		nst_stats_fail(ret);
	return ret;
}
