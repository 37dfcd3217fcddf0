// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's counters as netstat -s tells them (net-tools 2.10).
 *
 * netstat looks its texts up by a binary search in tables that are not quite in
 * order, so it never finds some of them, and prints those counters as it prints
 * unknown ones. The tables here are without these.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fail.h"
#include "json/print.h"
#include "netstat/document.h"
#include "netstat/face.h"
#include "util.h"

/* When a counter is printed, and where. */
enum kind {
	ALWAYS,
	NONZERO,
	SILENT,		/* never: a setting */
	ICMP_IN,	/* if not 0, below a heading */
	ICMP_OUT,
};

struct counter {
	const char *key;
	const char *text;	/* "#" is the number */
	enum kind kind;
};

static const struct counter ip[] = {
	{ "DefaultTTL", NULL, SILENT },
	{ "ForwDatagrams", "# forwarded", ALWAYS },
	{ "FragCreates", "# fragments created", NONZERO },
	{ "FragFails", "# outgoing packets failed fragmentation", NONZERO },
	{ "FragOKs", "# outgoing packets fragmented ok", NONZERO },
	{ "InAddrErrors", "# with invalid addresses", NONZERO },
	{ "InDelivers", "# incoming packets delivered", ALWAYS },
	{ "InDiscards", "# incoming packets discarded", ALWAYS },
	{ "InHdrErrors", "# with invalid headers", NONZERO },
	{ "InReceives", "# total packets received", ALWAYS },
	{ "InUnknownProtos", "# with unknown protocol", NONZERO },
	{ "OutDiscards", "# outgoing packets dropped", NONZERO },
	{ "OutNoRoutes", "# dropped because of missing route", NONZERO },
	{ "OutRequests", "# requests sent out", ALWAYS },
	{ "ReasmFails", "# packet reassemblies failed", NONZERO },
	{ "ReasmOKs", "# packets reassembled ok", NONZERO },
	{ "ReasmReqds", "# reassemblies required", NONZERO },
	{ "ReasmTimeout", "# fragments dropped after timeout", NONZERO },
};

static const struct counter ip6[] = {
	{ "Ip6FragCreates", "# fragments created", NONZERO },
	{ "Ip6FragFails", "# outgoing packets failed fragmentation", NONZERO },
	{ "Ip6FragOKs", "# outgoing packets fragmented ok", NONZERO },
	{ "Ip6InAddrErrors", "# with invalid addresses", NONZERO },
	{ "Ip6InDelivers", "# incoming packets delivered", ALWAYS },
	{ "Ip6InDiscards", "# incoming packets discarded", ALWAYS },
	{ "Ip6InHdrErrors", "# with invalid headers", NONZERO },
	{ "Ip6InMcastPkts", "# incoming multicast packets", NONZERO },
	{ "Ip6InNoRoutes", "# incoming packets with no route", NONZERO },
	{ "Ip6InReceives", "# total packets received", ALWAYS },
	{ "Ip6InTooBigErrors", "# with packets too big", NONZERO },
	{ "Ip6InTruncatedPkts", "# with truncated packets", NONZERO },
	{ "Ip6InUnknownProtos", "# with unknown protocol", NONZERO },
	{ "Ip6OutDiscards", "# outgoing packets dropped", NONZERO },
	{ "Ip6OutForwDatagrams", "# forwarded", ALWAYS },
	{ "Ip6OutMcastPkts", "# outgoing multicast packets", NONZERO },
	{ "Ip6OutNoRoutes", "# dropped because of missing route", NONZERO },
	{ "Ip6OutRequests", "# requests sent out", ALWAYS },
	{ "Ip6ReasmFails", "# packet reassemblies failed", NONZERO },
	{ "Ip6ReasmOKs", "# packets reassembled ok", NONZERO },
	{ "Ip6ReasmReqds", "# reassemblies required", NONZERO },
	{ "Ip6ReasmTimeout", "# fragments dropped after timeout", NONZERO },
};

