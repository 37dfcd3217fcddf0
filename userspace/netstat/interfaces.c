// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interfaces: netstat -i, and with -e what ifconfig shows.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <netstate/addr.h>

#include "fail.h"
#include "json/print.h"
#include "names/names.h"
#include "netstat/document.h"
#include "netstat/face.h"
#include "util.h"

/* The numbers of /proc/net/dev, in its order. */
enum {
	RX_BYTES, RX_PACKETS, RX_ERRORS, RX_DROPPED, RX_FIFO, RX_FRAME, RX_COMPRESSED, RX_MULTICAST,
	TX_BYTES, TX_PACKETS, TX_ERRORS, TX_DROPPED, TX_FIFO, COLLISIONS, TX_CARRIER, TX_COMPRESSED,
	NUMBERS
};

/**
 * struct interface - an interface, or an old-style alias of one
 * @name: its name
 * @counted: @numbers are known
 * @numbers: what passed through it
 */
struct interface {
	char name[IFNAMSIZ];
	bool counted;
	unsigned long long numbers[NUMBERS];
};

static struct interface *interfaces;	/* sorted by name */
static size_t count;
static int fd;

static const struct {
	unsigned int bit;
	char character;
	const char *word;
} flags[] = {	/* in the order of the characters */
	{ IFF_ALLMULTI, 'A', "ALLMULTI" },
	{ IFF_BROADCAST, 'B', "BROADCAST" },
	{ IFF_DEBUG, 'D', "DEBUG" },
	{ IFF_LOOPBACK, 'L', "LOOPBACK" },
	{ IFF_MULTICAST, 'M', "MULTICAST" },
	{ IFF_DYNAMIC, 'd', "DYNAMIC" },
	{ IFF_PROMISC, 'P', "PROMISC" },
	{ IFF_NOTRAILERS, 'N', "NOTRAILERS" },
	{ IFF_NOARP, 'O', "NOARP" },
	{ IFF_POINTOPOINT, 'P', "POINTOPOINT" },
	{ IFF_SLAVE, 's', "SLAVE" },
	{ IFF_MASTER, 'm', "MASTER" },
	{ IFF_RUNNING, 'R', "RUNNING" },
	{ IFF_UP, 'U', "UP" },
};

/* The order of the words: indexes of @flags. */
static const u8 words[] = { 13, 1, 2, 3, 9, 7, 12, 8, 6, 0, 10, 11, 4, 5 };

/* Types of hardware that have a name, and how long an address of theirs is. */
static const struct hardware {
	int type;
	const char *name;
	const char *title;
	unsigned int len;
	const char *form;	/* of a byte, with what stands before it */
} hardwares[] = {
	{ ARPHRD_LOOPBACK, "loop", "Local Loopback", 0, NULL },
	{ ARPHRD_SLIP, "slip", "Serial Line IP", 0, NULL },
	{ ARPHRD_CSLIP, "cslip", "VJ Serial Line IP", 0, NULL },
	{ ARPHRD_ETHER, "ether", "Ethernet", 6, ":%02x" },
	{ ARPHRD_TUNNEL, "tunnel", "IPIP Tunnel", 0, "" },
	{ ARPHRD_PPP, "ppp", "Point-to-Point Protocol", 0, NULL },
	{ ARPHRD_SIT, "sit", "IPv6-in-IPv4", 0, NULL },
	{ ARPHRD_EUI64, "eui64", "Generic EUI-64", 8, ":%02X" },
	{ -1, "unspec", "UNSPEC", 16, "-%02X" },
};

static const char *const media[] = {
	"unknown", "10base2", "10baseT", "AUI", "100baseT", "100baseTX", "100baseFX",
};

/* Cuts off the number of an alias, as in "eth0:1"; returns it, or -1. */
static long long cut_alias(char *name)
{
	char *p = name + strlen(name);

	while (p > name && isdigit(p[-1]))
		p--;
	if (!*p || p == name || p[-1] != ':')
		return -1;
	p[-1] = '\0';
	return strtoll(p, NULL, 10);
}

static size_t text_len(const char *name)
{
	size_t len = strlen(name);

	while (len && isdigit(name[len - 1]))
		len--;
	return len;
}

static int compare_numbers(long long a, long long b)
{
	return (a > b) - (a < b);
}

