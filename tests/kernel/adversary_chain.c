// SPDX-License-Identifier: GPL-2.0-only
/*
 * A long chain of UDP sockets that its owner keeps in motion while somebody else
 * reads. Some sockets stay where they are, others move. Whatever the movers do, none is
 * shown twice, and each that stays is shown once, or line 1 says that some are missing.
 * That may be only where all neighbours of a place are closed in one rest of the reader.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/attacker.h"
#include "lib/churner.h"
#include "lib/file.h"
#include "lib/harness.h"
#include "lib/netns.h"
#include "lib/note.h"
#include "lib/table.h"

#define PORT		5353
#define READS		5
#define BLOCK		64	/* so many neighbours move, or stay */
#define HELD		4	/* so many neighbours the reader holds while it rests */
#define VALUES		60	/* of the filter: a visit takes long, so the walk rests often */
#define FIRST		0x7f010101	/* 127.1.1.1, and on from there */
#define MOST		65536

/**
 * enum manner - how a crowd moves
 * @CLOSE_SOME: between two that stay some are closed, and others made; then all rest
 * @CLOSE_ON: one of five is closed, and one made in its place at the head, on and on: all
 *	that are at the head move, and may be gone when the reader comes back from a rest
 * @STAND_STILL: only one is closed and made anew, and IPv4 and IPv6 are in turns
 * @COME_BACK: half of them leave the chain and come back, on and on, and the reader sees
 *	nothing in between: so they come back in the order in which they were
 * @GO_TO_END: the same of IPv6, and in turns with SO_REUSEPORT, at the end of the chain, and
 *	without, at its head
 */
enum manner {
	CLOSE_SOME,
	CLOSE_ON,
	STAND_STILL,
	COME_BACK,
	GO_TO_END,
};

/**
 * struct crowd - the sockets of one port, each at an address of its own
 * @manner: how they move
 * @reader: who reads meanwhile
 * @sockets: how many there are
 * @moves: how often one has moved
 * @rest: no more of that
 * @fd: their descriptors, in the order in which they were made
 * @next: the address of the next one, in place of a closed one
 * @at_end: whether those that leave the chain come back at its end
 */
struct crowd {
	enum manner manner;
	pid_t reader;
	long sockets;
	atomic_long *moves;
	atomic_bool *rest;
	int *fd;
	long next;
	bool at_end;
};

static bool stays(const struct crowd *c, long i)
{
	switch (c->manner) {
	case CLOSE_SOME:
		return i % HELD == 0;
	case CLOSE_ON:
		return i % 5;
	case STAND_STILL:
		return i;
	case GO_TO_END:
		return i >= c->sockets / 2;
	default:
		return i / BLOCK % 2;
	}
}

/*
 * Bound to the only port that there is to choose. If it was not asked for by number, the
 * kernel takes it away when the socket is disconnected.
 */
static int member(const struct crowd *c, long number)
{
	uint16_t port = c->manner >= COME_BACK ? 0 : PORT;
	bool v6 = c->manner == GO_TO_END || (c->manner == STAND_STILL && number % 2);
	union addr at = addr_of(v6 ? V6 : V4, v6 ? "::ffff:127.0.0.1" : "127.0.0.1", port);
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0), one = 1;
	uint32_t ip = htonl(FIRST + number);

	memcpy(v6 ? &at.in6.sin6_addr.s6_addr[12] : (void *)&at.in.sin_addr, &ip, sizeof(ip));
	if (fd < 0 || (c->manner == GO_TO_END && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one))))
		return -1;
	return !bind(fd, &at.sa, addr_len(&at)) ? fd : -1;
}

/* Out of the chain, and in again at its head, or its end. */
static bool leave_and_come_back(const struct crowd *c, int fd)
{
	const int at_end = c->at_end;
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	union addr to = c->manner == GO_TO_END ? addr_of(V6, "::ffff:127.0.0.1", 9) :
						 addr_of(V4, "127.0.0.1", 9);

	return !setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &at_end, sizeof(at_end)) &&
	       !connect(fd, &none, sizeof(none)) && !connect(fd, &to.sa, addr_len(&to));
}

static bool renew(struct crowd *c, long i)
{
	close(c->fd[i]);
	c->fd[i] = member(c, c->sockets + c->next++ % (MOST - c->sockets));
	return c->fd[i] >= 0;
}

/* All of them as they were, the last one at the head. */
static bool make_all(struct crowd *c)
{
	for (long i = 0; i < c->sockets; i++)
		close(c->fd[i]);
	for (long i = 0; i < c->sockets; i++) {
		c->fd[i] = member(c, i);
		if (c->fd[i] < 0)
			return false;
	}
	c->next = 0;
	return true;
}

