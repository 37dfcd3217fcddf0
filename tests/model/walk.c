// SPDX-License-Identifier: GPL-2.0-only
/*
 * A model of what the walk of a chain leans on: see the head of module/walk/hash.h.
 *
 * One reader takes the steps of nst_hash_scan(), nst_hash_walk_chain(), nst_hash_has_met() and
 * nst_hash_is_still(), two writers change the chain, each under its lock. All states that
 * they can get into together are visited, in all scenarios of three sockets at most.
 *
 * Memory is the kernel's on arm64: a store may become visible to the others after later
 * ones, unless they are to one place or the later one is a release; then it is visible to
 * all of them at once. The store that takes a lock is like any other. Loads come in any
 * order, unless smp_rmb() or an address lies between them. On x86 stores are visible in
 * their order, taking a lock first, and loads keep theirs.
 *
 * What must hold: when the walk takes a chain for whole, each connection that was there
 * from begin to end was copied once, and none twice; and no socket is looked into that was
 * not hooked at some moment since the begin.
 *
 * Not in here: that a visit copies what is of one life (walk/sock.h), and what waits for
 * grace periods. Sockets whose memory is used again in the chain they were in are in
 * scenarios of their own.
 *
 *	walk [-v]	-v: show a way to each mistake that was found
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The memory: heads, lock words, nodes. Three nodes are there, one comes with each step. */
#define LENGTH	3
#define STEPS	2		/* of one writer */
#define NODES	(LENGTH + 2 * STEPS)
#define HEAD(chain)	(chain)
#define LOCK(chain)	(2 + (chain))
#define NEXT(node)	(4 + (node))
#define PPREV(node)	(4 + NODES + (node))
#define ID(node)	(4 + 2 * NODES + (node))
#define PLACES	(4 + 3 * NODES)

/* Values: a pointer to a node, the end of a chain; a pointer to a place, or NULL. */
#define TO(node)	((node) + 1)
#define NODE(value)	((value) - 1)
#define END(chain)	(0x40 + (chain))
#define IS_END(value)	((value) >= 0x40)
#define AT(place)	((place) + 1)

/* Connections: those there at the begin, then one for each step; of the other chain. */
#define OTHER	0x80

enum order { IN_PLACE, HEAD_FIRST, TAIL_FIRST, GAP, ORDERS };
/* The last two add what was removed before: as another one, or as itself */
enum act { NOTHING, MOVE, ADD, REMOVE, AGAIN, RETURN };

static const char *const order_name[] = { "in place", "head, delete", "tail, delete",
					  "delete, head" };

struct step {
	uint8_t act;
	uint8_t id;	/* which connection; for AGAIN to which chain */
	uint8_t order;
};

struct scenario {
	uint8_t length;
	struct step step[2][STEPS];
};

struct store {
	uint8_t place, value, release;
};

struct writer {
	uint8_t next;		/* step */
	uint8_t count;		/* of its stores, 0 between two steps */
	uint8_t removed;	/* node */
	uint16_t visible;
	struct store store[9];
};

/* Where the reader is. Its loads wait for others in a set; see load(). */
enum at { BEGIN, FIRST, WALK, VISIT, RESTING, LAST_LOCK, LAST_HEAD,
	  END_WHOLE, END_AGAIN, END_WRONG };
enum { LOOK1 = 1, LOOK2 = 2, COPY_AGAIN = 4, MET = 8, LOAD_NEXT = 16 };

struct reader {
	uint8_t at, wait, empty, held, rested;
	uint8_t first, node, link;	/* a value, a node, AT(place) */
	uint8_t before, before_link;	/* the node whose second look is due */
	uint8_t id, next;
	uint16_t met, once, twice;
};

struct state {
	uint8_t mem[PLACES];
	uint8_t owner[2];	/* of the locks: 0, a writer's number + 1, READER */
	uint8_t hooked;		/* nodes that were in a chain since the begin */
	struct writer writer[2];
	struct reader reader;
};

#define READER 3

