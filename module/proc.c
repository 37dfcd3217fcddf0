// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file "netstate": the table. view.c is the life of an open file, snapshot.c how what it
 * shows is found; here that becomes text, and what is written becomes a filter.
 */
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include <netstate/filter.h>
#include <netstate/format.h>
#include <netstate/info.h>

#include "params.h"
#include "proc.h"
#include "snapshot.h"
#include "store/budget.h"
#include "view.h"

/* The filter of a file that nobody has written to. */
static struct nst_filter everything __ro_after_init;

/* Where a file is in its snapshot. */
enum part {
	HEAD,
	ROWS,
};

/**
 * struct table - an open file
 * @view: what it has in common with others
 * @filter: what the next snapshot is to hold; NULL for all
 * @snapshot: what is being read, or NULL
 * @part: which part of it comes next
 * @cursor: the record to be shown next
 * @group: the group to be shown next, where there are groups
 */
struct table {
	struct nst_view view;
	struct nst_filter *filter;
	struct nst_snapshot *snapshot;
	enum part part;
	struct nst_cursor cursor;
	u32 group;
};

static struct table *table_of(const struct nst_view *view)
{
	return container_of(view, struct table, view);
}

static void rewind(struct nst_view *view)
{
	struct table *table = table_of(view);

	table->part = HEAD;
	table->group = 0;
	nst_cursor_start(&table->snapshot->rows, &table->cursor);
}

static int build(struct nst_view *view)
{
	struct table *table = table_of(view);
	struct nst_snapshot *snapshot;

	snapshot = nst_snapshot_build(view->net, table->filter ?: &everything, &view->access);
	if (IS_ERR(snapshot))
		return PTR_ERR(snapshot);

	table->snapshot = snapshot;
	rewind(view);
	return 0;
}

static void drop(struct nst_view *view)
{
	struct table *table = table_of(view);

	nst_snapshot_free(table->snapshot);
	table->snapshot = NULL;
}

static size_t row_max(const struct nst_snapshot *snapshot)
{
	size_t most = NST_ROW_MAX;

	if (snapshot->show & NST_SHOW_DETAIL)
		most += NST_DETAIL_MAX;
	if (snapshot->show & (NST_SHOW_TCP | NST_SHOW_MEM))
		most += NST_INFO_MAX;
	return most;
}

static size_t room(const struct nst_view *view)
{
	return max_t(size_t, row_max(table_of(view)->snapshot), NST_HEAD_MAX + NST_GROUP_MAX);
}

/* What follows the row at the cursor, in place of its newline. */
static noinline char *put_rest(const struct table *table, char *text, const char *end)
{
	const struct nst_snapshot *snapshot = table->snapshot;
	struct nst_sock *sock = table->cursor.sock;
	enum nst_table which = table->cursor.table;
	struct nst_detail *detail = nst_sock_detail(sock, which);	/* if it has one */
	u32 netns = table->view.net->ns.inum;

	if (snapshot->show & NST_SHOW_NETNS) {
		netns = *nst_rows_netns(&snapshot->rows, which, sock);
		text = nst_format_netns(text, netns, snapshot->show);
	}
	if (snapshot->show & NST_SHOW_DETAIL)
		text = nst_format_detail(text, end - 1, sock, detail, netns);
	if (snapshot->show & (NST_SHOW_TCP | NST_SHOW_MEM))
		text = nst_format_info(text, detail->known, nst_detail_info(detail),
				       snapshot->show);
	*text++ = '\n';
	return text;
}

/* Rows from the cursor on, which moves past them. */
static char *put_rows(struct table *table, char *text, const char *end)
{
	const struct nst_snapshot *snapshot = table->snapshot;
	bool rest = snapshot->show & (NST_SHOW_NETNS | NST_SHOW_WORDS);
	size_t most = row_max(snapshot);
	struct nst_sock *sock;

	while ((sock = nst_cursor_row(&table->cursor)) && end - text >= most) {
		text = nst_format_row(text, sock, table->cursor.table, snapshot->show);
		if (rest)
			text = put_rest(table, text - 1, end);
		nst_cursor_next(&snapshot->rows, &table->cursor);
	}

	return text;
}

static char *put_groups(struct table *table, char *text, const char *end)
{
	const struct nst_snapshot *snapshot = table->snapshot;

	for (; table->group < nst_groups_shown(&snapshot->groups) && end - text >= NST_GROUP_MAX;
	     table->group++)
		text = nst_groups_line(&snapshot->groups, table->group, text, snapshot->bound);

	return text;
}

