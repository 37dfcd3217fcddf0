/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef KERNEL_MINMAX_H
#define KERNEL_MINMAX_H

#define max_t(type, a, b) ((type)(a) > (type)(b) ? (type)(a) : (type)(b))

#endif
