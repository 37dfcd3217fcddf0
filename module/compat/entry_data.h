/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What somebody who made a file in /proc keeps with it.
 *
 * NST_HAS_PDE_DATA: pde_data(), else PDE_DATA().
 */
#ifndef NST_COMPAT_ENTRY_DATA_H
#define NST_COMPAT_ENTRY_DATA_H

#include <linux/proc_fs.h>

/**
 * nst_entry_data() - what was given to proc_create_data()
 * @inode: the inode of the file
 *
 * Context: any.
 * Return: the pointer.
 */
static inline void *nst_entry_data(const struct inode *inode)
{
#ifdef NST_HAS_PDE_DATA
	return pde_data(inode);
#else
	return PDE_DATA(inode);
#endif
}

#endif /* NST_COMPAT_ENTRY_DATA_H */
