// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a walk puts what it visits: records, or counts. A part of the walk that has to
 * be walked again is undone first.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "store/choice.h"
#include "store/groups.h"
#include "store/by_listener.h"
#include "walk/sink.h"

/**
 * nst_sink_reserve() - make room for what the next part of the walk copies
 * @sink: the sink
 * @sockets: how many sockets that is at most. Where sockets are only counted, few of them
 *	are listeners: there is room for one in 32, and the part is walked again if that is
 *	too little
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_sink_reserve(struct nst_sink *sink, unsigned int sockets)
{
	/* All of it IPv6, or half of each table's last page lost. */
	if (sink->rows)
		return nst_rows_reserve(sink->rows,
					DIV_ROUND_UP(sockets,
						     sink->rows->list[NST_TCP6].capacity) + 2);
	if (sink->choice)
		return nst_choice_reserve(sink->choice, sockets);
	if (sink->by_listener)
		return nst_by_listener_reserve(sink->by_listener, max(sockets / 32, 1U));

	return 0;
}

/**
 * nst_sink_flush() - count the records in their groups
 * @sink: the sink
 *
 * Where groups are wanted and can be made at once: so the records never become many.
 * Between two parts of the walk only: what has been counted cannot be undone.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_sink_flush(struct nst_sink *sink)
{
	int err;

	if (!sink->groups)
		return 0;

	err = nst_groups_add_rows(sink->groups, sink->rows);
	nst_rows_drop(sink->rows);
	return err;
}

/**
 * nst_sink_save() - remember what is there before the next part of the walk
 * @sink: the sink
 * @table: the IPv4 table of the two that are walked
 * @undo: filled in
 *
 * Context: any.
 */
void nst_sink_save(const struct nst_sink *sink, enum nst_table table, struct nst_undo *undo)
{
	undo->incomplete = sink->incomplete;
	if (sink->rows) {
		nst_rows_checkpoint(sink->rows, table, &undo->checkpoint);
		return;
	}

	memcpy(undo->state, sink->counts.state[table], sizeof(undo->state));
	undo->orphans = sink->counts.orphans;
	if (sink->by_listener)
		nst_by_listener_save(sink->by_listener);
}

/**
 * nst_sink_undo() - go back to what was there
 * @sink: the sink
 * @table: as for nst_sink_save()
 * @undo: from it
 *
 * Context: any.
 */
void nst_sink_undo(struct nst_sink *sink, enum nst_table table, const struct nst_undo *undo)
{
	sink->incomplete = undo->incomplete;
	if (sink->rows) {
		nst_rows_cut(sink->rows, table, &undo->checkpoint);
		return;
	}

	memcpy(sink->counts.state[table], undo->state, sizeof(undo->state));
	sink->counts.orphans = undo->orphans;
	if (sink->by_listener)
		nst_by_listener_undo(sink->by_listener);
}
