/*
 * The index and the search, against the slow twin of slow_twin.h, and what must
 * hold whatever is in the market.
 *
 * Markets are random.  With VACANCYD_LONG, as in `tests/run full`, a million questions are
 * asked instead of ten thousand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/random_market.h"

enum { QUESTIONS_SHORT = 10000, QUESTIONS_LONG = 1000000 };

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
