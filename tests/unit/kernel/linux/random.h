/* SPDX-License-Identifier: GPL-2.0-only */
#include <stddef.h>

/* The test's own. */
void get_random_bytes(void *buf, size_t len);
