// SPDX-License-Identifier: GPL-2.0-only
#include <netstate/filter.h>
#include <netstate/prefilter.h>

#include "expression.h"
#include "test.h"

static void parse(struct nst_filter *filter, const char *text)
{
	struct nst_filter_error error;

	if (!nst_filter_parse(filter, text, strlen(text), &error))
		fail_msg("\"%s\": reason %d at %u+%u", text, error.reason, error.offset, error.len);
}

/* Filters that say the same in other words: each must become the very same data. */
static void expression_spellings(void **unused)
{
	static const struct {
		const char *text, *same;
	} filters[] = {
		/* words side by side, and a "not" before one of them, are what they were */
		{ "lport=22 and rport=5",	"lport=22 rport=5" },
		{ "lport=22 & rport=5",		"lport=22 rport=5" },
		{ "lport=22 && rport=5",	"lport=22 rport=5" },
		{ "lport=22 AND rport=5",	"lport=22 rport=5" },
		{ "lport=22\nrport=5",		"lport=22 rport=5" },
		{ "lport=22 and\n\nrport=5",	"lport=22 rport=5" },
		{ "\n\nlport=22\n\n rport=5\n",	"lport=22 rport=5" },
		{ "not lport=22",		"lport!=22" },
		{ "! lport=22",			"lport!=22" },
		{ "!lport=22",			"lport!=22" },
		{ "not lport!=22",		"lport=22" },
		{ "not not lport=22",		"lport=22" },
		{ "Not not\nNOT lport=22",	"lport!=22" },
		{ "not state=listen",		"state!=listen" },
		{ "not state!=close",		"state=close" },
		{ "not proto!=raw",		"proto=raw" },
		{ "not proto=tcp",		"proto!=tcp" },
		{ "not owner=none",		"owner!=none" },
		{ "lport=1 not comm=x top=5 group=lport",
		  "lport=1 comm!=x top=5 group=lport" },
		/* what binds: not, and, or */
		{ "lport=1 or rport=2 uid=3",	"lport=1 or (rport=2 and uid=3)" },
		{ "lport=1 rport=2 or uid=3",	"(lport=1 rport=2) or uid=3" },
		{ "not lport=1 or rport=2",	"lport!=1 or rport=2" },
		{ "not (lport=1 or rport=2)",	"(lport!=1 and rport!=2)" },
		{ "not (lport=1 rport=2)",	"lport!=1 or rport!=2" },
		{ "not (lport=1 not (rport=2 or uid=3))", "lport!=1 or (rport=2 or uid=3)" },
		{ "lport=1|rport=2",		NULL },
		{ "lport=1 | rport=2",		"lport=1 or rport=2" },
		{ "lport=1 || rport=2",		"lport=1 or rport=2" },
		{ "(lport=1)or(rport=2)",	"lport=1 or rport=2" },
		{ "not(lport=1 or rport=2)",	"not (lport=1 or rport=2)" },
		{ "!(lport=1 or rport=2)",	"not (lport=1 or rport=2)" },
		{ "(lport=1\nor rport=2)",	"(lport=1 or rport=2)" },
		{ "(lport=1\nrport=2 or uid=3)", "(lport=1 rport=2 or uid=3)" },
		{ "lport=1 or\nrport=2",	"lport=1 or rport=2" },
		/* each line must hold */
		{ "uid=3\nlport=1 or rport=2",	"uid=3 (lport=1 or rport=2)" },
		{ "lport=1 or rport=2\nuid=3",	"(lport=1 or rport=2) uid=3" },
		{ "lport=1 or rport=2\nuid=3 or lport=4", "(lport=1 or rport=2) (uid=3 or lport=4)" },
		{ "lport=1 or rport=2 show=more", "show=more (lport=1 or rport=2)" },
		/* ss */
		{ "sport = :443",		"lport=443" },
		{ "sport = 443",		"lport=443" },
		{ "dport != :443",		"rport!=443" },
		{ "dport > :1000",		"rport>1000" },
		{ "dport >1000",		"rport>1000" },
		{ "dport ge 1000",		"rport>=1000" },
		{ "lport eq 5",			"lport=5" },
		{ "lport == 5",			"lport=5" },
		{ "lport neq 5",		"lport!=5" },
		{ "lport LT 5",			NULL },
		{ "lport lt 5",			"lport<5" },
		{ "lport le 5",			"lport<=5" },
		{ "lport geq 5",		"lport>=5" },
		{ "( sport = :443 or dport = :443 )", "(lport=443 or rport=443)" },
		{ "dst 10.0.0.0/8",		"raddr=10.0.0.0/8" },
		{ "dst = 10.0.0.0/8",		"raddr=10.0.0.0/8" },
		{ "src ::1",			"laddr=::1" },
		{ "src :443",			"lport=443" },
		{ "dst :443",			"rport=443" },
		{ "dst=::/0",			"raddr=::/0" },
		{ "state listening",		"state=listen" },
		{ "state connected",		"state=established,syn_sent,syn_recv,fin_wait1,fin_wait2,"
						"time_wait,close_wait,last_ack,closing" },
		{ "state synchronized",		"state=established,syn_recv,fin_wait1,fin_wait2,"
						"time_wait,close_wait,last_ack,closing" },
		{ "state bucket",		"state=syn_recv,time_wait" },
		{ "state big",			"state=established,syn_sent,fin_wait1,fin_wait2,listen,"
						"close_wait,last_ack,closing,dgram" },
		{ "state = all",		"state=established,syn_sent,fin_wait1,fin_wait2,listen,"
						"close_wait,last_ack,closing,dgram,syn_recv,time_wait" },
		{ "! state listening and dst 10.0.0.0/8", "state!=listen raddr=10.0.0.0/8" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_filter one, other;
		struct nst_filter_error error;

		if (!filters[i].same) {
			assert_false(nst_filter_parse(&one, filters[i].text,
						      strlen(filters[i].text), &error));
			continue;
		}
		parse(&one, filters[i].text);
		parse(&other, filters[i].same);
		if (memcmp(&one, &other, sizeof(one)))
			fail_msg("\"%s\" is not \"%s\"", filters[i].text, filters[i].same);
	}
}

/* A name that has parentheses is not taken for an expression. */
static void expression_names(void **unused)
{
	static const struct {
		const char *text, *name;
	} filters[] = {
		{ "comm=(sd-pam)", "(sd-pam)" },
		{ "comm=\\(sd-pam\\)", "(sd-pam)" },
		{ "comm=a(b)c", "a(b)c" },
		{ "comm=a( rport=0", "a(" },
		{ "comm=a\\)", "a)" },
		{ "comm=a\\051", "a)" },
		{ "(comm=(sd-pam) or lport=1)", "(sd-pam)" },
		{ "(lport=1 or comm=(sd-pam))", "(sd-pam)" },
		{ "(lport=1 or comm=a\\))", "a)" },
		{ "not(lport=1 or comm!=a\\\\)", "a\\" },
		{ "comm = or lport=0", "or" },
		{ "comm=a&b", "a&b" },
		{ "comm=!x", "!x" },
		{ "comm=a=b", "a=b" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_process process = { .pid = 1 };
		struct scene scene = { .holders = 1 };
		struct nst_filter filter;

		parse(&filter, filters[i].text);
		scene.sock.state = NST_LISTEN;
		scene.holder[0] = process;
		strcpy(scene.holder[0].comm, "other");
		if (filter_judge(&filter, &scene).shown)
			fail_msg("\"%s\" lets others through", filters[i].text);
		strcpy(scene.holder[0].comm, filters[i].name);
		if (!filter_judge(&filter, &scene).shown)
			fail_msg("\"%s\" stops %s", filters[i].text, filters[i].name);
	}
}

static void expression_errors(void **unused)
{
	static const struct {
		const char *text;
		enum nst_filter_reason reason;
		u32 offset, len;
	} errors[] = {
		{ "and", NST_FILTER_NO_OPERAND, 0, 3 },
		{ "or lport=1", NST_FILTER_NO_OPERAND, 0, 2 },
		{ "lport=1 or", NST_FILTER_NO_OPERAND, 8, 2 },
		{ "lport=1 and\n", NST_FILTER_NO_OPERAND, 8, 3 },
		{ "lport=1 or or lport=2", NST_FILTER_NO_OPERAND, 8, 2 },
		{ "lport=1 or and lport=2", NST_FILTER_NO_OPERAND, 8, 2 },
		{ "lport=1 not or lport=2", NST_FILTER_NO_OPERAND, 8, 3 },
		{ "lport=1\nor lport=2", NST_FILTER_NO_OPERAND, 8, 2 },
		{ "lport=1 not", NST_FILTER_NO_OPERAND, 8, 3 },
		{ "(lport=1 or)", NST_FILTER_NO_OPERAND, 9, 2 },
		{ "()", NST_FILTER_NO_OPERAND, 1, 1 },
		{ "lport=1 or ()", NST_FILTER_NO_OPERAND, 12, 1 },
		{ "|| lport=1", NST_FILTER_NO_OPERAND, 0, 2 },
		{ "(lport=1", NST_FILTER_NOT_CLOSED, 0, 1 },
		{ "((lport=1) uid=1", NST_FILTER_NOT_CLOSED, 0, 1 },
		{ "lport=1 (uid=1 or (uid=2", NST_FILTER_NOT_CLOSED, 18, 1 },
		{ "lport=1)", NST_FILTER_NOT_OPENED, 7, 1 },
		{ "(lport=1) ) uid=1", NST_FILTER_NOT_OPENED, 10, 1 },
		{ ")", NST_FILTER_NO_OPERAND, 0, 1 },
		{ "(lport=1 show=more)", NST_FILTER_SHOWN_INSIDE, 9, 9 },
		{ "not show=more", NST_FILTER_SHOWN_INSIDE, 4, 9 },
		{ "lport=1 or top=5", NST_FILTER_SHOWN_INSIDE, 11, 5 },
		{ "lport=1 and group=lport", NST_FILTER_SHOWN_INSIDE, 12, 11 },
		{ "show=more or lport=1", NST_FILTER_NO_OPERAND, 10, 2 },
		{ "lport=1 or listen", NST_FILTER_NO_OPERATOR, 11, 6 },
		{ "lport=1 or colour=red", NST_FILTER_BAD_KEY, 11, 6 },
		{ "lport=1 or lport=", NST_FILTER_NO_VALUE, 17, 0 },
		{ "(lport=1 or lport=)", NST_FILTER_NO_VALUE, 18, 0 },
		{ "lport = ", NST_FILTER_NO_VALUE, 7, 0 },
		{ "comm = lport=22", NST_FILTER_NO_VALUE, 6, 0 },
		{ "comm =\nlport=22", NST_FILTER_NO_VALUE, 6, 0 },
		{ "state lport=22", NST_FILTER_NO_OPERATOR, 0, 5 },
		{ "lport 22", NST_FILTER_NO_OPERATOR, 0, 5 },
		{ "lport ! 22", NST_FILTER_NO_OPERATOR, 0, 5 },
		{ "dst 10.0.0.1:22", NST_FILTER_BAD_ADDRESS, 4, 11 },
		{ "sport = :http", NST_FILTER_BAD_NUMBER, 9, 4 },
		{ "state gt listen", NST_FILTER_BAD_OPERATOR, 6, 2 },
		{ "lport=22||rport=5", NST_FILTER_BAD_NUMBER, 6, 11 },
		{ "(state=listen)(state=listen", NST_FILTER_NOT_CLOSED, 14, 1 },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct nst_filter filter, before;
		struct nst_filter_error error;

		memset(&filter, CANARY, sizeof(filter));
		before = filter;
		if (nst_filter_parse(&filter, errors[i].text, strlen(errors[i].text), &error))
			fail_msg("\"%s\" should be wrong", errors[i].text);
		assert_memory_equal(&filter, &before, sizeof(filter));
		if (error.reason != errors[i].reason || error.offset != errors[i].offset ||
		    error.len != errors[i].len)
			fail_msg("\"%s\": reason %d at %u+%u", errors[i].text, error.reason,
				 error.offset, error.len);
	}
}

/* What is asked for, of all that is not shown unless it is. */
static void expression_asks(void **unused)
{
	static const struct {
		const char *text;
		unsigned int tables, states;
		bool unhashed;
	} filters[] = {
		{ "lport=1 or uid=2", 0x0f, 0x2fff, false },
		{ "proto=raw or uid=2", 0x3f, 0x2fff, false },
		{ "not (proto=raw or uid=2)", 0x0f, 0x2fff, false },
		{ "not (not proto=raw4 uid=2)", 0x1f, 0x2fff, false },
		{ "proto=tcp (proto=raw or uid=2)", 0x03, 0x2fff, false },
		{ "proto!=raw or uid=2", 0x0f, 0x2fff, false },
		{ "state=close or uid=2", 0x0f, 0x0fff, true },
		{ "state=bound or uid=2", 0x0f, 0x2f7f, true },
		{ "state=close or state=bound", 0x0f, 0x2fff, true },
		{ "state!=close or uid=2", 0x0f, 0x2fff, false },
		{ "not (state!=close uid=2)", 0x0f, 0x0fff, true },
		{ "state=listen (state=close or uid=2)", 0x03, 1 << NST_LISTEN, false },
		{ "state=close (state=bound or uid=2)", 0x0f, 1 << NST_CLOSE, true },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_filter filter;

		parse(&filter, filters[i].text);
		if (filter.tables != filters[i].tables || filter.states != filters[i].states ||
		    filter.unhashed != filters[i].unhashed)
			fail_msg("\"%s\": tables %x states %x unhashed %d", filters[i].text,
				 filter.tables, filter.states, filter.unhashed);
	}
}

/* What table and state say is said at once, of all sockets. */
static void expression_prefilter(void **unused)
{
	static const struct {
		const char *text;
		unsigned int tcp, udp;
		bool tuple, details;
	} filters[] = {
		{ "state=listen or state=time_wait", 1 << NST_LISTEN | 1 << NST_TIME_WAIT, 0,
		  false, false },
		{ "state=listen or lport=5", 0x1f7e, 0x1ffe, true, true },
		{ "lport=5 or rport=5", 0x1f7e, 0x1ffe, true, false },
		{ "proto=udp lport=5 or proto=tcp rport=5", 0x1f7e, 0x1ffe, true, false },
		{ "proto=udp or state=listen", 1 << NST_LISTEN, 0x1ffe, false, false },
		{ "(proto=tcp or lport=5) uid=3", 0x1f7e, 0x1ffe, true, true },
		{ "state=listen (lport=5 or comm=x)", 1 << NST_LISTEN, 0, true, false },
		{ "comm=x or comm=y", 0x1f7e, 0x1ffe, false, false },
		{ "recvq>0 or sendq>0", 0x1f7e, 0x1ffe, false, true },
		{ "device=lo or device=eth0", 0x1f7e, 0x1ffe, false, false },
		{ "device=lo or lport=5", 0x1f7e, 0x1ffe, true, false },
		{ "listener=x or listener=y", 0x1f7e, 0x1ffe, false, true },
		{ "owner=queued or comm=x", 0x1f7e, 0x1ffe, false, true },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_prefilter prefilter;
		struct nst_filter filter;

		parse(&filter, filters[i].text);
		nst_prefilter_make(&prefilter, &filter);
		prefilter.states[NST_TCP] &= 0x1f7e;
		prefilter.states[NST_UDP] &= 0x1ffe;
		if ((filter.tables & 1 && prefilter.states[NST_TCP] != filters[i].tcp) ||
		    (filter.tables & 4 && prefilter.states[NST_UDP] != filters[i].udp) ||
		    prefilter.tuple != filters[i].tuple || prefilter.details != filters[i].details)
			fail_msg("\"%s\": tcp %x udp %x tuple %d details %d", filters[i].text,
				 prefilter.states[NST_TCP], prefilter.states[NST_UDP],
				 prefilter.tuple, prefilter.details);
	}
}

static void expression_needs(void **unused)
{
	static const struct {
		const char *text;
		unsigned int needs;
	} filters[] = {
		{ "lport=1 or rport=1", 0 },
		{ "lport=1 or uid=1", NST_NEED_UID },
		{ "lport=1 or recvq>0", NST_NEED_QUEUES },
		{ "lport=1 or inode=5", NST_NEED_INODE },
		{ "lport=1 or netns=5", NST_NEED_NETNS },
		{ "lport=1 or owner=none", NST_NEED_OWNER },
		{ "lport=1 or owner=any", NST_NEED_OWNER },
		{ "lport=1 or owner=none,any", 0 },
		{ "lport=1 or owner=queued", NST_NEED_UNOWNED },
		{ "comm=x or pid=1", NST_NEED_OWNER },
		{ "comm=x or owner=none", NST_NEED_OWNER },
		{ "comm=x or lport=1", NST_NEED_OWNER | NST_NEED_HOLDERS },
		{ "comm=x or device=lo", NST_NEED_OWNER | NST_NEED_HOLDERS | NST_NEED_DETAIL |
					 NST_NEED_LATE },
		{ "not (comm=x state=listen)", NST_NEED_OWNER | NST_NEED_HOLDERS },
		{ "comm=x (state=listen or lport=1)", NST_NEED_OWNER },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		struct nst_filter filter;

		parse(&filter, filters[i].text);
		assert_int_equal(nst_filter_needs_match(&filter), filters[i].needs);
	}
}

static char *repeat(char *p, const char *part, size_t times)
{
	while (times--)
		p = stpcpy(p, part);
	return p;
}

static void check_reason(const char *text, enum nst_filter_reason reason)
{
	struct nst_filter_error error;
	struct nst_filter filter;

	assert_int_equal(nst_filter_parse(&filter, text, strlen(text), &error), !reason);
	assert_int_equal(error.reason, reason);
	assert_true(error.offset + error.len <= strlen(text));
}

static void check_depth(size_t depth, const char *end, enum nst_filter_reason reason)
{
	char text[NST_FILTER_MAX], *p = text;

	p = repeat(p, "(lport=1 or ", depth);
	p = stpcpy(p, "uid=1");
	p = repeat(p, ")", depth);
	strcpy(p, end);
	check_reason(text, reason);
}

static void expression_bounds(void **unused)
{
	char text[NST_FILTER_MAX];

	(void)unused;
	check_depth(NST_FILTER_DEPTH, "", NST_FILTER_OK);
	check_depth(NST_FILTER_DEPTH, " or uid=2", NST_FILTER_OK);
	check_depth(NST_FILTER_DEPTH + 1, "", NST_FILTER_TOO_DEEP);
	check_depth(NST_FILTER_DEPTH + 1, " or uid=2", NST_FILTER_TOO_DEEP);
	check_depth(NST_FILTER_DEPTH, "(uid=1 or uid=2)", NST_FILTER_OK);
	/* each word is a step, and so is each "or" between them */
	strcpy(repeat(text, "proto=tcp|", 0), "proto=tcp");
	strcpy(repeat(text, "proto=tcp | ", NST_FILTER_STEPS / 2 - 1), "proto=tcp");
	check_reason(text, NST_FILTER_OK);
	strcpy(repeat(text, "proto=tcp | ", NST_FILTER_STEPS / 2), "proto=tcp");
	check_reason(text, NST_FILTER_TOO_MANY_STEPS);
	strcpy(repeat(text, "uid=1 | ", NST_FILTER_VALUES - 1), "uid=1");
	check_reason(text, NST_FILTER_OK);
	strcpy(repeat(text, "uid=1 | ", NST_FILTER_VALUES), "uid=1");
	check_reason(text, NST_FILTER_TOO_MANY);
	/* and no end of "not" */
	strcpy(repeat(text, "!", NST_FILTER_MAX - 10), "uid=1");
	check_reason(text, NST_FILTER_OK);
	/* plain words are no steps, nor are lines */
	*repeat(text, "proto=tcp\n", NST_FILTER_MAX / 10 - 1) = '\0';
	check_reason(text, NST_FILTER_OK);
	*repeat(text, "(uid=1)\n", NST_FILTER_VALUES) = '\0';
	check_reason(text, NST_FILTER_OK);
}

static u32 from_random(void *unused)
{
	(void)unused;
	return random32() >> 8;
}

/* Random expressions of random sockets and holders, against the plain judge. */
static void expression_random(void **unused)
{
	unsigned int valid = 0, shown = 0;

	(void)unused;
	for (int i = 0; i < 12000; i++) {
		struct nst_filter_error error;
		char text[EXPRESSION_TEXT];
		struct expression expression;
		struct nst_filter filter;

		expression_make(&expression, from_random, NULL);
		expression_text(&expression, text, from_random, NULL);
		if (!nst_filter_parse(&filter, text, strlen(text), &error)) {
			/* plain words may contradict each other */
			assert_true(error.reason == NST_FILTER_NOTHING ||
				    error.reason == NST_FILTER_TOO_DEEP);
			continue;
		}
		valid++;
		for (int j = 0; j < 20; j++) {
			struct verdict must, is;
			struct scene scene;
			const char *stage;

			scene_make(&scene, from_random, NULL);
			must = expression_judge(&expression, &scene);
			is = filter_judge(&filter, &scene);
			if (must.shown != is.shown || must.pid != is.pid || must.others != is.others)
				fail_msg("\"%s\": table %d state %d: %d %u+%u, should be %d %u+%u",
					 text, scene.table, scene.sock.state, is.shown, is.pid,
					 is.others, must.shown, must.pid, must.others);
			stage = filter_contradicts(&filter, &scene);
			if (stage)
				fail_msg("\"%s\": %s says no too early", text, stage);
			shown += is.shown;
		}
	}
	assert_true(valid > 9000);
	assert_true(shown > 20000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expression_spellings),
		cmocka_unit_test(expression_names),
		cmocka_unit_test(expression_errors),
		cmocka_unit_test(expression_asks),
		cmocka_unit_test(expression_prefilter),
		cmocka_unit_test(expression_needs),
		cmocka_unit_test(expression_bounds),
		cmocka_unit_test(expression_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
