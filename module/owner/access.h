/* SPDX-License-Identifier: GPL-2.0-only */
/* Who may see which process's sockets. */
#ifndef NST_ACCESS_H
#define NST_ACCESS_H

#include <linux/types.h>

struct cred;
struct file;
struct task_struct;
struct user_namespace;

/**
 * struct nst_access - what a reader may see
 * @file: the open file, whose credentials decide
 * @group: whether the opener is in the group that sees all owners
 * @privileged: whether the opener may administrate the host's network
 * @all: whether everything is allowed; valid during one capture
 */
struct nst_access {
	struct file *file;
	bool group;
	bool privileged;
	bool all;
};

void nst_access_open(struct nst_access *access, struct file *file);
void nst_access_start(struct nst_access *access);
bool nst_access_may_administrate(const struct nst_access *access, struct user_namespace *ns);
bool nst_access_may_leave(const struct nst_access *access);
bool nst_access_may_enter(const struct nst_access *access, struct user_namespace *ns);
bool nst_access_may_see(struct nst_access *access, struct task_struct *task);

#endif /* NST_ACCESS_H */