/* How the walk is made, and what it leaves out. */
struct walk {
	bool weak;		/* arm64, else x86 */
	bool moves, gaps;	/* as in struct nst_kind */
	bool locked;		/* chains are walked under their lock, only looked at before */
	bool rests;		/* and the lock is let go of in between */
	enum without { ALL, NO_LOOK1, NO_LOOK2, NO_END, NO_TWINS, NO_LOCK, NO_HEAD, NO_RMB } without;	/* smp_rmb() between ->next and pprev */
};

static const struct walk *walk;
static const struct scenario *scenario;
static bool verbose;

/* All states of a scenario, each with the one that it came from. */
static struct state *states;
static uint32_t *from, *slots;
static uint32_t count, room, slot_mask;
static unsigned long long total;

static void *more(void *old, size_t size)
{
	void *new = realloc(old, size);

	if (!new)
		abort();
	return new;
}

static uint32_t hash(const struct state *state)
{
	const uint8_t *byte = (const uint8_t *)state;
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i + 8 <= sizeof(*state); i += 8) {
		uint64_t word;

		memcpy(&word, byte + i, 8);
		sum = (sum ^ word) * 0x9e3779b97f4a7c15;
		sum ^= sum >> 29;
	}
	for (; i < sizeof(*state); i++)
		sum = (sum ^ byte[i]) * 0x9e3779b97f4a7c15;
	return sum >> 32;
}

static void grow(void)
{
	uint32_t i;

	room = room ? 2 * room : 1 << 14;
	states = more(states, room * sizeof(*states));
	from = more(from, room * sizeof(*from));
	slots = more(slots, 2 * room * sizeof(*slots));
	slot_mask = 2 * room - 1;
	memset(slots, 0, 2 * room * sizeof(*slots));
	for (i = 0; i < count; i++) {
		uint32_t at = hash(&states[i]) & slot_mask;

		while (slots[at])
			at = (at + 1) & slot_mask;
		slots[at] = i + 1;
	}
}

/* Notes a state that can be got into, unless it is known. */
static void reach(const struct state *state, uint32_t parent)
{
	uint32_t at;

	if (count == room)
		grow();
	for (at = hash(state) & slot_mask; slots[at]; at = (at + 1) & slot_mask)
		if (!memcmp(&states[slots[at] - 1], state, sizeof(*state)))
			return;
	slots[at] = count + 1;
	states[count] = *state;
	from[count++] = parent;
}

/*
 * The writers. What one does under the lock depends on nothing that others store then, so
 * its stores are known when it takes the lock, and only the order is open in which they
 * become visible.
 */
static uint8_t view[PLACES];	/* what it sees itself */

static void put(struct writer *writer, uint8_t place, uint8_t value, bool release)
{
	view[place] = value;
	writer->store[writer->count++] = (struct store){ place, value, release };
}

/* Of a node that nobody can come to before the release that adds it: seen by nobody before. */
static void put_new(struct writer *writer, uint8_t *mem, uint8_t place, uint8_t value)
{
	if (mem)
		mem[place] = view[place] = value;
	else
		put(writer, place, value, false);
}

/* hlist_nulls_del_init_rcu() */
static void unlink_node(struct writer *writer, uint8_t node)
{
	uint8_t next = view[NEXT(node)], pprev = view[PPREV(node)];

	put(writer, pprev - 1, next, false);
	if (!IS_END(next))
		put(writer, PPREV(NODE(next)), pprev, false);
	put(writer, PPREV(node), 0, false);
}

/*
 * hlist_nulls_add_head_rcu(), and what hlist_nulls_add_tail_rcu() does behind the last.
 * @mem is NULL for a node that readers may still stand on.
 */
static void link_node(struct writer *writer, uint8_t *mem, uint8_t node, uint8_t place)
{
	uint8_t next = view[place];

	put_new(writer, mem, NEXT(node), next);
	put_new(writer, mem, PPREV(node), AT(place));
	put(writer, place, TO(node), true);
	if (!IS_END(next))
		put(writer, PPREV(NODE(next)), AT(NEXT(node)), false);
}

