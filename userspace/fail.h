/* SPDX-License-Identifier: GPL-2.0-only */
/* What went wrong. A function that meets an error records it here and returns; main() tells it. */
#ifndef NETSTATE_FAIL_H
#define NETSTATE_FAIL_H

#include <stdbool.h>

/* Exit codes besides EXIT_SUCCESS, and those of a plugin of a monitoring system. */
enum { NST_EXIT_IO = 1, NST_EXIT_USAGE = 2, NST_EXIT_NO_MODULE = 3 };
enum { NST_PLUGIN_OK, NST_PLUGIN_WARNING, NST_PLUGIN_CRITICAL, NST_PLUGIN_UNKNOWN };

void nst_fail_as_plugin(void);
bool nst_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool nst_no_memory(void);
const char *nst_trouble(void);
void nst_trouble_forget(void);
int nst_tell(int status);
void nst_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool nst_check_output(void);
bool nst_flush(void);

#endif /* NETSTATE_FAIL_H */
