// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts against thresholds, as plugins of Nagios, Icinga and others tell it: a line
 * of text, "|", the same for programs, and an exit code.
 */
#include <stdlib.h>

#include "check/threshold.h"
#include "fail.h"

/* What a count may be: "N" is 0 to N, "N:" is N or more, "N:M" is N to M. */
struct range {
	struct nst_word text;
	u64 min;
	u64 max;
};

struct threshold {
	struct nst_word name;
	struct range warning;
	struct range critical;
};

static bool parse_range(struct range *range, struct nst_word text)
{
	struct nst_word min, max = text;

	range->text = text;
	range->min = 0;
	range->max = U32_MAX;
	if (nst_word_split(text, ':', &min, &max)) {
		if (!nst_word_number(min, U32_MAX, &range->min))
			return false;
		if (!max.len)
			return true;
	}
	return nst_word_number(max, U32_MAX, &range->max) && range->min <= range->max;
}

static bool parse(struct threshold *threshold, struct nst_word text)
{
	struct nst_word limits, warning, critical;

	if (!nst_word_split(text, '=', &threshold->name, &limits) ||
	    !nst_word_split(limits, ',', &warning, &critical) ||
	    !parse_range(&threshold->warning, warning) ||
	    !parse_range(&threshold->critical, critical))
		return nst_fail(NST_EXIT_USAGE,
				"%.*s: a threshold is COUNT=WARNING,CRITICAL, each N, N: or N:M",
				(int)text.len, text.start);
	if (threshold->critical.min > threshold->warning.min ||
	    threshold->critical.max < threshold->warning.max)
		return nst_fail(NST_EXIT_USAGE,
				"%.*s: what is critical must be beyond the warning",
				(int)text.len, text.start);
	return true;
}

static bool find(struct nst_word counts, struct nst_word wanted, u64 *number)
{
	struct nst_word rest = counts, word, name, value;

	for (word = nst_word_next(&rest); word.len; word = nst_word_next(&rest))
		if (nst_word_split(word, '=', &name, &value) && name.len == wanted.len &&
		    !memcmp(name.start, wanted.start, name.len) &&
		    nst_word_number(value, U32_MAX, number))
			return true;
	return nst_fail(NST_EXIT_USAGE, "no count is called \"%.*s\"; there are: %.*s",
			(int)wanted.len, wanted.start, (int)counts.len, counts.start);
}

/* Writes which end of a range a count is beyond; false if it is inside. */
static bool is_beyond(FILE *text, const struct range *range, u64 count)
{
	if (count < range->min)
		fprintf(text, " < %llu", (unsigned long long)range->min);
	else if (count > range->max)
		fprintf(text, " > %llu", (unsigned long long)range->max);
	else
		return false;
	return true;
}

/* Writes the part for people and the part for programs; returns NST_PLUGIN_*. */
static int judge(FILE *text, FILE *data, const struct threshold *threshold, u64 count)
{
	const struct range *warning = &threshold->warning, *critical = &threshold->critical;

	fprintf(text, "%.*s=%llu", (int)threshold->name.len, threshold->name.start,
		(unsigned long long)count);
	fprintf(data, " %.*s=%llu;%.*s;%.*s;0", (int)threshold->name.len, threshold->name.start,
		(unsigned long long)count, (int)warning->text.len, warning->text.start,
		(int)critical->text.len, critical->text.start);
	if (is_beyond(text, critical, count))
		return NST_PLUGIN_CRITICAL;
	if (is_beyond(text, warning, count))
		return NST_PLUGIN_WARNING;
	return NST_PLUGIN_OK;
}

/**
 * nst_threshold_print() - compare counts with thresholds, and print the outcome
 * @thresholds: words such as "close_wait=100,500"
 * @counts: the counts, as line 1 of the table has them
 *
 * Return: the exit code, that of the worst count; nst_trouble() if a threshold is none.
 */
int nst_threshold_print(const char *thresholds, struct nst_word counts)
{
	static const char *const states[] = { "OK", "WARNING", "CRITICAL" };
	struct nst_word rest = nst_word_of(thresholds), word = nst_word_next(&rest);
	int worst = NST_PLUGIN_OK, status;
	struct threshold threshold;
	struct nst_text text, data;
	u64 count;

	if (!nst_text_open(&text))
		return NST_PLUGIN_UNKNOWN;
	if (!nst_text_open(&data)) {
		fclose(text.out);
		free(text.text);
		return NST_PLUGIN_UNKNOWN;
	}
	do {
		if (!parse(&threshold, word) || !find(counts, threshold.name, &count))
			break;
		status = judge(text.out, data.out, &threshold, count);
		worst = status > worst ? status : worst;
		word = nst_word_next(&rest);
		if (word.len)
			fputs(", ", text.out);
	} while (word.len);
	nst_text_close(&text);
	nst_text_close(&data);
	if (!nst_trouble())
		printf("%s - %s |%s\n", states[worst], text.text, data.text);
	free(text.text);
	free(data.text);
	return worst;
}
