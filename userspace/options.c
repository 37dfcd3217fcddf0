// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the reader was asked to do.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include <netstate/filter_token.h>
#include <netstate/format.h>

#include "beside/version.h"
#include "fail.h"
#include "netstat/elsewhere.h"
#include "netstat/parts.h"
#include "options.h"
#include "util.h"

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
	"      --diagnose [SECONDS]    what is wrong, and the command that shows it\n"
	"      --json, --jsonl         all columns, one document or a line a socket\n"
	"      --counts                how many sockets are in which state;  --metrics: for Prometheus\n"
	"      --no-header             only rows;  --pids: only the pids that hold these sockets\n"
	"      --check                 only check the filter, and print what the kernel would get\n"
	"      --check-threshold COUNT=WARNING,CRITICAL   compare counts, as a monitoring plugin\n"
	"      --drop [--yes]          end these connections, once you have said yes; with a filter\n"
	"  -h, --help  -V, --version   --require-module: exit 3 where the module is not there\n"
	"\n"
	"Other than these sockets, in netstat's own text, or as --json:\n"
	"  -x, --unix        UNIX sockets (with -a -l -p)\n"
	"  -g, --groups      multicast groups\n"
	"  -r, --route       routes (with -4 -6 -e -n; -F, --fib, -C, --cache)\n"
	"  -i, --interfaces  interfaces (with -a -e)\n"
	"  -s, --statistics  counters (with -t -u -w -6; -S, --sctp)\n"
	"\n"
	"FILTER: words such as state=close_wait,last_ack 'rport!=443' laddr=10.0.0.0/8 pid=812\n"
	"'comm=nginx*' owner=none; see netstate(8). sort=-recvq: in that order.\n"
	"NETSTATE_FILE=PATH reads a saved table.\n";

/* What an option does: it adds bits to one of the masks, or something of its own. */
enum effect {
	FLAGS, TABLES, FAMILIES, SHOW, PARTS, MASKS,
	FAMILY_NAMES = MASKS, STATES, REPORT, INTERVAL, THRESHOLD, HELP, VERSION,
};

/* Options that only have a long name have a character that nobody can type. */
static const struct {
	const char *name;
	int character;
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
	{ "report",	   141, REPORT, NST_OPT_REPORT, required_argument },
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
	{ "continuous",	   'c', INTERVAL, NST_OPT_AGAIN, optional_argument },
	{ "diff",	   131, FLAGS, NST_OPT_DIFF, no_argument },
	{ "top",	   150, INTERVAL, NST_OPT_TOP, optional_argument },
	{ "diagnose",	   151, INTERVAL, NST_OPT_DIAGNOSE, optional_argument },
	{ "json",	   132, FLAGS, NST_OPT_JSON, no_argument },
	{ "jsonl",	   133, FLAGS, NST_OPT_JSONL, no_argument },
	{ "counts",	   134, FLAGS, NST_OPT_COUNTS, no_argument },
	{ "metrics",	   135, FLAGS, NST_OPT_METRICS, no_argument },
	{ "check",	   136, FLAGS, NST_OPT_CHECK, optional_argument },
	{ "check-threshold", 137, THRESHOLD, NST_OPT_THRESHOLD, required_argument },
	{ "no-header",	   138, FLAGS, NST_OPT_NO_HEADER, no_argument },
	{ "pids",	   139, FLAGS, NST_OPT_PIDS, no_argument },
	{ "require-module", 152, FLAGS, NST_OPT_REQUIRE, no_argument },
	{ "drop",	   160, FLAGS, NST_OPT_DROP, no_argument },
	{ "yes",	   161, FLAGS, NST_OPT_YES, no_argument },
	{ "verbose",	   'v', FLAGS, 0, no_argument },	/* netstat's; it means nothing here */
	{ "help",	   'h', HELP, 0, no_argument },
	{ "version",	   'V', VERSION, 0, no_argument },
	/* under its name only */
	{ "tcpip",	   '4', FAMILIES, NST_TABLES_IPV4, no_argument },
	{ "ine",	   '4', FAMILIES, NST_TABLES_IPV4, no_argument },
};

#define KNOWN	ARRAY_SIZE(known)
#define THEIRS	(KNOWN - 2)	/* the first option that is there under netstat's name only */
#define OURS	131		/* the first character of options that netstat lacks; so is 'f' */

static bool parse_interval(struct nst_options *options, const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds >= 0.001 && seconds <= 1e6))
		return false;
	options->interval = seconds;
	return true;
}

