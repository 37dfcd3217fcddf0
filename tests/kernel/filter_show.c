// SPDX-License-Identifier: GPL-2.0-only
/*
 * The columns that "show=" chooses, and the rows of raw and UDP-Lite sockets,
 * against the kernel's own account.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/creds.h"
#include "lib/crowd.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"

#define COUNT(array)	((int)(sizeof(array) / sizeof(*(array))))
#define ALL_PROTOS	"proto=tcp,udp,raw,udpl"

FIXTURE(show)
{
	struct world w;
};

FIXTURE_SETUP(show)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_TRUE(crowd_make(&self->w));
}

FIXTURE_TEARDOWN(show)
{
	world_end(&self->w);
}

/* Users, inodes and programs are compared; times only in their form. */
TEST_F(show, columns)
{
	static const struct { const char *words; int show; } shows[] = {
		{ "show=none", 0 },
		{ "show=user", SHOW_USER },
		{ "show=program", SHOW_PROGRAM },
		{ "show=timer", SHOW_TIMER },
		{ "show=user,program", SHOW_USER | SHOW_PROGRAM },
		{ "show=timer,user", SHOW_USER | SHOW_TIMER },
		{ "show=program,timer", SHOW_PROGRAM | SHOW_TIMER },
		{ "show=timer,program,user", SHOW_ALL },
		{ "show=user,program,timer", SHOW_ALL },
		{ "inode>=0", SHOW_PROGRAM },	/* the default */
		{ "show=none,user", SHOW_USER },
		{ "show=timer,none", SHOW_TIMER },
		{ "show=none,none", 0 },
		{ "show=user show=timer", SHOW_USER | SHOW_TIMER },
		{ "show=none show=program", SHOW_PROGRAM },
		{ "show=USER,Timer", SHOW_USER | SHOW_TIMER },
		{ "show=user,user", SHOW_USER },
	};
	struct world *w = &self->w;

	for (int i = 0; i < COUNT(shows); i++) {
		const char *words = shows[i].words;

		EXPECT_TRUE(SHOWN_AS(w, shows[i].show, made_usual(s),
				     "%s lport>=0", words));
		EXPECT_TRUE(SHOWN_AS(w, shows[i].show, true, "%s " ALL_PROTOS,
				     words));
		EXPECT_TRUE(SHOWN_AS(w, shows[i].show,
				     made_usual(s) && s->is.uid == 1000,
				     "uid=1000 %s", words));
		EXPECT_TRUE(SHOWN_AS(w, shows[i].show, false, "inode=1 %s",
				     words));
	}
	/* What was shown last does not stay. */
	EXPECT_TRUE(SHOWN_AS(w, SHOW_USER, made_usual(s), "show=user"));
	EXPECT_TRUE(SHOWN_AS(w, SHOW_PROGRAM, made_usual(s), "\n"));
	EXPECT_TRUE(world_refuses(w, "show!=user"));
	EXPECT_TRUE(world_refuses(w, "show="));
	EXPECT_TRUE(world_refuses(w, "show=all"));
	EXPECT_TRUE(world_refuses(w, "show=user,"));
	EXPECT_TRUE(world_refuses(w, "show>none"));
}

/* Timers run: what the table says lies between two looks at the kernel's. */

struct looks {
	struct columns before, shown, after;
};

static void looks_free(struct looks *l)
{
	columns_free(&l->before);
	columns_free(&l->shown);
	columns_free(&l->after);
}

static bool looks_taken(struct looks *l, int fd)
{
	memset(l, 0, sizeof(*l));
	return !columns_of_kernel(&l->before) &&
	       !columns_read(&l->shown, fd, SHOW_TIMER) &&
	       !columns_of_kernel(&l->after);
}

static bool same_timer(const struct cells *a, const struct cells *b)
{
	return !strcmp(a->timer, b->timer) && a->probes == b->probes &&
	       a->retransmits == b->retransmits;
}

/* Of one socket: 1 and -1: it is right and wrong; 0: it moved meanwhile. */
static int judge(const struct cells *before, const struct cells *shown,
		 const struct cells *after)
{
	if (!before || !after || !same_timer(before, after) ||
	    after->left > before->left)
		return 0;
	/* A tick of the clock may be less than a hundredth, or more. */
	if (same_timer(before, shown) && shown->left <= before->left + 1 &&
	    shown->left >= after->left - 1)
		return 1;
	return -1;
}

