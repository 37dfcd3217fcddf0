/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every unit test needs: cmocka and repeatable random numbers.
 */
#ifndef NETSTATE_TEST_H
#define NETSTATE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define CANARY 0xa5

/* xorshift64*: the same numbers everywhere, so that a failure comes again. */
static inline uint32_t random32(void)
{
	static uint64_t state = 0x6e65747374617465;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1d) >> 32;
}

/* A number of any magnitude: small ones as often as large ones. */
static inline uint64_t random_magnitude(unsigned int bits)
{
	uint64_t value = (uint64_t)random32() << 32 | random32();

	return value >> (64 - bits) >> random32() % bits;
}

#endif /* NETSTATE_TEST_H */
