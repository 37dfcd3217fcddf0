// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "columns.h"
#include "file.h"
#include "witness.h"

#define TITLE	"Active Internet connections (servers and established)"
#define COLUMNS	"Proto Recv-Q Send-Q Local Address           "		\
		"Foreign Address         State      "
#define MAX_WORDS	11

static const struct {
	const char *name;	/* in the table */
	const char *file;	/* in /proc/net */
} protos[] = {
	{ "tcp", "tcp" }, { "tcp6", "tcp6" },
	{ "udp", "udp" }, { "udp6", "udp6" },
	{ "raw", "raw" }, { "raw6", "raw6" },
	{ "udpl", "udplite" }, { "udpl6", "udplite6" },
};

#define NR_PROTOS	((int)(sizeof(protos) / sizeof(*protos)))

/* By the number that /proc/net prints. */
static const char *const timers[] = {
	"off", "on", "keepalive", "timewait", "probe",
};

static int bad(struct columns *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->error, sizeof(c->error), format, args);
	va_end(args);
	return -EBADMSG;
}

void columns_free(struct columns *c)
{
	free(c->cells);
	free(c->text);
	memset(c, 0, sizeof(*c));
}

/* One more, of zeroes. */
static struct cells *extend(struct columns *c)
{
	if (!(c->n & (c->n + 1)))
		c->cells = realloc(c->cells, (2 * c->n + 2) *
					     sizeof(*c->cells));
	memset(&c->cells[c->n], 0, sizeof(*c->cells));
	return &c->cells[c->n++];
}

static bool same_ends(const struct row *a, const struct row *b)
{
	return !strcmp(a->proto, b->proto) && !strcmp(a->laddr, b->laddr) &&
	       !strcmp(a->raddr, b->raddr);
}

const struct cells *columns_find(const struct columns *c,
				 const struct row *like)
{
	const struct cells *found = NULL;

	for (size_t i = 0; i < c->n; i++) {
		if (!same_ends(&c->cells[i].row, like))
			continue;
		found = &c->cells[i];
		if (!strcmp(found->row.state, like->state))
			break;
	}
	return found;
}

char *cells_format(const struct cells *cells, int show, char *buf)
{
	const struct row *row = &cells->row;
	char *p = buf;

	p += sprintf(p, "%-5s %6ld %6ld %-23s %-23s %-11s", row->proto,
		     row->recvq, row->sendq, row->laddr, row->raddr,
		     row->state);
	if (show & SHOW_USER)
		p += sprintf(p, " %-10llu %-10lu", cells->uid == NO_USER ? 0 : cells->uid,
			     row->inode);
	if (show & SHOW_PROGRAM)
		p += sprintf(p, " %-20s", row->prog);
	if (show & SHOW_TIMER)
		sprintf(p, " %s (%2.2f/%d/%d)", cells->timer,
			cells->left / 100.0, cells->retransmits,
			cells->probes);
	return buf;
}

static int proto_index(const char *name)
{
	for (int i = 0; i < NR_PROTOS; i++)
		if (!strcmp(protos[i].name, name))
			return i;
	return -1;
}

static bool is_raw(const struct row *row)
{
	return row->proto[0] == 'r';
}

/* Where line 1 counts it; NR_COUNTS: nowhere. */
static int count_of(const struct row *row)
{
	if (!*row->state || is_raw(row))
		return C_DGRAM;
	for (int i = 0; i < C_DGRAM; i++)
		if (!strcasecmp(row->state, count_words[i]))
			return i;
	return NR_COUNTS;
}

static int parse_row(struct columns *c, int show, const char *line)
{
	int all = 5 + 2 * !!(show & SHOW_USER) + !!(show & SHOW_PROGRAM) +
		  2 * !!(show & SHOW_TIMER);
	char words[CELLS_TEXT_MAX], again[CELLS_TEXT_MAX], *save;
	char *word[MAX_WORDS + 1] = {}, **w = word;
	struct cells *cells = extend(c);
	struct row *row = &cells->row;
	long whole, part;
	int n = 0;

	if (strlen(line) >= sizeof(words))
		return bad(c, "a row of %zu characters", strlen(line));
	strcpy(words, line);
	for (char *at = strtok_r(words, " ", &save); at && n <= MAX_WORDS;
	     at = strtok_r(NULL, " ", &save))
		word[n++] = at;
	if (n != all && n != all + 1)
		return bad(c, "%d fields: '%s'", n, line);
	for (int i = 0; i < n; i++)
		if (strlen(word[i]) >= ADDR_TEXT_MAX)
			return bad(c, "a field too long: '%s'", line);

	if (proto_index(*w) < 0)
		return bad(c, "protocol: '%s'", line);
	strcpy(row->proto, *w++);
	row->recvq = strtol(*w++, NULL, 10);
	row->sendq = strtol(*w++, NULL, 10);
	strcpy(row->laddr, *w++);
	strcpy(row->raddr, *w++);
	if (n > all && strlen(*w) < sizeof(row->state))
		strcpy(row->state, *w++);
	if (show & SHOW_USER) {
		cells->uid = strtoul(*w++, NULL, 10);
		row->inode = strtoul(*w++, NULL, 10);
	}
	if (show & SHOW_PROGRAM)
		strcpy(row->prog, *w++);
	if (show & SHOW_TIMER) {
		snprintf(cells->timer, sizeof(cells->timer), "%s", *w++);
		if (sscanf(*w, "(%ld.%2ld/%d/%d)", &whole, &part,
			   &cells->retransmits, &cells->probes) != 4)
			return bad(c, "timer: '%s'", line);
		cells->left = 100 * whole + part;
	}
	if (count_of(row) == NR_COUNTS)
		return bad(c, "state: '%s'", line);
	if (strcmp(cells_format(cells, show, again), line))
		return bad(c, "netstat writes\n'%s', not\n'%s'", again, line);
	return 0;
}

