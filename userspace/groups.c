// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of a table of groups, taken apart.
 */
#include <stdio.h>

#include "groups.h"

/**
 * nst_groups_parse_head() - read the names of the columns
 * @head: filled in
 * @line: the second line of a table
 *
 * Return: whether it is a table of groups.
 */
bool nst_groups_parse_head(struct nst_groups_head *head, struct nst_word line)
{
	struct nst_word word;

	if (line.len >= sizeof(head->line))
		return false;
	snprintf(head->line, sizeof(head->line), "%.*s", (int)line.len, line.start);
	head->columns = 0;
	head->keys = 0;
	for (word = nst_word_next(&line); word.len; word = nst_word_next(&line)) {
		if (head->columns == NST_GROUP_COLUMNS || word.len >= sizeof(*head->name))
			return false;
		if (nst_word_is(word, nst_state_word(NST_ESTABLISHED)))
			head->keys = head->columns;
		snprintf(head->name[head->columns++], sizeof(*head->name), "%.*s",
			 (int)word.len, word.start);
	}
	return head->keys && head->keys <= NST_GROUP_KEYS;
}

/**
 * nst_groups_parse_line() - read the line of a group
 * @head: the names of its columns
 * @line: the line
 * @column: filled in with the columns
 *
 * Return: whether it is one.
 */
bool nst_groups_parse_line(const struct nst_groups_head *head, struct nst_word line,
			   struct nst_word *column)
{
	unsigned int i;
	u64 number;

	for (i = 0; i < head->columns; i++) {
		column[i] = nst_word_next(&line);
		if (!column[i].len)
			return false;
		if (i >= head->keys && !nst_word_number(column[i], ~0ULL, &number))
			return false;
	}
	return !nst_word_next(&line).len;
}
