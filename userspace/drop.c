// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of connections: those that the filter shows, once somebody has said yes.
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
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "diag.h"
#include "drop.h"
#include "fail.h"
#include "orphan.h"
#include "print.h"
#include "view.h"
#include "words.h"

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
	[DROP_FAILED] = { "failed", NULL },
};

/**
 * struct victim - a socket that is to be ended
 * @req: what it is found by
 * @text: its row, allocated
 * @table: what that is of
 * @listens: it is a listener
 * @result: what became of it
 */
struct victim {
	struct inet_diag_req_v2 req;
	char *text;
	enum nst_table table;
	bool listens;
	enum result result;
};

static struct victim *victims;
static size_t count, room;
static unsigned int without_cookie;	/* tables with such rows, as bits */
static size_t left_out;			/* how many */
static void *gone;			/* tree of those that were not found, afterwards */

/**
 * nst_drop_check() - end the program if it can be known already that nothing can be ended
 * @options: the command line
 */
void nst_drop_check(struct nst_options *options)
{
	struct nst_filter filter, everything;

	if (!(options->flags & NST_OPT_DROP)) {
		if (options->flags & NST_OPT_YES)
			nst_die(NST_EXIT_USAGE, "--yes answers --drop, which is not there");
		return;
	}
	nst_words_parse(&options->filter, &filter);
	if (filter.group.by[0])
		nst_die(NST_EXIT_USAGE, "--drop and group= do not go together");
	nst_filter_clear(&everything);
	everything.show = filter.show;
	if (!memcmp(&filter, &everything, sizeof(filter)))
		nst_die(NST_EXIT_USAGE, "--drop without a filter would end all connections: "
			"say which, such as lport=80 or state=close_wait");
	if (getenv("NETSTATE_FILE") && *getenv("NETSTATE_FILE"))
		nst_die(NST_EXIT_USAGE, "--drop ends what is now: not a saved table's connections");
	if (!(options->flags & NST_OPT_YES) && !isatty(STDIN_FILENO))
		nst_die(NST_EXIT_USAGE, "there is no terminal to ask on; --yes ends without asking");
}

static void forget(void)
{
	while (count)
		free(victims[--count].text);
	without_cookie = 0;
	left_out = 0;
}

/* The row, without the spaces that it ends in. */
static char *row_text(const struct nst_options *options, const struct nst_row *row)
{
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		nst_die(NST_EXIT_IO, "out of memory");
	nst_print_row(out, options, row);
	if (fclose(out))
		nst_die(NST_EXIT_IO, "out of memory");
	while (size && text[size - 1] == ' ')
		text[--size] = '\0';
	return text;
}

static int compare(const void *a, const void *b)
{
	const struct victim *x = a, *y = b;

	return memcmp(x->req.id.idiag_cookie, y->req.id.idiag_cookie,
		      sizeof(x->req.id.idiag_cookie));
}

/**
 * nst_drop_add() - add a row of the table that is being read
 * @options: how it is printed
 * @row: the row; copied
 */
void nst_drop_add(const struct nst_options *options, const struct nst_row *row)
{
	struct victim found, *victim, **hidden;

	if (!nst_diag_find(&found.req, row)) {
		without_cookie |= BIT(row->table);
		left_out++;
		return;
	}
	if (gone) {
		hidden = tfind(&found, &gone, compare);
		if (hidden)
			(*hidden)->result = DROP_HIDDEN;
		return;
	}
	if (count == room) {
		room = room ? 2 * room : 64;
		victims = reallocarray(victims, room, sizeof(*victims));
		if (!victims)
			nst_die(NST_EXIT_IO, "out of memory");
	}
	victim = &victims[count++];
	victim->req = found.req;
	victim->text = row_text(options, row);
	victim->table = row->table;
	victim->listens = row->sock.state == NST_LISTEN;
}

/* Has the kernel give cookies to the sockets of some tables, or see whether it could. */
static void number(unsigned int tables, unsigned int states)
{
	unsigned int table;
	int err;

	for (table = NST_TCP; table <= NST_UDP6; table++) {
		if (!(tables & BIT(table)))
			continue;
		err = nst_diag_number(table, states);
		if (err == -ENOENT)
			nst_die(NST_EXIT_IO, "the kernel has no %s, and did not find it as a module",
				table < NST_UDP ? "tcp_diag" : "udp_diag");
		if (err)
			nst_die(NST_EXIT_IO, "sock_diag: %s", strerror(-err));
	}
}

