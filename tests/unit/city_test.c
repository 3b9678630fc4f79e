/*
 * The synthetic city: repeatable, well formed, and of the proportions it
 * promises.  Identifiers are checked by the matcher's rules, which share no
 * code with the city's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "matcher/codes.h"
#include "tests/city/city.h"

#define DATA SOURCE_DIR "/config/data"

enum { PEOPLE = 24000 };

static struct city *small;

static int make_city(void **state)
{
	(void)state;
	small = city_new(DATA, 7, PEOPLE);
	return small ? 0 : -1;
}

static int free_city(void **state)
{
	(void)state;
	city_free(small);
	return 0;
}

/* Some of everything, as it is written. */
static char *written(uint64_t seed, size_t *len)
{
	struct city *c = city_new(DATA, seed, 1200);
	struct city_size size;
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	assert_non_null(c);
	assert_non_null(out);
	size = city_size(c);
	for (uint32_t i = 0; i < size.employers; i++)
		city_write_employer(c, i, out);
	for (uint32_t i = 0; i < size.returns; i++) {
		city_write_posts(c, i, out);
		city_write_return(c, i, out);
	}
	for (uint32_t i = 0; i < size.people; i++)
		city_write_seeker(c, i, out);
	for (uint32_t i = 0; i < size.households; i++)
		city_write_household(c, i, out);
	fclose(out);
	city_free(c);
	return text;
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
	size_t n, m;
	char *a = written(42, &n);
	char *b = written(42, &m);

	(void)state;
	assert_true(n > 100000);
	assert_int_equal(n, m);
	assert_memory_equal(a, b, n);
	free(a);
	free(b);
}

static void another_seed_gives_another_city(void **state)
{
	size_t n, m;
	char *a = written(42, &n);
	char *b = written(43, &m);

	(void)state;
	assert_true(n != m || memcmp(a, b, n) != 0);
	free(a);
	free(b);
}

static void a_record_does_not_depend_on_what_was_made_before(void **state)
{
	struct city_person first, again, other;

	(void)state;
	city_person(small, 1234, &first);
	city_person(small, 77, &other);
	city_person(small, 1234, &again);
	assert_string_equal(first.citizen, again.citizen);
	assert_string_equal(first.name, again.name);
	assert_int_equal(first.wishes[0], again.wishes[0]);
	assert_string_not_equal(first.citizen, other.citizen);
}

static int by_text(const void *a, const void *b)
{
	return memcmp(a, b, 19);
}

static void assert_unique(char (*codes)[19], size_t n)
{
	qsort(codes, n, sizeof(*codes), by_text);
	for (size_t i = 1; i < n; i++)
		assert_string_not_equal(codes[i - 1], codes[i]);
}

/* Two can only be equal in the same area, and areas come round with a period: so all the
 * people of one area are compared, for many areas. */
static void citizen_numbers_are_unique_even_at_two_millions(void **state)
{
	struct city *c = city_new(DATA, 1, CITY_PEOPLE_MAX);
	struct city_person p, first;
	uint32_t period = 0;
	char(*codes)[19];
	size_t n;

	(void)state;
	assert_non_null(c);
	city_person(c, 0, &first);
	do
		city_person(c, ++period, &p);
	while (memcmp(p.citizen, first.citizen, 6) != 0);
	assert_true(period > 5000);
	codes = calloc(CITY_PEOPLE_MAX / period + 1, sizeof(*codes));
	for (uint32_t area = 0; area < period; area += 97) {
		n = 0;
		for (uint32_t i = area; i < CITY_PEOPLE_MAX; i += period) {
			city_person(c, i, &p);
			memcpy(codes[n++], p.citizen, 19);
		}
		assert_unique(codes, n);
	}
	free(codes);
	city_free(c);
}

static void citizen_numbers_are_right_and_nobodys(void **state)
{
	struct city_person p;
	char canonical[19];
	int sequence;

	(void)state;
	for (uint32_t i = 0; i < PEOPLE; i++) {
		uint32_t area;

		city_person(small, i, &p);
		area = (uint32_t)strtoul((char[]){ p.citizen[0], p.citizen[1], p.citizen[2],
					     p.citizen[3], p.citizen[4], p.citizen[5], '\0' },
		    NULL, 10);
		struct areas areas = { 1, &area };

		assert_int_equal(citizen_check(p.citizen, &areas, CITY_TODAY, canonical),
		    CODE_OK);
		assert_string_equal(canonical, p.citizen);
		assert_int_equal(citizen_birth(p.citizen), p.birth);
		assert_int_equal(citizen_sex(p.citizen), p.woman ? 2 : 1);
		sequence =
		    (int)strtol((char[]){ p.citizen[14], p.citizen[15], p.citizen[16], '\0' },
			NULL, 10);
		assert_true(
		    sequence == 0 || (sequence >= 996 && p.birth >= city_day(1950, 1, 1)));
		assert_true(p.birth >= city_day(1930, 1, 1));
	}
}

