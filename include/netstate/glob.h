/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shell patterns for short names: * ? [a-z] [!a-z] \c, and \ooo, a byte in octal
 * as the table writes it.
 */
#ifndef NETSTATE_GLOB_H
#define NETSTATE_GLOB_H

#include <netstate/types.h>

/**
 * nst_glob_valid() - whether a text is a pattern
 * @pattern: the text, not terminated
 * @len: its length
 *
 * Return: false if a bracket is not closed, a range in it runs backwards, or a
 * backslash is the last byte.
 */
bool nst_glob_valid(const char *pattern, size_t len);

/**
 * nst_glob_cut() - how much of a pattern stands for the first bytes of a name
 * @pattern: a valid pattern, not terminated
 * @len: its length
 * @bytes: how many bytes of the name there are at most
 *
 * Return: the length of so much of it; @len if it can stand for several names.
 */
size_t nst_glob_cut(const char *pattern, size_t len, unsigned int bytes);

/**
 * nst_glob_match() - whether all of a name matches a pattern
 * @pattern: a valid pattern, not terminated
 * @len: its length
 * @name: the name, terminated
 *
 * Takes at most strlen(name) times @len steps, and no memory.
 *
 * Return: true if it does.
 */
bool nst_glob_match(const char *pattern, size_t len, const char *name);

#endif /* NETSTATE_GLOB_H */
