// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses as text.
 *
 * The digits of a number are written without a branch: each is stored, and the
 * next one overwrites it if it was a leading zero.
 */
#include <netstate/addr.h>
#include <netstate/decimal.h>

#define WORDS 8		/* of 16 bits, in an IPv6 address */

static char *octet_text(char *p, unsigned int octet)
{
	*p = '0' + octet / 100;
	p += octet >= 100;
	*p = nst_digits[octet % 100][0];
	p += octet >= 10;
	*p++ = nst_digits[octet % 100][1];
	return p;
}

char *nst_addr4_text(char *p, const u8 *addr)
{
	p = octet_text(p, addr[0]);
	*p++ = '.';
	p = octet_text(p, addr[1]);
	*p++ = '.';
	p = octet_text(p, addr[2]);
	*p++ = '.';
	return octet_text(p, addr[3]);
}

static char *word_text(char *p, unsigned int word)
{
	static const char hex[] = "0123456789abcdef";

	*p = hex[word >> 12];
	p += word >= 0x1000;
	*p = hex[word >> 8 & 0xf];
	p += word >= 0x100;
	*p = hex[word >> 4 & 0xf];
	p += word >= 0x10;
	*p++ = hex[word & 0xf];
	return p;
}

struct run {
	unsigned int start;
	unsigned int len;
};

/* The first one of the longest runs of two or more zeros, which "::" stands for. */
static struct run longest_zeros(const u16 *words)
{
	struct run longest = { .start = WORDS, .len = 1 };
	unsigned int i, len = 0;

	for (i = 0; i < WORDS; i++) {
		len = words[i] ? 0 : len + 1;
		if (len > longest.len) {
			longest.start = i + 1 - len;
			longest.len = len;
		}
	}
	return longest;
}

/* v4-compatible (::1.2.3.4) and v4-mapped (::ffff:1.2.3.4) end in dotted IPv4. */
static bool ends_in_ipv4(const u16 *words, struct run zeros)
{
	if (zeros.start)
		return false;
	return zeros.len == 6 || (zeros.len == 5 && words[5] == 0xffff);
}

char *nst_addr6_text(char *p, const u8 *addr)
{
	u16 words[WORDS];
	struct run zeros;
	unsigned int i;

	for (i = 0; i < WORDS; i++)
		words[i] = addr[2 * i] << 8 | addr[2 * i + 1];
	zeros = longest_zeros(words);

	for (i = 0; i < WORDS; i++) {
		if (i == zeros.start) {
			*p++ = ':';
			i += zeros.len;
			if (i == WORDS) {
				*p++ = ':';
				break;
			}
		}
		if (i)
			*p++ = ':';
		if (i == 6 && ends_in_ipv4(words, zeros))
			return nst_addr4_text(p, addr + 12);
		p = word_text(p, words[i]);
	}
	return p;
}

bool nst_addr6_is_v4mapped(const u8 *addr)
{
	static const u8 prefix[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(addr, prefix, sizeof(prefix));
}
