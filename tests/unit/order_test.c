/*
 * The order of two, by the rules of each kind of list, and what shuffles equals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "matcher/shuffle.h"
#include "tests/unit/small_market.h"

static struct match scored(uint64_t id, uint16_t total, uint8_t rank, bool fit, day_t since)
{
	return (struct match){ .id = id,
		.score = { .total = total, .fit = fit },
		.rank = rank,
		.since = since };
}

static void posts_come_by_score_then_age_then_number(void **state)
{
	struct match in_order[] = { scored(9, 700, 0, true, 5), scored(8, 600, 0, false, 4),
		scored(1, 600, 0, true, 5), scored(2, 600, 0, false, 5),
		scored(3, 900, 0, true, 1) };

	(void)state;
	in_order[4].widened = true;
	for (size_t i = 0; i < 5; i++) {
		for (size_t j = 0; j < 5; j++) {
			int c = match_order_vacancies(&in_order[i], &in_order[j]);

			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
		}
	}
}

#define OF_VACANCY 17

static void assert_ordered(enum priority_mode mode, enum order_mode order,
    const struct match *in_order, size_t n)
{
	struct policy p = policy;
	struct terms t = { .policy = &p, .order = order };

	p.priority = mode;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < n; j++) {
			int c = match_order_seekers(&t, OF_VACANCY, &in_order[i], &in_order[j]);

			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
		}
	}
}

static void assert_order(enum priority_mode mode, const struct match *in_order, size_t n)
{
	assert_ordered(mode, ORDER_STATUTORY, in_order, n);
}

static void people_come_by_fit_class_band_waiting_score_and_number(void **state)
{
	const struct match in_order[] = {
		scored(50, 400, RANK_P1, true, 90), /* a low score loses no priority */
		scored(40, 401, RANK_P2, true, 10),
		scored(30, 999, RANK_P3, true, 10),
		scored(21, 649, RANK_P6, true, 10), /* 625..649: one band; longest waiting */
		scored(22, 625, RANK_P4, true, 20),
		scored(19, 640, RANK_P5, true, 30),
		scored(20, 639, RANK_P4, true, 30),
		scored(23, 639, RANK_P6, true, 30),
		scored(10, 800, RANK_P6, false, 10), /* no fit: by score alone */
		scored(11, 799, RANK_P1, false, 1),
		scored(12, 799, RANK_P1, false, 2),
	};

	(void)state;
	assert_order(PRIORITY_RANK_FIRST, in_order, sizeof(in_order) / sizeof(*in_order));
}

static void within_a_band_rank_comes_second(void **state)
{
	const struct match in_order[] = {
		scored(3, 999, RANK_P6, true, 10),
		scored(2, 625, RANK_P1, true, 20),
		scored(1, 649, RANK_P2, true, 10),
		scored(4, 624, RANK_P1, true, 1),
		scored(5, 999, RANK_P1, false, 1),
	};

	(void)state;
	assert_order(PRIORITY_WITHIN_BAND, in_order, sizeof(in_order) / sizeof(*in_order));
}

static void without_priority_score_decides_among_those_who_fit(void **state)
{
	const struct match in_order[] = {
		scored(3, 649, RANK_P6, true, 10),
		scored(2, 648, RANK_P1, true, 1),
		scored(5, 648, RANK_P1, true, 2),
		scored(1, 999, RANK_P1, false, 1),
	};

	(void)state;
	assert_order(PRIORITY_OFF, in_order, sizeof(in_order) / sizeof(*in_order));
}

static void as_one_set_people_come_by_priority_band_and_waiting(void **state)
{
	const struct match in_order[] = {
		scored(50, 651, RANK_P3, true, 90),
		scored(40, 649, RANK_P2, true, 10),
		scored(30, 625, RANK_P3, true, 11),
		scored(20, 649, RANK_P1, true, 12),
		scored(10, 400, RANK_P1, true, 1), /* a low score has priority all the same */
		scored(21, 999, RANK_P6, true, 90),
		scored(22, 649, RANK_P4, true, 10),
		scored(60, 800, RANK_P6, false, 10), /* no fit: by score alone */
		scored(11, 799, RANK_P1, false, 1),
		scored(12, 799, RANK_P3, false, 2),
	};

	(void)state;
	assert_ordered(PRIORITY_RANK_FIRST, ORDER_ONE_SET, in_order,
	    sizeof(in_order) / sizeof(*in_order));
}

static void as_one_set_within_a_band_priority_comes_second(void **state)
{
	const struct match in_order[] = {
		scored(3, 999, RANK_P6, true, 10),
		scored(1, 626, RANK_P3, true, 10),
		scored(2, 649, RANK_P1, true, 20),
		scored(5, 640, RANK_P4, true, 1),
		scored(4, 624, RANK_P1, true, 1),
		scored(6, 999, RANK_P1, false, 1),
	};

	(void)state;
	assert_ordered(PRIORITY_WITHIN_BAND, ORDER_ONE_SET, in_order,
	    sizeof(in_order) / sizeof(*in_order));
}