static const struct counter icmp[] = {
	{ "InAddrMaskReps", "address mask replies: #", ICMP_IN },
	{ "InAddrMasks", "address mask request: #", ICMP_IN },
	{ "InDestUnreachs", "destination unreachable: #", ICMP_IN },
	{ "InEchoReps", "echo replies: #", ICMP_IN },
	{ "InEchos", "echo requests: #", ICMP_IN },
	{ "InErrors", "# input ICMP message failed", ALWAYS },
	{ "InMsgs", "# ICMP messages received", ALWAYS },
	{ "InParmProbs", "wrong parameters: #", ICMP_IN },
	{ "InRedirects", "redirects: #", ICMP_IN },
	{ "InSrcQuenchs", "source quenches: #", ICMP_IN },
	{ "InTimeExcds", "timeout in transit: #", ICMP_IN },
	{ "InTimestampReps", "timestamp reply: #", ICMP_IN },
	{ "InTimestamps", "timestamp request: #", ICMP_IN },
	{ "OutAddrMaskReps", "address mask replies: #", ICMP_OUT },
	{ "OutAddrMasks", "address mask requests: #", ICMP_OUT },
	{ "OutDestUnreachs", "destination unreachable: #", ICMP_OUT },
	{ "OutEchoReps", "echo replies: #", ICMP_OUT },
	{ "OutEchos", "echo requests: #", ICMP_OUT },
	{ "OutErrors", "# ICMP messages failed", ALWAYS },
	{ "OutMsgs", "# ICMP messages sent", ALWAYS },
	{ "OutParmProbs", "wrong parameters: #", ICMP_OUT },
	{ "OutRedirects", "redirect: #", ICMP_OUT },
	{ "OutSrcQuenchs", "source quench: #", ICMP_OUT },
	{ "OutTimeExcds", "time exceeded: #", ICMP_OUT },
	{ "OutTimestampReps", "timestamp replies: #", ICMP_OUT },
	{ "OutTimestamps", "timestamp requests: #", ICMP_OUT },
};

static const struct counter icmp6[] = {
	{ "Icmp6InDestUnreachs", "destination unreachable: #", ICMP_IN },
	{ "Icmp6InEchoReplies", "echo replies: #", ICMP_IN },
	{ "Icmp6InEchos", "echo requests: #", ICMP_IN },
	{ "Icmp6InErrors", "# input ICMP message failed", ALWAYS },
	{ "Icmp6InGroupMembQueries", "group member queries: #", ICMP_IN },
	{ "Icmp6InGroupMembReductions", "group member reductions: #", ICMP_IN },
	{ "Icmp6InGroupMembResponses", "group member responses: #", ICMP_IN },
	{ "Icmp6InMsgs", "# ICMP messages received", ALWAYS },
	{ "Icmp6InNeighborAdvertisements", "neighbour advertisement: #", ICMP_IN },
	{ "Icmp6InNeighborSolicits", "neighbour solicits: #", ICMP_IN },
	{ "Icmp6InParmProblems", "parameter problem: #", ICMP_IN },
	{ "Icmp6InPktTooBigs", "packets too big: #", ICMP_IN },
	{ "Icmp6InRedirects", "redirects: #", ICMP_IN },
	{ "Icmp6InRouterAdvertisements", "router advertisement: #", ICMP_IN },
	{ "Icmp6InRouterSolicits", "router solicits: #", ICMP_IN },
	{ "Icmp6InTimeExcds", "received ICMPv6 time exceeded: #", ICMP_IN },
	{ "Icmp6OutDestUnreachs", "destination unreachable: #", ICMP_OUT },
	{ "Icmp6OutEchoReplies", "echo replies: #", ICMP_OUT },
	{ "Icmp6OutEchos", "echo requests: #", ICMP_OUT },
	{ "Icmp6OutGroupMembQueries", "group member queries: #", ICMP_OUT },
	{ "Icmp6OutGroupMembReductions", "group member reductions: #", ICMP_OUT },
	{ "Icmp6OutGroupMembResponses", "group member responses: #", ICMP_OUT },
	{ "Icmp6OutMsgs", "# ICMP messages sent", ALWAYS },
	{ "Icmp6OutNeighborAdvertisements", "neighbor advertisements: #", ICMP_OUT },
	{ "Icmp6OutNeighborSolicits", "neighbor solicits: #", ICMP_OUT },
	{ "Icmp6OutParmProblems", "parameter problem: #", ICMP_OUT },
	{ "Icmp6OutPktTooBigs", "packets too big: #", ICMP_OUT },
	{ "Icmp6OutRedirects", "redirects: #", ICMP_OUT },
	{ "Icmp6OutRouterSolicits", "router solicits: #", ICMP_OUT },
	{ "Icmp6OutTimeExcds", "sent ICMPv6 time exceeded: #", ICMP_OUT },
};

