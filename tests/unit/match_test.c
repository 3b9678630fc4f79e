/*
 * One pair: each hard rule by its name, each component of the score, and the
 * order of two.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "matcher/shuffle.h"
#include "tests/unit/small_market.h"

/* That rule alone stands between these two, by name. */
static void assert_only(const struct seeker *s, const struct vacancy *v, const char *name)
{
	enum rule r = eligible(&terms, s, v, false);

	assert_string_equal(rule_name(r), name);
	assert_int_equal(ineligible_rules(&terms, s, v, false),
	    r == RULE_NONE ? 0 : UINT32_C(1) << r);
}

static void who_meets_every_condition_is_eligible(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	assert_only(&s, &v, "none");
}

static void a_closed_a_filled_and_an_expired_post_are_closed(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	v.open = false;
	assert_only(&s, &v, "closed");
	v = a_post();
	v.open_posts = 0;
	assert_only(&s, &v, "closed");
	v = a_post();
	v.valid_until = TODAY;
	assert_only(&s, &v, "none");
	v.valid_until = TODAY - 1;
	assert_only(&s, &v, "closed");
}

static void who_is_placed_or_withdrawn_is_inactive(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	s.active = false;
	assert_only(&s, &v, "inactive");
}

static void another_city_is_out_of_reach_whatever_the_distance_wished(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	v.place = UINT64_C(410205003001);
	assert_only(&s, &v, "city");
}

static void nobody_under_16_is_eligible_and_a_pensioner_is(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	s.age_class = AGE_UNDER_16;
	assert_only(&s, &v, "under-16");
	s.age_class = AGE_16_17;
	assert_only(&s, &v, "none");
	s.age_class = AGE_RETIRED;
	assert_only(&s, &v, "none");
}

static void the_middle_group_of_any_wish_will_do_and_the_major_one_when_widened(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	v.occupation = 4070101;
	assert_only(&s, &v, "none");
	v.occupation = 6180101;
	assert_only(&s, &v, "none");
	v.occupation = 4080501;
	assert_only(&s, &v, "occupation");
	assert_int_equal(eligible(&terms, &s, &v, true), RULE_NONE);
	v.occupation = 5010101;
	assert_only(&s, &v, "occupation");
	assert_int_equal(eligible(&terms, &s, &v, true), RULE_OCCUPATION);
}

static void the_stated_education_is_a_floor(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	v.education_min = 4;
	assert_only(&s, &v, "none");
	v.education_min = 5;
	assert_only(&s, &v, "education");
	v.education_min = 0;
	s.education = 0;
	assert_only(&s, &v, "none");
}

static void every_licence_named_must_be_held(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	v.n_licences = 2;
	v.licences[1] = 4;
	assert_only(&s, &v, "licence");
	s.n_licences = 2;
	s.licences[1] = 4;
	assert_only(&s, &v, "none");
	s.n_licences = 0;
	assert_only(&s, &v, "licence");
}

static void a_missing_skill_lowers_the_score_and_refuses_nobody(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	s.n_skills = 0;
	assert_only(&s, &v, "none");
}

static void shift_and_form_must_be_among_hers(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	v.shift = SHIFT_NIGHT;
	assert_only(&s, &v, "shift");
	s.shifts |= SHIFT_NIGHT;
	assert_only(&s, &v, "none");
	v.form = FORM_PART;
	assert_only(&s, &v, "form");
	s.forms = FORM_FULL | FORM_PART;
	assert_only(&s, &v, "none");
}

static void what_was_not_stated_refuses_nobody(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	v.shift = 0;
	v.form = 0;
	assert_only(&s, &v, "none");
	v = a_post();
	v.shift = SHIFT_NIGHT;
	v.form = FORM_PART;
	s.shifts = 0;
	s.forms = 0;
	assert_only(&s, &v, "none");
}

static void the_farthest_level_she_named_is_the_limit(void **state)
{
	static const place_t by_level[] = { UINT64_C(410105003001), UINT64_C(410105003002),
		UINT64_C(410105004001), UINT64_C(410102003001), UINT64_C(410181003001) };
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	for (int farthest = AREA_COMMUNITY; farthest <= AREA_CITY; farthest++) {
		for (int level = AREA_COMMUNITY; level <= AREA_CITY; level++) {
			s.farthest = (uint8_t)farthest;
			v.place = by_level[level];
			assert_only(&s, &v, level > farthest ? "distance" : "none");
		}
	}
}