/* Whether the reader rests in the midst of a chain: then it waits in this function. */
static bool rests_in_chain(int stack)
{
	char text[4096];
	ssize_t len = pread(stack, text, sizeof(text) - 1, 0);

	text[len > 0 ? len : 0] = '\0';
	return strstr(text, "nst_walk_pause");
}

/* Whether this kernel can tell that: User-mode Linux cannot. */
static bool shows_stacks(void)
{
	char *text = file_read("/proc/self/stack", NULL);
	bool shown = text && *text;

	free(text);
	return shown;
}

/*
 * A privileged process that tells the owner of the sockets when the reader has been seen to
 * rest in the midst of the chain for so many times, or that it was not. An enemy can only guess.
 */
static int look_out(int line, void *arg)
{
	const struct crowd *c = arg;
	char path[32];
	long long rests;
	int stack;

	snprintf(path, sizeof(path), "/proc/%d/stack", c->reader);
	stack = open(path, O_RDONLY | O_CLOEXEC);
	while (line_hear(line, &rests)) {
		while (rests && !atomic_load(c->rest)) {
			usleep(20);
			rests -= rests_in_chain(stack);
		}
		line_tell(line, !rests);
	}
	return 0;
}

/* Moves one; the reader sees that it has happened. */
static bool move(struct crowd *c, long i)
{
	if (!(c->manner >= COME_BACK ? leave_and_come_back(c, c->fd[i]) : renew(c, i)))
		return false;
	atomic_fetch_add(c->moves, 1);
	return true;
}

/*
 * All that do not stay, when the reader rests for so many times: who goes before all others
 * has its turn then.
 */
static bool close_some(struct crowd *c, struct child *lookout, long rests)
{
	long long seen;

	/* The reader waits for the first move before it begins. */
	atomic_fetch_add(c->moves, 1);
	if (!line_tell(lookout->line, rests) || !line_hear(lookout->line, &seen))
		return false;
	for (long i = c->sockets - 1; seen && i >= 0; i--) {
		if (!stays(c, i) && !move(c, i))
			return false;
	}
	while (!atomic_load(c->rest))
		usleep(1000);
	return true;
}

/*
 * All movers, the oldest first: the oldest is at the end of the chain. Two neighbours that
 * have come back are neighbours again, at the head. At the end they are in the same order
 * if it is the first of the chain that goes first.
 */
static bool move_all(struct crowd *c)
{
	bool up = c->manner != GO_TO_END || c->at_end;

	for (long n = 0; n < c->sockets && !atomic_load(c->rest); n++) {
		long i = up ? n : c->sockets - 1 - n;

		if (!stays(c, i) && !move(c, i))
			return false;
	}
	if (c->manner == GO_TO_END)
		c->at_end = !c->at_end;
	return true;
}

/* So that the reader does not see half of a turn of moves. */
static bool before_all_others(void)
{
	const struct sched_param first = { .sched_priority = 1 };

	return !sched_setscheduler(0, SCHED_FIFO, &first);
}

/* In motion from each word that it hears until it is to rest; then says so. */
static int keep_in_motion(int line, void *arg)
{
	char ports[32], number[64];
	struct crowd *c = arg;
	struct child lookout;
	long long rests;
	bool fine;

	snprintf(ports, sizeof(ports), "%d %d", PORT, PORT);
	c->fd = calloc(c->sockets, sizeof(*c->fd));
	fine = c->fd && (c->manner == CLOSE_ON || before_all_others()) &&
	       (c->manner != CLOSE_SOME || !child_start(&lookout, look_out, c)) &&
	       !as_attacker_in_userns() && !netns_new() &&
	       !file_write("/proc/sys/net/ipv4/ip_local_port_range", ports);
	for (long i = 0; fine && i < c->sockets; i++) {
		c->fd[i] = member(c, i);
		fine = c->fd[i] >= 0;
	}
	fine = fine && readlink("/proc/self/ns/net", number, sizeof(number)) > 0;
	line_tell(line, fine ? strtoll(number + strlen("net:["), NULL, 10) : 0);
	while (fine && line_hear(line, &rests)) {
		if (c->manner == CLOSE_SOME)
			fine = make_all(c) && close_some(c, &lookout, rests);
		while (fine && !atomic_load(c->rest)) {
			fine = move_all(c);
			if (c->manner >= STAND_STILL)
				usleep(1000);
		}
		line_tell(line, fine);
	}
	return 1;
}

/* The number of the address that begins at @text; -1 if it is none of the crowd's. */
static long number_of(const char *text)
{
	unsigned int a, b, c, d;

	if (sscanf(text, "%u.%u.%u.%u:", &a, &b, &c, &d) != 4)
		return -1;
	return (long)(a << 24 | b << 16 | c << 8 | d) - FIRST;
}