/* netstat's order: by text, then by the number that follows, then by the alias's. */
static int compare_names(const char *x, const char *y)
{
	char *a = strdupa(x), *b = strdupa(y);
	long long a_alias = cut_alias(a), b_alias = cut_alias(b);
	size_t a_text = text_len(a), b_text = text_len(b);
	int order = strncmp(a, b, a_text < b_text ? a_text : b_text);

	if (!order)
		order = (a_text > b_text) - (a_text < b_text);
	if (!order)	/* a name has at most 15 digits */
		order = compare_numbers(strtoull(a + a_text, NULL, 10),
					strtoull(b + b_text, NULL, 10));
	if (!order)
		order = strcmp(a, b);
	if (!order)
		order = compare_numbers(a_alias, b_alias);
	return order ? order : strcmp(x, y);
}

/* The interface of a name: the one that is there, or a new one. */
static struct interface *get(const char *name)
{
	struct interface *interface, *grown;
	size_t i = count;
	int order = 1;

	while (i && (order = compare_names(interfaces[i - 1].name, name)) > 0)
		i--;
	if (i && !order)
		return &interfaces[i - 1];
	grown = reallocarray(interfaces, count + 1, sizeof(*interfaces));
	if (!grown) {
		nst_no_memory();
		return NULL;
	}
	interfaces = grown;
	interface = &interfaces[i];
	memmove(interface + 1, interface, (count++ - i) * sizeof(*interface));
	memset(interface, 0, sizeof(*interface));
	snprintf(interface->name, sizeof(interface->name), "%s", name);
	return interface;
}

static bool read_counted(void)
{
	FILE *file = fopen("/proc/net/dev", "re");
	struct interface *interface;
	char line[512], *end;
	int i;

	if (!file)
		return nst_fail(NST_EXIT_IO, "/proc/net/dev: %s", strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		end = strchr(line, ':');
		if (!end)
			continue;
		*end++ = '\0';
		interface = get(line + strspn(line, " "));
		if (!interface)
			break;
		for (i = 0; i < NUMBERS; i++)
			interface->numbers[i] = strtoull(end, &end, 10);
		interface->counted = true;
	}
	fclose(file);
	return !nst_trouble();
}

/* Adds what has an IPv4 address: aliases such as eth0:1, which are not among the interfaces. */
static bool read_addressed(void)
{
	struct ifconf list = { .ifc_len = 0 };
	char *space = NULL, *grown;
	int i, size;

	do {
		size = list.ifc_len + 64 * sizeof(struct ifreq);
		grown = realloc(space, size);
		if (!grown) {
			nst_no_memory();
			break;
		}
		space = grown;
		list.ifc_len = size;
		list.ifc_buf = space;
		if (ioctl(fd, SIOCGIFCONF, &list))
			nst_fail(NST_EXIT_IO, "SIOCGIFCONF: %s", strerror(errno));
	} while (!nst_trouble() && list.ifc_len == size);
	for (i = 0; !nst_trouble() && i < list.ifc_len / (int)sizeof(struct ifreq); i++)
		get(list.ifc_req[i].ifr_name);
	free(space);
	return !nst_trouble();
}

/* Asks for something about an interface; what can't be had is 0. */
static bool ask(const struct interface *interface, unsigned long request, struct ifreq *answer)
{
	memset(answer, 0, sizeof(*answer));
	strcpy(answer->ifr_name, interface->name);
	if (!ioctl(fd, request, answer))
		return true;
	memset(&answer->ifr_ifru, 0, sizeof(answer->ifr_ifru));
	return false;
}

static void print_short(const struct interface *interface, int bits)
{
	const unsigned long long *n = interface->numbers;
	struct ifreq answer;
	size_t i;

	ask(interface, SIOCGIFMTU, &answer);
	nst_put_padded(stdout, nst_word_of(interface->name), 15);
	printf(" %5d ", answer.ifr_mtu);
	if (interface->counted)
		printf("%8llu %6llu %6llu %-6llu %8llu %6llu %6llu %6llu ", n[RX_PACKETS],
		       n[RX_ERRORS], n[RX_DROPPED], n[RX_FIFO], n[TX_PACKETS], n[TX_ERRORS],
		       n[TX_DROPPED], n[TX_FIFO]);
	else
		printf("%-56s", "     - no statistics available -");
	if (!bits)
		fputs("[NO FLAGS]", stdout);
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (bits & flags[i].bit)
			putchar(flags[i].character);
	putchar('\n');
}

/* Writes the words of flags, each with a comma behind it. */
static void write_flags(char *p, int bits)
{
	size_t i;

	*p = '\0';
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (bits & flags[words[i]].bit)
			p += sprintf(p, "%s,", flags[words[i]].word);
}

