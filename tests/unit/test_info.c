// SPDX-License-Identifier: GPL-2.0-only
#include <netstate/format.h>
#include <netstate/info.h>

#include "test.h"

#define BOTH	(NST_SHOW_TCP | NST_SHOW_MEM)
#define KNOWN	(NST_KNOWS_TCP | NST_KNOWS_MEM)

#define LATER	" sacked=0 lost=0 notsent=0 reordering=0 rcv_space=0 snd_wnd=0"
#define TIMES	" busy=0 rwnd_limited=0 sndbuf_limited=0"
#define MEM	" rmem_alloc=1 rcvbuf=2 wmem_alloc=3 sndbuf=4 fwd_alloc=5 wmem_queued=6 optmem=7" \
		" backlog_mem=8"

/* What is not known, or no limit, has no word. */
static void info_words(void **unused)
{
	static const struct {
		unsigned int known, show;
		struct nst_info info;
		const char *text;
	} words[] = {
		{ 0, BOTH, {}, "" },
		{ KNOWN, NST_SHOW_DETAIL, {}, "" },
		{ KNOWN, NST_SHOW_MEM, { .mem = { 1, 2, 3, 4, 5, 6, 7, 8 } }, MEM },
		{ NST_KNOWS_MEM, BOTH, { .mem = { 1, 2, 3, 4, 5, 6, 7, 8 } }, MEM },
		{ NST_KNOWS_MEM, BOTH, { .mem = { .fwd_alloc = -1 } },
		  " rmem_alloc=0 rcvbuf=0 wmem_alloc=0 sndbuf=0 fwd_alloc=0 wmem_queued=0 optmem=0"
		  " backlog_mem=0" },
		{ KNOWN, NST_SHOW_TCP,
		  { .tcp = { .cwnd = 10, .ssthresh = NST_SSTHRESH_NONE, .mss = 1448, .pmtu = 1500,
			     .rto = 204000, .rttvar = 1, .min_rtt = U32_MAX, .unacked = 2,
			     .pacing_rate = ~0ULL } },
		  " cwnd=10 mss=1448 pmtu=1500 rto=204.000 rttvar=0.001 unacked=2" LATER TIMES },
		{ NST_KNOWS_TCP, BOTH,
		  { .tcp = { .ca = "a=b\n", .cwnd = 1, .ssthresh = NST_SSTHRESH_NONE - 1,
			     .min_rtt = 1500, .pacing_rate = 1, .delivery_rate = 2 } },
		  " ca=a\\075b\\012 cwnd=1 ssthresh=2147483646 mss=0 pmtu=0 rto=0.000 rttvar=0.000"
		  " min_rtt=1.500 unacked=0" LATER
		  " pacing_rate=1 delivery_rate=2 app_limited=0" TIMES },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		char text[NST_INFO_MAX];

		*nst_format_info(text, words[i].known, &words[i].info, words[i].show) = '\0';
		assert_string_equal(text, words[i].text);
	}
}

/* There is room for all of them, each as long as it can get. */
static void info_that_is_longest(void **unused)
{
	struct nst_info info;
	char *text = malloc(NST_INFO_MAX);	/* ASan guards its end */

	(void)unused;
	memset(&info, 0xff, sizeof(info));
	info.tcp.ssthresh = NST_SSTHRESH_NONE - 1;
	info.tcp.min_rtt = U32_MAX - 1;
	info.tcp.pacing_rate = ~0ULL - 1;
	info.tcp.app_limited = true;
	info.tcp.ca[NST_CA_SIZE - 1] = '\0';
	info.mem.fwd_alloc = INT32_MAX;
	assert_in_range(nst_format_info(text, KNOWN, &info, BOTH) - text, 600, NST_INFO_MAX);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(info_words),
		cmocka_unit_test(info_that_is_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
