// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts against thresholds, as plugins of Nagios, Icinga and others tell it: a line
 * of text, "|", the same for programs, and an exit code.
 */
#include <stdlib.h>
#include <string.h>

#include "beside/text.h"
#include "check/threshold.h"
#include "fail.h"

/*
 * What a count may be, as the guidelines for monitoring plugins write it: "N" is 0 to N, "N:"
 * is N or more, "~:N" is up to N, "N:M" is N to M; "@N:M" is anything but N to M. An empty
 * range allows everything.
 */
struct range {
	struct nst_word text;
	u64 min;
	u64 max;
	bool is_inverted;
};

struct threshold {
	struct nst_word name;
	struct range warning;
	struct range critical;
};

static bool parse_range(struct range *range, struct nst_word text)
{
	struct nst_word min, max;

	*range = (struct range){ .text = text, .max = U32_MAX };
	if (!text.len)
		return true;
	range->is_inverted = *text.start == '@';
	text.start += range->is_inverted;
	text.len -= range->is_inverted;
	max = text;
	if (nst_word_split(text, ':', &min, &max)) {
		if (!nst_word_is(min, "~") && !nst_word_number(min, U32_MAX, &range->min))
			return false;
		if (!max.len)
			return true;
	}
	return nst_word_number(max, U32_MAX, &range->max) && range->min <= range->max;
}

/* Whether it is a number alone. */
static bool is_plain(const struct range *range)
{
	return range->text.len && !range->is_inverted &&
	       !memchr(range->text.start, ':', range->text.len);
}

/* Of two numbers, the first would never be heard of. Ranges may be anything to each other. */
static bool is_backwards(const struct range *warning, const struct range *critical)
{
	return is_plain(warning) && is_plain(critical) && critical->max < warning->max;
}

static bool parse(struct threshold *threshold, struct nst_word text)
{
	struct nst_word limits = { text.start, 0 }, warning, critical = limits;
	bool is_split = nst_word_split(text, '=', &threshold->name, &limits);

	warning = limits;
	nst_word_split(limits, ',', &warning, &critical);
	if (!is_split || warning.len + critical.len == 0 ||
	    !parse_range(&threshold->warning, warning) ||
	    !parse_range(&threshold->critical, critical))
		return nst_fail(NST_EXIT_USAGE,
				"%.*s: a threshold is COUNT=WARNING,CRITICAL, or one of them alone, each N, N:, ~:N, N:M or @N:M",
				(int)text.len, text.start);
	if (is_backwards(&threshold->warning, &threshold->critical))
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

/* Writes how a count breaks a range; false if it does not. */
static bool is_broken(FILE *text, const struct range *range, u64 count)
{
	bool is_inside = count >= range->min && count <= range->max;

	if (is_inside != range->is_inverted)
		return false;
	if (is_inside)
		fprintf(text, " in %.*s", (int)range->text.len - 1, range->text.start + 1);
	else if (count < range->min)
		fprintf(text, " < %llu", (unsigned long long)range->min);
	else
		fprintf(text, " > %llu", (unsigned long long)range->max);
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
	if (is_broken(text, critical, count))
		return NST_PLUGIN_CRITICAL;
	if (is_broken(text, warning, count))
		return NST_PLUGIN_WARNING;
	return NST_PLUGIN_OK;
}

/**
 * nst_threshold_print() - compare counts with thresholds, and print the outcome
 * @thresholds: words such as "close_wait=100,500" or "listen=,1:"
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
