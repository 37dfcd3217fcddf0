// SPDX-License-Identifier: GPL-2.0-only
/*
 * TCP: listeners, then the established hash, which holds connections,
 * TIME_WAIT and requests (the SYN queue).
 */
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/request_sock.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "compat/death_row.h"
#include "compat/drops.h"
#include "compat/listener.h"
#include "compat/move_order.h"
#include "compat/timer.h"
#include "fetch.h"
#include "store/by_listener.h"
#include "store/choice.h"
#include "walk/hash.h"
#include "walk/netns.h"
#include "walk/sock.h"

/* 1/100 seconds from now; what was over by the time it was read is due now. */
static u32 time_left(unsigned long expires)
{
	return min_t(u64, jiffies_delta_to_clock_t(expires - jiffies), U32_MAX);
}

/*
 * A request is the listener's: its row shows who owns that. The request was
 * hashed, with a reference to its listener, within this RCU section, so that
 * memory stays a TCP socket's; it is the listener meant if it listens on the
 * request's port, before and after its inode was loaded.
 */
static void copy_listener_of(const struct nst_walk *walk, struct nst_sock *row,
			     const struct request_sock *req)
{
	const struct sock *listener = READ_ONCE(req->rsk_listener);
	struct nst_inode inode, again;
	kuid_t uid;

	if (!listener || inet_sk_state_load(listener) != TCP_LISTEN)
		return;

	inode = nst_inode_load(listener);
	smp_rmb();	/* the inode before the user */
	uid = READ_ONCE(listener->sk_uid);
	smp_rmb();	/* both before the second look */
	again = nst_inode_load(listener);
	if (inet_sk_state_load(listener) != TCP_LISTEN ||
	    READ_ONCE(listener->sk_num) != row->lport ||
	    nst_sock_net(listener) != walk->scope.net || !nst_inode_is_same(&inode, &again))
		return;

	row->socket = inode.socket;
	row->inode = nst_inode_number(&inode);
	if (walk->query.needs & NST_NEED_UID)
		nst_sock_set_uid(walk, row, uid);
}

static void copy_request(const struct nst_walk *walk, struct nst_sock *row,
			 const struct request_sock *req)
{
	if (walk->query.needs & NST_NEED_UID)
		row->uid = NST_UID_NONE;
	if (walk->query.needs & (NST_NEED_OWNER | NST_NEED_UID))
		copy_listener_of(walk, row, req);

	if (walk->query.needs & NST_NEED_TIMER) {
		row->timer = NST_TIMER_ON;
		row->timer_left = time_left(READ_ONCE(req->rsk_timer.expires));
		/* A bit field; a torn one is not possible in a byte. */
		row->retransmits = data_race((u8)req->num_timeout);
	}
}

static void copy_timewait(const struct nst_walk *walk, struct nst_sock *row,
			  const struct inet_timewait_sock *tw)
{
	if (walk->query.needs & NST_NEED_UID)
		row->uid = NST_UID_NONE;
	if (walk->query.needs & NST_NEED_TIMER) {
		row->timer = NST_TIMER_TIMEWAIT;
		row->timer_left = time_left(READ_ONCE(tw->tw_timer.expires));
	}
}

/* As get_tcp4_sock() in net/ipv4/tcp_ipv4.c finds out which timer runs. */
static void copy_timer(struct nst_sock *row, const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct timer_list *keepalive = nst_keepalive_timer(sk);
	unsigned long expires = jiffies;

	switch (READ_ONCE(icsk->icsk_pending)) {
	case ICSK_TIME_RETRANS:
	case ICSK_TIME_REO_TIMEOUT:
	case ICSK_TIME_LOSS_PROBE:
		row->timer = NST_TIMER_ON;
		expires = nst_timeout(sk);
		break;
	case ICSK_TIME_PROBE0:
		row->timer = NST_TIMER_PROBE;
		expires = nst_timeout(sk);
		break;
	default:
		if (timer_pending(keepalive)) {
			row->timer = NST_TIMER_KEEPALIVE;
			expires = READ_ONCE(keepalive->expires);
		}
	}

	row->timer_left = time_left(expires);
	row->retransmits = READ_ONCE(icsk->icsk_retransmits);
	row->probes = READ_ONCE(icsk->icsk_probes_out);
}

