// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filters by address and prefix, in both families and where they meet.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "lib/crowd.h"
#include "lib/harness.h"
#include "lib/netns.h"

#define COUNT(array)	((int)(sizeof(array) / sizeof(*(array))))

FIXTURE(address)
{
	struct world w;
};

/* What a key is about: either end, or one. */
struct ends {
	const char *key;
	bool local, remote;
};

FIXTURE_VARIANT(address)
{
	struct ends is;
};

FIXTURE_VARIANT_ADD(address, laddr) {
	.is = { .key = "laddr", .local = true },
};

FIXTURE_VARIANT_ADD(address, raddr) {
	.is = { .key = "raddr", .remote = true },
};

FIXTURE_VARIANT_ADD(address, addr) {
	.is = { .key = "addr", .local = true, .remote = true },
};

FIXTURE_SETUP(address)
{
	ASSERT_EQ(0, netns_new());
	ASSERT_TRUE(crowd_make(&self->w));
}

FIXTURE_TEARDOWN(address)
{
	world_end(&self->w);
}

static bool bit(const uint8_t *bytes, int i)
{
	return bytes[i / 8] >> (7 - i % 8) & 1;
}

static bool same_bits(const void *a, const void *b, int bits)
{
	for (int i = 0; i < bits; i++)
		if (bit(a, i) != bit(b, i))
			return false;
	return true;
}

/* Whether an address lies in @host/@bits; below 0: it is all of @host. */
static bool in_net(const union addr *a, const char *host, int bits)
{
	union addr wire = addr_on_wire(a);
	struct in6_addr net6;
	struct in_addr net4;

	if (inet_pton(AF_INET, host, &net4) == 1)
		return wire.sa.sa_family == AF_INET &&
		       same_bits(&wire.in.sin_addr, &net4,
				 bits < 0 ? 32 : bits);
	inet_pton(AF_INET6, host, &net6);
	return a->sa.sa_family == AF_INET6 &&
	       same_bits(&a->in6.sin6_addr, &net6, bits < 0 ? 128 : bits);
}

static bool at(const struct ends *v, const struct made *s, const char *host,
	       int bits)
{
	return (v->local && in_net(&s->local, host, bits)) ||
	       (v->remote && in_net(&s->remote, host, bits));
}

static bool address_shows(FIXTURE_DATA(address) *self, const struct ends *v,
			  const char *host, int bits)
{
	char slash[16] = "";

	if (bits >= 0)
		sprintf(slash, "/%d", bits);
	return SHOWN(&self->w, at(v, s, host, bits), "%s=%s%s", v->key, host,
		     slash) &&
	       SHOWN(&self->w, !at(v, s, host, bits), "%s!=%s%s", v->key,
		     host, slash);
}

TEST_F(address, ipv4)
{
	static const char *const hosts[] = {
		"127.0.0.1", "127.0.0.9", "127.200.0.1", "0.0.0.0",
		"255.255.255.255", "10.1.2.3",
	};
	static const int bits[] = { -1, 0, 1, 7, 8, 9, 28, 31, 32 };

	for (int h = 0; h < COUNT(hosts); h++)
		for (int b = 0; b < COUNT(bits); b++)
			EXPECT_TRUE(address_shows(self, &variant->is,
						  hosts[h], bits[b]));
}

TEST_F(address, ipv6)
{
	static const char *const hosts[] = {
		"::", "::1", HOST6, LONG6, "::ffff:127.0.0.1", "::127.0.0.1",
		"fd00::",
	};
	static const int bits[] = {
		-1, 0, 8, 17, 64, 80, 96, 104, 127, 128,
	};

	for (int h = 0; h < COUNT(hosts); h++)
		for (int b = 0; b < COUNT(bits); b++)
			EXPECT_TRUE(address_shows(self, &variant->is,
						  hosts[h], bits[b]));
}

TEST_F(address, lists)
{
	const struct ends *v = &variant->is;
	struct world *w = &self->w;

	EXPECT_TRUE(SHOWN(w, at(v, s, "127.0.0.1", -1) || at(v, s, "::1", -1),
			  "%s=::1,127.0.0.1", v->key));
	EXPECT_TRUE(SHOWN(w, !at(v, s, "127.0.0.0", 29) &&
			     !at(v, s, HOST6, 64) && !at(v, s, "::", -1),
			  "%s!=127.0.0.0/29,%s/64,::", v->key, HOST6));
	EXPECT_TRUE(SHOWN(w, at(v, s, "127.0.0.0", 8) &&
			     !at(v, s, "127.0.0.9", 32),
			  "%s=127.0.0.0/8 %s!=127.0.0.9", v->key, v->key));
	/* All IPv4, whatever the socket; all of IPv6 sockets; all. */
	EXPECT_TRUE(SHOWN(w, at(v, s, "0.0.0.0", 0), "%s=0.0.0.0/0", v->key));
	EXPECT_TRUE(SHOWN(w, s->local.sa.sa_family == AF_INET6, "%s=::/0", v->key));
	EXPECT_TRUE(SHOWN(w, true, "%s=::/0,0.0.0.0/0", v->key));
	EXPECT_TRUE(SHOWN(w, false, "%s!=::/0,0.0.0.0/0", v->key));
	/* Further notations of the same. */
	EXPECT_TRUE(SHOWN(w, at(v, s, HOST6, -1), "%s=FD00:0077:0:0::0:1",
			  v->key));
	EXPECT_TRUE(SHOWN(w, at(v, s, "::ffff:127.0.0.1", -1),
			  "%s=::FFFF:7f00:1", v->key));
	EXPECT_TRUE(SHOWN(w, at(v, s, LONG6, -1), "%s=%s", v->key, LONG6));
}

TEST_F(address, nonsense)
{
	static const char *const bad[] = {
		"=", "=127.0.0", "=127.0.0.256", "=127.0.0.1.1", "=127.1",
		"=1", "=localhost", "=*", "=127.0.0.1/33", "=127.0.0.1/",
		"=127.0.0.1/-1", "=127.0.0.1/8/8", "=127.0.0.1/a", "=::1/129",
		"=:::", "=1::2::3", "=fe80::1%lo", "=[::1]", "=::1:22222",
		"=127.0.0.1:80", "=127.0.0.1-127.0.0.9", "<127.0.0.1",
		">=::1", "=127.0.0.1,", "=,::", "=::g", "=1:2:3:4:5:6:7",
		"=1:2:3:4:5:6:7:8:9", "=/8", "=::ffff:127.0.0",
	};

	for (int i = 0; i < COUNT(bad); i++)
		EXPECT_TRUE(world_refuses(&self->w, "%s%s", variant->is.key,
					  bad[i]));
}

TEST_HARNESS_MAIN