static void a_reserved_post_is_for_p1_to_p3_and_after_its_release_for_p4_and_p5(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	v.reserved = true;
	for (s.rank = RANK_P1; s.rank <= RANK_P6; s.rank++) {
		v.released_on = TODAY + 1;
		assert_only(&s, &v, s.rank <= RANK_P3 ? "none" : "reserved");
		v.released_on = TODAY;
		assert_only(&s, &v, s.rank <= RANK_P5 ? "none" : "reserved");
	}
}

static void every_rule_that_fails_is_told_and_the_first_is_named(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	v.education_min = 7;
	v.shift = SHIFT_NIGHT;
	v.reserved = true;
	assert_int_equal(eligible(&terms, &s, &v, false), RULE_EDUCATION);
	assert_int_equal(ineligible_rules(&terms, &s, &v, false),
	    1u << RULE_EDUCATION | 1u << RULE_SHIFT | 1u << RULE_RESERVED);
}

static void a_pair_that_suits_in_everything_scores_all_the_weights(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();
	struct score c = score_pair(&terms, &s, &v);

	(void)state;
	assert_int_equal(c.total, 1000);
	assert_int_equal(c.occupation, 350);
	assert_int_equal(c.area, 200);
	assert_int_equal(c.skills, 200);
	assert_int_equal(c.pay, 150);
	assert_int_equal(c.experience, 60);
	assert_int_equal(c.freshness, 40);
	assert_int_equal(c.wish, 0);
	assert_true(c.fit);
}

static void the_first_of_the_nearest_wishes_gives_the_score(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();
	struct score c;

	(void)state;
	s.n_wishes = 4;
	memcpy(s.wishes, (occupation_t[]){ 4060101, 4070100, 4070502, 4070503 },
	    4 * sizeof(*s.wishes));
	c = score_pair(&terms, &s, &v);
	assert_int_equal(c.wish, 2);
	assert_int_equal(c.occupation, 245);
	v.occupation = 4080101;
	c = score_pair(&terms, &s, &v);
	assert_int_equal(c.wish, 0);
	assert_int_equal(c.occupation, 50);
	assert_false(c.fit);
	v.occupation = 5010101;
	assert_int_equal(score_pair(&terms, &s, &v).occupation, 0);
}

static void fit_is_the_minor_group_every_required_skill_and_the_experience(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();
	struct score c;

	(void)state;
	v.occupation = 4070502;
	c = score_pair(&terms, &s, &v);
	assert_true(c.fit);
	v.occupation = 4070601;
	c = score_pair(&terms, &s, &v);
	assert_false(c.fit);
	v = a_post();
	v.experience_months = 24;
	assert_true(score_pair(&terms, &s, &v).fit);
	v.experience_months = 25;
	assert_false(score_pair(&terms, &s, &v).fit);
	s.n_experience = 2;
	s.experience[1] = (struct experience){ 4070501, 1 };
	assert_true(score_pair(&terms, &s, &v).fit);
	v.n_required = 2;
	v.required[1] = 6;
	assert_true(score_pair(&terms, &s, &v).fit);
	s.n_skills = 1; /* 5 alone */
	assert_false(score_pair(&terms, &s, &v).fit);
	v.n_required = 1;
	assert_true(
	    score_pair(&terms, &s, &v).fit); /* what is only wished does not decide it */
}

/* floor(200 * (2 * required met + wished met) / (2 * required + wished)). */
static void a_required_skill_weighs_twice_a_wished_one(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	s.n_skills = 1;
	s.skills[0] = 5;
	assert_int_equal(score_pair(&terms, &s, &v).skills, 133);
	s.skills[0] = 6;
	assert_int_equal(score_pair(&terms, &s, &v).skills, 66);
	s.n_skills = 0;
	assert_int_equal(score_pair(&terms, &s, &v).skills, 0);
	v.n_required = 0;
	v.n_wished = 0;
	assert_int_equal(score_pair(&terms, &s, &v).skills, 100);
}