/* Protocol by protocol, in TCP listeners first. */
static int rank(const struct row *row)
{
	return 2 * proto_index(row->proto) +
	       (row->proto[0] == 't' && strcmp(row->state, "LISTEN"));
}

/* Line 1, as it must be for these rows. */
static int check_title(struct columns *c, const char *line)
{
	long counts[NR_COUNTS] = {};
	char want[1024], *p = want;

	for (size_t i = 0; i < c->n; i++) {
		const struct row *row = &c->cells[i].row;

		if (i && rank(row) < rank(&c->cells[i - 1].row))
			return bad(c, "%s %s after %s %s", row->proto,
				   row->state, c->cells[i - 1].row.proto,
				   c->cells[i - 1].row.state);
		counts[count_of(row)]++;
		counts[C_TOTAL]++;
	}
	p += sprintf(p, "%s", TITLE);
	for (int i = 0; i < NR_COUNTS; i++)
		p += sprintf(p, " %s=%ld", count_words[i], counts[i]);
	if (strcmp(want, line))
		return bad(c, "line 1 is\n'%.256s', not\n'%.256s'", line, want);
	return 0;
}

static int check_head(struct columns *c, int show, const char *line)
{
	char want[200];

	snprintf(want, sizeof(want), "%s%s%s%s", COLUMNS,
		 show & SHOW_USER ? " User       Inode     " : "",
		 show & SHOW_PROGRAM ? " PID/Program name    " : "",
		 show & SHOW_TIMER ? " Timer" : "");
	if (strcmp(want, line))
		return bad(c, "line 2 is\n'%.200s', not\n'%s'", line, want);
	return 0;
}

int columns_read(struct columns *c, int fd, int show)
{
	char *line[2] = {}, *at, *rest;
	size_t len, n = 0;
	int err = 0;

	memset(c, 0, sizeof(*c));
	if (lseek(fd, 0, SEEK_SET))
		return -errno;
	c->text = fd_read(fd, &len);
	if (!c->text) {
		snprintf(c->error, sizeof(c->error), "read: %m");
		return -errno;
	}
	if (!len || c->text[len - 1] != '\n' || strlen(c->text) != len)
		return bad(c, "%zu bytes that are no text", len);
	c->text[len - 1] = '\0';

	for (rest = c->text; !err && (at = strsep(&rest, "\n")); n++) {
		if (n < 2)
			line[n] = at;
		else
			err = parse_row(c, show, at);
	}
	if (!err && n < 2)
		return bad(c, "no line 2");
	return err ?: check_head(c, show, line[1]) ?: check_title(c, line[0]);
}

/* One line of /proc/net. */
static int decode(struct columns *c, const char *proto, const char *line)
{
	struct cells *cells = extend(c);
	struct row *row = &cells->row;
	unsigned int state, timer;
	char local[64], remote[64];

	if (sscanf(line, " %*d: %63s %63s %x %lx:%lx %x:%lx %x %llu %d %lu",
		   local, remote, &state, &row->sendq, &row->recvq, &timer,
		   &cells->left, &cells->retransmits, &cells->uid,
		   &cells->probes, &row->inode) != 11)
		return bad(c, "/proc/net: %s", line);
	if (timer > 4 || state < 1 || state > 11)
		return bad(c, "/proc/net: %s", line);
	if (!witness_addr(local, row->laddr) ||
	    !witness_addr(remote, row->raddr))
		return bad(c, "/proc/net: %s", line);

	strcpy(row->proto, proto);
	strcpy(row->prog, "-");
	if (is_raw(row))
		sprintf(row->state, "%u", state);
	else if (row->proto[0] == 't' || state == 1)
		for (int i = 0; !i || row->state[i - 1]; i++)
			row->state[i] = toupper(count_words[state - 1][i]);
	strcpy(cells->timer, timers[timer]);
	return 0;
}

int columns_of_kernel(struct columns *c)
{
	char path[32], *text, *line, *save;
	int err = 0;

	memset(c, 0, sizeof(*c));
	for (int i = 0; !err && i < NR_PROTOS; i++) {
		snprintf(path, sizeof(path), "/proc/net/%s", protos[i].file);
		text = file_read(path, NULL);
		if (!text && errno == ENOENT)
			continue;	/* no UDP-Lite */
		if (!text)
			return -errno;
		line = strtok_r(text, "\n", &save);	/* the header */
		while (!err && line && (line = strtok_r(NULL, "\n", &save)))
			err = decode(c, protos[i].name, line);
		free(text);
	}
	return err;
}
