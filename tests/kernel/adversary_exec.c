// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that executes a program for as long as it likes: its old memory goes only when
 * all that was to be read into it has come, and that comes from a file system of its own,
 * which does not answer. Meanwhile it holds a lock that some kernels take to read a link of
 * /proc/PID/ns. Who reads the table does not wait for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "lib/attacker.h"
#include "lib/child.h"
#include "lib/creds.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/reading.h"
#include "lib/table.h"

#define ROOM	65536
#define FOLDER	"/tmp/silent"
#define SIZE	4096
#define FILE_ID	2

/* What the file system says of its root and its one file. */
static struct fuse_attr attributes(uint64_t id)
{
	return (struct fuse_attr){
		.ino = id, .nlink = 1, .blksize = SIZE, .size = id == FILE_ID ? SIZE : 0,
		.mode = id == FILE_ID ? S_IFREG | 0644 : S_IFDIR | 0755,
	};
}

static void answer(int dev, uint64_t unique, int error, void *body, size_t size)
{
	struct fuse_out_header head = { sizeof(head) + size, error, unique };
	struct iovec parts[] = { { &head, sizeof(head) }, { body, size } };

	writev(dev, parts, size ? 2 : 1);
}

static void answer_one(int dev, const struct fuse_in_header *request)
{
	const struct fuse_init_in *wanted = (const void *)(request + 1);
	struct fuse_init_out init = {
		.major = 7, .minor = wanted->minor, .flags = FUSE_ASYNC_READ | FUSE_ASYNC_DIO,
		.max_readahead = SIZE, .max_write = SIZE, .max_background = 16,
		.congestion_threshold = 12, .time_gran = 1,
	};
	struct fuse_entry_out entry = {
		.nodeid = FILE_ID, .attr_valid = 100, .entry_valid = 100,
		.attr = attributes(FILE_ID),
	};
	struct fuse_attr_out attr = { .attr_valid = 100, .attr = attributes(request->nodeid) };
	struct fuse_open_out opened = { .fh = 1 };

	switch (request->opcode) {
	case FUSE_INIT:
		return answer(dev, request->unique, 0, &init, sizeof(init));
	case FUSE_LOOKUP:
		return answer(dev, request->unique, 0, &entry, sizeof(entry));
	case FUSE_GETATTR:
		return answer(dev, request->unique, 0, &attr, sizeof(attr));
	case FUSE_OPEN:
		return answer(dev, request->unique, 0, &opened, sizeof(opened));
	case FUSE_READ:		/* never */
	case FUSE_FORGET:	/* wants no answer, nor do these */
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	case FUSE_FLUSH:
	case FUSE_RELEASE:
		return answer(dev, request->unique, 0, NULL, 0);
	default:
		return answer(dev, request->unique, -EOPNOTSUPP, NULL, 0);
	}
}

/* The file system, until it is killed: then what waits for it fails. */
static int serve(int line, void *arg)
{
	static char request[1 << 17] __attribute__((aligned(8)));
	int dev = *(int *)arg;

	for (;;) {
		ssize_t n = read(dev, request, sizeof(request));

		if (n > 0)
			answer_one(dev, (const void *)request);
		else if (errno != EINTR && errno != ENOENT)
			return 1;
	}
}

/* Has a read from there under way, and executes a program. */
static int execute(int line, void *arg)
{
	struct iocb read = { .aio_lio_opcode = IOCB_CMD_PREAD, .aio_nbytes = SIZE }, *reads = &read;
	int fd = open(FOLDER "/file", O_RDONLY | O_DIRECT | O_CLOEXEC);
	aio_context_t context = 0;
	void *to;

	if (fd < 0 || posix_memalign(&to, SIZE, SIZE) || as_attacker())
		return 1;
	read.aio_fildes = fd;
	read.aio_buf = (uintptr_t)to;
	if (syscall(SYS_io_setup, 8, &context) || syscall(SYS_io_submit, context, 1, &reads) != 1)
		return 2;
	line_tell(line, 0);
	execl("/proc/self/exe", "adversary_exec", "-l", NULL);
	return 3;
}

