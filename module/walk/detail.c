// SPDX-License-Identifier: GPL-2.0-only
/*
 * What show=more wants to know of a socket. Everything here is copied under RCU
 * from a socket that may change meanwhile, one number at a time; whether it was
 * one socket all the time is for the caller to find out.
 *
 * Nothing is told that sock_diag does not tell anybody in the same network
 * namespace; the mark, as there, only to who may administrate it.
 */
#include <linux/cgroup.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/tcp.h>
#include <net/inet_sock.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>

#include "compat/device.h"
#include "compat/direction.h"
#include "compat/drops.h"
#include "store/slots.h"
#include "walk/netns.h"
#include "walk/walk.h"
#include "walk/detail.h"
#include "walk/info.h"

static void set_mark(struct nst_detail *detail, const struct nst_walk *walk, u32 mark)
{
	if (walk->scope.marks && mark) {
		detail->mark = mark;
		detail->known |= NST_KNOWS_MARK;
	}
}

static void set_dir(struct nst_detail *detail, enum nst_dir dir)
{
	detail->dir = dir;
	detail->known |= NST_KNOWS_DIR;
}

/**
 * struct bound_device - what a device is called
 * @net: its network namespace
 * @ifindex: its number; 0 where the slot is free
 * @is_known: whether there is such a device
 * @name: its name, terminated
 */
struct bound_device {
	const struct net *net;
	int ifindex;
	bool is_known;
	char name[NST_DEVICE_SIZE];
};

static __always_inline bool is_free(const void *slot)
{
	return !((const struct bound_device *)slot)->ifindex;
}

static __always_inline bool is_device(const struct nst_slots *slots, const void *slot,
				      const void *key)
{
	const struct bound_device *device = slot, *wanted = key;

	return device->ifindex == wanted->ifindex && device->net == wanted->net;
}

static __always_inline u32 home(const struct nst_slots *slots, const void *slot)
{
	const struct bound_device *device = slot;
	u64 key = (u64)device->ifindex << 32 | (u32)((unsigned long)device->net >> 6);

	return nst_slots_hash(slots, key, slots->bits);
}

static const struct nst_slots_kind by_number = {
	.size = sizeof(struct bound_device),
	.is_free = is_free,
	.is = is_device,
	.home = home,
};

/* Looks for a device; before 6.6 this takes as long as there are devices with numbers alike. */
static noinline void nst_find_device(struct bound_device *device, struct net *net)
{
	const struct net_device *dev;

	rcu_read_lock();
	dev = nst_device_by_index(net, device->ifindex);
	if (dev) {
		/* A name that changes meanwhile stays a string. */
		data_race(memcpy(device->name, dev->name, sizeof(device->name)));
		device->name[sizeof(device->name) - 1] = '\0';
	}
	device->is_known = dev;
	rcu_read_unlock();
}

/**
 * nst_detail_name_device() - put a device's name where its number is
 * @devices: those that were found before: users choose the numbers, so each is looked for
 *	once; to be made with nst_slots_init(), and freed with nst_detail_free_devices()
 * @detail: what is known of a socket
 * @net: its network namespace; the caller keeps it alive
 *
 * Without such a device, nothing is known of it.
 *
 * Context: may sleep; the look-up is one RCU section.
 */
void nst_detail_name_device(struct nst_slots *devices, struct nst_detail *detail, struct net *net)
{
	struct bound_device device = { .net = net }, *slot = NULL;

	if (!(detail->known & NST_KNOWS_DEVICE))
		return;

	memcpy(&device.ifindex, detail->device, sizeof(device.ifindex));
	/* Without memory each is looked for again. */
	if (!nst_slots_reserve(devices, &by_number, 1))
		slot = nst_slots_find(devices, &by_number, home(devices, &device), &device);
	if (slot && slot->ifindex) {
		device = *slot;
	} else {
		nst_find_device(&device, net);
		if (slot) {
			*slot = device;
			devices->count++;
		}
	}

	if (device.is_known)
		memcpy(detail->device, device.name, sizeof(detail->device));
	else
		detail->known &= ~NST_KNOWS_DEVICE;
	cond_resched();
}

