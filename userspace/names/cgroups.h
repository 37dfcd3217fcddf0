/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The directories of cgroups, and what people call them.
 */
#ifndef NETSTATE_CGROUPS_H
#define NETSTATE_CGROUPS_H

#include "util.h"

#define NST_UNIT_MAX	1100	/* space for two names of 255 bytes, all escaped; longer is cut */

void nst_cgroups_open(void);
const char *nst_cgroup_path(u64 id);
bool nst_cgroup_name(struct nst_word id, char *name, size_t size);
void nst_cgroups_print_words(FILE *out, struct nst_word words);
void nst_cgroups_look_again(void);
void nst_cgroups_free(void);

/* unit.c */
void nst_unit_name(const char *path, char *name, size_t size);

#endif /* NETSTATE_CGROUPS_H */