static bool timers_agree(const struct looks *l, bool *right)
{
	bool good = true;

	for (size_t i = 0; i < l->shown.n; i++) {
		const struct cells *shown = &l->shown.cells[i];
		const struct cells *before, *after;
		char text[3][CELLS_TEXT_MAX];
		int verdict;

		before = columns_find(&l->before, &shown->row);
		after = columns_find(&l->after, &shown->row);
		verdict = judge(before, shown, after);
		right[i] |= verdict > 0;
		if (verdict >= 0)
			continue;
		note("before %s\nshown  %s\nafter  %s",
		     cells_format(before, SHOW_TIMER, text[0]),
		     cells_format(shown, SHOW_TIMER, text[1]),
		     cells_format(after, SHOW_TIMER, text[2]));
		good = false;
	}
	return good;
}

TEST_F(show, timers)
{
	static const char text[] = "show=timer " ALL_PROTOS;
	bool right[MADE_MAX] = {};
	int fd = self->w.fd, missing = 0;
	struct looks l;

	ASSERT_EQ(strlen(text), write(fd, text, strlen(text)));
	for (int i = 0; i < 40; i++) {
		ASSERT_TRUE(looks_taken(&l, fd)) {
			note("%s", l.shown.error);
		}
		ASSERT_EQ(self->w.n, l.shown.n);
		EXPECT_TRUE(timers_agree(&l, right));
		looks_free(&l);
		usleep(50000);
	}
	/* None was moving whenever looked at. */
	for (size_t i = 0; i < self->w.n; i++)
		missing += !right[i];
	EXPECT_EQ(0, missing);
}

/* That the crowd has each kind, and retransmits and probes that count up. */
TEST_F(show, all_kinds)
{
	static const char text[] = "show=timer", *const kinds[] = {
		"off", "on", "keepalive", "timewait", "probe",
	};
	int fd = self->w.fd, seen[COUNT(kinds)] = {};
	int retransmits = 0, probes = 0;
	struct columns c;

	ASSERT_EQ(strlen(text), write(fd, text, strlen(text)));
	ASSERT_TRUE(POLL(({
		ASSERT_EQ(0, columns_read(&c, fd, SHOW_TIMER));
		for (size_t i = 0; i < c.n; i++) {
			const struct cells *cells = &c.cells[i];

			for (int k = 0; k < COUNT(kinds); k++)
				seen[k] += !strcmp(kinds[k], cells->timer);
			if (cells->retransmits > retransmits)
				retransmits = cells->retransmits;
			if (cells->probes > probes)
				probes = cells->probes;
		}
		columns_free(&c);
		retransmits >= 3 && probes >= 3;
	})));
	for (int k = 0; k < COUNT(kinds); k++)
		EXPECT_LE(2, seen[k]);
}

/* What is certain without the kernel's account. */
TEST_F(show, timer_of_state)
{
	static const char text[] = "proto=tcp show=timer";
	int fd = self->w.fd;
	struct columns c;

	ASSERT_EQ(strlen(text), write(fd, text, strlen(text)));
	ASSERT_EQ(0, columns_read(&c, fd, SHOW_TIMER));
	for (size_t i = 0; i < c.n; i++) {
		const struct cells *cells = &c.cells[i];
		const char *state = cells->row.state;

		if (!strcmp(state, "LISTEN")) {
			EXPECT_STREQ("off", cells->timer);
		} else if (!strcmp(state, "TIME_WAIT")) {
			EXPECT_STREQ("timewait", cells->timer);
			EXPECT_LT(2000, cells->left);
			EXPECT_GE(6100, cells->left);
		} else if (!strncmp(state, "SYN_", 4)) {
			EXPECT_STREQ("on", cells->timer);
		} else if (!strcmp(cells->timer, "keepalive")) {
			EXPECT_LT(290000, cells->left);
			EXPECT_GE(300100, cells->left);
		} else if (!strcmp(cells->timer, "off")) {
			EXPECT_EQ(0, cells->left);
		}
	}
	columns_free(&c);
}

