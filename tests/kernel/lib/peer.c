// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "file.h"
#include "peer.h"

struct segment {
	uint16_t source, dest;
	uint32_t seq, ack;
	uint8_t offset;		/* in its upper half, in words */
	uint8_t flags;
	uint16_t window, sum, urgent;
} __attribute__((packed));

#define MAX_DATA	1024

static int deaf_listener(const union addr *at)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &nothing };
	int fd = socket(at->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		       sizeof(program)) ||
	    bind(fd, &at->sa, addr_len(at)) || listen(fd, 1)) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

static int raw_at(union addr at)
{
	int fd = socket(at.sa.sa_family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
	int room = 1 << 20;
	int err;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	addr_set_port(&at, 0);
	if (bind(fd, &at.sa, addr_len(&at))) {
		err = -errno;
		close(fd);
		return err;
	}
	return fd;
}

int peer_open(struct peer *p, const union addr *addr)
{
	p->addr = addr_on_wire(addr);
	p->trap = deaf_listener(&p->addr);
	if (p->trap < 0)
		return p->trap;
	p->raw = raw_at(p->addr);
	if (p->raw < 0) {
		close(p->trap);
		return p->raw;
	}
	return 0;
}

void peer_close(struct peer *p)
{
	close(p->raw);
	close(p->trap);
}

static uint32_t add_up(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *b = data;

	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? b[i] : b[i] << 8;
	return sum;
}

static uint16_t checksum(const union addr *from, const union addr *to,
			 const void *data, size_t len)
{
	uint32_t sum = IPPROTO_TCP + len;

	if (from->sa.sa_family == AF_INET) {
		sum = add_up(sum, &from->in.sin_addr, 4);
		sum = add_up(sum, &to->in.sin_addr, 4);
	} else {
		sum = add_up(sum, &from->in6.sin6_addr, 16);
		sum = add_up(sum, &to->in6.sin6_addr, 16);
	}
	sum = add_up(sum, data, len);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

int talk_send(struct talk *t, uint8_t flags, const void *data, size_t len)
{
	struct {
		struct segment head;
		uint8_t data[MAX_DATA];
	} out = {
		.head = {
			.source = htons(addr_port(&t->peer->addr)),
			.dest = htons(addr_port(&t->to)),
			.seq = htonl(t->seq),
			.ack = flags & TH_ACK ? htonl(t->ack) : 0,
			.offset = 5 << 4,
			.flags = flags,
			.window = htons(t->window),
		},
	};
	size_t size = sizeof(out.head) + len;
	union addr to = t->to;

	if (len > MAX_DATA)
		return -EMSGSIZE;
	if (len)
		memcpy(out.data, data, len);
	out.head.sum = checksum(&t->peer->addr, &t->to, &out, size);
	addr_set_port(&to, 0);
	if (sendto(t->peer->raw, &out, size, 0, &to.sa, addr_len(&to)) < 0)
		return -errno;
	t->seq += len + !!(flags & TH_SYN) + !!(flags & TH_FIN);
	return 0;
}

/* One segment of this conversation, or 0 for one of another. */
static int receive(struct talk *t, struct segment *s, size_t *len, int ms)
{
	uint8_t buf[8192];
	struct pollfd pfd = { .fd = t->peer->raw, .events = POLLIN };
	ssize_t n;
	size_t ip = 0;

	if (poll(&pfd, 1, ms) <= 0)
		return -ETIMEDOUT;
	n = recv(t->peer->raw, buf, sizeof(buf), MSG_TRUNC);
	if (n < 0)
		return -errno;
	*len = n;
	if (t->peer->addr.sa.sa_family == AF_INET)
		ip = (buf[0] & 0xf) * 4;
	if (*len < ip + sizeof(*s))
		return 0;
	memcpy(s, buf + ip, sizeof(*s));
	*len -= ip + (s->offset >> 4) * 4;
	return s->source == htons(addr_port(&t->to)) &&
	       s->dest == htons(addr_port(&t->peer->addr));
}

int talk_expect(struct talk *t, uint8_t flags)
{
	uint64_t end = now_ms() + PATIENCE_MS;
	struct segment s;
	size_t len;

	while (now_ms() < end) {
		int got = receive(t, &s, &len, end - now_ms());

		if (got < 0)
			return got;
		if (!got || (s.flags & flags) != flags)
			continue;
		if (s.flags & TH_SYN)
			t->ack = ntohl(s.seq);
		else if (ntohl(s.seq) != t->ack)
			continue;
		t->ack += len + !!(s.flags & TH_SYN) + !!(s.flags & TH_FIN);
		return 0;
	}
	return -ETIMEDOUT;
}

static void talk_begin(struct talk *t, struct peer *p, const union addr *to)
{
	*t = (struct talk){
		.peer = p,
		.to = addr_on_wire(to),
		.seq = 1000000,
		.window = 8192,
	};
}

int talk_called(struct talk *t, struct peer *p, const union addr *from)
{
	talk_begin(t, p, from);
	return talk_expect(t, TH_SYN);
}

int talk_call(struct talk *t, struct peer *p, const union addr *to)
{
	talk_begin(t, p, to);
	return talk_send(t, TH_SYN, NULL, 0);
}

int talk_accept(struct talk *t, struct peer *p, const union addr *from)
{
	return talk_called(t, p, from) ?:
	       talk_send(t, TH_SYN | TH_ACK, NULL, 0) ?:
	       talk_expect(t, TH_ACK);
}

int talk_connect(struct talk *t, struct peer *p, const union addr *to)
{
	return talk_call(t, p, to) ?:
	       talk_expect(t, TH_SYN | TH_ACK) ?:
	       talk_send(t, TH_ACK, NULL, 0);
}
