// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a filter shows: each key with each operator, on sockets of which the
 * test knows all.  Addresses are for filter_addr.c, who holds a socket for
 * filter_owner.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/crowd.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"

#define COUNT(array)	((int)(sizeof(array) / sizeof(*(array))))

/* Whether @word is one of those in @words, between spaces. */
static bool member(const char *word, const char *words)
{
	size_t n = strlen(word);

	for (const char *at = words; (at = strstr(at, word)); at++)
		if ((at == words || at[-1] == ' ') &&
		    (at[n] == ' ' || !at[n]))
			return true;
	return false;
}

static bool has_proto(const struct made *s, const char *words)
{
	return member(s->is.row.proto, words);
}

static bool is_ipv6(const struct made *s)
{
	return strchr(s->is.row.proto, '6');
}

/* "-" stands for no state; what raw sockets show is none. */
static bool has_state(const struct made *s, const char *words)
{
	const char *state = s->is.row.state;

	if (!*state || s->is.row.proto[0] == 'r')
		state = "-";
	return member(state, words);
}

static unsigned long long lport(const struct made *s)
{
	return addr_port(&s->local);
}

static unsigned long long rport(const struct made *s)
{
	return addr_port(&s->remote);
}

FIXTURE(word)
{
	struct world w;
};

FIXTURE_SETUP(word)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_TRUE(crowd_make(&self->w));
}

FIXTURE_TEARDOWN(word)
{
	world_end(&self->w);
}

/* The test would prove little of a crowd that lacks something. */
TEST_F(word, is_there)
{
	static const char *const wanted[] = {
		"ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1",
		"FIN_WAIT2", "TIME_WAIT", "CLOSE_WAIT", "LAST_ACK", "LISTEN",
		"CLOSING", "",
	};
	const struct made *s, *end = self->w.made + self->w.n;

	for (int i = 0; i < COUNT(wanted); i++) {
		int found = 0;

		for (s = self->w.made; s < end; s++)
			found += !strcmp(s->is.row.state, wanted[i]);
		EXPECT_LE(2, found);
	}
	EXPECT_TRUE(SHOWN(&self->w, true, "\n"));
	EXPECT_TRUE(SHOWN(&self->w, true, "lport>=0"));
}

TEST_F(word, proto)
{
	static const struct { const char *word, *shown; } protos[] = {
		{ "tcp", "tcp tcp6" }, { "tcp4", "tcp" }, { "tcp6", "tcp6" },
		{ "udp", "udp udp6" }, { "udp4", "udp" }, { "udp6", "udp6" },
		{ "raw", "raw raw6" }, { "raw4", "raw" }, { "raw6", "raw6" },
		{ "udpl", "udpl udpl6" }, { "udpl4", "udpl" },
		{ "udpl6", "udpl6" }, { "udplite", "udpl udpl6" },
		{ "udplite4", "udpl" }, { "udplite6", "udpl6" },
		{ "TCP", "tcp tcp6" }, { "UDP-Lite_6", "udpl6" },
		{ "tcp,udp6", "tcp tcp6 udp6" }, { "raw4,udp4", "raw udp" },
		{ "raw,udpl,tcp,udp",
		  "tcp tcp6 udp udp6 raw raw6 udpl udpl6" },
		{ "tcp6,tcp,tcp6", "tcp tcp6" },
	};

	for (int i = 0; i < COUNT(protos); i++)
		EXPECT_TRUE(SHOWN_ANY(&self->w,
				      has_proto(s, protos[i].shown),
				      "proto=%s", protos[i].word));

	/* What is not asked for is not shown by "!=" either. */
	EXPECT_TRUE(SHOWN(&self->w, !has_proto(s, "tcp"), "proto!=tcp4"));
	EXPECT_TRUE(SHOWN(&self->w, has_proto(s, "udp udp6"), "proto!=tcp"));
	EXPECT_TRUE(SHOWN(&self->w, true, "proto!=raw"));
	EXPECT_TRUE(SHOWN(&self->w, has_proto(s, "udp6"),
			  "proto!=tcp proto!=udp4"));
	EXPECT_TRUE(SHOWN_ANY(&self->w, has_proto(s, "raw"),
			      "proto=raw proto!=raw6"));
	EXPECT_TRUE(world_refuses(&self->w, "proto!=tcp,udp"));
	EXPECT_TRUE(world_refuses(&self->w, "proto=raw proto=tcp"));
	EXPECT_TRUE(world_refuses(&self->w, "proto=raw state=listen"));
}