/* Appends a word to a text, after a space; other white space in it becomes a space, too. */
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
	struct nst_span rest = { filter, filter + strlen(filter) };
	struct nst_token token;
	const char *p;

	for (nst_token_next(&token, &rest); token.kind; nst_token_next(&token, &rest))
		for (p = token.key.start; p < token.key.end; p++)
			if (*p >= 'A' && *p <= 'Z')
				filter[p - filter] |= 0x20;
}

static bool apply(struct nst_options *options, unsigned int *masks, int character)
{
	size_t i = 0, families = strlen(options->families);
	char *name;

	while (i < KNOWN && known[i].character != character)
		i++;
	if (character == '?')
		return nst_fail(NST_EXIT_USAGE, "--help tells what there is");
	if (i == KNOWN)
		return nst_fail(NST_EXIT_USAGE, "-%c: netstat(8) has this, it is not shown here",
				character);
	if (strchr("46x", character)) {
		if (families == sizeof(options->families) - 1)
			return nst_fail(NST_EXIT_USAGE, "too many families");
		options->families[families] = character;
	}
	options->extended += character == 'e';
	if (known[i].effect < MASKS) {
		if (known[i].effect == PARTS && masks[PARTS] & known[i].bits & NST_PARTS_ALONE)
			return nst_fail(NST_EXIT_USAGE, "-%c: once is enough", character);
		masks[known[i].effect] |= known[i].bits;
		return !optarg || add_word(&options->filter, optarg);
	}
	masks[FLAGS] |= known[i].bits;
	switch (known[i].effect) {
	case FAMILY_NAMES:	/* each is an option, too */
		for (name = strtok(optarg, ","); name; name = strtok(NULL, ",")) {
			character = !strcmp(name, "inet") ? '4' : !strcmp(name, "inet6") ? '6' :
				    !strcmp(name, "unix") ? 'x' : 0;
			if (!character)
				return nst_fail(NST_EXIT_USAGE,
						"-A %s: the families are inet, inet6 and unix",
						name);
			optarg = NULL;
			if (!apply(options, masks, character))
				return false;
		}
		return true;
	case STATES:
		return nst_elsewhere_naming(optarg, &options->naming) ||
		       nst_fail(NST_EXIT_USAGE,
				"--states=%s: no such names: windows zos rfc linux", optarg);
	case REPORT:
		return !strcmp(optarg, "byteinfo") ||
		       nst_fail(NST_EXIT_USAGE, "--report=%s: no such report: byteinfo", optarg);
	case INTERVAL:
		if (character == 'c')
			options->interval = 1;
		return !optarg || parse_interval(options, optarg) ||
		       nst_fail(NST_EXIT_USAGE, "--%s=%s: not a number of seconds",
				known[i].name, optarg);
	case THRESHOLD:
		return add_word(&options->thresholds, optarg);
	case VERSION:
		return nst_version_print();
	default:
		fputs(usage, stdout);
		return false;
	}
}

/* Refuses options that do not go together; the first rule that is broken is told. */
static bool check_combination(const struct nst_options *options)
{
	const unsigned int forms = NST_OPT_JSON | NST_OPT_COUNTS | NST_OPT_DIFF | NST_OPT_PIDS;
	const unsigned int others = forms | NST_OPT_JSONL | NST_OPT_METRICS | NST_OPT_CHECK;
	const unsigned int text = NST_OPT_REPORT | NST_OPT_THRESHOLD;
	const unsigned int once = options->interval ? NST_OPT_AGAIN : 0;
	const struct {
		unsigned int one, other;	/* NST_OPT_* */
		const char *why;
	} rules[] = {
		{ NST_OPT_DIFF, options->interval ? 0 : NST_OPT_DIFF,
		  "--diff compares tables: it needs -c" },
		{ NST_OPT_DIFF, NST_OPT_JSON | NST_OPT_COUNTS,
		  "--diff prints text, or with --jsonl lines of JSON" },
		{ NST_OPT_METRICS, forms, "--metrics has one form only" },
		{ NST_OPT_REPORT, NST_OPT_JSON | NST_OPT_COUNTS | NST_OPT_JSONL | NST_OPT_METRICS,
		  "--report prints text" },
		{ NST_OPT_DIAGNOSE, *options->filter ? ~0U : (NST_OPT_OURS & ~NST_OPT_DIAGNOSE & ~NST_OPT_JSON),
		  "--diagnose takes no filter, and prints text, or with --json a document" },
		{ NST_OPT_DROP, once | text | others | NST_OPT_TOP | NST_OPT_SORT,
		  "--drop prints text, once: what became of each connection" },
		{ NST_OPT_THRESHOLD, once | NST_OPT_REPORT | others | NST_OPT_SORT,
		  "--check-threshold prints one line, once" },
		{ NST_OPT_TOP, others | text | NST_OPT_SORT, "--top is a screen, and goes with no other form" },
		{ NST_OPT_PIDS, others & ~NST_OPT_PIDS, "--pids prints pids only" },
		{ NST_OPT_NO_HEADER, others & ~NST_OPT_DIFF, "--no-header is for text" },
		{ NST_OPT_SORT, others, "sort= is for rows of text" },
		{ NST_OPT_YES, options->flags & NST_OPT_DROP ? 0 : NST_OPT_YES,
		  "--yes answers --drop, which is not there" },
	};
	const unsigned int flags = options->flags | once;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (flags & rules[i].one && flags & rules[i].other)
			return nst_fail(NST_EXIT_USAGE, "%s", rules[i].why);
	return true;
}

