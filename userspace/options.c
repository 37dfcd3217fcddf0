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

static const char usage[] =
	"usage: netstate [OPTION...] [FILTER...]\n"
	"\n"
	"Shows the sockets of this network namespace, and the rest, as netstat does.\n"
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
	"  -f, --full                  names of hosts in full\n"
	"      --states=windows|zos|rfc  names of states as there; or linux\n"
	"      --report=byteinfo       bytes in and out, seconds idle, number, owner\n"
	"  -c, --continuous [SECONDS]  again and again; or only the number\n"
	"      --diff                  with -c: only what changes\n"
	"      --top [SECONDS]         groups of sockets, live on the screen; h tells its keys\n"
	"      --json, --jsonl         all columns, one document or a line a socket\n"
	"      --counts                how many sockets are in which state\n"
	"      --metrics               counters for Prometheus\n"
	"      --check                 only check the filter, and print what the kernel would get\n"
	"      --check-threshold COUNT=WARNING,CRITICAL   compare counts, as a monitoring plugin\n"
	"      --drop [--yes]          end these connections, once you have said yes; with a filter\n"
	"  -h, --help  -V, --version\n"
	"\n"
	"Other than these sockets, in netstat's own text:\n"
	"  -x, --unix        UNIX sockets (with -a -l -p)\n"
	"  -g, --groups      multicast groups\n"
	"  -r, --route       routes (with -4 -6 -e -n; -F, --fib, -C, --cache)\n"
	"  -i, --interfaces  interfaces (with -a -e)\n"
	"  -s, --statistics  counters (with -t -u -w -6; -S, --sctp)\n"
	"\n"
	"FILTER: words such as state=close_wait,last_ack 'rport!=443' laddr=10.0.0.0/8 pid=812\n"
	"'comm=nginx*' owner=none; see netstate(8). NETSTATE_FILE=PATH reads a saved table.\n";

