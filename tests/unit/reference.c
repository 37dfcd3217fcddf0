// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>

#include <netstate/format.h>

#include "reference.h"

static const char * const protos[] = {
	"tcp", "tcp6", "udp", "udp6", "raw", "raw6", "udpl", "udpl6"
};

static const char * const tcp_states[] = {
	"UNKNOWN", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
	"TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "SYN_RECV",
	"BOUND", "CLOSE"	/* these two are not netstat's */
};

/* addr_do_one(), get_sname() and, for v4-mapped addresses, fix_v4_address() */
static void endpoint(char *text, const u8 *addr, bool ipv6, unsigned int port)
{
	char addr_text[INET6_ADDRSTRLEN], port_text[8];
	const struct in6_addr *in6 = (const struct in6_addr *)addr;

	if (!ipv6)
		inet_ntop(AF_INET, addr, addr_text, sizeof(addr_text));
	else if (IN6_IS_ADDR_V4MAPPED(in6))
		inet_ntop(AF_INET, addr + 12, addr_text, sizeof(addr_text));
	else
		inet_ntop(AF_INET6, addr, addr_text, sizeof(addr_text));
	if (port)
		snprintf(port_text, sizeof(port_text), "%d", port);
	else
		strcpy(port_text, "*");
	sprintf(text, "%s:%s", addr_text, port_text);
}

/* The escapes and "+N" are not netstat's. */
static void program(char *text, const struct nst_sock *sock)
{
	if (!sock->owner) {
		strcpy(text, "-");
		return;
	}
	text += sprintf(text, "%u/", sock->owner->pid);
	for (const char *c = sock->owner->comm; *c; c++) {
		unsigned char byte = *c;

		if (byte < 0x21 || byte > 0x7e || byte == '\\' ||
		    (byte == '+' && c[1] >= '0' && c[1] <= '9'))
			text += sprintf(text, "\\%03o", byte);
		else
			text += sprintf(text, "%c", byte);
	}
	if (sock->others)
		sprintf(text, "+%u", sock->others);
	else
		*text = '\0';
}

static void timer(char *text, const struct nst_sock *sock)
{
	long retr = sock->retransmits;
	int timeout = sock->probes;
	double left = (double)sock->timer_left / 100;

	switch (sock->timer) {
	case 0:
		sprintf(text, "off (0.00/%ld/%d)", retr, timeout);
		break;
	case 1:
		sprintf(text, "on (%2.2f/%ld/%d)", left, retr, timeout);
		break;
	case 2:
		sprintf(text, "keepalive (%2.2f/%ld/%d)", left, retr, timeout);
		break;
	case 3:
		sprintf(text, "timewait (%2.2f/%ld/%d)", left, retr, timeout);
		break;
	case 4:
		sprintf(text, "probe (%2.2f/%ld/%d)", left, retr, timeout);
		break;
	default:
		sprintf(text, "unkn-%d (%2.2f/%ld/%d)", sock->timer, left, retr, timeout);
		break;
	}
}

#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* tcp_do_one(), udp_do_one() and raw_do_one(), where a long has 64 bits */
static char *fixed(char *text, const struct nst_sock *sock, enum nst_table table)
{
	bool ipv6 = table % 2;
	long long rxq = sock->recvq, txq = sock->sendq;
	char local_addr[64], rem_addr[64];

	endpoint(local_addr, sock->addr, ipv6, sock->lport);
	endpoint(rem_addr, sock->addr + (ipv6 ? 16 : 4), ipv6, sock->rport);
	switch (table) {
	case NST_TCP:
	case NST_TCP6:
		return text + sprintf(text, "%-4s  %6lld %6lld %-*s %-*s %-11s",
				      protos[table], rxq, txq,
				      (int)MAX(23, strlen(local_addr)), local_addr,
				      (int)MAX(23, strlen(rem_addr)), rem_addr,
				      tcp_states[sock->state < 15 ? sock->state : 0]);
	case NST_RAW:
	case NST_RAW6:
		if (sock->state == 14)
			return text + sprintf(text, "%-4s  %6lld %6lld %-23s %-23s %-11s",
					      protos[table], rxq, txq, local_addr, rem_addr,
					      "CLOSE");
		return text + sprintf(text, "%-4s  %6lld %6lld %-23s %-23s %-11d",
				      protos[table], rxq, txq, local_addr, rem_addr,
				      sock->state);
	default:
		return text + sprintf(text, "%-5s %6lld %6lld %-23s %-23s %-11s",
				      protos[table], rxq, txq, local_addr, rem_addr,
				      sock->state == 1 ? "ESTABLISHED" :
				      sock->state == 7 ? "" :
				      sock->state == 14 ? "CLOSE" : "UNKNOWN");
	}
}

/* finish_this_one() */
void reference_row(char *text, const struct nst_sock *sock, enum nst_table table,
		   unsigned int show)
{
	unsigned long long inode = sock->state == NST_NEW_SYN_RECV ? 0 : sock->inode;
	char program_text[128], timer_text[64];

	text = fixed(text, sock, table);
	if (show & NST_SHOW_USER) {
		text += sprintf(text, " %-10u ", sock->uid == NST_UID_NONE ? 0 : sock->uid);
		text += sprintf(text, "%-10llu", inode);
	}
	if (show & NST_SHOW_PROGRAM) {
		program(program_text, sock);
		text += sprintf(text, " %-20s", program_text);
	}
	if (show & NST_SHOW_TIMER) {
		timer(timer_text, sock);
		text += sprintf(text, " %s", timer_text);
	}
	strcpy(text, "\n");
}

/* tcp_do_one()'s caller */
void reference_columns(char *text, unsigned int show)
{
	text += sprintf(text, "Proto Recv-Q Send-Q Local Address           "
			"Foreign Address         State      ");
	if (show & NST_SHOW_USER)
		text += sprintf(text, " User       Inode     ");
	if (show & NST_SHOW_PROGRAM)
		text += sprintf(text, " %-20s", "PID/Program name");
	if (show & NST_SHOW_TIMER)
		text += sprintf(text, " Timer");
	strcpy(text, "\n");
}
