// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's sock_diag(7). It knows a socket by its addresses, ports and device,
 * and by its cookie: a number that no other socket ever has. A socket gets one when
 * somebody asks for it, as a dump does. When it is in TIME_WAIT it has the one that
 * it had before, and so has a connection that of its request.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drop/diag.h"

#define IN_TIME_WAIT	3	/* the timer in TIME_WAIT; the state may be FIN_WAIT2 */

/* A request, as it is sent. */
struct request {
	struct nlmsghdr head;
	struct inet_diag_req_v2 req;
};

static unsigned char protocol_of(enum nst_table table)
{
	return table == NST_TCP || table == NST_TCP6 ? IPPROTO_TCP : IPPROTO_UDP;
}

static int open_socket(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	return fd;
}

/* Whether a message is the last one of an answer. */
static bool is_last(const struct nlmsghdr *head, int *err)
{
	if (head->nlmsg_type != NLMSG_ERROR && head->nlmsg_type != NLMSG_DONE)
		return false;
	/* Both begin with a number: 0, or the error. */
	*err = head->nlmsg_len >= NLMSG_LENGTH(sizeof(int)) ? *(int *)NLMSG_DATA(head) : 0;
	return true;
}

/* Returns 0 or the error, negative; what is found goes to @found, unless it is NULL. */
static int ask(unsigned short type, unsigned short flags, const struct inet_diag_req_v2 *req,
	       struct inet_diag_msg *found)
{
	static char buffer[64 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	static unsigned int sequence;
	struct request request = {
		.head = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = type,
			.nlmsg_flags = NLM_F_REQUEST | flags,
			.nlmsg_seq = ++sequence,
		},
		.req = *req,
	};
	const struct nlmsghdr *head;
	int fd = open_socket(), err;
	ssize_t len;

	if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0)
		return -errno;
	for (;;) {
		len = recv(fd, buffer, sizeof(buffer), 0);
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return len ? -errno : -EIO;
		for (head = (void *)buffer; NLMSG_OK(head, len); head = NLMSG_NEXT(head, len)) {
			if (head->nlmsg_seq != sequence)
				continue;
			if (is_last(head, &err))
				return err;
			if (found && head->nlmsg_len >= NLMSG_LENGTH(sizeof(*found)))
				memcpy(found, NLMSG_DATA(head), sizeof(*found));
		}
	}
}

/**
 * nst_diag_find() - make the request that finds a socket
 * @req: filled in
 * @row: the socket, of TCP or UDP
 *
 * Return: false if it has no cookie, so that another one could be taken for it.
 */
bool nst_diag_find(struct inet_diag_req_v2 *req, const struct nst_row *row)
{
	const bool ipv6 = nst_table_is_ipv6(row->table);
	struct nst_word device = nst_word_value(row->detail, "device");
	char name[IF_NAMESIZE];
	u64 cookie;

	memset(req, 0, sizeof(*req));
	req->sdiag_family = ipv6 ? AF_INET6 : AF_INET;
	req->sdiag_protocol = protocol_of(row->table);
	req->idiag_states = NST_DIAG_ALL;
	req->id.idiag_sport = htons(row->sock.lport);
	req->id.idiag_dport = htons(row->sock.rport);
	memcpy(req->id.idiag_src, row->sock.addr, ipv6 ? 16 : 4);
	memcpy(req->id.idiag_dst, nst_row_remote(row), ipv6 ? 16 : 4);
	if (device.len) {
		snprintf(name, sizeof(name), "%.*s", (int)device.len, device.start);
		req->id.idiag_if = if_nametoindex(name);
	}
	if (!nst_word_number(nst_word_value(row->detail, "cookie"), ~0ULL, &cookie))
		return false;
	req->id.idiag_cookie[0] = cookie;
	req->id.idiag_cookie[1] = cookie >> 32;
	return true;
}

/**
 * nst_diag_number() - give cookies to the sockets of a table that have none
 * @table: the table, of TCP or UDP
 * @states: NST_DIAG_ALL, or NST_DIAG_NONE to see whether that could be done
 *
 * Return: 0 or the error, negative: ENOENT if the kernel has no sock_diag for them.
 */
int nst_diag_number(enum nst_table table, unsigned int states)
{
	struct inet_diag_req_v2 req = {
		.sdiag_family = nst_table_is_ipv6(table) ? AF_INET6 : AF_INET,
		.sdiag_protocol = protocol_of(table),
		.idiag_states = states,
	};

	return ask(SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &req, NULL);
}

/**
 * nst_diag_destroy() - end a socket, as ss -K does
 * @req: the request that finds it
 *
 * Return: 0 or the error, negative: ENOENT if it is not found.
 */
int nst_diag_destroy(const struct inet_diag_req_v2 *req)
{
	return ask(SOCK_DESTROY, NLM_F_ACK, req, NULL);
}

static bool show(const struct inet_diag_req_v2 *req, struct inet_diag_msg *found)
{
	memset(found, 0, sizeof(*found));
	return !ask(SOCK_DIAG_BY_FAMILY, NLM_F_ACK, req, found);
}

/**
 * nst_diag_is_time_wait() - whether a connection is over, and the kernel only keeps its addresses
 * @req: the request that finds it
 *
 * Return: whether it is. Its state may be FIN_WAIT2.
 */
bool nst_diag_is_time_wait(const struct inet_diag_req_v2 *req)
{
	struct inet_diag_msg found;

	return show(req, &found) && found.idiag_timer == IN_TIME_WAIT;
}

/**
 * nst_diag_is_orphan() - whether no process holds a connection any more
 * @req: the request that finds it
 *
 * Return: whether its program has closed it, and the kernel is still ending it.
 */
bool nst_diag_is_orphan(const struct inet_diag_req_v2 *req)
{
	const unsigned int closed = BIT(NST_FIN_WAIT1) | BIT(NST_FIN_WAIT2) | BIT(NST_CLOSING) |
				    BIT(NST_LAST_ACK);
	struct inet_diag_msg found;

	return show(req, &found) && !found.idiag_inode && found.idiag_timer != IN_TIME_WAIT &&
	       closed & BIT(found.idiag_state);
}
