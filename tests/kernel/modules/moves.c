// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moves connections from one object to another in their chain, in any of the orders that
 * kernels have: see the head of module/walk/hash.h. The other object is like one in
 * TIME_WAIT, or for every second connection like a request. For the test moves.
 *
 * "ORDER PORT GAP" is written to /proc/moves: all IPv4 connections of that namespace with
 * the port at one end are moved to and fro, with GAP nanoseconds between the two steps of
 * a move, until "stop" is written or the file is closed. Reading says how often.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>
#include <net/tcp.h>

#define PAIRS 1024
#define GAP_MAX 100000

enum order { IN_PLACE, HEAD_FIRST, TAIL_FIRST, GAP };

static const char *const order_name[] = { "place", "head", "tail", "gap" };

struct pair {
	struct sock *sk;
	struct sock *twin;
	struct kmem_cache *slab;	/* of the twin */
	bool moved;
};

static struct pair pairs[PAIRS];
static unsigned int count;
static struct inet_hashinfo *hashinfo;
static struct task_struct *mover;
static enum order order;
static unsigned int gap;
static unsigned long moves;
static DEFINE_MUTEX(lock);

/* What hlist_nulls_replace_init_rcu() is on kernels that have it. */
static void replace(struct hlist_nulls_node *old, struct hlist_nulls_node *new)
{
	struct hlist_nulls_node *next = old->next;

	WRITE_ONCE(new->next, next);
	WRITE_ONCE(new->pprev, old->pprev);
	smp_store_release(new->pprev, new);	/* the new node before what leads to it */
	if (!is_a_nulls(next))
		WRITE_ONCE(next->pprev, &new->next);
	WRITE_ONCE(old->pprev, NULL);
}

static void move(struct pair *pair)
{
	struct sock *from = pair->moved ? pair->twin : pair->sk;
	struct sock *to = pair->moved ? pair->sk : pair->twin;
	struct inet_ehash_bucket *head = inet_ehash_bucket(hashinfo, pair->sk->sk_hash);
	spinlock_t *chain = inet_ehash_lockp(hashinfo, pair->sk->sk_hash);

	spin_lock_bh(chain);
	if (sk_unhashed(from)) {
		spin_unlock_bh(chain);	/* closed meanwhile */
		return;
	}

	if (order == IN_PLACE) {
		replace(&from->sk_nulls_node, &to->sk_nulls_node);
	} else {
		if (order == HEAD_FIRST)
			__sk_nulls_add_node_rcu(to, &head->chain);
		if (order == TAIL_FIRST)
			hlist_nulls_add_tail_rcu(&to->sk_nulls_node, &head->chain);
		if (order != GAP)
			ndelay(gap);
		__sk_nulls_del_node_init_rcu(from);
		if (order == GAP) {
			ndelay(gap);
			__sk_nulls_add_node_rcu(to, &head->chain);
		}
	}
	spin_unlock_bh(chain);

	pair->moved = !pair->moved;
	WRITE_ONCE(moves, moves + 1);
}

static int move_all(void *unused)
{
	unsigned int i;

	while (!kthread_should_stop()) {
		move(&pairs[get_random_u32() % count]);
		if (moves % 8 == 0)
			usleep_range(20, 30);
		cond_resched();
	}
	for (i = 0; i < count; i++)
		if (pairs[i].moved)
			move(&pairs[i]);
	return 0;
}

/* A twin of a connection: what all objects of it have in common, and zeroes. */
static bool make_twin(struct pair *pair, struct kmem_cache *slab, size_t size, u8 state)
{
	struct sock_common *twin = kmem_cache_alloc(slab, GFP_KERNEL);

	if (!twin)
		return false;

	memset(twin, 0, size);
	memcpy(twin, &pair->sk->__sk_common, sizeof(*twin));
	twin->skc_nulls_node.pprev = NULL;
	twin->skc_state = state;
	refcount_set(&twin->skc_refcnt, 1);
	pair->twin = (struct sock *)twin;
	pair->slab = slab;
	return true;
}

