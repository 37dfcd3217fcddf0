/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where what is usual ends. Each is the first number that is a finding.
 */
#ifndef NETSTATE_DIAGNOSE_THRESHOLDS_H
#define NETSTATE_DIAGNOSE_THRESHOLDS_H

enum nst_threshold {
	/*
	 * Per cent of what there may be. Who comes to 80 in usual times has no room for a
	 * peak, and there is still time to do something.
	 */
	NST_NEAR = 80,

	/*
	 * Per cent of tcp_max_orphans. The kernel counts an orphan twice whose other end
	 * does not answer, so it may begin to reset connections at half of the limit.
	 */
	NST_NEAR_ORPHANS = 50,

	/* Seconds. A program that still wants to send to who has closed does so sooner. */
	NST_CLOSE_WAIT_IDLE = 60,

	/* Connections. Pools see that one was closed only when they want to use it again. */
	NST_CLOSE_WAITS = 5,

	/* Times that a SYN was sent again, which takes 3 seconds. One may well be lost. */
	NST_SYN_RETRIES = 2,

	/* Packets in the time between two readings. Scanners send what is dropped, too. */
	NST_DROPS = 3,

	/* Requests. Fewer are there at any time on a host whose clients are far away. */
	NST_HALF_OPEN = 16,

	/* Times that data was sent again, each time after a longer while. */
	NST_RETRIES = 2,

	/*
	 * Connections. Clients go away without a word each day: of those that have come to us,
	 * so many at once from one address. Of those that we have made one is enough.
	 */
	NST_UNANSWERED_CLIENTS = 5,

	/* Segments that were sent again between two readings to one address. */
	NST_RETRANSMITS = 10,

	/* And per cent of all sent there: TCP is slow from a few per cent on. */
	NST_RETRANSMITS_SHARE = 5,

	/* Sockets of one process. Few programs make one long before they use it. */
	NST_SOCKETS_UNUSED_MAX = 100,
};

#endif /* NETSTATE_DIAGNOSE_THRESHOLDS_H */
