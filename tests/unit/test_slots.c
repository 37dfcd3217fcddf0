// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hash table of the module, built with kernel/ in place of the kernel's
 * headers. What a user can choose are the keys; the table's answer to that is a
 * seed, and a bound for each search.
 */
#include "test.h"

#include "store/slots.c"

struct nst_budget {
	size_t taken;		/* bytes that are allocated */
	int allocs;		/* how many more allocations succeed */
	int rests;		/* how many more rests give no error */
};

static struct nst_budget budget;

/* One entry; a key of 0 is a free slot. */
struct entry {
	u64 key, value;
};

/* How many used slots the last search has compared. */
static u32 looks;
/* Where the search for every key begins, if it is not -1. */
static int one_home;

void *nst_budget_alloc(struct nst_budget *from, size_t bytes)
{
	if (from->allocs-- <= 0)
		return NULL;
	from->taken += bytes;
	return calloc(1, bytes);
}

void nst_budget_free(struct nst_budget *from, void *memory, size_t bytes)
{
	if (memory)
		from->taken -= bytes;
	free(memory);
}

void get_random_bytes(void *buf, size_t len)
{
	for (unsigned char *byte = buf; len--; byte++)
		*byte = random32() >> 24;
}

int nst_rest(void)
{
	return budget.rests-- > 0 ? 0 : -EINTR;
}

static bool entry_is_free(const void *slot)
{
	return !((const struct entry *)slot)->key;
}

static bool entry_is(const struct nst_slots *slots, const void *slot, const void *key)
{
	(void)slots;
	looks++;
	/* Here and not after the search: one without a bound never ends. */
	assert_true(looks <= NST_SLOTS_STEPS);
	return ((const struct entry *)slot)->key == *(const u64 *)key;
}

static u32 home_of(const struct nst_slots *slots, u64 key)
{
	return one_home < 0 ? nst_slots_hash(slots, key, slots->bits) : (u32)one_home;
}

static u32 entry_home(const struct nst_slots *slots, const void *slot)
{
	return home_of(slots, ((const struct entry *)slot)->key);
}

static const struct nst_slots_kind by_key = {
	.size = sizeof(struct entry),
	.is_free = entry_is_free,
	.is = entry_is,
	.home = entry_home,
};

static struct entry *find(const struct nst_slots *slots, u64 key)
{
	looks = 0;
	return nst_slots_find(slots, &by_key, home_of(slots, key), &key);
}

/* As all callers do: make room, search, and fill the free slot in. */
static int enter(struct nst_slots *slots, u64 key, u64 value)
{
	int err = nst_slots_reserve(slots, &by_key, 1);
	struct entry *slot = err ? NULL : find(slots, key);

	if (!slot)
		return err ?: -ENOMEM;
	if (!slot->key)
		slots->count++;
	*slot = (struct entry){ key, value };
	return 0;
}

static bool has(const struct nst_slots *slots, u64 key, u64 value)
{
	const struct entry *slot = find(slots, key);

	return slot && slot->key == key && slot->value == value;
}

static int begin(void **state)
{
	static struct nst_slots slots;

	budget = (struct nst_budget){ .allocs = 1000, .rests = 1 << 30 };
	one_home = -1;
	nst_slots_init(&slots, &budget);
	*state = &slots;
	return 0;
}

static int end(void **state)
{
	nst_slots_free(*state, sizeof(struct entry));
	return budget.taken != 0;
}

/* Every number once, and none that was not entered; the last value counts. */
static void slots_find(void **state)
{
	struct nst_slots *slots = *state;
	const u32 n = 20000;

	for (u32 i = 1; i <= n; i++)
		assert_int_equal(0, enter(slots, i * 7ULL, i));
	for (u32 i = 1; i <= n; i += 3)
		assert_int_equal(0, enter(slots, i * 7ULL, i + n));
	assert_int_equal(n, slots->count);
	for (u32 i = 1; i <= n; i++) {
		const struct entry *other;

		assert_true(has(slots, i * 7ULL, i % 3 == 1 ? i + n : i));
		other = find(slots, i * 7ULL + 1);
		assert_true(other && !other->key);
	}
}

/*
 * There is always room for one more, at most half of the slots are used, and
 * what the old slots took is given back.
 */
static void slots_grow(void **state)
{
	struct nst_slots *slots = *state;

	for (u32 i = 1; i <= 5000; i++) {
		assert_int_equal(0, enter(slots, i, i));
		assert_true(slots->count <= 1U << (slots->bits - 1));
		assert_true(slots->bits == NST_SLOTS_BITS_MIN ||
			    slots->count > 1U << (slots->bits - 2));
		assert_int_equal(sizeof(struct entry) << slots->bits, budget.taken);
	}
	/* At once, and then not again. */
	assert_int_equal(0, nst_slots_reserve(slots, &by_key, 100000));
	assert_true(1U << slots->bits >= 2 * 105000);
	budget.allocs = 0;
	for (u32 i = 5001; i <= 105000; i++)
		assert_int_equal(0, enter(slots, i, i));
	for (u32 i = 1; i <= 105000; i++)
		assert_true(has(slots, i, i));
}

/* Keys that meet in one table do not meet in the next, nor when it has grown. */
static void slots_are_seeded(void **state)
{
	struct nst_slots *slots = *state, other;
	u64 met[64];
	u32 n = 0, still = 0, after = 0;

	assert_int_equal(0, nst_slots_reserve(slots, &by_key, 512));
	for (u64 key = 1; n < ARRAY_SIZE(met); key++)
		if (home_of(slots, key) == 7)
			met[n++] = key;

	nst_slots_init(&other, &budget);
	assert_int_equal(0, nst_slots_reserve(&other, &by_key, 512));
	assert_int_equal(slots->bits, other.bits);
	for (u32 i = 0; i < n; i++)
		still += home_of(&other, met[i]) == home_of(&other, met[0]);
	assert_true(still < 8);

	assert_int_equal(0, nst_slots_reserve(&other, &by_key, 513));
	for (u32 i = 0; i < n; i++)
		after += home_of(&other, met[i]) >> 1 == home_of(slots, met[i]);
	assert_true(after < 8);
	nst_slots_free(&other, sizeof(struct entry));
}

