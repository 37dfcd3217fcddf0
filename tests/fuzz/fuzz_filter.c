// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a filter: whatever they are, parsing stays inside of them, tells
 * the truth about what is wrong, and what has been parsed can be matched.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <netstate/comm.h>
#include <netstate/filter.h>
#include <netstate/info.h>

#include "../unit/expression.h"
#include "../unit/passes.h"
#include "fuzz.h"

#define CANARY 0xa5

union record {
	struct nst_sock sock;
	u8 room[NST_SOCK_MAX];
};

/* A socket made of the text's own bytes, so that values sometimes meet. */
static void make_sock(union record *record, enum nst_table table, struct nst_process *owner,
		      const uint8_t *data, size_t size, unsigned int seed)
{
	uint8_t bytes[sizeof(*record) + sizeof(*owner)];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = size ? data[(i * 7 + seed) % size] ^ (seed & 4 ? i : 0) : i;
	memcpy(record, bytes, sizeof(*record));
	memcpy(owner, bytes + sizeof(*record), sizeof(*owner));
	owner->comm[NST_COMM_SIZE - 1] = '\0';
	nst_sock_detail(&record->sock, table)->device[NST_DEVICE_SIZE - 1] = '\0';
	nst_sock_detail(&record->sock, table)->listener = seed & 2 ? owner : NULL;
	record->sock.owner = seed & 1 ? owner : NULL;
	record->sock.state = seed % NST_STATES;
	record->sock.unowned = seed & 1 ? NST_UNOWNED_UNKNOWN : seed / 2 % NST_UNOWNED_LISTENER;
}

static void check_matching(const struct nst_filter *filter, const uint8_t *data, size_t size)
{
	unsigned int needs = nst_filter_needs_match(filter);
	struct nst_prefilter prefilter;
	u32 first, last;

	nst_prefilter_make(&prefilter, filter);
	nst_filter_pids(filter, &first, &last);
	for (unsigned int seed = 0; seed < 4 * NST_TABLES; seed++) {
		enum nst_table table = seed / 4;
		struct nst_process owner;
		union record record;
		bool match_sock, match_owner;

		make_sock(&record, seed / 4, &owner, data, size, seed);
		CHECK(nst_prefilter_state(&prefilter, table, record.sock.state) ==
		      (nst_filter_match_state(filter, table, record.sock.state) &&
		       (filter->unhashed || !nst_state_is_unhashed(table, record.sock.state))));
		if (nst_filter_match_tuple(filter, &record.sock, table))
			CHECK(nst_prefilter_ports(&prefilter, record.sock.lport, record.sock.rport));
		match_sock = passes_sock(filter, &record.sock, table);
		match_owner = passes_owner(filter, &record.sock, table);
		if (match_sock)
			CHECK(filter->tables >> table & 1);
		if (!(needs & (NST_NEED_OWNER | NST_NEED_NETNS | NST_NEED_LATE)))
			CHECK(match_owner || !match_sock);
		if (record.sock.owner && match_owner && filter->owners & NST_FILTER_OWNER)
			CHECK(owner.pid >= first && owner.pid <= last);

		/* What may not be looked at. */
		record.sock.owner = NULL;
		record.sock.timer_left ^= 0x55;
		record.sock.others ^= 0x55;
		if (!(needs & NST_NEED_UNOWNED))
			record.sock.unowned ^= 1;
		if (!(needs & NST_NEED_UID))
			record.sock.uid ^= 0x55;
		if (!(needs & NST_NEED_INODE))
			record.sock.inode ^= 0x55;
		if (!(needs & NST_NEED_TIMER))
			record.sock.timer = record.sock.retransmits = record.sock.probes = 3;
		if (!(needs & NST_NEED_DETAIL))
			memset(nst_sock_detail(&record.sock, table), 0x55,
			       sizeof(struct nst_detail));
		if (!(needs & NST_NEED_TCP))
			memset(nst_detail_info(nst_sock_detail(&record.sock, table)), 0x55,
			       sizeof(struct nst_info));
		if (!(needs & NST_NEED_QUEUES))
			record.sock.recvq = record.sock.sendq = 0x55;
		CHECK(passes_sock(filter, &record.sock, table) == match_sock);
	}
}

static void check_value(enum nst_filter_key key, const struct nst_filter_value *value)
{
	switch (key) {
	case NST_KEY_COMM:
	case NST_KEY_DEVICE:
	case NST_KEY_LISTENER:
		CHECK(value->len > 0 && value->start + value->len <= NST_FILTER_PATTERNS);
		break;
	case NST_KEY_LADDR:
	case NST_KEY_RADDR:
	case NST_KEY_ADDR:
		CHECK(value->prefix <= 128);
		CHECK(!value->ipv4 || value->prefix >= 96);
		break;
	default:
		CHECK(value->min <= value->max);
		break;
	}
}

static unsigned int check_test(const struct nst_filter *filter, const struct nst_filter_test *test)
{
	CHECK(test->key >= NST_KEY_FIRST && test->key < NST_KEY_PROTO);
	CHECK(test->values > 0 && test->first + test->values <= NST_FILTER_VALUES);
	for (unsigned int v = test->first; v < test->first + test->values; v++)
		check_value(test->key, &filter->value[v]);
	return test->values;
}

