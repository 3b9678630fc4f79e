/*
 * The index at sizes where its trees are deep, against a scan over everybody,
 * while a stream of events changes it.
 *
 * The markets are the synthetic city's, as it is and skewed.  VACANCYD_SEED=n
 * repeats a run; with VACANCYD_LONG, as in `tests/run full`, it asks a million times.
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

#include "tests/bench/market.h"
#include "tests/bench/twin.h"
#include "tests/unit/small_market.h"

/* Every so many events as many queries each way. */
enum { EVENTS = 40, QUERIES = 10, QUERIES_SHORT = 6000, QUERIES_LONG = 1000000 };

/* As in the city; everybody in two trades and one street; each in any trade, anywhere. */
enum skew { CITY, CROWDED, EVEN, SKEWS };
static const uint32_t sizes[] = { 1000, 4000, 12000 };

static uint64_t dice;

static uint32_t any(size_t n)
{
	return market_random(&dice, (uint32_t)n);
}

struct world {
	struct market market;
	struct index *index;
	struct policy policy;
	struct terms terms;
};

static struct vacancy *any_vacancy(const struct world *w)
{
	return &w->market.vacancies[any(w->market.n_vacancies)];
}

static struct seeker *any_seeker(const struct world *w)
{
	return &w->market.seekers[any(w->market.n_seekers)];
}

static occupation_t crowded(occupation_t o)
{
	return o / 1000000 * 1000000 % 2000000 ? 4070501 : 4070502;
}

static void skew_market(struct world *w, enum skew skew)
{
	for (size_t i = 0; skew != CITY && i < w->market.n_vacancies; i++) {
		struct vacancy *v = &w->market.vacancies[i];

		v->occupation = skew == CROWDED ? crowded(v->occupation)
						: 1010101 + any(8) * 1000000 + any(3) * 10000 +
						      any(3) * 100;
		v->place = skew == CROWDED
			       ? UINT64_C(410105003001) + i % 3
			       : UINT64_C(410101001001) + any(9) * UINT64_C(1000000) +
				     any(3) * UINT64_C(1000);
	}
	for (size_t i = 0; skew != CITY && i < w->market.n_seekers; i++) {
		struct seeker *s = &w->market.seekers[i];

		for (uint8_t j = 0; j < s->n_wishes; j++)
			s->wishes[j] = skew == CROWDED ? crowded(s->wishes[j])
						       : any_vacancy(w)->occupation;
		s->place = any_vacancy(w)->place;
	}
}

static struct world *world_new(uint32_t size, enum skew skew)
{
	struct world *w = calloc(1, sizeof(*w));
	bool held = any(2);

	assert_non_null(w);
	assert_true(market_make(&w->market, SOURCE_DIR "/config/data", dice, size, size));
	skew_market(w, skew);
	w->policy = policy;
	w->terms = (struct terms){ .policy = &w->policy, .near = &nearby, .today = TODAY };
	w->terms.shuffle = (struct shuffle_key){ { dice, ~dice } };
	w->index = index_new();
	if (held)
		index_hold(w->index);
	for (size_t i = 0; i < w->market.n_vacancies; i++)
		assert_true(index_put_vacancy(w->index, &w->market.vacancies[i]));
	for (size_t i = 0; i < w->market.n_seekers; i++)
		assert_true(index_put_seeker(w->index, &w->market.seekers[i]));
	for (size_t i = 0; i < size; i += 7) {
		assert_false(index_put_vacancy(w->index, &w->market.vacancies[i]));
		w->market.vacancies[i].open = !w->market.vacancies[i].open;
		w->market.vacancies[i].version++;
		assert_true(index_put_vacancy(w->index, &w->market.vacancies[i]));
	}
	if (held)
		index_settle(w->index);
	return w;
}

static void world_free(struct world *w)
{
	market_release(&w->market);
	index_free(w->index);
	free(w);
}

static int set_seed(void **state)
{
	const char *given = getenv("VACANCYD_SEED");

	(void)state;
	dice = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	print_message("VACANCYD_SEED=%" PRIu64 "\n", dice);
	dice = dice * 2 + 1;
	return 0;
}