/* How long a process has run, and how often. */
static char *turns(pid_t pid)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/schedstat", pid);
	return file_read(path, NULL);
}

/*
 * Whether a process waits, and not only for a page of its program. /proc/PID/status would say
 * more, but who reads that holds the memory of the process for a moment: it may then be the
 * last one who does, and wait in place of the process.
 */
static bool stays_asleep(pid_t pid)
{
	char *before = turns(pid);
	bool stays = before;

	for (int i = 0; i < 50 && stays; i++) {
		char *now;

		usleep(1000);
		now = turns(pid);
		stays = now && !strcmp(now, before);
		free(now);
	}
	free(before);
	return stays;
}

/* Whether a process has not got as far as where its line is closed. */
static bool still_executes(const struct child *process)
{
	struct pollfd p = { .fd = process->line, .events = POLLIN };

	return !poll(&p, 1, 0);
}

static int read_link(int line, void *arg)
{
	char path[40], link[8];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", *(pid_t *)arg);
	line_tell(line, as_attacker());
	return readlink(path, link, sizeof(link)) < 0;
}

FIXTURE(execs)
{
	int dev;
	struct child server, process;
};

FIXTURE_SETUP(execs)
{
	union addr at = addr_of(V4, "127.0.0.1", 7001);
	char options[80];

	ASSERT_EQ(0, netns_new());
	/* Whose owner is looked for. */
	ASSERT_LE(0, sock_bound(SOCK_DGRAM, &at));
	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	/* It may be a module. */
	if (access("/dev/fuse", F_OK) && system("modprobe fuse"))
		note("no modprobe of fuse");
	mkdir(FOLDER, 0755);
	self->dev = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", self->dev);
	if (self->dev < 0 || mount("silent", FOLDER, "fuse", 0, options))
		SKIP(return, "no FUSE in this kernel");
	if (!turns(getpid()))
		SKIP(return, "no /proc/PID/schedstat in this kernel");
	ASSERT_EQ(0, child_start(&self->server, serve, &self->dev));
	close(self->dev);
	ASSERT_EQ(0, child_start(&self->process, execute, NULL));
	ASSERT_TRUE(line_hear(self->process.line, NULL));
	ASSERT_TRUE(POLL(stays_asleep(self->process.pid)));
	ASSERT_TRUE(still_executes(&self->process));
}

FIXTURE_TEARDOWN(execs)
{
	if (self->server.pid)
		child_kill(&self->server);
	if (self->process.pid)
		child_kill(&self->process);
	umount2(FOLDER, MNT_DETACH);
}

/* Also when the memory of a process is large, this lasts for a moment. */
TEST_F(execs, nobody_waits)
{
	static int (*const readers[])(void) = { as_attacker, NULL };
	struct child witness;
	bool waits = false;
	siginfo_t info = {};

	ASSERT_EQ(0, child_start(&witness, read_link, &self->process.pid));
	ASSERT_TRUE(line_hear(witness.line, NULL));
	ASSERT_TRUE(POLL((waits |= stays_asleep(witness.pid)) ||
			 (!waitid(P_PID, witness.pid, &info, WEXITED | WNOHANG | WNOWAIT) &&
			  info.si_pid)));
	note("reading its link %s", waits ? "waits for it" : "waits for nobody in this kernel");

	for (int i = 0; i < 2; i++) {
		struct reading r;

		ASSERT_EQ(0, reading_start(&r, NETSTATE, NULL, readers[i], ROOM));
		EXPECT_TRUE(reading_ended(&r, PATIENCE_MS));
		/* Before the file system goes, and with it what is waited for. */
		child_kill(&r.child);
		reading_free(&r);
	}
	EXPECT_TRUE(still_executes(&self->process));
	child_kill(&witness);
}

TEST_HARNESS_MAIN