/* hlist_nulls_replace_init_rcu() */
static void replace_node(struct writer *writer, uint8_t *mem, uint8_t old, uint8_t new)
{
	uint8_t next = view[NEXT(old)];

	put_new(writer, mem, NEXT(new), next);
	put_new(writer, mem, PPREV(new), view[PPREV(old)]);
	put(writer, view[PPREV(old)] - 1, TO(new), true);
	if (!IS_END(next))
		put(writer, PPREV(NODE(next)), AT(NEXT(new)), false);
	put(writer, PPREV(old), 0, false);
}

/* The link behind the last node. */
static uint8_t tail(void)
{
	uint8_t place = HEAD(0);

	while (!IS_END(view[place]))
		place = NEXT(NODE(view[place]));
	return place;
}

static void move_node(struct writer *writer, uint8_t *mem, uint8_t old, uint8_t new,
		      enum order order)
{
	if (order == IN_PLACE) {
		replace_node(writer, mem, old, new);
		return;
	}
	if (order == GAP)
		unlink_node(writer, old);
	link_node(writer, mem, new, order == TAIL_FIRST ? tail() : HEAD(0));
	if (order != GAP)
		unlink_node(writer, old);
}

/* The node of a connection in the first chain. */
static int node_of(uint8_t id)
{
	uint8_t at;

	for (at = view[HEAD(0)]; !IS_END(at); at = view[NEXT(NODE(at))])
		if (view[ID(NODE(at))] == id)
			return NODE(at);
	return -1;
}

/* Takes the lock, if it is free, for the next step. Returns whether there is one. */
static bool begin_step(struct state *state, unsigned int w)
{
	struct writer *writer = &state->writer[w];
	const struct step *step = &scenario->step[w][writer->next];
	uint8_t new = LENGTH + w * STEPS + writer->next;
	unsigned int chain = step->act == AGAIN ? step->id : 0;
	int old;

	if (writer->next == STEPS || step->act == NOTHING || state->owner[chain])
		return false;

	memcpy(view, state->mem, sizeof(view));
	old = step->act == MOVE || step->act == REMOVE ? node_of(step->id) : 0;
	if (old < 0) {
		writer->next = STEPS;
		return true;
	}

	state->owner[chain] = w + 1;
	if (walk->gaps)
		put(writer, LOCK(chain), 1, false);	/* else nobody looks at it */
	if (step->act == MOVE)
		move_node(writer, step->order == TAIL_FIRST ? NULL : state->mem, old, new, step->order);
	if (step->act == ADD)
		link_node(writer, state->mem, new, HEAD(0));
	if (step->act == AGAIN)
		link_node(writer, NULL, writer->removed, HEAD(chain));
	if (step->act == RETURN)
		link_node(writer, NULL, writer->removed,
			  step->order == TAIL_FIRST ? tail() : HEAD(0));
	if (step->act == REMOVE) {
		writer->removed = old;
		unlink_node(writer, old);
	}
	put(writer, LOCK(chain), 0, true);
	/* Its next life: a store that nothing orders with the last one's end. */
	if (writer->next + 1 < STEPS && step[1].act == AGAIN)
		put(writer, ID(old), (step[1].id ? OTHER : 0) | new, false);
	return true;
}

static bool may_become_visible(const struct writer *writer, unsigned int i)
{
	const struct store *store = &writer->store[i];
	unsigned int before;

	if (writer->visible & 1 << i)
		return false;
	for (before = 0; before < i; before++)
		if (!(writer->visible & 1 << before) &&
		    (!walk->weak || store->release || writer->store[before].place == store->place))
			return false;
	return true;
}

static bool is_link(uint8_t place)
{
	return place <= HEAD(1) || (place >= NEXT(0) && place < PPREV(0));
}

static void become_visible(struct state *state, struct writer *writer, unsigned int i)
{
	const struct store *store = &writer->store[i];

	state->mem[store->place] = store->value;
	writer->visible |= 1 << i;
	if (store->release && store->place >= LOCK(0) && store->place <= LOCK(1))
		state->owner[store->place - LOCK(0)] = 0;
	else if (is_link(store->place) && !IS_END(store->value))
		state->hooked |= 1 << NODE(store->value);

	if (writer->visible == (1 << writer->count) - 1) {
		memset(writer->store, 0, sizeof(writer->store));
		writer->count = writer->visible = 0;
		writer->next++;
	}
}

