// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses in the kernel's own files.
 */
#include <stdio.h>

#include "netstat/face.h"

/* Reads an IPv6 address as the kernel's files have it: 32 digits. */
bool nst_hex_addr(const char *text, u8 *addr)
{
	int i;

	for (i = 0; i < 16; i++, text += 2)
		if (sscanf(text, "%2hhx", &addr[i]) != 1)
			return false;
	return true;
}
