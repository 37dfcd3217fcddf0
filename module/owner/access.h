/* SPDX-License-Identifier: GPL-2.0-only */
/* Who may see which process's sockets. */
#ifndef NST_ACCESS_H
#define NST_ACCESS_H

#include <linux/types.h>

struct cred;
struct file;
struct nst_budget;
struct task_struct;
struct user_namespace;

/* So many labels of security modules are told apart among those that were refused. */
#define NST_REFUSED_MAX 32

/* How the kernel is asked about a process: see nst_access_ask(). */
enum nst_ask {
	NST_ASK_UNKNOWN,
	NST_ASK_FOLDER,
	NST_ASK_LINK,
};

/**
 * struct nst_access - what a reader may see
 * @file: the open file, whose credentials decide
 * @budget: whom its memory is charged to
 * @privileged: whether the opener may administrate the host's network
 * @first_pids: whether the opener was in the first pid namespace
 * @all: whether everything is allowed; valid during one read
 * @hidden: whether there may be a process with open files that the opener may not see,
 *	among those that were asked for; valid during one read
 * @way: how the kernel is asked about a process
 * @asked: the security modules' answers about capabilities, valid during one read: two
 *	bits for each, known and granted
 * @refused: what they call the processes that the kernel has refused, among those that
 *	were asked for; valid during one read
 * @refusals: how many of these there are
 */
struct nst_access {
	struct file *file;
	struct nst_budget *budget;
	bool privileged;
	bool first_pids;
	bool all;
	bool hidden;
	enum nst_ask way;
	u32 asked;
	u32 refused[NST_REFUSED_MAX];
	unsigned int refusals;
};

int nst_access_open(struct nst_access *access, struct file *file);
void nst_access_close(struct nst_access *access);
void nst_access_start(struct nst_access *access);
bool nst_access_may_administrate(struct nst_access *access, struct user_namespace *ns);
bool nst_access_may_leave(struct nst_access *access);
bool nst_access_may_enter(struct nst_access *access, struct user_namespace *ns);
bool nst_access_sees_all_nets(struct nst_access *access);
bool nst_access_may_see(struct nst_access *access, struct task_struct *task);
bool nst_access_conceals(const struct nst_access *access);
int nst_access_ask(struct nst_access *access, const struct pid_namespace *ns, u32 pid);
void nst_access_refuse(struct nst_access *access, struct task_struct *task);

#endif /* NST_ACCESS_H */