/* Copies what only a full connection has: requests and those in TIME_WAIT do not. */
static void copy_connection(const struct nst_walk *walk, struct nst_sock *row,
			    const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (walk->query.needs & NST_NEED_QUEUES) {
		row->recvq = nst_distance(READ_ONCE(tp->rcv_nxt), READ_ONCE(tp->copied_seq));
		row->sendq = nst_distance(READ_ONCE(tp->write_seq), READ_ONCE(tp->snd_una));
	}
	if (walk->query.needs & NST_NEED_TIMER)
		copy_timer(row, sk);
}

static __always_inline bool in_bucket(const struct nst_walk *walk, const struct nst_hash *hash,
				      unsigned int bucket, const struct sock *sk)
{
	return (READ_ONCE(sk->sk_hash) & (hash->count - 1)) == bucket;
}

/* So many of the chosen listeners are looked at in the time that a socket takes. */
#define CHOSEN_PER_SOCKET 16

/* States of a full socket in this table: any other belongs to one just made or unhashed. */
#define CONNECTION_STATES \
	(TCPF_ESTABLISHED | TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 | \
	 TCPF_CLOSE_WAIT | TCPF_LAST_ACK | TCPF_CLOSING)

static __always_inline u8 load_state(const struct sock *sk)
{
	/* As inet_sk_state_load(), whose copy of a volatile member goes through memory on x86. */
	return smp_load_acquire((const u8 *)&sk->sk_state);
}

/* The state that a row shows; 0 for a socket that cannot be in this table. */
static __always_inline u8 shown_state(const struct sock *sk, u8 state)
{
	if (state == TCP_TIME_WAIT) {
		u8 shown = READ_ONCE(inet_twsk(sk)->tw_substate);

		return shown < NST_STATES ? shown : 0;
	}
	if (state == TCP_NEW_SYN_RECV)
		return NST_NEW_SYN_RECV;

	return BIT(state) & CONNECTION_STATES ? state : 0;
}

static __always_inline bool is_full(u8 state)
{
	return state != TCP_TIME_WAIT && state != TCP_NEW_SYN_RECV;
}

/*
 * Why nobody holds a connection. What a process has closed may wait in FIN_WAIT2 as a
 * TIME_WAIT object: that is an orphan, too. One in SYN_SENT was not accepted from a queue:
 * it is a kernel's own, or about to be closed.
 */
static __always_inline enum nst_unowned unowned_of(const struct nst_look *look, bool has_inode,
						   bool dead)
{
	if (!is_full(look->state))
		return look->state == TCP_TIME_WAIT && look->shown == NST_FIN_WAIT2 ?
			NST_UNOWNED_ORPHAN : NST_UNOWNED_UNKNOWN;
	if (dead)
		return NST_UNOWNED_ORPHAN;

	return has_inode || look->shown == NST_SYN_SENT ? NST_UNOWNED_UNKNOWN : NST_UNOWNED_QUEUED;
}

/* Copies what sockets of its kind have. */
static __always_inline void copy_socket(const struct nst_walk *walk, struct nst_sock *row,
					enum nst_table table, const struct sock *sk, u8 state)
{
	struct nst_detail *detail = NULL;

	if (walk->query.needs & NST_NEED_DETAIL)
		detail = nst_sock_detail(row, table);
	if (detail)
		nst_detail_start(detail, walk, sk);

