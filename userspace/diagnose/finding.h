/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is wrong, what could not be judged, and the table of all that is looked for.
 */
#ifndef NETSTATE_DIAGNOSE_FINDING_H
#define NETSTATE_DIAGNOSE_FINDING_H

#include <netstate/sock.h>

#include "util.h"

/* What the program returns. */
enum { NST_DIAGNOSE_NOTHING, NST_DIAGNOSE_FOUND, NST_DIAGNOSE_BLIND = 3 };

#define NST_FINDINGS	5	/* of one kind that are told; of more, how many */

/* In the order in which they are looked for. */
enum nst_kind {
	NST_QUEUE_FULL,
	NST_LISTEN_DROPS,
	NST_HALF_OPEN_FULL,
	NST_SYN_COOKIES,
	NST_NO_READER,
	NST_NO_ANSWER,
	NST_SENT_AGAIN,
	NST_LEFT_OPEN,
	NST_NO_CONNECTION,
	NST_PORTS_USED_UP,
	NST_UDP_DROPS,
	NST_ORPHANS,
	NST_TIME_WAITS,
	NST_TCP_MEMORY,
	NST_CONNTRACK,
	NST_SOCKETS_UNUSED,
	NST_FILES_USED_UP,
	NST_OWNERS_HIDDEN,
	NST_KINDS
};

/**
 * struct nst_check - something to be looked for
 * @name: as JSON has it
 * @weight: findings of a larger one are told first
 * @before: the first of two readings; NULL if one will do
 * @look: reads, and adds findings; false with nst_trouble() if not all could be judged. Those
 *	that follow each other with the same function are its, too
 * @means: what is wrong, for people
 */
struct nst_check {
	const char *name;
	unsigned int weight;
	bool (*before)(void);
	bool (*look)(void);
	const char *means;
};

/**
 * struct nst_finding - something that is wrong
 * @kind: what
 * @process: who, of several the one with the lowest pid; pid 0 if that is not known
 * @processes: how many of that name
 * @local: address and port, or ""
 * @remote: the same, or an address
 * @count: how many
 * @limit: of how many; 0 if there is none
 * @bytes: that wait
 * @idle: seconds
 * @what: all that in a sentence
 * @command: what shows it
 */
struct nst_finding {
	enum nst_kind kind;
	struct nst_process process;
	u32 processes;
	char local[64];
	char remote[64];
	u64 count;
	u64 limit;
	u64 bytes;
	u64 idle;
	char what[320];
	char command[160];
};

/* finding.c */
extern double nst_seconds_between;
struct nst_finding *nst_found(enum nst_kind kind);
void nst_found_what(struct nst_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void nst_found_command(struct nst_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
const char *nst_found_who(const struct nst_finding *finding);
const char *nst_found_choice(const struct nst_finding *finding);
const char *nst_found_port(const char *at);
const char *nst_s(u64 count);
bool nst_is_near(u64 count, u64 limit, unsigned int percent);
size_t nst_found_rank(const struct nst_check *checks, const struct nst_finding ***ranked);
size_t nst_found_more(enum nst_kind kind);
void nst_blind(enum nst_kind kind, const char *why);
const char *nst_blind_why(enum nst_kind kind);

#endif /* NETSTATE_DIAGNOSE_FINDING_H */
