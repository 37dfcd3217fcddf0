// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ring.h"

/* The ring of the process: one request at a time. */
static struct io_uring_params params;
static struct io_uring_sqe *request;
static char *requests, *answers;

static void *map(int ring, size_t size, off_t at)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, at);
}

int ring_open(void)
{
	int ring = syscall(SYS_io_uring_setup, 1, &params);

	if (ring < 0)
		return -errno;
	request = map(ring, sizeof(*request), IORING_OFF_SQES);
	requests = map(ring, params.sq_off.array + sizeof(uint32_t), IORING_OFF_SQ_RING);
	answers = map(ring, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
		      IORING_OFF_CQ_RING);
	if (request == MAP_FAILED || requests == MAP_FAILED || answers == MAP_FAILED)
		return -errno;
	return ring;
}

static uint32_t *word(char *where, uint32_t offset)
{
	return (uint32_t *)(where + offset);
}

ssize_t ring_read(int ring, int fd, void *buf, size_t size, off_t at)
{
	uint32_t *tail = word(requests, params.sq_off.tail);
	uint32_t *head = word(answers, params.cq_off.head);
	uint32_t mask = *word(answers, params.cq_off.ring_mask);
	const struct io_uring_cqe *answer = (void *)(answers + params.cq_off.cqes);

	memset(request, 0, sizeof(*request));
	request->opcode = IORING_OP_READ;
	request->flags = IOSQE_ASYNC;
	request->fd = fd;
	request->off = at;
	request->addr = (uintptr_t)buf;
	request->len = size;
	*word(requests, params.sq_off.array) = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	while (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
		if (errno != EINTR)
			return -errno;
	answer += __atomic_load_n(head, __ATOMIC_ACQUIRE) & mask;
	size = answer->res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return (int)size;
}