/* Users are those of the namespace in which the file was opened. */

static int looks_from_userns(int line, void *arg)
{
	static const char *const filters[] = {
		"inode>0 show=user " ALL_PROTOS, "inode>0 uid=0 show=user",
		"inode>0 uid=65534 show=user", "inode>0 uid=1000 show=user",
		"inode>0 uid!=0 show=user",
	};
	struct columns kernel, shown;
	int fd, failed = 0;

	if (become(1000, 1000, -1) || userns_new())
		return 1;
	fd = open(NETSTATE, O_RDWR);
	if (fd < 0 || columns_of_kernel(&kernel))
		return 2;
	for (int i = 0; i < COUNT(filters); i++) {
		size_t want[] = { 0, 0, 0, 0, 0 };

		if (write(fd, filters[i], strlen(filters[i])) < 0 ||
		    columns_read(&shown, fd, SHOW_USER))
			return 3;
		for (size_t k = 0; k < kernel.n; k++) {
			const struct cells *cells = &kernel.cells[k];
			char c = cells->row.proto[0];

			/* Without an inode, it may show what it does not know. */
			if (!cells->row.inode)
				continue;
			want[0]++;
			if (c == 'r' || !strncmp(cells->row.proto, "udpl", 4))
				continue;
			want[1] += cells->uid == 0;
			want[2] += cells->uid == 65534;
			want[3] += cells->uid == 1000;
			want[4] += cells->uid != 0;
		}
		for (size_t k = 0; k < shown.n; k++) {
			const struct cells *cells = &shown.cells[k];
			const struct cells *like;

			like = columns_find(&kernel, &cells->row);
			if (like && like->uid == cells->uid &&
			    (cells->uid == 0 || cells->uid == 65534))
				continue;
			note("%s %s: %llu", cells->row.proto, cells->row.laddr,
			     cells->uid);
			failed++;
		}
		if (shown.n != want[i]) {
			note("'%s': %zu rows, not %zu", filters[i], shown.n,
			     want[i]);
			failed++;
		}
		columns_free(&shown);
	}
	return failed ? 4 : 0;
}

TEST_F(show, userns)
{
	struct child c;

	ASSERT_EQ(0, child_start(&c, looks_from_userns, NULL));
	EXPECT_EQ(0, child_end(&c));
}

/* Raw sockets and UDP-Lite. */

static bool agrees(const char *filter, const char *proto)
{
	struct columns kernel, shown = {};
	bool good = true;
	size_t n = 0;
	int fd = open(NETSTATE, O_RDWR);

	if (columns_of_kernel(&kernel) ||
	    write(fd, filter, strlen(filter)) < 0 ||
	    columns_read(&shown, fd, SHOW_USER | SHOW_TIMER)) {
		note("'%s': %m, %s", filter, shown.error);
		return false;
	}
	for (size_t i = 0; i < kernel.n; i++) {
		const struct cells *want = &kernel.cells[i], *got;
		char one[CELLS_TEXT_MAX], other[CELLS_TEXT_MAX];

		if (strcmp(want->row.proto, proto))
			continue;
		n++;
		got = columns_find(&shown, &want->row);
		cells_format(want, SHOW_USER | SHOW_TIMER, one);
		if (got)
			cells_format(got, SHOW_USER | SHOW_TIMER, other);
		if (got && !strcmp(one, other))
			continue;
		note("'%s', not\n'%s'", got ? other : "", one);
		good = false;
	}
	if (n != shown.n || !n) {
		note("'%s': %zu rows, not %zu", filter, shown.n, n);
		good = false;
	}
	columns_free(&kernel);
	columns_free(&shown);
	close(fd);
	return good;
}

static size_t count_of(const char *filter)
{
	int fd = open(NETSTATE, O_RDWR);
	struct columns c = {};
	size_t n;

	if (write(fd, filter, strlen(filter)) < 0 ||
	    columns_read(&c, fd, SHOW_PROGRAM))
		c.n = -1;
	n = c.n;
	columns_free(&c);
	close(fd);
	return n;
}