/* Few, so that they meet; often twice the same, or such as share a bit when folded. */
static uint8_t any_skills(uint8_t *out, size_t max)
{
	uint8_t n = (uint8_t)any(max + 1);

	for (uint8_t i = 0; i < n; i++)
		out[i] = (uint8_t)(1 + any(3) + any(3) * 64);
	return n;
}

/* Filled, emptied, moved, changed in its conditions. */
static void change_a_vacancy(struct world *w)
{
	struct vacancy *v = any_vacancy(w);
	const struct vacancy *other = any_vacancy(w);

	v->version++;
	switch (any(7)) {
	case 0:
		v->open = !v->open;
		break;
	case 1:
		v->open_posts = any(3);
		break;
	case 2:
		v->occupation = other->occupation;
		v->place = other->place;
		break;
	case 3:
		v->pay_max = any(4) ? other->pay_max : 0;
		v->experience_months = (uint16_t)any(40);
		v->posted_on = TODAY - (day_t)any(100);
		break;
	case 4:
		v->n_required = any_skills(v->required, VACANCY_SKILLS);
		v->n_wished = any_skills(v->wished, VACANCY_SKILLS);
		break;
	case 5:
		v->reserved = any(2);
		v->released_on = TODAY - 1 + (day_t)any(3);
		v->valid_until = TODAY - 2 + (day_t)any(5);
		break;
	default:
		v->n_required = other->n_required;
		v->n_wished = other->n_wished;
		memcpy(v->required, other->required, sizeof(v->required));
		memcpy(v->wished, other->wished, sizeof(v->wished));
		break;
	}
	assert_true(index_put_vacancy(w->index, v));
}

static void change_a_seeker(struct world *w)
{
	struct seeker *s = any_seeker(w);
	const struct seeker *other = any_seeker(w);

	s->version++;
	switch (any(5)) {
	case 0:
		s->active = !s->active;
		break;
	case 1:
		s->rank = (uint8_t)(1 + any(6));
		break;
	case 2:
		s->pay_wish = any(9) ? s->pay_wish : UINT32_C(20000000);
		s->age_class = any(9) ? AGE_WORKING : AGE_UNDER_16;
		s->n_skills = any_skills(s->skills, SKILLS_MAX);
		for (uint8_t i = 0; i < s->n_experience; i++)
			s->experience[i].months = (uint16_t)any(40);
		break;
	case 3:
		s->place = other->place;
		s->waiting_since = other->waiting_since;
		break;
	default:
		s->n_wishes = other->n_wishes;
		memcpy(s->wishes, other->wishes, sizeof(s->wishes));
		break;
	}
	assert_true(index_put_seeker(w->index, s));
}

static void assert_same(const struct match *a, size_t n, const struct match *b, size_t m)
{
	assert_int_equal(n, m);
	for (size_t i = 0; i < n; i++) {
		assert_true(a[i].id == b[i].id);
		assert_int_equal(a[i].score.total, b[i].score.total);
		assert_int_equal(a[i].score.fit, b[i].score.fit);
		assert_int_equal(a[i].widened, b[i].widened);
	}
}

/* Anybody who may hold the post, if some tries find one. */
static const struct seeker *someone_eligible(const struct world *w, const struct vacancy *v)
{
	for (int tries = 0; tries < 400; tries++) {
		const struct seeker *s = any_seeker(w);

		if (eligible(&w->terms, s, v, true) == RULE_NONE)
			return s;
	}
	return NULL;
}

static void assert_at(struct position a, struct position b)
{
	assert_int_equal(a.by_order, b.by_order);
	assert_int_equal(a.by_score, b.by_score);
}

static void place_both_ways(const struct world *w)
{
	const struct vacancy *v = any_vacancy(w);
	const struct seeker *s = someone_eligible(w, v);

	if (!s)
		return;
	assert_at(position_of_vacancy(w->index, &w->terms, s, v),
	    twin_position_of_vacancy(&w->market, &w->terms, s, v));
	assert_at(position_of_seeker(w->index, &w->terms, v, s),
	    twin_position_of_seeker(&w->market, &w->terms, v, s));
}