/* The columns of the short form, and the numbers that have none. */
static void print_json(const struct interface *interface, int bits)
{
	static const char *const names[NUMBERS] = {
		[RX_PACKETS] = "rx_ok", [RX_ERRORS] = "rx_err", [RX_DROPPED] = "rx_drp",
		[RX_FIFO] = "rx_ovr", [TX_PACKETS] = "tx_ok", [TX_ERRORS] = "tx_err",
		[TX_DROPPED] = "tx_drp", [TX_FIFO] = "tx_ovr", [RX_BYTES] = "rx_bytes",
		[RX_FRAME] = "rx_frame", [RX_COMPRESSED] = "rx_compressed",
		[RX_MULTICAST] = "rx_multicast", [TX_BYTES] = "tx_bytes",
		[COLLISIONS] = "collisions", [TX_CARRIER] = "tx_carrier",
		[TX_COMPRESSED] = "tx_compressed",
	};
	struct ifreq answer;
	char text[256];
	size_t i;

	ask(interface, SIOCGIFMTU, &answer);
	nst_document_object(NULL);
	nst_json_put_text("iface", interface->name);
	nst_json_put_number("mtu", answer.ifr_mtu);
	for (i = 0; i < NUMBERS && interface->counted; i++)
		nst_json_put_number(names[i], interface->numbers[i]);
	write_flags(text, bits);
	nst_json_put_list("flags", text);
	nst_json_close();
}

/* netstat ends a list of words in ">", and an empty one without its last character. */
static void print_list(char *text)
{
	size_t len = strlen(text);

	text[len - 1] = text[len - 1] == ',' ? '>' : '\0';
	fputs(text, stdout);
}

static void print_flags(const struct interface *interface, int bits)
{
	struct ifreq answer;
	char text[256];

	write_flags(text + sprintf(text, "flags=%d<%s", bits, bits ? "" : ">"), bits);
	nst_put(stdout, nst_word_of(interface->name));
	fputs(": ", stdout);
	ask(interface, SIOCGIFMTU, &answer);
	print_list(text);
	printf("  mtu %d\n", answer.ifr_mtu);
}

static void print_address(const struct interface *interface, unsigned long request,
			  const char *before)
{
	const struct sockaddr_in *sin;
	struct ifreq answer;

	ask(interface, request, &answer);
	sin = (const struct sockaddr_in *)&answer.ifr_addr;
	printf("%s%s", before, sin->sin_family ? inet_ntoa(sin->sin_addr) : "[NONE SET]");
}

static void print_ipv4(const struct interface *interface, int bits)
{
	struct ifreq answer = { .ifr_addr.sa_family = AF_INET };

	if (!ask(interface, SIOCGIFADDR, &answer))
		return;
	print_address(interface, SIOCGIFADDR, "        inet ");
	print_address(interface, SIOCGIFNETMASK, "  netmask ");
	if (bits & IFF_BROADCAST)
		print_address(interface, SIOCGIFBRDADDR, "  broadcast ");
	if (bits & IFF_POINTOPOINT)
		print_address(interface, SIOCGIFDSTADDR, "  destination ");
	putchar('\n');
}

static void print_ipv6(const struct interface *interface)
{
	FILE *file = fopen("/proc/net/if_inet6", "re");
	char line[128], name[21], text[33], scopes[64], number[NST_NAME_MAX];
	unsigned int prefix, scope;
	u8 addr[16];

	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%32s %*x %x %x %*x %20s", text, &prefix, &scope, name) != 4 ||
		    strcmp(name, interface->name) || !nst_hex_addr(text, addr))
			continue;
		sprintf(scopes, "<%s%s%s%s%s", scope & 0x80 ? "compat," : "",
			scope & ~0x80 ? "" : "global,", scope & 0x20 ? "link," : "",
			scope & 0x40 ? "site," : "", scope & 0x10 ? "host," : "");
		printf("        inet6 %s  prefixlen %u  scopeid 0x%x",
		       nst_hex_number(NST_TCP6, addr, number), prefix, scope);
		print_list(scopes);
		putchar('\n');
	}
	if (file)
		fclose(file);
}

static void print_hardware(const struct interface *interface, int bits)
{
	const struct hardware *hardware = hardwares;
	u8 addr[16] = { 0 };
	struct ifreq answer;
	char byte[8];
	unsigned int i;

	ask(interface, SIOCGIFHWADDR, &answer);
	memcpy(addr, answer.ifr_hwaddr.sa_data, 8);
	while (hardware->type != answer.ifr_hwaddr.sa_family && hardware->type >= 0)
		hardware++;
	printf("        %s%s", hardware->name, hardware->form ? " " : "");
	for (i = 0; i < hardware->len; i++) {
		sprintf(byte, hardware->form, addr[i]);
		printf("%s", i ? byte : byte + 1);
	}
	if (ask(interface, SIOCGIFTXQLEN, &answer))
		printf("  txqueuelen %d", answer.ifr_qlen);
	printf("  (%s)\n", hardware->title);
	if (bits & IFF_PORTSEL) {
		ask(interface, SIOCGIFMAP, &answer);
		printf("        media %s%s\n", answer.ifr_map.port < ARRAY_SIZE(media) ?
		       media[answer.ifr_map.port] : "(null)",
		       bits & IFF_AUTOMEDIA ? "autoselect" : "");
	}
}

