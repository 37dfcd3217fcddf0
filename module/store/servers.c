// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who listens for the connections that nobody holds: of those in an accept queue, who
 * will accept them; of those in TIME_WAIT, who listens on their port by now, which is a
 * guess.
 *
 * A connection that a listener made is of the listener's family, and has its address if
 * the listener has one. So it is looked up by its own address and port, then by its port
 * at any address. Listeners that share both are as one: the lowest pid is named. What a
 * listener's device is does not count.
 */
#include <linux/errno.h>
#include <linux/jhash.h>
#include <linux/log2.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <netstate/addr.h>
#include <netstate/more.h>

#include "store/budget.h"
#include "store/rows.h"
#include "store/servers.h"

/**
 * struct servers - the listeners of one table
 * @rows: where their records are
 * @table: the table
 * @place: open-addressing hash table of them by namespace, address and port, half empty
 * @bits: log2 of its size
 * @seed: of the hash, so that nobody can choose addresses that collide
 */
struct servers {
	struct nst_rows *rows;
	enum nst_table table;
	struct nst_sock **place;
	unsigned int bits;
	u32 seed;
};

static size_t addr_size(const struct servers *servers)
{
	return nst_table_is_ipv6(servers->table) ? 16 : 4;
}

/* The namespace of a record; 0 if all are of one. */
static u32 netns_of(const struct servers *servers, const struct nst_sock *sock)
{
	if (!servers->rows->netns)
		return 0;

	return *nst_rows_netns(servers->rows, servers->table, (struct nst_sock *)sock);
}

static bool listens_at(const struct servers *servers, const struct nst_sock *server,
		       const struct nst_sock *sock, const u8 *addr)
{
	return server->lport == sock->lport && !memcmp(server->addr, addr, addr_size(servers)) &&
	       netns_of(servers, server) == netns_of(servers, sock);
}

/* Where the listener on a socket's port at an address is, or the free place where it belongs. */
static struct nst_sock **place_of(const struct servers *servers, const struct nst_sock *sock,
				  const u8 *addr)
{
	u32 mask = (1U << servers->bits) - 1;
	u32 seed = jhash_2words(sock->lport, netns_of(servers, sock), servers->seed);
	u32 i = jhash(addr, addr_size(servers), seed) & mask;

	while (servers->place[i] && !listens_at(servers, servers->place[i], sock, addr))
		i = (i + 1) & mask;

	return &servers->place[i];
}

static void add(struct servers *servers, struct nst_sock *sock)
{
	struct nst_sock **place = place_of(servers, sock, sock->addr);

	if (!*place || !(*place)->owner ||
	    (sock->owner && sock->owner->pid < (*place)->owner->pid))
		*place = sock;
}

/* Who listens for a connection, if the reader may know. */
static const struct nst_process *find(const struct servers *servers, const struct nst_sock *sock)
{
	static const u8 any[16], mapped_any[16] = { [10] = 0xff, [11] = 0xff };
	const struct nst_sock *server = *place_of(servers, sock, sock->addr);

	if (!server)
		server = *place_of(servers, sock, any);
	if (!server && addr_size(servers) == 16 && nst_addr6_is_v4mapped(sock->addr))
		server = *place_of(servers, sock, mapped_any);

	return server ? server->owner : NULL;
}

/* Enters all listeners of a table. */
static void add_all(struct servers *servers)
{
	const struct nst_list *list = &servers->rows->list[servers->table];
	struct nst_page *page;
	u32 i;

	for (page = list->first; page; page = page->next) {
		for (i = 0; i < page->used; i++) {
			struct nst_sock *sock = nst_page_row(list, page, i);

			if (sock->state == NST_LISTEN)
				add(servers, sock);
		}
		cond_resched();
	}
}

/*
 * Finds who listens for each connection that nobody holds. Listeners that were kept for
 * this only are neither shown nor counted afterwards; they still can be found.
 */
static void find_all(const struct servers *servers)
{
	const struct nst_list *list = &servers->rows->list[servers->table];
	struct nst_page *page;
	u32 i;

	for (page = list->first; page; page = page->next) {
		for (i = 0; i < page->used; i++) {
			struct nst_sock *sock = nst_page_row(list, page, i);

			if (sock->fate == NST_FATE_QUEUED || sock->state == NST_TIME_WAIT)
				nst_sock_more(sock, servers->table)->server = find(servers, sock);
			else if (sock->state && sock->fate == NST_FATE_SERVER)
				nst_rows_forget(servers->rows, servers->table, sock);
		}
		cond_resched();
	}
}

/**
 * nst_servers_find() - find out who listens for the connections that nobody holds
 * @rows: the records, with a struct nst_more each, after their owners have been found;
 *	listeners of NST_FATE_SERVER are no more to be shown after this
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOMEM.
 */
int nst_servers_find(struct nst_rows *rows)
{
	enum nst_table table;

	for (table = NST_TCP; table <= NST_TCP6; table++) {
		u32 count = rows->list[table].sum.state[NST_LISTEN];
		struct servers servers = {
			.rows = rows,
			.table = table,
			.bits = ilog2(2 * count + 1) + 1,
			.seed = get_random_u32(),
		};
		size_t size = sizeof(*servers.place) << servers.bits;

		if (!count)
			continue;
		servers.place = nst_budget_alloc(size, rows->privileged);
		if (!servers.place)
			return -ENOMEM;

		add_all(&servers);
		find_all(&servers);
		nst_budget_free(servers.place, size, rows->privileged);
	}

	return 0;
}
