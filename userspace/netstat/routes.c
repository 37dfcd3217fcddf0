// SPDX-License-Identifier: GPL-2.0-only
/*
 * Routes: netstat -r.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/ipv6_route.h>
#include <linux/route.h>
#include <netdb.h>
#include <stdio.h>

#include <netstate/addr.h>

#include "fail.h"
#include "json/print.h"
#include "names/names.h"
#include "netstat/document.h"
#include "netstat/face.h"
#include "util.h"

#define ADDR_WIDTH 15	/* of an IPv4 column; the rest is cut */

struct flag {
	unsigned int bit;
	char character;
};

static const struct flag ipv4_flags[] = {
	{ RTF_HOST, 'H' }, { RTF_REINSTATE, 'R' }, { RTF_DYNAMIC, 'D' }, { RTF_MODIFIED, 'M' },
	{ RTF_DEFAULT, 'd' }, { RTF_ALLONLINK, 'a' }, { RTF_ADDRCONF, 'c' },
	{ RTF_NONEXTHOP, 'o' }, { RTF_EXPIRES, 'e' }, { RTF_CACHE, 'c' }, { RTF_FLOW, 'f' },
	{ RTF_POLICY, 'p' }, { RTF_LOCAL, 'l' }, { RTF_MTU, 'u' }, { RTF_WINDOW, 'w' },
	{ RTF_IRTT, 'i' }, { 0x0400 /* RTF_NOTCACHED */, 'n' },
};

static const struct flag ipv6_flags[] = {
	{ RTF_UP, 'U' }, { RTF_REJECT, '!' }, { RTF_GATEWAY, 'G' }, { RTF_HOST, 'H' },
	{ RTF_DEFAULT, 'D' }, { RTF_ADDRCONF, 'A' }, { RTF_CACHE, 'C' }, { RTF_ALLONLINK, 'a' },
	{ RTF_EXPIRES, 'e' }, { RTF_MODIFIED, 'm' }, { RTF_NONEXTHOP, 'n' }, { RTF_FLOW, 'f' },
};

static char *put_flags(char *p, const struct flag *flags, size_t count, unsigned int bits)
{
	for (; count; count--, flags++)
		if (bits & flags->bit)
			*p++ = flags->character;
	*p = '\0';
	return p;
}

static bool is_numeric(const struct nst_options *options)
{
	return options->flags & (NST_OPT_NUMERIC_HOSTS | NST_OPT_SYMBOLIC);
}

/* The name of an address, or the number. */
static const char *address(const struct nst_options *options, enum nst_table table,
			   const u8 *addr, char *text)
{
	return is_numeric(options) ? nst_hex_number(table, addr, text) :
				     nst_name_host(table, addr, text);
}

/* A destination may be a network, which has another kind of name than a host. */
static const char *destination(const struct nst_options *options, u32 addr, u32 mask,
			       unsigned int bits, char *text)
{
	const struct netent *network;

	if (is_numeric(options))
		return nst_hex_number(NST_TCP, (u8 *)&addr, text);
	if (!addr)
		return mask ? "0.0.0.0" : "default";
	if (addr & ~mask || bits & RTF_HOST)
		return nst_name_host(NST_TCP, (u8 *)&addr, text);
	network = getnetbyaddr(ntohl(addr), AF_INET);
	if (!network)
		return nst_hex_number(NST_TCP, (u8 *)&addr, text);
	snprintf(text, NST_NAME_MAX, "%s", network->n_name);
	return text;
}

/* Prints an address in an IPv4 column, which cuts it. */
static void put_column(const char *text)
{
	struct nst_word word = nst_word_of(text);

	word.len = word.len < ADDR_WIDTH ? word.len : ADDR_WIDTH;
	nst_put_padded(stdout, word, ADDR_WIDTH);
	putchar(' ');
}

