// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of tasks and processes as text.
 */
#include <netstate/comm.h>
#include <netstate/decimal.h>

static bool plain(unsigned char c)
{
	return c > ' ' && c <= '~' && c != '\\';
}

/* A plus sign and digits after a name count the other holders. */
static bool counts(const char *s)
{
	return s[0] == '+' && s[1] >= '0' && s[1] <= '9';
}

char *nst_comm_text(char *p, const char *comm, char separator)
{
	unsigned char c;

	for (; (c = *comm); comm++) {
		if (plain(c) && c != separator && !counts(comm)) {
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

void nst_process_name(struct nst_process *process)
{
	size_t len = strlen(process->comm);
	char *p = process->text;

	memset(process->comm + len, 0, sizeof(process->comm) - len);
	memset(p, ' ', sizeof(process->text));
	p = nst_decimal(p, process->pid);
	*p++ = '/';
	p = nst_comm_text(p, process->comm, 0);
	process->len = p - process->text;
}
