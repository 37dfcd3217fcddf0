// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may see which process's sockets: whom the kernel lets read the links in
 * /proc/PID/fd. Its functions for that ask about the current task and are not
 * exported; here it is the opener of the file that counts, so the rules of
 * __ptrace_may_access() (kernel/ptrace.c, PTRACE_MODE_READ_FSCREDS) and of the
 * directory's mode 0500 (task_dump_owner() in fs/proc/base.c) stand here again.
 *
 * Other security modules (SELinux, AppArmor, Smack, Landlock) decide, too, and no function
 * that asks them is exported. But the kernel itself asks them at the folder PID/fdinfo, or
 * when the link PID/ns/net is read, which want the same right. So nst_access_ask() goes
 * there, with the opener's credentials, for processes that the rules here let through.
 */
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/pid_namespace.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/user_namespace.h>

#include "compat/dumpable.h"
#include "compat/label.h"
#include "compat/path_lookup.h"
#include "owner/access.h"
#include "params.h"
#include "store/budget.h"

/*
 * Whether credentials hold a capability in a namespace, as cap_capable()
 * (security/commoncap.c) decides, but without a word in the audit log.
 */
static bool cred_has_cap(const struct cred *cred, struct user_namespace *ns, int cap)
{
	for (; ns; ns = ns->parent) {
		if (ns == cred->user_ns)
			return cap_raised(cred->cap_effective, cap);
		if (ns->level <= cred->user_ns->level)
			return false;
		if (ns->parent == cred->user_ns && uid_eq(ns->owner, cred->euid))
			return true;
	}

	return false;
}

/* The capabilities that are asked for, by their place in @asked. */
static unsigned int place_of(int cap)
{
	switch (cap) {
	case CAP_SYS_PTRACE:
		return 0;
	case CAP_DAC_READ_SEARCH:
		return 1;
	case CAP_DAC_OVERRIDE:
		return 2;
	case CAP_SYS_ADMIN:
		return 3;
	default:	/* CAP_NET_ADMIN */
		return 4;
	}
}

/* As file_ns_capable(), but without a record in the audit log if a security module denies it. */
static bool modules_grant(const struct nst_access *access, struct user_namespace *ns, int cap)
{
	const struct cred *old = override_creds(access->file->f_cred);
	bool granted = ns_capable_noaudit(ns, cap);

	revert_creds(old);
	return granted;
}

/*
 * The security modules are asked only if the opener has the capability, and once after each
 * nst_access_start(). Their answer depends on the capability, and on whether the namespace is
 * the first one.
 */
static bool opener_has_cap(struct nst_access *access, struct user_namespace *ns, int cap)
{
	unsigned int shift = 4 * place_of(cap) + 2 * (ns == &init_user_ns);

	if (!cred_has_cap(access->file->f_cred, ns, cap))
		return false;

	if (!(access->asked >> shift & 1))
		access->asked |= (1 | modules_grant(access, ns, cap) << 1) << shift;
	return access->asked >> shift & 2;
}

static bool opener_overrides_dac(struct nst_access *access)
{
	struct user_namespace *ns = access->file->f_cred->user_ns;

	return opener_has_cap(access, ns, CAP_DAC_READ_SEARCH) ||
	       opener_has_cap(access, ns, CAP_DAC_OVERRIDE);
}

/*
 * The user whom the memory is charged to. Who makes a user namespace has as many ids in it
 * as he likes: they all count for him, as with the kernel's own limits (ucounts).
 */
static kuid_t user_of(const struct cred *cred)
{
	const struct user_namespace *ns;
	kuid_t uid = cred->uid;

	/* Ends: a namespace's parent is of a lower level, and the first one has none. */
	for (ns = cred->user_ns; ns->parent; ns = ns->parent)
		uid = ns->owner;

	return uid;
}

/**
 * nst_access_open() - remember who opens a file
 * @access: filled in
 * @file: the file, being opened by the current task; outlives @access
 *
 * Context: process context, may sleep.
 * Return: 0, then to be ended with nst_access_close(); what nst_budget_get() gave.
 */
int nst_access_open(struct nst_access *access, struct file *file)
{
	memset(access, 0, sizeof(*access));
	access->file = file;
	access->first_pids = task_active_pid_ns(current) == &init_pid_ns;
	/* A container may have the capability, and is not the host all the same. */
	access->privileged = access->first_pids &&
			     ns_capable_noaudit(&init_user_ns, CAP_NET_ADMIN);
	access->budget = nst_budget_get(user_of(file->f_cred), access->privileged);

	return PTR_ERR_OR_ZERO(access->budget);
}

