/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What netstat calls a program.
 */
#ifndef NETSTATE_PROGRAM_H
#define NETSTATE_PROGRAM_H

#include <netstate/sock.h>

#define NST_PROGRAM_SIZE 20	/* bytes of its name, with the end */

const char *nst_program_name(const struct nst_process *process, bool saved);
void nst_program_comm(u32 pid, char *comm);
void nst_program_forget(void);

#endif /* NETSTATE_PROGRAM_H */
