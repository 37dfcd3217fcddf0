// SPDX-License-Identifier: GPL-2.0-only
/*
 * What show=tcp and show=mem want to know of a socket: what ss -i and ss -m show.
 *
 * tcp_get_info() takes the socket's lock, so that its numbers belong together. Here each is
 * one load of one number, and so one that was there, while others may be of a moment before
 * or after. None is a pointer, an index or a length: a wrong one is shown, and does no harm.
 * Where two make one, that is said there. The kernel itself reads those of struct
 * nst_mem_info so (sk_get_meminfo()).
 *
 * Nothing is told that sock_diag does not tell anybody in the same network namespace.
 */
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/tcp.h>
#include <linux/win_minmax.h>
#include <net/inet_connection_sock.h>
#include <net/tcp.h>

#include "compat/ca_ops.h"
#include "walk/info.h"

/* One of the times that are taken, milliseconds; @running has gone on for @since. */
static u64 chrono_ms(const struct tcp_sock *tp, unsigned int kind, unsigned int running, u32 since)
{
	u32 before = READ_ONCE(tp->chrono_stat[kind - 1]);

	return div_u64((u64)(kind == running ? before + since : before) * MSEC_PER_SEC, HZ);
}

/*
 * As tcp_get_info_chrono_stats(). One of them may just be stopped, and the next one begin:
 * then what has passed since may be missing, or count for the other one.
 */
static void copy_times(struct nst_tcp_info *tcp, const struct tcp_sock *tp)
{
	u32 since = nst_jiffies_since(READ_ONCE(tp->chrono_start));
	/* Two bits beside others, or a byte. */
	unsigned int running = data_race((u8)tp->chrono_type);

	tcp->rwnd_limited = chrono_ms(tp, TCP_CHRONO_RWND_LIMITED, running, since);
	tcp->sndbuf_limited = chrono_ms(tp, TCP_CHRONO_SNDBUF_LIMITED, running, since);
	tcp->busy = chrono_ms(tp, TCP_CHRONO_BUSY, running, since) + tcp->rwnd_limited +
		    tcp->sndbuf_limited;
}

/* As tcp_compute_delivery_rate(). Of two samples, one after the other, if one just ends. */
static u64 delivery_rate(const struct tcp_sock *tp, u32 mss)
{
	u32 delivered = READ_ONCE(tp->rate_delivered), interval = READ_ONCE(tp->rate_interval_us);

	return interval ? div_u64((u64)delivered * mss * USEC_PER_SEC, interval) : 0;
}

/**
 * nst_info_copy_tcp() - copy what connections have
 * @detail: of its info, but not the name of its congestion control
 * @sk: a full TCP socket that does not listen
 *
 * Context: under RCU.
 */
void nst_info_copy_tcp(struct nst_detail *detail, const struct sock *sk)
{
	struct nst_tcp_info *tcp = &nst_detail_info(detail)->tcp;
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	unsigned long pacing_rate = READ_ONCE(sk->sk_pacing_rate);
	int notsent = READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_nxt);

	tcp->cwnd = READ_ONCE(tp->snd_cwnd);
	tcp->ssthresh = READ_ONCE(tp->snd_ssthresh);
	tcp->mss = READ_ONCE(tp->mss_cache);
	tcp->pmtu = READ_ONCE(icsk->icsk_pmtu_cookie);
	tcp->rto = jiffies_to_usecs(READ_ONCE(icsk->icsk_rto));
	tcp->rttvar = READ_ONCE(tp->mdev_us) >> 2;
	tcp->min_rtt = READ_ONCE(tp->rtt_min.s[0].v);
	tcp->unacked = READ_ONCE(tp->packets_out);
	tcp->sacked = READ_ONCE(tp->sacked_out);
	tcp->lost = READ_ONCE(tp->lost_out);
	tcp->notsent = max(notsent, 0);
	tcp->reordering = READ_ONCE(tp->reordering);
	tcp->rcv_space = READ_ONCE(tp->rcvq_space.space);
	tcp->snd_wnd = READ_ONCE(tp->snd_wnd);
	tcp->pacing_rate = pacing_rate == ~0UL ? ~0ULL : pacing_rate;
	tcp->delivery_rate = delivery_rate(tp, tcp->mss);
	tcp->app_limited = data_race((u8)tp->rate_app_limited);	/* a bit beside others */
	copy_times(tcp, tp);
	detail->known |= NST_KNOWS_TCP;
}

/**
 * nst_info_copy_mem() - copy what memory a socket takes
 * @detail: of its info
 * @sk: a full socket
 *
 * Context: under RCU, or the lock of its table.
 */
void nst_info_copy_mem(struct nst_detail *detail, const struct sock *sk)
{
	struct nst_mem_info *mem = &nst_detail_info(detail)->mem;

	mem->rmem_alloc = max(sk_rmem_alloc_get(sk), 0);
	mem->rcvbuf = READ_ONCE(sk->sk_rcvbuf);
	mem->wmem_alloc = max(sk_wmem_alloc_get(sk), 0);
	mem->sndbuf = READ_ONCE(sk->sk_sndbuf);
	mem->fwd_alloc = READ_ONCE(sk->sk_forward_alloc);
	mem->wmem_queued = READ_ONCE(sk->sk_wmem_queued);
	mem->optmem = atomic_read(&sk->sk_omem_alloc);
	mem->backlog = READ_ONCE(sk->sk_backlog.len);
	detail->known |= NST_KNOWS_MEM;
}

/**
 * nst_info_load_ca() - load the congestion control of a socket
 * @sk: a full socket, of any kind
 *
 * Context: under RCU.
 * Return: its operations, not to be looked into before @sk is known to have been a live
 * socket when this was called; NULL if it has none, or none that last for this RCU section.
 */
const struct tcp_congestion_ops *nst_info_load_ca(const struct sock *sk)
{
	/* Only looked at; the function takes no const one. */
	spinlock_t *lock = (spinlock_t *)&sk->sk_lock.slock;
	const struct tcp_congestion_ops *ops;
	bool locked;

	/* These two never change while the memory is a socket of its kind. */
	if (sk->sk_type != SOCK_STREAM || sk->sk_protocol != IPPROTO_TCP)
		return NULL;

	/* Who has not locked it before this still held what is loaded after it. */
	locked = READ_ONCE(sk->sk_lock.owned) || spin_is_locked(lock);
	smp_rmb();	/* the lock before the pointer */
	ops = READ_ONCE(inet_csk(sk)->icsk_ca_ops);
	return nst_ca_ops_last(ops, locked) ? ops : NULL;
}

/**
 * nst_info_copy_ca() - copy the name of the congestion control
 * @detail: of its info
 * @ca: what nst_info_load_ca() gave in this same RCU section, or NULL
 *
 * Context: under RCU.
 */
void nst_info_copy_ca(struct nst_detail *detail, const struct tcp_congestion_ops *ca)
{
	struct nst_tcp_info *tcp = &nst_detail_info(detail)->tcp;

	if (!(detail->known & NST_KNOWS_TCP) || !ca)
		return;

	BUILD_BUG_ON(sizeof(tcp->ca) < sizeof(ca->name));
	memcpy(tcp->ca, ca->name, sizeof(ca->name));
	tcp->ca[sizeof(tcp->ca) - 1] = '\0';
}
