// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of a filter has "or" or parentheses in it, becoming steps.
 *
 * Each operator follows its operands, so whoever evaluates them needs no more than a stack.
 * That holds two results at most for each frame, what is before the last "or" and what is
 * after it, and the one that is just being found: fewer than the bits of a u64.
 */
#include <netstate/filter_expr.h>

static enum nst_filter_reason put(struct nst_expr *expr, const struct nst_filter_step *step)
{
	if (expr->steps == NST_FILTER_STEPS)
		return NST_FILTER_TOO_MANY_STEPS;
	if (expr->step)
		expr->step[expr->steps] = *step;
	expr->steps++;
	return NST_FILTER_OK;
}

/* "not (a or b)" is "not a and not b". */
static enum nst_filter_reason put_operator(struct nst_expr *expr, bool is_and)
{
	const struct nst_filter_step step = {
		.op = is_and != nst_expr_top(expr)->negate_all ? NST_OP_AND : NST_OP_OR,
	};

	return put(expr, &step);
}

/* There is one more operand: a step, or all of some parentheses. */
static enum nst_filter_reason take_operand(struct nst_expr *expr)
{
	struct nst_expr_frame *frame = nst_expr_top(expr);
	bool and = frame->factors;

	frame->factors = true;
	frame->negate = frame->negate_all;
	return and ? put_operator(expr, true) : NST_FILTER_OK;
}

enum nst_filter_reason nst_expr_add(struct nst_expr *expr, const struct nst_filter_step *step)
{
	enum nst_filter_reason reason = put(expr, step);

	return reason ? reason : take_operand(expr);
}

enum nst_filter_reason nst_expr_open(struct nst_expr *expr, struct nst_span open)
{
	bool negate = nst_expr_top(expr)->negate;

	if (expr->depth == NST_FILTER_DEPTH + 1)
		return NST_FILTER_TOO_DEEP;
	expr->depth++;
	*nst_expr_top(expr) = (struct nst_expr_frame){
		.open = open,
		.negate = negate,
		.negate_all = negate,
	};
	return NST_FILTER_OK;
}

enum nst_filter_reason nst_expr_close(struct nst_expr *expr)
{
	enum nst_filter_reason reason = NST_FILTER_OK;
	bool empty = !nst_expr_top(expr)->factors;

	if (nst_expr_top(expr)->terms)
		reason = put_operator(expr, false);
	expr->depth--;
	return reason || empty ? reason : take_operand(expr);
}

enum nst_filter_reason nst_expr_or(struct nst_expr *expr)
{
	struct nst_expr_frame *frame = nst_expr_top(expr);
	bool or = frame->terms;

	frame->terms = true;
	frame->factors = false;
	return or ? put_operator(expr, false) : NST_FILTER_OK;
}
