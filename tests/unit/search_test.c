/*
 * The index and the search, against the slow twin of slow_twin.h, and what must
 * hold whatever is in the market.
 *
 * Markets are random; VACANCYD_SEED=n repeats one.  With VACANCYD_LONG, as in `tests/run
 * full`, a million questions are asked instead of ten thousand.
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

#include "tests/unit/slow_twin.h"

enum { QUESTIONS_SHORT = 10000, QUESTIONS_LONG = 1000000 };

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

static size_t ask(const struct market *m, size_t i, bool people, struct match *out, size_t k)
{
	return people ? best_seekers(m->index, &m->terms, &m->posts[i], out, k)
		      : best_vacancies(m->index, &m->terms, &m->people[i], out, k);
}

static void assert_as_slow(const struct market *m, size_t i, bool people, size_t k)
{
	static struct slow slow[POSTS > PEOPLE ? POSTS : PEOPLE];
	struct match fast[K_MAX];
	size_t all = slow_list(m, i, people, slow);
	size_t n = ask(m, i, people, fast, k);

	assert_int_equal(n, all < k ? all : k);
	for (size_t j = 0; j < n; j++) {
		const struct match *f = &fast[j];

		assert_true(f->id == slow[j].m.id);
		assert_int_equal(f->score.total, slow[j].m.score.total);
		assert_int_equal(f->score.fit, slow[j].m.score.fit);
		assert_int_equal(f->widened, slow[j].m.widened);
		assert_int_equal(f->since, slow[j].m.since);
		assert_int_equal(f->rank, people ? slow[j].m.rank : 0);
	}
}

static void assert_positions(const struct market *m, size_t i, bool people)
{
	static struct slow slow[POSTS > PEOPLE ? POSTS : PEOPLE];
	size_t n = slow_list(m, i, people, slow);

	for (size_t j = 0; j < n; j += 1 + any(9)) {
		struct position at;
		struct vacancy v;
		struct seeker s;
		size_t better = 0;

		for (size_t l = 0; l < n; l++)
			better += slow[l].m.score.total > slow[j].m.score.total;
		assert_true(
		    index_seeker(m->index, people ? slow[j].m.id : m->people[i].id, &s));
		assert_true(
		    index_vacancy(m->index, people ? m->posts[i].id : slow[j].m.id, &v));
		at = people ? position_of_seeker(m->index, &m->terms, &v, &s)
			    : position_of_vacancy(m->index, &m->terms, &s, &v);
		assert_int_equal(at.by_order, j + 1);
		assert_int_equal(at.by_score, better + 1);
	}
}

static void a_position_is_counted_among_all(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 6; round++) {
		struct market *m = new_market();

		m->policy.priority = (enum priority_mode)(round % 3);
		m->terms.order = (enum order_mode)(round / 3);
		for (size_t i = 0; i < PEOPLE; i++)
			assert_positions(m, i, i % 3);
		free_market(m);
	}
}

/* Each priority mode and each order in turn, for lists of one, of a hundred and between. */
static void the_best_k_are_those_of_the_slow_list(void **state)
{
	static const size_t ks[] = { 1, K_MAX, 2, 5, 20 };
	const char *form = getenv("VACANCYD_LONG");
	long questions = form && *form ? QUESTIONS_LONG : QUESTIONS_SHORT, asked = 0;

	(void)state;
	for (unsigned round = 0; asked < questions; round++) {
		struct market *m = new_market();

		m->policy.priority = (enum priority_mode)(round % 3);
		m->terms.order = (enum order_mode)(round / 3 % 2);
		for (size_t i = 0; i < PEOPLE; i++)
			assert_as_slow(m, i, false, ks[any(5)]);
		for (size_t i = 0; i < POSTS; i++) {
			assert_as_slow(m, i, true, ks[i % 2]);
			assert_as_slow(m, i, true, ks[any(5)]);
		}
		asked += PEOPLE + 2L * POSTS;
		free_market(m);
	}
}

/* The same people, each with another rank: but P1 to P3 stay among themselves, and so do P4
 * and P5, whom a reserved post takes, and P6. */
static struct index *ranked_anew(const struct market *m)
{
	struct index *ix = index_new();

