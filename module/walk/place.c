// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where a walk is, whatever kind of table it walks: where it rests, and which sockets it holds
 * meanwhile.
 */
#include <linux/random.h>
#include <linux/refcount.h>
#include <net/inet_sock.h>
#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>
#include <net/request_sock.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include "rest.h"
#include "store/addresses.h"
#include "walk/place.h"

/**
 * nst_walk_begin_anywhere() - begin a new RCU section, or a hold of a lock
 * @walk: the walk
 *
 * Like nst_walk_begin(), but with a random number of sockets less. So nobody can know where
 * in a chain the walk rests. Otherwise a user could close just that socket.
 *
 * Context: any.
 */
void nst_walk_begin_anywhere(struct nst_walk *walk)
{
	nst_walk_begin(walk);
	walk->at.left -= get_random_u32() % (walk->at.left / 2);
}

static void put(struct sock *sk, struct net *net)
{
	sock_gen_put(sk);
	if (net)
		put_net(net);
}

/*
 * Whether the end of a request, or of a socket in TIME_WAIT, needs nothing of its namespace.
 * That of the latter does not (inet_twsk_free()). A request's last deed is to put its
 * listener, whose end needs the namespace, but holds it, unless it is the kernel's own.
 */
static bool ends_alone(const struct sock *sk, u8 state)
{
	const struct sock *listener;

	if (state == TCP_TIME_WAIT)
		return true;

	listener = READ_ONCE(inet_reqsk(sk)->rsk_listener);
	/* A bit that was set at its birth, beside others that change. */
	return listener && data_race(!!listener->sk_net_refcnt);
}

/**
 * nst_walk_hold() - hold a socket during a rest
 * @walk: the walk
 * @sk: the socket, which is hooked
 * @held: set to its namespace, which is held before it where its end may need that, or to NULL
 *
 * Context: RCU, and the lock of the socket's chain.
 * Return: false if that is not possible: the namespace is dying, or the socket is a request or
 * in TIME_WAIT and hashed, but not counted yet.
 */
bool nst_walk_hold(const struct nst_walk *walk, struct sock *sk, struct net **held)
{
	/* Memory that is recycled meanwhile may say NULL or another one. */
	struct net *net = data_race(sock_net(sk));
	u8 state = READ_ONCE(sk->sk_state);
	bool small = BIT(state) & (TCPF_TIME_WAIT | TCPF_NEW_SYN_RECV);

	/*
	 * The walk's own namespace is held anyway. Another one is there, since the socket is
	 * hooked, and is freed no earlier than a grace period after that. Not so for requests
	 * and TIME_WAIT, which do not hold theirs: theirs is not looked into.
	 */
	if (small && (!net || net != walk->scope.held))
		net = NULL;
	else if (!net || !maybe_get_net(net))
		return false;

	*held = net;
	if (!refcount_inc_not_zero(&sk->sk_refcnt)) {
		if (net)
			put_net(net);
		return false;
	}
	/* Another life of the same memory, in another namespace? */
	if (net ? data_race(sock_net(sk)) != net : !ends_alone(sk, state)) {
		put(sk, net);
		return false;
	}

	return true;
}

/**
 * nst_walk_release() - let go of the sockets that were held during the last rest
 * @walk: the walk
 *
 * Context: no lock is held: the end of a socket may want one.
 */
void nst_walk_release(struct nst_walk *walk)
{
	while (walk->at.anchors) {
		const struct nst_anchor *anchor = &walk->at.anchor[--walk->at.anchors];

		put(anchor->sk, anchor->net);
	}
}

/**
 * nst_walk_prepare() - make room for one try of a chain
 * @walk: the walk; in steps, there will be room for what is to be noted, and what was noted is
 *	forgotten
 * @room: for so many records
 *
 * For what is noted, the reader is not told that there is no memory: how long a chain is,
 * others choose.
 *
 * Context: may sleep.
 * Return: 0; -ESTALE if the chain is to be left out; -ENOMEM; what nst_rest() gave.
 */
int nst_walk_prepare(struct nst_walk *walk, unsigned int room)
{
	int err = nst_rest();

	nst_slots_free(&walk->at.noted, nst_addresses.size);
	if (!err && walk->at.steps) {
		err = nst_slots_reserve(&walk->at.noted, &nst_addresses, walk->at.steps);
		if (err == -ENOMEM)
			err = -ESTALE;
	}

	return err ?: nst_sink_reserve(&walk->sink, room);
}