/**
 * nst_access_close() - forget who opened a file
 * @access: the opener
 *
 * Context: may sleep.
 */
void nst_access_close(struct nst_access *access)
{
	nst_budget_put(access->budget);
}

/* Whether the opener is in the group that sees all owners; it may be another one by now. */
static bool in_owners_group(const struct nst_access *access)
{
	int gid = READ_ONCE(nst_params.owners_gid);
	const struct cred *old;
	bool in;

	if (gid < 0)
		return false;

	old = override_creds(access->file->f_cred);
	in = in_group_p(make_kgid(&init_user_ns, gid));
	revert_creds(old);
	return in;
}

/**
 * nst_access_start() - prepare for one read
 * @access: the opener
 *
 * Opened once, read many times: what is allowed may have changed.
 *
 * Context: process context.
 */
void nst_access_start(struct nst_access *access)
{
	access->asked = 0;
	access->refusals = 0;
	access->hidden = false;
	access->all = in_owners_group(access) ||
		      (opener_has_cap(access, &init_user_ns, CAP_SYS_PTRACE) &&
		       access->file->f_cred->user_ns == &init_user_ns &&
		       opener_overrides_dac(access));
}

/**
 * nst_access_may_administrate() - whether the opener may administrate a network
 * @access: the opener
 * @ns: the user namespace that the network namespace belongs to
 *
 * Context: process context.
 * Return: true if it may.
 */
bool nst_access_may_administrate(struct nst_access *access, struct user_namespace *ns)
{
	return opener_has_cap(access, ns, CAP_NET_ADMIN);
}

/**
 * nst_access_may_leave() - whether the opener may enter any network namespace but its own
 * @access: the opener
 *
 * Of what setns() asks (netns_install() in net/core/net_namespace.c), the part that is
 * the same for all of them.
 *
 * Context: process context.
 * Return: true if it may.
 */
bool nst_access_may_leave(struct nst_access *access)
{
	return opener_has_cap(access, access->file->f_cred->user_ns, CAP_SYS_ADMIN);
}

/**
 * nst_access_may_enter() - whether the opener may enter a certain one
 * @access: the opener; which of setns()'s rules are the same for all, nst_access_may_leave()
 *	asks
 * @ns: the user namespace that the network namespace belongs to
 *
 * Context: process context.
 * Return: true if it may.
 */
bool nst_access_may_enter(struct nst_access *access, struct user_namespace *ns)
{
	return opener_has_cap(access, ns, CAP_SYS_ADMIN);
}

/**
 * nst_access_sees_all_nets() - whether the opener may know of all network namespaces
 * @access: the opener
 *
 * The kernel's own rule where it lists namespaces: who is in the first pid namespace and
 * its administrator. A container that has CAP_SYS_ADMIN and pids of its own is not.
 *
 * Context: process context.
 * Return: true if it may.
 */
bool nst_access_sees_all_nets(struct nst_access *access)
{
	return access->first_pids && opener_has_cap(access, &init_user_ns, CAP_SYS_ADMIN);
}

static bool same_ids(const struct cred *cred, const struct cred *task)
{
	return uid_eq(cred->fsuid, task->euid) && uid_eq(cred->fsuid, task->suid) &&
	       uid_eq(cred->fsuid, task->uid) && gid_eq(cred->fsgid, task->egid) &&
	       gid_eq(cred->fsgid, task->sgid) && gid_eq(cred->fsgid, task->gid);
}

/*
 * The rule of the capabilities' own security module, which every kernel has
 * (cap_ptrace_access_check() in security/commoncap.c): whoever can do more than
 * the opener is not looked into, even with the same ids.
 */
static bool can_do_no_more(const struct cred *task, const struct cred *cred)
{
	return task->user_ns == cred->user_ns &&
	       cap_issubset(task->cap_permitted, cred->cap_effective);
}

/* Whether the opener may look into /proc/PID/fd: the owner may, and capabilities. */
static bool may_open_dir(struct nst_access *access, const struct cred *task, bool dumpable,
			 struct user_namespace *ns)
{
	const struct cred *cred = access->file->f_cred;
	kuid_t uid = task->euid;
	kgid_t gid = task->egid;

