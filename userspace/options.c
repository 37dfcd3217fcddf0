// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the reader was asked to do.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include <netstate/format.h>

#include "fail.h"
#include "options.h"

#ifndef NETSTATE_VERSION
#define NETSTATE_VERSION "unknown"
#endif

#define BOTH(table)	(BIT(table) | BIT(table##6))
#define IPV4_TABLES	(BIT(NST_TCP) | BIT(NST_UDP) | BIT(NST_RAW) | BIT(NST_UDPLITE))
#define IPV6_TABLES	(IPV4_TABLES << 1)

static const char usage[] =
	"usage: netstate [OPTION...] [FILTER...]\n"
	"\n"
	"Shows the sockets of this network namespace, as netstat does.\n"
	"\n"
	"  -t, --tcp  -u, --udp  -U, --udplite  -w, --raw   of these protocols; default: all\n"
	"  -4, --inet  -6, --inet6     of this address family; or -A, --protocol inet, inet6\n"
	"  -a, --all                   all sockets; default: connected ones\n"
	"  -l, --listening             listening ones\n"
	"  -n, --numeric               no names, or none of one kind:\n"
	"      --numeric-hosts  --numeric-ports  --numeric-users\n"
	"  -W, --wide                  don't cut addresses\n"
	"  -e, --extend                columns User and Inode\n"
	"  -p, --programs              column PID/Program name\n"
	"  -o, --timers                column Timer\n"
	"      --states=windows|zos|rfc  names of states as there; or linux\n"
	"      --report=byteinfo       bytes in and out, seconds idle, number, owner\n"
	"  -c, --continuous [SECONDS]  again and again\n"
	"      --diff                  with -c: only what changes\n"
	"      --json, --jsonl         all columns, one document or a line a socket\n"
	"      --counts                how many sockets are in which state\n"
	"      --metrics               counters for Prometheus\n"
	"      --check                 only check the filter, and print what the kernel would get\n"
	"      --check-threshold COUNT=WARNING,CRITICAL   compare counts, as a monitoring plugin\n"
	"  -h, --help  -V, --version\n"
	"\n"
	"FILTER: words such as state=close_wait,last_ack 'rport!=443' laddr=10.0.0.0/8 pid=812\n"
	"'comm=nginx*' owner=none; see netstate(8). NETSTATE_FILE=PATH reads a saved table.\n";

/* What an option does: adds bits to one of the masks, or something of its own. */
enum effect {
	FLAGS,
	TABLES,
	FAMILIES,
	SHOW,
	FAMILY_NAMES,
	STATES,
	REPORT,
	INTERVAL,
	THRESHOLD,
	HELP,
	VERSION,
	MASKS = FAMILY_NAMES,
};

/* Those that only have a long name have a letter that nobody can type. */
static const struct {
	const char *name;
	int letter;
	enum effect effect;
	unsigned int bits;
	int argument;
} known[] = {
	{ "tcp",	   't', TABLES, BOTH(NST_TCP), no_argument },
	{ "udp",	   'u', TABLES, BOTH(NST_UDP), no_argument },
	{ "udplite",	   'U', TABLES, BOTH(NST_UDPLITE), no_argument },
	{ "raw",	   'w', TABLES, BOTH(NST_RAW), no_argument },
	{ "inet",	   '4', FAMILIES, IPV4_TABLES, no_argument },
	{ "ip",		   '4', FAMILIES, IPV4_TABLES, no_argument },
	{ "inet6",	   '6', FAMILIES, IPV6_TABLES, no_argument },
	{ "protocol",	   'A', FAMILY_NAMES, 0, required_argument },
	{ "all",	   'a', FLAGS, NST_OPT_ALL, no_argument },
	{ "listening",	   'l', FLAGS, NST_OPT_LISTENING, no_argument },
	{ "numeric",	   'n', FLAGS, NST_OPT_NUMERIC, no_argument },
	{ "numeric-hosts", 128, FLAGS, NST_OPT_NUMERIC_HOSTS, no_argument },
	{ "numeric-ports", 129, FLAGS, NST_OPT_NUMERIC_PORTS, no_argument },
	{ "numeric-users", 130, FLAGS, NST_OPT_NUMERIC_USERS, no_argument },
	{ "wide",	   'W', FLAGS, NST_OPT_WIDE, no_argument },
	{ "extend",	   'e', SHOW, NST_SHOW_USER, no_argument },
	{ "programs",	   'p', SHOW, NST_SHOW_PROGRAM, no_argument },
	{ "timers",	   'o', SHOW, NST_SHOW_TIMER, no_argument },
	{ "states",	   140, STATES, 0, required_argument },
	{ "report",	   141, REPORT, 0, required_argument },
	{ "continuous",	   'c', INTERVAL, 0, optional_argument },
	{ "diff",	   131, FLAGS, NST_OPT_DIFF, no_argument },
	{ "json",	   132, FLAGS, NST_OPT_JSON, no_argument },
	{ "jsonl",	   133, FLAGS, NST_OPT_JSONL, no_argument },
	{ "counts",	   134, FLAGS, NST_OPT_COUNTS, no_argument },
	{ "metrics",	   135, FLAGS, NST_OPT_METRICS, no_argument },
	{ "check",	   136, FLAGS, NST_OPT_CHECK, optional_argument },
	{ "check-threshold", 137, THRESHOLD, 0, required_argument },
	/* netstat's, without a meaning for sockets */
	{ "verbose",	   'v', FLAGS, 0, no_argument },
	{ "symbolic",	   'N', FLAGS, 0, no_argument },
	{ "help",	   'h', HELP, 0, no_argument },
	{ "version",	   'V', VERSION, 0, no_argument },
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define KNOWN		ARRAY_SIZE(known)

static void add_families(unsigned int *families, char *names)
{
	char *name;

	for (name = strtok(names, ","); name; name = strtok(NULL, ",")) {
		if (!strcmp(name, "inet"))
			*families |= IPV4_TABLES;
		else if (!strcmp(name, "inet6"))
			*families |= IPV6_TABLES;
		else
			nst_die(NST_EXIT_USAGE, "-A %s: the families are inet and inet6", name);
	}
}

static bool parse_interval(struct nst_options *options, const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0.001 && seconds <= 1e6))
		return false;
	options->interval = seconds;
	return true;
}

