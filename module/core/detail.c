// SPDX-License-Identifier: GPL-2.0-only
/*
 * The key=value words at the end of a row.
 */
#include <netstate/comm.h>
#include <netstate/decimal.h>
#include <netstate/detail.h>
#include <netstate/word.h>

/* Room for all words but the owners, each as long as it can get. */
#define WORDS_MAX 704
/* Room for one owner: separator, pid, slash, name. */
#define OWNER_MAX (1 + 10 + 1 + NST_COMM_MAX)

const char *const nst_unowned_words[NST_UNOWNED_LISTENER + 1] = {
	[NST_UNOWNED_QUEUED] = "queued",
	[NST_UNOWNED_ORPHAN] = "orphan",
	[NST_UNOWNED_KERNEL] = "kernel",
	[NST_UNOWNED_HIDDEN] = "hidden",
};

static char *put_process(char *p, const struct nst_process *process)
{
	p = nst_decimal(p, process->pid);
	*p++ = '/';
	return nst_comm_text(p, process->comm, ',');
}

/* All that are noted of those that hold a socket. NULL without room. */
static char *put_owners(char *p, const char *end, const struct nst_sock *sock,
			const struct nst_holder *holder)
{
	u32 more = sock->others, named = 0;

	p = put_process(nst_put_key(p, "owners"), sock->owner);
	for (; holder && more && named < NST_HOLDERS_MAX; holder = holder->next, more--, named++) {
		if (end - p < OWNER_MAX + WORDS_MAX)
			return NULL;
		*p++ = ',';
		p = put_process(p, holder->process);
	}
	if (more) {
		memcpy(p, ",...", 4);
		p += 4;
	}
	return p;
}

static char *put_backlog(char *p, u32 waiting, u32 limit)
{
	p = nst_put_number(p, "backlog", waiting);
	*p++ = '/';
	return nst_decimal(p, limit);
}

/* Why nobody holds it, and who might have to do with it. */
static char *put_unowned(char *p, const struct nst_sock *sock, const struct nst_detail *detail)
{
	enum nst_unowned unowned = nst_sock_unowned(sock);
	bool queued = unowned == NST_UNOWNED_QUEUED;

	/* What nobody holds may be the kernel's own. */
	if (unowned == NST_UNOWNED_HIDDEN && !(detail->known & NST_KNOWS_FILES))
		unowned = NST_UNOWNED_UNKNOWN;
	if (nst_unowned_words[unowned])
		p = nst_put_text(p, "owner", nst_unowned_words[unowned]);
	if (detail->listener)
		p = put_process(nst_put_key(p, queued ? "listener" : "maybe"), detail->listener);
	return p;
}

char *nst_format_detail(char *p, const char *end, const struct nst_sock *sock,
			const struct nst_detail *detail, u32 netns)
{
	static const char * const dir[] = {
		[NST_DIR_UNKNOWN] = "?", [NST_DIR_IN] = "in", [NST_DIR_OUT] = "out",
	};

	if (end - p < OWNER_MAX + WORDS_MAX)
		return NULL;
	if (sock->owner) {
		p = put_owners(p, end, sock, detail->holders.first);
		if (!p)
			return NULL;
	}

	if (detail->known & NST_KNOWS_DIR)
		p = nst_put_text(p, "dir", dir[detail->dir]);
	if (detail->known & NST_KNOWS_IDLE)
		p = nst_put_fraction(p, "idle", detail->idle, 100);
	if (detail->known & NST_KNOWS_TRAFFIC) {
		p = nst_put_fraction(p, "rtt", detail->rtt, 1000);
		p = nst_put_number(p, "retrans", detail->retransmits);
		p = nst_put_number(p, "bytes_in", detail->bytes_in);
		p = nst_put_number(p, "bytes_out", detail->bytes_out);
	}
	if (detail->known & NST_KNOWS_BACKLOG)
		p = put_backlog(p, sock->recvq, detail->backlog);
	if (detail->known & NST_KNOWS_DROPS)
		p = nst_put_number(p, "drops", detail->drops);
	if (detail->known & NST_KNOWS_COOKIE)
		p = nst_put_number(p, "cookie", detail->cookie);
	if (detail->known & NST_KNOWS_MARK)
		p = nst_put_number(p, "mark", detail->mark);
	if (detail->known & NST_KNOWS_DEVICE)
		p = nst_comm_text(nst_put_key(p, "device"), detail->device, '=');
	if (detail->known & NST_KNOWS_CGROUP)
		p = nst_put_number(p, "cgroup", detail->cgroup);
	p = nst_put_number(p, "netns", netns);
	return put_unowned(p, sock, detail);
}