	if (!dumpable) {
		uid = make_kuid(ns, 0);
		if (!uid_valid(uid))
			uid = GLOBAL_ROOT_UID;
		gid = make_kgid(ns, 0);
		if (!gid_valid(gid))
			gid = GLOBAL_ROOT_GID;
	}

	if (uid_eq(cred->fsuid, uid))
		return true;

	return kuid_has_mapping(cred->user_ns, uid) && kgid_has_mapping(cred->user_ns, gid) &&
	       opener_overrides_dac(access);
}

static bool rules_allow(struct nst_access *access, struct task_struct *task)
{
	const struct cred *cred = access->file->f_cred;
	const struct cred *tcred = __task_cred(task);
	struct user_namespace *ns;
	bool dumpable;

	if (!(same_ids(cred, tcred) && can_do_no_more(tcred, cred)) &&
	    !opener_has_cap(access, tcred->user_ns, CAP_SYS_PTRACE))
		return false;

	/* commit_creds() makes a task undumpable before its new ids can be seen. */
	smp_rmb();
	dumpable = nst_task_dumpable(task, &ns);
	if (!dumpable && !opener_has_cap(access, ns, CAP_SYS_PTRACE))
		return false;

	return may_open_dir(access, tcred, dumpable, ns);
}

/*
 * Whether the kernel has refused a task with this label in this read. The security modules
 * answer by label, and write each denial into the audit log: so they are asked about one
 * process of a label that they refuse, not about each. When there is no room for a label,
 * all that is not known counts as refused.
 */
static bool was_refused(const struct nst_access *access, struct task_struct *task)
{
	u32 label;
	unsigned int i;

	if (!access->refusals)
		return false;
	if (access->refusals == NST_REFUSED_MAX)
		return true;

	label = nst_task_label(task);
	for (i = 0; i < access->refusals; i++)
		if (access->refused[i] == label)
			return true;

	return false;
}

/**
 * nst_access_may_see() - whether the opener may see what files a task has open
 * @access: the opener
 * @task: the task; the caller holds its task_lock()
 *
 * A process always sees itself, as long as it is still the opener: not when it
 * has changed its credentials since, and not when the file went to another.
 *
 * Context: does not sleep.
 * Return: true if it may.
 */
bool nst_access_may_see(struct nst_access *access, struct task_struct *task)
{
	bool allowed;

	if (access->all)
		return true;
	if (same_thread_group(task, current) && current_cred() == access->file->f_cred)
		return true;

	rcu_read_lock();
	allowed = rules_allow(access, task) && !was_refused(access, task);
	rcu_read_unlock();

	return allowed;
}

/* Any link of PID/ns wants the right to trace; this one is there in every kernel. */
#define LINK (IS_ENABLED(CONFIG_NET_NS) ? "ns/net" : "ns/mnt")

/* Nobody's memory: the kernel gets as far as to copy there, and no further. */
#define NOWHERE ((char __user *)ULONG_MAX)

/*
 * Reads a link of /proc, for no more than to see whether that is allowed: then it ends in
 * -EFAULT. All else is a refusal, also a 0: some versions of 5.10 say that.
 */
static int read_link(const struct path *path)
{
	struct inode *inode = d_inode(path->dentry);
	int err;

	if (!inode || !inode->i_op->readlink)
		return -EACCES;

	err = inode->i_op->readlink(path->dentry, NOWHERE, 1);
	return err == -EFAULT ? 0 : err ?: -EACCES;
}

/* Whoever goes through a folder has been asked, by its own function. */
static int pass(const struct path *path)
{
	return 0;
}

/* Has a folder such a function? */
static int has_permission(const struct path *path)
{
	struct inode *inode = d_inode(path->dentry);

	return inode && inode->i_op->permission ? 0 : -EOPNOTSUPP;
}

/*
 * Looks something up in the folder of a process. Who has made the mount may have mounted
 * something over it; so the look-up leaves /proc nowhere.
 */
static int look_up(const struct path *at, u32 pid, const char *what,
		   int (*judge)(const struct path *path))
{
	const struct super_block *sb = at->dentry->d_sb;
	struct path path;
	char name[32];
	int err;

	snprintf(name, sizeof(name), "%u/%s", pid, what);
	err = vfs_path_lookup(sb->s_root, at->mnt, name, LOOKUP_NO_XDEV, &path);
	if (err)
		return err;

	err = path.dentry->d_sb == sb ? judge(&path) : -EACCES;
	path_put(&path);
	return err;
}

