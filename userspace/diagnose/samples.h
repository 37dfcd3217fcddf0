/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What sockets had at the first of two readings.
 */
#ifndef NETSTATE_DIAGNOSE_SAMPLES_H
#define NETSTATE_DIAGNOSE_SAMPLES_H

#include "table.h"

/* What tells a socket from all others, and two numbers of it. */
struct nst_sample {
	struct {
		u64 inode;
		u32 table;
		u16 lport;
		u16 rport;
		u8 addr[32];
	} id;
	u64 first;
	u64 second;
};

/* To begin with, all zero. */
struct nst_samples {
	struct nst_sample *sample;
	size_t count;
	size_t space;
};

bool nst_samples_add(struct nst_samples *samples, const struct nst_row *row, u64 first, u64 second);
void nst_samples_sort(struct nst_samples *samples);
const struct nst_sample *nst_samples_find(const struct nst_samples *samples,
					  const struct nst_row *row);
void nst_samples_free(struct nst_samples *samples);

#endif /* NETSTATE_DIAGNOSE_SAMPLES_H */
