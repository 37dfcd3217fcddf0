// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "file.h"
#include "netns.h"
#include "note.h"
#include "world.h"

void world_begin(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->fd = -1;
}

unsigned int world_holder(struct world *w, const char *name, const char *shown)
{
	struct holder *h = &w->holder[w->holders];

	h->name = name;
	h->shown = shown;
	h->bit = 1u << w->holders;
	h->world = w;
	w->holders++;
	return h->bit;
}

struct made *world_add_as(struct world *w, const char *proto, int fd,
			  const union addr *local, const union addr *remote,
			  const char *state, unsigned int holders)
{
	struct made *s = &w->made[w->n];
	struct row *row = &s->is.row;
	struct stat st;

	if (w->n == MADE_MAX || fd < -1) {
		note("socket %zu: %s", w->n, strerror(-fd));
		w->error = "a socket is missing";
		return NULL;
	}
	w->n++;
	s->fd = fd;
	s->local = *local;
	s->remote = *remote;
	s->holders = holders;
	strcpy(row->proto, proto);
	strcpy(row->state, state);
	addr_text(local, row->laddr);
	addr_text(remote, row->raddr);
	if (fd >= 0 && !fstat(fd, &st)) {
		s->is.uid = st.st_uid;
		row->inode = st.st_ino;
	}
	return s;
}

struct made *world_add(struct world *w, int fd, const char *state,
		       unsigned int holders)
{
	union addr local = addr_local(fd), remote = addr_remote(fd);
	socklen_t len = sizeof(int);
	int type = 0, protocol = 0;
	const char *proto;

	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len);
	len = sizeof(int);
	getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len);
	proto = proto_name(type, local.sa.sa_family);
	if (protocol == IPPROTO_UDPLITE)
		proto = local.sa.sa_family == AF_INET ? "udpl" : "udpl6";
	return world_add_as(w, proto, fd, &local, &remote, state, holders);
}

bool made_usual(const struct made *s)
{
	return s->is.row.proto[0] == 't' || !strcmp(s->is.row.proto, "udp") ||
	       !strcmp(s->is.row.proto, "udp6");
}

bool made_is_mapped(const struct made *s)
{
	return addr_is_mapped(&s->local);
}

static void let_go(struct world *w, unsigned int bit)
{
	for (struct made *s = w->made; s < w->made + w->n; s++)
		if (s->fd >= 0 && !(s->holders & bit))
			close(s->fd);
}

static int hold(int line, void *arg)
{
	struct holder *h = arg;

	prctl(PR_SET_NAME, h->name);
	let_go(h->world, h->bit);
	line_tell(line, getpid());
	line_wait(line);
	return 0;
}

static bool start_holders(struct world *w)
{
	for (struct holder *h = w->holder + 1; h < w->holder + w->holders; h++)
		if (child_start(&h->child, hold, h) ||
		    !line_hear(h->child.line, NULL))
			return false;
	for (struct holder *h = w->holder + 1; h < w->holder + w->holders; h++)
		h->pid = h->child.pid;
	w->holder[0].pid = getpid();
	prctl(PR_SET_NAME, w->holder[0].name);
	let_go(w, US);
	return true;
}

/* What the kernel's account says is as the test has made it. */
static bool confirms(struct made *s, const struct cells *k)
{
	struct row *row = &s->is.row;

	if (!k || strcmp(k->row.state, row->state))
		return false;
	if (row->inode && (row->inode != k->row.inode || s->is.uid != k->uid))
		return false;
	row->recvq = k->row.recvq;
	row->sendq = k->row.sendq;
	row->inode = k->row.inode;
	/*
	 * What has no inode, and is not its listener's, has its maker's user or none: /proc/net
	 * shows root before 6.17.
	 */
	if (!strcmp(k->timer, "timewait"))
		s->is.uid = NO_USER;
	else if (row->inode || !strcmp(row->state, "SYN_RECV"))
		s->is.uid = k->uid;
	return true;
}

