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
