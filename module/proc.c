// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/netstate: the life of a read.
 *
 *   open     remember the network namespace and who opens
 *   write    set the filter for the next read from the start
 *   read     from the start: take a capture (capture.c); then format rows from
 *            it, and nothing else, until the end of the file
 *   release  give everything back
 *
 * The capture is immutable, so reads of any size and at any offset see the same
 * text, until a read at offset 0 takes a new one. The end of the file frees it.
 */
#include <linux/cred.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <net/net_namespace.h>

#include <netstate/filter.h>
#include <netstate/format.h>
#include <netstate/more.h>

#include "owner/access.h"
#include "snapshot.h"
#include "proc.h"

/* A read is filled from one buffer, so a large one saves calls; but not for small reads. */
#define BUFFER_MAX (128 * 1024)

/**
 * struct view - an open file
 * @lock: serialises reads, writes and seeks; taken before the seq_file's own
 * @net: the opener's network namespace
 * @access: the opener
 * @filter: what the next capture is to hold
 * @capture: what is being read, or NULL
 * @cursor: the row to be shown next
 * @pos: its position, counted from 1; 0 when the cursor is not set yet
 *
 * What is one item to the seq_file is here as many rows as fit in its buffer, at
 * most those of one page: what it does for an item costs more than a row. Of a
 * capture in groups, a row is a group's line; there is no cursor then.
 */
struct view {
	struct mutex lock;	/* see above */
	struct net *net;
	struct nst_access access;
	struct nst_filter filter;
	struct nst_capture *capture;
	struct nst_cursor cursor;
	loff_t pos;
};

static void drop_capture(struct view *view)
{
	nst_capture_free(view->capture);
	view->capture = NULL;
}

static int take_capture(struct view *view)
{
	struct nst_capture *capture;

	capture = nst_capture_take(view->net, &view->filter, &view->access);
	if (IS_ERR(capture))
		return PTR_ERR(capture);

	view->capture = capture;
	view->pos = 0;
	return 0;
}

/* Goes to the first row. */
static void rewind_rows(struct view *view)
{
	if (!nst_capture_is_grouped(view->capture))
		nst_cursor_start(&view->capture->rows, &view->cursor);
	view->pos = 1;
}

/* The row to be shown next, NULL at the end. */
static void *this_row(struct view *view)
{
	struct nst_capture *capture = view->capture;

	if (!nst_capture_is_grouped(capture))
		return nst_cursor_row(&view->cursor);

	return view->pos <= nst_groups_shown(&capture->groups) ? capture : NULL;
}

static void next_row(struct view *view)
{
	if (!nst_capture_is_grouped(view->capture))
		nst_cursor_next(&view->capture->rows, &view->cursor);
	view->pos++;
}

/* As this_row(), and the end of the capture at the end. */
static void *current_row(struct view *view)
{
	void *row = this_row(view);

	if (!row)
		drop_capture(view);
	return row;
}

static void *netstate_seq_start(struct seq_file *seq, loff_t *pos)
{
	struct view *view = seq->private;
	int err;

	if (*pos == 0) {
		if (!view->capture) {
			err = take_capture(view);
			if (err)
				return ERR_PTR(err);
		}
		return SEQ_START_TOKEN;
	}

	if (!view->capture)
		return NULL;

	/* Most often the cursor is there: only a seek finds it elsewhere. */
	if (view->pos > *pos || !view->pos)
		rewind_rows(view);
	while (view->pos < *pos && this_row(view))
		next_row(view);

	return current_row(view);
}

static void *netstate_seq_next(struct seq_file *seq, void *row, loff_t *pos)
{
	struct view *view = seq->private;

	if (row == SEQ_START_TOKEN)
		rewind_rows(view);
	*pos = view->pos;	/* put_rows() has gone on */

	return this_row(view);
}

static void netstate_seq_stop(struct seq_file *seq, void *row)
{
}

/* What follows the row at the cursor, in place of its newline; NULL without room. */
static noinline char *put_rest(const struct view *view, char *text, const char *end)
{
	const struct nst_capture *capture = view->capture;
	struct nst_sock *sock = view->cursor.sock;
	enum nst_table table = view->cursor.table;
	u32 netns = view->net->ns.inum;

	if (capture->show & NST_SHOW_NETNS) {
		netns = *nst_rows_netns(&capture->rows, table, sock);
		text = nst_format_netns(text, netns, capture->show);
	}
	if (capture->show & NST_SHOW_MORE)
		text = nst_format_more(text, end - 1, sock, nst_sock_more(sock, table), netns);
	if (text)
		*text++ = '\n';
	return text;
}

/* The row at the cursor; NULL if there is not enough room for it. */
static char *put_row(const struct view *view, char *text, const char *end)
{
	const struct nst_capture *capture = view->capture;
	struct nst_sock *sock = view->cursor.sock;
	enum nst_table table = view->cursor.table;

	if (end - text < NST_ROW_MAX)
		return NULL;
	text = nst_format_row(text, sock, table, capture->show);
	if (!(capture->show & (NST_SHOW_NETNS | NST_SHOW_MORE)))
		return text;

	return put_rest(view, text - 1, end);
}

/* Rows from the cursor on, which moves past them; NULL if there is not enough room for one. */
static char *put_rows(struct view *view, char *text, const char *end)
{
	const struct nst_page *page = view->cursor.page;
	char *done = NULL;

	while (view->cursor.page == page && (text = put_row(view, text, end))) {
		done = text;
		next_row(view);
	}

	return done;
}