/**
 * nst_detail_free_devices() - forget which devices there are
 * @devices: those that were found
 *
 * Context: may sleep.
 */
void nst_detail_free_devices(struct nst_slots *devices)
{
	nst_slots_free(devices, by_number.size);
}

/*
 * Only the number: to find the device takes as long as there are devices with such numbers,
 * and users choose them. nst_detail_name_device() does it, outside of chains and locks.
 */
static void set_device(struct nst_detail *detail, const struct nst_walk *walk, int ifindex)
{
	if (!ifindex)
		return;

	memcpy(detail->device, &ifindex, sizeof(ifindex));
	detail->known |= NST_KNOWS_DEVICE;
	if (walk->scope.nets)
		nst_nets_place(walk->scope.nets, walk->scope.netns)->devices = true;
}

static void set_drops(struct nst_detail *detail, const struct sock *sk)
{
	detail->drops = nst_sock_drops(sk);
	detail->known |= NST_KNOWS_DROPS;
}

/**
 * nst_detail_start() - copy what sockets of all kinds have
 * @detail: filled in
 * @walk: the walk
 * @sk: the socket, of any kind
 *
 * Context: under RCU.
 */
void nst_detail_start(struct nst_detail *detail, const struct nst_walk *walk, const struct sock *sk)
{
	memset(detail, 0, sizeof(*detail));
	if (unlikely(walk->query.needs & (NST_NEED_TCP | NST_NEED_MEM)))
		memset(nst_detail_info(detail), 0, sizeof(struct nst_info));

	if (walk->query.needs & NST_NEED_FILES)
		detail->known |= NST_KNOWS_FILES;
	detail->cookie = atomic64_read(&sk->sk_cookie);
	if (detail->cookie)	/* else nobody has asked for one */
		detail->known |= NST_KNOWS_COOKIE;
	set_device(detail, walk, READ_ONCE(sk->sk_bound_dev_if));
}

/*
 * listen() sets sk_max_ack_backlog, a connection copies it from its listener,
 * and nothing resets it: so it is an incoming one where that is not 0. A port
 * that bind() or connect() chose is an outgoing one's. What has neither may be
 * either.
 */
static enum nst_dir direction(const struct sock *sk)
{
	if (READ_ONCE(sk->sk_state) == TCP_SYN_SENT || nst_sock_connected(sk))
		return NST_DIR_OUT;

	return READ_ONCE(sk->sk_max_ack_backlog) ? NST_DIR_IN : NST_DIR_UNKNOWN;
}

/* What was sent, but for what was sent again. */
static u64 bytes_out(const struct tcp_sock *tp)
{
	u64 again = READ_ONCE(tp->bytes_retrans), sent = READ_ONCE(tp->bytes_sent);

	return sent > again ? sent - again : 0;
}

/* 1/100 seconds since the last segment that came or went. */
static u32 idle_time(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 idle = nst_jiffies_since(READ_ONCE(inet_csk(sk)->icsk_ack.lrcvtime));

	idle = min(idle, nst_jiffies_since(READ_ONCE(tp->lsndtime)));
	idle = min(idle, nst_jiffies_since(READ_ONCE(tp->rcv_tstamp)));
	return jiffies_to_clock_t(idle);
}

/* Copies what full sockets of all kinds have. */
static void copy_full(struct nst_detail *detail, const struct nst_walk *walk,
		      const struct sock *sk)
{
	set_mark(detail, walk, READ_ONCE(sk->sk_mark));
	set_drops(detail, sk);
	if (walk->query.needs & NST_NEED_MEM)
		nst_info_copy_mem(detail, sk);
}

/**
 * nst_detail_copy_connection() - copy what connections have
 * @detail: added to
 * @walk: the walk
 * @sk: a full TCP socket that does not listen
 *
 * Context: under RCU.
 */
