/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The sockets among the open files of all processes.
 */
#ifndef NETSTATE_FILES_H
#define NETSTATE_FILES_H

#include <netstate/types.h>

bool nst_files_scan(bool (*found)(u64 inode, u32 pid), u32 lowest, u32 highest, bool *hidden);

#endif /* NETSTATE_FILES_H */
