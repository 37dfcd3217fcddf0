// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>

#include <netstate/addr.h>

#include "test.h"

/* The text must be @expected, and the byte after it must not be touched. */
static void check_text(const char *text, size_t room, const char *end, const char *expected)
{
	size_t len = strlen(expected);

	if ((size_t)(end - text) != len || memcmp(text, expected, len))
		fail_msg("\"%.*s\" should be \"%s\"", (int)(end - text), text, expected);
	assert_int_equal((unsigned char)text[room], CANARY);
}

static void check4(const u8 *addr)
{
	char expected[INET_ADDRSTRLEN], text[NST_ADDR4_MAX + 2];

	memset(text, CANARY, sizeof(text));
	inet_ntop(AF_INET, addr, expected, sizeof(expected));
	check_text(text, NST_ADDR4_MAX + 1, nst_addr4_text(text, addr), expected);
}

static void check6(const u8 *addr)
{
	char expected[INET6_ADDRSTRLEN], text[NST_ADDR6_MAX + 1];

	memset(text, CANARY, sizeof(text));
	inet_ntop(AF_INET6, addr, expected, sizeof(expected));
	check_text(text, NST_ADDR6_MAX, nst_addr6_text(text, addr), expected);
}

static void ipv4_every_octet(void **unused)
{
	(void)unused;
	for (int position = 0; position < 4; position++) {
		for (int octet = 0; octet < 256; octet++) {
			u8 addr[4] = { 10, 0, 200, 3 };

			addr[position] = octet;
			check4(addr);
		}
	}
}

static void ipv4_random(void **unused)
{
	(void)unused;
	for (int i = 0; i < 200000; i++) {
		uint32_t addr = random32();

		check4((u8 *)&addr);
	}
}

/* Each is written as glibc writes it. */
static const char * const special[] = {
	"::", "::1", "::2", "::ffff", "1::", "1::1", "1:0:1::",
	"::0.1.0.0", "::0.1.0.1", "::1.2.3.4", "::255.255.255.255", "::127.0.0.1",
	"::ffff:0.0.0.0", "::ffff:0.0.0.1", "::ffff:1.2.3.4", "::ffff:127.0.0.1",
	"::ffff:255.255.255.255", "::fffe:102:304", "::ffff:0:102:304",
	"::1:ffff:102:304", "0:0:1::", "0:1::", "::1:0:0:0",
	"::5efe:102:304", "::200:5efe:102:304", "fe80::5efe:a00:1",
	"fe80::200:5efe:a00:1", "fe80::1", "fe80::ffff:ffff:ffff:ffff",
	"64:ff9b::102:304", "64:ff9b:1::102:304", "100::", "2002:102:304::1",
	"2001::ffff:102:304", "2001:db8::", "2001:db8::1", "2001:db8::1:0:0:1",
	"2001:db8:0:1::1", "2001:db8:0:1:1:1:1:1", "0:1:1:1:1:1:1:1", "1:1:1:1:1:1:1:0",
	"1:0:1:1:1:1:0:1", "1::1:0:0:1:1", "1:0:1::1:1:1", "1:0:0:1::1",
	"1:0:0:1::", "::1:0:0:0:1", "::1:1:0:0:1", "ff02::1", "ff02::1:ff00:1",
	"ff02::1:ffff:ffff", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "1:22:333:4444:5:66:777:8888",
	"a:b:c:d:e:f:10:ff", "f:10:ff:100:fff:1000:ffff:0",
};

static void ipv6_special(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(special); i++) {
		char text[NST_ADDR6_MAX + 1];
		u8 addr[16];

		memset(text, CANARY, sizeof(text));
		assert_int_equal(inet_pton(AF_INET6, special[i], addr), 1);
		check_text(text, NST_ADDR6_MAX, nst_addr6_text(text, addr), special[i]);
		check6(addr);
	}
}

/* Where the zeros are decides about "::", so try all sets of zero words. */
static void ipv6_every_pattern_of_zeros(void **unused)
{
	static const u16 words[] = { 1, 0x23, 0x456, 0x789a, 0xffff };

	(void)unused;
	for (unsigned int zeros = 0; zeros < 256; zeros++) {
		for (size_t w = 0; w < ARRAY_SIZE(words); w++) {
			u16 addr[8];

			for (int i = 0; i < 8; i++)
				addr[i] = zeros >> i & 1 ? 0 : htons(words[w]);
			check6((u8 *)addr);
		}
	}
}

static void set_word(u8 *addr, int i, u16 word)
{
	addr[2 * i] = word >> 8;
	addr[2 * i + 1] = word;
}

