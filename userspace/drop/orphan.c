// SPDX-License-Identifier: GPL-2.0-only
/*
 * Connections that no process holds any more. Kernels without "tcp: fix forever orphan
 * socket caused by tcp_abort" (6.11) drop what such a connection still has to send, and with
 * that its timer, but do not end it. Then nothing ever ends it.
 *
 * To know whether this kernel is one of them, such a connection is made here, and is to be
 * ended. All that it had to send has arrived before, and closing the other end ends it in
 * any case: so none is left behind.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "drop/diag.h"
#include "drop/orphan.h"

#define LINGER_SECONDS 100	/* more than 60, else TIME_WAIT takes its place at once */

/* Two ends of a connection. */
struct pair {
	int near;
	int far;
};

static bool make(struct pair *pair)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct timeval patience = { .tv_sec = 1 };
	int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(at);

	pair->near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pair->far = -1;
	setsockopt(pair->near, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (!bind(server, (void *)&at, sizeof(at)) && !listen(server, 1) &&
	    !getsockname(server, (void *)&at, &size) &&
	    !connect(pair->near, (void *)&at, sizeof(at)))
		pair->far = accept(server, NULL, NULL);
	close(server);
	return pair->far >= 0;
}

/* Makes the request that finds the near end. */
static bool find(const struct pair *pair, struct inet_diag_req_v2 *req)
{
	struct sockaddr_in local, remote;
	socklen_t local_size = sizeof(local), remote_size = sizeof(remote);
	socklen_t size = sizeof(req->id.idiag_cookie);
	u64 cookie;

	memset(req, 0, sizeof(*req));
	if (getsockname(pair->near, (void *)&local, &local_size) ||
	    getpeername(pair->near, (void *)&remote, &remote_size) ||
	    getsockopt(pair->near, SOL_SOCKET, SO_COOKIE, &cookie, &size))
		return false;
	req->sdiag_family = AF_INET;
	req->sdiag_protocol = IPPROTO_TCP;
	req->id.idiag_sport = local.sin_port;
	req->id.idiag_dport = remote.sin_port;
	req->id.idiag_src[0] = local.sin_addr.s_addr;
	req->id.idiag_dst[0] = remote.sin_addr.s_addr;
	req->id.idiag_cookie[0] = cookie;
	req->id.idiag_cookie[1] = cookie >> 32;
	return true;
}

static bool try(void)
{
	struct linger reset = { .l_onoff = 1 };
	struct inet_diag_req_v2 req;
	int seconds = LINGER_SECONDS;
	bool made, ends = false;
	struct pair pair;
	char byte;

	made = make(&pair) && find(&pair, &req) &&
	       !setsockopt(pair.near, IPPROTO_TCP, TCP_LINGER2, &seconds, sizeof(seconds));
	close(pair.near);
	/* All has arrived when the other end reads that there is no more. */
	if (made && !read(pair.far, &byte, 1) && nst_diag_is_orphan(&req))
		ends = !nst_diag_destroy(&req) && !nst_diag_is_orphan(&req);
	if (pair.far < 0)
		return ends;
	setsockopt(pair.far, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(pair.far);
	return ends;
}

/**
 * nst_orphan_can_end() - whether this kernel ends connections that nobody holds
 *
 * Return: whether it has done so; false also if that could not be tried.
 */
bool nst_orphan_can_end(void)
{
	static enum { UNKNOWN, NO, YES } can;

	if (!can)
		can = try() ? YES : NO;
	return can == YES;
}