/* What an option does: adds bits to one of the masks, or something of its own. */
enum effect {
	FLAGS,
	TABLES,
	FAMILIES,
	SHOW,
	PARTS,
	FAMILY_NAMES,
	STATES,
	REPORT,
	INTERVAL,
	TOP,
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
	{ "tcp",	   't', TABLES, NST_TABLES_TCP, no_argument },
	{ "udp",	   'u', TABLES, NST_TABLES_UDP, no_argument },
	{ "udplite",	   'U', TABLES, NST_TABLES_UDPLITE, no_argument },
	{ "raw",	   'w', TABLES, NST_TABLES_RAW, no_argument },
	{ "inet",	   '4', FAMILIES, NST_TABLES_IPV4, no_argument },
	{ "ip",		   '4', FAMILIES, NST_TABLES_IPV4, no_argument },
	{ "inet6",	   '6', FAMILIES, NST_TABLES_IPV6, no_argument },
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
	{ "full",	   'f', FLAGS, NST_OPT_FULL, no_argument },
	{ "states",	   140, STATES, 0, required_argument },
	{ "report",	   141, REPORT, 0, required_argument },
	{ "unix",	   'x', PARTS, NST_PART_UNIX, no_argument },
	{ "groups",	   'g', PARTS, NST_PART_MULTICAST, no_argument },
	{ "route",	   'r', PARTS, NST_PART_ROUTES, no_argument },
	{ "interfaces",	   'i', PARTS, NST_PART_INTERFACES, no_argument },
	{ "statistics",	   's', PARTS, NST_PART_STATISTICS, no_argument },
	{ "masquerade",	   'M', PARTS, NST_PART_MASQUERADE, no_argument },
	{ "fib",	   'F', FLAGS, NST_OPT_FIB, no_argument },
	{ "cache",	   'C', FLAGS, NST_OPT_CACHE, no_argument },
	{ "sctp",	   'S', TABLES, NST_TABLES_SCTP, no_argument },
	{ "symbolic",	   'N', FLAGS, NST_OPT_SYMBOLIC, no_argument },
	{ "continuous",	   'c', INTERVAL, 0, optional_argument },
	{ "diff",	   131, FLAGS, NST_OPT_DIFF, no_argument },
	{ "top",	   150, TOP, NST_OPT_TOP, optional_argument },
	{ "json",	   132, FLAGS, NST_OPT_JSON, no_argument },
	{ "jsonl",	   133, FLAGS, NST_OPT_JSONL, no_argument },
	{ "counts",	   134, FLAGS, NST_OPT_COUNTS, no_argument },
	{ "metrics",	   135, FLAGS, NST_OPT_METRICS, no_argument },
	{ "check",	   136, FLAGS, NST_OPT_CHECK, optional_argument },
	{ "check-threshold", 137, THRESHOLD, 0, required_argument },
	{ "drop",	   160, FLAGS, NST_OPT_DROP, no_argument },
	{ "yes",	   161, FLAGS, NST_OPT_YES, no_argument },
	/* netstat's, without a meaning here */
	{ "verbose",	   'v', FLAGS, 0, no_argument },
	{ "help",	   'h', HELP, 0, no_argument },
	{ "version",	   'V', VERSION, 0, no_argument },
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define KNOWN		ARRAY_SIZE(known)

static void add_family(struct nst_options *options, int letter)
{
	size_t len = strlen(options->families);

	if (len == sizeof(options->families) - 1)
		nst_die(NST_EXIT_USAGE, "too many families");
	options->families[len] = letter;
}

static void add_families(struct nst_options *options, unsigned int *masks, char *names)
{
	char *name;

	for (name = strtok(names, ","); name; name = strtok(NULL, ",")) {
		if (!strcmp(name, "inet")) {
			masks[FAMILIES] |= NST_TABLES_IPV4;
			add_family(options, '4');
		} else if (!strcmp(name, "inet6")) {
			masks[FAMILIES] |= NST_TABLES_IPV6;
			add_family(options, '6');
		} else if (!strcmp(name, "unix")) {
			masks[PARTS] |= NST_PART_UNIX;
			add_family(options, 'x');
		} else {
			nst_die(NST_EXIT_USAGE, "-A %s: the families are inet, inet6 and unix", name);
		}
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
		nst_die(NST_EXIT_USAGE, "-%c: netstat(8) has this, it is not shown here", letter);
	if (strchr("46x", letter))
		add_family(options, letter);
	options->extended += letter == 'e';
	switch (known[i].effect) {
	case FAMILY_NAMES:
		add_families(options, masks, optarg);
		break;
	case STATES:
		options->naming = nst_naming_parse(optarg);
		break;
	case REPORT:
		if (strcmp(optarg, "byteinfo"))
			nst_die(NST_EXIT_USAGE, "--report=%s: no such report: byteinfo", optarg);
		options->report = true;
		break;
	case PARTS:
		if (masks[PARTS] & known[i].bits & NST_PARTS_ALONE)
			nst_die(NST_EXIT_USAGE, "-%c: once is enough", letter);
		masks[PARTS] |= known[i].bits;
		break;
	case INTERVAL:
		options->interval = 1;
		if (optarg && !parse_interval(options, optarg))
			nst_die(NST_EXIT_USAGE, "-c %s: not a number of seconds", optarg);
		break;
	case TOP:
		masks[FLAGS] |= known[i].bits;
		if (optarg && !parse_interval(options, optarg))
			nst_die(NST_EXIT_USAGE, "--top=%s: not a number of seconds", optarg);
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

/* netstat's rules; a form that is ours is one of the Internet's sockets. */
static void choose_parts(struct nst_options *options, const unsigned int *masks)
{
	const unsigned int forms = NST_OPT_JSON | NST_OPT_JSONL | NST_OPT_COUNTS | NST_OPT_DIFF |
				   NST_OPT_METRICS | NST_OPT_CHECK | NST_OPT_TOP |
				   NST_OPT_DROP;
	bool ours = options->flags & forms || options->report || options->thresholds ||
		    *options->filter;
	unsigned int alone = masks[PARTS] & NST_PARTS_ALONE;

	if (alone & (alone - 1))
		nst_die(NST_EXIT_USAGE, "-r, -i, -s and -M: one at a time");
	options->parts = alone ? alone : masks[PARTS];
	if (!alone && (!masks[PARTS] || masks[TABLES] || masks[FAMILIES]))
		options->parts |= NST_PART_SOCKETS;
	if (ours && options->parts & ~NST_PART_SOCKETS)
		nst_die(NST_EXIT_USAGE,
			"filters, reports, and other forms are for sockets of TCP, UDP and raw IP only");
	if (!(options->flags & NST_OPT_AS_NETSTAT))
		return;
	/* It prints counters once, and without a family or a protocol goes on with others. */
	if (alone & NST_PART_STATISTICS)
		options->interval = 0;
	if (options->parts == NST_PART_SOCKETS &&
	    !masks[TABLES] && !masks[FAMILIES] && !ours && !getenv("NETSTATE_FILE"))
		options->parts |= NST_PART_UNIX;
}

static void choose_tables(struct nst_options *options, const unsigned int *masks)
{
	const unsigned int all = NST_TABLES_IPV4 | NST_TABLES_IPV6;

	options->tables = masks[TABLES] ? masks[TABLES] : all | NST_TABLES_SCTP;
	if (masks[FAMILIES])
		options->tables &= masks[FAMILIES] | NST_TABLES_SCTP;
	if (options->parts & NST_PART_STATISTICS)
		return;
	options->tables &= all;
	if (masks[TABLES] & NST_TABLES_SCTP)
		nst_die(NST_EXIT_USAGE, "-S: of SCTP, only counters are shown: -s");
	if (!(options->flags & NST_OPT_DROP))
		return;
	/* Of raw sockets the kernel would end any: it looks at no cookie. Of UDP-Lite none. */
	options->tables &= NST_TABLES_TCP | NST_TABLES_UDP;
	if (!options->tables)
		nst_die(NST_EXIT_USAGE, "--drop ends what is of TCP or UDP");
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
	if (options->report && options->flags & (forms | NST_OPT_JSONL | NST_OPT_METRICS) & ~NST_OPT_DIFF)
		nst_die(NST_EXIT_USAGE, "--report prints text");
	if (options->flags & NST_OPT_DROP &&
	    (options->interval || options->report || options->thresholds ||
	     options->flags & (others | NST_OPT_TOP)))
		nst_die(NST_EXIT_USAGE, "--drop prints text, once: what became of each connection");
	if (options->thresholds && (options->interval || options->report || options->flags & others))
		nst_die(NST_EXIT_USAGE, "--check-threshold prints one line, once");
	if (options->flags & NST_OPT_TOP && (options->flags & others || options->report ||
					     options->thresholds))
		nst_die(NST_EXIT_USAGE, "--top is a screen, and goes with no other form");
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
		if (!parse_interval(options, argv[optind]))
			add_word(&options->filter, argv[optind]);
	if (!options->filter)
		add_word(&options->filter, "");

	options->flags = masks[FLAGS];
	if (!strcmp(program_invocation_short_name, "netstat"))
		options->flags |= NST_OPT_AS_NETSTAT;
	options->show = masks[SHOW];
	if (options->flags & NST_OPT_FULL)
		options->flags = (options->flags | NST_OPT_WIDE) & ~NST_OPT_NUMERIC_HOSTS;
	if (options->flags & NST_OPT_DROP)
		options->show |= NST_SHOW_PROGRAM;
	if (options->report)
		options->show |= NST_SHOW_PROGRAM | NST_SHOW_MORE;
	choose_parts(options, masks);
	choose_tables(options, masks);
	check_combination(options);
	if (options->thresholds)
		options->flags |= NST_OPT_COUNTS;
}
