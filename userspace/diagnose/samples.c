// SPDX-License-Identifier: GPL-2.0-only
/*
 * What sockets had at the first of two readings.
 */
#include <stdlib.h>

#include "beside/grow.h"
#include "diagnose/samples.h"

static void identify(struct nst_sample *sample, const struct nst_row *row)
{
	memset(sample, 0, sizeof(*sample));
	sample->id.inode = row->sock.inode;
	sample->id.table = row->table;
	sample->id.lport = row->sock.lport;
	sample->id.rport = row->sock.rport;
	memcpy(sample->id.addr, row->sock.addr, nst_table_is_ipv6(row->table) ? 32 : 8);
}

/* Keeps two numbers of a socket. */
bool nst_samples_add(struct nst_samples *samples, const struct nst_row *row, u64 first, u64 second)
{
	struct nst_sample *sample;

	if (!nst_grow(&samples->sample, samples->count, &samples->space, sizeof(*sample)))
		return false;
	sample = &samples->sample[samples->count++];
	identify(sample, row);
	sample->first = first;
	sample->second = second;
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct nst_sample *x = a, *y = b;

	return memcmp(&x->id, &y->id, sizeof(x->id));
}

/* To be called when all are there. */
void nst_samples_sort(struct nst_samples *samples)
{
	if (samples->count)
		qsort(samples->sample, samples->count, sizeof(*samples->sample), compare);
}

/* What the same socket had; NULL if nothing was kept of it. */
const struct nst_sample *nst_samples_find(const struct nst_samples *samples,
					  const struct nst_row *row)
{
	struct nst_sample wanted;

	if (!samples->count)
		return NULL;
	identify(&wanted, row);
	return bsearch(&wanted, samples->sample, samples->count, sizeof(wanted), compare);
}

void nst_samples_free(struct nst_samples *samples)
{
	free(samples->sample);
	memset(samples, 0, sizeof(*samples));
}