static const struct counter tcp[] = {
	{ "ActiveOpens", "# active connection openings", ALWAYS },
	{ "AttemptFails", "# failed connection attempts", ALWAYS },
	{ "CurrEstab", "# connections established", ALWAYS },
	{ "EstabResets", "# connection resets received", ALWAYS },
	{ "InErrs", "# bad segments received", ALWAYS },
	{ "InSegs", "# segments received", ALWAYS },
	{ "MaxConn", NULL, SILENT },
	{ "OutRsts", "# resets sent", ALWAYS },
	{ "OutSegs", "# segments sent out", ALWAYS },
	{ "PassiveOpens", "# passive connection openings", ALWAYS },
	{ "RetransSegs", "# segments retransmitted", ALWAYS },
	{ "RtoAlgorithm", NULL, SILENT },
	{ "RtoMax", NULL, SILENT },
	{ "RtoMin", NULL, SILENT },
};

static const struct counter udp[] = {
	{ "InDatagrams", "# packets received", ALWAYS },
	{ "InErrors", "# packet receive errors", ALWAYS },
	{ "NoPorts", "# packets to unknown port received", ALWAYS },
	{ "OutDatagrams", "# packets sent", ALWAYS },
	{ "RcvbufErrors", "# receive buffer errors", ALWAYS },
	{ "SndbufErrors", "# send buffer errors", ALWAYS },
};

static const struct counter udp6[] = {
	{ "Udp6InDatagrams", "# packets received", ALWAYS },
	{ "Udp6InErrors", "# packet receive errors", ALWAYS },
	{ "Udp6NoPorts", "# packets to unknown port received", ALWAYS },
	{ "Udp6OutDatagrams", "# packets sent", ALWAYS },
};

