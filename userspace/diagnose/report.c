// SPDX-License-Identifier: GPL-2.0-only
/*
 * What was found, for people and for programs.
 */
#include "diagnose/report.h"
#include "fail.h"
#include "json/print.h"

static int code(size_t count, bool is_blind)
{
	return is_blind ? NST_DIAGNOSE_BLIND : count ? NST_DIAGNOSE_FOUND : NST_DIAGNOSE_NOTHING;
}

static void put_line(const char *indent, const char *text)
{
	fputs(indent, stdout);
	nst_put(stdout, nst_word_of(text));
	putchar('\n');
}

/* Whether something before @kind could not be judged for the same reason. */
static bool is_told(enum nst_kind kind)
{
	unsigned int i;

	for (i = 0; i < kind; i++)
		if (nst_blind_why(i) && !strcmp(nst_blind_why(i), nst_blind_why(kind)))
			return true;
	return false;
}

/* Says what could not be judged, each reason once; returns whether there is any. */
static bool put_blind(const struct nst_check *checks)
{
	const char *between;
	unsigned int i, j;
	bool any = false;

	for (i = 0; i < NST_KINDS; i++) {
		if (!nst_blind_why(i) || is_told(i))
			continue;
		any = true;
		fputs("Not judged, or not all of it: ", stdout);
		for (j = i, between = ""; j < NST_KINDS; j++) {
			if (!nst_blind_why(j) || strcmp(nst_blind_why(j), nst_blind_why(i)))
				continue;
			printf("%s%s", between, checks[j].name);
			between = ", ";
		}
		put_line(": ", nst_blind_why(i));
	}
	return any;
}

/* Prints the findings; returns the exit code. */
int nst_report_text(const struct nst_check *checks)
{
	const struct nst_finding **ranked;
	size_t count = nst_found_rank(checks, &ranked), i, more;
	bool is_blind;

	for (i = 0; i < count; i++) {
		put_line("", ranked[i]->what);
		more = nst_found_more(ranked[i]->kind);
		if (i + 1 < count && ranked[i + 1]->kind == ranked[i]->kind)
			more = 0;
		put_line("    ", checks[ranked[i]->kind].means);
		put_line("    ", ranked[i]->command);
		if (more)
			printf("and %zu more of this kind\n", more);
	}
	is_blind = put_blind(checks);
	if (!count)
		puts(is_blind ? "Nothing else was found." : "Nothing was found.");
	return code(count, is_blind);
}

static void put_text(const char *key, const char *text)
{
	printf(",\"%s\":", key);
	nst_json_text(text);
}

static void put_number(const char *key, u64 number)
{
	if (number)
		printf(",\"%s\":%llu", key, (unsigned long long)number);
}

static void put_finding(const struct nst_check *check, const struct nst_finding *finding)
{
	fputs("{\"finding\":", stdout);
	nst_json_text(check->name);
	put_number("weight", check->weight);
	put_text("what", finding->what);
	put_text("means", check->means);
	put_text("command", finding->command);
	if (finding->process.pid) {
		put_number("pid", finding->process.pid);
		put_text("program", finding->process.comm);
		put_number("processes", finding->processes);
	}
	if (*finding->local)
		put_text("local", finding->local);
	if (*finding->remote)
		put_text("remote", finding->remote);
	put_number("count", finding->count);
	put_number("limit", finding->limit);
	put_number("bytes", finding->bytes);
	put_number("idle", finding->idle);
	put_number("more", nst_found_more(finding->kind));
	putchar('}');
}

/* The same as a document. */
int nst_report_json(const struct nst_check *checks)
{
	const struct nst_finding **ranked;
	size_t count = nst_found_rank(checks, &ranked), i;
	bool is_blind = false;

	puts("{\"findings\":[");
	for (i = 0; i < count; i++) {
		put_finding(&checks[ranked[i]->kind], ranked[i]);
		puts(i + 1 < count ? "," : "");
	}
	fputs("],\"not_judged\":[", stdout);
	for (i = 0; i < NST_KINDS; i++) {
		if (!nst_blind_why(i))
			continue;
		puts(is_blind ? "," : "");
		is_blind = true;
		fputs("{\"finding\":", stdout);
		nst_json_text(checks[i].name);
		put_text("why", nst_blind_why(i));
		putchar('}');
	}
	puts(is_blind ? "\n]}" : "]}");
	return code(count, is_blind);
}
