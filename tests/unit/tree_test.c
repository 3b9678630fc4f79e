/*
 * The tree under random additions and removals: everything in order, every
 * separator true, every summary exact, every leaf under its number.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "matcher/tree.h"

enum { NUMBERS = 60000 };

struct range {
	uint64_t least, greatest;
};

static uint32_t leaf_of[NUMBERS]; /* as `moved` told it; NO_LEAF: not in the tree */
static uint64_t random_state;

static uint32_t any(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 33) % n;
}

/* Sixteen to a cell. */
static uint64_t cell_of(const void *entry)
{
	return *(const uint64_t *)entry / 16;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void range_of(const void *arg, const void *entry, void *out)
{
	(void)arg;
	*(struct range *)out =
	    (struct range){ *(const uint64_t *)entry, *(const uint64_t *)entry };
}

static void widen(void *summary, const void *by)
{
	struct range *r = summary;
	const struct range *other = by;

	r->least = other->least < r->least ? other->least : r->least;
	r->greatest = other->greatest > r->greatest ? other->greatest : r->greatest;
}

static void moved(void *arg, const void *entry, uint32_t from, uint32_t to)
{
	uint64_t number = *(const uint64_t *)entry;

	(void)arg;
	assert_true(leaf_of[number] == from);
	leaf_of[number] = to;
}

static struct marks marks_of(const void *entry)
{
	uint64_t number = *(const uint64_t *)entry;

	return (struct marks){ (uint8_t)number, (uint8_t)(number >> 8) };
}

static const struct tree_kind numbers = {
	.entry_size = sizeof(uint64_t),
	.summary_size = sizeof(struct range),
	.cell = cell_of,
	.marks = marks_of,
	.order = by_number,
	.summarise = range_of,
	.widen = widen,
	.moved = moved,
};

/* Walks what is below a node; *last is the greatest seen so far, *n counts. */
static struct range walk(const struct tree *t, const void *node, unsigned height,
    uint64_t *last, size_t *n)
{
	struct range all = { UINT64_MAX, 0 };

	if (height == 0) {
		const struct leaf *l = node;

		assert_true(l->n > 0 && l->n <= l->room && l->n <= LEAF_MAX);
		assert_ptr_equal(t->leaves[l->number], l);
		for (size_t i = 0; i < l->n; i++) {
			uint64_t number = *(const uint64_t *)leaf_entry(t, l, i);
			struct range one = { number, number };

			assert_int_equal(l->first[i], number & 0xff);
			assert_int_equal(l->second[i], number >> 8 & 0xff);
			assert_true(*n == 0 || number > *last);
			assert_int_equal(leaf_of[number], l->number);
			*last = number;
			(*n)++;
			widen(&all, &one);
		}
		return all;
	}
	for (size_t i = 0; i < ((const struct branch *)node)->n; i++) {
		const struct branch *b = node;
		const struct range *said = branch_summary(t, b, i);
		uint64_t first;
		struct range found;

		memcpy(&first,
		    b->rest + BRANCH_MAX * sizeof(struct range) + i * sizeof(uint64_t),
		    sizeof(first));
		assert_true(*n == 0 || *last < first);
		found = walk(t, b->below[i], height - 1, last, n);
		assert_true(first <= found.least);
		assert_true(said->least == found.least && said->greatest == found.greatest);
		widen(&all, &found);
	}
	return all;
}

static void assert_sound(const struct tree *t, size_t expected)
{
	uint64_t last = 0;
	size_t n = 0;

	if (t->root)
		(void)walk(t, t->root, t->height, &last, &n);
	assert_int_equal(n, expected);
}

/* Grows and shrinks by turns, in clumps, so that nodes split, merge and vanish. */
static void what_is_added_and_dropped_at_random_stays_in_order(void **state)
{
	struct tree t = { .kind = &numbers };
	size_t n = 0;

	(void)state;
	for (uint64_t i = 0; i < NUMBERS; i++)
		leaf_of[i] = NO_LEAF;
	for (unsigned turn = 0; turn < 40; turn++) {
		unsigned share = turn % 2 ? 25 : 75; /* of additions, in a hundred */

		for (int i = 0; i < 20000; i++) {
			uint32_t clump = any(NUMBERS / 64) * 64;
			uint64_t number = any(3) ? clump + any(64) : any(NUMBERS);
			bool is_in = leaf_of[number] != NO_LEAF;

			if (any(100) < share && !is_in) {
				tree_add(&t, &number);
				n++;
			} else if (is_in && any(100) >= share) {
				tree_drop(&t, &number);
				leaf_of[number] = NO_LEAF;
				n--;
			}
		}
		assert_sound(&t, n);
	}
	for (uint64_t i = 0; i < NUMBERS; i++) {
		if (leaf_of[i] == NO_LEAF)
			continue;
		tree_drop(&t, &i);
		leaf_of[i] = NO_LEAF;
	}
	assert_null(t.root);
	assert_sound(&t, 0);
	tree_free(&t);
}

static void what_comes_in_order_fills_leaves(void **state)
{
	struct tree t = { .kind = &numbers };

	(void)state;
	for (uint64_t i = 0; i < NUMBERS; i++)
		leaf_of[i] = NO_LEAF;
	for (uint64_t i = 0; i < NUMBERS; i++)
		tree_add(&t, &i);
	assert_sound(&t, NUMBERS);
	assert_true(t.n_leaves <= NUMBERS / LEAF_MAX + 1);
	tree_free(&t);
}

static void what_is_built_at_once_can_be_changed(void **state)
{
	static uint64_t shuffled[NUMBERS];
	static const size_t sizes[] = { 0, 1, 35, 36, 37, 1000, NUMBERS };

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
		struct tree t = { .kind = &numbers };
		size_t n = sizes[s];

		for (uint64_t i = 0; i < NUMBERS; i++)
			leaf_of[i] = NO_LEAF;
		for (size_t i = 0; i < n; i++) {
			size_t j = any((uint32_t)i + 1);

			shuffled[i] = shuffled[j];
			shuffled[j] = i;
		}
		tree_build(&t, shuffled, n);
		assert_sound(&t, n);
		for (size_t i = 0; i < n; i += 2) {
			tree_drop(&t, &shuffled[i]);
			leaf_of[shuffled[i]] = NO_LEAF;
		}
		assert_sound(&t, n / 2);
		for (size_t i = 0; i < n; i += 2)
			tree_add(&t, &shuffled[i]);
		assert_sound(&t, n);
		tree_free(&t);
	}
}

static int set_seed(void **state)
{
	const char *given = getenv("VACANCYD_SEED");

	(void)state;
	random_state = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	print_message("VACANCYD_SEED=%" PRIu64 "\n", random_state);
	random_state = random_state * 2 + 1;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_and_dropped_at_random_stays_in_order),
		cmocka_unit_test(what_comes_in_order_fills_leaves),
		cmocka_unit_test(what_is_built_at_once_can_be_changed),
	};

	return cmocka_run_group_tests(tests, set_seed, NULL);
}
