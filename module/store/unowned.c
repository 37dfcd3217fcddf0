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
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <netstate/addr.h>
#include <netstate/detail.h>

#include "rest.h"
#include "store/budget.h"
#include "store/rows.h"
#include "store/servers.h"
#include "store/slots.h"

/**
 * struct servers - the listeners of one table
 * @rows: where their records are
 * @table: the table
 * @slots: the listeners by namespace, address and port
 * @seed: of their hash, so that nobody can choose addresses that collide
 */
struct servers {
	struct nst_rows *rows;
	enum nst_table table;
	struct nst_slots slots;
	u32 seed;
};

/* A slot: the record, NULL in a free one, and its hash. */
struct place {
	struct nst_sock *server;
	u32 hash;
};

/* What a slot is compared with: a socket's port at an address. */
struct wanted {
	const struct servers *servers;
	const struct nst_sock *sock;
	const u8 *addr;
	u32 hash;
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

static __always_inline bool is_free(const void *slot)
{
	return !((const struct place *)slot)->server;
}

static __always_inline bool is_wanted(const struct nst_slots *slots, const void *slot,
				      const void *key)
{
	const struct wanted *wanted = key;
	const struct place *place = slot;

	return place->hash == wanted->hash &&
	       listens_at(wanted->servers, place->server, wanted->sock, wanted->addr);
}

static __always_inline u32 home_of_hash(const struct nst_slots *slots, u32 hash)
{
	return hash >> (32 - slots->bits);
}

static __always_inline u32 home(const struct nst_slots *slots, const void *slot)
{
	return home_of_hash(slots, ((const struct place *)slot)->hash);
}

static const struct nst_slots_kind by_endpoint = {
	.size = sizeof(struct place),
	.is_free = is_free,
	.is = is_wanted,
	.home = home,
};

/*
 * The slot of the listener on a socket's port at an address, or the free one where it
 * belongs; NULL if there is neither.
 */
static struct place *place_of(const struct servers *servers, const struct nst_sock *sock,
			      const u8 *addr, u32 *hash)
{
	u32 seed = jhash_2words(sock->lport, netns_of(servers, sock), servers->seed);
	const struct wanted wanted = {
		.servers = servers,
		.sock = sock,
		.addr = addr,
		.hash = jhash(addr, addr_size(servers), seed),
	};

	*hash = wanted.hash;
	return nst_slots_find(&servers->slots, &by_endpoint,
			      home_of_hash(&servers->slots, wanted.hash), &wanted);
}

static void add(struct servers *servers, struct nst_sock *sock)
{
	u32 hash;
	struct place *place = place_of(servers, sock, sock->addr, &hash);
	const struct nst_sock *known = place ? place->server : NULL;

	/* Of those that share an end, the one with the lowest pid is named. */
	if (place && (!known || !known->owner ||
		      (sock->owner && sock->owner->pid < known->owner->pid)))
		*place = (struct place){ .server = sock, .hash = hash };
}

/* The listener on a socket's port at an address, or NULL. */
static const struct nst_sock *server_at(const struct servers *servers,
					const struct nst_sock *sock, const u8 *addr)
{
	u32 hash;
	const struct place *place = place_of(servers, sock, addr, &hash);

	return place ? place->server : NULL;
}

/* Who listens for a connection, if the reader may know. */
static const struct nst_process *find(const struct servers *servers, const struct nst_sock *sock)
{
	static const u8 any[16], mapped_any[16] = { [10] = 0xff, [11] = 0xff };
	const struct nst_sock *server = server_at(servers, sock, sock->addr);

	if (!server)
		server = server_at(servers, sock, any);
	if (!server && addr_size(servers) == 16 && nst_addr6_is_v4mapped(sock->addr))
		server = server_at(servers, sock, mapped_any);

	return server ? server->owner : NULL;
}

/* Enters all listeners of a table. */
static int add_all(struct servers *servers)
{
	const struct nst_list *list = &servers->rows->list[servers->table];
	struct nst_page *page;
	int err = 0;
	u32 i;

	for (page = list->first; page && !err; page = page->next) {
		for (i = 0; i < page->used; i++) {
			struct nst_sock *sock = nst_page_row(list, page, i);

			if (sock->state == NST_LISTEN)
				add(servers, sock);
		}
		err = nst_rest();
	}

	return err;
}

/* Finds who listens for each connection of a table that nobody holds. */
static int find_all(const struct servers *servers)
{
	const struct nst_list *list = &servers->rows->list[servers->table];
	struct nst_page *page;
	int err = 0;
	u32 i;

	for (page = list->first; page && !err; page = page->next) {
		for (i = 0; i < page->used; i++) {
			struct nst_sock *sock = nst_page_row(list, page, i);

			if (sock->unowned == NST_UNOWNED_QUEUED || sock->state == NST_TIME_WAIT)
				nst_sock_detail(sock, servers->table)->server = find(servers, sock);
		}
		err = nst_rest();
	}

	return err;
}

/* Listeners that were kept for this only are neither shown nor counted afterwards. */
static bool is_shown(void *arg, struct nst_sock *sock, enum nst_table table)
{
	return sock->unowned != NST_UNOWNED_LISTENER;
}

/**
 * nst_servers_find() - find out who listens for the connections that nobody holds
 * @rows: the records, with a struct nst_detail each, after their owners have been found;
 *	listeners of NST_UNOWNED_LISTENER are dropped
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_servers_find(struct nst_rows *rows)
{
	enum nst_table table;
	int err = 0;

	for (table = NST_TCP; table <= NST_TCP6 && !err; table++) {
		u32 count = rows->list[table].counts.state[NST_LISTEN];
		struct servers servers = {
			.rows = rows,
			.table = table,
			.seed = get_random_u32(),
		};

		if (!count)
			continue;

		nst_slots_init(&servers.slots, rows->budget);
		err = nst_slots_reserve(&servers.slots, &by_endpoint, count);
		if (!err)
			err = add_all(&servers);
		if (!err)
			err = find_all(&servers);
		nst_slots_free(&servers.slots, by_endpoint.size);
	}

	return err ?: nst_rows_filter(rows, is_shown, NULL);
}