/* Keys that follow a pattern, as those do that are chosen or counted up. */
static void slots_take_patterns(void **state)
{
	static const u64 steps[] = { 1, 2, 64, 4096, 1 << 16, 1ULL << 32, 1ULL << 44,
				     0x9e3779b97f4a7c15, 0xfffffffffffffffb };

	(void)state;
	for (size_t p = 0; p < ARRAY_SIZE(steps); p++) {
		struct nst_slots slots;
		u64 sum = 0;

		nst_slots_init(&slots, &budget);
		assert_int_equal(0, nst_slots_reserve(&slots, &by_key, 1 << 15));
		for (u64 i = 1; i <= 1 << 15; i++) {
			assert_int_equal(0, enter(&slots, i * steps[p], i));
			sum += looks;
		}
		/* Half full, a search meets less than one on average. */
		if (sum >= 2 << 15)
			fail_msg("steps of %#llx: %llu looks", (unsigned long long)steps[p],
				 (unsigned long long)sum);
		nst_slots_free(&slots, sizeof(struct entry));
	}
}

/* However full the table is, a search ends, and says that it found nothing. */
static void slots_search_is_bounded(void **state)
{
	struct nst_slots *slots = *state;
	struct entry *slot;
	u32 size;

	assert_int_equal(0, nst_slots_reserve(slots, &by_key, 1 << 12));
	size = 1U << slots->bits;
	slot = slots->slot;
	for (u32 i = 0; i < size; i++)
		slot[i].key = i + 1;
	slots->count = size / 2;
	one_home = size - 10;		/* and on at the beginning */

	assert_null(find(slots, size + 1));
	assert_int_equal(NST_SLOTS_STEPS, looks);
	assert_int_equal(-ENOMEM, enter(slots, size + 1, 0));

	/* The last slot that is looked at counts, the one after it does not. */
	slot[NST_SLOTS_STEPS - 10].key = 0;
	assert_null(find(slots, size + 1));
	slot[NST_SLOTS_STEPS - 11].key = 0;
	assert_ptr_equal(&slot[NST_SLOTS_STEPS - 11], find(slots, size + 1));
}

/* The table is as it was. */
static void unchanged(const struct nst_slots *slots, const struct nst_slots *before,
		      size_t taken)
{
	assert_memory_equal(before, slots, sizeof(*slots));
	assert_int_equal(taken, budget.taken);
	for (u32 i = 1; i <= slots->count; i++)
		assert_true(has(slots, i, i));
}

static struct nst_slots fill(struct nst_slots *slots, u32 n)
{
	for (u32 i = 1; i <= n; i++)
		assert_int_equal(0, enter(slots, i, i));
	return *slots;
}

/* What does not find a place in the larger table is an error, and no loss. */
static void slots_growth_is_bounded(void **state)
{
	struct nst_slots *slots = *state, before;
	size_t taken;
	int err;

	before = fill(slots, 3000);
	taken = budget.taken;
	one_home = 5;
	err = nst_slots_reserve(slots, &by_key, 1 << 14);
	one_home = -1;
	assert_int_equal(-ENOMEM, err);
	unchanged(slots, &before, taken);
}

/* A reader that is killed leaves at the next rest, wherever that is. */
static void slots_growth_is_killed(void **state)
{
	struct nst_slots *slots = *state, before;
	const u32 n = 1 << 14;
	int rests, killed = 0;
	size_t taken;

	before = fill(slots, n);
	taken = budget.taken;
	for (rests = 0; ; rests++) {
		int err;

		budget.rests = rests;
		err = nst_slots_reserve(slots, &by_key, 1);
		if (!err)
			break;
		assert_int_equal(-EINTR, err);
		killed++;
		unchanged(slots, &before, taken);
	}
	/* One for each 4,096 slots of the old table at least. */
	assert_true(killed >= (int)(2 * n / 4096));
	for (u32 i = 1; i <= n; i++)
		assert_true(has(slots, i, i));
}

static void slots_without_memory(void **state)
{
	struct nst_slots *slots = *state, before = *slots;

	budget.allocs = 0;
	assert_int_equal(-ENOMEM, enter(slots, 1, 1));
	unchanged(slots, &before, 0);

	budget.allocs = 1;
	before = fill(slots, 1U << (NST_SLOTS_BITS_MIN - 1));
	assert_int_equal(-ENOMEM, enter(slots, 1000, 1));
	unchanged(slots, &before, sizeof(struct entry) << NST_SLOTS_BITS_MIN);
}

/* More than numbers of 32 bits can count are refused before memory is asked for. */
static void slots_too_many(void **state)
{
	static const u64 many[] = { (1ULL << 30) + 1, 1ULL << 31, 1ULL << 32, (1ULL << 32) + 5,
				    1ULL << 63 };
	struct nst_slots *slots = *state;

	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		budget.allocs = 1;
		assert_int_equal(-ENOMEM, nst_slots_reserve(slots, &by_key, many[i]));
		assert_int_equal(1, budget.allocs);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slots_find),
		TEST(slots_grow),
		TEST(slots_are_seeded),
		TEST(slots_take_patterns),
		TEST(slots_search_is_bounded),
		TEST(slots_growth_is_bounded),
		TEST(slots_growth_is_killed),
		TEST(slots_without_memory),
		TEST(slots_too_many),
	};

	return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