	if (state == TCP_NEW_SYN_RECV) {
		copy_request(walk, row, inet_reqsk(sk));
		if (detail)
			nst_detail_copy_request(detail, walk, inet_reqsk(sk));
	} else if (state == TCP_TIME_WAIT) {
		copy_timewait(walk, row, inet_twsk(sk));
		if (detail)
			nst_detail_copy_timewait(detail, walk, inet_twsk(sk));
	} else {
		copy_connection(walk, row, sk);
		if (detail)
			nst_detail_copy_connection(detail, walk, sk);
	}
}

/* Loads the local port and family of a socket; the address is all zeroes. */
static __always_inline struct nst_endpoint load_port(enum nst_table table, const struct sock *sk)
{
	return (struct nst_endpoint){
		.port = READ_ONCE(sk->sk_num),
		.ipv6 = nst_table_is_ipv6(table),
	};
}

static __always_inline void load_addr(struct nst_endpoint *at, const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (at->ipv6) {
		/* Not at once: compared again by has_addr() */
		data_race(memcpy(at->addr, &sk->sk_v6_rcv_saddr, sizeof(at->addr)));
		return;
	}
#endif
	at->addr[0] = (__force u32)READ_ONCE(sk->sk_rcv_saddr);
}

/* Whether the socket still has the address that was loaded. */
static __always_inline bool has_addr(const struct nst_endpoint *at, const struct sock *sk)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (at->ipv6)
		/* A writer in between makes a difference: then the chain is walked again. */
		return !data_race(memcmp(at->addr, &sk->sk_v6_rcv_saddr, sizeof(at->addr)));
#endif
	return at->addr[0] == (__force u32)READ_ONCE(sk->sk_rcv_saddr);
}

static const struct nst_kin connection = {
	.in_bucket = in_bucket,
	.state = load_state,
	.shown = shown_state,
	.is_full = is_full,
	.copy = copy_socket,
	.unowned = unowned_of,
};

static __always_inline int visit_established(struct nst_walk *walk, const struct nst_hash *hash,
					     unsigned int bucket, struct sock *sk)
{
	return nst_visit(walk, &connection, hash, bucket, sk);
}

/*
 * Counts a socket by state, and by listener if its port is one's. All that is
 * read of it lies in the two cache lines that the chain leads through anyway.
 */
static __always_inline int count_established(struct nst_walk *walk, const struct nst_hash *hash,
					     unsigned int bucket, struct sock *sk)
{
	struct nst_by_listener *by = walk->sink.by_listener;
	struct nst_endpoint at = {};
	bool on_port = false, need_addr = false, dead;
	struct nst_look look;
	int err;

	err = nst_look_first(walk, &connection, hash, bucket, sk, &look);
	if (err)
		return min(err, 0);

	/* A bit beside others that change. */
	dead = is_full(look.state) && data_race(sock_flag(sk, SOCK_DEAD));
	if (by) {
		at = load_port(look.table, sk);
		on_port = nst_listeners_on_port(&by->listeners, at.port);
		need_addr = on_port && nst_listeners_need_addr(&by->listeners, &at);
		if (need_addr)
			load_addr(&at, sk);
	}

	smp_rmb();	/* all of it before the second look */
	if (!nst_look_again(walk, &connection, hash, bucket, sk, &look) ||
	    (on_port && READ_ONCE(sk->sk_num) != at.port) || (need_addr && !has_addr(&at, sk)))
		return -EAGAIN;

	walk->sink.counts.state[look.table][look.shown]++;
	walk->sink.counts.orphans += dead;
	if (on_port)
		nst_by_listener_count(by, &at, look.shown);
	return 0;
}

static __always_inline void fetch_established(const struct nst_walk *walk, const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	nst_sock_fetch(walk, sk);
	if (walk->query.needs & NST_NEED_QUEUES) {
		nst_fetch(&tp->rcv_nxt);
		nst_fetch(&tp->copied_seq);
		nst_fetch(&tp->write_seq);
		nst_fetch(&tp->snd_una);
	}
}