static void run_writer(const struct state *state, unsigned int w, uint32_t index)
{
	const struct writer *writer = &state->writer[w];
	struct state after;
	unsigned int i;

	if (!writer->count) {
		after = *state;
		if (begin_step(&after, w))
			reach(&after, index);
		return;
	}
	for (i = 0; i < writer->count; i++) {
		if (!may_become_visible(writer, i))
			continue;
		after = *state;
		become_visible(&after, &after.writer[w], i);
		reach(&after, index);
	}
}

/* The reader. */

/* The connections that stay: nobody removes them. */
static uint16_t lasting(void)
{
	uint16_t all = (1 << scenario->length) - 1;
	unsigned int w, i;

	for (w = 0; w < 2; w++)
		for (i = 0; i < STEPS; i++)
			if (scenario->step[w][i].act == REMOVE)
				all &= ~(1 << scenario->step[w][i].id);
	return all;
}

static void finish(struct state *state, enum at at)
{
	struct reader *r = &state->reader;
	bool whole = at == END_WHOLE;

	if (whole && (r->twice || (lasting() & ~r->once)))
		at = END_WRONG;
	*r = (struct reader){ .at = at, .empty = r->empty, .once = r->once, .twice = r->twice };
	state->owner[0] *= state->owner[0] != READER;
}

/* After the last node: the end marker, then nst_hash_is_still(). */
static void come_to_end(struct state *state, uint8_t end)
{
	struct reader *r = &state->reader;

	if (end != END(0) && walk->without != NO_END)
		finish(state, END_AGAIN);
	else if ((!walk->moves && r->held) || walk->without == NO_END)
		finish(state, END_WHOLE);
	else
		r->at = walk->gaps && !r->held && walk->without != NO_LOCK ? LAST_LOCK : LAST_HEAD;
}

static void come_to(struct state *state, uint8_t link, uint8_t value)
{
	struct reader *r = &state->reader;

	r->link = link;
	r->node = NODE(value);
	r->rested = 0;
	r->wait |= LOOK1;
	r->at = WALK;
}

static void look_again(struct reader *r)
{
	r->before = r->node;
	r->before_link = r->link;
	r->wait |= LOOK2;
}

/* All that was waited for at a node is there: go on. */
static void walk_on(struct state *state)
{
	struct reader *r = &state->reader;

	if (r->at == WALK && IS_END(TO(r->node))) {
		come_to_end(state, TO(r->node));
	} else if (r->at == WALK) {
		r->at = VISIT;
	} else if (r->at == VISIT) {
		uint8_t next = r->next;

		if (walk->without != NO_RMB)
			look_again(r);
		r->id = r->next = 0;
		r->at = WALK;
		if (!IS_END(next))
			return come_to(state, AT(NEXT(r->node)), next);
		r->node = NODE(next);
		if (!r->wait)
			come_to_end(state, next);
	}
}

/* Makes one of the loads that wait. */
static void load(struct state *state, unsigned int which)
{
	struct reader *r = &state->reader;
	const uint8_t *mem = state->mem;
	enum without without = walk->without;
	uint8_t id;

	r->wait &= ~which;
	switch (which) {
	case LOOK1:
		if (without != NO_LOOK1 && mem[PPREV(r->node)] != r->link)
			return finish(state, END_AGAIN);
		break;
	case LOOK2:
		if (without != NO_LOOK2 &&
		    mem[PPREV(r->before)] != r->before_link)
			return finish(state, END_AGAIN);
		r->before = r->before_link = 0;
		break;
	case COPY_AGAIN:
		if (!(r->id & OTHER) && mem[ID(r->node)] != r->id)
			return finish(state, END_AGAIN);
		if (!(r->id & OTHER)) {
			r->twice |= r->once & 1 << r->id;
			r->once |= 1 << r->id;
		}
		break;
	case MET:
		id = mem[ID(r->node)];
		if (!walk->moves)
			id = r->node;
		if (!r->held && without != NO_TWINS && !(id & OTHER)) {
			if (r->met & 1 << id)
				return finish(state, END_AGAIN);
			r->met |= 1 << id;
		}
		break;
	case LOAD_NEXT:
		r->next = mem[NEXT(r->node)];
		break;
	}
	if (!r->wait)
		walk_on(state);
}

