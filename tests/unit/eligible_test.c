/*
 * One pair: each hard rule by its name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
