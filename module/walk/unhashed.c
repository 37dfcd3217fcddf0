// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sockets that are in no hash table: those that have no port, never or no more, and
 * TCP sockets that have one but neither listen nor are connected. Only the files of
 * processes lead to them, so this goes through the files of all processes that the
 * reader may see, after the tables have been walked.
 *
 * Sockets are told apart by the address of their struct socket, which no two have at the
 * same time: each is copied once, however many files lead to it. (Inode numbers wrap after
 * four thousand million, and are not checked for being in use.)
 * One that was in a table when that was walked and is in none now keeps the row that
 * it has. One that was in none then and is in one now has none in this read.
 *
 * Why a sock may be looked at: the lock of the file's table is held, so the file, which
 * the table has a reference to, stays, and with it its struct socket. That owns a
 * reference to its sock, which it gets before a file leads to it (also accept(), which
 * installs the file last) and keeps until the last file has gone (__sock_release()).
 * Nothing puts another sock in its place: kTLS, sockmap and other protocols on top
 * exchange what the sock does, not the sock. So this is one socket all the time, never
 * recycled memory; only its state and ends may change meanwhile. What wraps TCP in a
 * sock of its own (MPTCP, SMC) has another protocol or family, and is not copied.
 */
#include <linux/rcupdate.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/inet_sock.h>
#include <net/udp.h>

#include "compat/sock_file.h"
#include "owner/access.h"
#include "owner/files.h"
#include "store/addresses.h"
#include "walk/sock.h"
#include "walk/walk.h"

/*
 * One hold of a task's locks looks at no more files than these: fewer than for owners,
 * since each socket's memory is waited for; and fewer still if each takes longer.
 */
#define HOLD_FILES 64

/* Spare pages for what one hold can take, if it is all of the largest, in all tables. */
#define HOLD_PAGES(rows) \
	(DIV_ROUND_UP(HOLD_FILES, (rows)->list[NST_TCP6].capacity) + NST_TABLES)

#define TRIES 8		/* to copy a socket that somebody is changing */

/**
 * struct pass - one pass over the files
 * @files: the walk over them
 * @walk: what is wanted, and where it goes
 * @seen: addresses of the struct sockets of all that have a row
 */
struct pass {
	struct nst_files files;
	struct nst_walk *walk;
	struct nst_slots seen;
};

/* Enters the sockets that have a row already; all of them stay. */
static bool see_row(void *arg, struct nst_sock *sock, enum nst_table table)
{
	struct pass *pass = arg;

	if (sock->socket && sock->state != NST_NEW_SYN_RECV)
		nst_addresses_add(&pass->seen, sock->socket);
	return true;
}

static int see_rows(struct pass *pass)
{
	struct nst_rows *rows = pass->walk->sink.rows;
	u32 inodes = 0;
	int table, err;

	for (table = 0; table < NST_TABLES; table++)
		inodes += rows->list[table].counts.inodes;
	err = nst_slots_reserve(&pass->seen, &nst_addresses, inodes);

	return err ?: nst_rows_filter(rows, see_row, pass);
}

/* Which table a socket would be in; the even one of the two. False if in none that we have. */
static bool table_of(const struct sock *sk, enum nst_table *table)
{
	switch (sk->sk_type) {
	case SOCK_STREAM:
		*table = NST_TCP;
		return sk->sk_protocol == IPPROTO_TCP;
	case SOCK_DGRAM:
		*table = sk->sk_protocol == IPPROTO_UDP ? NST_UDP : NST_UDPLITE;
		return sk->sk_protocol == IPPROTO_UDP || sk->sk_protocol == IPPROTO_UDPLITE;
	case SOCK_RAW:
		*table = NST_RAW;
		return true;
	default:
		return false;
	}
}

/* The state that the row of an unhashed socket has; 0 for one that is in a table. */
static u8 unlisted_state(enum nst_table table, const struct sock *sk)
{
	if (table != NST_TCP && table != NST_TCP6)
		return hlist_unhashed_lockless(&sk->sk_node) ? NST_UNHASHED : 0;
	if (inet_sk_state_load(sk) != TCP_CLOSE)
		return 0;

	return READ_ONCE(sk->sk_num) ? NST_BOUND : NST_CLOSE;
}

/*
 * Copies the local end, as far as bind() has set it: what a connection has left behind
 * there, and at the other end, means nothing any more.
 */
static void copy_end(struct nst_sock *row, enum nst_table table, const struct sock *sk)
{
	bool ipv6 = nst_table_is_ipv6(table);

	row->lport = READ_ONCE(sk->sk_num);
	row->rport = 0;
	memset(row->addr, 0, ipv6 ? 32 : 8);
	/* A bit that changes with the address. */
	if (!(data_race(sk->sk_userlocks) & SOCK_BINDADDR_LOCK))
		return;

#if IS_ENABLED(CONFIG_IPV6)
	if (ipv6) {
		/* Not at once: compared by has_end() */
		data_race(memcpy(row->addr, &sk->sk_v6_rcv_saddr, 16));
		return;
	}
#endif
	*(__force __be32 *)row->addr = READ_ONCE(sk->sk_rcv_saddr);
}

