// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is wrong, and what could not be judged.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "diagnose/finding.h"

double nst_seconds_between;	/* two readings */

static struct nst_finding findings[NST_KINDS * NST_FINDINGS];
static size_t count;
static size_t of_kind[NST_KINDS];	/* also those that are not told */
static char *blind[NST_KINDS];		/* why it could not be judged; allocated */

/* Adds a finding, to be filled in; NULL if enough of its kind are told. */
struct nst_finding *nst_found(enum nst_kind kind)
{
	struct nst_finding *finding = &findings[count];

	if (of_kind[kind]++ >= NST_FINDINGS)
		return NULL;
	count++;
	finding->kind = kind;
	return finding;
}

void nst_found_what(struct nst_finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->what, sizeof(finding->what), format, args);
	va_end(args);
}

void nst_found_command(struct nst_finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->command, sizeof(finding->command), format, args);
	va_end(args);
}

/* Who, for people; it lives until the next one. */
const char *nst_found_who(const struct nst_finding *finding)
{
	const struct nst_process *process = &finding->process;
	static char who[80];

	if (!process->pid)
		return "no process that can be seen";
	if (finding->processes > 1)
		snprintf(who, sizeof(who), "%s (%u processes, first pid %u)", process->comm,
			 finding->processes, process->pid);
	else
		snprintf(who, sizeof(who), "%s (pid %u)", process->comm, process->pid);
	return who;
}

/*
 * The word of the filter that chooses the sockets of who it is. It is to be copied into a
 * shell, so a name that means something there, or in a pattern, is not used; nor is none.
 */
const char *nst_found_choice(const struct nst_finding *finding)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
	const struct nst_process *process = &finding->process;
	static char word[32];

	if (!process->pid)
		return "owner=none";
	if (finding->processes > 1 && *process->comm &&
	    !process->comm[strspn(process->comm, plain)])
		snprintf(word, sizeof(word), "comm=%s", process->comm);
	else
		snprintf(word, sizeof(word), "pid=%u", process->pid);
	return word;
}

/* The port behind an address; if there is none, 0, which no socket has. */
const char *nst_found_port(const char *at)
{
	const char *colon = strrchr(at, ':');

	return colon ? colon + 1 : "0";
}

/* The end of a word of which there are so many. */
const char *nst_s(u64 count)
{
	return count == 1 ? "" : "s";
}

/* Whether it is so many per cent of a limit, or more; 0 never is. */
bool nst_is_near(u64 count, u64 limit, unsigned int percent)
{
	return count && count * 100 >= limit * percent;
}

/* Makes a list of the findings, the worst first; returns how many. */
size_t nst_found_rank(const struct nst_check *checks, const struct nst_finding ***ranked)
{
	static const struct nst_finding *list[ARRAY_SIZE(findings)];
	size_t i, at;

	/* Of one weight: in the order in which they were found, the largest of a kind first. */
	for (i = 0; i < count; i++) {
		for (at = i; at && checks[list[at - 1]->kind].weight <
				   checks[findings[i].kind].weight; at--)
			list[at] = list[at - 1];
		list[at] = &findings[i];
	}
	*ranked = list;
	return count;
}

/* How many of a kind were found beside those that are told. */
size_t nst_found_more(enum nst_kind kind)
{
	return of_kind[kind] > NST_FINDINGS ? of_kind[kind] - NST_FINDINGS : 0;
}

/* Notes that something could not be judged, or not all of it; the first reason stays. */
void nst_blind(enum nst_kind kind, const char *why)
{
	if (!blind[kind])
		blind[kind] = strdup(why);
}

/* Why it could not be judged; NULL if it was. */
const char *nst_blind_why(enum nst_kind kind)
{
	return blind[kind];
}
