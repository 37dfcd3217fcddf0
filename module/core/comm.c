// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of tasks as text.
 */
#include <netstate/comm.h>

static bool plain(unsigned char c)
{
	return c > ' ' && c <= '~' && c != '\\';
}

char *nst_comm_text(char *p, const char *comm, char separator)
{
	unsigned char c;

	for (; (c = *comm); comm++) {
		if (plain(c) && c != separator) {
			*p++ = c;
			continue;
		}
		*p++ = '\\';
		*p++ = '0' + (c >> 6);
		*p++ = '0' + (c >> 3 & 7);
		*p++ = '0' + (c & 7);
	}
	return p;
}
