// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of hosts, services and users, as netstat of net-tools 2.10 finds them.
 * What was found last is kept in a cache of a fixed size.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <stdlib.h>
#include <time.h>

#include <netstate/addr.h>

#include "fail.h"
#include "names/names.h"
#include "util.h"

#define SLOTS		4096
#define PATIENCE	1.8	/* how many seconds a table waits for name servers, in all */
#define AT_ONCE		0.05	/* an answer within so many seconds does not count */

/* A name that has been asked for. */
struct name {
	unsigned int kind;	/* of what; 0: nothing */
	u8 id[16];		/* the number or address that has it */
	char text[NST_NAME_MAX];
};

enum { HOST4 = 1, HOST6, PROTOCOL, USER };

/* A question to a name server; its thread may use it after the asker has stopped waiting. */
struct question {
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} addr;
	char name[NST_NAME_MAX];
	bool known;
};

static struct name cache[SLOTS];
static char *services[2][65536];	/* by port, of UDP and TCP */
static bool services_read;
static double patience = PATIENCE;

/* Finds the place of a name in the cache; false if it is not there yet, and has to be asked for. */
static bool find(unsigned int kind, const void *id, size_t size, char **text)
{
	struct name wanted = { .kind = kind }, *name;
	u64 hash = kind;
	size_t i;

	memcpy(wanted.id, id, size);
	for (i = 0; i < size; i++)
		hash = (hash ^ wanted.id[i]) * 0x9e3779b97f4a7c15;
	name = &cache[(hash >> 32) % SLOTS];
	*text = name->text;
	if (!memcmp(name, &wanted, offsetof(struct name, text)))
		return true;
	*name = wanted;
	return false;
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
	double start = now(), until = start + patience, taken;
	struct timespec end = { until, (until - (time_t)until) * 1e9 };
	pthread_t thread;
	bool answered;

	if (pthread_create(&thread, NULL, ask, question)) {
		ask(question);
		return true;
	}
	answered = !pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &end);
	taken = now() - start;
	/* A late answer without a name uses up patience, too. */
	if (!answered)
		patience = 0;
	else if (taken > AT_ONCE && (!question->known || strpbrk(question->name, ":") ||
				     !question->name[strspn(question->name, "0123456789.")]))
		patience -= taken;
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
	if (!strcmp(program_invocation_short_name, "netstat"))
		ask(question);	/* netstat waits as long as it takes */
	else if (!ask_in_time(question))
		return false;	/* the thread may still write to @question: it is never freed */
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
	/* An IPv4-mapped address that has no name is shown without "::ffff:". */
	if (ipv6 && nst_addr6_is_v4mapped(addr) && strchr(name, ':'))
		*nst_addr4_text(name, addr + 12) = '\0';
	return strcpy(text, name);
}

/* All services are read at once: to ask for one is to read the whole file. */
static void read_services(void)
{
	const struct servent *service;
	bool tcp;
	char **name;

	setservent(1);
	while ((service = getservent())) {
		tcp = !strcmp(service->s_proto, "tcp");
		name = &services[tcp][ntohs(service->s_port)];
		if (!*name && (tcp || !strcmp(service->s_proto, "udp")))
			*name = strdup(service->s_name);
	}
	endservent();
	services_read = true;
}

/* The name of a service, or its port; of raw sockets, that of the protocol. */
const char *nst_name_port(enum nst_table table, u16 port, char *text)
{
	unsigned int kind = table & ~1;	/* the same for both families */
	const struct protoent *protocol;
	char *name;

	if (!port)
		return strcpy(text, "*");
	if (kind != NST_RAW) {
		if (!services_read)
			read_services();
		name = services[kind == NST_TCP][port];
	} else if (!find(PROTOCOL, &port, sizeof(port), &name)) {
		protocol = getprotobynumber(port);
		snprintf(name, NST_NAME_MAX, "%s", protocol ? protocol->p_name : "");
	}
	if (name && *name)
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

/* For the next table all are asked for again: names may have changed. */
void nst_names_forget(void)
{
	size_t i;

	memset(cache, 0, sizeof(cache));
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
