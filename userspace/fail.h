/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How the reader ends.
 */
#ifndef NETSTATE_FAIL_H
#define NETSTATE_FAIL_H

/* Exit codes besides EXIT_SUCCESS; netstate(8) lists them. */
enum {
	NST_EXIT_IO = 1,
	NST_EXIT_USAGE = 2,
	NST_EXIT_NO_MODULE = 3,
};

/* A plugin of a monitoring system ends with these; nst_die() makes it UNKNOWN. */
enum {
	NST_PLUGIN_OK,
	NST_PLUGIN_WARNING,
	NST_PLUGIN_CRITICAL,
	NST_PLUGIN_UNKNOWN,
};

void nst_fail_as_plugin(void);
void nst_fail_after(void (*action)(void));
void nst_complain(void);
void nst_leave(int status) __attribute__((noreturn));
void nst_die(int status, const char *format, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
void nst_flush(void);
void nst_check_output(void);

#endif /* NETSTATE_FAIL_H */
