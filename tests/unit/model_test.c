/*
 * The calendar, and how near codes are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "matcher/codes.h"
#include "matcher/model.h"

/* Counted one day at a time, which is another way than the one under test. */
static void the_calendar_goes_both_ways_from_1900_to_2100(void **state)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	day_t d = -36524;

	(void)state;
	for (int y = 1900; y <= 2100; y++) {
		bool leap = y == 2000 || (y % 4 == 0 && y % 100 != 0);

		for (int m = 1; m <= 12; m++) {
			int last = lengths[m - 1] + (m == 2 && leap);

			assert_false(day_is_real(y, m, last + 1));
			for (int day = 1; day <= last; day++, d++) {
				char text[11];
				char expected[32];
				day_t parsed;
				int yy;
				int mm;
				int dd;

				assert_int_equal(day_of(y, m, day), d);
				day_split(d, &yy, &mm, &dd);
				assert_true(yy == y && mm == m && dd == day);
				day_print(d, text);
				snprintf(expected, sizeof(expected), "%04d-%02d-%02d", y, m,
				    day);
				assert_string_equal(text, expected);
				assert_true(day_parse(text, &parsed) && parsed == d);
			}
		}
	}
	assert_int_equal(day_of(2000, 1, 1), 0);
	assert_int_equal(day_of(2007, 7, 12), 2749);
}

static void what_is_not_a_day_does_not_parse(void **state)
{
	static const char *const wrong[] = { "", "2007-07", "2007-7-12", "2007-07-1",
		"07-07-12", "2007-02-29", "2100-02-29", "2007-13-01", "2007-00-01",
		"2007-01-00", "2007-04-31", "2007/07/12", "2007-07-12 ", "2007-07-12T",
		" 2007-07-12", "+007-07-12", "2007-07-l2", "20070712", "never", "0000-01-01" };
	day_t d;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(day_parse(wrong[i], &d));
	assert_true(day_parse("2000-02-29", &d));
}

static void days_out_of_four_digits_print_as_the_outermost(void **state)
{
	char text[11];

	(void)state;
	day_print(DAY_NEVER, text);
	assert_string_equal(text, "9999-12-31");
	day_print(INT32_MIN, text);
	assert_string_equal(text, "0000-01-01");
}

/* 4050 is counted on the day itself. */
static void years_are_full_on_the_birthday(void **state)
{
	(void)state;
	assert_int_equal(age_on(day_of(1957, 12, 31), day_of(2007, 12, 31)), 50);
	assert_int_equal(age_on(day_of(1958, 1, 1), day_of(2007, 12, 31)), 49);
	assert_int_equal(age_on(day_of(1992, 2, 29), day_of(2008, 2, 28)), 15);
	assert_int_equal(age_on(day_of(1992, 2, 29), day_of(2008, 2, 29)), 16);
	assert_int_equal(age_on(day_of(1991, 2, 29 - 1), day_of(2007, 2, 28)), 16);
	assert_int_equal(age_on(day_of(1992, 2, 29), day_of(2009, 2, 28)), 16);
	assert_int_equal(age_on(day_of(1992, 2, 29), day_of(2009, 3, 1)), 17);
	assert_int_equal(age_on(day_of(2007, 7, 12), day_of(2007, 7, 12)), 0);
}

static void occupations_meet_at_their_common_ancestor(void **state)
{
	(void)state;
	assert_int_equal(occupation_level(4070501, 4070501), OCC_DETAIL);
	assert_int_equal(occupation_level(4070501, 4070502), OCC_MINOR);
	assert_int_equal(occupation_level(4070501, 4070601), OCC_MIDDLE);
	assert_int_equal(occupation_level(4070501, 4080501), OCC_MAJOR);
	assert_int_equal(occupation_level(4070501, 6070501), OCC_NONE);
}

static void a_wish_for_a_group_meets_no_deeper_than_the_group(void **state)
{
	(void)state;
	assert_int_equal(occupation_level(4070500, 4070501), OCC_MINOR);
	assert_int_equal(occupation_level(4070000, 4070501), OCC_MIDDLE);
	assert_int_equal(occupation_level(4000000, 4070501), OCC_MAJOR);
	/* Hangs directly under its middle group. */
	assert_int_equal(occupation_level(1010000, 1010001), OCC_MIDDLE);
	assert_int_equal(occupation_level(1010002, 1010001), OCC_MINOR);
	/* A minor group without details is itself the occupation. */
	assert_int_equal(occupation_level(2060300, 2060300), OCC_DETAIL);
}

static void places_meet_at_their_common_level(void **state)
{
	static const uint32_t pairs[][2] = { { 410102, 410105 }, { 410105, 410102 } };
	const struct adjacency near = { 2, pairs };
	const place_t home = UINT64_C(410105003001);

	(void)state;
	assert_int_equal(area_level(home, home, &near), AREA_COMMUNITY);
	assert_int_equal(area_level(home, UINT64_C(410105003002), &near), AREA_STREET);
	assert_int_equal(area_level(home, UINT64_C(410105004001), &near), AREA_COUNTY);
	assert_int_equal(area_level(home, UINT64_C(410102003001), &near), AREA_ADJACENT);
	assert_int_equal(area_level(UINT64_C(410102003001), home, &near), AREA_ADJACENT);
	assert_int_equal(area_level(home, UINT64_C(410102003001), NULL), AREA_CITY);
	assert_int_equal(area_level(home, UINT64_C(410181003001), &near), AREA_CITY);
	assert_int_equal(area_level(home, UINT64_C(410205003001), &near), AREA_NONE);
}

static void a_place_known_roughly_meets_no_deeper_than_it_is_known(void **state)
{
	const place_t street = UINT64_C(410105003000);
	const place_t county = UINT64_C(410105000000);
	const place_t city = UINT64_C(410100000000);

	(void)state;
	assert_int_equal(area_level(street, street, NULL), AREA_STREET);
	assert_int_equal(area_level(county, county, NULL), AREA_COUNTY);
	assert_int_equal(area_level(street, county, NULL), AREA_COUNTY);
	assert_int_equal(area_level(city, city, NULL), AREA_CITY);
	assert_int_equal(area_level(city, street, NULL), AREA_CITY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_calendar_goes_both_ways_from_1900_to_2100),
		cmocka_unit_test(what_is_not_a_day_does_not_parse),
		cmocka_unit_test(days_out_of_four_digits_print_as_the_outermost),
		cmocka_unit_test(years_are_full_on_the_birthday),
		cmocka_unit_test(occupations_meet_at_their_common_ancestor),
		cmocka_unit_test(a_wish_for_a_group_meets_no_deeper_than_the_group),
		cmocka_unit_test(places_meet_at_their_common_level),
		cmocka_unit_test(a_place_known_roughly_meets_no_deeper_than_it_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
