// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/netstate_metrics: counts only, in the Prometheus text format. Makes no
 * records: reads the state of each socket and adds. view.c is the life of an open file.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include <netstate/addr.h>
#include <netstate/decimal.h>
#include <netstate/state.h>

#include "metrics.h"
#include "params.h"
#include "store/budget.h"
#include "store/by_listener.h"
#include "store/stats.h"
#include "view.h"
#include "walk/walk.h"

/* Room for the longest item. */
#define ITEM_MAX (8 * 1024)

/* What is told of the module itself: what it counts, and these two. */
enum {
	BUDGET_USED = NST_STATS,
	BUDGET_LIMIT,
	OWN
};

/**
 * struct metrics - an open file
 * @view: what it has in common with others
 * @tables: bit mask of enum nst_table: what there is
 * @counts: the counts
 * @incomplete: how many buckets, and sockets in others, were left out
 * @details: whether the opener may know more than net/tcp has
 * @listening: whether listeners were counted, too
 * @by_listener: these
 * @ns: how long it took
 * @own: what the module has counted of itself by then
 * @item: the part of it to be shown next
 *
 * The parts: the tables, each of the families with each listener, the rest.
 */
struct metrics {
	struct nst_view view;
	unsigned long tables;
	struct nst_sink_counts counts;
	u32 incomplete;
	bool details;
	bool listening;
	struct nst_by_listener by_listener;
	u64 ns;
	u64 own[OWN];
	u64 item;
};

static struct metrics *metrics_of(const struct nst_view *view)
{
	return container_of(view, struct metrics, view);
}

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

static char *put_text(char *text, const char *from)
{
	size_t len = strlen(from);

	memcpy(text, from, len);
	return text + len;
}

/* A number, and the end of the line. */
static char *put_value(char *text, u64 value)
{
	text = nst_decimal64(text, value);
	*text++ = '\n';
	return text;
}

/* A number of percent as a ratio. */
static char *put_percent(char *text, u64 percent)
{
	u32 rest;

	text = nst_decimal64(text, div_u64_rem(percent, 100, &rest));
	*text++ = '.';
	*text++ = '0' + rest / 10;
	*text++ = '0' + rest % 10;
	*text++ = '\n';
	return text;
}