TEST_F(word, family)
{
	static const char *const ipv4[] = { "inet", "ipv4", "4", "INET",
					    "IPv4" };
	static const char *const ipv6[] = { "inet6", "ipv6", "6", "Inet-6" };

	for (int i = 0; i < COUNT(ipv4); i++) {
		EXPECT_TRUE(SHOWN(&self->w, !is_ipv6(s), "family=%s",
				  ipv4[i]));
		EXPECT_TRUE(SHOWN(&self->w, is_ipv6(s), "family!=%s",
				  ipv4[i]));
	}
	for (int i = 0; i < COUNT(ipv6); i++) {
		EXPECT_TRUE(SHOWN(&self->w, is_ipv6(s), "family=%s",
				  ipv6[i]));
		EXPECT_TRUE(SHOWN(&self->w, !is_ipv6(s), "family!=%s",
				  ipv6[i]));
	}
	EXPECT_TRUE(SHOWN(&self->w, true, "family=inet,inet6"));
	EXPECT_TRUE(SHOWN_ANY(&self->w, has_proto(s, "raw6"),
			      "family=inet6 proto=raw"));
	EXPECT_TRUE(world_refuses(&self->w, "family!=4,6"));
	EXPECT_TRUE(world_refuses(&self->w, "family=4 family=6"));
	EXPECT_TRUE(world_refuses(&self->w, "proto=tcp6 family=inet"));
}

TEST_F(word, state)
{
	static const struct { const char *word, *shown; } states[] = {
		{ "established", "ESTABLISHED" }, { "estab", "ESTABLISHED" },
		{ "syn_sent", "SYN_SENT" }, { "SYN-SENT", "SYN_SENT" },
		{ "syn_recv", "SYN_RECV" }, { "SynReceived", "SYN_RECV" },
		{ "syn_rcvd", "SYN_RECV" },
		{ "fin_wait1", "FIN_WAIT1" }, { "fin-wait-1", "FIN_WAIT1" },
		{ "FIN_WAIT_2", "FIN_WAIT2" }, { "finwait2", "FIN_WAIT2" },
		{ "time_wait", "TIME_WAIT" }, { "timewait", "TIME_WAIT" },
		{ "close", "CLOSE" }, { "closed", "CLOSE" },
		{ "close_wait", "CLOSE_WAIT" }, { "CLOSE-WAIT", "CLOSE_WAIT" },
		{ "last_ack", "LAST_ACK" }, { "LastAck", "LAST_ACK" },
		{ "listen", "LISTEN" }, { "listening", "LISTEN" },
		{ "closing", "CLOSING" },
		{ "dgram", "-" }, { "unconn", "-" },
		{ "syn_sent,syn_recv", "SYN_SENT SYN_RECV" },
		{ "close_wait,last_ack,dgram", "CLOSE_WAIT LAST_ACK -" },
	};

	for (int i = 0; i < COUNT(states); i++) {
		EXPECT_TRUE(SHOWN(&self->w, has_state(s, states[i].shown),
				  "state=%s", states[i].word));
		EXPECT_TRUE(SHOWN(&self->w, !has_state(s, states[i].shown),
				  "state!=%s", states[i].word));
		EXPECT_TRUE(SHOWN_ANY(&self->w,
				      has_state(s, states[i].shown) &&
				      has_proto(s, "tcp raw raw6 udpl udpl6"),
				      "proto=tcp4,udpl,raw state=%s",
				      states[i].word));
	}
	EXPECT_TRUE(SHOWN(&self->w, has_state(s, "LISTEN"),
			  "state!=dgram state!=established "
			  "state=established,listen,dgram"));
	EXPECT_TRUE(SHOWN(&self->w,
			  has_proto(s, "udp udp6") && *s->is.row.state,
			  "proto=udp state=established"));
	EXPECT_TRUE(world_refuses(&self->w, "state=listen state=closing"));
	EXPECT_TRUE(world_refuses(&self->w, "proto=udp state=time_wait"));
	EXPECT_TRUE(world_refuses(&self->w, "proto=tcp state=dgram"));
}

