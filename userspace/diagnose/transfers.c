// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data that does not get away. Of all that has something to send at both readings: what has
 * sent nothing new in between is stuck, and its timer says why.
 */
#include "diagnose/ask.h"
#include "diagnose/looks.h"
#include "diagnose/samples.h"
#include "diagnose/tally.h"
#include "diagnose/thresholds.h"
#include "fail.h"

#define SEGMENT 1448	/* bytes, as Ethernet takes them */

static struct nst_samples samples;	/* bytes sent; segments sent again */

static bool ask(void)
{
	return nst_ask("proto=tcp sendq>0 state=established,fin_wait1,close_wait,closing,last_ack show=user,program,timer,more");
}

static bool read_sent(const struct nst_row *row, u64 *bytes, u64 *again)
{
	return nst_row_number(row, "bytes_out", bytes) && nst_row_number(row, "retrans", again);
}

bool nst_transfers_before(void)
{
	struct nst_row row;
	u64 bytes, again;

	if (!ask())
		return false;
	while (nst_ask_row(&row))
		if (read_sent(&row, &bytes, &again) && !nst_samples_add(&samples, &row, bytes, again))
			return false;
	nst_samples_sort(&samples);
	return !nst_trouble();
}

/* The sums of each kind of trouble. */
struct troubles {
	struct nst_tally no_reader;	/* by process; @sum: bytes */
	struct nst_tally no_answer;	/* by address; @sum: bytes, @most: those we have made */
	struct nst_tally again;		/* by address; @count: segments, @sum: bytes */
};

static bool add(struct troubles *troubles, const struct nst_row *row)
{
	const struct nst_sample *before = nst_samples_find(&samples, row);
	bool ours = !nst_word_is(nst_word_value(row->detail, "dir"), "in");
	struct nst_entry *entry = NULL;
	u64 bytes, again;

	if (!before || !read_sent(row, &bytes, &again))
		return true;
	if (bytes != before->first || again < before->second) {
		if (again <= before->second)
			return true;
		entry = nst_tally_of(&troubles->again, row->remote.host);
		if (!entry)
			return false;
		entry->count += again - before->second;
		entry->sum += bytes - before->first;
		nst_entry_holder(entry, row);
		return true;
	}
	if (row->sock.retransmits >= NST_RETRIES || row->sock.probes >= NST_RETRIES)
		entry = nst_tally_of(&troubles->no_answer, row->remote.host);
	else if (nst_word_begins(row->timer, "probe "))
		entry = nst_tally_of_holder(&troubles->no_reader, row);
	else
		return true;
	if (!entry)
		return false;
	nst_entry_holder(entry, row);
	entry->count++;
	entry->sum += row->sock.sendq;
	entry->most += ours;
	return true;
}

static void tell_no_reader(struct nst_tally *tally)
{
	struct nst_finding *finding;
	size_t i;

	nst_tally_sort_programs(tally);
	for (i = 0; i < tally->count && tally->entry[i]->count; i++) {
		finding = nst_found(NST_NO_READER);
		if (!finding)
			continue;
		nst_found_entry(finding, tally->entry[i]);
		finding->bytes = tally->entry[i]->sum;
		nst_found_what(finding, "%s has %llu bytes to send on %llu connection%s, and the other end reads nothing",
			       nst_found_who(finding), (unsigned long long)finding->bytes,
			       (unsigned long long)finding->count, nst_s(finding->count));
		nst_found_command(finding, "netstate -tnpo 'sendq>0' %s", nst_found_choice(finding));
	}
}

static void tell_no_answer(struct nst_tally *tally)
{
	struct nst_finding *finding;
	struct nst_entry *entry;
	size_t i;

	nst_tally_sort(tally);
	for (i = 0; i < tally->count; i++) {
		entry = tally->entry[i];
		finding = entry->most || entry->count >= NST_UNANSWERED_CLIENTS ?
			  nst_found(NST_NO_ANSWER) : NULL;
		if (!finding)
			continue;
		nst_found_entry(finding, entry);
		finding->bytes = entry->sum;
		strcpy(finding->remote, entry->name);
		nst_found_what(finding, "%s acknowledges nothing on %llu connection%s, where %llu bytes wait, of %s",
			       finding->remote, (unsigned long long)finding->count,
			       nst_s(finding->count), (unsigned long long)finding->bytes,
			       nst_found_who(finding));
		nst_found_command(finding, "netstate -tnpo 'sendq>0' raddr=%s", finding->remote);
	}
}

static void tell_again(struct nst_tally *tally)
{
	struct nst_finding *finding;
	struct nst_entry *entry;
	size_t i;
	u64 sent;

	nst_tally_sort(tally);
	for (i = 0; i < tally->count; i++) {
		entry = tally->entry[i];
		sent = entry->count + entry->sum / SEGMENT;
		finding = entry->count >= NST_RETRANSMITS &&
			  nst_is_near(entry->count, sent, NST_RETRANSMITS_SHARE) ?
			  nst_found(NST_SENT_AGAIN) : NULL;
		if (!finding)
			continue;
		nst_found_entry(finding, entry);
		finding->limit = sent;
		strcpy(finding->remote, entry->name);
		nst_found_what(finding, "to %s, %llu of some %llu segments were sent again in %g s, of %s",
			       finding->remote, (unsigned long long)finding->count,
			       (unsigned long long)sent, nst_seconds_between,
			       nst_found_who(finding));
		nst_found_command(finding, "netstate -tnp state=established raddr=%s show=more",
				  finding->remote);
	}
}

bool nst_transfers_look(void)
{
	struct troubles troubles = {};
	struct nst_row row;

	if (!ask())
		return false;
	while (nst_ask_row(&row))
		if (!add(&troubles, &row))
			break;
	tell_no_reader(&troubles.no_reader);
	tell_no_answer(&troubles.no_answer);
	tell_again(&troubles.again);
	nst_tally_free(&troubles.no_reader);
	nst_tally_free(&troubles.no_answer);
	nst_tally_free(&troubles.again);
	nst_samples_free(&samples);
	return !nst_trouble();
}
