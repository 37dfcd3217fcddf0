// SPDX-License-Identifier: GPL-2.0-only
#include <netstate/counts.h>

#include "test.h"

#define DGRAM 0

/* Where a row is counted: by state, or as one without a TCP state. */
static const struct {
	enum nst_table table;
	unsigned int state;
	unsigned int counted;
} rows[] = {
	{ NST_TCP,	NST_ESTABLISHED,	NST_ESTABLISHED },
	{ NST_TCP6,	NST_ESTABLISHED,	NST_ESTABLISHED },
	{ NST_TCP,	NST_CLOSE,		NST_CLOSE },
	{ NST_TCP6,	NST_CLOSING,		NST_CLOSING },
	{ NST_TCP,	NST_NEW_SYN_RECV,	NST_SYN_RECV },
	{ NST_TCP6,	NST_NEW_SYN_RECV,	NST_SYN_RECV },
	{ NST_TCP,	NST_BOUND,		NST_BOUND },
	{ NST_TCP6,	NST_BOUND,		NST_BOUND },
	{ NST_TCP,	NST_UNHASHED,		NST_CLOSE },
	{ NST_UDP,	NST_UNHASHED,		NST_CLOSE },
	{ NST_UDP,	NST_BOUND,		DGRAM },
	{ NST_UDPLITE6,	NST_UNHASHED,		NST_CLOSE },
	{ NST_RAW6,	NST_UNHASHED,		NST_CLOSE },
	{ NST_RAW,	NST_BOUND,		DGRAM },
	{ NST_TCP,	0,			DGRAM },
	{ NST_TCP6,	NST_STATES,		DGRAM },
	{ NST_TCP,	255,			DGRAM },
	{ NST_TCP,	4294967295,		DGRAM },
	{ NST_UDP,	NST_ESTABLISHED,	NST_ESTABLISHED },
	{ NST_UDP6,	NST_ESTABLISHED,	NST_ESTABLISHED },
	{ NST_UDP,	NST_CLOSE,		DGRAM },
	{ NST_UDP6,	NST_CLOSE,		DGRAM },
	{ NST_UDP,	NST_LISTEN,		DGRAM },
	{ NST_UDPLITE,	NST_ESTABLISHED,	NST_ESTABLISHED },
	{ NST_UDPLITE6,	NST_CLOSE,		DGRAM },
	{ NST_RAW,	NST_CLOSE,		DGRAM },
	{ NST_RAW6,	NST_CLOSE,		DGRAM },
	{ NST_RAW,	NST_ESTABLISHED,	DGRAM },
	{ NST_RAW6,	NST_ESTABLISHED,	DGRAM },
};

static void counts_by_table_and_state(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nst_counts counts = { .total = 0 };
		struct nst_counts expected = { .total = 1 };

		if (rows[i].counted == DGRAM)
			expected.dgram = 1;
		else
			expected.state[rows[i].counted] = 1;
		nst_counts_add(&counts, rows[i].table, rows[i].state, 1);
		assert_memory_equal(&counts, &expected, sizeof(counts));
	}
}

static void counts_sum_up_to_the_total(void **unused)
{
	struct nst_counts counts = { .total = 0 };
	unsigned int sum, state, i;

	(void)unused;
	for (i = 0; i < 100000; i++)
		nst_counts_add(&counts, random32() % NST_TABLES, random32() % 16, 1);
	sum = counts.dgram;
	for (state = 0; state < NST_STATES; state++)
		sum += counts.state[state];
	assert_int_equal(counts.total, 100000);
	assert_int_equal(sum, counts.total);
	assert_int_equal(counts.state[0], 0);
	assert_int_equal(counts.state[NST_NEW_SYN_RECV], 0);
	assert_int_equal(counts.state[NST_UNHASHED], 0);
}

/* What only files lead to: TCP that is closed or bound, others that are unhashed. */
static void counts_know_what_is_unhashed(void **unused)
{
	(void)unused;
	for (enum nst_table table = 0; table < NST_TABLES; table++) {
		for (unsigned int state = 0; state < 20; state++) {
			bool tcp = table == NST_TCP || table == NST_TCP6;
			bool unhashed = state == NST_UNHASHED ||
					(tcp && (state == NST_CLOSE || state == NST_BOUND));

			assert_int_equal(nst_state_is_unhashed(table, state), unhashed);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_by_table_and_state),
		cmocka_unit_test(counts_sum_up_to_the_total),
		cmocka_unit_test(counts_know_what_is_unhashed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