/* The loads that wait: on x86 the first, else any. smp_rmb() is where there are no two. */
static void load_any(const struct state *state, uint32_t index)
{
	/* In program order; a second look at one node and the first at the next */
	static const uint8_t all[] = { LOOK2, LOOK1, COPY_AGAIN, MET, LOAD_NEXT };
	const struct reader *r = &state->reader;
	struct state after;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		if (!(r->wait & all[i]))
			continue;
		after = *state;
		load(&after, all[i]);
		reach(&after, index);
		if (!walk->weak)
			break;
	}
}

static void run_reader(const struct state *state, uint32_t index)
{
	struct state after = *state;
	struct reader *r = &after.reader;
	const uint8_t *mem = state->mem;

	if (r->wait)
		return load_any(state, index);

	switch (r->at) {
	case BEGIN:	/* nst_hash_scan() */
		r->first = mem[HEAD(0)];
		after.hooked = 0;
		for (uint8_t at = mem[HEAD(0)]; !IS_END(at); at = mem[NEXT(NODE(at))])
			after.hooked |= 1 << NODE(at);
		r->empty = IS_END(r->first);
		r->at = FIRST;
		if (r->empty && walk->gaps)
			r->at = walk->without == NO_LOCK ? LAST_HEAD : LAST_LOCK;
		else if (r->empty)
			finish(&after, END_WHOLE);
		break;
	case FIRST:
		if (walk->locked && !r->held) {
			if (state->owner[0])
				return;
			after.owner[0] = READER;
			r->held = 1;
			break;
		}
		r->empty = 0;
		r->first = mem[HEAD(0)];
		if (IS_END(r->first))
			come_to_end(&after, r->first);
		else
			come_to(&after, AT(HEAD(0)), r->first);
		break;
	case VISIT:
		if (!(state->hooked & 1 << r->node)) {
			finish(&after, END_WRONG);
			break;
		}
		if (walk->rests && !r->rested) {
			struct state rest = after;

			rest.owner[0] = 0;
			rest.reader.held = 0;
			rest.reader.at = RESTING;
			reach(&rest, index);
		}
		r->id = mem[ID(r->node)];
		r->wait = COPY_AGAIN | MET | LOAD_NEXT;
		if (walk->without == NO_RMB)
			look_again(r);
		break;
	case RESTING:
		if (state->owner[0])
			return;
		after.owner[0] = READER;
		r->held = r->rested = 1;
		r->at = VISIT;
		if (mem[PPREV(r->node)] != r->link)
			finish(&after, END_AGAIN);
		break;
	case LAST_LOCK:
		r->at = LAST_HEAD;
		if (mem[LOCK(0)]) {
			/* Not still: an empty bucket is walked then, a chain again. */
			r->at = FIRST;
			if (!r->empty)
				finish(&after, END_AGAIN);
		}
		break;
	case LAST_HEAD:
		if (mem[HEAD(0)] == r->first || walk->without == NO_HEAD)
			finish(&after, END_WHOLE);
		else if (r->empty)
			r->at = FIRST;
		else
			finish(&after, END_AGAIN);
		break;
	default:
		return;
	}
	reach(&after, index);
}

