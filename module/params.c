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
#define LISTENERS_MAX (64 * 1024)

struct nst_params nst_params = {
	.budget_mb = 256,
	.groups_max = 16384,
	.listeners_max = 1000,
	.owners_gid = -1,
	.mode = 0666,
};

static int set_budget_mb(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 1, BUDGET_MB_MAX);
}

static int set_groups_max(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 1, GROUPS_MAX);
}

static int set_listeners_max(const char *text, const struct kernel_param *param)
{
	return param_set_uint_minmax(text, param, 0, LISTENERS_MAX);
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

#define DEFINE_PARAM(_name, _get, _perm, _words) \
	static const struct kernel_param_ops _name##_ops = { \
		.set = set_##_name, \
		.get = _get, \
	}; \
	module_param_cb(_name, &_name##_ops, &nst_params._name, _perm); \
	MODULE_PARM_DESC(_name, _words)

DEFINE_PARAM(budget_mb, param_get_uint, 0644,
	     "MiB that all reads together may take; users without CAP_NET_ADMIN share half, each at most half of that (default 256)");
DEFINE_PARAM(groups_max, param_get_uint, 0644,
	     "groups that one read can tell apart; the others are one line (default 16384)");
DEFINE_PARAM(listeners_max, param_get_uint, 0644,
	     "listening addresses that the counters name; all others are one; 0 for none (default 1000)");
DEFINE_PARAM(owners_gid, param_get_int, 0644,
	     "id of a group whose members see the owners of all sockets (default -1: nobody)");
DEFINE_PARAM(mode, get_mode, 0444,
	     "mode of /proc/netstate, octal; the metrics have it without the write bits (default 0666)");
DEFINE_PARAM(stop, param_get_bool, 0644,
	     "1 makes every read fail at once with EBUSY, those in progress, too (default 0)");

module_param_named(gid, nst_params.gid, uint, 0444);
MODULE_PARM_DESC(gid, "group of /proc/netstate and the metrics (default 0)");
