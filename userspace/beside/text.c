// SPDX-License-Identifier: GPL-2.0-only
/* Text that grows. */
#include <stdlib.h>

#include "beside/text.h"
#include "fail.h"

bool nst_text_open(struct nst_text *text)
{
	text->out = open_memstream(&text->text, &text->size);
	return text->out || nst_no_memory();
}

/* Without success there is no text. */
bool nst_text_close(struct nst_text *text)
{
	if (!fclose(text->out))
		return true;
	free(text->text);
	text->text = NULL;
	return nst_no_memory();
}
