/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef LIB_NOTE_H
#define LIB_NOTE_H

/* Says why, as a TAP comment: each line after a "# ". */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
