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
#include "util.h"

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
	/* under its name only */
	{ "tcpip",	   '4', FAMILIES, NST_TABLES_IPV4, no_argument },
	{ "ine",	   '4', FAMILIES, NST_TABLES_IPV4, no_argument },
};

#define KNOWN	ARRAY_SIZE(known)
#define THEIRS	(KNOWN - 2)	/* the first one of those */
#define OURS	131		/* the first letter of those that netstat has not; and --full */

static bool add_family(struct nst_options *options, int letter)
{
	size_t len = strlen(options->families);

	if (len == sizeof(options->families) - 1)
		return nst_fail(NST_EXIT_USAGE, "too many families");
	options->families[len] = letter;
	return true;
}

static bool add_families(struct nst_options *options, unsigned int *masks, char *names)
{
	char *name;

	for (name = strtok(names, ","); name; name = strtok(NULL, ",")) {
		int letter = !strcmp(name, "inet") ? '4' : !strcmp(name, "inet6") ? '6' :
			     !strcmp(name, "unix") ? 'x' : 0;

		if (!letter)
			return nst_fail(NST_EXIT_USAGE,
					"-A %s: the families are inet, inet6 and unix", name);
		masks[FAMILIES] |= letter == '4' ? NST_TABLES_IPV4 :
				   letter == '6' ? NST_TABLES_IPV6 : 0;
		masks[PARTS] |= letter == 'x' ? NST_PART_UNIX : 0;
		if (!add_family(options, letter))
			return false;
	}
	return true;
}

