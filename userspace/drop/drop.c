// SPDX-License-Identifier: GPL-2.0-only
/*
 * netstate-drop - end the connections that a filter shows, once somebody has said yes
 *
 * The module only reads; what ends them is the kernel's sock_diag, as with ss -K.
 *
 * Between the table and the end there may be minutes, and another connection may
 * have the same addresses by then. So each is ended by its cookie. Those that have
 * none get one first, and the table is read again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <search.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "beside/grow.h"
#include "beside/text.h"
#include "drop/diag.h"
#include "drop/orphan.h"
#include "drop/question.h"
#include "fail.h"
#include "forms.h"
#include "names/names.h"
#include "reading.h"
#include "select.h"

#define ROUNDS	4	/* how often the table is read until all rows have cookies */
#define PORTS	4096	/* how many remote ports are tried to find a listener */

enum result {
	DROP_ENDED,
	DROP_GONE,
	DROP_FORBIDDEN,
	DROP_WAITS,
	DROP_ORPHAN,
	DROP_UNSUPPORTED,
	DROP_HIDDEN,
	DROP_ELSEWHERE,
	DROP_FAILED,
	DROP_RESULTS,
};

static const struct {
	const char *word;
	const char *why;
} results[DROP_RESULTS] = {
	[DROP_ENDED] = { "ended", NULL },
	[DROP_GONE] = { "gone already", NULL },
	[DROP_FORBIDDEN] = { "not permitted", "only who has CAP_NET_ADMIN may end connections" },
	[DROP_WAITS] = { "not supported",
			 "this kernel ends nothing that is in TIME_WAIT; it ends by itself" },
	[DROP_ORPHAN] = { "not supported",
			  "no process holds it any more, and this kernel would keep it for ever; "
			  "its timer ends it" },
	[DROP_UNSUPPORTED] = { "not supported",
			       "this kernel was built without CONFIG_INET_DIAG_DESTROY" },
	[DROP_HIDDEN] = { "not found",
			  "another socket has the same address and the kernel finds that one, "
			  "or its device is gone" },
	[DROP_ELSEWHERE] = { "not here",
			     "a connection is ended from its own network namespace; to run this "
			     "there: nsenter" },
	[DROP_FAILED] = { "failed", NULL },
};

/**
 * struct target - a socket that is to be ended
 * @req: the request that finds it
 * @text: its row, allocated
 * @table: its table
 * @listens: it is a listener
 * @elsewhere: it is of another network namespace
 * @result: what became of it
 */
struct target {
	struct inet_diag_req_v2 req;
	char *text;
	enum nst_table table;
	bool listens;
	bool elsewhere;
	enum result result;
};

static struct nst_source source;	/* holds a large buffer */
static struct nst_select chosen;
static struct target *targets;
static size_t count, space;
static unsigned int without_cookie;	/* tables with such rows, as bits */
static size_t left_out;			/* how many */
static void *gone;			/* tree of those that were not found, afterwards */

/* Whether it can be known already that nothing can be ended. */
static bool check(struct nst_options *options)
{
	struct nst_filter filter;

	if (!nst_words_parse(&options->filter, &filter))
		return false;
	if (filter.group.by[0])
		return nst_fail(NST_EXIT_USAGE, "--drop and group= do not go together");
	if (!nst_question_chooses(&filter))
		return nst_fail(NST_EXIT_USAGE,
				"--drop without a filter would end all connections: "
				"say which, such as lport=80 or state=close_wait");
	if (nst_source_saved())
		return nst_fail(NST_EXIT_USAGE,
				"--drop ends what is now: not a saved table's connections");
	return options->flags & NST_OPT_YES || isatty(STDIN_FILENO) ||
	       nst_fail(NST_EXIT_USAGE,
			"there is no terminal to ask on; --yes ends without asking");
}

static void forget(void)
{
	while (count)
		free(targets[--count].text);
	without_cookie = 0;
	left_out = 0;
}

/* The row, without the spaces that it ends in; NULL if there is no memory. */
static char *row_text(const struct nst_options *options, const struct nst_row *row)
{
	struct nst_text text;

	if (!nst_text_open(&text))
		return NULL;
	nst_print_row(text.out, options, row);
	nst_text_close(&text);
	while (text.text && text.size && text.text[text.size - 1] == ' ')
		text.text[--text.size] = '\0';
	return text.text;
}

