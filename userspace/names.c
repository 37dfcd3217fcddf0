// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of hosts, services, users and programs, as netstat of net-tools 2.10
 * finds them.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <pwd.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <netstate/addr.h>

#include "fail.h"
#include "names.h"

/**
 * struct name - what has been asked for
 * @kind: what the name is of: NST_TCP, NST_UDP, NST_RAW for ports, or one of those
 *	below
 * @id: the number or address that has it
 * @text: the name
 */
struct name {
	unsigned int kind;
	u8 id[16];
	char text[NST_NAME_MAX];
};

enum {
	HOST4 = NST_TABLES,
	HOST6,
	NETWORK,
	USER,
	PROGRAM,
};

static void *names, *programs;	/* trees of them */

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, offsetof(struct name, text));
}

/* The text of a name, empty if it is to be asked for yet. */
static char *find(void **tree, unsigned int kind, const void *id, size_t size)
{
	struct name *name = calloc(1, sizeof(*name)), **found;

	if (!name)
		nst_die(NST_EXIT_IO, "out of memory");
	name->kind = kind;
	memcpy(name->id, id, size);
	found = tsearch(name, tree, compare);
	if (!found)
		nst_die(NST_EXIT_IO, "out of memory");
	if (*found != name)
		free(name);
	return (*found)->text;
}

/**
 * nst_name_host() - the name of a host, or its address if it has none
 * @table: the table whose row the address is in
 * @addr: the address, as its record has it
 *
 * Return: the name; lives until nst_names_free().
 */
const char *nst_name_host(enum nst_table table, const u8 *addr)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in sin = { .sin_family = AF_INET };
	char *text;

	if (!nst_table_is_ipv6(table)) {
		memcpy(&sin.sin_addr, addr, 4);
		if (sin.sin_addr.s_addr == INADDR_ANY)
			return "0.0.0.0";
		text = find(&names, HOST4, addr, 4);
		if (!*text && getnameinfo((struct sockaddr *)&sin, sizeof(sin), text,
					  NST_NAME_MAX, NULL, 0, 0))
			*nst_addr4_text(text, addr) = '\0';
		return text;
	}

	memcpy(&sin6.sin6_addr, addr, 16);
	if (IN6_IS_ADDR_UNSPECIFIED(&sin6.sin6_addr))
		return "[::]";
	text = find(&names, HOST6, addr, 16);
	if (!*text && getnameinfo((struct sockaddr *)&sin6, sizeof(sin6), text, NST_NAME_MAX,
				  NULL, 0, 0))
		*nst_addr6_text(text, addr) = '\0';
	/* Without a name, "::ffff:" goes. */
	if (nst_addr6_is_v4mapped(addr) && strchr(text, ':'))
		*nst_addr4_text(text, addr + 12) = '\0';
	return text;
}

/**
 * nst_name_number() - an address as it is
 * @table: of a table of this family
 * @addr: the address, as its record has it
 *
 * Return: text, of v4-mapped addresses that of IPv4; lives until the next call.
 */
const char *nst_name_number(enum nst_table table, const u8 *addr)
{
	static char text[NST_ADDR6_MAX + 1];

	if (!nst_table_is_ipv6(table))
		*nst_addr4_text(text, addr) = '\0';
	else if (nst_addr6_is_v4mapped(addr))
		*nst_addr4_text(text, addr + 12) = '\0';
	else
		*nst_addr6_text(text, addr) = '\0';
	return text;
}

/**
 * nst_name_network() - the name of an IPv4 network, or its address if it has none
 * @addr: the address, network order
 *
 * Return: the name; lives until nst_names_free().
 */
const char *nst_name_network(u32 addr)
{
	char *text = find(&names, NETWORK, &addr, sizeof(addr));
	const struct netent *network;

	if (!*text) {
		network = getnetbyaddr(ntohl(addr), AF_INET);
		snprintf(text, NST_NAME_MAX, "%s", network ? network->n_name :
			 nst_name_number(NST_TCP, (u8 *)&addr));
	}
	return text;
}

/**
 * nst_name_unhex() - read an IPv6 address as the kernel's files have it
 * @text: 32 digits
 * @addr: where to write 16 bytes, network order
 *
 * Return: false if it is none.
 */
bool nst_name_unhex(const char *text, u8 *addr)
{
	int i;

	for (i = 0; i < 16; i++, text += 2)
		if (sscanf(text, "%2hhx", &addr[i]) != 1)
			return false;
	return true;
}

static const char *ask_port(unsigned int kind, u16 port)
{
	const struct protoent *protocol;
	const struct servent *service;

	if (kind == NST_RAW) {
		protocol = getprotobynumber(port);
		return protocol ? protocol->p_name : NULL;
	}
	service = getservbyport(htons(port), kind == NST_TCP ? "tcp" : "udp");
	return service ? service->s_name : NULL;
}

/**
 * nst_name_port() - the name of a service, or its port if it has none
 * @table: the table whose row the port is in
 * @port: the port; of raw sockets, the protocol
 *
 * Return: the name; lives until nst_names_free().
 */
const char *nst_name_port(enum nst_table table, u16 port)
{
	unsigned int kind = table & ~1;	/* the same for both families */
	const char *name;
	char *text;

	if (!port)
		return "*";
	if (kind == NST_UDPLITE)
		kind = NST_UDP;
	text = find(&names, kind, &port, sizeof(port));
	if (!*text) {
		name = ask_port(kind, port);
		if (name)
			snprintf(text, 64, "%s", name);
		else
			sprintf(text, "%u", port);
	}
	return text;
}

/**
 * nst_name_user() - the name of a user, or the number if there is none
 * @uid: user id
 *
 * Return: the name; lives until nst_names_free().
 */
const char *nst_name_user(u32 uid)
{
	char *text = find(&names, USER, &uid, sizeof(uid));
	const struct passwd *user;

	if (!*text) {
		user = getpwuid(uid);
		if (user)
			snprintf(text, NST_NAME_MAX, "%s", user->pw_name);
		else
			sprintf(text, "%u", uid);
	}
	return text;
}

/* Reads the words that a process was started with; false if it is gone. */
static bool read_words(u32 pid, char *words, size_t size)
{
	char path[32];
	ssize_t len;
	int fd;

	sprintf(path, "/proc/%u/cmdline", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, words, size - 1);
	close(fd);
	if (len < 0)
		return false;
	words[len] = '\0';
	return true;
}

/**
 * nst_name_program() - what netstat shows of a process
 * @process: the process; if it is gone, its comm serves
 * @saved: it is none of this host
 *
 * Return: pid and name, at most 19 letters; lives until
 * nst_names_forget_programs().
 */
const char *nst_name_program(const struct nst_process *process, bool saved)
{
	char *text = find(&programs, PROGRAM, &process->pid, sizeof(process->pid));
	const char *name = process->comm;
	char words[512], *p;

	if (*text)
		return text;
	if (!saved && read_words(process->pid, words, sizeof(words)))
		name = *words == '/' ? strrchr(words, '/') + 1 : words;
	sprintf(text, "%u/%.18s", process->pid, name);
	text[19] = '\0';
	for (p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '.';
	return text;
}

/**
 * nst_names_forget_programs() - processes may have changed
 */
void nst_names_forget_programs(void)
{
	tdestroy(programs, free);
	programs = NULL;
}

/**
 * nst_names_free() - forget all names
 */
void nst_names_free(void)
{
	nst_names_forget_programs();
	tdestroy(names, free);
	names = NULL;
}