/* Counts how often each address has a row; returns how many rows there are. */
static long count_rows(char *text, unsigned char shown[MOST])
{
	char *rest = text, *line;
	long rows = 0;

	memset(shown, 0, MOST);
	while ((line = strsep(&rest, "\n"))) {
		long number = strncmp(line, "udp", 3) ? -1 : number_of(line + strlen("udp        0      0 "));

		if (number < 0 || number >= MOST)
			continue;
		rows++;
		shown[number] += shown[number] < 255;
	}
	return rows;
}

FIXTURE(chain)
{
	struct crowd c;
	struct child owner;
};

FIXTURE_VARIANT(chain)
{
	enum manner manner;
};

FIXTURE_VARIANT_ADD(chain, some_close)
{
	.manner = CLOSE_SOME,
};

FIXTURE_VARIANT_ADD(chain, all_close_at_the_head)
{
	.manner = CLOSE_ON,
};

FIXTURE_VARIANT_ADD(chain, both_stand_still)
{
	.manner = STAND_STILL,
};

FIXTURE_VARIANT_ADD(chain, half_come_back)
{
	.manner = COME_BACK,
};

FIXTURE_VARIANT_ADD(chain, half_go_to_the_end)
{
	.manner = GO_TO_END,
};

FIXTURE_SETUP(chain)
{
	struct crowd *c = &self->c;

	if (variant->manner == CLOSE_SOME && !shows_stacks())
		SKIP(return, "this kernel does not show where a process waits");
	c->manner = variant->manner;
	c->reader = getpid();
	c->sockets = size_of("ADVERSARY_CHAIN", 2000);
	/* So many are safe, wherever the reader rests. */
	if (c->manner == GO_TO_END || c->manner == STAND_STILL)
		c->sockets = 500;
	c->moves = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, c->moves);
	c->rest = (atomic_bool *)(c->moves + 1);
	ASSERT_EQ(0, files_allow(c->sockets + 200));
	/* Whenever the reader rests, the owner has its turn. */
	stay_on(0);
	ASSERT_EQ(0, child_start(&self->owner, keep_in_motion, c));
}

FIXTURE_TEARDOWN(chain)
{
	if (!self->c.moves)
		return;
	child_kill(&self->owner);
	munmap(self->c.moves, 4096);
}

TEST_F(chain, each_that_stays_is_shown_once)
{
	const struct crowd *c = &self->c;
	static unsigned char shown[MOST];
	long long number, motion = 0;
	char filter[512];
	int len;

	ASSERT_TRUE(line_hear(self->owner.line, &number));
	ASSERT_LT(0, number);
	ASSERT_EQ(c->sockets, witness_lines(self->owner.pid, "udp") + witness_lines(self->owner.pid, "udp6"));
	len = sprintf(filter, "netns=%lld proto=udp show=none lport!=1", number);
	for (int i = 1; i < VALUES; i++)
		len += sprintf(filter + len, ",%d", i + 1);

	for (int i = 0; i < READS; i++) {
		long before = atomic_load(c->moves), lost = 0, twice = 0, rows;
		int fd = open(NETSTATE, O_RDWR);
		bool missing;
		char *text;

		ASSERT_LT(0, write(fd, filter, len));
		atomic_store(c->rest, false);
		ASSERT_TRUE(line_tell(self->owner.line, 1 + 2 * i));
		ASSERT_TRUE(POLL(atomic_load(c->moves) > before));
		/* As if the owner had many processes. */
		setpriority(PRIO_PROCESS, 0, 10);
		before = atomic_load(c->moves);
		text = fd_read(fd, NULL);
		motion += atomic_load(c->moves) - before;
		setpriority(PRIO_PROCESS, 0, 0);
		atomic_store(c->rest, true);
		ASSERT_TRUE(line_hear(self->owner.line, &number));
		ASSERT_EQ(1, number);
		close(fd);

		ASSERT_NE(NULL, text) {
			note("%m");
		}
		missing = strstr(text, " incomplete=");
		rows = count_rows(text, shown);
		for (long n = 0; n < MOST; n++) {
			lost += n < c->sockets && stays(c, n) && !shown[n];
			twice += shown[n] > 1;
		}
		EXPECT_TRUE(!lost || (missing && c->manner == CLOSE_ON));
		EXPECT_TRUE(!missing || c->manner == CLOSE_ON);
		EXPECT_EQ(0, twice);
		note("%ld rows, %ld lost%s, %ld twice", rows, lost, missing ? ", it says" : "", twice);
		free(text);
	}
	/* It did move while it was read, if it was to. */
	EXPECT_TRUE(c->manner == STAND_STILL || motion > READS);
	note("%lld moves during %d reads", motion, READS);
}

TEST_HARNESS_MAIN
