// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/netstate_metrics: counts only, in the Prometheus text format. Makes no
 * records: reads the state of each socket and adds.
 *
 * The counts are taken by the first read and kept until the end of the file, so
 * that reads of any size see one picture, and tables are walked once.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/net_namespace.h>

#include <netstate/addr.h>
#include <netstate/decimal.h>
#include <netstate/state.h>

#include "owner/access.h"
#include "store/listeners.h"
#include "metrics.h"
#include "walk/walk.h"

/* Room for all lines of most hosts. */
#define TEXT_SIZE (16 * 1024)

/**
 * struct picture - what was counted
 * @tables: bit mask of enum nst_table: what there is
 * @tally: the counts
 * @listening: whether listeners were counted, too
 * @listeners: these
 * @ns: how long it took
 */
struct picture {
	unsigned long tables;
	struct nst_tally tally;
	bool listening;
	struct nst_listeners listeners;
	u64 ns;
};

/**
 * struct view - an open file
 * @lock: serialises reads and seeks; taken before the seq_file's own
 * @net: the opener's network namespace
 * @access: the opener
 * @picture: what is being read, or NULL
 * @item: the part of it to be shown next
 *
 * The parts: the tables, each of the families with each listener, the rest.
 */
struct view {
	struct mutex lock;	/* see above */
	struct net *net;
	struct nst_access access;
	struct picture *picture;
	loff_t item;
};

static const char *const protocol[NST_TABLES] = {
	[NST_TCP] = "tcp",	   [NST_TCP6] = "tcp6",
	[NST_UDP] = "udp",	   [NST_UDP6] = "udp6",
	[NST_RAW] = "raw",	   [NST_RAW6] = "raw6",
	[NST_UDPLITE] = "udplite", [NST_UDPLITE6] = "udplite6",
};

/* States that sockets of a table can have; requests are added to SYN_RECV. */
static bool has_state(int table, int state)
{
	if (table == NST_TCP || table == NST_TCP6)
		return state <= NST_CLOSING && state != NST_CLOSE;

	return state == NST_ESTABLISHED || state == NST_CLOSE;
}

/* The sockets that are shown in a state. */
static u32 count_of(const u32 *count, int state)
{
	return count[state] + (state == NST_SYN_RECV ? count[NST_NEW_SYN_RECV] : 0);
}