static int compare(const void *a, const void *b)
{
	const struct target *x = a, *y = b;

	return memcmp(x->req.id.idiag_cookie, y->req.id.idiag_cookie,
		      sizeof(x->req.id.idiag_cookie));
}

/* Whether a row is of another network namespace than sock_diag's. */
static bool is_elsewhere(const struct nst_row *row)
{
	static struct stat ours;
	u64 netns;

	if (!ours.st_ino && stat("/proc/self/ns/net", &ours))
		return false;
	return nst_word_number(nst_word_value(row->detail, "netns"), ~0ULL, &netns) &&
	       netns != ours.st_ino;
}

/* Adds a row to the targets; or, afterwards, notes that it is still there. */
static bool add(const struct nst_options *options, const struct nst_row *row)
{
	bool elsewhere = is_elsewhere(row);
	struct target found, *target, **hidden;

	if (!nst_diag_find(&found.req, row) && !elsewhere) {
		without_cookie |= BIT(row->table);
		left_out++;
		return true;
	}
	if (gone) {
		hidden = tfind(&found, &gone, compare);
		if (hidden)
			(*hidden)->result = DROP_HIDDEN;
		return true;
	}
	if (!nst_grow(&targets, count, &space, sizeof(*targets)))
		return false;
	target = &targets[count++];
	target->req = found.req;
	target->text = row_text(options, row);
	target->table = row->table;
	target->listens = row->sock.state == NST_LISTEN;
	target->elsewhere = elsewhere;
	return target->text;
}

static bool read_table(const struct nst_options *options)
{
	static struct nst_reading reading;
	struct nst_row row;

	if (!nst_reading_begin(&reading, &source, &chosen))
		return false;
	while (nst_reading_row(&reading, &row))
		if (!add(options, &row))
			return false;
	return !nst_trouble();
}

/* Asks the kernel to give cookies to the sockets of some tables, or tests whether it could. */
static bool number(unsigned int tables, unsigned int states)
{
	unsigned int table;
	int err;

	for (table = NST_TCP; table <= NST_UDP6; table++) {
		if (!(tables & BIT(table)))
			continue;
		err = nst_diag_number(table, states);
		if (err == -ENOENT)
			return nst_fail(NST_EXIT_IO,
					"the kernel has no %s, and did not find it as a module",
					table < NST_UDP ? "tcp_diag" : "udp_diag");
		if (err)
			return nst_fail(NST_EXIT_IO, "sock_diag: %s", strerror(-err));
	}
	return true;
}

static bool find_targets(const struct nst_options *options)
{
	int round;

	for (round = 1; ; round++) {
		forget();
		if (!read_table(options))
			return false;
		if (!without_cookie || round == ROUNDS)
			return true;
		if (!number(without_cookie, NST_DIAG_ALL) || !nst_source_rewind(&source))
			return false;
	}
}

/* Says what is to be ended; whether the answer is yes. */
static bool ask(const struct nst_options *options)
{
	char columns[NST_HEAD_MAX], answer[16];
	size_t i, listeners = 0;

	*nst_format_columns(columns, options->show) = '\0';
	fputs(columns, stdout);
	for (i = 0; i < count; i++) {
		puts(targets[i].text);
		listeners += targets[i].listens;
	}
	if (!nst_flush())
		return false;
	tcflush(STDIN_FILENO, TCIFLUSH);	/* what was typed before is no answer */
	if (listeners)
		fprintf(stderr, "%zu of them listen%s: without, nobody can connect there.\n",
			listeners, listeners == 1 ? "s" : "");
	if (count == 1)
		fputs("End this connection? [y/N] ", stderr);
	else
		fprintf(stderr, "End these %zu connections? [y/N] ", count);
	return fgets(answer, sizeof(answer), stdin) && nst_question_is_yes(answer);
}

/*
 * Several sockets may listen, or get datagrams, at one address and port. The kernel then
 * chooses one by the remote end. So try remote ports until it chooses the one with this
 * cookie.
 */
