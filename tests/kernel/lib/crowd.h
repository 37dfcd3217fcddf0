/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mixed crowd: sockets of all protocols, states, users, queues and timers,
 * over IPv4, IPv6 and IPv4 through IPv6 sockets, in several hands.
 */
#ifndef LIB_CROWD_H
#define LIB_CROWD_H

#include "world.h"

/* Its processes: "keeper" is the test. */
enum { KEEPER = US, WEB = 2, WORKER = 4, DB = 8, ALL_HANDS = 15 };

#define LARGE_UID	4294967294u

/* In the current namespace, a netns_new() one. */
bool crowd_make(struct world *w);

#endif
