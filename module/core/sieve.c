// SPDX-License-Identifier: GPL-2.0-only
/*
 * The coarse side of a filter.
 */
#include <netstate/counts.h>
#include <netstate/sieve.h>

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
	if (last > ports->first + ports->more)
		last = ports->first + ports->more;

	if (first > last)	/* words that contradict each other: nothing passes anyway */
		return;
	ports->first = first;
	ports->more = last - first;
}

void nst_sieve_make(struct nst_sieve *sieve, const struct nst_filter *filter)
{
	const struct nst_ports all = { .more = PORT_MAX };
	unsigned int i, state, table;

	for (table = 0; table < NST_TABLES; table++) {
		sieve->states[table] = 0;
		for (state = 0; state < NST_STATES; state++)
			if (nst_filter_match_state(filter, table, state) &&
			    (filter->unlisted || !nst_state_is_unlisted(table, state)))
				sieve->states[table] |= BIT(state);
	}

	sieve->lport = all;
	sieve->rport = all;
	sieve->port = all;
	sieve->tuple = false;
	sieve->details = nst_filter_needs_match(filter) & NST_NEED_FATE;
	for (i = 0; i < filter->tests; i++) {
		const struct nst_filter_test *test = &filter->test[i];

		sieve->tuple |= !!(NST_FILTER_TUPLE_KEYS & BIT(test->key));
		sieve->details |= !!(NST_FILTER_DETAIL_KEYS & BIT(test->key));
		if (test->key == NST_KEY_LPORT)
			narrow(&sieve->lport, filter, test);
		else if (test->key == NST_KEY_RPORT)
			narrow(&sieve->rport, filter, test);
		else if (test->key == NST_KEY_PORT && sieve->port.more == PORT_MAX)
			/* The first one only: the next may be about the other end. */
			narrow(&sieve->port, filter, test);
	}
}

unsigned long nst_sieve_tables(const struct nst_sieve *sieve, bool unlisted)
{
	unsigned long tables = 0;
	unsigned int state, table;

	for (table = 0; table < NST_TABLES; table++)
		for (state = 0; state < NST_STATES; state++)
			if (sieve->states[table] & BIT(state) &&
			    nst_state_is_unlisted(table, state) == unlisted)
				tables |= BIT(table);

	return tables;
}
