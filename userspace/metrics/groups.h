/* SPDX-License-Identifier: GPL-2.0-only */
/* Groups of sockets in the text format of Prometheus. */
#ifndef NETSTATE_METRICS_GROUPS_H
#define NETSTATE_METRICS_GROUPS_H

#include "forms.h"

struct nst_metrics_groups;

struct nst_metrics_groups *nst_metrics_groups_open(struct nst_source *source,
						   struct nst_options *options);
bool nst_metrics_groups_print(struct nst_metrics_groups *groups);

/* labels.c */
void nst_labels_program(FILE *out, struct nst_word name);
void nst_labels_cgroup(FILE *out, struct nst_word id);

#endif /* NETSTATE_METRICS_GROUPS_H */
