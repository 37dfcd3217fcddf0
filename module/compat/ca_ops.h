/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long the operations of a congestion control last.
 *
 * Those of a module last for a grace period after they have been taken off the list
 * (tcp_unregister_congestion_control()), which needs that no socket has them. Those of a BPF
 * program last for one after the last socket has let go of them since eb18b49ea758 ("bpf:
 * tcp: Allow bpf-tcp-cc to call bpf_(get|set)sockopt", 5.15): NST_HAS_BPF_CA_GRACE. Before,
 * they are freed at once. There, those of the kernel's image and of modules are told from
 * them by their address, where that is known to tell them apart.
 */
#ifndef NST_COMPAT_CA_OPS_H
#define NST_COMPAT_CA_OPS_H

#include <linux/kconfig.h>
#include <linux/types.h>
#include <asm/page.h>

/**
 * nst_ca_ops_last() - whether what a socket uses now lasts until RCU readers are gone
 * @ops: its struct tcp_congestion_ops; not looked into
 *
 * Return: false if that is not certain.
 */
static inline bool nst_ca_ops_last(const void *ops)
{
#if defined(NST_HAS_BPF_CA_GRACE) || !IS_ENABLED(CONFIG_BPF_JIT)
	return true;
#elif defined(CONFIG_X86_64)
	/* Neither the linear map nor vmalloc() reach so high. */
	return (unsigned long)ops >= __START_KERNEL_map;
#else
	return false;
#endif
}

#endif /* NST_COMPAT_CA_OPS_H */
