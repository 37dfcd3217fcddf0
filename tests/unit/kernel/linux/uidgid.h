/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KERNEL_UIDGID_H
#define KERNEL_UIDGID_H

#define kuid_t unsigned int

#endif
