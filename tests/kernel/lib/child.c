// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

int child_start(struct child *c, int (*run)(int line, void *arg), void *arg)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return -errno;
	c->pid = fork();
	if (!c->pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		_exit(run(ends[1], arg));
	}
	close(ends[1]);
	c->line = ends[0];
	if (c->pid < 0) {
		int err = -errno;

		close(c->line);
		return err;
	}
	return 0;
}

void child_kill(struct child *c)
{
	if (c->pid <= 0)
		return;
	kill(c->pid, SIGKILL);
	child_end(c);
	c->pid = 0;
}

int child_end(struct child *c)
{
	int status;

	close(c->line);
	if (waitpid(c->pid, &status, 0) != c->pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

bool line_tell(int line, long long word)
{
	return send(line, &word, sizeof(word), MSG_NOSIGNAL) == sizeof(word);
}

bool line_hear(int line, long long *word)
{
	long long heard;

	return recv(line, word ?: &heard, sizeof(heard), 0) == sizeof(heard);
}

void line_wait(int line)
{
	while (line_hear(line, NULL))
		;
}

bool line_send_fd(int line, int fd)
{
	char room[CMSG_SPACE(sizeof(fd))] = {}, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(line, &msg, MSG_NOSIGNAL) == 1;
}

int line_receive_fd(int line)
{
	char room[CMSG_SPACE(sizeof(int))] = {}, byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *c;
	int fd = -1;

	if (recvmsg(line, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

int child_hold(int line, void *arg)
{
	line_tell(line, getpid());
	line_wait(line);
	return 0;
}

int child_holding(struct child *c)
{
	int err = child_start(c, child_hold, NULL);

	if (!err && !line_hear(c->line, NULL)) {
		child_kill(c);
		err = -EIO;
	}
	return err;
}