/* Visits all states of a scenario. Returns one that is wrong, or -1. */
static int explore(const struct scenario *of)
{
	struct state begin = {};
	unsigned int i, w;
	uint32_t at;

	scenario = of;
	begin.mem[HEAD(0)] = END(0);
	begin.mem[HEAD(1)] = END(1);
	for (i = of->length; i--;) {
		begin.mem[ID(i)] = i;
		begin.mem[NEXT(i)] = begin.mem[HEAD(0)];
		begin.mem[PPREV(i)] = AT(HEAD(0));
		if (!IS_END(begin.mem[NEXT(i)]))
			begin.mem[PPREV(i + 1)] = AT(NEXT(i));
		begin.mem[HEAD(0)] = TO(i);
	}
	for (w = 0; w < 2; w++)
		for (i = 0; i < STEPS; i++) {
			uint8_t node = LENGTH + w * STEPS + i;

			begin.mem[NEXT(node)] = END(1);
			begin.mem[ID(node)] = of->step[w][i].act == MOVE ? of->step[w][i].id : node;
		}

	memset(slots, 0, (slot_mask + 1) * sizeof(*slots));
	count = 0;
	reach(&begin, 0);
	for (at = 0; at < count; at++) {
		struct state state = states[at];

		if (state.reader.at == END_WRONG) {
			total += count;
			return at;
		}
		if (state.reader.at >= END_WHOLE)
			continue;
		run_reader(&state, at);
		for (w = 0; w < 2; w++)
			run_writer(&state, w, at);
	}
	total += count;
	return -1;
}

/* The way to a state, one change a line. */
static void say_value(uint8_t place, uint8_t value)
{
	static const char *const other[] = { "head", "other.head", "lock", "other.lock" };
	static const char *const member[] = { "next", "pprev", "id" };

	if (place < NEXT(0))
		printf(" %s = ", other[place]);
	else
		printf(" %c.%s = ", 'A' + (place - NEXT(0)) % NODES,
		       member[(place - NEXT(0)) / NODES]);

	if (is_link(place))
		printf(IS_END(value) ? "end" : "%c", 'A' + NODE(value));
	else if (place < PPREV(0) || place >= ID(0))
		printf("%u", value);
	else if (value > NEXT(0))
		printf("&%c.next", 'A' + value - AT(NEXT(0)));
	else
		printf(value ? "&head" : "NULL");
}

static void say_way(uint32_t at)
{
	static const char *const doing[] = {
		"begins", "at the head", "comes to", "visits", "rests at", "looks at the lock",
		"looks at the head", "took it whole", "goes again", "is wrong",
	};
	const struct state *old = &states[from[at]], *new = &states[at];
	unsigned int i;

	if (!at)
		return;
	say_way(from[at]);
	printf("#   ");
	for (i = 0; i < PLACES; i++)
		if (old->mem[i] != new->mem[i])
			say_value(i, new->mem[i]);
	if (memcmp(&old->reader, &new->reader, sizeof(old->reader))) {
		printf("\treader %s", doing[new->reader.at]);
		if (!IS_END(TO(new->reader.node)) && new->reader.link)
			printf(" %c", 'A' + new->reader.node);
	}
	printf("\n");
}

/* Scenarios. What one may do: its connections moved, also twice; memory used again. */
struct set {
	uint8_t orders;		/* a bit for each */
	bool twice;		/* one connection may move, or return, twice */
	bool again;		/* what was removed may be added to the same chain as another one */
	bool returns;		/* or come back as itself, at the head or at the tail */
};

struct program {
	struct step step[STEPS];
};

static unsigned int list_programs(struct program *all, unsigned int length, const struct set *set)
{
	unsigned int n = 0, order;
	uint8_t id;

	all[n++] = (struct program){};
	all[n++] = (struct program){{{ .act = ADD }}};
	for (id = 0; id < length; id++) {
		for (order = 0; order < ORDERS; order++)
			if (set->orders & 1 << order)
				all[n++] = (struct program){{{ MOVE, id, order }}};
		all[n++] = (struct program){{{ REMOVE, id, 0 }}};
		all[n++] = (struct program){{{ REMOVE, id, 0 }, { AGAIN, 1, 0 }}};
		if (set->again)
			all[n++] = (struct program){{{ REMOVE, id, 0 }, { AGAIN, 0, 0 }}};
		for (order = HEAD_FIRST; set->returns && order <= TAIL_FIRST; order++)
			all[n++] = (struct program){{{ REMOVE, id, 0 }, { RETURN, id, order }}};
	}
	return n;
}