static bool parse_naming(struct nst_options *options, const char *word)
{
	static const char *const words[NST_NAMINGS] = {
		[NST_NAMING_LINUX] = "linux", [NST_NAMING_WINDOWS] = "windows",
		[NST_NAMING_ZOS] = "zos", [NST_NAMING_RFC] = "rfc",
	};

	for (options->naming = 0; options->naming < NST_NAMINGS; options->naming++)
		if (!strcmp(word, words[options->naming]))
			return true;
	return nst_fail(NST_EXIT_USAGE, "--states=%s: no such names: windows zos rfc linux", word);
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
static bool add_word(char **text, const char *word)
{
	char *old = *text, *p;

	if (asprintf(text, "%s%s%s", old ? old : "", old ? " " : "", word) < 0) {
		*text = old;
		return nst_no_memory();
	}
	free(old);
	for (p = *text; *p; p++)
		if (*p >= '\t' && *p <= '\r')
			*p = ' ';
	return true;
}

/* Keys may be in upper case, as names are. */
static void lower_keys(char *filter)
{
	bool in_key = true;

	for (; *filter; filter++) {
		in_key = *filter == ' ' || (in_key && !strchr("=!<>", *filter));
		if (in_key && *filter >= 'A' && *filter <= 'Z')
			*filter |= 0x20;
	}
}

static bool apply(struct nst_options *options, unsigned int *masks, int letter)
{
	size_t i = 0;

	while (i < KNOWN && known[i].letter != letter)
		i++;
	if (letter == '?')
		return nst_fail(NST_EXIT_USAGE, "--help tells what there is");
	if (i == KNOWN)
		return nst_fail(NST_EXIT_USAGE, "-%c: netstat(8) has this, it is not shown here",
				letter);
	if (strchr("46x", letter) && !add_family(options, letter))
		return false;
	options->extended += letter == 'e';
	switch (known[i].effect) {
	case FAMILY_NAMES:
		return add_families(options, masks, optarg);
	case STATES:
		return parse_naming(options, optarg);
	case REPORT:
		options->report = true;
		return !strcmp(optarg, "byteinfo") ||
		       nst_fail(NST_EXIT_USAGE, "--report=%s: no such report: byteinfo", optarg);
	case PARTS:
		if (masks[PARTS] & known[i].bits & NST_PARTS_ALONE)
			return nst_fail(NST_EXIT_USAGE, "-%c: once is enough", letter);
		masks[PARTS] |= known[i].bits;
		return true;
	case INTERVAL:
		options->interval = 1;
		masks[FLAGS] |= NST_OPT_AGAIN;
		return !optarg || parse_interval(options, optarg) ||
		       nst_fail(NST_EXIT_USAGE, "-c %s: not a number of seconds", optarg);
	case TOP:
		masks[FLAGS] |= known[i].bits;
		return !optarg || parse_interval(options, optarg) ||
		       nst_fail(NST_EXIT_USAGE, "--top=%s: not a number of seconds", optarg);
	case THRESHOLD:
		return add_word(&options->thresholds, optarg);
	case HELP:
	case VERSION:
		options->answer = known[i].effect == HELP ? usage :
						"netstate " NETSTATE_VERSION "\n";
		return true;
	default:
		masks[known[i].effect] |= known[i].bits;
		return !optarg || add_word(&options->filter, optarg);
	}
}

/* netstat's rules; a form that is ours is one of the Internet's sockets. */
static bool choose_parts(struct nst_options *options, const unsigned int *masks)
{
	const unsigned int forms = NST_OPT_JSON | NST_OPT_JSONL | NST_OPT_COUNTS | NST_OPT_DIFF |
				   NST_OPT_METRICS | NST_OPT_CHECK | NST_OPT_TOP |
				   NST_OPT_DROP;
	bool ours = options->flags & forms || options->report || options->thresholds ||
		    *options->filter;
	unsigned int alone = masks[PARTS] & NST_PARTS_ALONE;

	if (alone & (alone - 1))
		return nst_fail(NST_EXIT_USAGE, "-r, -i, -s and -M: one at a time");
	options->parts = alone ? alone : masks[PARTS];
	if (!alone && (!masks[PARTS] || masks[TABLES] || masks[FAMILIES]))
		options->parts |= NST_PART_SOCKETS;
	if (ours && options->parts & ~NST_PART_SOCKETS)
		return nst_fail(NST_EXIT_USAGE,
				"filters, reports, and other forms are for sockets of TCP, UDP and raw IP only");
	if (!(options->flags & NST_OPT_AS_NETSTAT))
		return true;
	/* It prints counters once, and without a family or a protocol goes on with others. */
	if (alone & NST_PART_STATISTICS)
		options->interval = 0;
	if (options->parts == NST_PART_SOCKETS &&
	    !masks[TABLES] && !masks[FAMILIES] && !ours && !getenv("NETSTATE_FILE"))
		options->parts |= NST_PART_UNIX;
	return true;
}

static bool choose_tables(struct nst_options *options, const unsigned int *masks)
{
	const unsigned int all = NST_TABLES_IPV4 | NST_TABLES_IPV6;

	options->tables = masks[TABLES] ? masks[TABLES] : all | NST_TABLES_SCTP;
	if (masks[FAMILIES])
		options->tables &= masks[FAMILIES] | NST_TABLES_SCTP;
	if (options->parts & NST_PART_STATISTICS)
		return true;
	options->tables &= all;
	if (masks[TABLES] & NST_TABLES_SCTP)
		return nst_fail(NST_EXIT_USAGE, "-S: of SCTP, only counters are shown: -s");
	if (!(options->flags & NST_OPT_DROP))
		return true;
	/* Of raw sockets the kernel would end any: it looks at no cookie. Of UDP-Lite none. */
	options->tables &= NST_TABLES_TCP | NST_TABLES_UDP;
	return options->tables || nst_fail(NST_EXIT_USAGE, "--drop ends what is of TCP or UDP");
}

/* What does not go together, the first that is met. */
static bool check_combination(const struct nst_options *options)
{
	const unsigned int forms = NST_OPT_JSON | NST_OPT_COUNTS | NST_OPT_DIFF;
	const unsigned int others = forms | NST_OPT_JSONL | NST_OPT_METRICS | NST_OPT_CHECK;
	const unsigned int flags = options->flags;
	const bool report = options->report, threshold = options->thresholds;
	const bool again = options->interval;
	const struct {
		bool is_met;
		const char *why;
	} rules[] = {
		{ flags & NST_OPT_DIFF && !again, "--diff compares tables: it needs -c" },
		{ flags & NST_OPT_DIFF && flags & (NST_OPT_JSON | NST_OPT_COUNTS),
		  "--diff prints text, or with --jsonl lines of JSON" },
		{ flags & NST_OPT_METRICS && (flags & forms || *options->filter),
		  "--metrics takes no filter, and has one form only" },
		{ report && flags & (forms | NST_OPT_JSONL | NST_OPT_METRICS) & ~NST_OPT_DIFF,
		  "--report prints text" },
		{ flags & NST_OPT_DROP &&
		  (again || report || threshold || flags & (others | NST_OPT_TOP)),
		  "--drop prints text, once: what became of each connection" },
		{ threshold && (again || report || flags & others),
		  "--check-threshold prints one line, once" },
		{ flags & NST_OPT_TOP && (flags & others || report || threshold),
		  "--top is a screen, and goes with no other form" },
		{ flags & NST_OPT_YES && !(flags & NST_OPT_DROP),
		  "--yes answers --drop, which is not there" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].is_met)
			return nst_fail(NST_EXIT_USAGE, "%s", rules[i].why);
	return true;
}

/* Whether an option stands on the command line with its whole name. */
static bool is_given(const char *name, int argc, char **argv)
{
	size_t len = strlen(name);
	int i;

	for (i = 1; i < argc; i++)
		if (!strncmp(argv[i], "--", 2) && !strncmp(argv[i] + 2, name, len) &&
		    (!argv[i][2 + len] || argv[i][2 + len] == '='))
			return true;
	return false;
}

/* Under netstat's name, options of ours do not make its own abbreviations ambiguous. */
static void list_options(struct option *list, bool as_netstat, int argc, char **argv)
{
	size_t i;

	for (i = 0; i < KNOWN; i++) {
		bool ours = known[i].letter >= OURS || known[i].letter == 'f';

		if (as_netstat ? ours && !is_given(known[i].name, argc, argv) : i >= THEIRS)
			continue;
		list->name = known[i].name;
		list->has_arg = known[i].argument;
		list->val = known[i].letter;
		list++;
	}
}

/* Takes what is no option: an interval, or words of the filter. netstat ignores the rest. */
static bool take_word(struct nst_options *options, const unsigned int *masks, bool as_netstat,
		      const char *word)
{
	if (as_netstat && !word[strcspn(word, "=<>!")] && !(masks[FLAGS] & NST_OPT_AGAIN))
		return true;
	if (parse_interval(options, word))
		return true;
	return (as_netstat && !word[strcspn(word, "=<>!")]) || add_word(&options->filter, word);
}

/**
 * nst_options_parse() - read the command line
 * @options: filled in; to be freed by nst_options_free(), also if this fails
 * @argc: as main() has it
 * @argv: as main() has it
 * @flags: NST_OPT_* that the program itself stands for
 *
 * Return: whether it makes sense.
 */
bool nst_options_parse(struct nst_options *options, int argc, char **argv, unsigned int flags)
{
	/* Of netstat's options, the rest is known here to be refused by name. */
	static const char letters[] = "tuUw46A:alnWepocvNhVCFMdgirsSxZ2f";
	const bool as_netstat = !strcmp(program_invocation_short_name, "netstat");
	struct option long_options[KNOWN + 1] = {};
	unsigned int masks[MASKS] = { [FLAGS] = flags };
	int letter, i;

	memset(options, 0, sizeof(*options));
	/* Errors in what stands before it are told its way, too. */
	for (i = 1; i < argc; i++)
		if (!strncmp(argv[i], "--check-", 8))
			nst_fail_as_plugin();
	list_options(long_options, as_netstat, argc, argv);
	while ((letter = getopt_long(argc, argv, letters, long_options, NULL)) != -1)
		if (!apply(options, masks, letter) || options->answer)
			return options->answer;
	for (; optind < argc; optind++)
		if (!take_word(options, masks, as_netstat, argv[optind]))
			return false;
	if (!options->filter && !add_word(&options->filter, ""))
		return false;
	lower_keys(options->filter);

	options->flags = masks[FLAGS] | (as_netstat ? NST_OPT_AS_NETSTAT : 0);
	options->show = masks[SHOW];
	if (options->flags & NST_OPT_FULL)
		options->flags = (options->flags | NST_OPT_WIDE) & ~NST_OPT_NUMERIC_HOSTS;
	if (options->flags & NST_OPT_DROP)
		options->show |= NST_SHOW_PROGRAM;
	if (options->report)
		options->show |= NST_SHOW_PROGRAM | NST_SHOW_DETAIL;
	if (!choose_parts(options, masks) || !choose_tables(options, masks) ||
	    !check_combination(options))
		return false;
	if (options->thresholds)
		options->flags |= NST_OPT_COUNTS;
	return true;
}

void nst_options_free(struct nst_options *options)
{
	free(options->thresholds);
	free(options->filter);
}
