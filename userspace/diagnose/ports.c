// SPDX-License-Identifier: GPL-2.0-only
/*
 * Local ports that are used up. To one address and port, there can be one connection from each
 * local address and port; the kernel chooses that port from a range.
 */
#include <arpa/inet.h>
#include <stdlib.h>

#include "diagnose/ask.h"
#include "diagnose/looks.h"
#include "diagnose/proc.h"
#include "diagnose/tally.h"
#include "diagnose/thresholds.h"
#include "fail.h"

#define PORTS 65536

/* Which local ports the kernel may choose. */
struct range {
	u64 first;
	u64 last;
	u64 count;
	u64 reuse;	/* of TIME_WAIT: 0 none, 1 all, 2 on loopback */
};

/* Counts the ports in a range that are not in a list such as "8080,9148-9150". */
static void count_ports(struct range *range, char *reserved)
{
	static bool is_reserved[PORTS];
	unsigned long first, last;
	char *word, *end;
	u64 port;

	memset(is_reserved, 0, sizeof(is_reserved));
	while ((word = strsep(&reserved, ","))) {
		first = strtoul(word, &end, 10);
		last = *end == '-' ? strtoul(end + 1, NULL, 10) : first;
		for (; end != word && first <= last && first < PORTS; first++)
			is_reserved[first] = true;
	}
	range->count = 0;
	for (port = range->first; port <= range->last && port < PORTS; port++)
		range->count += !is_reserved[port];
}

static bool read_range(struct range *range)
{
	static char reserved[PORTS * 6];
	u64 ends[2];

	if (!nst_proc_numbers("/proc/sys/net/ipv4/ip_local_port_range", ends, 2) ||
	    !nst_proc_text("/proc/sys/net/ipv4/ip_local_reserved_ports", reserved,
			   sizeof(reserved)) ||
	    !nst_proc_numbers("/proc/sys/net/ipv4/tcp_tw_reuse", &range->reuse, 1))
		return false;
	range->first = ends[0];
	range->last = ends[1];
	count_ports(range, reserved);
	return true;
}

static bool is_loopback(const char *addr)
{
	struct in_addr addr4;

	return !strcmp(addr, "::1") ||
	       (inet_pton(AF_INET, addr, &addr4) == 1 && ntohl(addr4.s_addr) >> 24 == 127);
}

/* Whether connections in TIME_WAIT leave their port to new ones. */
static bool reuses(const struct range *range, const char *addr)
{
	return range->reuse == 1 || (range->reuse == 2 && is_loopback(addr));
}

/*
 * Notes the targets that have so many connections as one local address can have; false if that
 * can't be asked.
 */
static bool find_targets(const struct range *range, struct nst_tally *targets)
{
	struct nst_word column[NST_GROUP_COLUMNS];
	struct nst_entry *entry;
	char addr[64], name[64];
	u64 count;

	if (!nst_ask("proto=tcp lport=%llu-%llu state!=listen,syn_recv group=raddr,rport",
		     (unsigned long long)range->first, (unsigned long long)range->last))
		return false;
	while (nst_ask_group(column)) {
		snprintf(addr, sizeof(addr), "%.*s", (int)column[0].len, column[0].start);
		count = nst_ask_column(column, "total");
		if (!nst_is_near(count, range->count, NST_NEAR) || nst_ask_is_rest(column))
			continue;
		if (reuses(range, addr))
			count -= nst_ask_column(column, "time_wait");
		if (!nst_is_near(count, range->count, NST_NEAR))
			continue;
		snprintf(name, sizeof(name), "%.48s %.*s", addr, (int)column[1].len, column[1].start);
		entry = nst_tally_of(targets, nst_word_of(name));
		if (!entry)
			break;
		entry->count = count;
	}
	return true;
}

/* Counts, for one target, the ports of each local address; false if that can't be asked. */
static bool look_at(const struct range *range, struct nst_word addr, struct nst_word port)
{
	struct nst_tally locals = {};
	struct nst_finding *finding;
	struct nst_entry *entry;
	struct nst_row row;
	size_t i;

	if (!nst_ask("proto=tcp lport=%llu-%llu raddr=%.*s rport=%.*s state!=listen,syn_recv show=program",
		     (unsigned long long)range->first, (unsigned long long)range->last,
		     (int)addr.len, addr.start, (int)port.len, port.start))
		return false;
	while (nst_ask_row(&row)) {
		if (row.sock.state == NST_TIME_WAIT && reuses(range, addr.start))
			continue;
		entry = nst_tally_of(&locals, row.local.host);
		if (!entry)
			break;
		nst_entry_holder(entry, &row);
		entry->count++;
	}
	nst_tally_sort(&locals);
	for (i = 0; i < locals.count && nst_is_near(locals.entry[i]->count, range->count, NST_NEAR);
	     i++) {
		finding = nst_found(NST_PORTS_USED_UP);
		if (!finding)
			continue;
		nst_found_entry(finding, locals.entry[i]);
		finding->limit = range->count;
		strcpy(finding->local, locals.entry[i]->name);
		snprintf(finding->remote, sizeof(finding->remote), "%.*s:%.*s", (int)addr.len,
			 addr.start, (int)port.len, port.start);
		nst_found_what(finding, "from %s to %s, %llu of %llu local ports are in use, by %s among others",
			       finding->local, finding->remote, (unsigned long long)finding->count,
			       (unsigned long long)finding->limit, nst_found_who(finding));
		nst_found_command(finding, "netstate -n group=program laddr=%s raddr=%.*s rport=%.*s",
				  finding->local, (int)addr.len, addr.start, (int)port.len,
				  port.start);
	}
	nst_tally_free(&locals);
	return true;
}

bool nst_ports_look(void)
{
	struct nst_tally targets = {};
	struct range range;
	bool goes_on;
	size_t i;
	char *space;

	goes_on = read_range(&range) && find_targets(&range, &targets);
	nst_tally_sort(&targets);
	for (i = 0; goes_on && i < targets.count; i++) {
		space = strchr(targets.entry[i]->name, ' ');
		if (!space)
			continue;
		*space = '\0';
		goes_on = look_at(&range, nst_word_of(targets.entry[i]->name),
				  nst_word_of(space + 1));
	}
	nst_tally_free(&targets);
	return !nst_trouble();
}
