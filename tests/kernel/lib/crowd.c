// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "crowd.h"
#include "file.h"
#include "netns.h"
#include "note.h"
#include "peer.h"

#define PEER_PORT	9009

static const union addr any4 = { .in = { .sin_family = AF_INET } };
static const union addr any6 = { .in6 = { .sin6_family = AF_INET6 } };

static const union addr *nowhere(const union addr *like)
{
	return like->sa.sa_family == AF_INET ? &any4 : &any6;
}

static int listener(struct world *w, uid_t uid, enum flavour how,
		    const char *host, uint16_t port, unsigned int holders)
{
	union addr at = addr_of(how, host, port);
	int fd;

	setfsuid(uid);
	fd = sock_listen(&at, 8);
	setfsuid(0);
	world_add(w, fd, "LISTEN", holders);
	return fd;
}

/* A connection to a listener; who accepts may be another one. */
static void connection(struct world *w, enum flavour how, const char *from,
		       uint16_t port, const char *to, int l,
		       unsigned int caller, unsigned int called)
{
	union addr source = addr_of(how, from, port);
	union addr target = addr_of(how, to, 0);
	union addr at = addr_local(l);
	int fd;

	addr_set_port(&target, addr_port(&at));
	world_add_as(w, how == V4 ? "tcp" : "tcp6",
		     sock_connect(SOCK_STREAM, &source, &target), &source,
		     &target, "ESTABLISHED", caller);
	setfsuid(1003);
	fd = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	setfsuid(0);
	world_add(w, fd, "ESTABLISHED", called);
}

/* Nobody accepts. */
static void waiting(struct world *w, const char *from, uint16_t port,
		    const char *to, int l)
{
	union addr source = addr_of(V4, from, port);
	union addr target = addr_of(V4, to, 0);
	union addr at = addr_local(l);
	struct made *queued;
	struct stat st;

	addr_set_port(&target, addr_port(&at));
	world_add_as(w, "tcp", sock_connect(SOCK_STREAM, &source, &target),
		     &source, &target, "ESTABLISHED", US);
	queued = world_add_as(w, "tcp", -1, &target, &source, "ESTABLISHED", 0);
	if (queued && !fstat(l, &st))
		queued->is.uid = st.st_uid;	/* its listener's */
}

/* @to NULL: only bound. */
static int datagrams(struct world *w, uid_t uid, int protocol,
		     enum flavour how, const char *from, uint16_t port,
		     const char *to, uint16_t rport, unsigned int holders)
{
	union addr at = addr_of(how, from, port);
	union addr far = addr_of(how, to ?: from, rport);
	int fd;

	setfsuid(uid);
	fd = socket(at.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, protocol);
	setfsuid(0);
	if (fd < 0 && protocol)
		return -1;	/* no UDP-Lite */
	if (fd < 0 || bind(fd, &at.sa, addr_len(&at)) ||
	    (to && connect(fd, &far.sa, addr_len(&far))))
		w->error = "a datagram socket is missing";
	world_add(w, fd, to ? "ESTABLISHED" : "", holders);
	return fd;
}

static void raw(struct world *w, uid_t uid, int protocol, const union addr *at,
		bool connected, unsigned int holders)
{
	union addr bound = *at, local = *at, remote = *nowhere(at);
	int fd;

	setfsuid(uid);
	fd = socket(at->sa.sa_family, SOCK_RAW | SOCK_CLOEXEC, protocol);
	setfsuid(0);
	addr_set_port(&bound, 0);
	if (bind(fd, &bound.sa, addr_len(&bound)) ||
	    (connected && connect(fd, &bound.sa, addr_len(&bound))))
		w->error = "a raw socket is missing";
	if (connected)
		remote = bound;
	addr_set_port(&local, protocol);
	world_add_as(w, at->sa.sa_family == AF_INET ? "raw" : "raw6", fd,
		     &local, &remote, connected ? "1" : "7", holders);
}

/* On its way from us to us: it has an inode, and no process has it. */
static void nobodys(struct world *w, int fd)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) ||
	    !line_send_fd(ends[0], fd))
		w->error = "a socket can't be sent";
	close(fd);
	w->made[w->n - 1].fd = -1;
}

/* The stage on which connections stay in their states. */
struct stage {
	struct world *w;
	struct peer peer;
	struct talk talk;	/* with the last one that connected */
	union addr host;	/* the next one's end */
	union addr local;	/* this one's end */
	const char *tcp, *raw;
};

