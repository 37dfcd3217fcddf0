// SPDX-License-Identifier: GPL-2.0-only
/*
 * The document of a table. It is closed whatever happens while it is made.
 */
#include <errno.h>

#include "fail.h"
#include "json/print.h"
#include "netstat/document.h"

static const char *between;	/* what goes before the next object */

/**
 * nst_document_begin() - begin a document
 * @name: of the member that holds all rows
 * @named: each row has a name; else they are a list
 */
void nst_document_begin(const char *name, bool named)
{
	printf("{\"%s\":%c\n", name, named ? '{' : '[');
	between = "";
}

/**
 * nst_document_object() - begin a row, which others fill and close
 * @name: its name, or NULL
 */
void nst_document_object(const char *name)
{
	fputs(between, stdout);
	between = ",\n";
	if (name) {
		nst_json_text(name);
		putchar(':');
	}
	nst_json_open();
}

/**
 * nst_document_end() - close a document, which says what went wrong
 * @named: as it was begun
 * @hidden: there are owners that may not be seen
 */
void nst_document_end(bool named, bool hidden)
{
	printf("%s%c", *between ? "\n" : "", named ? '}' : ']');
	if (hidden)
		fputs(",\"owners_hidden\":true", stdout);
	if (nst_trouble()) {
		fputs(",\"error\":", stdout);
		nst_json_text(nst_trouble());
	}
	puts("}");
}

/**
 * nst_document_source() - open a file of the kernel
 * @options: the command line
 * @path: the file
 *
 * Return: the file, or NULL: a document tells that as its error, else the caller has to say it.
 */
FILE *nst_document_source(const struct nst_options *options, const char *path)
{
	FILE *file = fopen(path, "re");

	if (!file && options->flags & NST_OPT_JSON)
		nst_fail(NST_EXIT_IO, "%s: %s", path, strerror(errno));
	return file;
}
