/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Addresses as text, as glibc's inet_ntop() writes them (and so netstat and
 * ss); the kernel's own %pI6c differs for v4-compatible and ISATAP addresses.
 * And back.
 */
#ifndef NETSTATE_ADDR_H
#define NETSTATE_ADDR_H

#include <netstate/types.h>

#define NST_ADDR4_MAX 15	/* longest text of an IPv4 address */
#define NST_ADDR6_MAX 39	/* longest text of an IPv6 address */

/**
 * nst_addr4_text() - write an IPv4 address
 * @p: where to; room for NST_ADDR4_MAX + 1 bytes, all of which may be
 *	overwritten; not terminated
 * @addr: 4 bytes, network order
 *
 * Return: the end of the text.
 */
char *nst_addr4_text(char *p, const u8 *addr);

/**
 * nst_addr6_text() - write an IPv6 address
 * @p: where to; room for NST_ADDR6_MAX bytes, all of which may be overwritten,
 *	not terminated
 * @addr: 16 bytes, network order
 *
 * Return: the end of the text.
 */
char *nst_addr6_text(char *p, const u8 *addr);

/**
 * nst_addr4_parse() - read an IPv4 address, as inet_pton() does
 * @text: the text, not terminated
 * @len: its length
 * @addr: where to write 4 bytes, network order
 *
 * Return: false if it is none; @addr may have been written then.
 */
bool nst_addr4_parse(const char *text, size_t len, u8 *addr);

/**
 * nst_addr6_parse() - read an IPv6 address, as inet_pton() does
 * @text: the text, not terminated
 * @len: its length
 * @addr: where to write 16 bytes, network order
 *
 * Return: false if it is none; @addr may have been written then.
 */
bool nst_addr6_parse(const char *text, size_t len, u8 *addr);

/**
 * nst_addr6_map_v4() - make the v4-mapped IPv6 address of an IPv4 address
 * @addr6: where to write 16 bytes
 * @addr4: 4 bytes, network order
 */
void nst_addr6_map_v4(u8 *addr6, const u8 *addr4);

/**
 * nst_addr6_is_v4mapped() - whether an address is ::ffff:a.b.c.d
 * @addr: 16 bytes, network order
 *
 * Return: true if it is; the IPv4 address is its last four bytes.
 */
bool nst_addr6_is_v4mapped(const u8 *addr);

#endif /* NETSTATE_ADDR_H */
