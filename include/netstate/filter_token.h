/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of a filter's text: words, operators between them, parentheses.
 */
#ifndef NETSTATE_FILTER_TOKEN_H
#define NETSTATE_FILTER_TOKEN_H

#include <netstate/types.h>

/**
 * struct nst_span - a part of the text
 * @start: where it begins
 * @end: what follows it
 */
struct nst_span {
	const char *start;
	const char *end;
};

/**
 * enum nst_token_kind - what a part of the text is
 */
enum nst_token_kind {
	NST_TOKEN_END,
	NST_TOKEN_WORD,
	NST_TOKEN_AND,
	NST_TOKEN_OR,
	NST_TOKEN_NOT,
	NST_TOKEN_OPEN,
	NST_TOKEN_CLOSE,
};

/**
 * struct nst_token - a part of the text
 * @kind: what it is
 * @breaks: whether it is the first one of a line, or the end
 * @has_operator: whether a word has an operator, or may be without one ("dst 10.0.0.1")
 * @text: all of it
 * @key: of a word, what comes before the operator
 * @operator: of a word, its operator as it is written; empty for "dst 10.0.0.1"
 * @list: of a word, what follows the operator
 */
struct nst_token {
	enum nst_token_kind kind;
	bool breaks;
	bool has_operator;
	struct nst_span text;
	struct nst_span key;
	struct nst_span operator;
	struct nst_span list;
};

/**
 * nst_token_next() - take the first part off a text
 * @token: filled in
 * @text: the text; what is left of it. "(" ends a word that has no operator yet; after the
 *	operator it is part of the word, up to the ")" that belongs to it
 */
void nst_token_next(struct nst_token *token, struct nst_span *text);

/**
 * nst_token_line_has_or() - whether there is an "or" in a line, outside of parentheses
 * @text: the line, and what follows it
 *
 * A line that ends in "and", "or" or "not", or within parentheses, goes on in the next.
 *
 * Return: whether so.
 */
bool nst_token_line_has_or(struct nst_span text);

#endif /* NETSTATE_FILTER_TOKEN_H */