static void employers_codes_are_right_and_unique(void **state)
{
	uint32_t n = city_size(small).employers;
	char(*codes)[19] = calloc(n, sizeof(*codes));
	struct city_employer e;
	size_t credit = 0;
	bool inner;

	(void)state;
	for (uint32_t i = 0; i < n; i++) {
		city_employer(small, i, &e);
		assert_int_equal(employer_check(e.code), CODE_OK);
		if (strlen(e.code) == 18) {
			credit++;
			assert_int_equal(uscc_check(e.code, &inner), CODE_OK);
			assert_true(inner);
		}
		memcpy(codes[i], e.code, 19);
	}
	assert_in_range(credit * 100, 25 * (size_t)n, 35 * (size_t)n);
	assert_unique(codes, n);
	free(codes);
}

static void vacancies_are_exactly_as_many_as_promised(void **state)
{
	struct city_size size = city_size(small);
	struct city_return r;
	struct city_vacancy v;
	uint32_t next = 0;
	uint32_t nil = 0;
	uint32_t reserved = 0;
	uint32_t mistakes = 0;

	(void)state;
	for (uint32_t i = 0; i < size.returns; i++) {
		city_return(small, i, &r);
		assert_int_equal(r.first, next);
		assert_true(r.n <= 200);
		next += r.n;
		nil += r.n == 0;
		mistakes += r.mistake != 0;
		for (uint32_t k = r.first; k < next; k++) {
			city_vacancy(small, &r, k, &v);
			assert_int_equal(v.place / 1000000, r.district);
			assert_true(v.posts >= 1 && v.pay_min <= v.pay_max);
			reserved += v.reserved;
		}
	}
	assert_int_equal(next, size.vacancies);
	assert_true(size.returns > 0 && size.vacancies > 0);
	assert_in_range((uint64_t)nil * 100, 15 * size.returns, 40 * size.returns);
	assert_in_range((uint64_t)reserved * 1000, 25 * size.vacancies, 60 * size.vacancies);
	assert_true(mistakes > 0 && mistakes * 100 < size.returns * 4);
}

static void the_kinds_of_people_keep_their_shares(void **state)
{
	uint32_t kinds[6] = { 0 };
	struct city_person p;

	(void)state;
	for (uint32_t i = 0; i < PEOPLE; i++) {
		city_person(small, i, &p);
		kinds[p.kind]++;
		if (p.kind != KIND_OTHER)
			assert_true(p.unemployed_since > 0);
		if (p.kind == KIND_RECOGNISED)
			assert_true(p.recognition && p.recognised_on <= CITY_TODAY);
	}
	assert_in_range(kinds[KIND_ZERO_EMPLOYMENT] * 1000 / PEOPLE, 3, 7);
	assert_in_range(kinds[KIND_4050] * 1000 / PEOPLE, 110, 130);
	assert_in_range(kinds[KIND_RECOGNISED] * 1000 / PEOPLE, 50, 70);
}

/* rules/4050, for the plan year 2007. */
static void a_4050_person_is_one_and_the_other_unemployed_are_not(void **state)
{
	struct city_person p;

	(void)state;
	for (uint32_t i = 0; i < PEOPLE; i++) {
		bool old_enough;

		city_person(small, i, &p);
		old_enough =
		    p.birth <= (p.woman ? city_day(1967, 12, 31) : city_day(1957, 12, 31));
		if (p.kind == KIND_4050) {
			int retired = p.woman ? (p.retirement_age ? 55 : 50) : 60;

			assert_true(old_enough);
			assert_true(age_on(p.birth, CITY_TODAY) < retired);
		} else if (p.kind != KIND_OTHER) {
			assert_false(old_enough);
		}
	}
}

static void a_household_shares_a_home_and_nobody_belongs_to_two(void **state)
{
	struct city_household h;
	struct city_person first, p;
	uint32_t end = 0;

	(void)state;
	assert_true(city_size(small).households > 10);
	for (uint32_t i = 0; i < city_size(small).households; i++) {
		city_household(small, i, &h);
		assert_true(h.first >= end);
		assert_in_range(h.members, 2, 4);
		end = h.first + (uint32_t)h.members;
		city_person(small, h.first, &first);
		for (uint32_t m = h.first; m < end; m++) {
			city_person(small, m, &p);
			assert_int_equal(p.kind, KIND_ZERO_EMPLOYMENT);
			assert_int_equal(p.community, first.community);
			assert_string_equal(p.address, first.address);
			assert_true(p.urban && p.unemployed_since < h.applied);
		}
	}
}

