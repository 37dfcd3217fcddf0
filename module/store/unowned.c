// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who listens for the connections that have no owner: of those in an accept queue, who
 * will accept them; of those in TIME_WAIT, who listens on their port by now, which is a
 * guess. nst_listeners_find() has the rule. Listeners that share an address and port are
 * as one: the lowest pid is named. What a listener's device is does not count.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include <netstate/detail.h>

#include "rest.h"
#include "store/listeners.h"
#include "store/rows.h"
#include "store/unowned.h"

/* The local end of a record. */
static struct nst_endpoint endpoint_of(const struct nst_rows *rows, enum nst_table table,
				       struct nst_sock *sock)
{
	struct nst_endpoint at = {
		.port = sock->lport,
		.ipv6 = nst_table_is_ipv6(table),
		.netns = rows->netns ? *nst_rows_netns(rows, table, sock) : 0,
	};

	memcpy(at.addr, sock->addr, at.ipv6 ? 16 : 4);
	return at;
}

/* Enters a listener. Returns 0; -ENOSPC, which is a bug: there is room for all of them. */
static int enter(struct nst_listeners *listeners, const struct nst_rows *rows,
		 enum nst_table table, struct nst_sock *sock)
{
	const struct nst_endpoint at = endpoint_of(rows, table, sock);
	struct nst_listener *listener;
	u32 i;
	int err = nst_listeners_enter(listeners, &at, sock->dual, &i);

	if (err || i == NST_LISTENERS_OTHER)
		return err;

	listener = &listeners->entry[i];
	if (!listener->owner || (sock->owner && sock->owner->pid < listener->owner->pid))
		listener->owner = sock->owner;
	return 0;
}

/* Notes who listens for a connection, if it has no owner and the reader may know. */
static int name(struct nst_listeners *listeners, const struct nst_rows *rows,
		enum nst_table table, struct nst_sock *sock)
{
	struct nst_endpoint at;

	if ((sock->unowned != NST_UNOWNED_QUEUED && sock->state != NST_TIME_WAIT) ||
	    !nst_listeners_on_port(listeners, sock->lport))
		return 0;

	at = endpoint_of(rows, table, sock);
	nst_sock_detail(sock, table)->listener =
		listeners->entry[nst_listeners_find(listeners, &at)].owner;
	return 0;
}

/* Does something for all TCP records, listeners or others. */
static int for_each(struct nst_listeners *listeners, struct nst_rows *rows, bool listening,
		    int (*what)(struct nst_listeners *listeners, const struct nst_rows *rows,
				enum nst_table table, struct nst_sock *sock))
{
	enum nst_table table;
	int err = 0;
	u32 i;

	for (table = NST_TCP; table <= NST_TCP6; table++) {
		const struct nst_list *list = &rows->list[table];
		struct nst_page *page;

		for (page = list->first; page && !err; page = page->next) {
			for (i = 0; i < page->used && !err; i++) {
				struct nst_sock *sock = nst_page_row(list, page, i);

				bool listens = sock->state == NST_LISTEN;

				if (listens == listening)
					err = what(listeners, rows, table, sock);
			}
			err = err ?: nst_rest();
		}
	}

	return err;
}

/* Listeners that were kept for this only are neither shown nor counted afterwards. */
static bool is_shown(void *arg, struct nst_sock *sock, enum nst_table table)
{
	return sock->unowned != NST_UNOWNED_LISTENER;
}

/**
 * nst_unowned_find_listeners() - find out who listens for connections without an owner
 * @rows: the records, with a struct nst_detail each, after their owners have been found;
 *	listeners of NST_UNOWNED_LISTENER are dropped
 *
 * Context: process context, may sleep.
 * Return: 0; -ENOMEM; what nst_rest() gave.
 */
int nst_unowned_find_listeners(struct nst_rows *rows)
{
	u32 count = rows->list[NST_TCP].counts.state[NST_LISTEN] +
		    rows->list[NST_TCP6].counts.state[NST_LISTEN];
	struct nst_listeners listeners;
	int err;

	if (!count)
		return 0;

	err = nst_listeners_init(&listeners, count, rows->budget);
	if (err)
		return err;

	err = nst_listeners_reserve(&listeners, count);
	if (!err)
		err = for_each(&listeners, rows, true, enter);
	if (!err)
		err = for_each(&listeners, rows, false, name);
	nst_listeners_free(&listeners);

	return err ?: nst_rows_filter(rows, is_shown, NULL);
}
