// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate-diagnose - say what is wrong with this host's sockets, the worst first
 */
#include <signal.h>
#include <stdlib.h>

#include "diagnose/ask.h"
#include "diagnose/finding.h"
#include "diagnose/looks.h"
#include "diagnose/report.h"
#include "fail.h"
#include "forms.h"

#define SECONDS 3	/* between two readings: some round trips, and a probe or two */

/* What hurts clients by now weighs most; what will hurt some day weighs least. */
static const struct nst_check checks[NST_KINDS] = {
	[NST_QUEUE_FULL] = {
		"accept_queue", 95, nst_listeners_before, nst_listeners_look,
		"The program accepts too slowly: clients wait, and the next ones get no answer."
	},
	[NST_LISTEN_DROPS] = {
		"listener_drops", 94, nst_listeners_before, nst_listeners_look,
		"Clients that want to connect get no answer: the accept queue was full, or memory ran out."
	},
	[NST_HALF_OPEN_FULL] = {
		"half_open", 85, NULL, nst_half_open_look,
		"The clients do not acknowledge our answers: a SYN flood, or the answers do not arrive."
	},
	[NST_SYN_COOKIES] = {
		"syn_cookies", 80, nst_cookies_before, nst_cookies_look,
		"The kernel takes the queue of a listener to be flooded; options of TCP are lost so."
	},
	[NST_NO_READER] = {
		"not_read", 55, nst_transfers_before, nst_transfers_look,
		"The program at the other end has stopped reading."
	},
	[NST_NO_ANSWER] = {
		"not_acknowledged", 65, nst_transfers_before, nst_transfers_look,
		"The other host is gone, or a packet filter or route on the way has changed."
	},
	[NST_SENT_AGAIN] = {
		"retransmits", 50, nst_transfers_before, nst_transfers_look,
		"Packets get lost on the way there."
	},
	[NST_LEFT_OPEN] = {
		"close_wait", 45, NULL, nst_close_wait_look,
		"The other ends have closed, and the program forgets to: it leaks connections."
	},
	[NST_NO_CONNECTION] = {
		"syn_sent", 60, NULL, nst_syn_sent_look,
		"The host is down, or a packet filter drops the requests or the answers."
	},
	[NST_PORTS_USED_UP] = {
		"local_ports", 90, NULL, nst_ports_look,
		"Soon no new connection can be made there (EADDRNOTAVAIL): keep connections, or use more addresses."
	},
	[NST_UDP_DROPS] = {
		"udp_drops", 75, nst_datagrams_before, nst_datagrams_look,
		"The program reads too slowly for what comes, or its receive buffer is too small."
	},
	[NST_ORPHANS] = {
		"orphans", 70, NULL, nst_orphans_look,
		"Beyond the limit (tcp_max_orphans) the kernel resets such connections, and data is lost."
	},
	[NST_TIME_WAITS] = {
		"time_wait", 40, NULL, nst_time_wait_look,
		"Beyond the limit (tcp_max_tw_buckets) there is no TIME_WAIT: late segments may meet a new connection."
	},
	[NST_TCP_MEMORY] = {
		"tcp_memory", 88, NULL, nst_memory_look,
		"The kernel is short of memory for TCP (tcp_mem): it shrinks buffers, and then drops."
	},
	[NST_CONNTRACK] = {
		"conntrack", 92, NULL, nst_conntrack_look,
		"Beyond the limit (nf_conntrack_max) packets of new connections are dropped."
	},
	[NST_SOCKETS_UNUSED] = {
		"unused_sockets", 44, NULL, nst_unhashed_look,
		"The program forgets to close sockets, mostly such as the other end has reset: it leaks."
	},
	[NST_FILES_USED_UP] = {
		"open_files", 91, NULL, nst_files_look,
		"At the limit (RLIMIT_NOFILE) it can accept and open nothing more (EMFILE)."
	},
	[NST_OWNERS_HIDDEN] = { "owners", 0, NULL, nst_owners_look, "" },
};

/* Takes one step of a check; what cannot be judged is noted for all checks that it is for. */
static void take(bool is_before, enum nst_kind kind)
{
	const struct nst_check *check = &checks[kind];
	bool (*step)(void) = is_before ? check->before : check->look;
	const char *why = step() ? NULL : nst_trouble();
	unsigned int i;

	if (!nst_ask_was_complete() && !why)
		why = "parts of the kernel's tables did not come to rest";
	for (i = kind; why && i < NST_KINDS && checks[i].look == check->look; i++)
		nst_blind(i, why);
	nst_trouble_forget();
}

static bool is_first(unsigned int kind)
{
	return !kind || checks[kind].look != checks[kind - 1].look;
}

static void judge(double seconds)
{
	unsigned int i;

	for (i = 0; i < NST_KINDS; i++)
		if (is_first(i) && checks[i].before)
			take(true, i);
	nst_view_again(NULL, seconds);
	for (i = 0; i < NST_KINDS; i++)
		if (is_first(i) && (!checks[i].before || !nst_blind_why(i)))
			take(false, i);
}

int main(int argc, char **argv)
{
	static struct nst_options options;
	int status = NST_DIAGNOSE_BLIND;

	/* If nobody reads what is printed, nobody knows: no success. */
	signal(SIGPIPE, SIG_IGN);
	if (!nst_options_parse(&options, argc, argv, NST_OPT_DIAGNOSE))
		return nst_tell(EXIT_SUCCESS);
	if (nst_source_saved()) {
		nst_fail(NST_EXIT_USAGE, "--diagnose judges what is now: not a saved table");
		return nst_tell(status);
	}
	nst_seconds_between = options.interval ? options.interval : SECONDS;
	judge(nst_seconds_between);
	status = options.flags & NST_OPT_JSON ? nst_report_json(checks) : nst_report_text(checks);
	if (nst_check_output() && nst_flush())
		return status;
	nst_tell(status);
	return NST_DIAGNOSE_BLIND;
}