/* Prints a number of bytes, and the same in a larger unit, with one decimal. */
static void print_bytes(unsigned long long bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	unsigned long long tenths = bytes * 10;
	unsigned int unit = 0;

	while (unit < ARRAY_SIZE(units) - 1 && bytes > 1ULL << 10 * (unit + 1))
		unit++;
	if (unit == ARRAY_SIZE(units) - 1)	/* ten times that is too much */
		tenths = bytes / 115292150460684697ULL;
	else
		tenths >>= 10 * unit;
	printf("bytes %llu (%llu.%llu %s)\n", bytes, tenths / 10, tenths % 10, units[unit]);
}

static void print_numbers(const unsigned long long *n)
{
	printf("        RX packets %llu  ", n[RX_PACKETS]);
	print_bytes(n[RX_BYTES]);
	printf("        RX errors %llu  dropped %llu  overruns %llu  frame %llu\n", n[RX_ERRORS],
	       n[RX_DROPPED], n[RX_FIFO], n[RX_FRAME]);
	printf("        TX packets %llu  ", n[TX_PACKETS]);
	print_bytes(n[TX_BYTES]);
	printf("        TX errors %llu  dropped %llu overruns %llu  carrier %llu  collisions %llu\n",
	       n[TX_ERRORS], n[TX_DROPPED], n[TX_FIFO], n[TX_CARRIER], n[COLLISIONS]);
}

static void print_device(const struct interface *interface)
{
	const struct ifmap *map;
	struct ifreq answer;

	ask(interface, SIOCGIFMAP, &answer);
	map = &answer.ifr_map;
	if (!map->irq && !map->mem_start && !map->dma && map->base_addr < 0x100)
		return;
	fputs("        device ", stdout);
	if (map->irq)
		printf("interrupt %d  ", map->irq);
	if (map->base_addr >= 0x100)
		printf("base 0x%x  ", map->base_addr);
	if (map->mem_start)
		printf("memory 0x%lx-%lx  ", map->mem_start, map->mem_end);
	if (map->dma)
		printf("  dma 0x%x", map->dma);
	putchar('\n');
}

static void print_long(const struct interface *interface, int bits)
{
	print_flags(interface, bits);
	print_ipv4(interface, bits);
	print_ipv6(interface);
	print_hardware(interface, bits);
	if (interface->counted)
		print_numbers(interface->numbers);
	print_device(interface);
	putchar('\n');
}

/* Prints the interfaces that were read; one that has gone since then is left out. */
static void print_all(const struct nst_options *options)
{
	struct ifreq answer;
	size_t i;

	for (i = 0; i < count && !nst_trouble(); i++) {
		if (!ask(&interfaces[i], SIOCGIFFLAGS, &answer)) {
			if (errno != ENODEV)
				nst_fail(NST_EXIT_IO, "%s: error fetching interface information: %s",
					 interfaces[i].name, strerror(errno));
			continue;
		}
		if (!(options->flags & NST_OPT_ALL) && !(answer.ifr_flags & IFF_UP))
			continue;
		if (options->flags & NST_OPT_JSON)
			print_json(&interfaces[i], answer.ifr_flags);
		else if (options->extended)
			print_long(&interfaces[i], answer.ifr_flags);
		else
			print_short(&interfaces[i], answer.ifr_flags);
	}
}

/**
 * nst_interfaces_print() - print the interfaces
 * @options: also those that are down, as ifconfig does
 * @again: it is not the first time; then netstat leaves the title out
 *
 * Return: whether that was possible.
 */
bool nst_interfaces_print(const struct nst_options *options, bool again)
{
	const bool json = options->flags & NST_OPT_JSON;

	if (!again && !json)
		puts("Kernel Interface table");
	if (!options->extended && !json)
		puts("Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return nst_fail(NST_EXIT_IO, "socket: %s", strerror(errno));
	if (read_counted() && read_addressed())
		print_all(options);
	free(interfaces);
	interfaces = NULL;
	count = 0;
	close(fd);
	return !nst_trouble();
}
