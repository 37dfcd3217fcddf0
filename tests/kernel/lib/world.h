/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A network namespace whose every socket a test knows, with who holds it, to
 * say which rows a filter must leave, and to look whether it does.
 */
#ifndef LIB_WORLD_H
#define LIB_WORLD_H

#include "child.h"
#include "columns.h"

#define MADE_MAX	80
#define HOLDERS_MAX	6

/* Who holds a socket: bits. The first one is the test itself. */
#define US		0x1u

/* One socket. */
struct made {
	int fd;			/* -1: there is none */
	struct cells is;	/* what its row shows, but for the owner */
	union addr local, remote;
	unsigned int holders;
	unsigned int passing;	/* those that the filter at hand lets by */
	bool wanted;		/* whether that shows it at all */
};

struct holder {
	struct child child;
	int pid;
	const char *name;	/* as the process calls itself */
	const char *shown;	/* as a row writes that */
	unsigned int bit;
	struct world *world;
};

struct world {
	struct made made[MADE_MAX];
	size_t n;
	struct holder holder[HOLDERS_MAX];
	int holders;
	int fd;			/* the table, open to read and write */
	const char *error;
};

void world_begin(struct world *w);

/* A process to be; @name and @shown stay the caller's. Its bit. */
unsigned int world_holder(struct world *w, const char *name,
			  const char *shown);

/*
 * A socket, in a state as netstat writes it.  What does not come from @fd is
 * given: its protocol and its ends.  NULL if @fd is an error, which is noted.
 */
struct made *world_add(struct world *w, int fd, const char *state,
		       unsigned int holders);
struct made *world_add_as(struct world *w, const char *proto, int fd,
			  const union addr *local, const union addr *remote,
			  const char *state, unsigned int holders);

/*
 * Starts the holders, each with its descriptors and no other of these; learns
 * from the kernel's account how much is queued; makes sure that this has all
 * the sockets, no further ones, and the same users and inodes.
 */
bool world_complete(struct world *w);

void world_end(struct world *w);

/* Rows that a filter without "proto=" may show. */
bool made_usual(const struct made *s);
bool made_is_mapped(const struct made *s);

/*
 * Writes the filter: the table then has a row, with these columns, for each
 * socket that is wanted, and no other.
 */
bool world_shows(struct world *w, int show, const char *filter, ...)
	__attribute__((format(printf, 3, 4)));

/* The filter is not taken. */
bool world_refuses(struct world *w, const char *filter, ...)
	__attribute__((format(printf, 2, 3)));

/* The sockets @s for which @predicate holds are shown, and whose they are. */
#define SHOWN_AS(w, show, predicate, ...)				\
({									\
	struct world *__w = (w);					\
									\
	for (struct made *s = __w->made; s < __w->made + __w->n; s++) {	\
		s->passing = s->holders;				\
		s->wanted = (predicate);				\
	}								\
	world_shows(__w, show, __VA_ARGS__);				\
})

#define SHOWN(w, predicate, ...)					\
	SHOWN_AS(w, SHOW_PROGRAM, made_usual(s) && (predicate), __VA_ARGS__)

/* The same where the filter has a "proto=". */
#define SHOWN_ANY(w, predicate, ...)					\
	SHOWN_AS(w, SHOW_PROGRAM, predicate, __VA_ARGS__)

/*
 * The sockets that have a holder @h for which @predicate holds are shown as
 * those holders', and if @nobodys those that have no holder at all.
 */
#define SHOWN_HELD(w, nobodys, predicate, ...)				\
({									\
	struct world *__w = (w);					\
	unsigned int __pass = 0;					\
									\
	for (struct holder *h = __w->holder;				\
	     h < __w->holder + __w->holders; h++)			\
		if (predicate)						\
			__pass |= h->bit;				\
	for (struct made *s = __w->made; s < __w->made + __w->n; s++) {	\
		s->passing = s->holders & __pass;			\
		s->wanted = made_usual(s) &&				\
			    (s->passing || (!s->holders && (nobodys)));	\
	}								\
	world_shows(__w, SHOW_PROGRAM, __VA_ARGS__);			\
})

/*
 * The sockets @s that have a holder @h for which @predicate holds of the two are shown as
 * those holders', and those that have none if it holds with @h NULL.
 */
#define SHOWN_PAIRS(w, predicate, ...)					\
({									\
	struct world *__w = (w);					\
									\
	for (struct made *s = __w->made; s < __w->made + __w->n; s++) {	\
		struct holder *h = NULL;				\
									\
		s->passing = 0;						\
		s->wanted = made_usual(s) && !s->holders && (predicate);	\
		for (h = __w->holder; h < __w->holder + __w->holders;	\
		     h++)						\
			if (s->holders & h->bit && (predicate))		\
				s->passing |= h->bit;			\
		s->wanted |= made_usual(s) && s->passing;		\
	}								\
	world_shows(__w, SHOW_PROGRAM, __VA_ARGS__);			\
})

#endif