static char *put_help(char *text, const char *name, const char *type, const char *help)
{
	return text + sprintf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static char *put_tables(char *text, const struct metrics *metrics)
{
	int state, table;

	text = put_help(text, "netstate_sockets", "gauge",
			"Sockets of the network namespace by protocol and state.");
	for (table = 0; table < NST_TABLES; table++) {
		if (!(metrics->tables & BIT(table)))
			continue;

		for (state = 1; state < NST_STATES; state++) {
			if (!has_state(table, state))
				continue;
			text += sprintf(text, "netstate_sockets{protocol=\"%s\",state=\"%s\"} %u\n",
					protocol[table], nst_state_word(state),
					count_of(metrics->counts.state[table], state));
		}
	}

	return text;
}

/* A listener's labels without the closing brace. There are many lines, so not by printf. */
static char *put_labels(char *text, const struct nst_listener *listener, bool named)
{
	const u8 *addr = (const u8 *)listener->at.addr;

	if (!named)
		return put_text(text, "{addr=\"other\",port=\"other\"");

	text = put_text(text, "{addr=\"");
	text = listener->at.ipv6 ? nst_addr6_text(text, addr) : nst_addr4_text(text, addr);
	text = put_text(text, "\",port=\"");
	text = nst_decimal(text, listener->at.port);
	return put_text(text, "\"");
}

/* What is told of each listener. The first ones net/tcp has, too: they are told to all. */
enum family {
	SOCKETS,
	BACKLOG,
	DETAILS,
	LIMIT = DETAILS,
	FULLEST,
	FULL,
	DROPS,
	FAMILIES
};

static const struct {
	const char *name;
	const char *type;
	const char *help;
} families[FAMILIES] = {
	[SOCKETS] = { "netstate_listener_sockets", "gauge",
		      "TCP sockets by the address and port that somebody listens on, and state." },
	[BACKLOG] = { "netstate_listener_backlog", "gauge",
		      "Connections that wait to be accepted." },
	[LIMIT] = { "netstate_listener_backlog_limit", "gauge",
		    "How many connections may wait to be accepted." },
	[FULLEST] = { "netstate_listener_backlog_fullest_ratio", "gauge",
		      "Of the listening socket that is fullest: how many wait, by how many may." },
	[FULL] = { "netstate_listener_full", "gauge",
		   "Listening sockets whose accept queue is full." },
	[DROPS] = { "netstate_listener_drops", "gauge",
		    "Segments that the sockets that listen now have dropped." },
};

static u64 value_of(const struct nst_listener_counts *counts, enum family family)
{
	switch (family) {
	case BACKLOG:
		return counts->backlog;
	case LIMIT:
		return counts->limit;
	case FULL:
		return counts->full;
	default:
		return counts->drops;
	}
}

/* Those two states always, so that their series do not come and go. */
static char *put_states(char *text, const struct nst_listener *listener, bool named,
			const struct nst_listener_counts *counts)
{
	int state;

	for (state = 1; state < NST_STATES; state++) {
		u32 count = count_of(counts->state, state);

		if (!has_state(NST_TCP, state))
			continue;
		if (!count && state != NST_ESTABLISHED && state != NST_LISTEN)
			continue;

		text = put_text(text, families[SOCKETS].name);
		text = put_labels(text, listener, named);
		text = put_text(text, ",state=\"");
		text = put_text(text, nst_state_word(state));
		text = put_text(text, "\"} ");
		text = put_value(text, count);
	}

	return text;
}

/* How many listeners are shown: the first entry, if it stands for any, and those named. */
static u32 entries(const struct metrics *metrics)
{
	if (!metrics->listening)
		return 0;

	return metrics->by_listener.listeners.n + !!nst_by_listener_unnamed(&metrics->by_listener);
}

/* One family's lines of one listener; the other listeners come last. */
static char *put_listener(char *text, const struct metrics *metrics, enum family family, u32 i)
{
	const struct nst_by_listener *by = &metrics->by_listener;
	bool named = i < by->listeners.n;
	u32 entry = named ? i + 1 : NST_LISTENERS_OTHER;
	const struct nst_listener *listener = &by->listeners.entry[entry];
	const struct nst_listener_counts *counts = &by->counted[entry].counts;

	if (!i)
		text = put_help(text, families[family].name, families[family].type,
				families[family].help);
	if (family == SOCKETS)
		return put_states(text, listener, named, counts);

	text = put_text(text, families[family].name);
	text = put_labels(text, listener, named);
	text = put_text(text, "} ");
	return family == FULLEST ? put_percent(text, counts->fullest) :
				   put_value(text, value_of(counts, family));
}

static char *put_gauge(char *text, const char *name, u64 value, const char *help)
{
	text = put_help(text, name, "gauge", help);
	text = put_text(text, name);
	*text++ = ' ';
	return put_value(text, value);
}

/* What is told of the module itself; those that differ in a label only follow each other. */
static const struct {
	const char *name;
	const char *type;
	const char *help;
	const char *label;
} own[OWN] = {
	[NST_STAT_READS_TABLE] = {
		"netstate_reads_total", "counter",
		"Reads at the start of a file, which take a snapshot.", "{file=\"netstate\"}"
	},
	[NST_STAT_READS_METRICS] = {
		"netstate_reads_total", .label = "{file=\"netstate_metrics\"}"
	},
	[NST_STAT_EBUSY] = {
		"netstate_read_errors_total", "counter",
		"Calls of read(2) that failed.", "{errno=\"EBUSY\"}"
	},
	[NST_STAT_EFAULT] = { "netstate_read_errors_total", .label = "{errno=\"EFAULT\"}" },
	[NST_STAT_EINTR] = { "netstate_read_errors_total", .label = "{errno=\"EINTR\"}" },
	[NST_STAT_ENOMEM] = { "netstate_read_errors_total", .label = "{errno=\"ENOMEM\"}" },
	[NST_STAT_OTHER] = { "netstate_read_errors_total", .label = "{errno=\"other\"}" },
	[NST_STAT_RETRIES] = {
		"netstate_bucket_retries_total", "counter",
		"Times that a bucket was walked again: it had changed, or is long.", ""
	},
	[NST_STAT_LOCKS] = {
		"netstate_bucket_locks_total", "counter",
		"Times that a bucket was walked under its lock: it kept changing, or is long.", ""
	},
	[NST_STAT_RECORDS] = {
		"netstate_records", "gauge",
		"Sockets in the tables that somebody is reading.", ""
	},
	[BUDGET_USED] = {
		"netstate_budget_used_bytes", "gauge",
		"Memory that all reads together have.", ""
	},
	[BUDGET_LIMIT] = {
		"netstate_budget_limit_bytes", "gauge",
		"Memory that all reads together may have.", ""
	},
};

static char *put_own(char *text, const struct metrics *metrics)
{
	int i;

	for (i = 0; i < OWN; i++) {
		if (own[i].help)
			text = put_help(text, own[i].name, own[i].type, own[i].help);
		text = put_text(text, own[i].name);
		text = put_text(text, own[i].label);
		*text++ = ' ';
		text = put_value(text, metrics->own[i]);
	}

	return text;
}

static char *put_rest(char *text, const struct metrics *metrics)
{
	u32 rest;
	u64 seconds = div_u64_rem(metrics->ns, NSEC_PER_SEC, &rest);

	if (metrics->listening)
		text = put_gauge(text, "netstate_listeners_unnamed",
				 nst_by_listener_unnamed(&metrics->by_listener),
				 "Listening sockets beyond the parameter listeners_max, which are in addr=\"other\".");
	if (metrics->details)
		text = put_gauge(text, "netstate_tcp_orphans", metrics->counts.orphans,
				 "TCP connections that no process can reach any more.");
	text = put_gauge(text, "netstate_incomplete", metrics->incomplete,
			 "Buckets, and sockets in others, that did not come to rest and are not counted.");

	/* It hangs on the sockets of all namespaces: a container is not told. */
	if (metrics->view.access.privileged) {
		text = put_help(text, "netstate_walk_seconds", "gauge",
				"How long this walk over the tables took.");
		text += sprintf(text, "netstate_walk_seconds %llu.%09u\n", seconds, rest);
	}
	/* This is about the host, too, and no namespace's but the first one's. */
	if (metrics->view.access.privileged && net_eq(metrics->view.net, &init_net))
		text = put_own(text, metrics);

	text = put_help(text, "netstate_build_info", "gauge", "The module, always 1.");
	return text + sprintf(text, "netstate_build_info{version=\"%s\"} 1\n", NETSTATE_VERSION);
}

/* How many items there are. */
static u64 items(const struct metrics *metrics)
{
	return 1 + (u64)(metrics->details ? FAMILIES : DETAILS) * entries(metrics) + 1;
}

static char *put_item(char *text, const struct metrics *metrics)
{
	u32 i, family;

	if (metrics->item == 0)
		return put_tables(text, metrics);
	if (metrics->item == items(metrics) - 1)
		return put_rest(text, metrics);

	family = div_u64_rem(metrics->item - 1, entries(metrics), &i);
	return put_listener(text, metrics, family, i);
}

static char *put(struct nst_view *view, char *text, const char *end)
{
	struct metrics *metrics = metrics_of(view);

	for (; metrics->item < items(metrics) && end - text >= ITEM_MAX; metrics->item++)
		text = put_item(text, metrics);

	return text;
}

static void drop(struct nst_view *view)
{
	nst_by_listener_free(&metrics_of(view)->by_listener);
}

static void rewind(struct nst_view *view)
{
	metrics_of(view)->item = 0;
}

static size_t room(const struct nst_view *view)
{
	return 2 * ITEM_MAX;
}

static int count(struct metrics *metrics)
{
	struct nst_budget *budget = metrics->view.access.budget;
	struct nst_walk *walk;
	ktime_t start;
	int err;

	walk = nst_budget_alloc(budget, sizeof(*walk));
	if (!walk)
		return -ENOMEM;

	nst_slots_init(&walk->at.noted, budget);
	walk->scope.net = metrics->view.net;
	walk->scope.held = metrics->view.net;
	walk->query.tables = metrics->tables;
	walk->sink.by_listener = metrics->listening ? &metrics->by_listener : NULL;
	start = ktime_get();
	err = nst_walk_all(walk);
	metrics->ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	metrics->counts = walk->sink.counts;
	metrics->incomplete = walk->sink.incomplete;
	nst_by_listener_trim(&metrics->by_listener);
	nst_budget_free(budget, walk, sizeof(*walk));

	return err;
}

/* As it is now: the text is made later, and maybe twice. */
static void note_own(struct metrics *metrics)
{
	int i;

	for (i = 0; i < NST_STATS; i++)
		metrics->own[i] = nst_stats_read(i);
	metrics->own[BUDGET_USED] = nst_budget_used();
	metrics->own[BUDGET_LIMIT] = (u64)READ_ONCE(nst_params.budget_mb) << 20;
}

static int build(struct nst_view *view)
{
	struct metrics *metrics = metrics_of(view);
	u32 max = READ_ONCE(nst_params.listeners_max);
	int err = 0;

	nst_access_start(&view->access);
	metrics->item = 0;
	metrics->tables = nst_walk_tables();
	metrics->details = nst_view_tells_details(view);
	metrics->listening = max;
	memset(&metrics->by_listener, 0, sizeof(metrics->by_listener));
	if (max)
		err = nst_by_listener_init(&metrics->by_listener, max, view->access.budget);
	if (err)
		return err;

	err = count(metrics);
	if (err)
		nst_by_listener_free(&metrics->by_listener);
	note_own(metrics);
	return err;
}

static const struct nst_view_ops view_ops = {
	.reads = NST_STAT_READS_METRICS,
	.build = build,
	.drop = drop,
	.rewind = rewind,
	.room = room,
	.put = put,
};

static int metrics_open(struct inode *inode, struct file *file)
{
	struct metrics *metrics = kzalloc(sizeof(*metrics), GFP_KERNEL_ACCOUNT);
	int err;

	if (!metrics)
		return -ENOMEM;

	err = nst_view_open(&metrics->view, inode, file, &view_ops);
	if (err) {
		kfree(metrics);
		return err;
	}

	file->private_data = &metrics->view;
	return 0;
}

static int metrics_release(struct inode *inode, struct file *file)
{
	struct metrics *metrics = metrics_of(file->private_data);

	nst_view_release(&metrics->view);
	kfree(metrics);
	return 0;
}

const struct proc_ops nst_metrics_proc_ops = {
	.proc_open = metrics_open,
	.proc_read_iter = nst_view_read,
	.proc_lseek = no_seek_end_llseek,
	.proc_release = metrics_release,
};