/* Whole years from one day to another, as a birthday counts them. */
static int years_between(int from, int to)
{
	char a[11], b[11];

	city_date(from, a);
	city_date(to, b);
	return (int)(strtol(b, NULL, 10) - strtol(a, NULL, 10)) - (strcmp(b + 4, a + 4) < 0);
}

static void nobody_has_lived_what_cannot_be(void **state)
{
	static const struct {
		const char *education;
		int age; /* compulsory school ends at 15 or 16, each school takes its years */
	} youngest[] = { { "81", 12 }, { "71", 15 }, { "61", 17 }, { "41", 17 }, { "44", 17 },
		{ "47", 17 }, { "31", 20 }, { "21", 21 }, { "14", 24 } };
	int idle = 0;

	(void)state;
	for (uint32_t i = 0; i < PEOPLE; i++) {
		struct city_person p;
		int age, months = 0;

		city_person(small, i, &p);
		age = years_between(p.birth, CITY_TODAY);
		for (size_t k = 0; k < sizeof(youngest) / sizeof(*youngest); k++)
			assert_true(strcmp(youngest[k].education, p.education) != 0 ||
				    age >= youngest[k].age);
		for (int k = 0; k < p.n_experience; k++) {
			assert_true(p.experience_months[k] > 0);
			months += p.experience_months[k];
		}
		assert_true(months <= 12 * (age - 15));
		if (!p.unemployed_since)
			continue;
		assert_true(years_between(p.birth, p.unemployed_since) >= 16);
		assert_true(months <= 12 * (years_between(p.birth, p.unemployed_since) - 15));
		assert_true(p.prior_job || months == 0);
		idle += months == 0;
	}
	assert_in_range(idle, PEOPLE / 20, PEOPLE / 2);
}

static void days_agree_with_the_matchers(void **state)
{
	char date[11];
	char theirs[11];

	(void)state;
	assert_int_equal(city_day(2007, 7, 12), CITY_TODAY);
	for (int d = city_day(1930, 1, 1); d < city_day(2030, 1, 1); d++) {
		city_date(d, date);
		day_print(d, theirs);
		assert_string_equal(date, theirs);
	}
}

static void more_vacancies_than_people_can_be_had_and_the_people_stay_the_same(void **state)
{
	struct city *c = city_new_sized(DATA, 7, PEOPLE, 2 * PEOPLE);
	struct city_return last;
	struct city_person here, there;

	(void)state;
	assert_non_null(c);
	assert_int_equal(city_size(c).vacancies, 2 * PEOPLE);
	city_return(c, city_size(c).returns - 1, &last);
	assert_int_equal(last.first + last.n, 2 * PEOPLE);
	city_person(c, 99, &here);
	city_person(small, 99, &there);
	assert_string_equal(here.citizen, there.citizen);
	city_free(c);
}

static void a_scale_out_of_bounds_is_refused(void **state)
{
	(void)state;
	assert_null(city_new_sized(DATA, 1, PEOPLE, CITY_PEOPLE_MAX + 1));
	assert_null(city_new(DATA, 1, CITY_PEOPLE_MIN - 1));
	assert_null(city_new(DATA, 1, CITY_PEOPLE_MAX + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_gives_the_same_bytes),
		cmocka_unit_test(another_seed_gives_another_city),
		cmocka_unit_test(a_record_does_not_depend_on_what_was_made_before),
		cmocka_unit_test(citizen_numbers_are_unique_even_at_two_millions),
		cmocka_unit_test(citizen_numbers_are_right_and_nobodys),
		cmocka_unit_test(employers_codes_are_right_and_unique),
		cmocka_unit_test(vacancies_are_exactly_as_many_as_promised),
		cmocka_unit_test(the_kinds_of_people_keep_their_shares),
		cmocka_unit_test(a_4050_person_is_one_and_the_other_unemployed_are_not),
		cmocka_unit_test(a_household_shares_a_home_and_nobody_belongs_to_two),
		cmocka_unit_test(nobody_has_lived_what_cannot_be),
		cmocka_unit_test(days_agree_with_the_matchers),
		cmocka_unit_test(
		    more_vacancies_than_people_can_be_had_and_the_people_stay_the_same),
		cmocka_unit_test(a_scale_out_of_bounds_is_refused),
	};

	return cmocka_run_group_tests(tests, make_city, free_city);
}
