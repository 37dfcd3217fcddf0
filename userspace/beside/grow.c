// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arrays that grow, for the programs beside netstate: that one keeps no rows.
 */
#include <stdlib.h>

#include "beside/grow.h"
#include "fail.h"

/* Makes space for one more in an array of @count; @array is the address of the pointer. */
bool nst_grow(void *array, size_t count, size_t *space, size_t size)
{
	size_t wanted = *space < 4096 ? 2 * *space + 64 : *space + *space / 8;
	void *grown;

	if (count < *space)
		return true;
	grown = reallocarray(*(void **)array, wanted, size);
	if (!grown)
		return nst_no_memory();
	*(void **)array = grown;
	*space = wanted;
	return true;
}
