/*
 * The search: the best k of one side for one of the other.
 *
 * It looks at every candidate of the cells concerned and keeps the best k in
 * order: the exact reference that a faster search must equal.  A seeker stands
 * in a cell for each wish and is judged only where her nearest wish stands, so
 * nobody is met twice and nobody has to be remembered.
 */
#include "matcher/index.h"
#include "matcher/pair.h"

struct search {
	const struct index *ix;
	const struct terms *terms;
	const struct seeker *seeker;   /* who asks, or NULL */
	const struct vacancy *vacancy; /* which asks, or NULL */
	bool widened;
	struct match *best;
	size_t n, k;
};

static int order(const struct search *q, const struct match *a, const struct match *b)
{
	return q->seeker ? match_order_vacancies(a, b)
			 : match_order_seekers(q->terms->policy, a, b);
}

/* Put it where it belongs among the best; the k + 1st falls off. */
static void offer(struct search *q, const struct match *m)
{
	size_t at = q->n;

	if (q->n == q->k) {
		at--;
		if (order(q, m, &q->best[at]) > 0)
			return;
	} else {
		q->n++;
	}
	for (; at > 0 && order(q, m, &q->best[at - 1]) < 0; at--)
		q->best[at] = q->best[at - 1];
	q->best[at] = *m;
}

/* Each candidate belongs to one pass only: the middle group's or the widened one. */
static void judge(struct search *q, const struct posting *p)
{
	const struct seeker *s = q->seeker ? q->seeker : &q->ix->seekers[p->entry];
	const struct vacancy *v = q->vacancy ? q->vacancy : &q->ix->vacancies[p->entry];
	uint8_t wish;
	enum occupation_level level = nearest_wish(s, v->occupation, &wish);
	struct match m = { .widened = q->widened };

	if (q->widened != (level == OCC_MAJOR))
		return;
	if (!q->seeker && p->seat != wish)
		return;
	if (eligible(q->terms, s, v, q->widened) != RULE_NONE)
		return;
	m.id = q->seeker ? v->id : s->id;
	m.score = score_pair(q->terms, s, v);
	m.rank = q->seeker ? 0 : s->rank;
	m.fit = fits(&m.score);
	m.since = q->seeker ? v->posted_on : s->waiting_since;
	offer(q, &m);
}

static void judge_group(struct search *q, const struct cells *cells, uint32_t number)
{
	const struct group *group = &cells->groups[number];

	for (size_t i = 0; i < group->n; i++) {
		const struct cell *cell = &cells->cells[group->cells[i]];

		for (size_t j = 0; j < cell->n; j++)
			judge(q, &cell->postings[j]);
	}
}

/* The middle groups of these occupations, then their major groups if k are not found. */
static size_t find_best(struct search *q, const struct cells *cells, const occupation_t *from,
    uint8_t n)
{
	bool is_wanted[GROUPS] = { false };

	if (q->k == 0)
		return 0;
	for (uint8_t i = 0; i < n; i++) {
		if (from[i] / 10000 < GROUPS)
			is_wanted[from[i] / 10000] = true;
	}
	for (uint32_t g = 0; g < GROUPS; g++) {
		if (is_wanted[g])
			judge_group(q, cells, g);
	}
	if (q->n == q->k)
		return q->n;

	q->widened = true;
	for (uint8_t i = 0; i < n; i++) {
		uint32_t first = from[i] / 1000000 * 100;

		for (uint32_t g = first; g < first + 100 && g < GROUPS; g++)
			is_wanted[g] = true;
	}
	for (uint32_t g = 0; g < GROUPS; g++) {
		if (is_wanted[g])
			judge_group(q, cells, g);
	}
	return q->n;
}

static void place_by_score(struct match *best, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		best[i].by_score = 1;
		for (size_t j = 0; j < n; j++) {
			uint16_t a = best[i].score.total;
			uint16_t b = best[j].score.total;

			best[i].by_score += b > a || (b == a && j < i);
		}
	}
}

size_t best_vacancies(const struct index *ix, const struct terms *t, const struct seeker *s,
    struct match *out, size_t k)
{
	struct search q = { .ix = ix, .terms = t, .seeker = s, .best = out };
	size_t n;

	q.k = k < K_MAX ? k : K_MAX;
	n = find_best(&q, &ix->vacancy_cells, s->wishes, s->n_wishes);
	place_by_score(out, n);
	return n;
}

size_t best_seekers(const struct index *ix, const struct terms *t, const struct vacancy *v,
    struct match *out, size_t k)
{
	struct search q = { .ix = ix, .terms = t, .vacancy = v, .best = out };
	size_t n;

	q.k = k < K_MAX ? k : K_MAX;
	n = find_best(&q, &ix->seeker_cells, &v->occupation, 1);
	place_by_score(out, n);
	return n;
}
