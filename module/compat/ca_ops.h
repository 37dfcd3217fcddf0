/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long the operations of a congestion control last.
 *
 * Those of the kernel's image last for ever, those of a module for a grace period after they
 * have been taken off the list (tcp_unregister_congestion_control()), which needs that no
 * socket has them, and another one (free_module()). Those of a BPF program last for one after
 * the last socket has let go of them since eb18b49ea758 ("bpf: tcp: Allow bpf-tcp-cc to call
 * bpf_(get|set)sockopt", 5.15): NST_HAS_BPF_CA_GRACE. Before, they are freed at once. They
 * are told apart by their address, where that is known to tell.
 *
 * A socket lets go of its operations a moment before it has others in their place
 * (tcp_reinit_congestion_control()), and a new one has its listener's before it holds them
 * (tcp_ca_openreq_child()); both while it is locked.
 */
#ifndef NST_COMPAT_CA_OPS_H
#define NST_COMPAT_CA_OPS_H

#include <linux/kconfig.h>
#include <linux/types.h>
#include <asm/page.h>

/**
 * nst_ca_ops_last() - whether what a socket uses now lasts until RCU readers are gone
 * @ops: its struct tcp_congestion_ops; not looked into
 * @locked: whether the socket was locked before @ops was loaded, in the same RCU section
 *
 * Return: false if that is not certain.
 */
static inline bool nst_ca_ops_last(const void *ops, bool locked)
{
#if defined(CONFIG_X86_64) && !defined(CONFIG_UML)
	/* Neither the linear map nor vmalloc() reach so high. */
	if ((unsigned long)ops >= __START_KERNEL_map)
		return true;
#endif
#ifdef NST_HAS_BPF_CA_GRACE
	return !locked || !IS_ENABLED(CONFIG_BPF_JIT);
#else
	return !IS_ENABLED(CONFIG_BPF_JIT);
#endif
}

#endif /* NST_COMPAT_CA_OPS_H */