/* Prints what stands before a device and behind it. */
static void put_device(const char *device, size_t most, const char *behind)
{
	struct nst_word word = nst_word_of(device);

	word.len = word.len < most ? word.len : most;
	nst_put_padded(stdout, word, most < IFNAMSIZ - 1 ? most : 0);
	fputs(behind, stdout);
}

/* Which set of columns: 2 without -e, 1 with one, 3 with two; more of them begin again. */
static unsigned int form_of(const struct nst_options *options)
{
	static const unsigned int forms[] = { 2, 1, 3, 0 };

	return options->extended < 3 ? forms[options->extended] : (options->extended + 1) & 3;
}

/* All columns, of IPv4 if @mask is one; what a route that rejects has no use for is null. */
static void print_json(const char *to, const char *gateway, const char *mask, const char *flags,
		       const long long *number, const char *device)
{
	static const char *const names[] = { "metric", "ref", "use", "mss", "window", "irtt" };
	bool rejects = mask && *flags == '!';
	size_t i;

	nst_document_object(NULL);
	nst_json_put_text("destination", to);
	nst_json_put_text("gateway", rejects ? NULL : gateway);
	if (mask)
		nst_json_put_text("genmask", mask);
	nst_json_put_text("flags", flags);
	for (i = 0; i < (mask ? ARRAY_SIZE(names) : 3); i++)
		nst_json_put_signed(names[i], number[i]);
	nst_json_put_text("iface", rejects ? NULL : device);
	nst_json_close();
}

static void print_route4(const struct nst_options *options, const char *line)
{
	unsigned int to, gate, mask, bits, form = form_of(options);
	int count, use, metric, mss, window, irtt = 0;
	char device[IFNAMSIZ], name[NST_NAME_MAX], gateway[NST_NAME_MAX] = "-";
	char netmask[NST_NAME_MAX], flags[32] = "U", *p = flags + 1;
	bool rejects;

	if (sscanf(line, "%15s %8x %8x %x %d %d %d %8x %d %d %d", device, &to, &gate, &bits,
		   &count, &use, &metric, &mask, &mss, &window, &irtt) < 10 || !(bits & RTF_UP))
		return;
	rejects = bits & RTF_REJECT;
	if (rejects)
		flags[0] = '!';
	else if (bits & RTF_GATEWAY)
		*p++ = 'G';
	put_flags(p, ipv4_flags, ARRAY_SIZE(ipv4_flags), bits);
	if (!rejects)
		address(options, NST_TCP, (u8 *)&gate, gateway);
	if (options->flags & NST_OPT_JSON)
		print_json(destination(options, to, mask, bits, name), gateway,
			   nst_hex_number(NST_TCP, (u8 *)&mask, netmask), flags,
			   (const long long[]){ metric, count, use, mss, window, irtt }, device);
	if (!form || options->flags & NST_OPT_JSON)
		return;
	put_column(destination(options, to, mask, bits, name));
	put_column(gateway);
	printf("%-15s %-5s ", nst_hex_number(NST_TCP, (u8 *)&mask, name), flags);
	if (form == 1 && rejects)
		printf("%-6d -  %7d -\n", metric, use);
	else if (form == 1)
		printf("%-6d %-2d %7d ", metric, count, use);
	else if (form == 2 && rejects)
		puts("    - -          - -");
	else if (form == 2)
		printf("%5d %-5d %6d ", mss, window, irtt);
	else if (form == 3 && rejects)
		printf("%-6d -  %7d -        -     -      -\n", metric, use);
	else
		printf("%-6d %-3d %6d ", metric, count, use);
	if (rejects)
		return;
	if (form == 3) {
		put_device(device, 6, "   ");
		printf("%-5d %-6d %d\n", mss, window, irtt);
	} else {
		put_device(device, IFNAMSIZ - 1, "\n");
	}
}

static const char *const columns[] = {
	"",
	"Flags Metric Ref    Use Iface\n",
	"Flags   MSS Window  irtt Iface\n",
	"Flags Metric Ref    Use Iface    MSS   Window irtt",
};

