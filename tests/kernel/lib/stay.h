/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sockets that stay as they are while others come and go: each of their rows
 * is in every table, as often as there are such sockets, and as it was.
 */
#ifndef LIB_STAY_H
#define LIB_STAY_H

#include <stdbool.h>
#include <stdint.h>

#include "table.h"

#define STAYS_MAX	1000

struct stay {
	struct row row;
	int times;		/* a reuseport group is many equal rows */
	uint64_t until_ms;	/* when it may go, or 0 */
};

struct stays {
	size_t n;
	size_t rows;
	struct stay stay[STAYS_MAX];
};

/* All that @t has are such. */
bool stays_learn(struct stays *s, const struct table *t);

struct stay *stays_find(struct stays *s, const struct row *row);

/*
 * How many of those for which @wanted holds (NULL: all) are not in @t as they
 * were, or too often; of the other rows, those that @stranger says can't be.
 */
int stays_wrong(struct stays *s, const struct table *t,
		bool (*wanted)(const struct row *row),
		bool (*stranger)(const struct row *row));

#endif