static void pay_is_lost_in_proportion_until_a_quarter_below_the_wish(void **state)
{
	static const struct {
		uint32_t offered, asked;
		uint16_t points;
	} cases[] = { { 80000, 80000, 150 }, { 90000, 80000, 150 }, { 0, 0, 150 },
		{ 72000, 80000, 90 }, { 60001, 80000, 1 }, { 60000, 80000, 0 },
		{ 0, 80000, 75 }, { 1, 80000, 0 }, { 79999, 80000, 150 }, { 2, 3, 0 },
		{ INT32_MAX - 1, INT32_MAX, 150 } };
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		v.pay_max = cases[i].offered;
		s.pay_wish = cases[i].asked;
		assert_int_equal(score_pair(&terms, &s, &v).pay, cases[i].points);
	}
}

static void experience_counts_in_the_minor_group_up_to_what_is_required(void **state)
{
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	v.experience_months = 36;
	assert_int_equal(score_pair(&terms, &s, &v).experience, 40);
	s.n_experience = 2;
	s.experience[1] = (struct experience){ 4070501, 11 };
	assert_int_equal(score_pair(&terms, &s, &v).experience, 58);
	s.experience[1].months = 600;
	assert_int_equal(score_pair(&terms, &s, &v).experience, 60);
	s.experience[1].occupation = 4070601;
	assert_int_equal(score_pair(&terms, &s, &v).experience, 40);
	s.n_experience = 0;
	assert_int_equal(score_pair(&terms, &s, &v).experience, 0);
	v.experience_months = 0;
	assert_int_equal(score_pair(&terms, &s, &v).experience, 60);
}

static void freshness_falls_by_steps_and_never_below_nothing(void **state)
{
	static const struct {
		int age;
		uint16_t points;
	} cases[] = { { -3, 40 }, { 0, 40 }, { 7, 40 }, { 8, 30 }, { 30, 30 }, { 31, 20 },
		{ 60, 20 }, { 61, 10 }, { 90, 10 }, { 91, 0 }, { 30000, 0 } };
	struct seeker s = a_seeker();
	struct vacancy v = a_post();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		v.posted_on = TODAY - cases[i].age;
		assert_int_equal(score_pair(&terms, &s, &v).freshness, cases[i].points);
	}
}

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
		cmocka_unit_test(who_meets_every_condition_is_eligible),
		cmocka_unit_test(a_closed_a_filled_and_an_expired_post_are_closed),
		cmocka_unit_test(who_is_placed_or_withdrawn_is_inactive),
		cmocka_unit_test(another_city_is_out_of_reach_whatever_the_distance_wished),
		cmocka_unit_test(nobody_under_16_is_eligible_and_a_pensioner_is),
		cmocka_unit_test(
		    the_middle_group_of_any_wish_will_do_and_the_major_one_when_widened),
		cmocka_unit_test(the_stated_education_is_a_floor),
		cmocka_unit_test(every_licence_named_must_be_held),
		cmocka_unit_test(a_missing_skill_lowers_the_score_and_refuses_nobody),
		cmocka_unit_test(shift_and_form_must_be_among_hers),
		cmocka_unit_test(what_was_not_stated_refuses_nobody),
		cmocka_unit_test(the_farthest_level_she_named_is_the_limit),
		cmocka_unit_test(
		    a_reserved_post_is_for_p1_to_p3_and_after_its_release_for_p4_and_p5),
		cmocka_unit_test(every_rule_that_fails_is_told_and_the_first_is_named),
		cmocka_unit_test(a_pair_that_suits_in_everything_scores_all_the_weights),
		cmocka_unit_test(the_first_of_the_nearest_wishes_gives_the_score),
		cmocka_unit_test(
		    fit_is_the_minor_group_every_required_skill_and_the_experience),
		cmocka_unit_test(a_required_skill_weighs_twice_a_wished_one),
		cmocka_unit_test(pay_is_lost_in_proportion_until_a_quarter_below_the_wish),
		cmocka_unit_test(experience_counts_in_the_minor_group_up_to_what_is_required),
		cmocka_unit_test(freshness_falls_by_steps_and_never_below_nothing),
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