static int destroy(const struct target *target)
{
	struct inet_diag_req_v2 req = target->req;
	int err = nst_diag_destroy(&req);
	unsigned int port;

	if (req.id.idiag_dport)
		return err;
	for (port = 1; err == -ENOENT && port <= PORTS; port++) {
		req.id.idiag_dport = htons(port);
		err = nst_diag_destroy(&req);
	}
	return err;
}

static enum result end(const struct target *target)
{
	int err;

	if (target->elsewhere)
		return DROP_ELSEWHERE;
	/* Tested only now: it may have lost its process since it was listed. */
	if (target->req.sdiag_protocol == IPPROTO_TCP && nst_diag_is_orphan(&target->req) &&
	    !nst_orphan_can_end())
		return DROP_ORPHAN;
	err = destroy(target);
	switch (-err) {
	case 0:
		return DROP_ENDED;
	case ENOENT:
		return DROP_GONE;
	case EPERM:
		return DROP_FORBIDDEN;
	case EOPNOTSUPP:
		return nst_diag_is_time_wait(&target->req) ? DROP_WAITS : DROP_UNSUPPORTED;
	default:
		nst_warn("sock_diag: %s", strerror(-err));
		return DROP_FAILED;
	}
}

static bool end_all(const struct nst_options *options)
{
	size_t i;

	for (i = 0; i < count; i++) {
		targets[i].result = end(&targets[i]);
		if (targets[i].result == DROP_GONE && !tsearch(&targets[i], &gone, compare))
			return nst_no_memory();
	}
	if (!gone)
		return true;
	/* A socket that the table still has is there: sock_diag only did not find it. */
	return nst_source_rewind(&source) && read_table(options);
}

/* Says what became of each, then of all; returns the exit code. */
static int report(void)
{
	size_t i, of[DROP_RESULTS] = {};
	const char *between = "";

	for (i = 0; i < count; i++) {
		printf("%-13s %s\n", results[targets[i].result].word, targets[i].text);
		of[targets[i].result]++;
	}
	for (i = 0; i < DROP_RESULTS; i++) {
		if (!of[i])
			continue;
		printf("%s%zu %s", between, of[i], results[i].word);
		between = ", ";
	}
	putchar('\n');
	if (!nst_flush())
		return NST_EXIT_IO;
	for (i = 0; i < DROP_RESULTS; i++)
		if (of[i] && results[i].why)
			nst_warn("%s: %s", results[i].word, results[i].why);
	return of[DROP_ENDED] + of[DROP_GONE] == count ? EXIT_SUCCESS : NST_EXIT_IO;
}

/* Ends the connections that are chosen, if that is wanted; returns the exit code. */
static int drop(const struct nst_options *options)
{
	unsigned int tables = 0;
	size_t i;

	if (!find_targets(options))
		return NST_EXIT_IO;
	if (left_out)
		nst_warn("%zu came just now, and are left alone", left_out);
	for (i = 0; i < count; i++)
		tables |= targets[i].elsewhere ? 0 : BIT(targets[i].table);
	if (!number(tables, NST_DIAG_NONE))
		return NST_EXIT_IO;
	if (!count) {
		nst_warn("there is no such connection");
		return EXIT_SUCCESS;
	}
	if (options->flags & NST_OPT_YES || ask(options))
		return end_all(options) ? report() : NST_EXIT_IO;
	if (!nst_trouble())
		nst_warn("nothing is ended");
	return NST_EXIT_IO;
}

static bool open_source(struct nst_options *options)
{
	options->also = NST_SHOW_DETAIL;	/* cookies */
	if (!nst_source_open(&source, true) || !nst_select_set(&chosen, options, &source))
		return false;
	if (!source.filters)
		return nst_fail(NST_EXIT_USAGE, "--drop: %s must be writable, to ask for cookies",
				source.path);
	nst_cgroups_open();
	return !nst_trouble();
}

int main(int argc, char **argv)
{
	static struct nst_options options;
	int status = EXIT_SUCCESS;

	/* If nobody reads what is printed, nobody has seen what became of them: no success. */
	signal(SIGPIPE, SIG_IGN);
	if (nst_options_parse(&options, argc, argv, NST_OPT_DROP) && check(&options) &&
	    open_source(&options))
		status = drop(&options);
	return nst_tell(status);
}