static void say_scenario(const struct scenario *of)
{
	static const char *const act[] = { "nothing", "move", "add", "remove", "add again", "return" };
	unsigned int w, i;

	printf("# %u sockets", of->length);
	for (w = 0; w < 2; w++)
		for (i = 0; i < STEPS; i++) {
			const struct step *step = &of->step[w][i];

			if (i && !step->act)
				continue;
			printf("%s %s", i ? ", then" : ";", act[step->act]);
			if (step->act == MOVE || step->act == REMOVE)
				printf(" %u", step->id);
			if (step->act == MOVE || step->act == RETURN)
				printf(" (%s)", order_name[step->order]);
		}
	printf("\n");
}

static bool is_same_move(const struct step one[STEPS], const struct step two[STEPS])
{
	return one[0].id == two[0].id &&
	       ((one[0].act == MOVE && two[0].act == MOVE) ||
		(one[1].act == RETURN && two[1].act == RETURN));
}

/* How many scenarios of a set go wrong; @filled if of another than an empty bucket. */
static unsigned int wrong_in(const struct set *set, unsigned int *filled)
{
	struct program all[32];
	unsigned int wrong = 0, n, a, b;
	struct scenario of;
	int at;

	*filled = 0;
	for (of.length = 1; of.length <= LENGTH; of.length++) {
		n = list_programs(all, of.length, set);
		for (a = 0; a < n; a++)
			for (b = a; b < n; b++) {
				if (!set->twice && is_same_move(all[a].step, all[b].step))
					continue;
				memcpy(of.step[0], all[a].step, sizeof(of.step[0]));
				memcpy(of.step[1], all[b].step, sizeof(of.step[1]));
				at = explore(&of);
				if (at < 0)
					continue;
				*filled += !states[at].reader.empty;
				if (!wrong++ && verbose) {
					say_scenario(&of);
					say_way(at);
				}
			}
	}
	return wrong;
}

#define BIT(n)	(1 << (n))
#define EVERY	(BIT(ORDERS) - 1)

/*
 * What is to be found: RIGHT, no mistake; EMPTY, only empty buckets that were taken for
 * empty; WRONG, mistakes, in what the walk does or without one of its checks. That
 * something is WRONG with ALL is what remains: if it ceases to be, say so where it stands.
 */