	for (size_t i = 0; i < POSTS; i++)
		assert_true(index_put_vacancy(ix, &m->posts[i]));
	for (size_t i = 0; i < PEOPLE; i++) {
		struct seeker s = m->people[i];

		if (s.rank <= RANK_P3)
			s.rank = (uint8_t)(RANK_P1 + any(3));
		else if (s.rank < RANK_P6)
			s.rank = (uint8_t)(RANK_P4 + any(2));
		assert_true(index_put_seeker(ix, &s));
	}
	return ix;
}

static void as_one_set_no_list_depends_on_a_rank_within_it(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 9; round++) {
		struct market *m = new_market();
		struct index *first = m->index, *second = ranked_anew(m);
		struct match a[K_MAX], b[K_MAX];

		m->policy.priority = (enum priority_mode)(round % 3);
		m->terms.order = ORDER_ONE_SET;
		for (size_t i = 0; i < POSTS; i++) {
			size_t n;

			m->index = first;
			n = ask(m, i, true, a, K_MAX);
			m->index = second;
			assert_int_equal(ask(m, i, true, b, K_MAX), n);
			for (size_t j = 0; j < n; j++)
				assert_true(a[j].id == b[j].id);
		}
		m->index = first;
		index_free(second);
		free_market(m);
	}
}

static void a_shorter_list_begins_a_longer_one(void **state)
{
	struct market *m = new_market();
	struct match longer[K_MAX];
	struct match shorter[K_MAX];

	(void)state;
	for (size_t i = 0; i < PEOPLE; i++) {
		bool people = i % 2;
		size_t n = ask(m, i, people, longer, K_MAX);
		size_t k = 1 + any(K_MAX);
		size_t few = ask(m, i, people, shorter, k);

		assert_int_equal(few, n < k ? n : k);
		for (size_t j = 0; j < few; j++)
			assert_true(shorter[j].id == longer[j].id);
	}
	free_market(m);
}

static void the_order_in_which_things_arrived_does_not_matter(void **state)
{
	struct market *m = new_market();
	struct index *first = m->index;
	struct index *second = filled(m);
	struct match a[K_MAX];
	struct match b[K_MAX];

	(void)state;
	assert_int_equal(index_count_vacancies(first), index_count_vacancies(second));
	assert_int_equal(index_count_seekers(first), index_count_seekers(second));
	for (size_t i = 0; i < PEOPLE; i++) {
		size_t n;

		m->index = first;
		n = ask(m, i, i % 2, a, 30);
		m->index = second;
		assert_int_equal(ask(m, i, i % 2, b, 30), n);
		for (size_t j = 0; j < n; j++) {
			assert_true(a[j].id == b[j].id);
			assert_int_equal(a[j].score.total, b[j].score.total);
		}
	}
	m->index = first;
	index_free(second);
	free_market(m);
}

static void a_score_is_the_sum_of_components_within_their_weights(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct vacancy v = any_vacancy(1);
		struct seeker s = any_seeker(1);
		struct score c = score_pair(&terms, &s, &v);

		assert_true(c.occupation <= 350 && c.area <= 200 && c.skills <= 200);
		assert_true(c.pay <= 150 && c.experience <= 60 && c.freshness <= 40);
		assert_int_equal(c.total,
		    c.occupation + c.area + c.skills + c.pay + c.experience + c.freshness);
		assert_true(c.total <= 1000);
		assert_int_equal(eligible(&terms, &s, &v, false) == RULE_NONE,
		    ineligible_rules(&terms, &s, &v, false) == 0);
	}
}