static int call(struct stage *st)
{
	st->local = st->host;
	addr_set_port(&st->host, addr_port(&st->host) + 1);
	return sock_connect(SOCK_STREAM, &st->local, &st->peer.addr);
}

static int connected(struct stage *st)
{
	int fd = call(st);

	if (fd < 0 || talk_accept(&st->talk, &st->peer, &st->local))
		st->w->error = "no connection to the peer";
	return fd;
}

static void play(struct stage *st, int fd, const char *state,
		 unsigned int holders, int err)
{
	if (err) {
		note("%s: %s", state, strerror(-err));
		st->w->error = "a state can't be reached";
	}
	world_add_as(st->w, st->tcp, fd, &st->local, &st->peer.addr, state,
		     holders);
}

/* The socket goes, what remains of it has no inode. */
static void leave(struct stage *st)
{
	struct made *s = &st->w->made[st->w->n - 1];

	close(s->fd);
	s->fd = -1;
	s->is.row.inode = 0;
}

/* Once it is as a test wants it, the peer shall take up nothing more. */
static void quiet(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &nothing };
	char byte;

	setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		   sizeof(program));
	while (recv(fd, &byte, 1, MSG_DONTWAIT) >= 0)
		;
}

static int keepalive(int fd)
{
	int one = 1, long_time = 3000;

	return setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &long_time,
			  sizeof(long_time)) ||
	       setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)) ?
	       -errno : 0;
}

static int linger(int fd)
{
	int seconds = 120;

	return setsockopt(fd, IPPROTO_TCP, TCP_LINGER2, &seconds,
			  sizeof(seconds)) ? -errno : 0;
}

static int shut(int fd)
{
	return shutdown(fd, SHUT_WR) ? -errno : 0;
}

static int put(int fd, size_t len)
{
	static const char data[3000];

	return write(fd, data, len) == (ssize_t)len ? 0 : -EIO;
}

/* Each state, between @host and @far; @l listens on @host, for @holders. */
static void act(struct world *w, enum flavour how, const char *host,
		uint16_t port, const char *far, int l, unsigned int holders)
{
	union addr at = addr_of(how, far, PEER_PORT), called, any;
	struct stage st = {
		.w = w,
		.host = addr_of(how, host, port),
		.tcp = how == V4 ? "tcp" : "tcp6",
		.raw = how == V4 ? "raw" : "raw6",
	};
	struct talk *t = &st.talk;
	int fd, err;

	err = peer_open(&st.peer, &at);
	if (err) {
		w->error = "no peer";
		return;
	}
	world_add(w, st.peer.trap, "LISTEN", US);
	any = *nowhere(&at);
	called = at;
	addr_set_port(&called, IPPROTO_TCP);
	world_add_as(w, st.raw, st.peer.raw, &called, &any, "7", US);

	fd = call(&st);
	play(&st, fd, "SYN_SENT", US, talk_called(t, &st.peer, &st.local));

	called = addr_local(l);
	err = talk_call(t, &st.peer, &called) ?:
	      talk_expect(t, TH_SYN | TH_ACK);
	if (err)
		w->error = "no answer to a SYN";
	world_add_as(w, st.tcp, -1, &called, &at, "SYN_RECV", holders);

	fd = connected(&st);
	play(&st, fd, "ESTABLISHED", US | WEB, put(fd, 3000));
	fd = connected(&st);
	play(&st, fd, "ESTABLISHED", US, talk_send(t, TH_ACK, "123456", 6));
	fd = connected(&st);
	play(&st, fd, "ESTABLISHED", WORKER, keepalive(fd));
	fd = connected(&st);
	t->window = 0;
	play(&st, fd, "ESTABLISHED", US,
	     talk_send(t, TH_ACK, "1", 1) ?: talk_expect(t, TH_ACK) ?:
	     put(fd, 77));

	fd = connected(&st);
	play(&st, fd, "FIN_WAIT1", WEB | DB, shut(fd));
	fd = connected(&st);
	play(&st, fd, "FIN_WAIT1", 0, put(fd, 10) ?: shut(fd));
	leave(&st);
	fd = connected(&st);
	play(&st, fd, "FIN_WAIT2", US,
	     linger(fd) ?: shut(fd) ?: talk_expect(t, TH_FIN) ?:
	     talk_send(t, TH_ACK, NULL, 0));
	fd = connected(&st);
	play(&st, fd, "TIME_WAIT", 0, shut(fd) ?: talk_expect(t, TH_FIN) ?:
	     talk_send(t, TH_FIN | TH_ACK, NULL, 0));
	leave(&st);
	fd = connected(&st);
	play(&st, fd, "CLOSE_WAIT", WORKER,
	     talk_send(t, TH_FIN | TH_ACK, "bye", 3));
	fd = connected(&st);
	play(&st, fd, "LAST_ACK", DB,
	     talk_send(t, TH_FIN | TH_ACK, NULL, 0) ?:
	     (POLL(recv(fd, &(char){ 0 }, 1, MSG_DONTWAIT) == 0) ?
	      shut(fd) : -ETIMEDOUT));
	fd = connected(&st);
	err = shut(fd) ?: talk_expect(t, TH_FIN);
	t->ack--;
	play(&st, fd, "CLOSING", US,
	     err ?: talk_send(t, TH_FIN | TH_ACK, NULL, 0));

	quiet(st.peer.raw);
}

