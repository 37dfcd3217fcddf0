// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of hosts, services and users, as netstat of net-tools 2.10 finds them.
 * What was found last is kept in a cache of a fixed size.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <netstate/addr.h>

#include "fail.h"
#include "names/names.h"
#include "util.h"

#define SLOTS		4096
#define PATIENCE	1.8	/* seconds to wait for name servers, for a table */
#define AT_ONCE		0.05	/* seconds that cost no patience */

/* A name that has been asked for. */
struct name {
	unsigned int kind;	/* of what; 0: nothing */
	u8 id[16];		/* the number or address that has it */
	char text[NST_NAME_MAX];
};

enum { HOST4 = 1, HOST6, PROTOCOL, USER };

/* A question to a name server, which may outlive whoever asked it. */
struct question {
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} addr;
	char name[NST_NAME_MAX];
	bool known;
};

static struct name *cache;
static char *services[2][65536];	/* by port, of UDP and TCP */
static bool services_read;
static double patience = PATIENCE;
static bool waits;

/* The slot of a name; false if it has to be asked for. */
static bool find(unsigned int kind, const void *id, size_t size, char **text)
{
	static struct name alone;	/* serves where there is no memory for more */
	struct name wanted = { .kind = kind }, *name = &alone;
	u64 hash = kind;
	size_t i;

	memcpy(wanted.id, id, size);
	for (i = 0; i < size; i++)
		hash = (hash ^ wanted.id[i]) * 0x9e3779b97f4a7c15;
	if (!cache)
		cache = calloc(SLOTS, sizeof(*cache));
	if (cache)
		name = &cache[(hash >> 32) % SLOTS];
	*text = name->text;
	if (!memcmp(name, &wanted, offsetof(struct name, text)))
		return true;
	*name = wanted;
	return false;
}

/* From now on wait for name servers as long as it takes, as netstat does. */
void nst_names_wait(void)
{
	waits = true;
}

static void *ask(void *argument)
{
	struct question *question = argument;
	socklen_t size = question->addr.any.sa_family == AF_INET ? sizeof(question->addr.ipv4) :
								   sizeof(question->addr.ipv6);

	question->known = !getnameinfo(&question->addr.any, size, question->name,
				       sizeof(question->name), NULL, 0, 0);
	return NULL;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/*
 * Has a thread ask, and waits no longer than there is patience: the resolver itself would
 * try for five seconds and more. Returns false if there was no answer in time.
 */
static bool ask_in_time(struct question *question)
{
	double start = now(), until = start + patience;
	struct timespec end = { until, (until - (time_t)until) * 1e9 };
	pthread_t thread;
	bool answered;

	if (pthread_create(&thread, NULL, ask, question)) {
		ask(question);
		return true;
	}
	answered = !pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &end);
	/* Who answers late without a name costs patience, too. */
	if (!answered)
		patience = 0;
	else if (now() - start > AT_ONCE && (!question->known || strpbrk(question->name, ":") ||
					     !question->name[strspn(question->name, "0123456789.")]))
		patience -= now() - start;
	if (patience <= 0)
		nst_warn("name servers do not answer: hosts are shown by number from here on");
	return answered;
}

static bool ask_host(bool ipv6, const u8 *addr, char *name)
{
	struct question *question = patience > 0 ? calloc(1, sizeof(*question)) : NULL;
	bool known;

	if (!question)
		return false;
	question->addr.any.sa_family = ipv6 ? AF_INET6 : AF_INET;
	memcpy(ipv6 ? (u8 *)&question->addr.ipv6.sin6_addr : (u8 *)&question->addr.ipv4.sin_addr,
	       addr, ipv6 ? 16 : 4);
	if (waits)
		ask(question);
	else if (!ask_in_time(question))
		return false;	/* its thread still has it */
	known = question->known;
	strcpy(name, question->name);
	free(question);
	return known;
}

/* The name of a host, or its address if it has none. */
const char *nst_name_host(enum nst_table table, const u8 *addr, char *text)
{
	static const u8 any[16];
	const bool ipv6 = nst_table_is_ipv6(table);
	const size_t size = ipv6 ? 16 : 4;
	char *name;

	if (!memcmp(addr, any, size))
		return strcpy(text, ipv6 ? "[::]" : "0.0.0.0");
	if (!find(ipv6 ? HOST6 : HOST4, addr, size, &name) && !ask_host(ipv6, addr, name))
		*(ipv6 ? nst_addr6_text(name, addr) : nst_addr4_text(name, addr)) = '\0';
	/* Without a name, "::ffff:" goes. */
	if (ipv6 && nst_addr6_is_v4mapped(addr) && strchr(name, ':'))
		*nst_addr4_text(name, addr + 12) = '\0';
	return strcpy(text, name);
}

/* An address as it is; of v4-mapped addresses that of IPv4. */
const char *nst_name_number(enum nst_table table, const u8 *addr, char *text)
{
	if (!nst_table_is_ipv6(table))
		*nst_addr4_text(text, addr) = '\0';
	else if (nst_addr6_is_v4mapped(addr))
		*nst_addr4_text(text, addr + 12) = '\0';
	else
		*nst_addr6_text(text, addr) = '\0';
	return text;
}

/* The name of a service. All are read at once: to ask for one is to read the whole file. */
static const char *service_name(bool tcp, u16 port)
{
	const struct servent *service;
	char **name;

	if (!services_read) {
		setservent(1);
		while ((service = getservent())) {
			name = &services[!strcmp(service->s_proto, "tcp")][ntohs(service->s_port)];
			if (!*name && (!strcmp(service->s_proto, "tcp") ||
				       !strcmp(service->s_proto, "udp")))
				*name = strdup(service->s_name);
		}
		endservent();
		services_read = true;
	}
	return services[tcp][port];
}

/* The name of a service, or its port; of raw sockets, that of the protocol. */
const char *nst_name_port(enum nst_table table, u16 port, char *text)
{
	unsigned int kind = table & ~1;	/* the same for both families */
	const struct protoent *protocol;
	const char *name;
	char *cached;

	if (!port)
		return strcpy(text, "*");
	if (kind == NST_RAW) {
		if (!find(PROTOCOL, &port, sizeof(port), &cached)) {
			protocol = getprotobynumber(port);
			snprintf(cached, NST_NAME_MAX, "%s", protocol ? protocol->p_name : "");
		}
		name = *cached ? cached : NULL;
	} else {
		name = service_name(kind == NST_TCP, port);
	}
	if (name)
		snprintf(text, 64, "%s", name);
	else
		sprintf(text, "%u", port);
	return text;
}

/* The name of a user, or the number if there is none. */
const char *nst_name_user(u32 uid, char *text)
{
	const struct passwd *user;
	char *name;

	if (!find(USER, &uid, sizeof(uid), &name)) {
		user = getpwuid(uid);
		if (user)
			snprintf(name, NST_NAME_MAX, "%s", user->pw_name);
		else
			sprintf(name, "%u", uid);
	}
	return strcpy(text, name);
}

/* Names may have changed, and numbers of processes may be other processes' now. */
void nst_names_forget(void)
{
	size_t i;

	free(cache);
	cache = NULL;
	if (patience > 0)
		patience = PATIENCE;
	for (i = 0; services_read && i < ARRAY_SIZE(services[0]); i++) {
		free(services[0][i]);
		free(services[1][i]);
	}
	if (services_read)
		memset(services, 0, sizeof(services));
	services_read = false;
}
