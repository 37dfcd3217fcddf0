/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the security modules call a task: SELinux' context, AppArmor's profile, Smack's label.
 *
 * NST_HAS_TASK_LSMPROP, NST_HAS_TASK_SECID_OBJ: the name of the function that tells, all of
 * them exported. One number, or one for each module.
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
	struct lsm_prop label;

	security_task_getlsmprop_obj(task, &label);
	return jhash(&label, sizeof(label), 0);
#else
	u32 label = 0;

#ifdef NST_HAS_TASK_SECID_OBJ
	security_task_getsecid_obj(task, &label);
#else
	security_task_getsecid(task, &label);
#endif
	return label;
#endif
}

#endif /* NST_COMPAT_LABEL_H */
