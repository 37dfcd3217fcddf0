// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "note.h"
#include "stay.h"

static int by_name(const void *a, const void *b)
{
	const struct row *x = &((const struct stay *)a)->row;
	const struct row *y = &((const struct stay *)b)->row;

	return strcmp(x->laddr, y->laddr) ?: strcmp(x->raddr, y->raddr) ?:
	       strcmp(x->proto, y->proto);
}

static bool as_it_was(const struct row *is, const struct row *was)
{
	return is->recvq == was->recvq && is->sendq == was->sendq &&
	       !strcmp(is->state, was->state) && !strcmp(is->prog, was->prog);
}

bool stays_learn(struct stays *s, const struct table *t)
{
	struct stay *all = calloc(t->n + 1, sizeof(*all));

	s->n = 0;
	s->rows = t->n;
	for (size_t i = 0; i < t->n; i++)
		all[i].row = t->rows[i];
	qsort(all, t->n, sizeof(*all), by_name);
	for (size_t i = 0; i < t->n; i++) {
		if (i && !by_name(&all[i], &s->stay[s->n - 1])) {
			s->stay[s->n - 1].times++;
			continue;
		}
		if (s->n == STAYS_MAX) {
			note("more than %d that stay", STAYS_MAX);
			break;
		}
		s->stay[s->n] = all[i];
		s->stay[s->n++].times = 1;
	}
	free(all);
	return s->n < STAYS_MAX;
}

struct stay *stays_find(struct stays *s, const struct row *row)
{
	struct stay like = { .row = *row };

	return bsearch(&like, s->stay, s->n, sizeof(like), by_name);
}

/* The first of many: they are wrong for one reason, mostly. */
static void tell(int wrong, const struct row *row, const char *what)
{
	if (wrong >= 5)
		return;
	note("%s %ld %ld %s %s %s %s: %s", row->proto, row->recvq, row->sendq,
	     row->laddr, row->raddr, row->state, row->prog, what);
}

int stays_wrong(struct stays *s, const struct table *t,
		bool (*wanted)(const struct row *row),
		bool (*stranger)(const struct row *row))
{
	int *seen = calloc(s->n + 1, sizeof(*seen)), wrong = 0;
	uint64_t now = now_ms();

	for (size_t i = 0; i < t->n; i++) {
		const struct row *row = &t->rows[i];
		struct stay *stay = stays_find(s, row);

		if (wanted && !wanted(row)) {
			tell(wrong, row, "not asked for");
			wrong++;
		} else if (!stay) {
			if (!stranger(row))
				continue;
			tell(wrong, row, "a stranger");
			wrong++;
		} else if (!as_it_was(row, &stay->row)) {
			tell(wrong, row, "changed");
			tell(wrong, &stay->row, "as it was");
			wrong++;
		} else {
			seen[stay - s->stay]++;
		}
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct stay *stay = &s->stay[i];
		int times = wanted && !wanted(&stay->row) ? 0 : stay->times;

		if (seen[i] == times ||
		    (!seen[i] && stay->until_ms && stay->until_ms < now))
			continue;
		tell(wrong, &stay->row, seen[i] < times ? "missing" : "too often");
		wrong++;
	}
	free(seen);
	return wrong;
}
