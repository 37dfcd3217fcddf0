// SPDX-License-Identifier: GPL-2.0-only
#include <fnmatch.h>

#include <netstate/glob.h>

#include "test.h"

static bool match(const char *pattern, const char *name)
{
	return nst_glob_match(pattern, strlen(pattern), name);
}

static void glob_matches(void **unused)
{
	static const struct {
		const char *pattern, *name;
	} pairs[] = {
		{ "nginx", "nginx" }, { "*", "" }, { "*", "nginx" }, { "**", "x" },
		{ "ng*", "nginx" }, { "*x", "nginx" }, { "n*x", "nginx" }, { "n*n*x", "nginx" },
		{ "*g*n*", "nginx" }, { "?????", "nginx" }, { "n?inx", "nginx" },
		{ "*a", "aaaaaaaaaaaaaaa" }, { "*a*a*a*b", "aaaaaaaaaaaaaab" },
		{ "[a-z]*", "nginx" }, { "[!A-Z]*", "nginx" }, { "[^A-Z]*", "nginx" },
		{ "[nx]ginx", "nginx" }, { "[]]", "]" }, { "[!]]", "a" }, { "[]a]", "a" },
		{ "[a-]", "-" }, { "[-a]", "-" }, { "[a-a]", "a" }, { "[*]", "*" }, { "[?]", "?" },
		{ "\\*", "*" }, { "\\?", "?" }, { "\\[a]", "[a]" }, { "\\\\", "\\" },
		{ "tmux:\\040server", "tmux: server" }, { "\\377", "\377" },
		{ "caf\303\251", "caf\303\251" }, { "caf\\303\\251", "caf\303\251" },
		{ "[\\001-\\040]", "\t" }, { "[\\]]", "]" }, { "[\200-\377]", "\251" },
		{ "\\4", "4" }, { "\\400", "400" }, { "\\08", "08" }, { "a,b", "a,b" },
		{ "\\,", "," }, { "", "" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		assert_true(nst_glob_valid(pairs[i].pattern, strlen(pairs[i].pattern)));
		if (!match(pairs[i].pattern, pairs[i].name))
			fail_msg("%s should match %s", pairs[i].pattern, pairs[i].name);
	}
}

static void glob_does_not_match(void **unused)
{
	static const struct {
		const char *pattern, *name;
	} pairs[] = {
		{ "nginx", "nginx2" }, { "nginx", "ngin" }, { "nginx", "" }, { "", "nginx" },
		{ "NGINX", "nginx" }, { "?", "" }, { "??", "a" }, { "*y", "nginx" },
		{ "[a-m]*", "nginx" }, { "[!a-z]*", "nginx" }, { "[a-]", "b" }, { "[]]", "a" },
		{ "\\*", "a" }, { "\\040", "040" }, { "*a*a*a*a*b", "aaaaaaaaaaaaaaa" },
		{ "a*", "ba" }, { "[!a]", "" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		assert_true(nst_glob_valid(pairs[i].pattern, strlen(pairs[i].pattern)));
		if (match(pairs[i].pattern, pairs[i].name))
			fail_msg("%s should not match %s", pairs[i].pattern, pairs[i].name);
	}
}

static void glob_malformed(void **unused)
{
	static const char * const patterns[] = {
		"[", "[a", "[]", "[!", "[!]", "[^]", "a[", "*[", "[a-", "[a\\", "[\\]", "\\", "a\\",
		"*\\", "[z-a]", "[\\377-\\001]", "[a-z", "[]-", "[a-\\",
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		if (nst_glob_valid(patterns[i], strlen(patterns[i])))
			fail_msg("%s should not be valid", patterns[i]);
}

static void random_text(char *text, const char *alphabet, size_t max)
{
	size_t len = random32() % (max + 1), i;

	for (i = 0; i < len; i++)
		text[i] = alphabet[random32() % strlen(alphabet)];
	text[len] = '\0';
}

/* Without escapes the C library's patterns are the same. */
static void glob_as_fnmatch(void **unused)
{
	char pattern[13], name[9];
	int valid = 0, matched = 0;

	(void)unused;
	for (int i = 0; i < 1000000; i++) {
		random_text(pattern, "aabbc*?[]!^-", sizeof(pattern) - 1);
		random_text(name, "abc-!]", sizeof(name) - 1);
		/* "--" and "[[" begin things that only fnmatch() knows */
		if (strstr(pattern, "--") || strstr(pattern, "[["))
			continue;
		if (!nst_glob_valid(pattern, strlen(pattern)))
			continue;
		valid++;
		matched += match(pattern, name);
		if (match(pattern, name) != !fnmatch(pattern, name, FNM_NOESCAPE))
			fail_msg("%s and %s", pattern, name);
	}
	assert_true(valid > 300000);
	assert_true(matched > 10000);
}

static void one_name_is_cut(void **unused)
{
	(void)unused;
	assert_int_equal(15, nst_glob_cut("systemd-resolved", 16, 15));
	assert_int_equal(15, nst_glob_cut("fifteen-bytes..", 15, 15));
	assert_int_equal(4, nst_glob_cut("name", 4, 15));
	assert_int_equal(0, nst_glob_cut("", 0, 15));
	/* What is escaped is one byte. */
	assert_int_equal(8, nst_glob_cut("a\\040b\\*cd", 10, 4));
	/* Several names. */
	assert_int_equal(17, nst_glob_cut("systemd-resolved*", 17, 15));
	assert_int_equal(17, nst_glob_cut("?ystemd-resolved.", 17, 15));
	assert_int_equal(18, nst_glob_cut("[s]ystemd-resolved", 18, 15));
}

/* The pattern is not terminated: nothing after it may be looked at. */
static void glob_stays_inside(void **unused)
{
	char text[9];

	(void)unused;
	for (int i = 0; i < 300000; i++) {
		size_t len;
		char *pattern;

		random_text(text, "a*?[]!\\-0123", sizeof(text) - 1);
		len = strlen(text);
		pattern = malloc(len + !len);
		memcpy(pattern, text, len);
		if (nst_glob_valid(pattern, len))
			assert_in_range(nst_glob_cut(pattern, len, 2), 0, len);
		nst_glob_match(pattern, len, "a-0a");	/* malformed ones end, too */
		free(pattern);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(glob_matches),
		cmocka_unit_test(one_name_is_cut),
		cmocka_unit_test(glob_does_not_match),
		cmocka_unit_test(glob_malformed),
		cmocka_unit_test(glob_as_fnmatch),
		cmocka_unit_test(glob_stays_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