/* Numbers: the same operators for all keys. */

static unsigned long long uid(const struct made *s)
{
	return s->is.uid;
}

static unsigned long long inode(const struct made *s)
{
	return s->is.row.inode;
}

static unsigned long long recvq(const struct made *s)
{
	return s->is.row.recvq;
}

static unsigned long long sendq(const struct made *s)
{
	return s->is.row.sendq;
}

/* What a key is about: one number of a socket, or either of two. */
struct numbers {
	const char *key;
	unsigned long long max;
	unsigned long long (*of)(const struct made *s);
	unsigned long long (*or)(const struct made *s);
};

#define VALUES	10

FIXTURE(number)
{
	struct world w;
	unsigned long long value[VALUES];	/* in order */
	int n;
};

FIXTURE_VARIANT(number)
{
	struct numbers is;
};

FIXTURE_VARIANT_ADD(number, lport) {
	.is = { "lport", 65535, lport, lport },
};

FIXTURE_VARIANT_ADD(number, rport) {
	.is = { "rport", 65535, rport, rport },
};

FIXTURE_VARIANT_ADD(number, port) {
	.is = { "port", 65535, lport, rport },
};

FIXTURE_VARIANT_ADD(number, uid) {
	.is = { "uid", 0xffffffff, uid, uid },
};

FIXTURE_VARIANT_ADD(number, inode) {
	.is = { "inode", ~0ull, inode, inode },
};

FIXTURE_VARIANT_ADD(number, recvq) {
	.is = { "recvq", 0xffffffff, recvq, recvq },
};

FIXTURE_VARIANT_ADD(number, sendq) {
	.is = { "sendq", 0xffffffff, sendq, sendq },
};

static int compare_numbers(const void *a, const void *b)
{
	const unsigned long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Some that occur, one beside them, and both ends. */
static void choose_values(FIXTURE_DATA(number) *self,
			  const struct numbers *v)
{
	unsigned long long all[2 * MADE_MAX];
	int n = 0, kinds = 0;

	for (size_t i = 0; i < self->w.n; i++) {
		all[n] = v->of(&self->w.made[i]);
		n += all[n] <= v->max;	/* it may have none */
		all[n] = v->or(&self->w.made[i]);
		n += all[n] <= v->max;
	}
	qsort(all, n, sizeof(*all), compare_numbers);
	for (int i = 0; i < n; i++)
		if (!kinds || all[i] != all[kinds - 1])
			all[kinds++] = all[i];

	self->value[self->n++] = 0;
	for (int i = 0; i < VALUES - 3 && i < kinds; i++) {
		int step = kinds > VALUES - 3 ? kinds / (VALUES - 3) : 1;

		self->value[self->n++] = all[i * step];
	}
	self->value[self->n++] = all[kinds / 2] + 1;
	self->value[self->n++] = v->max;
	qsort(self->value, self->n, sizeof(*self->value), compare_numbers);
}

FIXTURE_SETUP(number)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_TRUE(crowd_make(&self->w));
	choose_values(self, &variant->is);
}

FIXTURE_TEARDOWN(number)
{
	world_end(&self->w);
}

static bool within(const struct numbers *v, const struct made *s,
		   unsigned long long min, unsigned long long max)
{
	return (v->of(s) >= min && v->of(s) <= max) ||
	       (v->or(s) >= min && v->or(s) <= max);
}

static bool equals(const struct numbers *v, const struct made *s,
		   unsigned long long value)
{
	return v->of(s) == value || v->or(s) == value;
}

TEST_F(number, operators)
{
	const struct numbers *v = &variant->is;
	struct world *w = &self->w;

	for (int i = 0; i < self->n; i++) {
		unsigned long long x = self->value[i];

		EXPECT_TRUE(SHOWN(w, equals(v, s, x), "%s=%llu", v->key, x));
		EXPECT_TRUE(SHOWN(w, !equals(v, s, x), "%s!=%llu", v->key, x));
		EXPECT_TRUE(SHOWN(w, v->of(s) <= x || v->or(s) <= x,
				  "%s<=%llu", v->key, x));
		EXPECT_TRUE(SHOWN(w, within(v, s, x, v->max), "%s>=%llu", v->key, x));
		if (x)
			EXPECT_TRUE(SHOWN(w, v->of(s) < x || v->or(s) < x,
					  "%s<%llu", v->key, x));
		if (x < v->max)
			EXPECT_TRUE(SHOWN(w, within(v, s, x + 1, v->max), "%s>%llu", v->key, x));
	}
}

