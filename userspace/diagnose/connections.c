// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections that come to no end, and such as do not come about.
 */
#include "diagnose/ask.h"
#include "diagnose/looks.h"
#include "diagnose/tally.h"
#include "diagnose/thresholds.h"
#include "fail.h"

/* The other end has closed, and the program has not. */
bool nst_close_wait_look(void)
{
	struct nst_tally tally = {};
	struct nst_finding *finding;
	struct nst_entry *entry;
	struct nst_row row;
	u64 idle;
	size_t i;

	if (!nst_ask("state=close_wait show=program,more"))
		return false;
	while (nst_ask_row(&row)) {
		idle = nst_row_idle(&row);
		if (idle < NST_CLOSE_WAIT_IDLE || row.sock.unowned == NST_UNOWNED_QUEUED)
			continue;
		entry = nst_tally_of_holder(&tally, &row);
		if (!entry)
			break;
		entry->count++;
		entry->most = idle > entry->most ? idle : entry->most;
	}
	nst_tally_sort_programs(&tally);
	for (i = 0; i < tally.count && tally.entry[i]->count >= NST_CLOSE_WAITS; i++) {
		finding = nst_found(NST_LEFT_OPEN);
		if (!finding)
			continue;
		nst_found_entry(finding, tally.entry[i]);
		finding->idle = tally.entry[i]->most;
		nst_found_what(finding,
			       "%s has %llu connections in CLOSE_WAIT, idle for %u s or more, the longest for %llu s",
			       nst_found_who(finding), (unsigned long long)finding->count,
			       NST_CLOSE_WAIT_IDLE, (unsigned long long)finding->idle);
		nst_found_command(finding, "netstate -tnp --report=byteinfo state=close_wait %s",
				  nst_found_choice(finding));
	}
	nst_tally_free(&tally);
	return !nst_trouble();
}

/* A connection was asked for, again and again, and nobody answers. */
bool nst_syn_sent_look(void)
{
	struct nst_tally tally = {};
	struct nst_finding *finding;
	struct nst_entry *entry;
	struct nst_word host, port;
	struct nst_row row;
	size_t i;

	if (!nst_ask("state=syn_sent show=program,timer"))
		return false;
	while (nst_ask_row(&row)) {
		if (row.sock.retransmits < NST_SYN_RETRIES)
			continue;
		entry = nst_tally_of(&tally, row.remote.text);
		if (!entry)
			break;
		nst_entry_holder(entry, &row);
		entry->count++;
	}
	nst_tally_sort(&tally);
	for (i = 0; i < tally.count; i++) {
		finding = nst_found(NST_NO_CONNECTION);
		if (!finding)
			continue;
		nst_found_entry(finding, tally.entry[i]);
		strcpy(finding->remote, tally.entry[i]->name);
		nst_found_what(finding, "%s does not answer %llu request%s for a connection, of %s",
			       finding->remote, (unsigned long long)finding->count,
			       nst_s(finding->count), nst_found_who(finding));
		host = nst_word_of(finding->remote);
		nst_word_split_last(host, ':', &host, &port);
		nst_found_command(finding, "netstate -tnpo state=syn_sent raddr=%.*s rport=%s",
				  (int)host.len, host.start, nst_found_port(finding->remote));
	}
	nst_tally_free(&tally);
	return !nst_trouble();
}