/* A request or TIME_WAIT ends where a full socket goes on. */
static __always_inline void deref_established(const struct nst_walk *walk, const struct sock *sk)
{
	if (is_full(load_state(sk)))
		nst_sock_deref(walk, sk);
}

static void lock_established(const struct nst_hash *hash, unsigned int bucket) __acquires(hash)
{
	spin_lock_bh(inet_ehash_lockp(hash->table, bucket));
}

static void unlock_established(const struct nst_hash *hash, unsigned int bucket) __releases(hash)
{
	spin_unlock_bh(inet_ehash_lockp(hash->table, bucket));
}

static bool is_locked_established(const struct nst_hash *hash, unsigned int bucket)
{
	return spin_is_locked(inet_ehash_lockp(hash->table, bucket));
}

#define ESTABLISHED(_visit) { \
	.stride = sizeof(struct inet_ehash_bucket), \
	.node = offsetof(struct sock, sk_nulls_node), \
	.nulls = true, \
	.rcu = NST_MOVES_IN_PLACE || NST_LOCK_IS_SEEN, \
	.moves = true, \
	.gaps = NST_MOVES_LEAVE_GAP, \
	.visit = _visit, \
	.fetch = fetch_established, \
	.deref = deref_established, \
	.lock = lock_established, \
	.unlock = unlock_established, \
	.is_locked = NST_MOVES_LEAVE_GAP ? is_locked_established : NULL, \
}

static const struct nst_kind established = ESTABLISHED(visit_established);
static const struct nst_kind counted_established = ESTABLISHED(count_established);

static int walk_established(struct nst_walk *walk, struct inet_hashinfo *hashinfo)
{
	const struct nst_hash hash = {
		.heads = hashinfo->ehash,
		.count = hashinfo->ehash_mask + 1,
		.table = hashinfo,
	};

	return walk->sink.rows ? nst_hash_walk(walk, &established, &hash) :
				 nst_hash_walk(walk, &counted_established, &hash);
}

/*
 * A listener is not recycled while RCU readers see it, but may stop listening,
 * connect, and be found in a chain of connections: its state tells, and the end of the
 * chain that the walk comes to.
 */
static __always_inline bool in_any_bucket(const struct nst_walk *walk,
					  const struct nst_hash *hash, unsigned int bucket,
					  const struct sock *sk)
{
	return true;
}

static __always_inline u8 shown_listener(const struct sock *sk, u8 state)
{
	return state == TCP_LISTEN ? NST_LISTEN : 0;
}

static __always_inline bool wants_listeners(const struct nst_walk *walk)
{
	return walk->query.listeners;
}

static __always_inline void copy_listener(const struct nst_walk *walk, struct nst_sock *row,
					  enum nst_table table, const struct sock *sk, u8 state)
{
	if (walk->query.needs & NST_NEED_QUEUES)
		row->recvq = READ_ONCE(sk->sk_ack_backlog);
	/* A bit that was set before it listened, beside others that change. */
	row->dual = nst_table_is_ipv6(table) && data_race(!ipv6_only_sock(sk));
	if (walk->query.needs & NST_NEED_TIMER)
		copy_timer(row, sk);
	if (walk->query.needs & NST_NEED_DETAIL) {
		nst_detail_start(nst_sock_detail(row, table), walk, sk);
		nst_detail_copy_listener(nst_sock_detail(row, table), walk, sk);
	}
}

static const struct nst_kin listener = {
	.in_bucket = in_any_bucket,
	.state = load_state,
	.shown = shown_listener,
	.is_full = is_full,
	.keep = wants_listeners,
	.copy = copy_listener,
};

static __always_inline int visit_listener(struct nst_walk *walk, const struct nst_hash *hash,
					  unsigned int bucket, struct sock *sk)
{
	return nst_visit(walk, &listener, hash, bucket, sk);
}