/* Mostly zeros, small words, and the forms that embed an IPv4 address. */
static void random_addr6(u8 *addr)
{
	static const u16 words[] = { 0, 0, 0, 0, 1, 0xff, 0x5efe, 0xffff };

	for (int i = 0; i < 8; i++) {
		u32 r = random32();

		set_word(addr, i, r & 0x8000 ? r >> 16 : words[r % ARRAY_SIZE(words)]);
	}
	switch (random32() % 8) {
	case 0:
		memset(addr, 0, 12);
		break;
	case 1:
		memset(addr, 0, 12);
		set_word(addr, 5, 0xffff);
		break;
	case 2:
		memset(addr + 8, 0, 4);
		set_word(addr, 5, 0x5efe);
		break;
	case 3:
		memset(addr, 0, random32() % 17);
		break;
	case 4:
		for (int i = 0; i < 16; i++)
			addr[i] = random32();
		break;
	}
}

static void ipv6_random(void **unused)
{
	u8 addr[16];

	(void)unused;
	for (int i = 0; i < 1000000; i++) {
		random_addr6(addr);
		check6(addr);
	}
}

static void ipv6_v4mapped(void **unused)
{
	u8 addr[16], mapped[16];

	(void)unused;
	inet_pton(AF_INET6, "::ffff:1.2.3.4", addr);
	assert_true(nst_addr6_is_v4mapped(addr));
	for (int bit = 0; bit < 96; bit++) {
		addr[bit / 8] ^= 1 << bit % 8;
		assert_false(nst_addr6_is_v4mapped(addr));
		addr[bit / 8] ^= 1 << bit % 8;
	}
	memset(addr + 12, 0, 4);
	assert_true(nst_addr6_is_v4mapped(addr));
	memset(addr, 0, sizeof(addr));
	assert_false(nst_addr6_is_v4mapped(addr));
	inet_pton(AF_INET6, "::ffff:1.2.3.4", mapped);
	nst_addr6_map_v4(addr, mapped + 12);
	assert_memory_equal(addr, mapped, 16);
}

/* Reads as inet_pton() does; from a text that is not terminated. */
static void check_parse(const char *text)
{
	size_t len = strlen(text);
	u8 expected[16], addr[16];
	char *copy = malloc(len + !len);
	bool valid;

	memcpy(copy, text, len);
	valid = inet_pton(AF_INET, text, expected) == 1;
	if (nst_addr4_parse(copy, len, addr) != valid || (valid && memcmp(addr, expected, 4)))
		fail_msg("\"%s\" as IPv4", text);
	valid = inet_pton(AF_INET6, text, expected) == 1;
	if (nst_addr6_parse(copy, len, addr) != valid || (valid && memcmp(addr, expected, 16)))
		fail_msg("\"%s\" as IPv6", text);
	free(copy);
}

static void parse_special(void **unused)
{
	static const char * const texts[] = {
		"", ":", ":::", "::::", "1", "1:", ":1", "1::", "::1::", "1::2::3", "12345::",
		"1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1:2:3:4:5:6:7:8::",
		"::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4",
		"1:2:3:4:5:1.2.3.4", "::1.2.3.4", "1::1.2.3.4", "::1.2.3", "::1.2.3.4.5",
		"::1.2.3.256", "::1.2.3.4:5", "1.2.3.4::", "::ffff:1.2.3.4", "::00001", "::g",
		"::1%lo", "[::1]", "::FFFF:A", "1.2.3.4", "1.2.3", "1.2.3.", "1.2.3.4.",
		"1.2.3.4.5", ".1.2.3.4", "1..2.3", "256.1.1.1", "1.2.3.999", "01.2.3.4",
		"0.0.0.0", "00.0.0.0", "255.255.255.255", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4",
		"0x1.2.3.4", "1.2.3.4/8", "4294967297.1.1.1", "1.2.3.+4", "::\xff",
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		check_parse(texts[i]);
	for (size_t i = 0; i < ARRAY_SIZE(special); i++)
		check_parse(special[i]);
}

/* Valid texts, and what a few random changes make of them. */
static void parse_random(void **unused)
{
	static const char alphabet[] = "0123456789abcdefABCDEF::::....gx/ ";
	char text[INET6_ADDRSTRLEN + 8];
	u8 addr[16];

	(void)unused;
	for (int i = 0; i < 500000; i++) {
		size_t len;

		random_addr6(addr);
		inet_ntop(random32() % 4 ? AF_INET6 : AF_INET, addr, text, sizeof(text));
		len = strlen(text);
		for (u32 change = random32() % 4; change; change--) {
			size_t at = random32() % (len + 1);
			char c = alphabet[random32() % (sizeof(alphabet) - 1)];

			if (at == len)
				continue;
			if (random32() % 2) {
				text[at] = c;
			} else {
				memmove(text + at, text + at + 1, len - at);
				len--;
			}
		}
		check_parse(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_every_octet),
		cmocka_unit_test(ipv4_random),
		cmocka_unit_test(ipv6_special),
		cmocka_unit_test(ipv6_every_pattern_of_zeros),
		cmocka_unit_test(ipv6_random),
		cmocka_unit_test(ipv6_v4mapped),
		cmocka_unit_test(parse_special),
		cmocka_unit_test(parse_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