/* As put_rows(). */
static char *put_groups(struct view *view, char *text, const char *end)
{
	const struct nst_capture *capture = view->capture;
	char *done = NULL;

	while (this_row(view) && end - text >= NST_GROUP_MAX) {
		text = nst_groups_line(&capture->groups, view->pos - 1, text, capture->bound);
		done = text;
		next_row(view);
	}

	return done;
}

/* The first two lines; NULL if there is not enough room for them. */
static char *put_head(const struct view *view, char *text, const char *end)
{
	const struct nst_capture *capture = view->capture;

	if (end - text < NST_HEAD_MAX)
		return NULL;

	text = nst_format_counts(text, &capture->counts, capture->bound);
	return nst_capture_is_grouped(capture) ?
		nst_format_group_head(text, &capture->groups.grouping, capture->bound) :
		nst_format_columns(text, capture->show);
}

static int netstate_seq_show(struct seq_file *seq, void *row)
{
	struct view *view = seq->private;
	char *end, *text;
	size_t room;

	room = seq_get_buf(seq, &text);
	if (row == SEQ_START_TOKEN)
		end = put_head(view, text, text + room);
	else if (nst_capture_is_grouped(view->capture))
		end = put_groups(view, text, text + room);
	else
		end = put_rows(view, text, text + room);

	/* seq_file comes again with more room for what did not fit. */
	seq_commit(seq, end ? end - text : -1);
	return 0;
}

static const struct seq_operations netstate_seq_ops = {
	.start = netstate_seq_start,
	.next = netstate_seq_next,
	.stop = netstate_seq_stop,
	.show = netstate_seq_show,
};

static int netstate_open(struct inode *inode, struct file *file)
{
	struct view *view;

	/* Only a task on its way out has no namespaces. */
	if (!current->nsproxy)
		return -ESRCH;

	view = __seq_open_private(file, &netstate_seq_ops, sizeof(*view));
	if (!view)
		return -ENOMEM;

	mutex_init(&view->lock);
	view->net = get_net(current->nsproxy->net_ns);
	nst_access_open(&view->access, file);
	nst_filter_clear(&view->filter);
	return 0;
}

static int netstate_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct view *view = seq->private;

	drop_capture(view);
	put_net(view->net);
	return seq_release_private(inode, file);
}

/* The first read tells how large a buffer is worth its memory. */
static int size_buffer(struct seq_file *seq, size_t wanted)
{
	size_t size = clamp_t(size_t, wanted, PAGE_SIZE, BUFFER_MAX);

	if (seq->buf)
		return 0;

	seq->buf = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!seq->buf)
		return -ENOMEM;
	seq->size = size;
	return 0;
}

static ssize_t netstate_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct seq_file *seq = iocb->ki_filp->private_data;
	struct view *view = seq->private;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	if (mutex_lock_killable(&view->lock))
		return -EINTR;

	if (iocb->ki_pos == 0)
		drop_capture(view);
	ret = size_buffer(seq, iov_iter_count(to));
	if (!ret)
		ret = seq_read_iter(iocb, to);

	mutex_unlock(&view->lock);
	return ret;
}

/*
 * Sets the filter. The file's position stays where it is: a read in progress
 * goes on as it began.
 */
static ssize_t netstate_write(struct file *file, const char __user *from, size_t size,
			      loff_t *pos)
{
	struct seq_file *seq = file->private_data;
	struct view *view = seq->private;
	struct nst_filter_error error;
	ssize_t ret = size;
	char *text;

	if (!size)
		return 0;
	if (size > NST_FILTER_MAX)
		return -E2BIG;

	text = memdup_user_nul(from, size);
	if (IS_ERR(text))
		return PTR_ERR(text);

	if (mutex_lock_killable(&view->lock)) {
		ret = -EINTR;
	} else {
		/* A text that is no filter leaves the old one as it was. */
		if (!nst_filter_parse(&view->filter, text, size, &error))
			ret = -EINVAL;
		mutex_unlock(&view->lock);
	}

	kfree(text);
	return ret;
}

static loff_t netstate_lseek(struct file *file, loff_t offset, int whence)
{
	struct seq_file *seq = file->private_data;
	struct view *view = seq->private;
	loff_t ret;

	if (mutex_lock_killable(&view->lock))
		return -EINTR;
	ret = seq_lseek(file, offset, whence);
	mutex_unlock(&view->lock);

	return ret;
}

static const struct proc_ops netstate_proc_ops = {
	.proc_open = netstate_open,
	.proc_read_iter = netstate_read_iter,
	.proc_write = netstate_write,
	.proc_lseek = netstate_lseek,
	.proc_release = netstate_release,
};

/**
 * nst_proc_create() - make /proc/netstate
 *
 * Anybody may write: what is written only sets what the writer's own open file
 * shows.
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM (also when there is one already).
 */
int nst_proc_create(void)
{
	return proc_create("netstate", 0666, NULL, &netstate_proc_ops) ? 0 : -ENOMEM;
}

/**
 * nst_proc_remove() - remove /proc/netstate
 *
 * Waits for what runs in it, and releases all its open files; whoever reads
 * them after this gets EIO.
 *
 * Context: may sleep.
 */
void nst_proc_remove(void)
{
	remove_proc_entry("netstate", NULL);
}
