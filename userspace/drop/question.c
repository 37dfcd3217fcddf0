// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether somebody knows what is about to be ended, and wants that.
 */
#include <strings.h>

#include <netstate/filter_keys.h>

#include "drop/question.h"

static bool is_range(enum nst_filter_key key)
{
	return nst_filter_keys[key].kind == NST_KIND_NUMBERS;
}

static bool is_address(enum nst_filter_key key)
{
	return key == NST_KEY_LADDR || key == NST_KEY_RADDR || key == NST_KEY_ADDR;
}

/* Whether a value is all that there can be: any number, a network of all addresses, "*". */
static bool is_all(const struct nst_filter *filter, enum nst_filter_key key,
		   const struct nst_filter_value *value)
{
	u16 i;

	if (nst_filter_keys[key].kind == NST_KIND_WORDS)
		return false;
	if (is_range(key))
		return !value->min && value->max >= nst_filter_keys[key].max;
	if (is_address(key))
		return value->prefix <= (value->ipv4 ? 96 : 0);
	for (i = 0; i < value->len; i++)
		if (filter->patterns[value->start + i] != '*')
			return false;
	return true;
}

/* Whether a word leaves anything out, of one family at least. */
static bool test_chooses(const struct nst_filter *filter, const struct nst_filter_test *test)
{
	u8 i;

	if (test->negate)
		return true;
	for (i = 0; i < test->values; i++)
		if (is_all(filter, test->key, &filter->value[test->first + i]))
			return false;
	return true;
}

/* Whether an expression leaves anything out: every word of it must, beside whatever others. */
static bool steps_choose(const struct nst_filter *filter, const struct nst_filter *everything)
{
	u8 i;

	for (i = 0; i < filter->steps; i++) {
		const struct nst_filter_step *step = &filter->step[i];
		u16 all = step->op == NST_OP_TABLES ? everything->tables :
			  step->op == NST_OP_STATES ? everything->states : everything->owners;

		if (step->op == NST_OP_TEST ? !test_chooses(filter, &step->test) :
		    step->op < NST_OP_AND && (step->names & all) == all)
			return false;
	}
	return filter->steps;
}

/**
 * nst_question_chooses() - whether a filter says which sockets are meant
 * @filter: the filter
 *
 * Return: false if it lets everything through, or nearly: "lport>=0", "comm=*".
 */
bool nst_question_chooses(const struct nst_filter *filter)
{
	const u16 tcp_and_udp = BIT(NST_TCP) | BIT(NST_TCP6) | BIT(NST_UDP) | BIT(NST_UDP6);
	struct nst_filter everything;
	u8 i;

	nst_filter_clear(&everything);
	if ((filter->tables & tcp_and_udp) != (everything.tables & tcp_and_udp) ||
	    (filter->states & everything.states) != everything.states ||
	    (filter->owners & everything.owners) != everything.owners)
		return true;
	for (i = 0; i < filter->tests; i++)
		if (filter->test[i].key >= NST_KEY_FIRST && test_chooses(filter, &filter->test[i]))
			return true;
	return steps_choose(filter, &everything);
}

/* Whether an answer is yes: "y" or "yes", in upper case or not, and nothing else. */
bool nst_question_is_yes(const char *answer)
{
	size_t len = strcspn(answer, "\n");

	return (len == 1 && !strncasecmp(answer, "y", 1)) ||
	       (len == 3 && !strncasecmp(answer, "yes", 3));
}
