/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the security modules call a task: SELinux' context, AppArmor's profile, Smack's label.
 *
 * NST_HAS_TASK_LSMPROP, NST_HAS_TASK_LSMBLOB, NST_HAS_TASK_SECID_OBJ: the name of the function
 * that tells, all of them exported. It tells one number, or one for each module: then
 * NST_HAS_LSMBLOB says that the kernel (Ubuntu's) has a name of its own for that.
 */
#ifndef NST_COMPAT_LABEL_H
#define NST_COMPAT_LABEL_H

#include <linux/jhash.h>
#include <linux/security.h>

/**
 * nst_task_label() - a number for what the security modules call a task
 * @task: the task
 *
 * Context: any; does not sleep.
 * Return: the same for the same label; seldom also for another one.
 */
static inline u32 nst_task_label(struct task_struct *task)
{
#ifdef NST_HAS_TASK_LSMPROP
	struct lsm_prop label = {};
#elif defined(NST_HAS_LSMBLOB)
	struct lsmblob label = {};
#else
	u32 label = 0;
#endif

#ifdef NST_HAS_TASK_LSMPROP
	security_task_getlsmprop_obj(task, &label);
#elif defined(NST_HAS_TASK_LSMBLOB)
	security_task_getlsmblob_obj(task, &label);
#elif defined(NST_HAS_TASK_SECID_OBJ)
	security_task_getsecid_obj(task, &label);
#else
	security_task_getsecid(task, &label);
#endif
	return jhash(&label, sizeof(label), 0);
}

#endif /* NST_COMPAT_LABEL_H */
