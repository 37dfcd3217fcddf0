// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who listens to which multicast group: netstat -g.
 */
#include <stdio.h>

#include <netstate/addr.h>

#include "fail.h"
#include "json/print.h"
#include "names/names.h"
#include "netstat/document.h"
#include "netstat/face.h"
#include "util.h"

static void print_group(const struct nst_options *options, const char *device, int count,
			enum nst_table table, const u8 *addr)
{
	char name[NST_NAME_MAX];

	if (options->flags & NST_OPT_JSON) {
		nst_document_object(NULL);
		nst_json_put_text("iface", device);
		nst_json_put_number("refcnt", count);
		nst_json_put_text("group", nst_hex_number(table, addr, name));
		nst_json_close();
		return;
	}
	nst_put_padded(stdout, nst_word_of(device), 15);
	printf(" %-6d ", count);
	nst_put(stdout, nst_word_of(options->flags & NST_OPT_NUMERIC_HOSTS ?
				    nst_hex_number(table, addr, name) :
				    nst_name_host(table, addr, name)));
	putchar('\n');
}

/* A line for a device, "1\tlo        : 1 V3", and one for each of its groups. */
static void print_ipv4(const struct nst_options *options, FILE *file)
{
	char line[256], device[16] = "";
	int count;
	u32 addr;

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "\t%8x %d", &addr, &count) == 2 && *line == '\t')
			print_group(options, device, count, NST_TCP, (u8 *)&addr);
		else if (sscanf(line, "%*d\t%15[^ :]", device) != 1)
			*device = '\0';
}

static void print_ipv6(const struct nst_options *options, FILE *file)
{
	char line[256], device[16], text[33];
	u8 addr[16];
	int count;

	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%*d %15s %32s %d", device, text, &count) == 3 &&
		    nst_hex_addr(text, addr))
			print_group(options, device, count, NST_TCP6, addr);
}

/**
 * nst_multicast_print() - print multicast groups
 * @options: what is shown
 *
 * Return: netstat's status.
 */
int nst_multicast_print(const struct nst_options *options)
{
	FILE *file;

	if (!(options->flags & NST_OPT_JSON))
		puts("IPv6/IPv4 Group Memberships\n"
		     "Interface       RefCnt Group\n"
		     "--------------- ------ ---------------------");
	if (options->tables & NST_TABLES_IPV4) {
		file = nst_document_source(options, "/proc/net/igmp");
		if (!file && !nst_trouble())
			fputs("netstat: no support for `AF INET (igmp)' on this system.\n", stderr);
		if (!file)
			return 1;
		print_ipv4(options, file);
		fclose(file);
	}
	if (options->tables & NST_TABLES_IPV6) {
		file = fopen("/proc/net/igmp6", "re");
		if (!file)
			return 0;
		print_ipv6(options, file);
		fclose(file);
	}
	return 0;
}
