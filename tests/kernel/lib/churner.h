/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes whose sockets, files, children and namespaces come and go.
 */
#ifndef LIB_CHURNER_H
#define LIB_CHURNER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "table.h"

/* What they have done, in memory that all share. */
struct churned {
	atomic_long connections, requests, datagrams, listeners;
	atomic_long forks, passed, namespaces;
};

/* Where they live, and what they are called: all of them, and no one else. */
#define CHURN_HOST	"127.77.0.1"
#define CHURN_HOST6	"::1"
#define CHURN_PORT	30000
/* Where they speak from 127.0.0.1, as the kernel chooses. */
#define CHURN_PORTS	"32768 60999"
#define CHURN_NAME	"churn"

/* Whether this may be one of theirs. */
bool churner_may_have(const struct row *row);

/* Keeps this process on one CPU. */
void stay_on(int cpu);

/* Goes on for ever; the @which of them differ in what they do next. */
void churner_run(int which, struct churned *done);

/* Whether each kind of what churner_run() does has been done. */
bool churner_did_all(const struct churned *done);

/* Goes on for ever with a namespace after the other. */
void churner_run_namespaces(struct churned *done);

#endif
