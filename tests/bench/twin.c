/*
 * See twin.h.  The widened are kept in the same list: they come after the
 * others in the order, so the best k of all are the best k as the index
 * defines them.
 */
#include "tests/bench/twin.h"

struct list {
	const struct terms *terms;
	const struct vacancy *of; /* whose list of people it is; NULL: of posts */
	struct match *best;
	size_t n, k;
};

static int order(const struct list *l, const struct match *a, const struct match *b)
{
	return l->of ? match_order_seekers(l->terms, l->of->id, a, b)
		     : match_order_vacancies(a, b);
}

static void offer(struct list *l, const struct match *m)
{
	size_t at = l->n;

	if (l->n == l->k) {
		if (l->k == 0 || order(l, m, &l->best[--at]) > 0)
			return;
	} else {
		l->n++;
	}
	for (; at > 0 && order(l, m, &l->best[at - 1]) < 0; at--)
		l->best[at] = l->best[at - 1];
	l->best[at] = *m;
}

static bool shares_major(const struct seeker *s, const struct vacancy *v)
{
	for (uint8_t i = 0; i < s->n_wishes; i++) {
		if (s->wishes[i] / 1000000 == v->occupation / 1000000)
			return true;
	}
	return false;
}

/* False: not eligible, widened or not. */
static bool meet(const struct list *l, const struct seeker *s, const struct vacancy *v,
    struct match *out)
{
	if (!shares_major(s, v) || eligible(l->terms, s, v, true) != RULE_NONE)
		return false;
	*out = (struct match){ .id = l->of == v ? s->id : v->id,
		.score = score_pair(l->terms, s, v),
		.rank = l->of == v ? s->rank : 0,
		.since = l->of == v ? s->waiting_since : v->posted_on };
	out->widened = out->score.occupation_level == OCC_MAJOR;
	return true;
}

static void judge(struct list *l, const struct seeker *s, const struct vacancy *v)
{
	struct match m;

	if (!meet(l, s, v, &m))
		return;
	if (m.widened && l->n == l->k && !l->best[l->n - 1].widened)
		return;
	offer(l, &m);
}

size_t twin_vacancies(const struct market *m, const struct terms *t, const struct seeker *s,
    struct match *out, size_t k)
{
	struct list l = { t, NULL, out, 0, k < K_MAX ? k : K_MAX };

	for (size_t i = 0; i < m->n_vacancies; i++)
		judge(&l, s, &m->vacancies[i]);
	return l.n;
}

size_t twin_seekers(const struct market *m, const struct terms *t, const struct vacancy *v,
    struct match *out, size_t k)
{
	struct list l = { t, v, out, 0, k < K_MAX ? k : K_MAX };

	for (size_t i = 0; i < m->n_seekers; i++)
		judge(&l, &m->seekers[i], v);
	return l.n;
}

static struct position position_in(const struct market *m, const struct list *l,
    const struct seeker *s, const struct vacancy *v)
{
	struct position at = { 1, 1 };
	struct match mine, other;

	if (!meet(l, s, v, &mine))
		return (struct position){ 0, 0 };
	for (size_t i = 0; i < (l->of ? m->n_seekers : m->n_vacancies); i++) {
		if (!meet(l, l->of ? &m->seekers[i] : s, l->of ? v : &m->vacancies[i], &other))
			continue;
		at.by_order += order(l, &other, &mine) < 0;
		at.by_score += other.score.total > mine.score.total;
	}
	return at;
}

struct position twin_position_of_vacancy(const struct market *m, const struct terms *t,
    const struct seeker *s, const struct vacancy *v)
{
	struct list l = { .terms = t };

	return position_in(m, &l, s, v);
}

struct position twin_position_of_seeker(const struct market *m, const struct terms *t,
    const struct vacancy *v, const struct seeker *s)
{
	struct list l = { .terms = t, .of = v };

	return position_in(m, &l, s, v);
}
