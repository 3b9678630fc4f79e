/*
 * One pair: each component of the score.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/small_market.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pair_that_suits_in_everything_scores_all_the_weights),
		cmocka_unit_test(the_first_of_the_nearest_wishes_gives_the_score),
		cmocka_unit_test(
		    fit_is_the_minor_group_every_required_skill_and_the_experience),
		cmocka_unit_test(a_required_skill_weighs_twice_a_wished_one),
		cmocka_unit_test(pay_is_lost_in_proportion_until_a_quarter_below_the_wish),
		cmocka_unit_test(experience_counts_in_the_minor_group_up_to_what_is_required),
		cmocka_unit_test(freshness_falls_by_steps_and_never_below_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