static FILE *open_table(const struct nst_options *options, const char *path, const char *family)
{
	FILE *file = nst_document_source(options, path);

	if (!file && !nst_trouble()) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		printf("%s not configured in this system.\n", family);
	}
	return file;
}

static int print_table4(const struct nst_options *options)
{
	FILE *file = open_table(options, "/proc/net/route", "INET (IPv4)");
	const bool json = options->flags & NST_OPT_JSON;
	unsigned int form = form_of(options);
	char line[1024];

	if (!file)
		return 1;
	if (!json)
		puts("Kernel IP routing table");
	if (form && !json)
		printf("Destination     Gateway         Genmask         %s%s", columns[form],
		       form == 3 ? "\n" : "");
	while (fgets(line, sizeof(line), file))
		print_route4(options, line);
	fclose(file);
	return 0;
}

/* Linux has had no routing cache since 3.6; its file has only a heading. */
static int print_cache4(const struct nst_options *options)
{
	FILE *file = open_table(options, "/proc/net/rt_cache", "INET (IPv4)");
	const bool json = options->flags & NST_OPT_JSON;
	unsigned int form = form_of(options);

	if (!file)
		return 1;
	if (!json)
		puts("Kernel IP routing cache");
	if (form && !json)
		printf("Source          Destination     Gateway         %s%s", columns[form],
		       form == 3 ? "  TOS HHRef HHUptod     SpecDst\n" : "");
	fclose(file);
	return 0;
}

static int print_table6(const struct nst_options *options, bool cache)
{
	char line[1024], to[33], gate[33], device[IFNAMSIZ], flags[16], dest[NST_NAME_MAX + 16];
	FILE *file = open_table(options, "/proc/net/ipv6_route", "INET6 (IPv6)");
	unsigned int prefix, metric, count, use, bits;
	char gateway[NST_NAME_MAX];
	u8 addr[16];

	if (!file)
		return 1;
	if (!(options->flags & NST_OPT_JSON))
		printf("Kernel IPv6 routing %s\n"
		       "Destination                    Next Hop                   Flag Met Ref  Use If\n",
		       cache ? "cache" : "table");
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%32s %x %*s %*x %32s %x %x %x %x %15s", to, &prefix, gate,
			   &metric, &count, &use, &bits, device) != 8 ||
		    !(bits & RTF_CACHE) == cache)
			continue;
		nst_hex_addr(to, addr);
		address(options, NST_TCP6, addr, dest);
		sprintf(dest + strlen(dest), "/%u", prefix);
		nst_hex_addr(gate, addr);
		address(options, NST_TCP6, addr, gateway);
		put_flags(flags, ipv6_flags, ARRAY_SIZE(ipv6_flags), bits);
		if (options->flags & NST_OPT_JSON) {
			print_json(dest, gateway, NULL, flags,
				   (const long long[]){ metric, count, use }, device);
			continue;
		}
		nst_put_padded(stdout, nst_word_of(dest), 30);
		putchar(' ');
		nst_put_padded(stdout, nst_word_of(gateway), 26);
		printf(" %-4s %-3d %-1d %6d ", flags, (int)metric, (int)count, (int)use);
		put_device(device, IFNAMSIZ - 1, "\n");
	}
	fclose(file);
	return 0;
}

/**
 * nst_routes_print() - print routes
 * @options: what is shown: the table, the cache, or both
 * @ipv6: of IPv6
 *
 * Return: netstat's status.
 */
int nst_routes_print(const struct nst_options *options, bool ipv6)
{
	bool cache = options->flags & NST_OPT_CACHE;
	int status = 0;

	if (!cache || options->flags & NST_OPT_FIB)
		status = ipv6 ? print_table6(options, false) : print_table4(options);
	if (!status && cache) {
		if (!(options->flags & NST_OPT_AS_NETSTAT))
			fputs("(There is no routing cache any more. What deviates from the routes:\n"
			      " ip route show cache)\n", stderr);
		status = ipv6 ? print_table6(options, true) : print_cache4(options);
	}
	return status;
}
