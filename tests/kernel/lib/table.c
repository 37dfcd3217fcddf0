// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "note.h"
#include "table.h"

#define TITLE	"Active Internet connections (servers and established)"
#define COLUMNS	"Proto Recv-Q Send-Q Local Address           "		\
		"Foreign Address         State       PID/Program name    "

const char *const count_words[NR_COUNTS] = {
	"established", "syn_sent", "syn_recv", "fin_wait1", "fin_wait2",
	"time_wait", "close", "close_wait", "last_ack", "listen", "closing",
	"dgram", "total",
};

static const char *const state_names[] = {
	"ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
	"TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING",
	"BOUND",
};

#define BOUND	11	/* which has no count among the others */

static const char *const protos[] = { "tcp", "tcp6", "udp", "udp6" };

static int bad(struct table *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(t->error, sizeof(t->error), format, args);
	va_end(args);
	return -EBADMSG;
}

static int index_of(const char *const *names, int n, const char *name)
{
	for (int i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

static bool number(const char *word, long *value)
{
	char *end;

	if (!isdigit(*word) || (word[0] == '0' && word[1]))
		return false;
	errno = 0;
	*value = strtol(word, &end, 10);
	return !*end && !errno;
}

int row_format(const struct row *row, char *buf, size_t size)
{
	int l = strlen(row->laddr), r = strlen(row->raddr);
	int n;

	if (row->proto[0] == 't')
		n = snprintf(buf, size, "%-4s  %6ld %6ld %-*s %-*s %-11s",
			     row->proto, row->recvq, row->sendq,
			     l > 23 ? l : 23, row->laddr,
			     r > 23 ? r : 23, row->raddr, row->state);
	else
		n = snprintf(buf, size, "%-5s %6ld %6ld %-23s %-23s %-11s",
			     row->proto, row->recvq, row->sendq, row->laddr,
			     row->raddr, row->state);
	return n + snprintf(buf + n, size - n, " %-20s", row->prog);
}

const char *owner_text(int pid, const char *comm, int others, char *buf)
{
	int n = snprintf(buf, PROG_MAX, "%d/%s", pid, comm);

	if (others)
		snprintf(buf + n, PROG_MAX - n, "+%d", others);
	return buf;
}

const char *proto_name(int type, int family)
{
	return protos[2 * (type == SOCK_DGRAM) + (family == AF_INET6)];
}

static int parse_title(struct table *t, char *line)
{
	char *save, *word;
	int i = 0;

	t->bound = -1;
	t->hidden = false;
	if (strncmp(line, TITLE " ", strlen(TITLE " ")))
		return bad(t, "line 1 is '%s'", line);
	if (strstr(line, "  ") || line[strlen(line) - 1] == ' ')
		return bad(t, "line 1 has idle spaces: '%s'", line);

	line += strlen(TITLE);
	for (word = strtok_r(line, " ", &save); word;
	     word = strtok_r(NULL, " ", &save), i++) {
		char *value = strchr(word, '=');

		if (i == NR_COUNTS && !strncmp(word, "bound=", 6) &&
		    number(word + 6, &t->bound))
			continue;
		if (i >= NR_COUNTS && !t->hidden && !strcmp(word, "owners=some")) {
			t->hidden = true;
			continue;
		}
		if (i >= NR_COUNTS)
			return bad(t, "line 1 goes on: '%s'", word);
		if (!value)
			return bad(t, "line 1: no value in '%s'", word);
		*value++ = '\0';
		if (strcmp(word, count_words[i]))
			return bad(t, "line 1: '%s' instead of '%s'", word,
				   count_words[i]);
		if (!number(value, &t->counts[i]))
			return bad(t, "line 1: %s is '%s'", word, value);
	}
	if (i < NR_COUNTS)
		return bad(t, "line 1: no '%s'", count_words[i]);
	return 0;
}

static bool parse_prog(struct row *row)
{
	char *name, *plus;
	long n;

	if (!strcmp(row->prog, "-"))
		return true;

	row->pid = strtol(row->prog, &name, 10);
	if (row->pid <= 0 || *name != '/')
		return false;
	for (const char *c = name; *c; c++)
		if (!isgraph((unsigned char)*c))
			return false;
	plus = strrchr(name, '+');
	if (plus && number(plus + 1, &n))
		row->others = n;
	return true;
}

static int parse_row(struct table *t, struct row *row, char *line)
{
	char words[512], again[512], *word[7], *save, *w;
	int n = 0;

	if (strlen(line) >= sizeof(words))
		return bad(t, "a row of %zu characters", strlen(line));
	strcpy(words, line);
	for (w = strtok_r(words, " ", &save); w && n < 7;
	     w = strtok_r(NULL, " ", &save))
		word[n++] = w;
	if (w || n < 6)
		return bad(t, "%s fields: '%s'", w ? "too many" : "too few",
			   line);

	if (index_of(protos, 4, word[0]) < 0)
		return bad(t, "protocol: '%s'", line);
	strcpy(row->proto, word[0]);
	if (!number(word[1], &row->recvq) || !number(word[2], &row->sendq))
		return bad(t, "queues: '%s'", line);
	if (strlen(word[3]) >= ADDR_TEXT_MAX ||
	    strlen(word[4]) >= ADDR_TEXT_MAX || strlen(word[n - 1]) >= PROG_MAX)
		return bad(t, "a field too long: '%s'", line);
	strcpy(row->laddr, word[3]);
	strcpy(row->raddr, word[4]);
	strcpy(row->prog, word[n - 1]);
	if (n == 7) {
		if (index_of(state_names, 12, word[5]) < 0)
			return bad(t, "state: '%s'", line);
		strcpy(row->state, word[5]);
	}
	if (row->proto[0] == 't' && !*row->state)
		return bad(t, "no state: '%s'", line);
	if (!parse_prog(row))
		return bad(t, "program: '%s'", line);

	row_format(row, again, sizeof(again));
	if (strcmp(line, again))
		return bad(t, "netstat writes\n'%s', not\n'%s'", again, line);
	return 0;
}

/* Where a row belongs: protocol by protocol, in TCP listeners first. */
static int rank(const struct row *row)
{
	int section = 2 * index_of(protos, 4, row->proto);

	return row->proto[0] == 't' && strcmp(row->state, "LISTEN") ?
	       section + 1 : section;
}

static int check_order_and_counts(struct table *t)
{
	long counted[NR_COUNTS] = {}, bound = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct row *row = &t->rows[i];
		int state = index_of(state_names, 12, row->state);

		if (i && rank(row) < rank(row - 1))
			return bad(t, "row %zu (%s %s) after a %s %s one", i,
				   row->proto, row->state, row[-1].proto,
				   row[-1].state);
		counted[C_TOTAL]++;
		if (state == BOUND)
			bound++;
		else
			counted[state < 0 ? C_DGRAM : state]++;
	}
	if (bound != (t->bound < 0 ? 0 : t->bound))
		return bad(t, "line 1 says bound=%ld, the rows %ld", t->bound,
			   bound);
	for (int i = 0; i < NR_COUNTS; i++)
		if (counted[i] != t->counts[i])
			return bad(t, "line 1 says %s=%ld, the rows %ld",
				   count_words[i], t->counts[i], counted[i]);
	return 0;
}

int table_parse(struct table *t, char *text, size_t len)
{
	size_t lines = 0, room;
	char *line, *end;
	int err = 0;

	memset(t, 0, sizeof(*t));
	t->text = text;
	t->len = len;
	if (memchr(text, '\0', len))
		return bad(t, "a zero byte in the text");
	if (!len || text[len - 1] != '\n')
		return bad(t, "%zu bytes that end in no newline", len);

	for (const char *c = text; (c = strchr(c, '\n')); c++)
		lines++;
	room = lines > 2 ? lines - 2 : 1;
	t->rows = calloc(room, sizeof(*t->rows));

	lines = 0;
	for (line = text; !err && line < text + len; line = end + 1, lines++) {
		char *copy = NULL;

		end = strchr(line, '\n');
		*end = '\0';
		if (lines == 0) {
			copy = strdup(line);
			err = parse_title(t, copy);
		} else if (lines == 1) {
			if (strcmp(line, COLUMNS))
				err = bad(t, "line 2 is '%s'", line);
		} else {
			err = parse_row(t, &t->rows[t->n++], line);
		}
		free(copy);
		*end = '\n';
	}
	if (!err && lines < 2)
		err = bad(t, "no line 2");
	return err ?: check_order_and_counts(t);
}

int table_read_fd(struct table *t, int fd)
{
	size_t len;
	char *text;

	memset(t, 0, sizeof(*t));
	if (lseek(fd, 0, SEEK_SET))
		return -errno;
	text = fd_read(fd, &len);
	if (!text) {
		snprintf(t->error, sizeof(t->error), "read: %m");
		return -errno;
	}
	return table_parse(t, text, len);
}

int table_read_path(struct table *t, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	memset(t, 0, sizeof(*t));
	if (fd < 0) {
		err = -errno;
		snprintf(t->error, sizeof(t->error), "%s: %m", path);
		return err;
	}
	err = table_read_fd(t, fd);
	close(fd);
	return err;
}

int table_read(struct table *t)
{
	return table_read_path(t, NETSTATE);
}

void table_free(struct table *t)
{
	free(t->text);
	free(t->rows);
	memset(t, 0, sizeof(*t));
}

static bool row_is(const struct row *row, const char *proto,
		   const char *laddr, const char *raddr, const char *state)
{
	return !strcmp(row->proto, proto) && !strcmp(row->laddr, laddr) &&
	       (!raddr || !strcmp(row->raddr, raddr)) &&
	       (!state || !strcmp(row->state, state));
}

const struct row *table_find(const struct table *t, const char *proto,
			     const char *laddr, const char *raddr,
			     const char *state)
{
	for (size_t i = 0; i < t->n; i++)
		if (row_is(&t->rows[i], proto, laddr, raddr, state))
			return &t->rows[i];
	return NULL;
}

size_t table_count(const struct table *t, const char *proto,
		   const char *laddr, const char *raddr, const char *state)
{
	size_t found = 0;

	for (size_t i = 0; i < t->n; i++)
		found += row_is(&t->rows[i], proto, laddr, raddr, state);
	return found;
}

const struct row *table_find_fd(const struct table *t, int fd)
{
	union addr local = addr_local(fd), remote = addr_remote(fd);
	char l[ADDR_TEXT_MAX], r[ADDR_TEXT_MAX];
	socklen_t len = sizeof(int);
	int type = 0;

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	return table_find(t, proto_name(type, local.sa.sa_family),
			  addr_text(&local, l), addr_text(&remote, r), NULL);
}

bool row_of_fd(int fd, struct row *out)
{
	const struct row *row = NULL;
	struct table t;

	memset(out, 0, sizeof(*out));
	if (!table_read(&t))
		row = table_find_fd(&t, fd);
	else
		note("%s", t.error);
	if (row)
		*out = *row;
	table_free(&t);
	return row;
}