/* Under netstat's name, other options must be given whole, so that its abbreviations work. */
static void list_options(struct option *list, bool as_netstat, char **argv)
{
	size_t i;

	for (i = 0; i < KNOWN; i++) {
		bool ours = known[i].character >= OURS || known[i].character == 'f';

		if (as_netstat ? ours && !nst_parts_is_given(known[i].name, argv) : i >= THEIRS)
			continue;
		*list++ = (struct option){ .name = known[i].name, .has_arg = known[i].argument,
					   .val = known[i].character };
	}
}

/* Takes what is no option: an interval, or words of the filter. netstat ignores the rest. */
static bool take_word(struct nst_options *options, bool is_again, bool as_netstat, const char *word)
{
	bool ignored = as_netstat && !word[strcspn(word, "=<>!")];

	options->sort = strncmp(word, "sort=", 5) ? options->sort : word + 5;
	return options->sort == word + 5 || (ignored && !is_again) ||
	       parse_interval(options, word) || ignored || add_word(&options->filter, word);
}

/**
 * nst_options_parse() - read the command line
 * @options: filled in; lives as long as the program
 * @argc: as main() has it
 * @argv: as main() has it
 * @flags: NST_OPT_* that the program itself stands for
 *
 * Return: whether there is something to do: it makes sense, and --help and --version,
 * which are answered here, were not given.
 */
bool nst_options_parse(struct nst_options *options, int argc, char **argv, unsigned int flags)
{
	/* Options of netstat that are not in the table are here to be refused by name. */
	static const char characters[] = "tuUw46A:alnWepocvNhVCFMdgirsSxZ2f";
	const bool as_netstat = !strcmp(program_invocation_short_name, "netstat");
	struct option long_options[KNOWN + 1] = {};
	unsigned int masks[MASKS] = { [FLAGS] = flags };
	int character, i;

	/* A plugin tells all errors its own way, also those in options before that one. */
	for (i = 1; i < argc; i++)
		if (!strncmp(argv[i], "--check-", 8))
			nst_fail_as_plugin();
	list_options(long_options, as_netstat, argv + 1);
	while ((character = getopt_long(argc, argv, characters, long_options, NULL)) != -1)
		if (!apply(options, masks, character))
			return false;
	for (; optind < argc; optind++)
		if (!take_word(options, masks[FLAGS] & NST_OPT_AGAIN, as_netstat, argv[optind]))
			return false;
	if (!options->filter && !add_word(&options->filter, ""))
		return false;
	lower_keys(options->filter);

	options->flags = masks[FLAGS] | (as_netstat ? NST_OPT_AS_NETSTAT : 0) |
			 (options->sort ? NST_OPT_SORT : 0);
	options->show = masks[SHOW];
	if (options->flags & NST_OPT_FULL)
		options->flags = (options->flags | NST_OPT_WIDE) & ~NST_OPT_NUMERIC_HOSTS;
	if (options->flags & NST_OPT_DROP)
		options->show |= NST_SHOW_PROGRAM;
	if (options->flags & (NST_OPT_REPORT | NST_OPT_PIDS))
		options->show |= NST_SHOW_PROGRAM | NST_SHOW_DETAIL;
	if (!nst_parts_choose(options, masks[PARTS], masks[TABLES], masks[FAMILIES]) ||
	    !check_combination(options))
		return false;
	if (options->flags & NST_OPT_THRESHOLD)
		options->flags |= NST_OPT_COUNTS;
	return true;
}
