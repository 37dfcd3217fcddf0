// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of a filter, as people write them: with names of hosts and services, and with
 * mistakes. The kernel's own parser finds both, as errors. What it takes for a bad number or
 * address may be a name; then that is replaced, and it is parsed again. What a mistake is,
 * explain/ says.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>

#include <netstate/filter_keys.h>

#include "beside/run.h"
#include "beside/text.h"
#include "fail.h"
#include "select.h"
#include "util.h"

bool nst_words_is_port(enum nst_filter_key key)
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
	/* getaddrinfo() takes 10.1 for 10.0.0.1; but that is rather a mistake. */
	if (!name[strspn(name, "0123456789.")] || getaddrinfo(name, NULL, &hints, &found))
		return;
	for (ai = found; ai; ai = ai->ai_next) {
		if (getnameinfo(ai->ai_addr, ai->ai_addrlen, text, sizeof(text), NULL, 0,
				NI_NUMERICHOST))
			continue;
		text[strcspn(text, "%")] = '\0';
		fprintf(out, "%s%s%s", ai == found ? "" : ",", text, prefix);
	}
	freeaddrinfo(found);
}

/* Replaces the part that the parser could not read, if that is a name. */
static bool resolve(char **text, const struct nst_filter_error *error)
{
	const struct servent *service = NULL;
	struct nst_text resolved;
	char *name;
	long end;

	if (!nst_text_open(&resolved))
		return false;
	fprintf(resolved.out, "%.*s", (int)error->offset, *text);
	name = strndupa(*text + error->offset, error->len);
	if (error->reason == NST_FILTER_BAD_NUMBER && nst_words_is_port(error->key))
		service = getservbyname(name, NULL);
	else if (error->reason == NST_FILTER_BAD_ADDRESS)
		put_host(resolved.out, name);
	if (service)
		fprintf(resolved.out, "%u", ntohs(service->s_port));
	end = ftell(resolved.out);
	fputs(*text + error->offset + error->len, resolved.out);
	if (!nst_text_close(&resolved))
		return false;
	if (end == (long)error->offset) {
		free(resolved.text);
		return false;
	}
	free(*text);
	*text = resolved.text;
	return true;
}

/**
 * nst_words_read() - read a filter with names of hosts and services in it
 * @text: the filter, allocated; replaced by what the kernel understands
 * @filter: where to
 * @error: what is wrong with it
 *
 * Return: whether it is a filter.
 */
bool nst_words_read(char **text, struct nst_filter *filter, struct nst_filter_error *error)
{
	while (!nst_filter_parse(filter, *text, strlen(*text), error))
		if (!resolve(text, error))
			return false;
	return true;
}

/* The same; what is no filter ends in netstate-check, which says why. */
bool nst_words_parse(char **text, struct nst_filter *filter)
{
	struct nst_filter_error error;

	if (nst_words_read(text, filter, &error))
		return true;
	if (!nst_trouble())
		nst_run("netstate-check", (char *[]){ "netstate", "--check", "--", *text, NULL });
	return nst_fail(NST_EXIT_USAGE, "bad filter; netstate-check, which says why, is missing");
}
