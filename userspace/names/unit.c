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

#include "names/names.h"

#define NUMBER		64	/* digits of a container's number */
#define SHOWN		12	/* how many of them engines show */
#define DIRECTORY_SIZE	281	/* the longest name that is looked at, and its end */

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && !strcmp(text + len - end_len, end);
}

static bool is_unit(const char *directory)
{
	return ends_in(directory, ".service") || ends_in(directory, ".scope") ||
	       ends_in(directory, ".slice");
}

/* In names that it did not choose, systemd writes "-" as \x2d, and other characters likewise. */
static void unescape(char *text)
{
	unsigned int code;
	char *to = text;

	for (; *text; to++) {
		if (text[0] == '\\' && text[1] == 'x' && isxdigit(text[2]) && isxdigit(text[3]) &&
		    sscanf(text + 2, "%2x", &code) == 1 && code) {
			*to = code;
			text += 4;
		} else {
			*to = *text++;
		}
	}
	*to = '\0';
}

/* Finds the name of a container in that of a directory; @above is the first directory of all. */
static bool container(char *name, const char *above, const char *directory)
{
	char engine[DIRECTORY_SIZE], *digits;
	bool is_scope = ends_in(directory, ".scope");

	if (!strncmp(directory, "lxc.payload.", 12) && directory[12]) {
		sprintf(name, "lxc:%s", directory + 12);
		return true;
	}
	strcpy(engine, directory);
	digits = engine + strlen(engine) - (is_scope ? strlen(".scope") : 0);
	*digits = '\0';
	digits -= strlen(engine) < NUMBER ? 0 : NUMBER;
	if (strspn(digits, "0123456789abcdef") == NUMBER) {
		*digits = '\0';
		if (digits > engine && digits[-1] == '-')
			digits[-1] = '\0';
		if (digits == engine)
			above = !*above || is_unit(above) ? "container" : above;
		sprintf(name, "%s:%.*s", digits == engine ? above : engine, SHOWN,
			directory + (digits - engine));
		return true;
	}
	if (!is_scope || strncmp(engine, "machine-", 8) || !engine[8])
		return false;
	unescape(engine + 8);
	sprintf(name, "machine:%s", engine + 8);
	return true;
}

/* Writes a text, in which no byte ends a word or moves a terminal's cursor. */
static char *put(char *p, const char *end, const char *text)
{
	for (; *text && end - p > 4; text++) {
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
	char directory[DIRECTORY_SIZE], first[DIRECTORY_SIZE] = "", unit[DIRECTORY_SIZE] = "";
	char around[2 * DIRECTORY_SIZE] = "";
	const char *p, *end = name + size;
	size_t len;

	for (p = path; *p; p += len) {
		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (!len || len >= DIRECTORY_SIZE)
			continue;
		snprintf(directory, len + 1, "%s", p);
		if (container(around, first, directory))
			*unit = '\0';
		else if (is_unit(directory))
			strcpy(unit, directory);
		if (!*first)
			strcpy(first, directory);
	}
	name = put(name, end, around);
	if (*around && *unit)
		name = put(name, end, "/");
	put(name, end, *around || *unit ? unit : path);
}
