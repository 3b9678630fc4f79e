/*
 * Markets at random, for whoever holds the search against another: VACANCYD_SEED=n repeats one.
 */
#ifndef TESTS_UNIT_RANDOM_MARKET_H
#define TESTS_UNIT_RANDOM_MARKET_H

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "tests/unit/slow_twin.h"

static uint64_t random_state;

static uint32_t any(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 33) % n;
}

static int set_seed(void **state)
{
	const char *given = getenv("VACANCYD_SEED");
	uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);

	(void)state;
	print_message("VACANCYD_SEED=%" PRIu64 "\n", seed);
	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	return 0;
}

/* Few codes, so that every level of nearness is common. */
static occupation_t any_detail(void)
{
	return 3000000 + any(3) * 1000000 + (1 + any(3)) * 10000 + any(3) * 100 + 1 + any(3);
}

static occupation_t any_wish(void)
{
	occupation_t o = any_detail();

	switch (any(6)) {
	case 0:
		return o / 100 * 100;
	case 1:
		return o / 10000 * 10000;
	case 2:
		return any(4) ? o : o / 1000000 * 1000000;
	default:
		return o;
	}
}

static place_t any_place(void)
{
	static const place_t counties[] = { 410102, 410105, 410181 };
	place_t county = any(40) ? counties[any(3)] : 410205;

	return (county * 1000 + 1 + any(3)) * 1000 + any(4);
}

static uint8_t any_ids(uint8_t *out, uint32_t max)
{
	uint8_t n = 0;

	for (uint8_t id = 1; id <= 12 && n < max; id++) {
		if (any(4) == 0)
			out[n++] = id;
	}
	return n;
}

static struct vacancy any_vacancy(uint64_t id)
{
	struct vacancy v = { .id = id,
		.version = 1 + any(5),
		.place = any_place(),
		.occupation = any(20) ? any_detail() : any_detail() / 100 * 100 };

	v.open = any(12) != 0;
	v.open_posts = any(12) ? 1 + any(4) : 0;
	v.pay_max = any(8) ? 40000 + any(12) * 5000 : 0;
	v.posted_on = TODAY - (day_t)any(120);
	v.valid_until = TODAY - 1 + (day_t)any(20);
	v.released_on = any(2) ? DAY_NEVER : TODAY - 1 + (day_t)any(3);
	v.experience_months = (uint16_t)(any(2) ? any(40) : 0);
	v.education_min = (education_t)any(5);
	v.shift = (uint8_t)(any(8) ? 1u << any(4) : 0);
	v.form = (uint8_t)(any(8) ? 1u << any(2) : 0);
	v.reserved = any(6) == 0;
	v.n_required = any_ids(v.required, any(4));
	v.n_wished = any_ids(v.wished, any(4));
	v.n_licences = any(8) ? 0 : any_ids(v.licences, 1);
	return v;
}

static struct seeker any_seeker(uint64_t id)
{
	struct seeker s = { .id = id,
		.version = 1 + any(5),
		.place = any_place(),
		.waiting_since = TODAY - (day_t)any(40),
		.class_until = DAY_NEVER };

	s.pay_wish = any(6) ? 40000 + any(12) * 5000 : any(3) * UINT32_C(20000000);
	s.rank = (uint8_t)(1 + any(6));
	s.age_class = (uint8_t)(any(20) ? AGE_WORKING : 1 + any(4));
	s.farthest = (uint8_t)(any(3) ? AREA_CITY : any(5));
	s.shifts = (uint8_t)(any(8) ? 15u & ~(1u << any(8)) : 0);
	s.forms = (uint8_t)(any(4) ? 3 : any(4));
	s.education = (education_t)(2 + any(6));
	s.active = any(12) != 0;
	s.n_wishes = (uint8_t)(any(WISHES_MAX + 1));
	for (int i = 0; i < s.n_wishes; i++)
		s.wishes[i] = any_wish();
	s.n_skills = any_ids(s.skills, SKILLS_MAX);
	s.n_licences = any_ids(s.licences, LICENCES_MAX);
	s.n_experience = (uint8_t)any(EXPERIENCE_MAX + 1);
	for (int i = 0; i < s.n_experience; i++)
		s.experience[i] = (struct experience){ any_detail(), (uint16_t)any(40) };
	return s;
}

static void shuffle(uint32_t *order, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	for (uint32_t i = n; i > 1; i--) {
		uint32_t j = any(i);
		uint32_t t = order[i - 1];

		order[i - 1] = order[j];
		order[j] = t;
	}
}

/* In any order, with older and other versions of some before or after. */
static struct index *filled(const struct market *m)
{
	struct index *ix = index_new();
	uint32_t order[POSTS > PEOPLE ? POSTS : PEOPLE];

	shuffle(order, POSTS);
	for (uint32_t i = 0; i < POSTS; i++) {
		const struct vacancy *v = &m->posts[order[i]];
		struct vacancy older = any_vacancy(v->id);
		bool before = any(2);

		older.version = v->version - 1;
		if (before)
			assert_true(index_put_vacancy(ix, &older));
		assert_true(index_put_vacancy(ix, v));
		if (!before)
			assert_false(index_put_vacancy(ix, &older));
	}
	shuffle(order, PEOPLE);
	for (uint32_t i = 0; i < PEOPLE; i++) {
		const struct seeker *s = &m->people[order[i]];
		struct seeker older = any_seeker(s->id);
		bool before = any(2);

		older.version = s->version - 1;
		if (before)
			assert_true(index_put_seeker(ix, &older));
		assert_true(index_put_seeker(ix, s));
		if (!before)
			assert_false(index_put_seeker(ix, &older));
	}
	return ix;
}

static struct market *new_market(void)
{
	struct market *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->policy = policy;
	m->policy.priority = (enum priority_mode)any(3);
	m->terms = (struct terms){ .policy = &m->policy, .near = &nearby, .today = TODAY };
	m->terms.order = (enum order_mode)any(2);
	m->terms.shuffle = (struct shuffle_key){ { any(UINT32_MAX), any(UINT32_MAX) } };
	for (uint64_t i = 0; i < POSTS; i++)
		m->posts[i] = any_vacancy(i * 7 + 1);
	for (uint64_t i = 0; i < PEOPLE; i++)
		m->people[i] = any_seeker((i + 1) << 40 | any(1000));
	m->index = filled(m);
	return m;
}

static void free_market(struct market *m)
{
	index_free(m->index);
	free(m);
}

#endif
