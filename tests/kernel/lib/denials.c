// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "denials.h"
#include "file.h"

/* All that was heard before this is in the log before it. */
#define MARK	"netstate heard so far"

int denials_listen(void)
{
	const struct timeval patience = { .tv_sec = PATIENCE_MS / 1000 };
	struct sockaddr_nl at = {
		.nl_family = AF_NETLINK, .nl_groups = 1 << (AUDIT_NLGRP_READLOG - 1),
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT), err;

	if (fd < 0)
		return -errno;
	if (!bind(fd, (struct sockaddr *)&at, sizeof(at)) &&
	    !setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static bool mark(int fd)
{
	struct {
		struct nlmsghdr head;
		char text[sizeof(MARK)];
	} said = {
		.head = {
			.nlmsg_len = sizeof(said), .nlmsg_type = AUDIT_USER_AVC,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.text = MARK,
	};

	return send(fd, &said, sizeof(said), 0) == sizeof(said);
}

long denials_heard(int fd)
{
	char heard[8192];
	long n = 0;

	if (!mark(fd))
		return -1;
	for (;;) {
		ssize_t len = recv(fd, heard, sizeof(heard) - 1, 0);
		const char *text = heard + NLMSG_HDRLEN;

		if (len < NLMSG_HDRLEN)
			return -1;
		heard[len] = '\0';
		if (strstr(text, MARK))
			return n;
		/* AppArmor, SELinux, Landlock */
		n += strstr(text, "DENIED") || strstr(text, " denied ") ||
		     strstr(text, "blockers=");
	}
}
