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

static __always_inline char *two_digits(char *p, unsigned int value)
{
	memcpy(p, nst_digits[value], 2);
	return p + 2;
}

static __always_inline char *four_digits(char *p, unsigned int value)
{
	return two_digits(two_digits(p, value / 100), value % 100);
}

/* A number below 100, in two bytes: of one below 10 the second is not part of the text. */
static __always_inline char *below_100(char *p, unsigned int value)
{
	bool one = value < 10;

	memcpy(p, nst_digits[value] + one, 2);
	return p + 2 - one;
}

static __always_inline char *below_10000(char *p, unsigned int value)
{
	return value < 100 ? below_100(p, value) :
			     two_digits(below_100(p, value / 100), value % 100);
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
	u32 myriads = value / 10000;

	if (value < 10) {
		*p = '0' + value;
		return p + 1;
	}
	if (!myriads)
		return below_10000(p, value);
	if (myriads < 10000)
		return four_digits(below_10000(p, myriads), value % 10000);

	p = below_100(p, myriads / 10000);
	return four_digits(four_digits(p, myriads % 10000), value % 10000);
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
	while (tails--)
		p = four_digits(p, tail[tails]);
	return p;
}
