// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "creds.h"
#include "file.h"
#include "netns.h"

/* <linux/ipv6.h> has it, and quarrels with <netinet/in.h>. */
struct in6_request {
	struct in6_addr addr;
	uint32_t prefixlen;
	int ifindex;
};

static int up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCGIFFLAGS, &ifr))
		err = -errno;
	ifr.ifr_flags |= IFF_UP;
	if (!err && ioctl(fd, SIOCSIFFLAGS, &ifr))
		err = -errno;
	close(fd);
	return err;
}

static int add_address(const char *host)
{
	struct in6_request req = { .prefixlen = 128, .ifindex = 1 };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int err = 0;

	if (fd < 0)
		return -errno;
	req.ifindex = if_nametoindex("lo");
	inet_pton(AF_INET6, host, &req.addr);
	if (ioctl(fd, SIOCSIFADDR, &req) && errno != EEXIST)
		err = -errno;
	close(fd);
	return err;
}

/* An IPv6 address is of use only a moment after it has been added. */
static bool usable(const char *host)
{
	union addr at = addr_of(V6, host, 0);
	int fd = sock_bound(SOCK_DGRAM, &at);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

int netns_up(void)
{
	static const char *const hosts[] = { HOST6, PEER6, LONG6 };
	int err = up();

	for (int i = 0; !err && i < 3; i++)
		err = add_address(hosts[i]);
	for (int i = 0; !err && i < 3; i++)
		err = POLL(usable(hosts[i])) ? 0 : -EADDRNOTAVAIL;
	return err;
}

int netns_new(void)
{
	if (unshare(CLONE_NEWNET))
		return -errno;
	return netns_up();
}

/* A route: what matches is this host's own. */
struct route {
	struct nlmsghdr head;
	struct rtmsg route;
	struct rtattr to_head;
	struct in6_addr to;
	struct rtattr dev_head;
	int dev;
};

int netns_answer6(const char *prefix, int bits)
{
	struct route r = {
		.head = {
			.nlmsg_len = sizeof(r), .nlmsg_type = RTM_NEWROUTE,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK,
		},
		.route = {
			.rtm_family = AF_INET6, .rtm_dst_len = bits,
			.rtm_table = RT_TABLE_LOCAL, .rtm_protocol = RTPROT_STATIC,
			.rtm_scope = RT_SCOPE_HOST, .rtm_type = RTN_LOCAL,
		},
		.to_head = { RTA_LENGTH(sizeof(r.to)), RTA_DST },
		.dev_head = { RTA_LENGTH(sizeof(r.dev)), RTA_OIF },
		.dev = if_nametoindex("lo"),
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char more[256];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), err = -EIO;

	inet_pton(AF_INET6, prefix, &r.to);
	if (fd < 0 || send(fd, &r, sizeof(r), 0) < 0)
		err = -errno;
	else if (recv(fd, &answer, sizeof(answer), 0) > 0)
		err = answer.error.error;
	close(fd);
	return err;
}

int netns_small_tables(void)
{
	static const char udp[] = "/proc/sys/net/ipv4/udp_child_hash_entries";
	int err = file_write("/proc/sys/net/ipv4/tcp_child_ehash_entries", "16");

	/* It came later. */
	return err || access(udp, F_OK) ? err : file_write(udp, "16");
}

int netns_limited(int max)
{
	char text[16];
	int err;

	snprintf(text, sizeof(text), "%d", max);
	err = userns_new() ?:
	      file_write("/proc/sys/user/max_net_namespaces", text);
	if (err)
		return err;
	return unshare(CLONE_NEWNET) ? -errno : 0;
}

bool netns_room(void)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	bool made = !unshare(CLONE_NEWNET);

	if (home < 0 || setns(home, CLONE_NEWNET))
		made = false;
	close(home);
	return made;
}

int files_allow(unsigned long n)
{
	struct rlimit limit = { n, n };
	char text[24];

	snprintf(text, sizeof(text), "%lu", n);
	if (file_read_long("/proc/sys/fs/nr_open", 0) < (long)n)
		file_write("/proc/sys/fs/nr_open", text);
	snprintf(text, sizeof(text), "%lu", 2 * n);
	if (file_read_long("/proc/sys/fs/file-max", 0) < 2 * (long)n)
		file_write("/proc/sys/fs/file-max", text);
	return setrlimit(RLIMIT_NOFILE, &limit) ? -errno : 0;
}

static int failed(int fd)
{
	int err = -errno;

	close(fd);
	return err;
}

static int bound(int type, const union addr *at, int reuse)
{
	int fd = socket(at->sa.sa_family, type | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		return -errno;
	if (reuse)
		setsockopt(fd, SOL_SOCKET, reuse, &one, sizeof(one));
	if (bind(fd, &at->sa, addr_len(at)))
		return failed(fd);
	return fd;
}

int sock_bound(int type, const union addr *at)
{
	return bound(type, at, 0);
}

int sock_reuse(int type, const union addr *at)
{
	return bound(type, at, SO_REUSEPORT);
}

int sock_listen(const union addr *at, int backlog)
{
	int fd = bound(SOCK_STREAM, at, SO_REUSEADDR);

	if (fd >= 0 && listen(fd, backlog))
		return failed(fd);
	return fd;
}

int sock_connect(int type, const union addr *from, const union addr *to)
{
	int fd = socket(to->sa.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0);
	int one = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (from && bind(fd, &from->sa, addr_len(from)))
		return failed(fd);
	if (connect(fd, &to->sa, addr_len(to)) && errno != EINPROGRESS)
		return failed(fd);
	return fd;
}

int sock_pair(const union addr *server, int fd[2])
{
	union addr at;
	int l = sock_listen(server, 1);

	fd[0] = fd[1] = -1;
	if (l < 0)
		return l;
	at = addr_local(l);
	fd[0] = sock_connect(SOCK_STREAM, NULL, &at);
	if (fd[0] >= 0)
		fd[1] = accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	close(l);
	return fd[1] < 0 ? -EIO : 0;
}

void sock_end(int first, int second)
{
	struct pollfd over = { .fd = second, .events = POLLRDHUP };

	close(first);
	poll(&over, 1, PATIENCE_MS);
	close(second);
}

unsigned long sock_inode(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_ino;
}