bool crowd_make(struct world *w)
{
	union addr at;
	int l4, l6, wide4, wide6, fd;

	world_begin(w);
	world_holder(w, "keeper", "keeper");
	world_holder(w, "web", "web");
	world_holder(w, "web worker", "web\\040worker");
	world_holder(w, "db[1]*\\,-+9", "db[1]*\\134,-\\0539");

	l4 = listener(w, 0, V4, "127.0.0.1", 7001, WEB | WORKER);
	wide4 = listener(w, 1000, V4, "0.0.0.0", 7002, DB);
	wide6 = listener(w, 1001, V6, "::", 7003, ALL_HANDS);
	l6 = listener(w, 0, V6, HOST6, 7001, US);
	listener(w, 1000, MAPPED, "127.0.0.9", 7004, WEB);

	connection(w, V4, "127.0.0.2", 8001, "127.0.0.1", l4, US, WEB);
	connection(w, V6, PEER6, 8002, HOST6, l6, US | DB, WORKER);
	connection(w, V4, "127.0.0.3", 8003, "127.0.0.1", wide6, WEB, US);
	connection(w, MAPPED, "127.0.0.4", 8004, "127.0.0.1", wide6, US,
		   WEB | US);
	connection(w, V6, LONG6, 7001, LONG6, wide6, DB, DB | WORKER);
	waiting(w, "127.0.0.5", 8005, "127.1.2.3", wide4);

	fd = datagrams(w, 1000, 0, V4, "127.0.0.1", 7001, NULL, 0, US);
	at = addr_of(V4, "127.0.0.1", 7001);
	if (sendto(fd, "abc", 3, 0, &at.sa, addr_len(&at)) != 3)
		w->error = "a datagram is missing";
	datagrams(w, 0, 0, V4, "127.0.0.1", 7005, "127.0.0.2", 7006, WEB);
	datagrams(w, LARGE_UID, 0, V6, "::", 7015, NULL, 0, WORKER);
	datagrams(w, 1001, 0, V6, LONG6, 7007, PEER6, 7008, DB);
	datagrams(w, 0, 0, MAPPED, "127.0.0.1", 7009, "127.200.0.1", 7010, US);
	datagrams(w, 0, 0, V4, "0.0.0.0", 65535, NULL, 0, US | WEB | WORKER);
	datagrams(w, 0, 0, V6, "::1", 7001, NULL, 0, US | DB);
	nobodys(w, datagrams(w, 1002, 0, V4, "127.0.0.1", 7011, NULL, 0, 0));

	datagrams(w, 0, IPPROTO_UDPLITE, V4, "127.0.0.1", 7001, NULL, 0, WEB);
	datagrams(w, 1000, IPPROTO_UDPLITE, V6, HOST6, 7012, PEER6, 7013, US);
	datagrams(w, 0, IPPROTO_UDPLITE, V6, "::", 7014, NULL, 0,
		  WORKER | DB);

	raw(w, 0, 253, &any4, false, US);
	at = addr_of(V4, "127.0.0.1", 0);
	raw(w, 1000, IPPROTO_RAW, &at, false, WEB | DB);
	raw(w, 0, 254, &at, true, US | WORKER);
	raw(w, 0, 253, &any6, false, WEB);
	at = addr_of(V6, "::1", 0);
	raw(w, 1001, 254, &at, true, US);

	act(w, V4, "127.0.0.1", 7101, "127.0.0.9", l4, WEB | WORKER);
	act(w, V6, HOST6, 7201, PEER6, l6, US);
	return world_complete(w);
}