static void ask_both_ways(struct world *w)
{
	static const size_t ks[] = { 1, 5, 20, K_MAX };
	const struct seeker *s = any_seeker(w);
	const struct vacancy *v = any_vacancy(w);
	struct match a[K_MAX], b[K_MAX];
	size_t k = ks[any(4)];

	w->policy.priority = (enum priority_mode)any(3);
	w->terms.order = (enum order_mode)any(2);
	assert_same(a, best_vacancies(w->index, &w->terms, s, a, k), b,
	    twin_vacancies(&w->market, &w->terms, s, b, k));
	assert_same(a, best_seekers(w->index, &w->terms, v, a, k), b,
	    twin_seekers(&w->market, &w->terms, v, b, k));
}

static void answers_are_those_of_a_scan_while_events_are_applied(void **state)
{
	const char *form = getenv("VACANCYD_LONG");
	long queries = form && *form ? QUERIES_LONG : QUERIES_SHORT;
	long each = queries / 9;

	(void)state;
	for (unsigned course = 0; course < SKEWS * 3; course++) {
		struct world *w = world_new(sizes[course % 3], (enum skew)(course / 3));

		for (long asked = 0; asked < each; asked += QUERIES * 2L) {
			for (int i = 0; i < EVENTS; i++) {
				change_a_vacancy(w);
				change_a_seeker(w);
			}
			for (int i = 0; i < QUERIES; i++)
				ask_both_ways(w);
			place_both_ways(w);
		}
		world_free(w);
	}
}

/* What was put is what is found, but for the two fields that are not kept. */
static void assert_kept(const struct world *w)
{
	struct vacancy v, was;
	struct seeker s;

	for (size_t i = 0; i < w->market.n_vacancies; i++) {
		was = w->market.vacancies[i];
		was.employer = was.pay_min = 0;
		assert_true(index_vacancy(w->index, was.id, &v));
		assert_true(v.version == was.version && v.pay_max == was.pay_max);
		assert_true(v.open == was.open && v.open_posts == was.open_posts);
		assert_true(v.place == was.place && v.occupation == was.occupation);
		assert_true(v.posted_on == was.posted_on && v.valid_until == was.valid_until);
		assert_memory_equal(v.required, was.required, was.n_required);
		assert_memory_equal(v.wished, was.wished, was.n_wished);
		assert_memory_equal(v.licences, was.licences, was.n_licences);
	}
	for (size_t i = 0; i < w->market.n_seekers; i++) {
		const struct seeker *p = &w->market.seekers[i];

		assert_true(index_seeker(w->index, p->id, &s));
		assert_true(s.version == p->version && s.pay_wish == p->pay_wish);
		assert_true(s.place == p->place && s.rank == p->rank);
		assert_true(s.waiting_since == p->waiting_since && s.active == p->active);
		assert_int_equal(s.n_experience, p->n_experience);
		assert_memory_equal(s.experience, p->experience,
		    p->n_experience * sizeof(*p->experience));
		assert_memory_equal(s.wishes, p->wishes, p->n_wishes * sizeof(*p->wishes));
	}
}

static void values_come_out_as_they_went_in(void **state)
{
	struct world *w = world_new(12000, CITY);

	(void)state;
	assert_kept(w);
	for (int i = 0; i < 5000; i++) {
		change_a_vacancy(w);
		change_a_seeker(w);
	}
	assert_kept(w);
	world_free(w);
}

/* Everything leaves, in any order, and comes back. */
static void an_emptied_index_fills_again(void **state)
{
	struct world *w = world_new(12000, CITY);
	size_t n = w->market.n_vacancies;

	(void)state;
	for (int again = 0; again < 2; again++) {
		for (size_t i = 0; i < n; i++) {
			struct vacancy *v = &w->market.vacancies[(i * 7919) % n];
			struct seeker *s = &w->market.seekers[(i * 7919) % n];

			v->version++;
			s->version++;
			v->open = s->active = again;
			assert_true(index_put_vacancy(w->index, v));
			assert_true(index_put_seeker(w->index, s));
		}
		assert_int_equal(index_count_vacancies(w->index), again ? n : 0);
		assert_int_equal(index_count_seekers(w->index), again ? n : 0);
		ask_both_ways(w);
	}
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_come_out_as_they_went_in),
		cmocka_unit_test(answers_are_those_of_a_scan_while_events_are_applied),
		cmocka_unit_test(an_emptied_index_fills_again),
	};

	return cmocka_run_group_tests(tests, set_seed, NULL);
}
