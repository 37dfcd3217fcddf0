// SPDX-License-Identifier: GPL-2.0-only
/*
 * States by the names that they have elsewhere: in Windows' netstat, in that of
 * z/OS (as TSO and its shell have it), and in RFC 9293.
 */
#include "fail.h"
#include "naming.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const char *const words[] = {
	[NST_NAMING_LINUX] = "linux",
	[NST_NAMING_WINDOWS] = "windows",
	[NST_NAMING_ZOS] = "zos",
	[NST_NAMING_RFC] = "rfc",
};

static const char *const names[ARRAY_SIZE(words)][NST_STATES] = {
	[NST_NAMING_WINDOWS] = {
		NULL, "ESTABLISHED", "SYN_SENT", "SYN_RECEIVED", "FIN_WAIT_1", "FIN_WAIT_2",
		"TIME_WAIT", "CLOSED", "CLOSE_WAIT", "LAST_ACK", "LISTENING", "CLOSING",
		"SYN_RECEIVED", "BOUND", "CLOSED",
	},
	[NST_NAMING_ZOS] = {
		NULL, "Establsh", "SynSent", "SynRcvd", "FinWait1", "FinWait2", "TimeWait",
		"Closed", "ClosWait", "LastAck", "Listen", "Closing", "SynRcvd",
		"Bound", "Closed",
	},
	[NST_NAMING_RFC] = {
		NULL, "ESTABLISHED", "SYN-SENT", "SYN-RECEIVED", "FIN-WAIT-1", "FIN-WAIT-2",
		"TIME-WAIT", "CLOSED", "CLOSE-WAIT", "LAST-ACK", "LISTEN", "CLOSING",
		"SYN-RECEIVED", "BOUND", "CLOSED",
	},
};

/**
 * nst_naming_parse() - read whose names are wanted
 * @word: linux, windows, zos or rfc
 *
 * Ends the program if it is another word.
 *
 * Return: whose.
 */
enum nst_naming nst_naming_parse(const char *word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i]))
			return i;
	nst_die(NST_EXIT_USAGE, "--states=%s: no such names: windows zos rfc linux", word);
}

/**
 * nst_naming_state() - the state of a row
 * @whose: whose name of it
 * @row: the row; if its protocol has no states, what stands there is kept, except
 *	that z/OS has "UDP" there
 *
 * Return: the name.
 */
struct nst_word nst_naming_state(enum nst_naming whose, const struct nst_row *row)
{
	bool has_state = row->table == NST_TCP || row->table == NST_TCP6 ||
			 row->sock.state == NST_UNHASHED;
	const char *name = NULL;

	if (has_state && row->sock.state < NST_STATES)
		name = names[whose][row->sock.state];
	else if (whose == NST_NAMING_ZOS && row->table != NST_RAW && row->table != NST_RAW6)
		name = "UDP";
	return name ? (struct nst_word){ name, strlen(name) } : row->state;
}
