// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "witness.h"

/* By the number that /proc/net prints. */
static const char *const states[] = {
	"", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
	"TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING",
};

bool witness_addr(const char *hex, char *text)
{
	union addr a = {};
	unsigned int word[4], port;

	if (sscanf(hex, "%8x%8x%8x%8x:%4x", &word[0], &word[1], &word[2],
		   &word[3], &port) == 5) {
		a.sa.sa_family = AF_INET6;
		memcpy(&a.in6.sin6_addr, word, 16);
	} else if (sscanf(hex, "%8x:%4x", &word[0], &port) == 2) {
		a.sa.sa_family = AF_INET;
		memcpy(&a.in.sin_addr, word, 4);
	} else {
		return false;
	}
	addr_set_port(&a, port);
	addr_text(&a, text);
	return true;
}

static int decode(struct row *row, const char *proto, const char *line)
{
	char local[64], remote[64];
	unsigned int state;
	bool udp = proto[0] == 'u';

	memset(row, 0, sizeof(*row));
	if (sscanf(line, " %*d: %63s %63s %x %lx:%lx %*s %*s %*u %*d %lu",
		   local, remote, &state, &row->sendq, &row->recvq,
		   &row->inode) != 6 || state > 11)
		return -EBADMSG;
	if (!witness_addr(local, row->laddr) ||
	    !witness_addr(remote, row->raddr))
		return -EBADMSG;
	strcpy(row->proto, proto);
	strcpy(row->state, udp && state == 7 ? "" : states[state]);
	strcpy(row->prog, "-");
	return 0;
}

static int read_one(struct table *w, const char *proto)
{
	char path[32], *text, *line, *save;
	int err = 0;

	snprintf(path, sizeof(path), "/proc/net/%s", proto);
	text = file_read(path, NULL);
	if (!text)
		return -errno;
	line = strtok_r(text, "\n", &save);	/* the header */
	while (!err && line && (line = strtok_r(NULL, "\n", &save))) {
		if (!(w->n & (w->n + 1)))
			w->rows = realloc(w->rows, (2 * w->n + 2) *
						   sizeof(*w->rows));
		err = decode(&w->rows[w->n++], proto, line);
	}
	free(text);
	return err;
}

int witness_read(struct table *w)
{
	memset(w, 0, sizeof(*w));
	return read_one(w, "tcp") ?: read_one(w, "tcp6") ?:
	       read_one(w, "udp") ?: read_one(w, "udp6");
}

static int compare_long(long a, long b)
{
	return (a > b) - (a < b);
}

int row_compare(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return strcmp(x->proto, y->proto) ?: strcmp(x->laddr, y->laddr) ?:
	       strcmp(x->raddr, y->raddr) ?: strcmp(x->state, y->state) ?:
	       compare_long(x->recvq, y->recvq) ?:
	       compare_long(x->sendq, y->sendq);
}

void rows_sort(struct row *rows, size_t n)
{
	qsort(rows, n, sizeof(*rows), row_compare);
}

bool witness_same(struct table *a, struct table *b)
{
	if (a->n != b->n)
		return false;
	rows_sort(a->rows, a->n);
	rows_sort(b->rows, b->n);
	for (size_t i = 0; i < a->n; i++)
		if (row_compare(&a->rows[i], &b->rows[i]))
			return false;
	return true;
}

int witness_read_with(struct table *t, struct table *w)
{
	uint64_t end = now_ms() + PATIENCE_MS;
	struct table before;
	int err;

	do {
		err = witness_read(&before);
		if (err)
			return err;
		err = table_read(t);
		if (err)
			return err;
		err = witness_read(w);
		if (err)
			return err;
		if (witness_same(&before, w)) {
			table_free(&before);
			return 0;
		}
		table_free(&before);
		table_free(t);
		table_free(w);
	} while (now_ms() < end);
	return -ETIMEDOUT;
}
