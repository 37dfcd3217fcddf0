// SPDX-License-Identifier: GPL-2.0-only
/*
 * Servers that do not take their connections, and such as are flooded. Sockets that share a port
 * are looked at one by one: one full queue loses its connections, however empty the others are.
 */
#include <unistd.h>

#include "diagnose/ask.h"
#include "diagnose/looks.h"
#include "diagnose/proc.h"
#include "diagnose/samples.h"
#include "diagnose/tally.h"
#include "diagnose/thresholds.h"
#include "fail.h"

static struct nst_samples samples;	/* whether the queue was full; drops */
static u64 cookies;			/* that were sent before */

/* Reads the next listener; whether its queue is full, and what it has dropped. */
static bool next(struct nst_row *row, u64 *limit, u64 *is_full, u64 *drops)
{
	while (nst_ask_row(row)) {
		if (!nst_row_backlog(row, limit) || !nst_row_number(row, "drops", drops))
			continue;
		*is_full = nst_is_near(row->sock.recvq, *limit, NST_NEAR);
		return true;
	}
	return false;
}

bool nst_listeners_before(void)
{
	u64 limit, is_full, drops;
	struct nst_row row;

	if (!nst_ask("state=listen show=user,more"))
		return false;
	while (next(&row, &limit, &is_full, &drops))
		if ((is_full || drops) && !nst_samples_add(&samples, &row, is_full, drops))
			return false;
	nst_samples_sort(&samples);
	return !nst_trouble();
}

static struct nst_finding *tell(enum nst_kind kind, const struct nst_entry *entry)
{
	struct nst_finding *finding = nst_found(kind);
	struct nst_word inode, local;

	if (!finding)
		return NULL;
	nst_found_entry(finding, entry);
	local = nst_word_of(entry->name);
	nst_word_split_last(local, ' ', &local, &inode);
	snprintf(finding->local, sizeof(finding->local), "%.*s", (int)local.len, local.start);
	nst_found_command(finding, "netstate -ltnp show=more lport=%s",
			  nst_found_port(finding->local));
	return finding;
}

static void tell_all(struct nst_tally *full, struct nst_tally *drops)
{
	struct nst_finding *finding;
	size_t i;

	nst_tally_sort(full);
	for (i = 0; i < full->count; i++) {
		finding = tell(NST_QUEUE_FULL, full->entry[i]);
		if (!finding)
			continue;
		finding->limit = full->entry[i]->most;
		nst_found_what(finding, "at %s, the accept queue of %s has %llu connection%s of %llu",
			       finding->local, nst_found_who(finding),
			       (unsigned long long)finding->count, nst_s(finding->count),
			       (unsigned long long)finding->limit);
	}
	nst_tally_sort(drops);
	for (i = 0; i < drops->count && drops->entry[i]->count >= NST_DROPS; i++) {
		finding = tell(NST_LISTEN_DROPS, drops->entry[i]);
		if (finding)
			nst_found_what(finding, "at %s, the kernel has dropped %llu packets for %s in %g s",
				       finding->local, (unsigned long long)finding->count,
				       nst_found_who(finding), nst_seconds_between);
	}
}

static bool count(struct nst_tally *tally, const struct nst_row *row, u64 number, u64 limit)
{
	struct nst_entry *entry;
	char name[80];

	snprintf(name, sizeof(name), "%.*s %llu", (int)row->local.text.len, row->local.text.start,
		 (unsigned long long)row->sock.inode);
	entry = nst_tally_of(tally, nst_word_of(name));
	if (!entry)
		return false;
	nst_entry_holder(entry, row);
	entry->count = number;
	entry->most = limit;
	return true;
}

bool nst_listeners_look(void)
{
	u64 limit, is_full, drops, dropped;
	struct nst_tally full = {}, lossy = {};
	const struct nst_sample *before;
	struct nst_row row;

	if (!nst_ask("state=listen show=user,program,more"))
		return false;
	while (next(&row, &limit, &is_full, &drops)) {
		before = nst_samples_find(&samples, &row);
		dropped = before ? before->second : 0;
		if (is_full && before && before->first && !count(&full, &row, row.sock.recvq, limit))
			break;
		if (drops > dropped && !count(&lossy, &row, drops - dropped, 0))
			break;
	}
	tell_all(&full, &lossy);
	nst_tally_free(&full);
	nst_tally_free(&lossy);
	nst_samples_free(&samples);
	return !nst_trouble();
}

/*
 * How many requests a socket may have: without SYN cookies the kernel keeps the last quarter of
 * tcp_max_syn_backlog for clients that it knows.
 */