/* The first two lines. */
static char *put_head(const struct table *table, char *text)
{
	const struct nst_snapshot *snapshot = table->snapshot;

	text = nst_format_counts(text, &snapshot->counts, snapshot->bound);
	if (snapshot->incomplete)
		text += sprintf(text - 1, " incomplete=%u\n", snapshot->incomplete) - 1;
	if (snapshot->hidden)
		text += sprintf(text - 1, " owners=some\n") - 1;
	return nst_snapshot_is_grouped(snapshot) ?
		nst_format_group_head(text, &snapshot->groups.grouping, snapshot->bound) :
		nst_format_columns(text, snapshot->show);
}

static char *put(struct nst_view *view, char *text, const char *end)
{
	struct table *table = table_of(view);

	if (table->part == HEAD) {
		text = put_head(table, text);
		table->part = ROWS;
	}

	return nst_snapshot_is_grouped(table->snapshot) ? put_groups(table, text, end) :
							  put_rows(table, text, end);
}

static const struct nst_view_ops view_ops = {
	.reads = NST_STAT_READS_TABLE,
	.build = build,
	.drop = drop,
	.rewind = rewind,
	.room = room,
	.put = put,
};

static int netstate_open(struct inode *inode, struct file *file)
{
	struct table *table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	int err;

	if (!table)
		return -ENOMEM;

	err = nst_view_open(&table->view, inode, file, &view_ops);
	if (err) {
		kfree(table);
		return err;
	}

	file->private_data = &table->view;
	/* What is written has no place in the file; as seq_file has it. */
	file->f_mode &= ~FMODE_PWRITE;
	return 0;
}

static void free_filter(struct table *table)
{
	nst_budget_free(table->view.access.budget, table->filter, sizeof(*table->filter));
	table->filter = NULL;
}

static int netstate_release(struct inode *inode, struct file *file)
{
	struct table *table = table_of(file->private_data);

	free_filter(table);
	nst_view_release(&table->view);
	kfree(table);
	return 0;
}

/* Whether it is by the number of a namespace, which the kernel tells in PID/ns, to few. */
static bool is_by_netns(const struct nst_grouping *group)
{
	return group->by[0] == NST_BY_NETNS || group->by[1] == NST_BY_NETNS;
}

/*
 * Whether the opener may ask for this. A filter asks for the same right as what it shows or
 * goes by: marks for the network's administrator.
 */
static bool may_ask(struct table *table, const struct nst_filter *filter)
{
	unsigned int match = nst_filter_needs_match(filter);
	unsigned int needs = match | nst_filter_needs_show(filter);
	struct user_namespace *ns = table->view.net->user_ns;

	if (match & NST_NEED_MARKS && !nst_access_may_administrate(&table->view.access, ns))
		return false;

	/* The right is asked for last: a security module may note that it was. */
	return (!(needs & (NST_NEED_DETAIL | NST_NEED_NETNS | NST_NEED_UNOWNED | NST_NEED_FILES)) &&
		!is_by_netns(&filter->group)) ||
	       nst_view_tells_details(&table->view);
}

/* Sets the filter. A text that is no filter leaves the old one as it was. */
static int set_filter(struct table *table, const char *text, size_t size)
{
	struct nst_budget *budget = table->view.access.budget;
	struct nst_filter_error error;
	struct nst_filter *filter;

	filter = nst_budget_alloc(budget, sizeof(*filter));
	if (!filter)
		return -ENOMEM;

	if (!nst_filter_parse(filter, text, size, &error)) {
		nst_budget_free(budget, filter, sizeof(*filter));
		return -EINVAL;
	}
	if (!may_ask(table, filter)) {
		nst_budget_free(budget, filter, sizeof(*filter));
		return -EPERM;
	}

	free_filter(table);
	table->filter = filter;
	return 0;
}

/*
 * Sets the filter. The file's position stays where it is: a read in progress
 * goes on as it began.
 */
static ssize_t netstate_write(struct file *file, const char __user *from, size_t size,
			      loff_t *pos)
{
	struct table *table = table_of(file->private_data);
	ssize_t ret;
	char *text;

	if (!size)
		return 0;
	if (size > NST_FILTER_MAX)
		return -E2BIG;

	text = memdup_user_nul(from, size);
	if (IS_ERR(text))
		return PTR_ERR(text);

	if (mutex_lock_killable(&table->view.lock)) {
		ret = -EINTR;
	} else {
		ret = set_filter(table, text, size);
		mutex_unlock(&table->view.lock);
	}

	kfree(text);
	return ret ?: size;
}

const struct proc_ops nst_table_proc_ops = {
	.proc_open = netstate_open,
	.proc_read_iter = nst_view_read,
	.proc_write = netstate_write,
	.proc_lseek = no_seek_end_llseek,
	.proc_release = netstate_release,
};

/**
 * nst_proc_init() - get ready for files with nst_table_proc_ops
 *
 * Context: any.
 */
void __init nst_proc_init(void)
{
	nst_filter_clear(&everything);
}