static void find_victims(struct nst_source *source, const struct nst_select *select,
			 const struct nst_options *options)
{
	int round;

	for (round = 1; ; round++) {
		forget();
		nst_view_table(source, select, options);
		if (!without_cookie || round == ROUNDS)
			return;
		number(without_cookie, NST_DIAG_ALL);
		nst_source_rewind(source);
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
		puts(victims[i].text);
		listeners += victims[i].listens;
	}
	nst_flush();
	tcflush(STDIN_FILENO, TCIFLUSH);	/* what was typed before is no answer */
	if (listeners)
		fprintf(stderr, "%zu of them listen%s: without, nobody can connect there.\n",
			listeners, listeners == 1 ? "s" : "");
	if (count == 1)
		fputs("End this connection? [y/N] ", stderr);
	else
		fprintf(stderr, "End these %zu connections? [y/N] ", count);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

/*
 * Of those that share an address to listen at, or to get datagrams at, the kernel
 * chooses one by the remote end: with some port it is the one with this cookie.
 */
static int destroy(const struct victim *victim)
{
	struct inet_diag_req_v2 req = victim->req;
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

static enum result end(const struct victim *victim)
{
	int err;

	/* Asked of each now: it may have become one since it was listed. */
	if (victim->req.sdiag_protocol == IPPROTO_TCP && nst_diag_is_orphan(&victim->req) &&
	    !nst_orphan_can_end())
		return DROP_ORPHAN;
	err = destroy(victim);
	switch (-err) {
	case 0:
		return DROP_ENDED;
	case ENOENT:
		return DROP_GONE;
	case EPERM:
		return DROP_FORBIDDEN;
	case EOPNOTSUPP:
		return nst_diag_is_time_wait(&victim->req) ? DROP_WAITS : DROP_UNSUPPORTED;
	default:
		nst_complain();
		fprintf(stderr, "sock_diag: %s\n", strerror(-err));
		return DROP_FAILED;
	}
}

static void keep(void *victim)
{
	(void)victim;
}

static void end_all(struct nst_source *source, const struct nst_select *select,
		    const struct nst_options *options)
{
	size_t i;

	for (i = 0; i < count; i++) {
		victims[i].result = end(&victims[i]);
		if (victims[i].result == DROP_GONE && !tsearch(&victims[i], &gone, compare))
			nst_die(NST_EXIT_IO, "out of memory");
	}
	if (!gone)
		return;
	/* What the table still has is there, and only was not found. */
	nst_source_rewind(source);
	nst_view_table(source, select, options);
	tdestroy(gone, keep);
}

/* Says what became of each, then of all; returns the exit code. */
static int report(void)
{
	size_t i, of[DROP_RESULTS] = {};
	const char *between = "";

	for (i = 0; i < count; i++) {
		printf("%-13s %s\n", results[victims[i].result].word, victims[i].text);
		of[victims[i].result]++;
	}
	for (i = 0; i < DROP_RESULTS; i++) {
		if (!of[i])
			continue;
		printf("%s%zu %s", between, of[i], results[i].word);
		between = ", ";
	}
	putchar('\n');
	nst_flush();
	for (i = 0; i < DROP_RESULTS; i++) {
		if (!of[i] || !results[i].why)
			continue;
		nst_complain();
		fprintf(stderr, "%s: %s\n", results[i].word, results[i].why);
	}
	return of[DROP_ENDED] + of[DROP_GONE] == count ? EXIT_SUCCESS : NST_EXIT_IO;
}

/**
 * nst_drop() - end the connections that are chosen, if that is wanted
 * @source: the table
 * @select: what is chosen of it
 * @options: how it is shown, and whether somebody is asked
 *
 * Return: the exit code.
 */
int nst_drop(struct nst_source *source, const struct nst_select *select,
	     const struct nst_options *options)
{
	int status = EXIT_SUCCESS;
	unsigned int tables = 0;
	size_t i;

	if (!source->filters)
		nst_die(NST_EXIT_USAGE, "--drop: %s must be writable, to ask for cookies",
			source->path);
	/* Who reads no more has not seen what became of them: no success. */
	signal(SIGPIPE, SIG_IGN);
	find_victims(source, select, options);
	if (left_out) {
		nst_complain();
		fprintf(stderr, "%zu came just now, and are left alone\n", left_out);
	}
	for (i = 0; i < count; i++)
		tables |= BIT(victims[i].table);
	number(tables, NST_DIAG_NONE);
	if (!count) {
		nst_complain();
		fputs("there is no such connection\n", stderr);
	} else if (options->flags & NST_OPT_YES || ask(options)) {
		end_all(source, select, options);
		status = report();
	} else {
		nst_complain();
		fputs("nothing is ended\n", stderr);
		status = NST_EXIT_IO;
	}
	forget();
	free(victims);
	return status;
}
