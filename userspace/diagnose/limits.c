// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own limits, for the host or the network namespace.
 */
#include "diagnose/finding.h"
#include "diagnose/looks.h"
#include "diagnose/proc.h"
#include "diagnose/thresholds.h"
#include "fail.h"

/* Adds a finding if a number is so many per cent of its limit. */
static void judge(enum nst_kind kind, u64 count, u64 limit, unsigned int percent, const char *what,
		  const char *command)
{
	struct nst_finding *finding;

	if (!nst_is_near(count, limit, percent))
		return;
	finding = nst_found(kind);
	finding->count = count;
	finding->limit = limit;
	nst_found_what(finding, "%llu %s; the kernel allows %llu", (unsigned long long)count, what,
		       (unsigned long long)limit);
	nst_found_command(finding, "%s", command);
}

/* Limits of the whole host are files in its first network namespace only: they are judged there. */
bool nst_orphans_look(void)
{
	static const char path[] = "/proc/sys/net/ipv4/tcp_max_orphans";
	u64 count, limit;

	if (!nst_proc_is_there(path))
		return true;
	if (!nst_proc_socket_count("orphan", &count) || !nst_proc_numbers(path, &limit, 1))
		return false;
	judge(NST_ORPHANS, count, limit, NST_NEAR_ORPHANS,
	      "connections belong to no process any more",
	      "netstate -n group=raddr owner=orphan top=10");
	return true;
}

bool nst_time_wait_look(void)
{
	u64 count, limit;

	if (!nst_proc_socket_count("tw", &count) ||
	    !nst_proc_numbers("/proc/sys/net/ipv4/tcp_max_tw_buckets", &limit, 1))
		return false;
	judge(NST_TIME_WAITS, count, limit, NST_NEAR, "connections are in TIME_WAIT",
	      "netstate -n group=raddr state=time_wait top=10");
	return true;
}

/* From tcp_mem's second number on, the kernel gives connections less space. */
bool nst_memory_look(void)
{
	static const char path[] = "/proc/sys/net/ipv4/tcp_mem";
	u64 pages, limits[3];

	if (!nst_proc_is_there(path))
		return true;
	if (!nst_proc_socket_count("mem", &pages) || !nst_proc_numbers(path, limits, 3))
		return false;
	if (pages >= limits[1])
		judge(NST_TCP_MEMORY, pages, limits[2], 0, "pages of memory hold data of TCP",
		      "netstate -n group=program proto=tcp");
	return true;
}

/* Where conntrack is not there, it has no limit. */
bool nst_conntrack_look(void)
{
	static const char path[] = "/proc/sys/net/netfilter/nf_conntrack_count";
	u64 count, limit;

	if (!nst_proc_is_there(path))
		return true;
	if (!nst_proc_numbers(path, &count, 1) ||
	    !nst_proc_numbers("/proc/sys/net/netfilter/nf_conntrack_max", &limit, 1))
		return false;
	judge(NST_CONNTRACK, count, limit, NST_NEAR, "connections are tracked by the packet filter",
	      "ss -s; sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max");
	return true;
}