/* A stack is enough for the steps, and never empty; in the end there is one result. */
static unsigned int check_steps(const struct nst_filter *filter)
{
	unsigned int values = 0, results = 0;

	CHECK(filter->steps <= NST_FILTER_STEPS);
	for (unsigned int i = 0; i < filter->steps; i++) {
		const struct nst_filter_step *step = &filter->step[i];

		CHECK(step->op <= NST_OP_OR);
		if (step->op == NST_OP_TEST)
			values += check_test(filter, &step->test);
		if (step->op >= NST_OP_AND) {
			CHECK(results >= 2);
			results--;
		} else {
			results++;
		}
		CHECK(results < 63);
	}
	CHECK(results == !!filter->steps);
	return values;
}

static void check_filter(const struct nst_filter *filter)
{
	unsigned int values = check_steps(filter), stages = 0;

	CHECK(filter->tables && !(filter->tables >> NST_TABLES));
	CHECK(filter->states && !(filter->states >> (NST_BOUND + 1)) &&
	      !(filter->states & BIT(NST_NEW_SYN_RECV)));
	CHECK(filter->owners && filter->owners <= NST_FILTER_ANY_OWNER);
	CHECK(filter->tests <= NST_FILTER_VALUES + 2);
	for (unsigned int i = 0; i < filter->tests; i++) {
		if (filter->test[i].key < NST_KEY_FIRST)
			stages++;
		else
			values += check_test(filter, &filter->test[i]);
	}
	CHECK(values <= NST_FILTER_VALUES);
	CHECK(stages <= (filter->steps ? 2 : 0));
}

static void check_grouping(const struct nst_filter *filter, const uint8_t *data, size_t size)
{
	const struct nst_grouping *by = &filter->group;
	unsigned int words = nst_grouping_words(by);
	struct nst_detail detail = { .known = NST_KNOWS_CGROUP, .cgroup = size };
	struct nst_group group;
	char text[NST_GROUP_MAX];

	CHECK(!by->by[0] || !filter->show);
	CHECK(!(filter->show & NST_SHOW_NETNS) == (by->by[0] ||
	      !(nst_filter_needs_match(filter) & NST_NEED_NETNS)));
	CHECK(by->by[0] || (!by->by[1] && by->top == U32_MAX));
	if (!by->by[0])
		return;
	CHECK(by->top > 0);
	for (unsigned int i = 0; i < NST_GROUP_KEYS; i++)
		CHECK(by->by[i] < NST_BYS && by->prefix[i] <= 128);
	for (unsigned int seed = 0; seed < 4 * NST_TABLES; seed++) {
		struct nst_process owner;
		union record record;
		char *end;

		make_sock(&record, seed / 4, &owner, data, size, seed);
		nst_process_name(&owner);
		memset(&group, 0, sizeof(group));
		nst_group_key_make(&group.key, by, &record.sock, seed / 4, &detail,
				   record.sock.owner, seed);
		for (unsigned int w = words; w < sizeof(group.key) / sizeof(u32); w++)
			CHECK(!((const u32 *)&group.key)[w]);
		nst_group_add(&group, &record.sock, seed / 4, 1);
		CHECK(group.counts.total == 1);
		end = nst_format_group(text, &group, by, false, seed & 1);
		CHECK(end < text + sizeof(text) && end[-1] == '\n');
	}
}

static void check_error(const struct nst_filter_error *error, size_t size)
{
	CHECK(error->reason > NST_FILTER_OK && error->reason < NST_FILTER_REASONS);
	CHECK(error->key < NST_KEYS);
	CHECK((size_t)error->offset + error->len <= size);
}

/* The text's bytes as numbers; ones that follow from the last one after its end. */
struct bytes {
	const uint8_t *data;
	size_t size;
	u32 last;
};

static u32 from_bytes(void *arg)
{
	struct bytes *bytes = arg;

	bytes->last = bytes->last * 1103515245 + 12345;
	if (bytes->size) {
		bytes->last += *bytes->data++ << 16;
		bytes->size--;
	}
	return bytes->last >> 16;
}

/* An expression made of the bytes, of sockets made of them: what comes out, and when. */
static void check_expression(const uint8_t *data, size_t size)
{
	struct bytes bytes = { data, size, size };
	struct nst_filter_error error;
	struct expression expression;
	char text[EXPRESSION_TEXT];
	struct nst_filter filter;

	expression_make(&expression, from_bytes, &bytes);
	expression_text(&expression, text, from_bytes, &bytes);
	if (!nst_filter_parse(&filter, text, strlen(text), &error)) {
		CHECK(error.reason == NST_FILTER_NOTHING || error.reason == NST_FILTER_TOO_DEEP);
		return;
	}
	check_filter(&filter);
	for (unsigned int i = 0; i < 8; i++) {
		struct verdict must, is;
		struct scene scene;

		scene_make(&scene, from_bytes, &bytes);
		must = expression_judge(&expression, &scene);
		is = filter_judge(&filter, &scene);
		CHECK(must.shown == is.shown && must.pid == is.pid && must.others == is.others);
		CHECK(!filter_contradicts(&filter, &scene));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nst_filter filter, again;
	struct nst_filter_error error;
	char *text = malloc(size + !size);	/* ASan guards its end */

	memcpy(text, data, size);
	memset(&filter, CANARY, sizeof(filter));
	memset(&again, CANARY, sizeof(again));
	if (nst_filter_parse(&filter, text, size, &error)) {
		CHECK(error.reason == NST_FILTER_OK);
		CHECK(nst_filter_parse(&again, text, size, &error));
		CHECK(!memcmp(&filter, &again, sizeof(filter)));
		check_filter(&filter);
		check_matching(&filter, data, size);
		check_grouping(&filter, data, size);
	} else {
		CHECK(!memcmp(&filter, &again, sizeof(filter)));
		check_error(&error, size);
	}
	free(text);
	check_expression(data, size);
	return 0;
}
