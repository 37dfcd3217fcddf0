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

#include "budget.h"
#include "rows.h"
#include "servers.h"

/**
 * struct servers - the listeners of one table
 * @place: open-addressing hash table of their records by address and port, half empty
 * @bits: log2 of its size
 * @seed: of the hash, so that nobody can choose addresses that collide
 * @ipv6: whether they have IPv6 addresses
 */
struct servers {
	struct nst_sock **place;
	unsigned int bits;
	u32 seed;
	bool ipv6;
};

static size_t addr_size(const struct servers *servers)
{
	return servers->ipv6 ? 16 : 4;
}

/* Where a listener is, or the free place where it belongs. */
static struct nst_sock **place_of(const struct servers *servers, const u8 *addr, u16 port)
{
	u32 mask = (1U << servers->bits) - 1;
	u32 i = jhash(addr, addr_size(servers), servers->seed ^ port) & mask;

	while (servers->place[i] &&
	       (servers->place[i]->lport != port ||
		memcmp(servers->place[i]->addr, addr, addr_size(servers))))
		i = (i + 1) & mask;

	return &servers->place[i];
}

static void add(struct servers *servers, struct nst_sock *sock)
{
	struct nst_sock **place = place_of(servers, sock->addr, sock->lport);

	if (!*place || !(*place)->owner ||
	    (sock->owner && sock->owner->pid < (*place)->owner->pid))
		*place = sock;
}

/* Who listens for a connection, if the reader may know. */
static const struct nst_process *find(const struct servers *servers, const struct nst_sock *sock)
{
	static const u8 any[16], mapped_any[16] = { [10] = 0xff, [11] = 0xff };
	const struct nst_sock *server = *place_of(servers, sock->addr, sock->lport);

	if (!server)
		server = *place_of(servers, any, sock->lport);
	if (!server && servers->ipv6 && nst_addr6_is_v4mapped(sock->addr))
		server = *place_of(servers, mapped_any, sock->lport);

	return server ? server->owner : NULL;
}

/* Enters all listeners of a table. */
static void add_all(struct servers *servers, const struct nst_list *list)
{
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

static void find_all(const struct servers *servers, struct nst_list *list, enum nst_table table)
{
	struct nst_page *page;
	u32 i;

	for (page = list->first; page; page = page->next) {
		for (i = 0; i < page->used; i++) {
			struct nst_sock *sock = nst_page_row(list, page, i);

			if (sock->fate == NST_FATE_QUEUED || sock->state == NST_TIME_WAIT)
				nst_sock_more(sock, table)->server = find(servers, sock);
		}
		cond_resched();
	}
}

/* Listeners that were kept for this only are neither shown nor counted. */
static void let_go_all(struct nst_list *list)
{
	struct nst_page *page;
	u32 i;

	for (page = list->first; page; page = page->next) {
		for (i = 0; i < page->used; i++) {
			struct nst_sock *sock = nst_page_row(list, page, i);

			if (sock->fate == NST_FATE_SERVER) {
				sock->state = 0;
				list->sum.state[NST_LISTEN]--;
			}
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
		struct nst_list *list = &rows->list[table];
		u32 count = list->sum.state[NST_LISTEN];
		struct servers servers = {
			.bits = ilog2(2 * count + 1) + 1,
			.seed = get_random_u32(),
			.ipv6 = nst_table_is_ipv6(table),
		};
		size_t size = sizeof(*servers.place) << servers.bits;

		if (!count)
			continue;
		servers.place = nst_budget_alloc(size, rows->privileged);
		if (!servers.place)
			return -ENOMEM;

		add_all(&servers, list);
		find_all(&servers, list, table);
		let_go_all(list);
		nst_budget_free(servers.place, size, rows->privileged);
	}

	return 0;
}