static const struct counter tcp_ext[] = {
	{ "DelayedACKLocked", "# delayed acks further delayed because of locked socket", NONZERO },
	{ "DelayedACKLost", "Quick ack mode was activated # times", NONZERO },
	{ "DelayedACKs", "# delayed acks sent", NONZERO },
	{ "EmbryonicRsts", "# resets received for embryonic SYN_RECV sockets", NONZERO },
	{ "ListenDrops", "# SYNs to LISTEN sockets dropped", NONZERO },
	{ "ListenOverflows", "# times the listen queue of a socket overflowed", NONZERO },
	{ "LockDroppedIcmps", "# ICMP packets dropped because socket was locked", NONZERO },
	{ "OfoPruned",
	  "# packets dropped from out-of-order queue because of socket buffer overrun", NONZERO },
	{ "OutOfWindowIcmps", "# ICMP packets dropped because they were out-of-window", NONZERO },
	{ "PAWSActive", "# active connections rejected because of time stamp", NONZERO },
	{ "PAWSEstab", "# packets rejected in established connections because of timestamp", NONZERO },
	{ "PAWSPassive", "# passive connections rejected because of time stamp", NONZERO },
	{ "PruneCalled", "# packets pruned from receive queue because of socket buffer overrun", NONZERO },
	{ "RcvPruned", "# packets pruned from receive queue", NONZERO },
	{ "SockMallocOOM", "Ran # times out of system memory during packet sending", NONZERO },
	{ "SyncookiesFailed", "# invalid SYN cookies received", NONZERO },
	{ "SyncookiesRecv", "# SYN cookies received", NONZERO },
	{ "SyncookiesSent", "# SYN cookies sent", NONZERO },
	{ "TCPAbortFailed", "# times unable to send RST due to no memory", NONZERO },
	{ "TCPAbortOnClose", "# connections reset due to early user close", NONZERO },
	{ "TCPAbortOnData", "# connections reset due to unexpected data", NONZERO },
	{ "TCPAbortOnLinger", "# connections aborted after user close in linger timeout", NONZERO },
	{ "TCPAbortOnMemory", "# connections aborted due to memory pressure", NONZERO },
	{ "TCPAbortOnSyn", "# connections reset due to unexpected SYN", NONZERO },
	{ "TCPAbortOnTimeout", "# connections aborted due to timeout", NONZERO },
	{ "TCPDirectCopyFromBacklog", "# bytes directly in process context from backlog", NONZERO },
	{ "TCPFACKReorder", "Detected reordering # times using FACK", NONZERO },
	{ "TCPFastRetrans", "# fast retransmits", NONZERO },
	{ "TCPForwardRetrans", "# forward retransmits", NONZERO },
	{ "TCPFullUndo", "# congestion windows fully recovered without slow start", NONZERO },
	{ "TCPHPAcks", "# predicted acknowledgments", NONZERO },
	{ "TCPHPHits", "# packet headers predicted", ALWAYS },
	{ "TCPHPHitsToUser", "# packet headers predicted and directly queued to user", NONZERO },
	{ "TCPLossFailures", "# timeouts in loss state", NONZERO },
	{ "TCPLossUndo", "# congestion windows recovered without slow start after partial ack", NONZERO },
	{ "TCPLostRetransmits", "# retransmits lost", NONZERO },
	{ "TCPMemoryPressures", "TCP ran low on memory # times", NONZERO },
	{ "TCPPartialUndo", "# congestion windows partially recovered using Hoe heuristic", NONZERO },
	{ "TCPPrequeued", "# packets directly queued to recvmsg prequeue", NONZERO },
	{ "TCPPureAcks", "# acknowledgments not containing data payload received", NONZERO },
	{ "TCPRcvCollapsed", "# packets collapsed in receive queue due to low socket buffer", NONZERO },
	{ "TCPRenoFailures", "# timeouts after reno fast retransmit", NONZERO },
	{ "TCPRenoRecovery", "# times recovered from packet loss due to fast retransmit", NONZERO },
	{ "TCPRenoReorder", "Detected reordering # times using reno fast retransmit", NONZERO },
	{ "TCPSACKReorder", "Detected reordering # times using SACK", NONZERO },
	{ "TCPSchedulerFailed", "# times receiver scheduled too late for direct processing", NONZERO },
	{ "TCPSlowStartRetrans", "# retransmits in slow start", NONZERO },
	{ "TCPTSReorder", "Detected reordering # times using time stamp", NONZERO },
	{ "TW", "# TCP sockets finished time wait in fast timer", NONZERO },
	{ "TWRecycled", "# time wait sockets recycled by time stamp", NONZERO },
};