static int raw_socket(int family, int protocol, const char *host, bool far)
{
	union addr at = addr_of(family == AF_INET ? V4 : V6, host, 0);
	int fd = socket(family, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0 || bind(fd, &at.sa, addr_len(&at)) ||
	    (far && connect(fd, &at.sa, addr_len(&at))))
		return -1;
	return fd;
}

TEST(raw)
{
	union addr at = addr_of(V4, "127.0.0.1", 0);
	int fd;

	ASSERT_EQ(0, netns_new());
	ASSERT_LE(0, raw_socket(AF_INET, 253, "0.0.0.0", false));
	ASSERT_LE(0, raw_socket(AF_INET, 253, "127.0.0.1", true));
	ASSERT_LE(0, raw_socket(AF_INET, IPPROTO_RAW, "127.0.0.1", false));
	fd = raw_socket(AF_INET, 254, "127.0.0.1", false);
	ASSERT_LE(0, fd);
	EXPECT_EQ(3, sendto(fd, "abc", 3, 0, &at.sa, addr_len(&at)));
	ASSERT_LE(0, raw_socket(AF_INET6, 253, "::", false));
	ASSERT_LE(0, raw_socket(AF_INET6, IPPROTO_RAW, "::1", false));
	ASSERT_LE(0, raw_socket(AF_INET6, 254, LONG6, true));

	EXPECT_TRUE(agrees("proto=raw4 show=timer,user", "raw"));
	EXPECT_TRUE(agrees("proto=raw6 show=timer,user", "raw6"));
	EXPECT_EQ(7, count_of("proto=raw"));
	EXPECT_EQ(7, count_of("proto=raw owner=any"));
	EXPECT_EQ(3, count_of("proto=raw lport=253"));
	EXPECT_EQ(4, count_of("proto=raw raddr!=0.0.0.0,::") +
		     count_of("proto=raw port=255"));
	EXPECT_EQ(1, count_of("proto=raw recvq>0"));
	/* They are not asked for. */
	EXPECT_EQ(0, count_of("\n"));
	EXPECT_EQ(0, count_of("lport=253"));
	EXPECT_EQ(0, count_of("proto!=tcp"));
	EXPECT_EQ(0, count_of("family=inet"));
	EXPECT_EQ(0, count_of("state=dgram"));
	EXPECT_EQ(0, count_of("proto=udp,udpl,tcp"));
}

TEST(udplite)
{
	static const char *const hosts[] = { "127.0.0.1", "0.0.0.0", "::1",
					     LONG6, HOST6 };
	int fd, made = 0;

	/* Whether there is such a protocol or not, such a filter there is. */
	ASSERT_EQ(0, netns_new());
	EXPECT_EQ(0, count_of("proto=udpl"));
	EXPECT_EQ(0, count_of("proto=udplite6 lport=7001"));
	fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE);
	if (fd < 0 && errno == EPROTONOSUPPORT)
		SKIP(return, "no UDP-Lite");
	ASSERT_LE(0, fd);

	for (int i = 0; i < COUNT(hosts); i++) {
		bool six = strchr(hosts[i], ':');
		union addr at = addr_of(six ? V6 : V4, hosts[i], 7001 + i);

		fd = socket(at.sa.sa_family, SOCK_DGRAM, IPPROTO_UDPLITE);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, bind(fd, &at.sa, addr_len(&at)));
		made++;
		if (i != 0 && i != 3)
			continue;
		ASSERT_EQ(0, connect(fd, &at.sa, addr_len(&at)));
		ASSERT_EQ(3, write(fd, "abc", 3));
	}
	EXPECT_TRUE(agrees("proto=udplite4 show=timer,user", "udpl"));
	EXPECT_TRUE(agrees("proto=udpl6 show=timer,user", "udpl6"));
	EXPECT_EQ(made, count_of("proto=udpl"));
	EXPECT_EQ(2, count_of("proto=udpl state=established"));
	EXPECT_EQ(3, count_of("proto=udpl state=dgram owner=any"));
	EXPECT_EQ(2, count_of("proto=udpl recvq>0"));
	EXPECT_EQ(0, count_of("\n"));
	EXPECT_EQ(0, count_of("lport=7001"));
	EXPECT_EQ(0, count_of("proto=udp"));
	EXPECT_EQ(0, count_of("proto!=udp"));
}

TEST_HARNESS_MAIN
