/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers in the kernel's own files.
 */
#ifndef NETSTATE_DIAGNOSE_PROC_H
#define NETSTATE_DIAGNOSE_PROC_H

#include <stdio.h>

#include <netstate/types.h>

bool nst_proc_is_there(const char *path);
bool nst_proc_numbers(const char *path, u64 *number, size_t count);
bool nst_proc_text(const char *path, char *text, size_t size);
bool nst_proc_socket_count(const char *key, u64 *number);
bool nst_proc_counter(const char *key, u64 *number);

#endif /* NETSTATE_DIAGNOSE_PROC_H */
