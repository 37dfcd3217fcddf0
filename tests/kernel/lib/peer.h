/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A TCP peer that does exactly what a test says, so that the kernel's own
 * socket stays in any state for as long as the test wants.
 *
 * It lives at an address of the loopback: a raw socket there sees each
 * segment and sends ours, and a listener whose socket filter eats everything
 * keeps the kernel from answering in its stead.  (That listener is a row of
 * the table too.)  So it needs neither a device nor a packet filter.
 */
#ifndef LIB_PEER_H
#define LIB_PEER_H

#include <stdint.h>

#include "addr.h"

#define TH_FIN	0x01
#define TH_SYN	0x02
#define TH_RST	0x04
#define TH_ACK	0x10

struct peer {
	int raw, trap;
	union addr addr;	/* its own, as on the wire */
};

/* One connection, seen from the peer. */
struct talk {
	struct peer *peer;
	union addr to;		/* the kernel's end, as on the wire */
	uint32_t seq;		/* what we send next */
	uint32_t ack;		/* what we have got */
	uint16_t window;
};

/* @addr may be v4-mapped. 0 or -errno. */
int peer_open(struct peer *p, const union addr *addr);
void peer_close(struct peer *p);

/* Each of these gives 0 or -errno; waiting ends in -ETIMEDOUT. */

/* The kernel connects to us from @from: takes its SYN, answers nothing. */
int talk_called(struct talk *t, struct peer *p, const union addr *from);

/* Sends a SYN to a listener. */
int talk_call(struct talk *t, struct peer *p, const union addr *to);

/* The whole handshake, from either side. */
int talk_accept(struct talk *t, struct peer *p, const union addr *from);
int talk_connect(struct talk *t, struct peer *p, const union addr *to);

/*
 * Sends a segment as things stand, and moves on by what it takes.  t->ack may
 * be turned back before, to leave something unacknowledged.
 */
int talk_send(struct talk *t, uint8_t flags, const void *data, size_t len);

/*
 * Waits for the segment that follows what we have and has all of @flags;
 * t->ack then stands after it.  It is not acknowledged.
 */
int talk_expect(struct talk *t, uint8_t flags);

#endif
