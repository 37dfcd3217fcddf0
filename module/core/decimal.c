// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers as decimal text.
 */
#include <netstate/decimal.h>

const char nst_digits[100][3] = {
	"00", "01", "02", "03", "04", "05", "06", "07", "08", "09",
	"10", "11", "12", "13", "14", "15", "16", "17", "18", "19",
	"20", "21", "22", "23", "24", "25", "26", "27", "28", "29",
	"30", "31", "32", "33", "34", "35", "36", "37", "38", "39",
	"40", "41", "42", "43", "44", "45", "46", "47", "48", "49",
	"50", "51", "52", "53", "54", "55", "56", "57", "58", "59",
	"60", "61", "62", "63", "64", "65", "66", "67", "68", "69",
	"70", "71", "72", "73", "74", "75", "76", "77", "78", "79",
	"80", "81", "82", "83", "84", "85", "86", "87", "88", "89",
	"90", "91", "92", "93", "94", "95", "96", "97", "98", "99",
};

static __always_inline void two_digits(char *p, unsigned int value)
{
	memcpy(p, nst_digits[value], 2);
}

unsigned int nst_decimal_len(u32 value)
{
	unsigned int len;

	for (len = 1; value >= 10000; value /= 10000)
		len += 4;
	return len + (value >= 10) + (value >= 100) + (value >= 1000);
}

char *nst_decimal(char *p, u32 value)
{
	char *end = p + nst_decimal_len(value);

	for (p = end; value >= 100; value /= 100) {
		p -= 2;
		two_digits(p, value % 100);
	}
	if (value >= 10)
		two_digits(p - 2, value);
	else
		p[-1] = '0' + value;
	return end;
}

/*
 * Divides by 10000 and returns the remainder; in steps of 16 bits, since 32-bit
 * machines have no 64-bit division.
 */
static u32 divide(u64 *value)
{
	u64 quotient = 0;
	u32 rest = 0;
	int shift;

	for (shift = 48; shift >= 0; shift -= 16) {
		rest = rest << 16 | (*value >> shift & 0xffff);
		quotient = quotient << 16 | rest / 10000;
		rest %= 10000;
	}
	*value = quotient;
	return rest;
}

char *nst_decimal64(char *p, u64 value)
{
	u32 tail[3];	/* groups of four digits, the last one first */
	int tails = 0;

	while (value >> 32)
		tail[tails++] = divide(&value);
	p = nst_decimal(p, value);
	while (tails--) {
		two_digits(p, tail[tails] / 100);
		two_digits(p + 2, tail[tails] % 100);
		p += 4;
	}
	return p;
}
