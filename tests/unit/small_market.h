/*
 * A small market for the tests of matching: the shipped weights, one woman and
 * one post that suit each other in everything.
 */
#ifndef TESTS_UNIT_SMALL_MARKET_H
#define TESTS_UNIT_SMALL_MARKET_H

#include "matcher/match.h"

#define TODAY 2749 /* 2007-07-12 */

static const struct policy policy = {
	.version = "test",
	.occupation = { 350, 245, 140, 50 },
	.area = { 200, 170, 110, 60, 20 },
	.skills = 200,
	.skills_unstated = 100,
	.pay = 150,
	.pay_slack_percent = 25,
	.experience = 60,
	.freshness = { 40, 30, 20, 10, 0 },
	.freshness_days = { 7, 30, 60, 90 },
	.band = 25,
	.priority = PRIORITY_RANK_FIRST,
};

static const uint32_t touching[][2] = { { 410102, 410105 }, { 410105, 410102 } };
static const struct adjacency nearby = { 2, touching };
static const struct terms terms = { .policy = &policy, .near = &nearby, .today = TODAY };

/* A guard for the community gate, by day. */
static inline struct vacancy a_post(void)
{
	return (struct vacancy){ .id = 1,
		.version = 1,
		.employer = 1,
		.place = UINT64_C(410105003001),
		.occupation = 4070501,
		.open_posts = 1,
		.pay_min = 70000,
		.pay_max = 80000,
		.posted_on = TODAY - 5,
		.valid_until = TODAY + 60,
		.released_on = DAY_NEVER,
		.experience_months = 12,
		.education_min = 3,
		.shift = SHIFT_DAY,
		.form = FORM_FULL,
		.open = true,
		.n_required = 1,
		.required = { 5 },
		.n_wished = 1,
		.wished = { 6 },
		.n_licences = 1,
		.licences = { 3 } };
}

static inline struct seeker a_seeker(void)
{
	return (struct seeker){ .id = 1,
		.version = 1,
		.place = UINT64_C(410105003001),
		.waiting_since = TODAY - 200,
		.class_until = DAY_NEVER,
		.pay_wish = 80000,
		.rank = RANK_P4,
		.age_class = AGE_WORKING,
		.farthest = AREA_CITY,
		.shifts = SHIFT_DAY,
		.forms = FORM_FULL,
		.education = 4,
		.active = true,
		.n_wishes = 2,
		.wishes = { 4070501, 6180204 },
		.n_skills = 2,
		.skills = { 5, 6 },
		.n_licences = 1,
		.licences = { 3 },
		.n_experience = 1,
		.experience = { { 4070502, 24 } } };
}

#endif
