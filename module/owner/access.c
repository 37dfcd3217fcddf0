// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may see which process's sockets: whom the kernel lets read the links in
 * /proc/PID/fd. Its functions for that ask about the current task and are not
 * exported; here it is the opener of the file that counts, so the rules of
 * __ptrace_may_access() (kernel/ptrace.c, PTRACE_MODE_READ_FSCREDS) and of the
 * directory's mode 0500 (task_dump_owner() in fs/proc/base.c) stand here again.
 *
 * Other security modules cannot be asked about a ptrace access from a module.
 * They are asked about each capability that is used.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/moduleparam.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/user_namespace.h>

#include "owner/access.h"
#include "compat/dumpable.h"

static int owners_gid = -1;

static int set_owners_gid(const char *text, const struct kernel_param *param)
{
	int err, gid;

	err = kstrtoint(text, 0, &gid);
	if (err)
		return err;
	if (gid < -1)
		return -EINVAL;

	WRITE_ONCE(owners_gid, gid);
	return 0;
}

static const struct kernel_param_ops owners_gid_ops = {
	.set = set_owners_gid,
	.get = param_get_int,
};

module_param_cb(owners_gid, &owners_gid_ops, &owners_gid, 0644);
MODULE_PARM_DESC(owners_gid,
		 "id of a group whose members see the owners of all sockets (default -1: nobody)");

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

/* The security modules are asked only where the capability is there, so they rarely deny. */
static bool opener_has_cap(const struct nst_access *access, struct user_namespace *ns, int cap)
{
	return cred_has_cap(access->file->f_cred, ns, cap) &&
	       file_ns_capable(access->file, ns, cap);
}

static bool opener_overrides_dac(const struct nst_access *access)
{
	struct user_namespace *ns = access->file->f_cred->user_ns;

	return opener_has_cap(access, ns, CAP_DAC_READ_SEARCH) ||
	       opener_has_cap(access, ns, CAP_DAC_OVERRIDE);
}

/**
 * nst_access_open() - remember who opens a file
 * @access: filled in
 * @file: the file, being opened by the current task; outlives @access
 *
 * Context: process context.
 */
void nst_access_open(struct nst_access *access, struct file *file)
{
	int gid = READ_ONCE(owners_gid);

	memset(access, 0, sizeof(*access));
	access->file = file;
	access->privileged = ns_capable_noaudit(&init_user_ns, CAP_NET_ADMIN);
	access->group = gid >= 0 && in_group_p(make_kgid(&init_user_ns, gid));
}

/**
 * nst_access_start() - prepare for one walk over the processes
 * @access: the opener
 *
 * Opened once, read many times: what a capability allows may have changed.
 *
 * Context: process context.
 */
void nst_access_start(struct nst_access *access)
{
	access->all = access->group || (opener_has_cap(access, &init_user_ns, CAP_SYS_PTRACE) &&
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
bool nst_access_may_administrate(const struct nst_access *access, struct user_namespace *ns)
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
bool nst_access_may_leave(const struct nst_access *access)
{
	return opener_has_cap(access, access->file->f_cred->user_ns, CAP_SYS_ADMIN);
}

/**
 * nst_access_may_enter() - whether the opener may enter a certain one
 * @access: the opener, which nst_access_may_leave() lets
 * @ns: the user namespace that the network namespace belongs to
 *
 * Context: process context.
 * Return: true if it may.
 */
bool nst_access_may_enter(const struct nst_access *access, struct user_namespace *ns)
{
	return opener_has_cap(access, ns, CAP_SYS_ADMIN);
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
static bool may_open_dir(const struct nst_access *access, const struct cred *task, bool dumpable,
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
	allowed = rules_allow(access, task);
	rcu_read_unlock();

	return allowed;
}
