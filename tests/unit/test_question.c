// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"

#include "drop/question.h"

static void only_yes_is_yes(void **unused)
{
	static const char *const yes[] = { "y\n", "Y\n", "yes\n", "YES\n", "Yes\n", "y", "yes" };
	static const char *const no[] = {
		"", "\n", "n\n", "no\n", "yn\n", "yikes\n", "ye\n", "yess\n", " y\n", "y \n", "y/n\n",
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		assert_true(nst_question_is_yes(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		assert_false(nst_question_is_yes(no[i]));
}

static bool chooses(const char *text)
{
	struct nst_filter_error error;
	struct nst_filter filter;

	assert_true(nst_filter_parse(&filter, text, strlen(text), &error));
	return nst_question_chooses(&filter);
}

static void what_lets_all_through_chooses_nothing(void **unused)
{
	static const char *const all[] = {
		"", "show=more", "lport>=0", "lport=0-65535", "rport<=65535", "port>=0", "uid>=0",
		"inode>=0", "recvq>=0 sendq>=0", "pid>=0", "netns=all", "netns>=0", "comm=*",
		"comm=a*,*", "comm=**", "device=*", "listener=*", "laddr=0.0.0.0/0,::/0", "raddr=::/0", "addr=0.0.0.0/0",
		"proto=tcp,udp", "proto=tcp,udp,raw", "family=inet,inet6", "lport=80,0-65535",
		"lport=80 or rport>=0", "(lport=80 or comm=*) and uid>=0", "not not (lport>=0 or uid=5)",
		"proto=tcp,udp or lport=80",
	};
	static const char *const some[] = {
		"lport>=1", "lport=0", "lport=80", "rport<65535", "uid>0", "pid=1", "comm=a*",
		"comm!=*", "device=eth*", "listener=a*", "laddr=10.0.0.0/8", "laddr=::1", "raddr=2001:db8::/64", "state=listen",
		"state!=listen", "proto=tcp", "family=inet", "owner=none", "netns=5",
		"timer=on", "retransmits>0", "idle>5", "fill>=80", "cwnd<10", "owner=kernel", "lport>=0 rport=443", "lport=80 or rport=443", "not (lport=80 or comm=x)",
		"lport>=0 (state=listen or owner=none)", "(lport=80)", "not lport>=0",
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (chooses(all[i]))
			fail_msg("%s", all[i]);
	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++)
		if (!chooses(some[i]))
			fail_msg("%s", some[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_yes_is_yes),
		cmocka_unit_test(what_lets_all_through_chooses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