static const struct counter sctp[] = {
	{ "SctpAborteds", "# Number of Aborteds ", ALWAYS },
	{ "SctpActiveEstabs", "# Active Associations", ALWAYS },
	{ "SctpChecksumErrors", "# Number of Packets with invalid Checksum", ALWAYS },
	{ "SctpCurrEstab", "# Current Associations", ALWAYS },
	{ "SctpFragUsrMsgs", "# Number of messages fragmented", ALWAYS },
	{ "SctpInCtrlChunks", "# Number of control chunks received", ALWAYS },
	{ "SctpInOrderChunks", "# Number of ordered chunks received", ALWAYS },
	{ "SctpInSCTPPacks", "# Number of SCTP packets received", ALWAYS },
	{ "SctpInUnorderChunks", "# Number of Unordered chunks received", ALWAYS },
	{ "SctpOutCtrlChunks", "# Number of control chunks sent", ALWAYS },
	{ "SctpOutOfBlues", "# Number of Out of Blue packets", ALWAYS },
	{ "SctpOutOrderChunks", "# Number of ordered chunks sent", ALWAYS },
	{ "SctpOutSCTPPacks", "# Number of SCTP packets sent", ALWAYS },
	{ "SctpOutUnorderChunks", "# Number of Unordered chunks sent", ALWAYS },
	{ "SctpPassiveEstabs", "# Passive Associations", ALWAYS },
	{ "SctpReasmUsrMsgs", "# Number of messages reassembled ", ALWAYS },
	{ "SctpShutdowns", "# Number of Graceful Terminations", ALWAYS },
};

/**
 * struct group - counters of a protocol
 * @title: as the kernel names it
 * @counters: those that have a text
 * @count: how many
 * @asked_by: the protocol's option
 */
struct group {
	const char *title;
	const struct counter *counters;
	size_t count;
	unsigned int asked_by;
};

#define GROUP(title, counters, asked_by) { title, counters, ARRAY_SIZE(counters), asked_by }

static const struct group groups[] = {
	GROUP("Ip", ip, NST_TABLES_RAW),
	GROUP("Icmp", icmp, NST_TABLES_RAW),
	GROUP("Tcp", tcp, NST_TABLES_TCP),
	GROUP("Udp", udp, NST_TABLES_UDP),
	GROUP("Sctp", sctp, NST_TABLES_SCTP),
	GROUP("TcpExt", tcp_ext, NST_TABLES_TCP),
	GROUP("Ip6", ip6, NST_TABLES_RAW),
	GROUP("Icmp6", icmp6, NST_TABLES_RAW),
	GROUP("Udp6", udp6, NST_TABLES_UDP),
	GROUP("Tcp6", tcp, NST_TABLES_TCP),
};

/* Of a title that is not in the list; these are always shown. */
static const struct group unknown = { .asked_by = ~0U };

static bool json;	/* what is printed is a document */

/* What the last counter was, which says how far the next unknown one is indented. */
static enum kind place;

static int indent(enum kind kind)
{
	return kind == ICMP_IN || kind == ICMP_OUT ? 8 : 4;
}

static const struct group *begin_group(const char *title, unsigned int asked)
{
	const struct group *group = groups;

	while (group < groups + ARRAY_SIZE(groups) && strcmp(group->title, title))
		group++;
	if (group < groups + ARRAY_SIZE(groups))
		place = ALWAYS;
	else
		group = &unknown;
	if (!(group->asked_by & asked))
		return group;
	if (json)
		nst_document_object(title);
	else
		printf("%s:\n", title);
	return group;
}

static void end_group(const struct group *group, unsigned int asked)
{
	if (json && group && group->asked_by & asked)
		nst_json_close();
}

static void print_text(const struct counter *counter, unsigned long long number)
{
	int before = strcspn(counter->text, "#");

	printf("%*s%.*s%llu%s\n", indent(counter->kind), "", before, counter->text, number,
	       counter->text + before + 1);
}

static void print_counter(const struct group *group, const char *key, unsigned long long number)
{
	const struct counter *counter;
	bool histogram;
	size_t i = 0;

	while (i < group->count && strcmp(group->counters[i].key, key))
		i++;
	if (json) {	/* a setting may be -1 */
		if (i < group->count && group->counters[i].kind == SILENT)
			nst_json_put_signed(key, number);
		else
			nst_json_put_number(key, number);
		return;
	}
	if (i == group->count) {
		if (number)
			printf("%*s%s: %llu\n", indent(place), "", key, number);
		return;
	}
	counter = &group->counters[i];
	if (counter->kind == SILENT)
		return;
	histogram = counter->kind == ICMP_IN || counter->kind == ICMP_OUT;
	if (histogram && counter->kind != place)
		printf("%*sICMP %s histogram:\n", indent(place), "",
		       counter->kind == ICMP_IN ? "input" : "output");
	if (number || counter->kind == ALWAYS)
		print_text(counter, number);
	place = counter->kind;
}

