/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What stands on the screen.
 */
#ifndef NETSTATE_TOP_PANEL_H
#define NETSTATE_TOP_PANEL_H

#include "top/listing.h"
#include "top/prompt.h"
#include "top/ranking.h"

/**
 * struct nst_place - a place in something that is longer than the screen
 * @at: the line that is chosen
 * @first: the one at the top of the screen
 * @lines: how many of them the screen has space for, since it was drawn last
 * @right: how far it is moved to the side
 */
struct nst_place {
	size_t at;
	size_t first;
	size_t lines;
	size_t right;
};

/**
 * struct nst_panel - all that is to be seen
 * @ranking: the groups
 * @groups: where in these
 * @is_open: the sockets of a group are shown
 * @listing: these
 * @sockets: where in these
 * @prompt: what is being typed
 * @help: what the keys do is shown
 * @paused: nothing is read
 * @rates: bytes a second are shown
 * @interval: seconds between readings
 * @host: of this name
 * @clock: when it was read
 * @group: what they are grouped by
 * @sort: what they are sorted by
 * @words: the filter
 * @message: something that must be said
 * @trouble: that is something that failed
 */
struct nst_panel {
	struct nst_ranking ranking;
	struct nst_place groups;
	bool is_open;
	struct nst_listing listing;
	struct nst_place sockets;
	struct nst_prompt prompt;
	bool help;
	bool paused;
	bool rates;
	double interval;
	char host[65];
	char clock[16];
	char group[64];
	char sort[16];
	char *words;
	char message[256];
	bool trouble;
};

void nst_panel_draw(struct nst_panel *panel);

#endif /* NETSTATE_TOP_PANEL_H */