static __always_inline int count_listener(struct nst_walk *walk, const struct nst_hash *hash,
					  unsigned int bucket, struct sock *sk)
{
	struct nst_listening listening;
	struct nst_endpoint at;
	struct nst_look look;
	int err;

	if (!walk->sink.by_listener)
		return nst_visit_count(walk, &listener, hash, bucket, sk);

	err = nst_look_first(walk, &listener, hash, bucket, sk, &look);
	if (err)
		return min(err, 0);

	at = load_port(look.table, sk);
	load_addr(&at, sk);
	listening = (struct nst_listening){
		.backlog = READ_ONCE(sk->sk_ack_backlog),
		.limit = READ_ONCE(sk->sk_max_ack_backlog),
		.drops = nst_sock_drops(sk),
		/* A bit that was set before it listened, beside others that change. */
		.dual = at.ipv6 && data_race(!ipv6_only_sock(sk)),
	};

	smp_rmb();	/* all of it before the second look */
	if (!nst_look_again(walk, &listener, hash, bucket, sk, &look) ||
	    READ_ONCE(sk->sk_num) != at.port || !has_addr(&at, sk))
		return -EAGAIN;

	err = nst_by_listener_add(walk->sink.by_listener, &at, &listening);
	if (!err)
		walk->sink.counts.state[look.table][NST_LISTEN]++;
	return err;
}

/* Bottom halves stay on: none of them takes these locks. */
static void lock_listeners(const struct nst_hash *hash, unsigned int bucket) __acquires(hash)
{
	struct inet_hashinfo *hashinfo = hash->table;

	spin_lock(&hashinfo->lhash2[bucket].lock);
}

static void unlock_listeners(const struct nst_hash *hash, unsigned int bucket) __releases(hash)
{
	struct inet_hashinfo *hashinfo = hash->table;

	spin_unlock(&hashinfo->lhash2[bucket].lock);
}

/*
 * Whether a listener is in this chain. One that has stopped listening may be in a chain of
 * connections, with the same address and port; it stopped under this chain's lock.
 */
static bool listens_in_chain(const struct nst_hash *hash, unsigned int bucket,
			     const struct sock *sk)
{
	const struct net *net = sock_net(sk);
	u32 place;

	if (inet_sk_state_load(sk) != TCP_LISTEN)
		return false;

#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		place = ipv6_portaddr_hash(net, &sk->sk_v6_rcv_saddr, READ_ONCE(sk->sk_num));
	else
#endif
		place = ipv4_portaddr_hash(net, sk->sk_rcv_saddr, READ_ONCE(sk->sk_num));

	return (place & (hash->count - 1)) == bucket;
}

/* Offers a listener to those that are named. What that costs counts as sockets do. */
static __always_inline int choose_listener(struct nst_walk *walk, const struct nst_hash *hash,
					   unsigned int bucket, struct sock *sk)
{
	struct nst_inode inode, again;
	struct nst_endpoint at;
	struct nst_look look;
	kuid_t uid;
	u32 work;
	int err;

	err = nst_look_first(walk, &listener, hash, bucket, sk, &look);
	if (err)
		return min(err, 0);

	inode = nst_inode_load(sk);
	smp_rmb();	/* the inode before what goes with it */
	uid = READ_ONCE(sk->sk_uid);
	at = load_port(look.table, sk);
	load_addr(&at, sk);

	smp_rmb();	/* all of it before the second look */
	again = nst_inode_load(sk);
	if (!nst_look_again(walk, &listener, hash, bucket, sk, &look) ||
	    READ_ONCE(sk->sk_num) != at.port || !has_addr(&at, sk) ||
	    !nst_inode_is_same(&inode, &again))
		return -EAGAIN;

	at = nst_endpoint_unmapped(&at);
	err = nst_choice_add(walk->sink.choice, &at, __kuid_val(uid), &work);
	nst_walk_spend(walk, work / CHOSEN_PER_SOCKET);
	return err;
}

