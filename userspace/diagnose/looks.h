/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What looks for what is wrong, and the first readings of some; false with nst_trouble() if not all
 * could be judged.
 */
#ifndef NETSTATE_DIAGNOSE_LOOKS_H
#define NETSTATE_DIAGNOSE_LOOKS_H

#include <stdbool.h>

/* listeners.c */
bool nst_listeners_before(void);
bool nst_listeners_look(void);
bool nst_half_open_look(void);
bool nst_cookies_before(void);
bool nst_cookies_look(void);

/* transfers.c */
bool nst_transfers_before(void);
bool nst_transfers_look(void);

/* connections.c */
bool nst_close_wait_look(void);
bool nst_syn_sent_look(void);

/* ports.c */
bool nst_ports_look(void);

/* datagrams.c */
bool nst_datagrams_before(void);
bool nst_datagrams_look(void);

/* limits.c */
bool nst_orphans_look(void);
bool nst_time_wait_look(void);
bool nst_memory_look(void);
bool nst_conntrack_look(void);

/* processes.c */
bool nst_unhashed_look(void);
bool nst_files_look(void);
bool nst_owners_look(void);

#endif /* NETSTATE_DIAGNOSE_LOOKS_H */
