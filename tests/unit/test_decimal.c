// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include <netstate/decimal.h>

#include "test.h"

static void check64(uint64_t value)
{
	char expected[32], text[32];
	char *end;
	int len;

	memset(text, CANARY, sizeof(text));
	len = snprintf(expected, sizeof(expected), "%" PRIu64, value);
	end = nst_decimal64(text, value);
	assert_int_equal(end - text, len);
	assert_memory_equal(text, expected, len);
	assert_int_equal((unsigned char)*end, CANARY);
}

static void check32(uint32_t value)
{
	char expected[32], text[32];
	char *end;
	int len;

	memset(text, CANARY, sizeof(text));
	len = snprintf(expected, sizeof(expected), "%" PRIu32, value);
	end = nst_decimal(text, value);
	assert_int_equal(nst_decimal_len(value), len);
	assert_int_equal(end - text, len);
	assert_memory_equal(text, expected, len);
	assert_int_equal((unsigned char)*end, CANARY);
}

static void decimal_around_powers_of_ten(void **unused)
{
	uint64_t power = 1;

	(void)unused;
	for (int digits = 0; digits < 20; digits++, power *= 10) {
		for (uint64_t value = power - 1; value != power + 2; value++) {
			check64(value);
			check32(value);
		}
	}
}

static void decimal_around_powers_of_two(void **unused)
{
	(void)unused;
	for (int bit = 0; bit < 64; bit++) {
		uint64_t power = 1ULL << bit;

		for (uint64_t value = power - 1; value != power + 2; value++) {
			check64(value);
			check32(value);
		}
	}
	check64(UINT64_MAX);
	check32(UINT32_MAX);
}

static void decimal_of_every_port(void **unused)
{
	(void)unused;
	for (uint32_t port = 0; port < 65536; port++)
		check32(port);
}

static void decimal_of_random_numbers(void **unused)
{
	(void)unused;
	for (int i = 0; i < 300000; i++) {
		check64(random_magnitude(64));
		check32(random_magnitude(32));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimal_around_powers_of_ten),
		cmocka_unit_test(decimal_around_powers_of_two),
		cmocka_unit_test(decimal_of_every_port),
		cmocka_unit_test(decimal_of_random_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
