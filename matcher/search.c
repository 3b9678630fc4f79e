/*
 * The search: the best k of one side for one of the other, exactly.
 *
 * Best first: of all that has not been looked into, that whose bound comes
 * earliest in the order is next, and the search ends when even that one comes
 * after the k-th that was found.  Class, fit, band and the widened group are the
 * high bits of an order key, so there is no pass for each of them.  A seeker
 * stands in a tree once for each wish and is judged only where her nearest wish
 * stands: nobody is met twice and nobody has to be remembered.
 */
#include "matcher/bounds.h"
#include "matcher/index.h"
#include "matcher/order.h"
#include "matcher/pair.h"

#include <string.h>

/* What waits to be looked into; beyond that, it is looked into at once. */
enum { WAITING_MAX = 1024 };

struct visit {
	uint64_t bound;
	const void *node;
	uint8_t height;
	uint8_t class; /* of seekers */
};

struct search {
	const struct index *ix;
	struct ask ask;
	struct match *best;
	uint64_t keys[K_MAX]; /* of the best */
	size_t n, k;
	struct visit heap[WAITING_MAX];
	size_t n_heap;
};

static bool is_hopeless(const struct search *q, uint64_t bound)
{
	return bound == ORDER_NONE || (q->n == q->k && bound > q->keys[q->n - 1]);
}

static bool comes_before(const struct search *q, uint64_t key, uint64_t id, size_t at)
{
	return key != q->keys[at] ? key < q->keys[at] : id < q->best[at].id;
}

/* Put it where it belongs among the best; the k + 1st falls off. */
static void offer(struct search *q, uint64_t key, const struct match *m)
{
	size_t at = q->n;

	if (q->n == q->k && !comes_before(q, key, m->id, q->n - 1))
		return;
	while (at > 0 && comes_before(q, key, m->id, at - 1))
		at--;
	if (q->n < q->k)
		q->n++;
	memmove(&q->best[at + 1], &q->best[at], (q->n - 1 - at) * sizeof(*q->best));
	memmove(&q->keys[at + 1], &q->keys[at], (q->n - 1 - at) * sizeof(*q->keys));
	q->best[at] = *m;
	q->keys[at] = key;
}

/* `m` says who is met; her score, and whether she is listed, is found here. */
static void judge_pair(struct search *q, const struct seeker *s, const struct vacancy *v,
    struct match *m)
{
	const struct terms *t = q->ask.terms;

	if (eligible(t, s, v, m->widened) != RULE_NONE)
		return;
	m->score = score_pair(t, s, v);
	m->fit = fits(&m->score);
	offer(q, q->ask.seeker ? order_of_vacancy(m) : order_of_seeker(t->policy, m), m);
}

static void judge_vacancies(struct search *q, const struct leaf *leaf)
{
	const struct vacancy_entry *e = leaf_entry(&q->ix->posts, leaf, 0);
	struct vacancy v;
	struct match m;

	for (uint16_t i = 0; i < leaf->n; i++) {
		if (!vacancy_entry_may(&q->ask, &e[i]) ||
		    is_hopeless(q, cell_bound(&q->ask, e[i].occupation, e[i].place)) ||
		    is_hopeless(q, vacancy_entry_bound(&q->ask, &e[i], &q->ix->more)))
			continue;
		vacancy_expand(&e[i], &q->ix->more, &v);
		m = (struct match){ .id = v.id,
			.since = v.posted_on,
			.widened = q->ask.cell.level == OCC_MAJOR };
		judge_pair(q, q->ask.seeker, &v, &m);
	}
}

/* A seeker is judged where her nearest wish stands, the first of several alike. */
static void judge_seeker(struct search *q, uint32_t entry, uint8_t seat)
{
	struct seeker s;
	struct match m;
	uint8_t wish;
	enum occupation_level level;

	seeker_expand(seeker_at(q->ix, entry), &s);
	level = nearest_wish(&s, q->ask.vacancy->occupation, &wish);
	if (wish != seat)
		return;
	m = (struct match){ .id = s.id,
		.since = s.waiting_since,
		.rank = s.rank,
		.widened = level == OCC_MAJOR };
	judge_pair(q, &s, q->ask.vacancy, &m);
}

/* First all postings, then the people of those that remain: their records stand anywhere in
 * memory, and are on their way by then. */