#define LISTENERS(_visit) { \
	.stride = sizeof(struct inet_listen_hashbucket), \
	.node = NST_LISTENER_NODE, \
	.nulls = NST_LISTENER_NULLS, \
	.nulls_base = LISTENING_NULLS_BASE, \
	.rcu = true, \
	.visit = _visit, \
	.fetch = nst_sock_fetch, \
	.deref = nst_sock_deref, \
	.lock = lock_listeners, \
	.unlock = unlock_listeners, \
	.returns = true, \
	.in_chain = listens_in_chain, \
}

static const struct nst_kind listeners = LISTENERS(visit_listener);
static const struct nst_kind counted_listeners = LISTENERS(count_listener);
static const struct nst_kind chosen_listeners = LISTENERS(choose_listener);

static int walk_listeners(struct nst_walk *walk, struct inet_hashinfo *hashinfo)
{
	const struct nst_hash hash = {
		.heads = &hashinfo->lhash2->nulls_head,
		.count = hashinfo->lhash2_mask + 1,
		.table = hashinfo,
	};

	if (walk->sink.rows)
		return nst_hash_walk(walk, &listeners, &hash);

	return walk->sink.choice ? nst_hash_walk(walk, &chosen_listeners, &hash) :
				   nst_hash_walk(walk, &counted_listeners, &hash);
}

/*
 * Counts the listeners anew, with those named that deserve it: there are more than may be,
 * and the first ones that were met have got the names.
 */
static int walk_listeners_again(struct nst_walk *walk, struct inet_hashinfo *hashinfo)
{
	struct nst_sink *sink = &walk->sink;
	struct nst_choice choice;
	int err;

	err = nst_choice_init(&choice, sink->by_listener->listeners.max,
			      sink->by_listener->listeners.budget);
	if (!err) {
		sink->choice = &choice;
		err = walk_listeners(walk, hashinfo);
		sink->choice = NULL;
	}
	if (!err) {
		nst_by_listener_rename(sink->by_listener, &choice);
		sink->counts.state[NST_TCP][NST_LISTEN] = 0;
		sink->counts.state[NST_TCP6][NST_LISTEN] = 0;
		err = walk_listeners(walk, hashinfo);
	}

	nst_choice_free(&choice);
	return err;
}

/**
 * nst_walk_tcp() - copy or count all TCP sockets of the namespace, listeners first
 * @walk: the walk; of several namespaces, what is in the tables that they share
 *
 * A namespace with a hash table of its own still has its listeners in the table
 * of all namespaces: inet_hashinfo.lhash2 is the same for both.
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_walk_tcp(struct nst_walk *walk)
{
	struct net *net = walk->scope.nets ? &init_net : walk->scope.net;
	struct inet_hashinfo *hashinfo = nst_tcp_hashinfo(net);
	int err;

	if (!(walk->query.tables & (BIT(NST_TCP) | BIT(NST_TCP6))))
		return 0;

	walk->at.table = NST_TCP;
	err = walk_listeners(walk, hashinfo);
	if (!err && walk->sink.by_listener && nst_by_listener_unnamed(walk->sink.by_listener))
		err = walk_listeners_again(walk, hashinfo);
	if (!err && (!walk->scope.nets || walk->scope.nets->shared & BIT(NST_TCP)))
		err = walk_established(walk, hashinfo);

	return err;
}

/**
 * nst_walk_tcp_of() - copy or count what a namespace has in a table of its own
 * @walk: the walk, of several namespaces
 * @net: the one; the caller keeps it alive
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_walk_tcp_of(struct nst_walk *walk, struct net *net)
{
	if (!(walk->query.tables & (BIT(NST_TCP) | BIT(NST_TCP6))))
		return 0;

	walk->at.table = NST_TCP;
	return walk_established(walk, nst_tcp_hashinfo(net));
}
