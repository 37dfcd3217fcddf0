// SPDX-License-Identifier: GPL-2.0-only
/*
 * UDP sockets that lose what comes.
 */
#include "diagnose/ask.h"
#include "diagnose/looks.h"
#include "diagnose/samples.h"
#include "diagnose/tally.h"
#include "diagnose/thresholds.h"
#include "fail.h"

static struct nst_samples samples;	/* drops */

/* Reads the next socket that has dropped something since it was made. */
static bool next(struct nst_row *row, u64 *drops)
{
	while (nst_ask_row(row))
		if (nst_row_number(row, "drops", drops) && *drops)
			return true;
	return false;
}

bool nst_datagrams_before(void)
{
	struct nst_row row;
	u64 drops;

	if (!nst_ask("proto=udp show=user,more"))
		return false;
	while (next(&row, &drops))
		if (!nst_samples_add(&samples, &row, drops, 0))
			return false;
	nst_samples_sort(&samples);
	return !nst_trouble();
}

static void tell(struct nst_tally *tally)
{
	struct nst_finding *finding;
	size_t i;

	nst_tally_sort(tally);
	for (i = 0; i < tally->count && tally->entry[i]->count >= NST_DROPS; i++) {
		finding = nst_found(NST_UDP_DROPS);
		if (!finding)
			continue;
		nst_found_entry(finding, tally->entry[i]);
		strcpy(finding->local, tally->entry[i]->name);
		nst_found_what(finding, "at %s, %llu datagrams for %s were dropped in %g s",
			       finding->local, (unsigned long long)finding->count,
			       nst_found_who(finding), nst_seconds_between);
		nst_found_command(finding, "netstate -uanp show=more lport=%s",
				  nst_found_port(finding->local));
	}
}

bool nst_datagrams_look(void)
{
	const struct nst_sample *before;
	struct nst_tally tally = {};
	struct nst_entry *entry;
	struct nst_row row;
	u64 drops;

	if (!nst_ask("proto=udp show=user,program,more"))
		return false;
	while (next(&row, &drops)) {
		before = nst_samples_find(&samples, &row);
		if (before && drops <= before->first)
			continue;
		entry = nst_tally_of(&tally, row.local.text);
		if (!entry)
			break;
		nst_entry_holder(entry, &row);
		entry->count += drops - (before ? before->first : 0);
	}
	tell(&tally);
	nst_tally_free(&tally);
	nst_samples_free(&samples);
	return !nst_trouble();
}