static void show_help(struct seq_file *seq, const char *name, const char *type, const char *help)
{
	seq_printf(seq, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void show_tables(struct seq_file *seq, const struct picture *picture)
{
	int state, table;

	show_help(seq, "netstate_sockets", "gauge",
		  "Sockets of the reader's network namespace by protocol and state.");
	for (table = 0; table < NST_TABLES; table++) {
		if (!(picture->tables & BIT(table)))
			continue;

		for (state = 1; state < NST_STATES; state++) {
			if (!has_state(table, state))
				continue;
			seq_printf(seq, "netstate_sockets{protocol=\"%s\",state=\"%s\"} %u\n",
				   protocol[table], nst_state_word(state),
				   count_of(picture->tally.state[table], state));
		}
	}
}

/* Room for the labels of any listener, and what is around them. */
#define LABELS_MAX (NST_ADDR6_MAX + sizeof("{addr=\"\",port=\"65535\""))

/* A listener's labels without the closing brace. There are many lines, so not by printf. */
static void make_labels(char *labels, const struct nst_listener *listener, bool named)
{
	static const char head[] = "{addr=\"", middle[] = "\",port=\"";
	const u8 *addr = (const u8 *)listener->at.addr;
	char *end = labels + strlen(head);

	if (!named) {
		strscpy(labels, "{addr=\"other\",port=\"other\"", LABELS_MAX);
		return;
	}

	memcpy(labels, head, strlen(head));
	end = listener->at.ipv6 ? nst_addr6_text(end, addr) : nst_addr4_text(end, addr);
	memcpy(end, middle, strlen(middle));
	end = nst_decimal(end + strlen(middle), listener->at.port);
	memcpy(end, "\"", 2);
}

static void show_value(struct seq_file *seq, const char *name, const char *labels, u64 value)
{
	seq_puts(seq, name);
	seq_puts(seq, labels);
	seq_put_decimal_ull(seq, "} ", value);
	seq_putc(seq, '\n');
}

/* Those two states always, so that their series do not come and go. */
static void show_listener_sockets(struct seq_file *seq, const char *name, const char *labels,
				  const struct nst_listener_sums *sums)
{
	int state;

	for (state = 1; state < NST_STATES; state++) {
		u32 count = count_of(sums->state, state);

		if (!has_state(NST_TCP, state))
			continue;
		if (!count && state != NST_ESTABLISHED && state != NST_LISTEN)
			continue;

		seq_puts(seq, name);
		seq_puts(seq, labels);
		seq_puts(seq, ",state=\"");
		seq_puts(seq, nst_state_word(state));
		seq_put_decimal_ull(seq, "\"} ", count);
		seq_putc(seq, '\n');
	}
}

static void show_listener_backlog(struct seq_file *seq, const char *name, const char *labels,
				  const struct nst_listener_sums *sums)
{
	show_value(seq, name, labels, sums->backlog);
}

static void show_listener_limit(struct seq_file *seq, const char *name, const char *labels,
				const struct nst_listener_sums *sums)
{
	show_value(seq, name, labels, sums->limit);
}

static void show_listener_drops(struct seq_file *seq, const char *name, const char *labels,
				const struct nst_listener_sums *sums)
{
	show_value(seq, name, labels, sums->drops);
}

/* What is told of each listener. */
static const struct {
	const char *name;
	const char *type;
	const char *help;
	void (*show)(struct seq_file *seq, const char *name, const char *labels,
		     const struct nst_listener_sums *sums);
} families[] = {
	{ "netstate_listener_sockets", "gauge",
	  "TCP sockets by the address and port that somebody listens on, and state.",
	  show_listener_sockets },
	{ "netstate_listener_backlog", "gauge",
	  "Connections that wait to be accepted.", show_listener_backlog },
	{ "netstate_listener_backlog_limit", "gauge",
	  "How many connections may wait to be accepted.", show_listener_limit },
	{ "netstate_listener_drops_total", "counter",
	  "Segments that the listening sockets have dropped.", show_listener_drops },
};

/* How many listeners are shown: the first entry, if it stands for any, and those named. */
static u32 entries(const struct picture *picture)
{
	if (!picture->listening)
		return 0;

	return picture->listeners.n + !!picture->listeners.entry[0].sums.state[NST_LISTEN];
}

/* One family's lines of one listener; the other listeners come last. */
static void show_listener(struct seq_file *seq, const struct picture *picture, u32 family, u32 i)
{
	bool named = i < picture->listeners.n;
	const struct nst_listener *listener = &picture->listeners.entry[named ? i + 1 : 0];
	char labels[LABELS_MAX];

	if (!i)
		show_help(seq, families[family].name, families[family].type,
			  families[family].help);
	make_labels(labels, listener, named);
	families[family].show(seq, families[family].name, labels, &listener->sums);
}

static void show_rest(struct seq_file *seq, const struct picture *picture)
{
	u32 rest;
	u64 seconds = div_u64_rem(picture->ns, NSEC_PER_SEC, &rest);

	if (picture->listening) {
		show_help(seq, "netstate_listeners_unnamed", "gauge",
			  "Listening sockets beyond the parameter listeners_max, which are in addr=\"other\".");
		seq_printf(seq, "netstate_listeners_unnamed %u\n",
			   picture->listeners.entry[0].sums.state[NST_LISTEN]);
	}

	show_help(seq, "netstate_tcp_orphans", "gauge",
		  "TCP connections that no process can reach any more.");
	seq_printf(seq, "netstate_tcp_orphans %u\n", picture->tally.orphans);

	show_help(seq, "netstate_walk_seconds", "gauge",
		  "How long this walk over the tables took.");
	seq_printf(seq, "netstate_walk_seconds %llu.%09u\n", seconds, rest);

	show_help(seq, "netstate_build_info", "gauge", "The module, always 1.");
	seq_printf(seq, "netstate_build_info{version=\"%s\"} 1\n", NETSTATE_VERSION);
}

static void free_picture(struct picture *picture)
{
	if (!picture)
		return;

	nst_listeners_free(&picture->listeners);
	kfree(picture);
}

static int walk(struct picture *picture, struct net *net)
{
	struct nst_walk *walk;
	ktime_t start;
	int err;

	walk = kzalloc(sizeof(*walk), GFP_KERNEL_ACCOUNT);
	if (!walk)
		return -ENOMEM;

	walk->net = net;
	walk->tables = picture->tables;
	walk->listeners = picture->listening ? &picture->listeners : NULL;
	start = ktime_get();
	err = nst_walk_all(walk);
	picture->ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	picture->tally = walk->tally;
	nst_listeners_trim(&picture->listeners);
	kfree(walk);

	return err;
}

static struct picture *take_picture(struct net *net, bool privileged)
{
	u32 max = nst_listeners_max();
	struct picture *picture;
	int err = 0;

	picture = kzalloc(sizeof(*picture), GFP_KERNEL_ACCOUNT);
	if (!picture)
		return ERR_PTR(-ENOMEM);

	picture->tables = nst_walk_tables();
	picture->listening = max;
	if (picture->listening)
		err = nst_listeners_init(&picture->listeners, max, privileged);
	if (!err)
		err = walk(picture, net);
	if (err) {
		free_picture(picture);
		return ERR_PTR(err);
	}

	return picture;
}

static void drop_picture(struct view *view)
{
	free_picture(view->picture);
	view->picture = NULL;
}

/* How many items there are. */
static loff_t items(const struct picture *picture)
{
	return 1 + (loff_t)ARRAY_SIZE(families) * entries(picture) + 1;
}

static void *metrics_seq_start(struct seq_file *seq, loff_t *pos)
{
	struct view *view = seq->private;

	if (*pos == 0 && !view->picture) {
		struct picture *picture = take_picture(view->net, view->access.privileged);

		if (IS_ERR(picture))
			return picture;
		view->picture = picture;
	}
	if (!view->picture)
		return NULL;

	if (*pos >= items(view->picture)) {
		drop_picture(view);
		return NULL;
	}

	view->item = *pos;
	return view;
}

static void *metrics_seq_next(struct seq_file *seq, void *item, loff_t *pos)
{
	struct view *view = seq->private;

	view->item = ++*pos;
	return view->item < items(view->picture) ? view : NULL;
}

static void metrics_seq_stop(struct seq_file *seq, void *item)
{
}

static int metrics_seq_show(struct seq_file *seq, void *item)
{
	struct view *view = seq->private;
	const struct picture *picture = view->picture;
	u32 i, family;

	if (view->item == 0) {
		show_tables(seq, picture);
	} else if (view->item == items(picture) - 1) {
		show_rest(seq, picture);
	} else {
		family = div_u64_rem(view->item - 1, entries(picture), &i);
		show_listener(seq, picture, family, i);
	}

	return 0;
}

static const struct seq_operations metrics_seq_ops = {
	.start = metrics_seq_start,
	.next = metrics_seq_next,
	.stop = metrics_seq_stop,
	.show = metrics_seq_show,
};

static int metrics_open(struct inode *inode, struct file *file)
{
	struct seq_file *seq;
	struct view *view;

	if (!current->nsproxy)
		return -ESRCH;

	view = __seq_open_private(file, &metrics_seq_ops, sizeof(*view));
	if (!view)
		return -ENOMEM;

	seq = file->private_data;
	seq->buf = kvmalloc(TEXT_SIZE, GFP_KERNEL_ACCOUNT);
	if (!seq->buf) {
		seq_release_private(inode, file);
		return -ENOMEM;
	}
	seq->size = TEXT_SIZE;

	mutex_init(&view->lock);
	view->net = get_net(current->nsproxy->net_ns);
	nst_access_open(&view->access, file);
	return 0;
}

static int metrics_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct view *view = seq->private;

	drop_picture(view);
	put_net(view->net);
	return seq_release_private(inode, file);
}

static ssize_t metrics_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct seq_file *seq = iocb->ki_filp->private_data;
	struct view *view = seq->private;
	ssize_t ret;

	if (!iov_iter_count(to))
		return 0;
	if (mutex_lock_killable(&view->lock))
		return -EINTR;

	if (iocb->ki_pos == 0)
		drop_picture(view);
	ret = seq_read_iter(iocb, to);

	mutex_unlock(&view->lock);
	return ret;
}

static loff_t metrics_lseek(struct file *file, loff_t offset, int whence)
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

static const struct proc_ops metrics_proc_ops = {
	.proc_open = metrics_open,
	.proc_read_iter = metrics_read_iter,
	.proc_lseek = metrics_lseek,
	.proc_release = metrics_release,
};

/**
 * nst_metrics_create() - make /proc/netstate_metrics
 *
 * Context: may sleep.
 * Return: 0, or -ENOMEM (also when there is one already).
 */
int nst_metrics_create(void)
{
	struct proc_dir_entry *entry;

	entry = proc_create("netstate_metrics", 0444, NULL, &metrics_proc_ops);
	return entry ? 0 : -ENOMEM;
}

/**
 * nst_metrics_remove() - remove /proc/netstate_metrics
 *
 * Context: may sleep; see nst_proc_remove().
 */
void nst_metrics_remove(void)
{
	remove_proc_entry("netstate_metrics", NULL);
}
