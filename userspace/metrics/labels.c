// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a group is called in Prometheus. Others choose names of programs and cgroups: whatever
 * they are, a label's value is printable ASCII and ends where it should.
 */
#include <ctype.h>
#include <string.h>

#include "metrics/groups.h"
#include "names/names.h"

#define CONTAINER	64	/* hexadecimal digits of a container's id */
#define POD_MAX		64	/* characters of a pod's uid */

/* Puts one label; @value is as the table writes names: "\040" is a space. */
static void put_label(FILE *out, const char *label, struct nst_word value)
{
	char text[2 * NST_UNIT_MAX];
	const char *p;

	nst_word_unescape(value, text, sizeof(text));
	fprintf(out, "%s=\"", label);
	for (p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(out, "\\%c", *p);
		else if (*p >= ' ' && *p <= '~')
			fputc(*p, out);
		else
			fprintf(out, "\\\\%03o", (unsigned char)*p);
	}
	fputc('"', out);
}

/**
 * nst_labels_program() - write the label of a program
 * @out: where to
 * @name: as the table has it; "-" is nobody, or who must not be known
 */
void nst_labels_program(FILE *out, struct nst_word name)
{
	put_label(out, "program", name);
}

/*
 * Finds the uid of a pod in a directory of Kubernetes: "pod1234-ab" or, as systemd has it,
 * "kubepods-burstable-pod1234_ab.slice".
 */
static bool find_pod(const char *directory, size_t len, char *uid)
{
	const char *end = directory + len, *p = directory, *next;
	size_t i;

	if (len > 6 && !memcmp(end - 6, ".slice", 6)) {
		end -= 6;
		while ((next = memmem(p, end - p, "-pod", 4)))
			p = next + 1;
	}
	if (end - p <= 3 || end - p > 3 + POD_MAX || memcmp(p, "pod", 3))
		return false;
	for (p += 3, i = 0; p < end; p++, i++) {
		if (!isalnum((unsigned char)*p) && *p != '-' && *p != '_')
			break;
		uid[i] = *p == '_' ? '-' : *p;
	}
	uid[p < end ? 0 : i] = '\0';
	return p == end;
}

/* Finds the id of a container: "cri-containerd-0123...cdef.scope", or only the digits. */
static bool find_container(const char *directory, size_t len, char *id)
{
	if (len > 6 && !memcmp(directory + len - 6, ".scope", 6))
		len -= 6;
	if (len < CONTAINER || (len > CONTAINER && directory[len - CONTAINER - 1] != '-'))
		return false;
	directory += len - CONTAINER;
	if (strspn(directory, "0123456789abcdef") < CONTAINER)
		return false;
	memcpy(id, directory, CONTAINER);
	id[CONTAINER] = '\0';
	return true;
}

/**
 * nst_labels_cgroup() - write the labels of a cgroup
 * @out: where to
 * @id: its number, or "-"
 *
 * Its name is what people call it; "unknown" if its directory is not found, because it was
 * removed or lies outside of what is mounted. Those of Kubernetes have their pod's uid.
 */
void nst_labels_cgroup(FILE *out, struct nst_word id)
{
	char name[NST_UNIT_MAX] = "unknown", pod[POD_MAX + 1] = "", container[CONTAINER + 1] = "";
	const char *path = NULL, *p;
	u64 number;
	size_t len;

	if (nst_word_number(id, ~0ULL, &number)) {
		path = nst_cgroup_path(number);
		if (path)
			nst_unit_name(path, name, sizeof(name));
	} else {
		strcpy(name, "-");
	}
	/* What lies deeper may have been made inside of a container: the first one counts. */
	for (p = path ? path : ""; *p; p += len) {
		p += strspn(p, "/");
		len = strcspn(p, "/");
		if (!*pod && strstr(path, "kubepods") && find_pod(p, len, pod))
			*container = '\0';	/* the node's own, if that is one */
		else if (!*container)
			find_container(p, len, container);
	}
	put_label(out, "container", nst_word_of(container));
	fputc(',', out);
	put_label(out, "name", nst_word_of(name));
	fputc(',', out);
	put_label(out, "pod", nst_word_of(pod));
}
