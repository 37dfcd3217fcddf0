// SPDX-License-Identifier: GPL-2.0-only
/*
 * The key=value words at the end of a row.
 */
#include <netstate/comm.h>
#include <netstate/decimal.h>
#include <netstate/detail.h>

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

static char *put_key(char *p, const char *key)
{
	size_t len = strlen(key);

	*p++ = ' ';
	memcpy(p, key, len);
	p += len;
	*p++ = '=';
	return p;
}

static char *put_text(char *p, const char *key, const char *text)
{
	size_t len = strlen(text);

	p = put_key(p, key);
	memcpy(p, text, len);
	return p + len;
}

static char *put_number(char *p, const char *key, u64 number)
{
	return nst_decimal64(put_key(p, key), number);
}

/* A number with as many decimals as its unit says; those are few. */
static char *put_fraction(char *p, const char *key, u32 number, u32 unit)
{
	p = nst_decimal(put_key(p, key), number / unit);
	*p++ = '.';
	for (number %= unit, unit /= 10; unit; number %= unit, unit /= 10)
		*p++ = '0' + number / unit;
	return p;
}

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

	p = put_process(put_key(p, "owners"), sock->owner);
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
	p = put_number(p, "backlog", waiting);
	*p++ = '/';
	return nst_decimal(p, limit);
}

/* Why nobody holds it, and who might have to do with it. */
static char *put_unowned(char *p, const struct nst_sock *sock, const struct nst_detail *detail)
{
	enum nst_unowned unowned = nst_sock_unowned(sock);
	bool queued = unowned == NST_UNOWNED_QUEUED;

	if (nst_unowned_words[unowned])
		p = put_text(p, "owner", nst_unowned_words[unowned]);
	if (detail->listener)
		p = put_process(put_key(p, queued ? "listener" : "maybe"), detail->listener);
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
		p = put_text(p, "dir", dir[detail->dir]);
	if (detail->known & NST_KNOWS_IDLE)
		p = put_fraction(p, "idle", detail->idle, 100);
	if (detail->known & NST_KNOWS_TRAFFIC) {
		p = put_fraction(p, "rtt", detail->rtt, 1000);
		p = put_number(p, "retrans", detail->retransmits);
		p = put_number(p, "bytes_in", detail->bytes_in);
		p = put_number(p, "bytes_out", detail->bytes_out);
	}
	if (detail->known & NST_KNOWS_BACKLOG)
		p = put_backlog(p, sock->recvq, detail->backlog);
	if (detail->known & NST_KNOWS_DROPS)
		p = put_number(p, "drops", detail->drops);
	if (detail->known & NST_KNOWS_COOKIE)
		p = put_number(p, "cookie", detail->cookie);
	if (detail->known & NST_KNOWS_MARK)
		p = put_number(p, "mark", detail->mark);
	if (detail->known & NST_KNOWS_DEVICE)
		p = nst_comm_text(put_key(p, "device"), detail->device, '=');
	if (detail->known & NST_KNOWS_CGROUP)
		p = put_number(p, "cgroup", detail->cgroup);
	p = put_number(p, "netns", netns);
	return put_unowned(p, sock, detail);
}