void nst_detail_copy_connection(struct nst_detail *detail, const struct nst_walk *walk,
				const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	set_dir(detail, direction(sk));
	copy_full(detail, walk, sk);
	if (walk->query.needs & NST_NEED_TCP)
		nst_info_copy_tcp(detail, sk);
	if (READ_ONCE(sk->sk_state) == TCP_SYN_SENT)
		return;

	detail->idle = idle_time(sk);
	detail->known |= NST_KNOWS_IDLE;

	detail->rtt = READ_ONCE(tp->srtt_us) >> 3;
	detail->retransmits = READ_ONCE(tp->total_retrans);
	/* Two words each on 32-bit machines: there, a number may be torn. */
	detail->bytes_in = READ_ONCE(tp->bytes_received);
	detail->bytes_out = bytes_out(tp);
	detail->known |= NST_KNOWS_TRAFFIC;
}

/**
 * nst_detail_copy_listener() - copy what listeners have
 * @detail: added to
 * @walk: the walk
 * @sk: a listener
 *
 * Context: under RCU.
 */
void nst_detail_copy_listener(struct nst_detail *detail, const struct nst_walk *walk,
			      const struct sock *sk)
{
	detail->backlog = READ_ONCE(sk->sk_max_ack_backlog);
	detail->known |= NST_KNOWS_BACKLOG;
	copy_full(detail, walk, sk);
}

/**
 * nst_detail_copy_datagram() - copy what UDP and raw sockets have, and unhashed ones
 * @detail: added to
 * @walk: the walk
 * @sk: the socket
 *
 * Context: under RCU, or the lock of its table.
 */
void nst_detail_copy_datagram(struct nst_detail *detail, const struct nst_walk *walk,
			      const struct sock *sk)
{
	copy_full(detail, walk, sk);
}

/**
 * nst_detail_copy_request() - copy what requests have
 * @detail: added to
 * @walk: the walk
 * @req: the request
 *
 * Context: under RCU.
 */
void nst_detail_copy_request(struct nst_detail *detail, const struct nst_walk *walk,
			     const struct request_sock *req)
{
	set_dir(detail, NST_DIR_IN);
	set_mark(detail, walk, READ_ONCE(inet_rsk(req)->ir_mark));
}

/**
 * nst_detail_copy_timewait() - copy what is left of a connection in TIME_WAIT
 * @detail: added to
 * @walk: the walk
 * @tw: the connection
 *
 * Context: under RCU.
 */
void nst_detail_copy_timewait(struct nst_detail *detail, const struct nst_walk *walk,
			      const struct inet_timewait_sock *tw)
{
	set_dir(detail, nst_timewait_connected(tw) ? NST_DIR_OUT : NST_DIR_UNKNOWN);
	set_mark(detail, walk, READ_ONCE(tw->tw_mark));
}

/**
 * nst_detail_load_cgroup() - load the cgroup of a socket
 * @sk: a full socket
 *
 * Context: under RCU.
 * Return: the cgroup, not to be looked into before @sk is known to have been a
 * live socket when this was called; NULL if it has none.
 */
struct cgroup *nst_detail_load_cgroup(const struct sock *sk)
{
#ifdef CONFIG_SOCK_CGROUP_DATA
	/* Loaded again, and compared, before it is followed. */
	return data_race(sock_cgroup_ptr((struct sock_cgroup_data *)&sk->sk_cgrp_data));
#else
	return NULL;
#endif
}

/**
 * nst_detail_copy_cgroup() - copy the cgroup's id
 * @detail: added to
 * @cgroup: what nst_detail_load_cgroup() gave in this same RCU section. The socket
 *	had a reference to it then, and a cgroup without references is freed by
 *	RCU, so it lasts for the section
 *
 * Context: under RCU.
 */
void nst_detail_copy_cgroup(struct nst_detail *detail, struct cgroup *cgroup)
{
	if (!cgroup)
		return;

	detail->cgroup = cgroup_id(cgroup);
	detail->known |= NST_KNOWS_CGROUP;
}
