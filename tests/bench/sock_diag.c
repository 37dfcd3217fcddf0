// SPDX-License-Identifier: GPL-2.0-only
/*
 * A dump of all TCP sockets over IPv4 through netlink, asked for as by ss -tan,
 * and looked through, but not printed.
 */
#include <err.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "thing.h"

/* As large as the kernel fills it */
#define BUFFER (32 * 1024)

static void ask(int fd)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 body;
	} request = {
		.head = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.body = {
			.sdiag_family = AF_INET,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = -1,
		},
	};

	if (send(fd, &request, sizeof(request), 0) != sizeof(request))
		err(1, "sock_diag");
}

/* Returns whether it was the last one. */
static int look_through(const char *text, size_t size)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)text;

	for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
		if (message->nlmsg_type == NLMSG_ERROR)
			errx(1, "sock_diag: refused");
		if (message->nlmsg_type == NLMSG_DONE)
			return 1;
	}
	return 0;
}

struct work dump_tcp(void)
{
	static char text[BUFFER] __attribute__((aligned(8)));
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
	struct work work = { .calls = 3 };
	ssize_t got;

	if (fd < 0)
		err(1, "netlink");
	ask(fd);
	do {
		got = recv(fd, text, sizeof(text), 0);
		if (got <= 0)
			err(1, "sock_diag");
		work.bytes += got;
		work.calls++;
	} while (!look_through(text, got));
	close(fd);
	return work;
}
