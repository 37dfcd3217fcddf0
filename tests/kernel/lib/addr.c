// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "addr.h"

union addr addr_of(enum flavour flavour, const char *host, uint16_t port)
{
	union addr a = {};

	if (flavour == V4) {
		a.in.sin_family = AF_INET;
		inet_pton(AF_INET, host, &a.in.sin_addr);
		a.in.sin_port = htons(port);
		return a;
	}

	a.in6.sin6_family = AF_INET6;
	a.in6.sin6_port = htons(port);
	if (inet_pton(AF_INET, host, &a.in6.sin6_addr.s6_addr32[3]) == 1)
		a.in6.sin6_addr.s6_addr32[2] = htonl(0xffff);
	else
		inet_pton(AF_INET6, host, &a.in6.sin6_addr);
	return a;
}

union addr addr_local(int fd)
{
	union addr a = {};
	socklen_t len = sizeof(a);

	getsockname(fd, &a.sa, &len);
	return a;
}

union addr addr_remote(int fd)
{
	union addr a = {};
	socklen_t len = sizeof(a);

	if (getpeername(fd, &a.sa, &len)) {
		memset(&a, 0, sizeof(a));
		a.sa.sa_family = addr_local(fd).sa.sa_family;
	}
	return a;
}

socklen_t addr_len(const union addr *a)
{
	return a->sa.sa_family == AF_INET ? sizeof(a->in) : sizeof(a->in6);
}

/* The port is at the same place in both. */
uint16_t addr_port(const union addr *a)
{
	return ntohs(a->in.sin_port);
}

void addr_set_port(union addr *a, uint16_t port)
{
	a->in.sin_port = htons(port);
}

bool addr_is_mapped(const union addr *a)
{
	return a->sa.sa_family == AF_INET6 &&
	       IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr);
}

union addr addr_on_wire(const union addr *a)
{
	union addr w = {};

	if (!addr_is_mapped(a))
		return *a;
	w.in.sin_family = AF_INET;
	w.in.sin_port = a->in6.sin6_port;
	w.in.sin_addr.s_addr = a->in6.sin6_addr.s6_addr32[3];
	return w;
}

const char *host_text(int family, const void *host, char *buf)
{
	const struct in6_addr *six = host;

	if (family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(six))
		return inet_ntop(AF_INET, &six->s6_addr32[3], buf,
				 ADDR_TEXT_MAX);
	return inet_ntop(family, host, buf, ADDR_TEXT_MAX);
}

const char *addr_text(const union addr *a, char *buf)
{
	const void *host = a->sa.sa_family == AF_INET ?
			   (const void *)&a->in.sin_addr :
			   (const void *)&a->in6.sin6_addr;
	size_t n;

	host_text(a->sa.sa_family, host, buf);
	n = strlen(buf);
	if (addr_port(a))
		snprintf(buf + n, ADDR_TEXT_MAX - n, ":%u", addr_port(a));
	else
		snprintf(buf + n, ADDR_TEXT_MAX - n, ":*");
	return buf;
}