static void the_major_group_is_added_only_when_fewer_than_k_are_found(void **state)
{
	struct index *ix = index_new();
	struct seeker s = a_seeker();
	struct match out[K_MAX];

	(void)state;
	for (uint64_t id = 1; id <= 10; id++) {
		struct vacancy v = a_post();

		v.id = id;
		v.occupation = id <= 3 ? 4070601 : 4080501;
		/* The far ones score better in everything else. */
		v.posted_on = id <= 3 ? TODAY - 100 : TODAY;
		v.place = id <= 3 ? UINT64_C(410181001001) : v.place;
		index_put_vacancy(ix, &v);
	}
	assert_int_equal(best_vacancies(ix, &terms, &s, out, 3), 3);
	for (int i = 0; i < 3; i++)
		assert_true(!out[i].widened && out[i].id <= 3);
	assert_int_equal(best_vacancies(ix, &terms, &s, out, 5), 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(out[i].widened, i >= 3);
	assert_int_equal(best_vacancies(ix, &terms, &s, out, K_MAX), 10);
	index_free(ix);
}

static void a_seeker_with_many_wishes_is_listed_once_by_her_nearest(void **state)
{
	struct index *ix = index_new();
	struct seeker s = a_seeker();
	struct vacancy v = a_post();
	struct match out[K_MAX];

	(void)state;
	s.n_wishes = 5;
	memcpy(s.wishes, (occupation_t[]){ 4070000, 4070500, 4070501, 4070501, 4080501 },
	    sizeof(s.wishes));
	index_put_seeker(ix, &s);
	assert_int_equal(best_seekers(ix, &terms, &v, out, K_MAX), 1);
	assert_int_equal(out[0].score.wish, 2);
	assert_int_equal(out[0].score.occupation, 350);
	/* One index for both sides: nothing is left when she is placed. */
	s.version++;
	s.active = false;
	assert_true(index_put_seeker(ix, &s));
	assert_int_equal(best_seekers(ix, &terms, &v, out, K_MAX), 0);
	index_free(ix);
}

static void older_versions_never_overwrite_newer_ones(void **state)
{
	struct index *ix = index_new();
	struct vacancy v = a_post();
	struct seeker s = a_seeker();

	(void)state;
	v.version = 7;
	s.version = 7;
	assert_true(index_put_vacancy(ix, &v) && index_put_seeker(ix, &s));
	assert_false(index_put_vacancy(ix, &v) || index_put_seeker(ix, &s));
	v.version = 6;
	v.occupation = 6180204;
	s.version = 6;
	s.place = UINT64_C(410181001001);
	assert_false(index_put_vacancy(ix, &v) || index_put_seeker(ix, &s));
	assert_true(index_vacancy(ix, 1, &v) && index_seeker(ix, 1, &s));
	assert_int_equal(v.occupation, 4070501);
	assert_true(s.place == UINT64_C(410105003001));
	assert_false(index_vacancy(ix, 2, &v) || index_seeker(ix, 2, &s));
	index_free(ix);
}

static void what_is_closed_stays_closed_when_an_older_opening_comes_late(void **state)
{
	struct index *ix = index_new();
	struct seeker s = a_seeker();
	struct vacancy v = a_post();
	struct match out[1];

	(void)state;
	v.version = 9;
	v.open = false;
	assert_true(index_put_vacancy(ix, &v));
	v.version = 8;
	v.open = true;
	assert_false(index_put_vacancy(ix, &v));
	assert_int_equal(index_count_vacancies(ix), 0);
	assert_int_equal(best_vacancies(ix, &terms, &s, out, 1), 0);
	v.version = 10;
	assert_true(index_put_vacancy(ix, &v));
	assert_int_equal(index_count_vacancies(ix), 1);
	assert_int_equal(best_vacancies(ix, &terms, &s, out, 1), 1);
	index_free(ix);
}

static void k_is_bounded_and_an_empty_index_answers_nothing(void **state)
{
	struct market *m = new_market();
	struct index *empty = index_new();
	struct match out[K_MAX];
	struct seeker nobody = a_seeker();

	(void)state;
	for (size_t i = 0; i < PEOPLE; i++)
		assert_true(ask(m, i, true, out, SIZE_MAX) <= K_MAX);
	assert_int_equal(ask(m, 0, true, out, 0), 0);
	assert_int_equal(best_vacancies(empty, &terms, &nobody, out, 20), 0);
	nobody.n_wishes = 0;
	assert_int_equal(best_vacancies(m->index, &terms, &nobody, out, 20), 0);
	index_free(empty);
	index_free(NULL);
	free_market(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_best_k_are_those_of_the_slow_list),
		cmocka_unit_test(as_one_set_no_list_depends_on_a_rank_within_it),
		cmocka_unit_test(a_position_is_counted_among_all),
		cmocka_unit_test(a_shorter_list_begins_a_longer_one),
		cmocka_unit_test(the_order_in_which_things_arrived_does_not_matter),
		cmocka_unit_test(a_score_is_the_sum_of_components_within_their_weights),
		cmocka_unit_test(the_major_group_is_added_only_when_fewer_than_k_are_found),
		cmocka_unit_test(a_seeker_with_many_wishes_is_listed_once_by_her_nearest),
		cmocka_unit_test(older_versions_never_overwrite_newer_ones),
		cmocka_unit_test(what_is_closed_stays_closed_when_an_older_opening_comes_late),
		cmocka_unit_test(k_is_bounded_and_an_empty_index_answers_nothing),
	};

	return cmocka_run_group_tests(tests, set_seed, NULL);
}
