/* SPDX-License-Identifier: GPL-2.0-only */
/* Where a walk puts what it visits. */
#ifndef NST_WALK_SINK_H
#define NST_WALK_SINK_H

#include <netstate/sock.h>

#include "store/rows.h"

struct nst_choice;
struct nst_groups;
struct nst_by_listener;

/**
 * struct nst_sink_counts - sockets by table and state
 * @state: by enum nst_table, enum nst_state
 * @orphans: TCP sockets that no process can reach any more
 */
struct nst_sink_counts {
	u32 state[NST_TABLES][NST_STATES];
	u32 orphans;
};

/**
 * struct nst_sink - where the sockets go
 * @rows: the records, or NULL: then sockets are only counted
 * @groups: where records are counted in groups at once, or NULL
 * @counts: the counts, where there are no records
 * @by_listener: where TCP sockets are counted by listener, where there are no records,
 *	or NULL
 * @choice: where it is chosen which listeners are named, or NULL: then nothing is counted
 * @incomplete: how many buckets, and sockets in others, have been left out, since they
 *	did not come to rest within the bounds of a read
 */
struct nst_sink {
	struct nst_rows *rows;
	struct nst_groups *groups;
	struct nst_sink_counts counts;
	struct nst_by_listener *by_listener;
	struct nst_choice *choice;
	u32 incomplete;
};

/**
 * struct nst_undo - what to go back to when a chain has to be walked again
 * @checkpoint: the end of the records, if there are any
 * @state: the counts of the two tables, if there are no records
 * @orphans: likewise
 * @incomplete: likewise, in any case
 *
 * Counts by listener are saved by nst_by_listener_save(). There is one undo at a time.
 */
struct nst_undo {
	union {
		struct nst_checkpoint checkpoint;
		struct {
			u32 state[2][NST_STATES];
			u32 orphans;
		};
	};
	u32 incomplete;
};

int nst_sink_reserve(struct nst_sink *sink, unsigned int sockets);
int nst_sink_flush(struct nst_sink *sink);
void nst_sink_save(const struct nst_sink *sink, enum nst_table table, struct nst_undo *undo);
void nst_sink_undo(struct nst_sink *sink, enum nst_table table, const struct nst_undo *undo);

#endif /* NST_WALK_SINK_H */