static FILE *open_counters(const struct nst_options *options, const char *path)
{
	FILE *file = nst_document_source(options, path);

	if (!file && !nst_trouble())
		fprintf(stderr, "cannot open %s: %s\n", path, strerror(errno));
	return file;
}

/* Lines in pairs: the keys of a group, and their numbers; each begins with its title. */
static void print_pairs(FILE *file, const char *only, unsigned int asked)
{
	char *keys = NULL, *numbers = NULL, *key, *number, *rest;
	const struct group *group;
	size_t keys_size = 0, numbers_size = 0;

	while (getline(&keys, &keys_size, file) > 0) {
		if (*keys == '\n')
			continue;
		if (getline(&numbers, &numbers_size, file) <= 0)
			break;
		rest = strchr(keys, ':');
		number = strchr(numbers, ':');
		if (!rest || !number)
			break;
		*rest++ = '\0';
		number++;
		if (strncmp(keys, only, strlen(only)))
			continue;
		group = begin_group(keys, asked);
		while (group->asked_by & asked && (key = strsep(&rest, " \t\n")))
			if (*key)
				print_counter(group, key, strtoull(number, &number, 10));
		end_group(group, asked);
	}
	free(keys);
	free(numbers);
	fclose(file);
}

/* Lines of "Ip6Key number": the title is what ends in "6". */
static void print_lines6(FILE *file, unsigned int asked)
{
	char key[64], title[64] = "";
	const struct group *group = NULL;
	unsigned long long number;

	while (fscanf(file, "%63s %llu", key, &number) == 2) {
		if (!group || !strstr(key, title)) {
			end_group(group, asked);
			strcpy(title, key);
			title[strcspn(title, "6") + !!strchr(title, '6')] = '\0';
			group = begin_group(title, asked);
		}
		if (group->asked_by & asked)
			print_counter(group, json ? key + strlen(title) : key, number);
	}
	end_group(group, asked);
	fclose(file);
}

static void print_lines_sctp(FILE *file, unsigned int asked)
{
	const struct group *group = begin_group("Sctp", asked);
	unsigned long long number;
	char key[64];

	while (fscanf(file, "%63s %llu", key, &number) == 2)
		if (group->asked_by & asked)
			print_counter(group, json ? key + strlen("Sctp") : key, number);
	end_group(group, asked);
	fclose(file);
}

static void print_ipv6(const struct nst_options *options)
{
	FILE *file = open_counters(options, "/proc/net/snmp6");

	if (!file)
		return;
	print_lines6(file, options->tables);
	file = open_counters(options, "/proc/net/snmp");
	if (file)
		print_pairs(file, "Tcp", options->tables);
}

/**
 * nst_statistics_print() - print the kernel's counters
 * @options: of which protocols
 * @ipv6: those of IPv6, and of TCP, which has none of its own
 */
void nst_statistics_print(const struct nst_options *options, bool ipv6)
{
	const unsigned int asked = options->tables;
	FILE *file;

	json = options->flags & NST_OPT_JSON;
	place = ALWAYS;
	if (ipv6) {
		print_ipv6(options);
		return;
	}
	file = open_counters(options, "/proc/net/snmp");
	if (!file)
		return;
	print_pairs(file, "", asked);
	file = fopen("/proc/net/netstat", "re");
	if (file)
		print_pairs(file, "", asked);
	file = fopen("/proc/net/sctp/snmp", "re");
	if (file)
		print_lines_sctp(file, asked);
}
