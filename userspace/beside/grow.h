/* SPDX-License-Identifier: GPL-2.0-only */
/* Arrays that grow. */
#ifndef NETSTATE_GROW_H
#define NETSTATE_GROW_H

#include <stdbool.h>
#include <stddef.h>

bool nst_grow(void *array, size_t count, size_t *space, size_t size);

#endif /* NETSTATE_GROW_H */
