// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses as text, and back.
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

bool nst_addr4_parse(const char *text, size_t len, u8 *addr)
{
	const char *p = text, *end = text + len;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		const char *start = p;
		unsigned int octet = 0;

		for (; p < end && *p >= '0' && *p <= '9'; p++) {
			octet = octet * 10 + (*p - '0');
			if (octet > 255)
				return false;
		}
		if (p == start || (*start == '0' && p - start > 1))
			return false;
		addr[i] = octet;
		if (i < 3 && (p == end || *p++ != '.'))
			return false;
	}
	return p == end;
}

/* Reads up to four hexadecimal digits; returns their end. */
static const char *parse_word(const char *p, const char *end, unsigned int *word)
{
	int digits;

	*word = 0;
	for (digits = 0; digits < 4 && p < end; digits++, p++) {
		if (*p >= '0' && *p <= '9')
			*word = *word << 4 | (*p - '0');
		else if (*p >= 'a' && *p <= 'f')
			*word = *word << 4 | (*p - 'a' + 10);
		else if (*p >= 'A' && *p <= 'F')
			*word = *word << 4 | (*p - 'A' + 10);
		else
			break;
	}
	return p;
}

/* Moves what follows the "::" at word @gap to the end, and zeros in between. */
static bool fill_gap(u8 *addr, unsigned int gap, unsigned int words)
{
	unsigned int tail = words - gap;

	if (words == WORDS)
		return false;
	memmove(addr + 2 * (WORDS - tail), addr + 2 * gap, 2 * tail);
	memset(addr + 2 * gap, 0, 2 * (WORDS - words));
	return true;
}

bool nst_addr6_parse(const char *text, size_t len, u8 *addr)
{
	const char *p = text, *end = text + len;
	unsigned int gap = WORDS + 1;	/* none */
	unsigned int words = 0;

	if (len >= 2 && p[0] == ':' && p[1] == ':') {
		gap = 0;
		p += 2;
	}
	while (p < end) {
		unsigned int word;
		const char *word_end = parse_word(p, end, &word);

		if (word_end < end && *word_end == '.') {
			if (words > WORDS - 2 || !nst_addr4_parse(p, end - p, addr + 2 * words))
				return false;
			words += 2;
			break;
		}
		if (word_end == p || words == WORDS)
			return false;
		addr[2 * words] = word >> 8;
		addr[2 * words + 1] = word;
		words++;

		p = word_end;
		if (p == end)
			break;
		if (*p++ != ':' || p == end)
			return false;
		if (*p == ':') {
			if (gap <= WORDS)
				return false;
			gap = words;
			p++;
		}
	}
	return gap <= WORDS ? fill_gap(addr, gap, words) : words == WORDS;
}

static const u8 v4mapped[12] = { [10] = 0xff, [11] = 0xff };

void nst_addr6_map_v4(u8 *addr6, const u8 *addr4)
{
	memcpy(addr6, v4mapped, sizeof(v4mapped));
	memcpy(addr6 + sizeof(v4mapped), addr4, 4);
}

bool nst_addr6_is_v4mapped(const u8 *addr)
{
	return !memcmp(addr, v4mapped, sizeof(v4mapped));
}
