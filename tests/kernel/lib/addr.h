/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Socket addresses, and how netstat writes them.
 */
#ifndef LIB_ADDR_H
#define LIB_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* A full IPv6 address, a colon and a port. */
#define ADDR_TEXT_MAX	64

union addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/*
 * How a test's subject and its peer speak: IPv4, IPv6, or IPv4 through an
 * IPv6 socket.
 */
enum flavour { V4, V6, MAPPED };

/* @host in either notation; a dotted one becomes v4-mapped under V6/MAPPED. */
union addr addr_of(enum flavour flavour, const char *host, uint16_t port);

/* What the descriptor is bound to, and connected to (zeroes if it isn't). */
union addr addr_local(int fd);
union addr addr_remote(int fd);

socklen_t addr_len(const union addr *a);
uint16_t addr_port(const union addr *a);
void addr_set_port(union addr *a, uint16_t port);
bool addr_is_mapped(const union addr *a);

/* v4-mapped becomes AF_INET, the rest stays: what goes over the wire. */
union addr addr_on_wire(const union addr *a);

/* "host:port" as netstat -n writes it; @buf holds ADDR_TEXT_MAX. */
const char *addr_text(const union addr *a, char *buf);

/* The host alone. */
const char *host_text(int family, const void *host, char *buf);

#endif
