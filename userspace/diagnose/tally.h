/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sums by name: of programs, addresses, listeners.
 */
#ifndef NETSTATE_DIAGNOSE_TALLY_H
#define NETSTATE_DIAGNOSE_TALLY_H

#include "diagnose/finding.h"
#include "table.h"

/* What is known of a name. */
struct nst_entry {
	char name[64];	/* an address and a port are shorter */
	struct nst_process process;	/* one that has to do with it; pid 0: none is known */
	u32 processes;
	u64 count;
	u64 sum;
	u64 most;
};

/* To begin with, all zero. */
struct nst_tally {
	void *tree;
	struct nst_entry **entry;	/* after nst_tally_sort() the largest count first */
	size_t count;
	size_t space;
	bool is_full;		/* there were more names, and what has to do with them is in: */
	struct nst_entry rest;
};

struct nst_entry *nst_tally_of(struct nst_tally *tally, struct nst_word name);
struct nst_entry *nst_tally_of_holder(struct nst_tally *tally, const struct nst_row *row);
void nst_tally_sort(struct nst_tally *tally);
void nst_tally_sort_programs(struct nst_tally *tally);
void nst_tally_free(struct nst_tally *tally);
void nst_entry_holder(struct nst_entry *entry, const struct nst_row *row);
void nst_found_entry(struct nst_finding *finding, const struct nst_entry *entry);

#endif /* NETSTATE_DIAGNOSE_TALLY_H */
