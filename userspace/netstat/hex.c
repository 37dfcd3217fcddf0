// SPDX-License-Identifier: GPL-2.0-only
/*
 * Addresses, as the kernel's own files have them and as numbers.
 */
#include <stdio.h>

#include <netstate/addr.h>

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

/* An address as it is; an IPv4-mapped one as that of IPv4. */
const char *nst_hex_number(enum nst_table table, const u8 *addr, char *text)
{
	const bool ipv6 = nst_table_is_ipv6(table);

	if (ipv6 && !nst_addr6_is_v4mapped(addr))
		*nst_addr6_text(text, addr) = '\0';
	else
		*nst_addr4_text(text, ipv6 ? addr + 12 : addr) = '\0';
	return text;
}