static void judge_postings(struct search *q, const struct leaf *leaf)
{
	const struct posting *p = leaf_entry(&q->ix->waiting[0], leaf, 0);
	uint64_t bounds[LEAF_MAX];
	uint16_t left[LEAF_MAX], n = 0;

	for (uint16_t i = 0; i < leaf->n; i++) {
		if (!posting_entry_may(&q->ask, &p[i]) ||
		    is_hopeless(q, cell_bound(&q->ask, p[i].occupation, p[i].place)))
			continue;
		bounds[n] = posting_entry_bound(&q->ask, &p[i]);
		if (is_hopeless(q, bounds[n]))
			continue;
		__builtin_prefetch(seeker_at(q->ix, p[i].entry));
		left[n++] = i;
	}
	for (uint16_t i = 0; i < n; i++) {
		if (!is_hopeless(q, bounds[i]))
			judge_seeker(q, p[left[i]].entry, p[left[i]].seat);
	}
}

static void wait_for(struct search *q, struct visit v)
{
	size_t at = q->n_heap++;

	for (; at > 0 && v.bound < q->heap[(at - 1) / 2].bound; at = (at - 1) / 2)
		q->heap[at] = q->heap[(at - 1) / 2];
	q->heap[at] = v;
}

static struct visit next_visit(struct search *q)
{
	struct visit first = q->heap[0], last = q->heap[--q->n_heap];
	size_t at = 0;

	for (size_t child; (child = 2 * at + 1) < q->n_heap; at = child) {
		if (child + 1 < q->n_heap && q->heap[child + 1].bound < q->heap[child].bound)
			child++;
		if (last.bound <= q->heap[child].bound)
			break;
		q->heap[at] = q->heap[child];
	}
	q->heap[at] = last;
	return first;
}

static const struct tree *tree_of(const struct search *q, unsigned class)
{
	return q->ask.seeker ? &q->ix->posts : &q->ix->waiting[class];
}

static void look_into(struct search *q, struct visit v)
{
	const struct tree *tree = tree_of(q, v.class);
	const struct branch *b = v.node;

	if (v.height == 0) {
		if (q->ask.seeker)
			judge_vacancies(q, v.node);
		else
			judge_postings(q, v.node);
		return;
	}
	for (size_t i = 0; i < b->n; i++) {
		const void *below = branch_summary(tree, b, i);
		struct visit next = {
			.bound = q->ask.seeker ? vacancy_bound(&q->ask, below)
					       : posting_bound(&q->ask, below),
			.node = b->below[i],
			.height = (uint8_t)(v.height - 1),
			.class = v.class,
		};

		if (is_hopeless(q, next.bound))
			continue;
		if (q->n_heap < WAITING_MAX)
			wait_for(q, next);
		else
			look_into(q, next);
	}
}

static void begin(struct search *q, unsigned class)
{
	const struct tree *tree = tree_of(q, class);

	if (tree->root)
		wait_for(q, (struct visit){ .node = tree->root,
				.height = (uint8_t)tree->height,
				.class = (uint8_t) class });
}

static size_t find_best(struct search *q)
{
	while (q->k > 0 && q->n_heap > 0) {
		struct visit v = next_visit(q);

		if (is_hopeless(q, v.bound))
			break;
		if (q->n_heap)
			__builtin_prefetch(q->heap[0].node);
		if (q->ask.best_rank != (enum rank)(RANK_P1 + v.class)) {
			q->ask.best_rank = (enum rank)(RANK_P1 + v.class);
			q->ask.cell.occupation = 0; /* its bound was another class's */
		}
		look_into(q, v);
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

/* Not `= { 0 }`: the heap alone is many pages. */
static void prepare(struct search *q, const struct index *ix, struct match *out, size_t k)
{
	q->ix = ix;
	q->best = out;
	q->n = q->n_heap = 0;
	q->k = k < K_MAX ? k : K_MAX;
}

size_t best_vacancies(const struct index *ix, const struct terms *t, const struct seeker *s,
    struct match *out, size_t k)
{
	struct search q;

	prepare(&q, ix, out, k);
	ask_as_seeker(&q.ask, t, s);
	begin(&q, 0);
	(void)find_best(&q);
	place_by_score(out, q.n);
	return q.n;
}

size_t best_seekers(const struct index *ix, const struct terms *t, const struct vacancy *v,
    struct match *out, size_t k)
{
	struct search q;

	prepare(&q, ix, out, k);
	ask_as_vacancy(&q.ask, t, v);
	for (unsigned class = 0; class < CLASSES; class ++)
		begin(&q, class);
	(void)find_best(&q);
	place_by_score(out, q.n);
	return q.n;
}
