// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gives a socket another inode number, as four thousand million pipe() calls would: the
 * kernel counts in 32 bits, and does not look whether a number is in use.
 *
 * "FD NUMBER" is written to /proc/forge. For the test forged.
 */
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/string.h>

static ssize_t forge_write(struct file *unused, const char __user *from, size_t size,
			   loff_t *pos)
{
	unsigned int fd, number;
	struct file *file;
	char *text;
	int n;

	text = memdup_user_nul(from, size);
	if (IS_ERR(text))
		return PTR_ERR(text);
	n = sscanf(text, "%u %u", &fd, &number);
	kfree(text);
	file = n == 2 ? fget(fd) : NULL;
	if (!file)
		return -EINVAL;

	file_inode(file)->i_ino = number;
	fput(file);
	return size;
}

static const struct proc_ops forge_ops = {
	.proc_write = forge_write,
};

static int __init forge_init(void)
{
	return proc_create("forge", 0200, NULL, &forge_ops) ? 0 : -ENOMEM;
}

static void __exit forge_exit(void)
{
	remove_proc_entry("forge", NULL);
}

module_init(forge_init);
module_exit(forge_exit);

MODULE_DESCRIPTION("gives a socket another inode number");
MODULE_LICENSE("GPL");