TEST_F(number, ranges_and_lists)
{
	const struct numbers *v = &variant->is;
	struct world *w = &self->w;

	for (int i = 0; i + 3 < self->n; i++) {
		unsigned long long a = self->value[i], b = self->value[i + 1];
		unsigned long long c = self->value[i + 2], d = self->value[i + 3];

		EXPECT_TRUE(SHOWN(w, within(v, s, b, d), "%s=%llu-%llu",
				  v->key, b, d));
		EXPECT_TRUE(SHOWN(w, !within(v, s, a, c), "%s!=%llu-%llu",
				  v->key, a, c));
		EXPECT_TRUE(SHOWN(w, equals(v, s, c), "%s=%llu-%llu", v->key,
				  c, c));
		EXPECT_TRUE(SHOWN(w, equals(v, s, d) || equals(v, s, b),
				  "%s=%llu,%llu", v->key, d, b));
		EXPECT_TRUE(SHOWN(w, !equals(v, s, a) && !within(v, s, c, d),
				  "%s!=%llu-%llu,%llu", v->key, c, d, a));
		EXPECT_TRUE(SHOWN(w, within(v, s, a, b) || within(v, s, c, d),
				  "%s=%llu-%llu,%llu-%llu", v->key, a, b, c, d));
		/* Two words are "and". */
		EXPECT_TRUE(SHOWN(w, within(v, s, a, c) && !equals(v, s, b),
				  "%s=%llu-%llu %s!=%llu", v->key, a, c,
				  v->key, b));
	}
}

TEST_F(number, bounds)
{
	static const char *const bad[] = {
		"<0", "=", "=-", "=-1", "=1-", "=2-1", "=a", "=1a", "=0x1",
		"=+1", "==1", "=1,", "=,1", "=1,,2", "<1,2", "<=1-2", ">a",
		"!1", "!=", "=>1", "=<1", "<>1", "", "=*", "=1-2-3",
		"=99999999999999999999", "=18446744073709551616",
	};
	const struct numbers *v = &variant->is;
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN(w, within(v, s, 0, v->max), "%s=0-%llu", v->key, v->max));
	EXPECT_TRUE(SHOWN(w, !within(v, s, 0, v->max), "%s!=0-%llu", v->key, v->max));
	EXPECT_TRUE(SHOWN(w, within(v, s, 0, v->max), "%s<=%llu", v->key, v->max));
	EXPECT_TRUE(SHOWN(w, within(v, s, 0, v->max), "%s>=0", v->key));
	EXPECT_TRUE(SHOWN(w, equals(v, s, 0), "%s<1", v->key));
	EXPECT_TRUE(SHOWN(w, equals(v, s, 7), "%s=0000000000000000000000007",
			  v->key));
	for (int i = 0; i < COUNT(bad); i++)
		EXPECT_TRUE(world_refuses(w, "%s%s", v->key, bad[i]));
	EXPECT_TRUE(world_refuses(w, "%s>%llu", v->key, v->max));
	if (v->max < ~0ull) {
		EXPECT_TRUE(world_refuses(w, "%s=%llu", v->key, v->max + 1));
		EXPECT_TRUE(world_refuses(w, "%s=0-%llu", v->key, v->max + 1));
		EXPECT_TRUE(world_refuses(w, "%s<%llu", v->key, v->max + 1));
	}
}

/* Words together. */

