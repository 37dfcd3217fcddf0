/* SPDX-License-Identifier: GPL-2.0-only */
/* The test's own. */
int nst_rest(void);
