/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What of a filter has "or" or parentheses in it, becoming steps.
 */
#ifndef NETSTATE_FILTER_EXPR_H
#define NETSTATE_FILTER_EXPR_H

#include <netstate/filter.h>
#include <netstate/filter_token.h>

/**
 * struct nst_expr_frame - a pair of parentheses, or a line, that is being read
 * @open: its "("; empty for a line
 * @negate: whether what comes next is negated, for all that is around and the "not"
 *	before it
 * @negate_all: the same without that "not"
 * @terms: whether there is something before the last "or"
 * @factors: whether there is something after it
 */
struct nst_expr_frame {
	struct nst_span open;
	bool negate;
	bool negate_all;
	bool terms;
	bool factors;
};

/**
 * struct nst_expr - an expression that is being read
 * @step: where the steps go; NULL to look for errors only
 * @steps: how many there are
 * @depth: which frame is read at the moment; 0 is around all lines, 1 is a line
 * @frame: the frames
 */
struct nst_expr {
	struct nst_filter_step *step;
	unsigned int steps;
	unsigned int depth;
	struct nst_expr_frame frame[NST_FILTER_DEPTH + 2];
};

static inline struct nst_expr_frame *nst_expr_top(struct nst_expr *expr)
{
	return &expr->frame[expr->depth];
}

/**
 * nst_expr_add() - read an operand, all of it but for parentheses
 * @expr: the expression
 * @step: the step that it is
 *
 * Return: NST_FILTER_OK, or what is wrong.
 */
enum nst_filter_reason nst_expr_add(struct nst_expr *expr, const struct nst_filter_step *step);

/**
 * nst_expr_open() - begin a line, or parentheses
 * @expr: the expression
 * @open: the "("; empty for a line
 *
 * Return: NST_FILTER_OK, or what is wrong.
 */
enum nst_filter_reason nst_expr_open(struct nst_expr *expr, struct nst_span open);

/**
 * nst_expr_close() - end what was begun last
 * @expr: the expression; in what was begun last is nothing, or something after the last "or"
 *
 * Return: NST_FILTER_OK, or what is wrong.
 */
enum nst_filter_reason nst_expr_close(struct nst_expr *expr);

/**
 * nst_expr_or() - read an "or"
 * @expr: the expression; there is something before it
 *
 * Return: NST_FILTER_OK, or what is wrong.
 */
enum nst_filter_reason nst_expr_or(struct nst_expr *expr);

#endif /* NETSTATE_FILTER_EXPR_H */