static bool read_request_limit(u64 *limit)
{
	u64 mode;

	if (!nst_proc_numbers("/proc/sys/net/ipv4/tcp_syncookies", &mode, 1) ||
	    !nst_proc_numbers("/proc/sys/net/ipv4/tcp_max_syn_backlog", limit, 1))
		return false;
	*limit = mode ? ~0ULL : *limit - *limit / 4;
	return true;
}

/* Takes name{addr="A",port="P" off a line of the metrics, as "A:P". */
static bool take_listener(struct nst_word line, const char *name, char *listener, size_t size,
			  struct nst_word *rest)
{
	struct nst_word addr, port;

	if (!nst_word_split(line, '{', &line, rest) || !nst_word_is(line, name) ||
	    !nst_word_split(*rest, '"', &addr, rest) || !nst_word_split(*rest, '"', &addr, rest) ||
	    !nst_word_split(*rest, '"', &port, rest) || !nst_word_split(*rest, '"', &port, rest))
		return false;
	snprintf(listener, size, "%.*s:%.*s", (int)addr.len, addr.start, (int)port.len, port.start);
	return true;
}

static bool take_number(struct nst_word rest, u64 *number)
{
	struct nst_word brace;

	return nst_word_split(rest, '}', &brace, &rest) &&
	       nst_word_number(nst_word_next(&rest), ~0ULL, number);
}

/* Sums requests up by listener (@count), and how many may wait there (@most). */
static bool add_metric(struct nst_tally *tally, struct nst_word line)
{
	struct nst_entry *entry;
	struct nst_word rest;
	char listener[64];
	bool is_limit = false;
	u64 number;

	if (take_listener(line, "netstate_listener_backlog_limit", listener, sizeof(listener), &rest))
		is_limit = true;
	else if (!take_listener(line, "netstate_listener_sockets", listener, sizeof(listener), &rest) ||
		 !nst_word_begins(rest, ",state=\"syn_recv\""))
		return true;
	if (!take_number(rest, &number))
		return true;
	entry = nst_tally_of(tally, nst_word_of(listener));
	if (!entry)
		return false;
	if (is_limit)
		entry->most = number;
	else
		entry->count = number;
	return true;
}

bool nst_half_open_look(void)
{
	static struct nst_source metrics;	/* holds a large buffer */
	struct nst_tally tally = {};
	struct nst_finding *finding;
	struct nst_entry *entry;
	bool are_counted = false;
	struct nst_word line;
	u64 most, limit;
	size_t i;

	if (!read_request_limit(&most) || !nst_source_open_metrics(&metrics))
		return false;
	while (nst_source_line(&metrics, &line) && add_metric(&tally, line))
		are_counted |= nst_word_begins(line, "netstate_listeners_unnamed ");
	close(metrics.fd);
	if (!are_counted)
		nst_fail(NST_EXIT_IO, "the module counts no listeners: its listeners_max is 0");
	nst_tally_sort(&tally);
	for (i = 0; i < tally.count && tally.entry[i]->count >= NST_HALF_OPEN; i++) {
		entry = tally.entry[i];
		if (!strcmp(entry->name, "other:other")) {
			nst_fail(NST_EXIT_IO, "there are more listeners than the module's listeners_max");
			continue;
		}
		limit = entry->most < most ? entry->most : most;
		finding = nst_is_near(entry->count, limit, NST_NEAR) ?
			  nst_found(NST_HALF_OPEN_FULL) : NULL;
		if (!finding)
			continue;
		finding->count = entry->count;
		finding->limit = limit;
		strcpy(finding->local, entry->name);
		nst_found_what(finding, "at %s, %llu connections are half-open; %llu may be",
			       finding->local, (unsigned long long)finding->count,
			       (unsigned long long)limit);
		nst_found_command(finding, "netstate -n group=raddr/24 state=syn_recv lport=%s",
				  nst_found_port(finding->local));
	}
	nst_tally_free(&tally);
	return !nst_trouble();
}

bool nst_cookies_before(void)
{
	return nst_proc_counter("SyncookiesSent", &cookies);
}

bool nst_cookies_look(void)
{
	struct nst_finding *finding;
	u64 mode, sent;

	if (!nst_proc_numbers("/proc/sys/net/ipv4/tcp_syncookies", &mode, 1) ||
	    !nst_proc_counter("SyncookiesSent", &sent))
		return false;
	/* With 2 each request is answered by one. */
	if (mode == 2 || sent <= cookies)
		return true;
	finding = nst_found(NST_SYN_COOKIES);
	finding->count = sent - cookies;
	nst_found_what(finding, "%llu SYN cookie%s sent in %g s, in place of half-open connections",
		       (unsigned long long)finding->count, finding->count == 1 ? " was" : "s were",
		       nst_seconds_between);
	nst_found_command(finding, "netstate -n group=lport,raddr state=syn_recv top=10");
	return true;
}
