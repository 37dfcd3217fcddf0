/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The document of a table: a member that holds its rows, each an object on a line.
 */
#ifndef NETSTATE_DOCUMENT_H
#define NETSTATE_DOCUMENT_H

#include <stdio.h>

#include "options.h"

void nst_document_begin(const char *name, bool named);
void nst_document_object(const char *name);
void nst_document_end(bool named, bool hidden);
FILE *nst_document_source(const struct nst_options *options, const char *path);

#endif /* NETSTATE_DOCUMENT_H */
