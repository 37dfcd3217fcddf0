/* SPDX-License-Identifier: GPL-2.0-only */
/* Text that grows. */
#ifndef NETSTATE_TEXT_H
#define NETSTATE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

/* Text that is being made: write to @out; when that is closed, @text is allocated. */
struct nst_text {
	FILE *out;
	char *text;
	size_t size;
};

bool nst_text_open(struct nst_text *text);
bool nst_text_close(struct nst_text *text);

#endif /* NETSTATE_TEXT_H */