/* Says which one is amiss if it does not. */
static bool all_confirmed(struct world *w, bool tell)
{
	struct columns k;
	bool good = !columns_of_kernel(&k);

	for (struct made *s = w->made; good && s < w->made + w->n; s++) {
		good = confirms(s, columns_find(&k, &s->is.row));
		if (!good && tell)
			note("the kernel has no %s %s %s %s (%llu, %lu)",
			     s->is.row.proto, s->is.row.laddr, s->is.row.raddr,
			     s->is.row.state, s->is.uid, s->is.row.inode);
	}
	if (good && k.n != w->n) {
		good = false;
		if (tell)
			note("%zu sockets, not %zu", k.n, w->n);
	}
	columns_free(&k);
	return good;
}

bool world_complete(struct world *w)
{
	if (w->error) {
		note("%s", w->error);
		return false;
	}
	if (!POLL(all_confirmed(w, false)) && !all_confirmed(w, true))
		return false;
	if (!start_holders(w)) {
		note("a process is missing: %m");
		return false;
	}
	w->fd = open(NETSTATE, O_RDWR | O_CLOEXEC);
	if (w->fd < 0)
		note("%s: %m", NETSTATE);
	return w->fd >= 0;
}

void world_end(struct world *w)
{
	for (struct holder *h = w->holder + 1; h < w->holder + w->holders; h++)
		child_kill(&h->child);
	close(w->fd);
}

/* As a row must have it: the lowest that passes, and how many more do. */
static void set_owner(const struct world *w, struct made *s)
{
	const struct holder *first = NULL;
	int more = -1;

	for (const struct holder *h = w->holder; h < w->holder + w->holders;
	     h++) {
		if (!(s->passing & h->bit))
			continue;
		if (!first || h->pid < first->pid)
			first = h;
		more++;
	}
	strcpy(s->is.row.prog, "-");
	if (first)
		owner_text(first->pid, first->shown, more, s->is.row.prog);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_line(char **lines, size_t n, const struct cells *cells,
		     int show)
{
	char text[CELLS_TEXT_MAX];

	/* Times pass: they are not compared here. */
	lines[n] = strdup(cells_format(cells, show & ~SHOW_TIMER, text));
}

/* Sorts and compares lines, and takes them. */
static bool same_lines(char **want, size_t wanted, char **got, size_t n)
{
	size_t w = 0, g = 0;
	bool same = true;

	qsort(want, wanted, sizeof(*want), compare_text);
	qsort(got, n, sizeof(*got), compare_text);
	while (w < wanted || g < n) {
		int c = w == wanted ? 1 : g == n ? -1 : strcmp(want[w], got[g]);

		if (c) {
			note("%s: '%s'", c < 0 ? "missing" : "too many",
			     c < 0 ? want[w] : got[g]);
			same = false;
		}
		if (c <= 0)
			free(want[w++]);
		if (c >= 0)
			free(got[g++]);
	}
	return same;
}

bool world_shows(struct world *w, int show, const char *filter, ...)
{
	char *want[MADE_MAX], **got;
	size_t wanted = 0;
	struct columns c;
	char text[8192];
	va_list args;
	bool good;
	int len;

	va_start(args, filter);
	len = vsnprintf(text, sizeof(text), filter, args);
	va_end(args);
	if (write(w->fd, text, len) != len) {
		note("'%s': %m", text);
		return false;
	}
	if (columns_read(&c, w->fd, show)) {
		note("'%s': %s", text, c.error);
		columns_free(&c);
		return false;
	}

	for (struct made *s = w->made; s < w->made + w->n; s++) {
		if (!s->wanted)
			continue;
		set_owner(w, s);
		add_line(want, wanted++, &s->is, show);
	}
	got = calloc(c.n + 1, sizeof(*got));
	for (size_t i = 0; i < c.n; i++)
		add_line(got, i, &c.cells[i], show);
	good = same_lines(want, wanted, got, c.n);
	if (!good)
		note("with '%s'", text);
	free(got);
	columns_free(&c);
	return good;
}

bool world_refuses(struct world *w, const char *filter, ...)
{
	char text[8192];
	va_list args;
	int len;

	va_start(args, filter);
	len = vsnprintf(text, sizeof(text), filter, args);
	va_end(args);
	if (write(w->fd, text, len) < 0 && errno == EINVAL)
		return true;
	note("'%s' is taken", text);
	return false;
}
