/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers as decimal text: written often enough (six a row) that printf's way
 * would cost more than everything else.
 */
#ifndef NETSTATE_DECIMAL_H
#define NETSTATE_DECIMAL_H

#include <netstate/types.h>

#define NST_DECIMAL_MAX 20	/* longest text of a u64 */

/* The text of 0 to 99, two digits each. */
extern const char nst_digits[100][3];

/**
 * nst_decimal_len() - how many digits a number has
 * @value: the number
 *
 * Return: 1 to 10.
 */
unsigned int nst_decimal_len(u32 value);

/**
 * nst_decimal() - write a number
 * @p: where to; room for 10 bytes; nothing is written past the text
 * @value: the number
 *
 * Return: the end of the text.
 */
char *nst_decimal(char *p, u32 value);

/**
 * nst_decimal64() - write a number that may not fit in 32 bits
 * @p: where to; room for NST_DECIMAL_MAX bytes; nothing is written past the text
 * @value: the number
 *
 * Return: the end of the text.
 */
char *nst_decimal64(char *p, u64 value);

#endif /* NETSTATE_DECIMAL_H */
