// SPDX-License-Identifier: GPL-2.0-only
#include <netinet/tcp.h>

#include <netstate/state.h>

#include "test.h"

static const struct {
	unsigned int state;
	const char *name;
	const char *word;
} states[] = {
	{ TCP_ESTABLISHED,	"ESTABLISHED",	"established" },
	{ TCP_SYN_SENT,		"SYN_SENT",	"syn_sent" },
	{ TCP_SYN_RECV,		"SYN_RECV",	"syn_recv" },
	{ TCP_FIN_WAIT1,	"FIN_WAIT1",	"fin_wait1" },
	{ TCP_FIN_WAIT2,	"FIN_WAIT2",	"fin_wait2" },
	{ TCP_TIME_WAIT,	"TIME_WAIT",	"time_wait" },
	{ TCP_CLOSE,		"CLOSE",	"close" },
	{ TCP_CLOSE_WAIT,	"CLOSE_WAIT",	"close_wait" },
	{ TCP_LAST_ACK,		"LAST_ACK",	"last_ack" },
	{ TCP_LISTEN,		"LISTEN",	"listen" },
	{ TCP_CLOSING,		"CLOSING",	"closing" },
	{ 12,			"SYN_RECV",	"syn_recv" },
	{ 0,			"UNKNOWN",	"unknown" },
	{ 13,			"BOUND",	"bound" },	/* TCP_BOUND_INACTIVE */
	{ 14,			"CLOSE",	"close" },
	{ 15,			"UNKNOWN",	"unknown" },
	{ 255,			"UNKNOWN",	"unknown" },
	{ 4294967295,		"UNKNOWN",	"unknown" },
};

static void state_names(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		assert_string_equal(nst_state_name(states[i].state), states[i].name);
}

static void state_words(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		assert_string_equal(nst_state_word(states[i].state), states[i].word);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_names),
		cmocka_unit_test(state_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