/*
 * Whether a process executes a program just now. It then holds a lock that reading a link
 * waits for in some kernels, and it holds that as long as it likes: until its old memory is
 * gone, with all that was to be read into it. The lock is only looked at, under RCU, which
 * keeps the task and what all its threads share.
 */
static bool is_in_exec(const struct pid_namespace *ns, u32 pid)
{
	struct task_struct *task;
	bool is;

	rcu_read_lock();
	task = pid_task(find_pid_ns(pid, (struct pid_namespace *)ns), PIDTYPE_PID);
	is = task && rwsem_is_locked(&task->signal->exec_update_lock);
	rcu_read_unlock();

	return is;
}

/* As nst_access_ask(), with the opener's credentials, and an error number as the kernel has it. */
static int ask(struct nst_access *access, const struct pid_namespace *ns, u32 pid)
{
	const struct path *at = &access->file->f_path;
	int err;

	if (access->way == NST_ASK_UNKNOWN) {
		err = look_up(at, pid, "fdinfo", has_permission);
		if (err && err != -EOPNOTSUPP)
			return err;
		access->way = err ? NST_ASK_LINK : NST_ASK_FOLDER;
	}
	if (access->way == NST_ASK_FOLDER)
		return look_up(at, pid, "fdinfo/.", pass);

	return is_in_exec(ns, pid) ? -EAGAIN : look_up(at, pid, LINK, read_link);
}

static bool is_invisible(const struct super_block *sb)
{
	return READ_ONCE(proc_sb_info((struct super_block *)sb)->hide_pid) >= HIDEPID_INVISIBLE;
}

/**
 * nst_access_conceals() - whether the opener must not learn that a process is there
 * @access: the opener
 *
 * Context: any.
 * Return: true on a proc mount with hidepid=invisible or stricter, unless he sees all.
 */
bool nst_access_conceals(const struct nst_access *access)
{
	return !access->all && is_invisible(access->file->f_path.dentry->d_sb);
}

/*
 * What the kernel has said. 1: the opener may look. 0: he may not. -ENOENT: the process is
 * gone, or /proc had no memory. With hidepid=invisible /proc says -ENOENT also if he may not:
 * that is a 0 here.
 */
static int verdict(const struct super_block *sb, int err)
{
	if (!err)
		return 1;
	if ((err == -ENOENT || err == -ESRCH) && !is_invisible(sb))
		return -ENOENT;

	return err == -ENOMEM || err == -EAGAIN ? err : 0;
}

/**
 * nst_access_ask() - whether the kernel lets the opener look into a process
 * @access: the opener
 * @ns: the pid namespace of the file's proc mount
 * @pid: the process, or a thread, in that pid namespace
 *
 * Goes through the folder PID/fdinfo of that mount, with the opener's credentials: hidepid,
 * the process' dumpable flag and every security module have their say. Kernels before 6.11
 * ask nobody there, but when the link PID/ns/net is read, by /proc's own function. Landlock,
 * before it went by credentials, looks at the current task. What changes afterwards is not
 * seen.
 *
 * Context: process context, may sleep. Not under task_lock().
 * Return: 1 if it does; for an opener that sees all, without asking; 0 if not; -ENOMEM;
 * -ENOENT if the process is gone, or if it is not, for want of memory; -EAGAIN if it can't be
 * asked without waiting for the process.
 */
int nst_access_ask(struct nst_access *access, const struct pid_namespace *ns, u32 pid)
{
	struct audit_context *audit;
	const struct cred *old;
	int err;

	if (access->all)
		return 1;

	/*
	 * The audit of system calls would keep each name until this one ends, in no budget.
	 * What security modules deny is still recorded.
	 */
	audit = audit_context();
	audit_set_context(current, NULL);
	old = override_creds(access->file->f_cred);
	err = ask(access, ns, pid);
	revert_creds(old);
	audit_set_context(current, audit);

	return verdict(access->file->f_path.dentry->d_sb, err);
}

/**
 * nst_access_refuse() - note that the kernel has refused a task, for the rest of this read
 * @access: the opener, for whom nst_access_ask() has said 0
 * @task: the task; the caller holds its task_lock()
 *
 * If the rules here let the task through, then as now, a security module has refused it, and
 * would refuse all that it calls by the same name.
 *
 * Context: does not sleep.
 */
void nst_access_refuse(struct nst_access *access, struct task_struct *task)
{
	if (access->refusals < NST_REFUSED_MAX && nst_access_may_see(access, task))
		access->refused[access->refusals++] = nst_task_label(task);
}