static const struct test {
	const char *name;
	struct walk walk;
	struct set set;
	enum { RIGHT, EMPTY, WRONG } expected;
} tests[] = {
	/* Tables in which nothing moves: UDP, raw, listeners */
	{ "x86, nothing moves", { .weak = false }, {}, RIGHT },
	{ "arm64, nothing moves", { .weak = true }, {}, RIGHT },
	{ "x86, nothing moves, what was removed comes back", {}, { .returns = true }, RIGHT },
	{ "arm64, nothing moves, what was removed comes back", { .weak = true },
	  { .returns = true }, RIGHT },
	{ "arm64, nothing moves, memory is used again in its chain", { .weak = true },
	  { .again = true }, RIGHT },
	/* Established: kernels that move in place, or at the head first */
	{ "x86, in place and head first", { .moves = true },
	  { .orders = BIT(IN_PLACE) | BIT(HEAD_FIRST), .twice = true }, RIGHT },
	{ "arm64, in place", { .weak = true, .moves = true },
	  { .orders = BIT(IN_PLACE), .twice = true, .again = true }, RIGHT },
	/* All orders */
	{ "x86, all orders", { .moves = true, .gaps = true }, { .orders = EVERY }, RIGHT },
	{ "arm64, all orders, under the lock",
	  { .weak = true, .moves = true, .gaps = true, .locked = true },
	  { .orders = EVERY, .twice = true, .again = true }, EMPTY },
	{ "x86, under the lock with rests, all orders but tail first",
	  { .moves = true, .gaps = true, .locked = true, .rests = true },
	  { .orders = EVERY - BIT(TAIL_FIRST), .again = true }, RIGHT },
	{ "arm64, under the lock with rests, in place and head first",
	  { .weak = true, .moves = true, .locked = true, .rests = true },
	  { .orders = BIT(IN_PLACE) | BIT(HEAD_FIRST), .twice = true, .again = true }, RIGHT },

	/* What remains */
	{ "remains: arm64, head first without the lock", { .weak = true, .moves = true },
	  { .orders = BIT(HEAD_FIRST) }, WRONG },
	{ "remains: arm64, tail first without the lock", { .weak = true, .moves = true },
	  { .orders = BIT(TAIL_FIRST) }, WRONG },
	{ "remains: x86, gap twice in one look", { .moves = true, .gaps = true },
	  { .orders = BIT(GAP), .twice = true }, WRONG },
	{ "remains: x86, to the head and back in one look", { .moves = true },
	  { .orders = BIT(HEAD_FIRST) | BIT(TAIL_FIRST), .twice = true }, WRONG },
	{ "remains: x86, memory used again in its chain beside a move", { .moves = true },
	  { .orders = BIT(HEAD_FIRST), .again = true }, WRONG },
	{ "remains: nothing moves, one to the tail and back to the head in one look", {},
	  { .returns = true, .twice = true }, WRONG },
	{ "remains: tail first, under the lock with rests",
	  { .moves = true, .locked = true, .rests = true }, { .orders = BIT(TAIL_FIRST) }, WRONG },

	/* Without a check */
	{ "without the second look at pprev",
	  { .moves = true, .gaps = true, .without = NO_LOOK2 }, { .orders = EVERY }, WRONG },
	{ "without smp_rmb() between ->next and that",
	  { .weak = true, .moves = true, .without = NO_RMB },
	  { .orders = BIT(IN_PLACE), .again = true }, WRONG },
	{ "without the end marker and the second look at the head", { .without = NO_END }, {}, WRONG },
	{ "without the look for twins, head first", { .moves = true, .without = NO_TWINS },
	  { .orders = BIT(HEAD_FIRST) }, WRONG },
	{ "without the look for twins, tail first", { .moves = true, .without = NO_TWINS },
	  { .orders = BIT(TAIL_FIRST) }, WRONG },
	{ "without the look for twins, what was removed comes back", { .without = NO_TWINS },
	  { .returns = true }, WRONG },
	{ "without the second look at the head, head first",
	  { .moves = true, .without = NO_HEAD }, { .orders = BIT(HEAD_FIRST) }, WRONG },
	{ "without the look at the lock, gap",
	  { .moves = true, .gaps = true, .without = NO_LOCK }, { .orders = BIT(GAP) }, WRONG },
	/* Redundant: see README.md */
	{ "without the first look at pprev, x86",
	  { .moves = true, .gaps = true, .without = NO_LOOK1 }, { .orders = EVERY }, RIGHT },
	{ "without the first look at pprev, arm64",
	  { .weak = true, .moves = true, .without = NO_LOOK1 },
	  { .orders = BIT(IN_PLACE), .twice = true, .again = true }, RIGHT },
};

static bool try_one(unsigned int i)
{
	const struct test *test = &tests[i];
	unsigned int wrong, filled;
	bool ok;

	walk = &test->walk;
	total = 0;
	wrong = wrong_in(&test->set, &filled);
	ok = test->expected == RIGHT ? !wrong : test->expected == EMPTY ? wrong && !filled : wrong;
	printf("# %llu states, %u scenarios wrong, %u of them for an empty bucket\n", total, wrong,
	       wrong - filled);
	printf("%sok %u - model: %s%s\n", ok ? "" : "not ", i + 1, test->name,
	       test->expected == WRONG ? ": found wrong" :
	       test->expected == EMPTY ? ": wrong for empty buckets only" : "");
	return ok;
}

int main(int argc, char **argv)
{
	bool ok = true;
	unsigned int i;

	verbose = argc > 1 && !strcmp(argv[1], "-v");
	grow();
	printf("TAP version 13\n1..%zu\n", ARRAY_SIZE(tests));
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		ok &= try_one(i);
	free(states);
	free(from);
	free(slots);
	return !ok;
}