/* Joins the words with spaces; what else is white space becomes one, too. */
static void add_word(char **text, const char *word)
{
	char *old = *text, *p;

	if (asprintf(text, "%s%s%s", old ? old : "", old ? " " : "", word) < 0)
		nst_die(NST_EXIT_IO, "out of memory");
	free(old);
	for (p = *text; *p; p++)
		if (*p >= '\t' && *p <= '\r')
			*p = ' ';
}

static void answer(const char *text)
{
	fputs(text, stdout);
	nst_flush();
	exit(EXIT_SUCCESS);
}

static void apply(struct nst_options *options, unsigned int *masks, int letter)
{
	size_t i = 0;

	while (i < KNOWN && known[i].letter != letter)
		i++;
	if (letter == '?')
		nst_die(NST_EXIT_USAGE, "--help tells what there is");
	if (i == KNOWN)
		nst_die(NST_EXIT_USAGE, "-%c: only sockets of TCP, UDP and raw IP are shown here",
			letter);
	switch (known[i].effect) {
	case FAMILY_NAMES:
		add_families(&masks[FAMILIES], optarg);
		break;
	case STATES:
		options->naming = nst_naming_parse(optarg);
		break;
	case REPORT:
		if (strcmp(optarg, "byteinfo"))
			nst_die(NST_EXIT_USAGE, "--report=%s: no such report: byteinfo", optarg);
		options->report = true;
		break;
	case INTERVAL:
		options->interval = 1;
		if (optarg && !parse_interval(options, optarg))
			nst_die(NST_EXIT_USAGE, "-c %s: not a number of seconds", optarg);
		break;
	case THRESHOLD:
		add_word(&options->thresholds, optarg);
		break;
	case HELP:
		answer(usage);
		break;
	case VERSION:
		answer("netstate " NETSTATE_VERSION "\n");
		break;
	default:
		masks[known[i].effect] |= known[i].bits;
		if (optarg)
			add_word(&options->filter, optarg);
		break;
	}
}

static void check_combination(const struct nst_options *options)
{
	const unsigned int forms = NST_OPT_JSON | NST_OPT_COUNTS | NST_OPT_DIFF;
	const unsigned int others = forms | NST_OPT_JSONL | NST_OPT_METRICS | NST_OPT_CHECK;

	if (options->flags & NST_OPT_DIFF && !options->interval)
		nst_die(NST_EXIT_USAGE, "--diff compares tables: it needs -c");
	if (options->flags & NST_OPT_DIFF && options->flags & (NST_OPT_JSON | NST_OPT_COUNTS))
		nst_die(NST_EXIT_USAGE, "--diff prints text, or with --jsonl lines of JSON");
	if (options->flags & NST_OPT_METRICS && (options->flags & forms || *options->filter))
		nst_die(NST_EXIT_USAGE, "--metrics takes no filter, and has one form only");
	if (options->thresholds && (options->interval || options->flags & others))
		nst_die(NST_EXIT_USAGE, "--check-threshold prints one line, once");
}

/**
 * nst_options_parse() - read the command line
 * @options: filled in
 * @argc: as main() has it
 * @argv: as main() has it
 *
 * Ends the program if that is all there is to do, or makes no sense.
 */
void nst_options_parse(struct nst_options *options, int argc, char **argv)
{
	/* Of netstat's options, the rest is known here to be refused by name. */
	static const char letters[] = "tuUw46A:alnWepocvNhVCFMdgirsSxZ2f";
	struct option long_options[KNOWN + 1] = {};
	unsigned int masks[MASKS] = {};
	int letter;
	size_t i;

	memset(options, 0, sizeof(*options));
	/* Errors in what stands before it are told its way, too. */
	for (i = 1; i < (size_t)argc; i++)
		if (!strncmp(argv[i], "--check-", 8))
			nst_fail_as_plugin();
	for (i = 0; i < KNOWN; i++) {
		long_options[i].name = known[i].name;
		long_options[i].has_arg = known[i].argument;
		long_options[i].val = known[i].letter;
	}
	while ((letter = getopt_long(argc, argv, letters, long_options, NULL)) != -1)
		apply(options, masks, letter);
	for (; optind < argc; optind++)
		if (!options->interval || !parse_interval(options, argv[optind]))
			add_word(&options->filter, argv[optind]);
	if (!options->filter)
		add_word(&options->filter, "");

	options->flags = masks[FLAGS];
	if (!strcmp(program_invocation_short_name, "netstat"))
		options->flags |= NST_OPT_AS_NETSTAT;
	options->show = masks[SHOW];
	if (options->report)
		options->show |= NST_SHOW_PROGRAM | NST_SHOW_MORE;
	options->tables = masks[TABLES] ? masks[TABLES] : IPV4_TABLES | IPV6_TABLES;
	options->tables &= masks[FAMILIES] ? masks[FAMILIES] : ~0U;
	check_combination(options);
	if (options->thresholds)
		options->flags |= NST_OPT_COUNTS;
}
