/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writing key=value words. Each begins with a space; there is room for it.
 */
#ifndef NETSTATE_WORD_H
#define NETSTATE_WORD_H

#include <netstate/types.h>

/**
 * nst_put_key() - write a key, and what comes before and after it
 * @p: where to; not terminated
 * @key: the key
 *
 * Return: the end of the text.
 */
char *nst_put_key(char *p, const char *key);

/**
 * nst_put_text() - write a word
 * @p: where to; not terminated
 * @key: its key
 * @text: its value, as it is
 *
 * Return: the end of the text.
 */
char *nst_put_text(char *p, const char *key, const char *text);

/**
 * nst_put_number() - write a word whose value is a number
 * @p: where to; not terminated
 * @key: its key
 * @number: the number
 *
 * Return: the end of the text.
 */
char *nst_put_number(char *p, const char *key, u64 number);

/**
 * nst_put_fraction() - write a word whose value is a number with decimals
 * @p: where to; not terminated
 * @key: its key
 * @number: the number, of units
 * @unit: how many of them are one; a power of ten: as many decimals as it has zeros
 *
 * Return: the end of the text.
 */
char *nst_put_fraction(char *p, const char *key, u32 number, u32 unit);

#endif /* NETSTATE_WORD_H */
