// SPDX-License-Identifier: GPL-2.0-only
/*
 * What people call a cgroup. The directories of systemd, of container engines and of LXC
 * say it; the last one that does counts, and the container around it.
 *
 *   /system.slice/web.service			web.service
 *   /system.slice/docker-0123...cdef.scope	docker:0123456789ab
 *   /docker/0123...cdef			docker:0123456789ab
 *   /machine.slice/machine-web\x2d1.scope	machine:web-1
 *   /lxc.payload.web/system.slice/db.service	lxc:web/db.service
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "names/cgroups.h"
#include "util.h"

#define DIGITS		64	/* of a container's number */
#define SHOWN		12	/* how many of them engines show */
#define NAME_SIZE	300	/* for a directory's name and a few characters more */

static bool ends_in(struct nst_word word, const char *end)
{
	size_t len = strlen(end);

	return word.len > len && !memcmp(word.start + word.len - len, end, len);
}

static bool begins_with(struct nst_word word, const char *begin)
{
	size_t len = strlen(begin);

	return word.len > len && !memcmp(word.start, begin, len);
}

static bool is_unit(struct nst_word directory)
{
	return ends_in(directory, ".service") || ends_in(directory, ".scope") ||
	       ends_in(directory, ".slice");
}

/* Whether a text ends in a container's number, which begins at @digits then. */
static bool has_number(struct nst_word word, const char **digits)
{
	size_t i;

	if (word.len < DIGITS)
		return false;
	*digits = word.start + word.len - DIGITS;
	for (i = 0; i < DIGITS; i++)
		if (!memchr("0123456789abcdef", (*digits)[i], 16))
			return false;
	return true;
}

/* systemd writes \x2d for "-", and such, in names that are not its own. */
static void put_unescaped(char *text, struct nst_word word)
{
	const char *p = word.start, *end = p + word.len;
	unsigned int code;

	for (; p < end; text++) {
		if (end - p >= 4 && p[0] == '\\' && p[1] == 'x' && isxdigit(p[2]) &&
		    isxdigit(p[3]) && sscanf(p + 2, "%2x", &code) == 1 && code) {
			*text = code;
			p += 4;
		} else {
			*text = *p++;
		}
	}
	*text = '\0';
}

/* The name of a container; @first is the first directory of all. */
static bool container(char *name, struct nst_word first, struct nst_word directory)
{
	const struct nst_word unknown = { "container", strlen("container") };
	struct nst_word engine = directory;
	const char *digits;

	if (begins_with(directory, "lxc.payload.")) {
		sprintf(name, "lxc:%.*s", (int)directory.len - 12, directory.start + 12);
		return true;
	}
	if (ends_in(directory, ".scope"))
		directory.len -= strlen(".scope");
	if (has_number(directory, &digits)) {
		engine.len = digits - directory.start;
		if (!engine.len)
			engine = first.start == directory.start || is_unit(first) ? unknown : first;
		else if (engine.start[engine.len - 1] == '-')
			engine.len--;
		sprintf(name, "%.*s:%.*s", (int)engine.len, engine.start, SHOWN, digits);
		return true;
	}
	if (engine.len == directory.len || !begins_with(directory, "machine-"))
		return false;
	directory.start += strlen("machine-");
	directory.len -= strlen("machine-");
	strcpy(name, "machine:");
	put_unescaped(name + strlen(name), directory);
	return true;
}

/* Writes a text, in which no byte ends a word or moves a terminal's cursor. */
static char *put(char *p, const char *end, const char *text, size_t len)
{
	for (; len && end - p > 4; text++, len--) {
		if (*text > ' ' && *text <= '~')
			*p++ = *text;
		else
			p += sprintf(p, "\\%03o", (unsigned char)*text);
	}
	*p = '\0';
	return p;
}

/* Writes what people call a cgroup, or its path if nothing in it is known; @size is at least 5. */
void nst_unit_name(const char *path, char *name, size_t size)
{
	struct nst_word rest = { path, strlen(path) }, directory, first = { path, 0 };
	struct nst_word unit = { path, 0 };
	char around[NAME_SIZE + NAME_SIZE] = "";
	const char *end = name + size;

	while (rest.len) {
		if (!nst_word_split(rest, '/', &directory, &rest)) {
			directory = rest;
			rest.len = 0;
		}
		if (!directory.len || directory.len > NAME_SIZE - 20)
			continue;
		if (!first.len)
			first = directory;
		if (container(around, first, directory))
			unit.len = 0;
		else if (is_unit(directory))
			unit = directory;
	}
	if (!*around && !unit.len)
		unit = (struct nst_word){ path, strlen(path) };
	name = put(name, end, around, strlen(around));
	if (*around && unit.len)
		name = put(name, end, "/", 1);
	put(name, end, unit.start, unit.len);
}
