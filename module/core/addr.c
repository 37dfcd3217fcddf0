// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses as text, and back.
 *
 * Digits are written without a branch: as many as there can be are stored, and
 * what comes next overwrites what is too much.
 */
#include <netstate/addr.h>

#define WORDS 8		/* of 16 bits, in an IPv6 address */

/* Each byte as decimal text, with a dot after it. */
static const char octet_text[256][5] = {
	"0.", "1.", "2.", "3.", "4.", "5.", "6.", "7.",
	"8.", "9.", "10.", "11.", "12.", "13.", "14.", "15.",
	"16.", "17.", "18.", "19.", "20.", "21.", "22.", "23.",
	"24.", "25.", "26.", "27.", "28.", "29.", "30.", "31.",
	"32.", "33.", "34.", "35.", "36.", "37.", "38.", "39.",
	"40.", "41.", "42.", "43.", "44.", "45.", "46.", "47.",
	"48.", "49.", "50.", "51.", "52.", "53.", "54.", "55.",
	"56.", "57.", "58.", "59.", "60.", "61.", "62.", "63.",
	"64.", "65.", "66.", "67.", "68.", "69.", "70.", "71.",
	"72.", "73.", "74.", "75.", "76.", "77.", "78.", "79.",
	"80.", "81.", "82.", "83.", "84.", "85.", "86.", "87.",
	"88.", "89.", "90.", "91.", "92.", "93.", "94.", "95.",
	"96.", "97.", "98.", "99.", "100.", "101.", "102.", "103.",
	"104.", "105.", "106.", "107.", "108.", "109.", "110.", "111.",
	"112.", "113.", "114.", "115.", "116.", "117.", "118.", "119.",
	"120.", "121.", "122.", "123.", "124.", "125.", "126.", "127.",
	"128.", "129.", "130.", "131.", "132.", "133.", "134.", "135.",
	"136.", "137.", "138.", "139.", "140.", "141.", "142.", "143.",
	"144.", "145.", "146.", "147.", "148.", "149.", "150.", "151.",
	"152.", "153.", "154.", "155.", "156.", "157.", "158.", "159.",
	"160.", "161.", "162.", "163.", "164.", "165.", "166.", "167.",
	"168.", "169.", "170.", "171.", "172.", "173.", "174.", "175.",
	"176.", "177.", "178.", "179.", "180.", "181.", "182.", "183.",
	"184.", "185.", "186.", "187.", "188.", "189.", "190.", "191.",
	"192.", "193.", "194.", "195.", "196.", "197.", "198.", "199.",
	"200.", "201.", "202.", "203.", "204.", "205.", "206.", "207.",
	"208.", "209.", "210.", "211.", "212.", "213.", "214.", "215.",
	"216.", "217.", "218.", "219.", "220.", "221.", "222.", "223.",
	"224.", "225.", "226.", "227.", "228.", "229.", "230.", "231.",
	"232.", "233.", "234.", "235.", "236.", "237.", "238.", "239.",
	"240.", "241.", "242.", "243.", "244.", "245.", "246.", "247.",
	"248.", "249.", "250.", "251.", "252.", "253.", "254.", "255.",
};

static __always_inline char *put_octet(char *p, unsigned int octet)
{
	memcpy(p, octet_text[octet], 4);
	return p + 2 + (octet >= 10) + (octet >= 100);
}

char *nst_addr4_text(char *p, const u8 *addr)
{
	p = put_octet(p, addr[0]);
	p = put_octet(p, addr[1]);
	p = put_octet(p, addr[2]);
	return put_octet(p, addr[3]) - 1;
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
