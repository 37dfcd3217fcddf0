/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SipHash-1-3 of whole words: whoever does not know the key cannot choose what is hashed so
 * that two become the same, or many lie close to each other.
 */
#ifndef NETSTATE_DIFF_HASH_H
#define NETSTATE_DIFF_HASH_H

#include <netstate/types.h>

static inline u64 nst_hash_rotate(u64 word, unsigned int bits)
{
	return word << bits | word >> (64 - bits);
}

static inline void nst_hash_round(u64 v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = nst_hash_rotate(v[1], 13) ^ v[0];
	v[3] = nst_hash_rotate(v[3], 16) ^ v[2];
	v[0] = nst_hash_rotate(v[0], 32) + v[3];
	v[2] += v[1];
	v[1] = nst_hash_rotate(v[1], 17) ^ v[2];
	v[3] = nst_hash_rotate(v[3], 21) ^ v[0];
	v[2] = nst_hash_rotate(v[2], 32);
}

/* Hashes @count words to 128 bits. */
static inline void nst_hash(u64 hash[2], const u64 key[2], const u64 *word, unsigned int count)
{
	u64 v[4] = {
		key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d ^ 0xee,
		key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573,
	};
	const u64 length = (u64)count * 8 << 56;
	unsigned int i, j;

	for (i = 0; i <= count; i++) {
		v[3] ^= i < count ? word[i] : length;
		nst_hash_round(v);
		v[0] ^= i < count ? word[i] : length;
	}
	v[2] ^= 0xee;
	for (i = 0; i < 2; i++) {
		v[1] ^= i ? 0xdd : 0;
		for (j = 0; j < 3; j++)
			nst_hash_round(v);
		hash[i] = v[0] ^ v[1] ^ v[2] ^ v[3];
	}
}

#endif /* NETSTATE_DIFF_HASH_H */