static void as_one_set_without_priority_the_order_is_the_same(void **state)
{
	const struct match in_order[] = {
		scored(3, 649, RANK_P6, true, 10),
		scored(2, 648, RANK_P2, true, 1),
		scored(4, 648, RANK_P1, true, 1),
		scored(1, 999, RANK_P1, false, 1),
	};

	(void)state;
	assert_ordered(PRIORITY_OFF, ORDER_ONE_SET, in_order,
	    sizeof(in_order) / sizeof(*in_order));
}

/* Of many who are equal in band and waiting: neither score, nor rank, nor id says who is
 * first; another key and another vacancy shuffle them anew. */
static void equals_of_one_set_are_shuffled_by_the_key(void **state)
{
	enum { PAIRS = 4000, LITTLE = PAIRS / 2 - 160, MUCH = PAIRS / 2 + 160 };
	struct terms t = { .policy = &policy, .order = ORDER_ONE_SET };
	struct terms other = t;
	int better = 0, other_key = 0, other_vacancy = 0;

	(void)state;
	other.shuffle = (struct shuffle_key){ { 1, 2 } };
	for (uint64_t i = 1; i <= PAIRS; i++) {
		struct match a = scored(i, 649, RANK_P1, true, 5);
		struct match b = scored(i + PAIRS, 625, RANK_P3, true, 5);
		bool first = match_order_seekers(&t, OF_VACANCY, &a, &b) < 0;

		better += first;
		other_key += first == (match_order_seekers(&other, OF_VACANCY, &a, &b) < 0);
		other_vacancy += first == (match_order_seekers(&t, OF_VACANCY + 1, &a, &b) < 0);
	}
	assert_in_range(better, LITTLE, MUCH);
	assert_in_range(other_key, LITTLE, MUCH);
	assert_in_range(other_vacancy, LITTLE, MUCH);
}

/* The longest waits are those of the long unemployed, who are P3 by it. */
static void as_one_set_nobody_comes_first_by_waiting_more_than_a_year(void **state)
{
	enum { VACANCIES = 100 };
	const struct terms t = { .policy = &policy, .today = 1000, .order = ORDER_ONE_SET };
	const struct match years = scored(1, 649, RANK_P3, true, 10);
	const struct match a_year = scored(2, 649, RANK_P2, true, 1000 - 365);
	const struct match less = scored(3, 649, RANK_P2, true, 1000 - 364);
	const struct match unfit[] = { scored(8, 649, RANK_P3, false, 10),
		scored(7, 649, RANK_P2, false, 1000 - 365) };
	int first = 0;

	(void)state;
	for (uint64_t v = 1; v <= VACANCIES; v++) {
		first += match_order_seekers(&t, v, &years, &a_year) < 0;
		assert_true(match_order_seekers(&t, v, &years, &less) < 0);
		assert_true(match_order_seekers(&t, v, &a_year, &less) < 0);
	}
	assert_in_range(first, VACANCIES / 4, VACANCIES * 3 / 4);
	assert_true(match_order_seekers(&t, OF_VACANCY, &unfit[0], &unfit[1]) > 0);
}

/* From the table in the authors' own implementation, and as OpenSSL has it. */
static void the_shuffle_is_siphash(void **state)
{
	const struct shuffle_key counting = { { UINT64_C(0x0706050403020100),
	    UINT64_C(0x0f0e0d0c0b0a0908) } };
	const struct shuffle_key falling = { { UINT64_C(0x8899aabbccddeeff),
	    UINT64_C(0x0011223344556677) } };

	(void)state;
	assert_true(shuffled(&counting, UINT64_C(0x0706050403020100),
			UINT64_C(0x0f0e0d0c0b0a0908)) == UINT64_C(0x3f2acc7f57c29bdb));
	assert_true(shuffled(&falling, UINT64_C(0x3f000000075bcd15), OF_VACANCY) ==
		    UINT64_C(0x2d2fb27eda376ed9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(posts_come_by_score_then_age_then_number),
		cmocka_unit_test(people_come_by_fit_class_band_waiting_score_and_number),
		cmocka_unit_test(within_a_band_rank_comes_second),
		cmocka_unit_test(without_priority_score_decides_among_those_who_fit),
		cmocka_unit_test(as_one_set_people_come_by_priority_band_and_waiting),
		cmocka_unit_test(as_one_set_within_a_band_priority_comes_second),
		cmocka_unit_test(as_one_set_without_priority_the_order_is_the_same),
		cmocka_unit_test(equals_of_one_set_are_shuffled_by_the_key),
		cmocka_unit_test(as_one_set_nobody_comes_first_by_waiting_more_than_a_year),
		cmocka_unit_test(the_shuffle_is_siphash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