/* As inet_twsk_alloc() makes it. */
static bool make_timewait(struct pair *pair)
{
	const struct timewait_sock_ops *ops = pair->sk->sk_prot_creator->twsk_prot;
	struct inet_timewait_sock *tw;

	if (!make_twin(pair, ops->twsk_slab, ops->twsk_obj_size, TCP_TIME_WAIT))
		return false;

	tw = inet_twsk(pair->twin);
	tw->tw_substate = TCP_TIME_WAIT;
	tw->tw_timer.expires = jiffies + 100 * HZ;
	return true;
}

/* As inet_reqsk_alloc() makes it, but nobody's: no packet may come for it. */
static bool make_request(struct pair *pair)
{
	const struct request_sock_ops *ops = pair->sk->sk_prot_creator->rsk_prot;

	if (!make_twin(pair, ops->slab, ops->obj_size, TCP_NEW_SYN_RECV))
		return false;

	/* Where a socket has its flags */
	inet_reqsk(pair->twin)->rsk_listener = NULL;
	return true;
}

static void stop(void)
{
	if (mover)
		kthread_stop(mover);
	mover = NULL;
	synchronize_rcu();
	while (count) {
		struct pair *pair = &pairs[--count];

		if (pair->twin)
			kmem_cache_free(pair->slab, pair->twin);
		sock_put(pair->sk);
	}
}

static void collect(struct net *net, unsigned int port)
{
	unsigned int i;

	hashinfo = net->ipv4.tcp_death_row.hashinfo;
	for (i = 0; i <= hashinfo->ehash_mask; i++) {
		spinlock_t *chain = inet_ehash_lockp(hashinfo, i);
		struct hlist_nulls_node *node;
		struct sock *sk;

		spin_lock_bh(chain);
		sk_nulls_for_each(sk, node, &hashinfo->ehash[i].chain) {
			if (sk->sk_state != TCP_ESTABLISHED || sk->sk_family != AF_INET ||
			    !net_eq(sock_net(sk), net) || count == PAIRS ||
			    (sk->sk_num != port && ntohs(sk->sk_dport) != port))
				continue;
			sock_hold(sk);
			pairs[count++] = (struct pair){ .sk = sk };
		}
		spin_unlock_bh(chain);
		cond_resched();
	}
}

static int start(struct net *net, const char *name, unsigned int port)
{
	unsigned int i;
	int which = match_string(order_name, ARRAY_SIZE(order_name), name);

	if (which < 0)
		return which;

	order = which;
	moves = 0;
	collect(net, port);
	for (i = 0; i < count; i++)
		if (!(i % 2 ? make_request(&pairs[i]) : make_timewait(&pairs[i])))
			return -ENOMEM;
	if (!count)
		return -ENOENT;

	mover = kthread_run(move_all, NULL, "moves");
	if (!IS_ERR(mover))
		return 0;

	i = PTR_ERR(mover);
	mover = NULL;
	return i;
}

static ssize_t moves_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	unsigned int port;
	char *text, name[8];
	int err = 0;

	text = memdup_user_nul(from, size);
	if (IS_ERR(text))
		return PTR_ERR(text);

	mutex_lock(&lock);
	stop();
	if (strcmp(text, "stop")) {
		err = sscanf(text, "%7s %u %u", name, &port, &gap) == 3 && gap <= GAP_MAX ?
			start(current->nsproxy->net_ns, name, port) : -EINVAL;
		if (err)
			stop();
	}
	mutex_unlock(&lock);
	kfree(text);
	return err ?: size;
}

static ssize_t moves_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	char text[24];

	return simple_read_from_buffer(to, size, pos, text,
				       sprintf(text, "%lu\n", READ_ONCE(moves)));
}

static int moves_release(struct inode *inode, struct file *file)
{
	mutex_lock(&lock);
	stop();
	mutex_unlock(&lock);
	return 0;
}

static const struct proc_ops moves_ops = {
	.proc_write = moves_write,
	.proc_read = moves_read,
	.proc_lseek = default_llseek,
	.proc_release = moves_release,
};

static int __init moves_init(void)
{
	return proc_create("moves", 0600, NULL, &moves_ops) ? 0 : -ENOMEM;
}

static void __exit moves_exit(void)
{
	remove_proc_entry("moves", NULL);
}

module_init(moves_init);
module_exit(moves_exit);

MODULE_DESCRIPTION("moves connections between objects, as any kernel does");
MODULE_LICENSE("GPL");
