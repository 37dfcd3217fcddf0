// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names in a filter, for which the kernel has numbers: of hosts, services, users and
 * network namespaces.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <pwd.h>
#include <string.h>

#include "beside/netns.h"
#include "beside/resolve.h"
#include "reading.h"

/* Whether a key is about ports, which have names of services. */
bool nst_resolve_is_port(enum nst_filter_key key)
{
	return key == NST_KEY_LPORT || key == NST_KEY_RPORT || key == NST_KEY_PORT;
}

/* The addresses of a host, each with the prefix that follows its name. */
static void put_host(FILE *out, char *name)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *found, *ai;
	const char *slash = strchrnul(name, '/');
	char *prefix = strdupa(slash), text[NI_MAXHOST];

	name[slash - name] = '\0';
	/*
	 * getaddrinfo() takes 10.1 for 10.0.0.1; but that is rather a mistake. And with a zone
	 * an address would be one on all devices: device= chooses one.
	 */
	if (!name[strspn(name, "0123456789.")] || strchr(name, '%') ||
	    getaddrinfo(name, NULL, &hints, &found))
		return;
	for (ai = found; ai; ai = ai->ai_next) {
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, text, sizeof(text), NULL, 0,
				NI_NUMERICHOST))
			continue;
		fprintf(out, "%s%s%s", ai == found ? "" : ",", text, prefix);
	}
	freeaddrinfo(found);
}

static void put_port(FILE *out, const char *name)
{
	const struct servent *service = getservbyname(name, NULL);

	if (service)
		fprintf(out, "%u", ntohs(service->s_port));
}

static void put_user(FILE *out, const char *name)
{
	const struct passwd *user = getpwnam(name);

	if (user)
		fprintf(out, "%u", user->pw_uid);
}

/* A saved table's namespaces are another host's. */
static void put_netns(FILE *out, const char *name)
{
	u32 netns = nst_source_saved() ? 0 : nst_netns_named(name);

	if (netns)
		fprintf(out, "%u", netns);
}

/**
 * nst_resolve() - write the numbers that a name stands for
 * @out: where to; nothing is written if it is no name
 * @error: what the parser says of it
 * @name: the name, which may be changed
 */
void nst_resolve(FILE *out, const struct nst_filter_error *error, char *name)
{
	if (error->reason == NST_FILTER_BAD_ADDRESS)
		put_host(out, name);
	else if (error->reason != NST_FILTER_BAD_NUMBER)
		return;
	else if (nst_resolve_is_port(error->key))
		put_port(out, name);
	else if (error->key == NST_KEY_UID)
		put_user(out, name);
	else if (error->key == NST_KEY_NETNS)
		put_netns(out, name);
}
