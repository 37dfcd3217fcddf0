/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether somebody knows what is about to be ended, and wants that.
 */
#ifndef NETSTATE_DROP_QUESTION_H
#define NETSTATE_DROP_QUESTION_H

#include <netstate/filter.h>

bool nst_question_chooses(const struct nst_filter *filter);
bool nst_question_is_yes(const char *answer);

#endif /* NETSTATE_DROP_QUESTION_H */
