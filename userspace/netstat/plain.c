// SPDX-License-Identifier: GPL-2.0-only
/*
 * Rows as netstat itself prints them.
 */
#include "netstat/plain.h"

static struct nst_word trim(struct nst_word word)
{
	for (; word.len && *word.start == ' '; word.len--)
		word.start++;
	while (word.len && word.start[word.len - 1] == ' ')
		word.len--;
	return word;
}

/**
 * nst_plain_program() - take the program off a row
 * @rest: the end of the row, beginning with the program, which may hold spaces
 * @timer: a timer follows it
 *
 * Return: the program; @rest has the timer.
 */
struct nst_word nst_plain_program(struct nst_word *rest, bool timer)
{
	struct nst_word program = trim(*rest), name, numbers;

	*rest = (struct nst_word){ program.start + program.len, 0 };
	if (timer && nst_word_split_last(program, ' ', &name, &numbers) &&
	    nst_word_split_last(trim(name), ' ', &program, &name)) {
		rest->len = rest->start - name.start;
		rest->start = name.start;
	}
	return trim(program);
}
