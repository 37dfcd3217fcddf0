// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of a filter, as people write them: with names (beside/resolve.c), and with
 * mistakes. The kernel's own parser finds both, as errors. What it takes for a bad number or
 * address may be a name; then that is replaced, and it is parsed again. What a mistake is,
 * explain/ says.
 */
#include <stdlib.h>
#include <string.h>

#include <netstate/filter_keys.h>

#include "beside/netns.h"
#include "beside/resolve.h"
#include "beside/run.h"
#include "beside/text.h"
#include "beside/tokens.h"
#include "fail.h"
#include "select.h"
#include "util.h"

/* Replaces the part that the parser could not read, if that is a name. */
static bool resolve(char **text, const struct nst_filter_error *error)
{
	struct nst_text resolved;
	long end;

	if (!nst_text_open(&resolved))
		return false;
	fprintf(resolved.out, "%.*s", (int)error->offset, *text);
	nst_resolve(resolved.out, error, strndupa(*text + error->offset, error->len));
	end = ftell(resolved.out);
	fputs(*text + error->offset + error->len, resolved.out);
	if (!nst_text_close(&resolved))
		return false;
	if (end == (long)error->offset) {
		free(resolved.text);
		return false;
	}
	free(*text);
	*text = resolved.text;
	return true;
}

/**
 * nst_words_read() - read a filter with names in it
 * @text: the filter, allocated; replaced by what the kernel understands
 * @filter: where to
 * @error: what is wrong with it
 *
 * Return: whether it is a filter; else an error may have been recorded, in place of @error.
 */
bool nst_words_read(char **text, struct nst_filter *filter, struct nst_filter_error *error)
{
	if (!nst_source_saved() && !nst_netns_of_processes(text))
		return false;
	while (!nst_filter_parse(filter, *text, strlen(*text), error))
		if (!resolve(text, error))
			return false;
	return true;
}

/* The same; what is no filter ends in netstate-check, which says why. */
bool nst_words_parse(char **text, struct nst_filter *filter)
{
	struct nst_filter_error error;

	if (nst_words_read(text, filter, &error)) {
		nst_tokens_check_names(*text);
		return nst_source_saved() || nst_netns_check(*text);
	}
	if (!nst_trouble())
		nst_run("netstate-check", (char *[]){ "netstate", "--check", "--", *text, NULL });
	return nst_fail(NST_EXIT_USAGE, "bad filter; netstate-check, which says why, is missing");
}
