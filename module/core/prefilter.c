// SPDX-License-Identifier: GPL-2.0-only
/*
 * The coarse side of a filter.
 */
#include <netstate/counts.h>
#include <netstate/prefilter.h>

#define PORT_MAX 65535

/* The ports from the least to the largest one that a test names. */
static void narrow(struct nst_ports *ports, const struct nst_filter *filter,
		   const struct nst_filter_test *test)
{
	const struct nst_filter_value *value = &filter->value[test->first];
	const struct nst_filter_value *end = value + test->values;
	u64 first = PORT_MAX, last = 0;

	if (test->negate)
		return;

	for (; value < end; value++) {
		if (value->min < first)
			first = value->min;
		if (value->max > last)
			last = value->max;
	}
	if (first < ports->first)
		first = ports->first;
	if (last > ports->first + ports->span)
		last = ports->first + ports->span;

	if (first > last)	/* words that contradict each other: nothing passes anyway */
		return;
	ports->first = first;
	ports->span = last - first;
}

void nst_prefilter_make(struct nst_prefilter *prefilter, const struct nst_filter *filter)
{
	const struct nst_ports all = { .span = PORT_MAX };
	unsigned int i, state, table;

	for (table = 0; table < NST_TABLES; table++) {
		prefilter->states[table] = 0;
		for (state = 0; state < NST_STATES; state++)
			if (nst_filter_match_state(filter, table, state) &&
			    (filter->unhashed || !nst_state_is_unhashed(table, state)))
				prefilter->states[table] |= BIT(state);
	}

	prefilter->lport = all;
	prefilter->rport = all;
	prefilter->port = all;
	prefilter->tuple = false;
	prefilter->details = nst_filter_needs_match(filter) & NST_NEED_UNOWNED;
	for (i = 0; i < filter->tests; i++) {
		const struct nst_filter_test *test = &filter->test[i];

		prefilter->tuple |= !!(NST_FILTER_TUPLE_KEYS & BIT_ULL(test->key));
		prefilter->details |= !!(NST_FILTER_DETAIL_KEYS & BIT_ULL(test->key));
		if (test->key == NST_KEY_LPORT)
			narrow(&prefilter->lport, filter, test);
		else if (test->key == NST_KEY_RPORT)
			narrow(&prefilter->rport, filter, test);
		else if (test->key == NST_KEY_PORT && prefilter->port.span == PORT_MAX)
			/* The first one only: the next may be about the other end. */
			narrow(&prefilter->port, filter, test);
	}
}

unsigned long nst_prefilter_tables(const struct nst_prefilter *prefilter, bool unhashed)
{
	unsigned long tables = 0;
	unsigned int state, table;

	for (table = 0; table < NST_TABLES; table++)
		for (state = 0; state < NST_STATES; state++)
			if (prefilter->states[table] & BIT(state) &&
			    nst_state_is_unhashed(table, state) == unhashed)
				tables |= BIT(table);

	return tables;
}
