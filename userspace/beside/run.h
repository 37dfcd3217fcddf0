/* SPDX-License-Identifier: GPL-2.0-only */
/* Running another of our programs. */
#ifndef NETSTATE_RUN_H
#define NETSTATE_RUN_H

void nst_run(const char *name, char **argv);

#endif /* NETSTATE_RUN_H */
