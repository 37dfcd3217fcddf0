// SPDX-License-Identifier: GPL-2.0-only
#include "test.h"
#include "names/names.h"

#define DIGITS	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void unit_names(void **unused)
{
	static const struct {
		const char *path, *name;
	} pairs[] = {
		{ "/", "/" },
		{ "/system.slice", "system.slice" },
		{ "/system.slice/web.service", "web.service" },
		{ "/system.slice/web.service/worker", "web.service" },
		{ "/user.slice/user-1000.slice/session-3.scope", "session-3.scope" },
		{ "/system.slice/docker-" DIGITS ".scope", "docker:0123456789ab" },
		{ "/docker/" DIGITS, "docker:0123456789ab" },
		{ "/docker/" DIGITS "/init.scope", "docker:0123456789ab/init.scope" },
		{ "/a/b/crio-" DIGITS, "crio:0123456789ab" },
		{ "/" DIGITS, "container:0123456789ab" },
		{ "/kubepods.slice/pod1/" DIGITS, "container:0123456789ab" },
		{ "/x/0123456789abcdef", "/x/0123456789abcdef" },
		{ "/x/" DIGITS "A", "/x/" DIGITS "A" },
		{ "/machine.slice/machine-a\\x2db\\x20c.scope", "machine:a-b\\040c" },
		{ "/machine.slice/machine-a\\x2", "machine.slice" },
		{ "/machine-a\\x2.scope", "machine:a\\x2" },
		{ "/machine-a\\x00b.scope", "machine:a\\x00b" },
		{ "/machine-.scope", "machine-.scope" },
		{ "/lxc.payload.mail", "lxc:mail" },
		{ "/lxc.payload.mail/system.slice/smtp.service", "lxc:mail/smtp.service" },
		{ "/lxc.payload.", "/lxc.payload." },
		{ "/.service", "/.service" },
		{ "/a b/\033[2J\303\244", "/a\\040b/\\033[2J\\303\\244" },
		{ "", "" },
	};
	char name[NST_UNIT_MAX];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		nst_unit_name(pairs[i].path, name, sizeof(name));
		assert_string_equal(name, pairs[i].name);
	}
}

/* Of any path there is a name that fits, is one word, and moves no cursor. */
static void unit_any_path(void **unused)
{
	static const char *const parts[] = {
		"/", ".service", ".scope", ".slice", "machine-", "lxc.payload.", "/", DIGITS, "\\x2d",
		"docker", "-", "a", " ", "\n", "\377", "\\x",
	};
	char path[5000], name[NST_UNIT_MAX];

	(void)unused;
	for (int i = 0; i < 20000; i++) {
		size_t len = 0, size = 5 + random32() % (sizeof(name) - 5);

		for (int n = random32() % 60; n >= 0; n--)
			len += sprintf(path + len, "%s", parts[random32() % ARRAY_SIZE(parts)]);
		memset(name, CANARY, sizeof(name));
		nst_unit_name(path, name, size);
		assert_true(strlen(name) < size);
		for (const char *p = name; *p; p++)
			assert_true(*p > ' ' && *p <= '~');
		for (size_t rest = size; rest < sizeof(name); rest++)
			assert_int_equal((unsigned char)name[rest], CANARY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unit_names),
		cmocka_unit_test(unit_any_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