TEST_F(word, joined)
{
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN(w, has_state(s, "LISTEN") && lport(s) == 7001,
			  "state=listen lport=7001"));
	EXPECT_TRUE(SHOWN(w, has_state(s, "CLOSE_WAIT LAST_ACK") &&
			     rport(s) != 443 && !is_ipv6(s),
			  "state=close_wait,last_ack rport!=443,8000-8999 "
			  "family=inet"));
	EXPECT_TRUE(SHOWN(w, has_proto(s, "tcp6") && made_is_mapped(s),
			  "proto=tcp6 laddr=127.0.0.0/8"));
	EXPECT_TRUE(SHOWN(w, (lport(s) == 7001 && rport(s) == 7003) ||
			     (lport(s) == 7003 && rport(s) == 7001),
			  "port=7001 port=7003"));
	EXPECT_TRUE(SHOWN(w, uid(s) == 1000 && recvq(s) > 0,
			  "uid=1000 recvq>0"));
	EXPECT_TRUE(SHOWN(w, sendq(s) && recvq(s), "sendq>0 recvq!=0"));
	EXPECT_TRUE(SHOWN(w, !inode(s) && has_proto(s, "tcp"),
			  "inode=0 proto=tcp4"));
	EXPECT_TRUE(SHOWN(w, lport(s) > 7000 && lport(s) <= 7010 &&
			     lport(s) != 7005,
			  "lport>7000 lport<=7010 lport!=7005"));
	EXPECT_TRUE(SHOWN(w, false, "lport=7001 lport=7002"));
	EXPECT_TRUE(SHOWN_ANY(w, has_proto(s, "raw raw6 tcp tcp6") &&
				 lport(s) == 6,
			      "proto=raw,tcp lport=6"));
	EXPECT_TRUE(SHOWN_ANY(w, has_proto(s, "raw") &&
				 !strncmp(s->is.row.raddr, "127.0.0.1:", 10),
			      "proto=raw4 rport=0 raddr=127.0.0.1"));
	EXPECT_TRUE(SHOWN_ANY(w, has_proto(s, "raw raw6 udpl udpl6") &&
				 uid(s) == 1000,
			      "uid=1000 proto=udpl,raw"));
}

TEST_F(word, spelling)
{
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN(w, lport(s) == 7001, " \t lport=7001 \r\n"));
	EXPECT_TRUE(SHOWN(w, lport(s) == 7001,
			  "lport=7001\vlport=7001\flport=7001\n\n"));
	EXPECT_TRUE(SHOWN(w, lport(s) == 7001, "lport =7001"));
	EXPECT_TRUE(SHOWN(w, lport(s) == 7001, "lport = 7001"));
	EXPECT_TRUE(world_refuses(w, "lport= 7001"));
	EXPECT_TRUE(world_refuses(w, "lport=7001, 7002"));
	EXPECT_TRUE(world_refuses(w, "lport"));
	EXPECT_TRUE(world_refuses(w, "=7001"));
	EXPECT_TRUE(world_refuses(w, "Lport=7001"));
	EXPECT_TRUE(world_refuses(w, "lports=7001"));
	EXPECT_TRUE(world_refuses(w, "lpor=7001"));
	EXPECT_TRUE(SHOWN(w, lport(s) != 7001, "!lport=7001"));
	EXPECT_TRUE(SHOWN(w, lport(s) == 7001 && uid(s) == 0, "lport=7001 and uid=0"));
	EXPECT_TRUE(world_refuses(w, "state=listen lport=7001 x"));
	EXPECT_TRUE(world_refuses(w, "state=lis"));
	EXPECT_TRUE(world_refuses(w, "state=listen,"));
	EXPECT_TRUE(world_refuses(w, "state<listen"));
	EXPECT_TRUE(world_refuses(w, "proto=sctp"));
	EXPECT_TRUE(world_refuses(w, "family=unix"));
}

/* As many values as there may be, and one more. */
TEST_F(word, many_values)
{
	char text[2048] = "lport=7001";
	char *p = text + strlen(text);

	for (int i = 1; i < 64; i++)
		p += sprintf(p, ",%d", 20000 + i);
	EXPECT_TRUE(SHOWN(&self->w, lport(s) == 7001, "%s", text));
	EXPECT_TRUE(world_refuses(&self->w, "%s,1", text));
	EXPECT_TRUE(world_refuses(&self->w, "%s rport=1", text));

	p = text;
	for (int i = 0; i < 64; i++)
		p += sprintf(p, " lport!=%d", 7000 + i);
	EXPECT_TRUE(SHOWN(&self->w, lport(s) < 7000 || lport(s) >= 7064, "%s",
			  text));
	EXPECT_TRUE(world_refuses(&self->w, "%s uid!=7", text));
}

TEST_HARNESS_MAIN
