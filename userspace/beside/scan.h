/* SPDX-License-Identifier: GPL-2.0-only */
/* Text, looked at eight bytes at a time: rows are long, and there may be millions. */
#ifndef NETSTATE_SCAN_H
#define NETSTATE_SCAN_H

#include <endian.h>

#include <netstate/types.h>

#define NST_EACH(byte) (~0ULL / 0xff * (byte))	/* eight times */

/* Eight bytes of a text, of which the first one is the lowest. */
static inline u64 nst_eight(const char *p)
{
	u64 bytes;

	memcpy(&bytes, p, sizeof(bytes));
	return le64toh(bytes);
}

/* Where the spaces at @p end, or else what is before the next one; at most @end. */
static inline const char *nst_skip(const char *p, const char *end, bool spaces)
{
	u64 others;

	for (; end - p >= 8; p += 8) {
		others = nst_eight(p) ^ NST_EACH(' ');
		if (!spaces)
			others = (others - NST_EACH(1)) & ~others & NST_EACH(0x80);
		if (others)
			return p + __builtin_ctzll(others) / 8;
	}
	while (p < end && (*p == ' ') == spaces)
		p++;
	return p;
}

/* How many bytes at the start of a text are printable ASCII. */
static inline size_t nst_count_printable(const char *start, const char *end)
{
	const char *p = start;
	u64 bytes;

	for (; end - p >= 8; p += 8) {
		bytes = nst_eight(p);
		if (((bytes - NST_EACH(' ')) | (bytes + NST_EACH(1)) | bytes) & NST_EACH(0x80))
			break;
	}
	while (p < end && *p >= ' ' && *p <= '~')
		p++;
	return p - start;
}

#endif /* NETSTATE_SCAN_H */
