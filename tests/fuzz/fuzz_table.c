// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a saved table: whatever they are, the parser stays inside of them,
 * what it finds lies in the line, and a row that was read is read again from what
 * the formatter makes of it.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>

#include <netstate/comm.h>

#include "../../userspace/fail.c"
#include "../../userspace/util.c"
#include "../../userspace/table.c"
#include "../../userspace/netstat/plain.c"
#include "fuzz.h"

static void check_inside(struct nst_word word, struct nst_word line)
{
	CHECK(!word.len || (word.start >= line.start &&
			    word.start + word.len <= line.start + line.len));
}

static void check_words(const struct nst_row *row)
{
	const struct nst_word words[] = {
		row->proto, row->local.text, row->local.host, row->local.port, row->remote.text,
		row->remote.host, row->remote.port, row->state, row->program, row->name,
		row->timer, row->detail, row->owners,
	};
	struct nst_word rest = row->owners;
	struct nst_process owner;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		check_inside(words[i], row->line);
	CHECK(row->proto.len && row->local.text.len && row->remote.text.len);
	CHECK(!row->sock.owner == !row->owner.pid);
	while (nst_row_next_owner(&rest, &owner))
		CHECK(strlen(owner.comm) < NST_COMM_SIZE);
}

/*
 * The numbers of a timer are those in its text. Of one with a name that nobody knows only the
 * counts are printed, as of one that is off.
 */
static void check_timer(const struct nst_row *row, const struct nst_sock *is)
{
	const struct nst_sock *was = &row->sock;
	unsigned int seconds, hundredths, retransmits, probes;
	const char *numbers;
	char text[128];

	/* The name may have any bytes, but no space. */
	numbers = memrchr(row->timer.start, ' ', row->timer.len);
	CHECK(numbers);
	snprintf(text, sizeof(text), "%.*s",
		 (int)(row->timer.start + row->timer.len - numbers), numbers);
	CHECK(sscanf(text, " (%u.%u/%u/%u", &seconds, &hundredths, &retransmits, &probes) == 4);
	CHECK(was->timer_left == seconds * 100 + hundredths);
	CHECK(was->retransmits == (__typeof__(was->retransmits))retransmits);
	CHECK(was->probes == (__typeof__(was->probes))probes);
	CHECK(is->timer == was->timer);
	CHECK(is->timer_left == (was->timer == NST_TIMER_OFF ? 0 : was->timer_left));
	CHECK(is->retransmits == was->retransmits && is->probes == was->probes);
}

/* A row is what the formatter prints of it. */
static void check_again(struct nst_row *row)
{
	unsigned int show = row->show & ~(NST_SHOW_PLAIN | NST_SHOW_NOTED);
	size_t addrs = nst_table_is_ipv6(row->table) ? 32 : 8;
	struct nst_word line;
	struct nst_row again;
	char text[NST_ROW_MAX];

	nst_process_name(&row->owner);
	line.start = text;
	line.len = nst_format_row(text, &row->sock, row->table, show) - text - 1;
	if (show & NST_SHOW_NETNS)
		line.len = nst_format_netns(text + line.len, row->netns, show) - text;
	CHECK(!nst_table_parse_row(&again, show, line));
	CHECK(again.table == row->table);
	CHECK(again.sock.recvq == row->sock.recvq && again.sock.sendq == row->sock.sendq);
	CHECK(again.sock.lport == row->sock.lport && again.sock.rport == row->sock.rport);
	CHECK(again.sock.state == row->sock.state);
	CHECK(!memcmp(again.sock.addr, row->sock.addr, addrs));
	CHECK(again.netns == row->netns);
	if (show & NST_SHOW_USER)
		CHECK(again.sock.uid == row->sock.uid && again.sock.inode == row->sock.inode);
	if (show & NST_SHOW_PROGRAM) {
		CHECK(again.owner.pid == row->owner.pid && again.sock.others == row->sock.others);
		CHECK(!strcmp(again.owner.comm, row->owner.comm));
	}
	if (show & NST_SHOW_TIMER)
		check_timer(row, &again.sock);
}

static void check_line(struct nst_word line, unsigned int show)
{
	struct nst_row row;

	check_inside(nst_table_counts(line), line);
	if (!nst_table_parse_row(&row, show, line)) {
		check_words(&row);
		check_again(&row);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size, *newline;
	unsigned int show = 0, columns;

	for (; text < end; text = newline + 1) {
		struct nst_word line;
		char *copy;

		newline = memchr(text, '\n', end - text);
		if (!newline)
			newline = end;
		line.len = newline - text;
		copy = malloc(line.len + !line.len);	/* ASan guards its end */
		memcpy(copy, text, line.len);
		line.start = copy;
		if (nst_table_parse_head(&columns, line))
			show = columns;
		check_line(line, show);
		check_line(line, show | NST_SHOW_PLAIN);
		check_line(line, show | NST_SHOW_NOTED);
		free(copy);
	}
	return 0;
}
