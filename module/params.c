// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every parameter of the module. A value that makes no sense is refused, and
 * leaves the old one as it was.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/stat.h>

#include "params.h"

#define BUDGET_MB_MAX (1024 * 1024)
#define GROUPS_MAX (16 * 1024 * 1024)
#define LISTENERS_MAX 8192	/* each visit may look at so many, in one hold of a lock */

struct nst_params nst_params = {
	.budget_mb = 256,
	.groups_max = 16384,
	.listeners_max = 1000,
	.owners_gid = -1,
	.mode = 0666,
};

/* As param_set_uint_minmax(), which is not there before 5.14. */
static int set_number(const char *text, const struct kernel_param *param, unsigned int min,
		      unsigned int max)
{
	unsigned int number;
	int err;

	err = kstrtouint(text, 0, &number);
	if (err)
		return err;
	if (number < min || number > max)
		return -EINVAL;

	WRITE_ONCE(*(unsigned int *)param->arg, number);
	return 0;
}

static int set_budget_mb(const char *text, const struct kernel_param *param)
{
	return set_number(text, param, 1, BUDGET_MB_MAX);
}

static int set_groups_max(const char *text, const struct kernel_param *param)
{
	return set_number(text, param, 1, GROUPS_MAX);
}

static int set_listeners_max(const char *text, const struct kernel_param *param)
{
	return set_number(text, param, 0, LISTENERS_MAX);
}

static int set_owners_gid(const char *text, const struct kernel_param *param)
{
	int err, gid;

	err = kstrtoint(text, 0, &gid);
	if (err)
		return err;
	if (gid < -1)
		return -EINVAL;

	WRITE_ONCE(nst_params.owners_gid, gid);
	return 0;
}

/* Not -1, which is no group. */
static int set_gid(const char *text, const struct kernel_param *param)
{
	return set_number(text, param, 0, U32_MAX - 1);
}

static int set_mode(const char *text, const struct kernel_param *param)
{
	u16 mode;
	int err;

	err = kstrtou16(text, 8, &mode);
	if (err)
		return err;
	/* Nothing to execute; and /proc takes a mode without any bit for its default. */
	if (mode & ~0666 || !(mode & 0400))
		return -EINVAL;

	nst_params.mode = mode;
	return 0;
}

static int get_mode(char *text, const struct kernel_param *param)
{
	return scnprintf(text, PAGE_SIZE, "%04o\n", nst_params.mode);
}

static int set_stop(const char *text, const struct kernel_param *param)
{
	bool was = nst_params.stop;
	int err = param_set_bool(text, param);

	if (!err && was != nst_params.stop)
		pr_notice("reads %s by parameter\n", nst_params.stop ? "stopped" : "allowed again");
	return err;
}

static const struct kernel_param_ops budget_mb_ops = {
	.set = set_budget_mb,
	.get = param_get_uint,
};

module_param_cb(budget_mb, &budget_mb_ops, &nst_params.budget_mb, 0644);
MODULE_PARM_DESC(budget_mb,
		 "MiB that all reads together may take; users without CAP_NET_ADMIN share half, each gets half of what the others leave (default 256)");

static const struct kernel_param_ops groups_max_ops = {
	.set = set_groups_max,
	.get = param_get_uint,
};

module_param_cb(groups_max, &groups_max_ops, &nst_params.groups_max, 0644);
MODULE_PARM_DESC(groups_max,
		 "groups that one read can tell apart; the others are one line (default 16384)");

static const struct kernel_param_ops listeners_max_ops = {
	.set = set_listeners_max,
	.get = param_get_uint,
};

module_param_cb(listeners_max, &listeners_max_ops, &nst_params.listeners_max, 0644);
MODULE_PARM_DESC(listeners_max,
		 "listening addresses that the counters name; all others are one; 0 for none (default 1000)");

static const struct kernel_param_ops owners_gid_ops = {
	.set = set_owners_gid,
	.get = param_get_int,
};

module_param_cb(owners_gid, &owners_gid_ops, &nst_params.owners_gid, 0644);
MODULE_PARM_DESC(owners_gid,
		 "id of a group whose members see the owners of all sockets (default -1: nobody)");

static const struct kernel_param_ops mode_ops = {
	.set = set_mode,
	.get = get_mode,
};

module_param_cb(mode, &mode_ops, &nst_params.mode, 0444);
MODULE_PARM_DESC(mode,
		 "mode of /proc/netstate, octal; the metrics have it without the write bits (default 0666)");

static const struct kernel_param_ops stop_ops = {
	.set = set_stop,
	.get = param_get_bool,
};

module_param_cb(stop, &stop_ops, &nst_params.stop, 0644);
MODULE_PARM_DESC(stop,
		 "1 makes every read fail at once with EBUSY, those in progress, too (default 0)");

static const struct kernel_param_ops gid_ops = {
	.set = set_gid,
	.get = param_get_uint,
};

module_param_cb(gid, &gid_ops, &nst_params.gid, 0444);
MODULE_PARM_DESC(gid, "group of /proc/netstate and the metrics (default 0)");