/* Whether the socket is still bound to what was copied. */
static bool has_end(const struct nst_sock *row, enum nst_table table, const struct sock *sk)
{
	union {
		struct nst_sock row;
		u8 room[offsetof(struct nst_sock, addr) + 32];
	} now;

	copy_end(&now.row, table, sk);
	return now.row.lport == row->lport &&
	       !memcmp(now.row.addr, row->addr, nst_table_is_ipv6(table) ? 16 : 4);
}

static void copy_queues(struct nst_walk *walk, struct nst_sock *row, enum nst_table table,
			const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int received = 0;

	if (table == NST_RAW || table == NST_RAW6)
		received = sk_rmem_alloc_get(sk);
	else if (table != NST_TCP && table != NST_TCP6)
		received = udp_rqueue_get((struct sock *)sk);
	/* Without data the sequence numbers mean nothing. */
	else if (!skb_queue_empty_lockless(&sk->sk_receive_queue))
		received = nst_distance(READ_ONCE(tp->rcv_nxt), READ_ONCE(tp->copied_seq));

	nst_datagram_copy(walk, row, table, sk, received);
	if (table == NST_TCP || table == NST_TCP6)
		row->sendq = 0;	/* nothing will be sent */
}

/*
 * Makes the record of an unhashed socket. Whoever changes it meanwhile, or takes it into
 * a table, is given way: what does not come to rest is on its way into one.
 * Return: whether there is one.
 */
static bool take_socket(struct nst_walk *walk, enum nst_table table, const struct sock *sk,
			const struct socket *socket)
{
	unsigned int tries = TRIES;
	struct nst_life life;
	struct nst_sock *row;
	u8 state;

	do {
		state = unlisted_state(table, sk);
		if (!state || !nst_prefilter_state(&walk->query.prefilter, table, state))
			return false;

		smp_rmb();	/* the state before what goes with it */
		row = nst_rows_next(walk->sink.rows, table);
		if (!row)
			return false;
		copy_end(row, table, sk);
		smp_rmb();	/* all of the copy before the second look */
	} while ((state != unlisted_state(table, sk) || !has_end(row, table, sk)) && --tries);

	if (!tries || !nst_filter_match_tuple(walk->query.filter, row, table))
		return false;

	nst_row_set_up(walk, row, table, state);
	copy_queues(walk, row, table, sk);
	life = nst_life_load(walk, sk);
	nst_life_follow(walk, row, table, &life);
	/* The file's own: an open file leads to it, whatever the sock says. */
	row->socket = socket;
	row->inode = SOCK_INODE((struct socket *)socket)->i_ino;
	return nst_row_end(walk, row, table);
}

/* There is room: prepare() has reserved it. */
static __always_inline void take_file(void *arg, struct file *file)
{
	struct socket *socket = nst_file_socket(file);
	struct pass *pass = arg;
	struct nst_walk *walk = pass->walk;
	const struct sock *sk;
	const void **slot;
	enum nst_table table;

	if (!socket)
		return;
	sk = READ_ONCE(socket->sk);
	if (!sk || !table_of(sk, &walk->at.table) || !nst_sock_wanted(walk, sk, &table) ||
	    !unlisted_state(table, sk))
		return;

	slot = nst_addresses_find(&pass->seen, socket);
	if (slot && !*slot && take_socket(walk, table, sk, socket))
		nst_addresses_add(&pass->seen, socket);
}

static unsigned int scan(struct nst_files *files, struct fdtable *fdt, unsigned int from)
{
	struct pass *pass = container_of(files, struct pass, files);
	unsigned int most = max(HOLD_FILES / (1 + pass->walk->query.dear), 1U);

	rcu_read_lock();	/* for devices and cgroups */
	from = nst_files_each(fdt, from, most, take_file, pass);
	rcu_read_unlock();

	return from;
}

static int prepare(struct nst_files *files)
{
	struct pass *pass = container_of(files, struct pass, files);
	struct nst_rows *rows = pass->walk->sink.rows;

	return nst_slots_reserve(&pass->seen, &nst_addresses, HOLD_FILES) ?:
	       nst_rows_reserve(rows, HOLD_PAGES(rows));
}

static const struct nst_files_ops ops = {
	.prepare = prepare,
	.scan = scan,
};

/**
 * nst_walk_unhashed() - copy the sockets that only the files of processes lead to
 * @walk: the walk; its records have the struct sockets of all that were copied before
 * @access: the reader, who sees sockets of processes that it may see
 * @ns: the pid namespace that counts the pids; the caller keeps it alive
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_walk_unhashed(struct nst_walk *walk, struct nst_access *access, struct pid_namespace *ns)
{
	struct pass pass = {
		.files = { .ops = &ops, .access = access, .ns = ns },
		.walk = walk,
	};
	int err;

	nst_filter_pids(walk->query.filter, &pass.files.first, &pass.files.last);
	nst_slots_init(&pass.seen, access->budget);
	err = see_rows(&pass);
	if (!err)
		err = nst_files_walk(&pass.files);
	/* There is no row of what only somebody outside holds. */
	if (!err && nst_files_may_be_outside(&pass.files))
		access->hidden = true;
	walk->sink.incomplete += pass.files.incomplete;
	nst_slots_free(&pass.seen, nst_addresses.size);

	return err;
}
