/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looking up a path below a directory.
 *
 * NST_HAS_PATH_LOOKUP: vfs_path_lookup() is exported in all kernels, but its declaration
 * was private to fs/ before it came into linux/namei.h (6.1 has it not, 6.12 has).
 */
#ifndef NST_COMPAT_PATH_LOOKUP_H
#define NST_COMPAT_PATH_LOOKUP_H

#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/path.h>

#ifndef NST_HAS_PATH_LOOKUP
int vfs_path_lookup(struct dentry *dentry, struct vfsmount *mnt, const char *name,
		    unsigned int flags, struct path *path);
#endif

#endif /* NST_COMPAT_PATH_LOOKUP_H */
