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

/* The frontier: what is still to be looked into.  Beyond that, it is looked into at once; a
 * node that was not full may have one more, what it put off. */
enum { FRONTIER_MAX = 1024 };

struct frontier_node {
	uint64_t bound;
	const void *node;
	uint32_t unfit; /* of seekers: the bound by score, of who does not fit */
	uint8_t height;
	uint8_t class; /* of seekers */
};

/* One of the best so far; `slot` is where the match itself is kept. */
struct found {
	uint64_t key, id;
	size_t slot;
};

struct search {
	const struct index *ix;
	struct query query;
	struct found best[K_MAX + 1]; /* in order */
	struct match slots[K_MAX + 1];
	size_t n, k;
	uint64_t limit; /* a key after this one is not among the best any more */
	struct frontier_node frontier[FRONTIER_MAX + 1];
	size_t n_frontier;
};

static bool comes_before(const struct found *a, const struct found *b)
{
	return a->key != b->key ? a->key < b->key : a->id < b->id;
}

/* Put it where it belongs among the best; the k + 1st falls off, and the next takes its slot.
 */
static void offer(struct search *q, uint64_t key, const struct match *m)
{
	struct found f = { key, m->id, q->n < q->k ? q->n : q->best[q->n - 1].slot };
	size_t at = q->n;

	if (q->n == q->k && !comes_before(&f, &q->best[--at]))
		return;
	for (; at > 0 && comes_before(&f, &q->best[at - 1]); at--)
		q->best[at] = q->best[at - 1];
	q->best[at] = f;
	q->slots[f.slot] = *m;
	q->n += q->n < q->k;
	if (q->n == q->k)
		q->limit = q->best[q->n - 1].key;
}

static uint64_t key_of(const struct query *q, const struct match *m)
{
	return q->seeker ? order_of_vacancy(m) : order_of_seeker(q->terms, q->vacancy->id, m);
}

/* `m` says who is met; her score, and whether she is listed, is found here. */
static void judge(struct search *q, const struct pair *p, struct match *m)
{
	if (pair_refused_by(p) != RULE_NONE)
		return;
	m->widened = p->widened;
	m->score = pair_score(p);
	offer(q, key_of(&q->query, m), m);
}

/* The pair that meets in the cell that is being looked at. */
static struct pair pair_here(const struct query *q, const struct seeker *s,
    const struct vacancy *v, uint8_t wish)
{
	return (struct pair){ .terms = q->terms,
		.s = s,
		.v = v,
		.near = q->cell.level,
		.wish = wish,
		.far = q->cell.far,
		.widened = q->cell.level == OCC_MAJOR };
}

static void judge_vacancies(struct search *q, const struct leaf *leaf)
{
	const struct vacancy_entry *e = leaf_entry(&q->ix->posts, leaf, 0);
	uint8_t left[LEAF_MAX];
	size_t n = leaf_meets(leaf, q->query.marks, left);
	struct vacancy v;
	struct match m;
	struct pair p;

	for (size_t i = 0; i < n; i++) {
		const struct vacancy_entry *one = &e[left[i]];

		if (cell_bound(&q->query, one->cell) > q->limit ||
		    vacancy_entry_bound(&q->query, one, &q->ix->more, q->limit) > q->limit)
			continue;
		vacancy_expand(one, &q->ix->more, &v);
		m = (struct match){ .id = v.id, .since = v.posted_on };
		p = pair_here(&q->query, q->query.seeker, &v, q->query.cell.wish);
		judge(q, &p, &m);
	}
}

/* A seeker is judged where her nearest wish stands, the first of several alike. */
static void judge_seeker(struct search *q, const struct posting *at)
{
	struct seeker s;
	struct match m;
	struct pair p;
	uint8_t wish;

	seeker_expand(seeker_at(q->ix, at->entry), &s);
	(void)nearest_wish(&s, q->query.vacancy->occupation, &wish);
	if (wish != at->wish)
		return;
	m = (struct match){ .id = s.id, .since = s.waiting_since, .rank = s.rank };
	(void)cell_bound(&q->query, at->cell);
	p = pair_here(&q->query, &s, q->query.vacancy, wish);
	judge(q, &p, &m);
}

static void look_into(struct search *q, struct frontier_node v);

static void frontier_push(struct search *q, struct frontier_node v)
{
	size_t at = q->n_frontier++;

	for (; at > 0 && v.bound < q->frontier[(at - 1) / 2].bound; at = (at - 1) / 2)
		q->frontier[at] = q->frontier[(at - 1) / 2];
	q->frontier[at] = v;
}

/* First all postings, then the people of those that remain: their records stand anywhere in
 * memory, and are on their way by then.  Who cannot fit is put off, with the leaf, until its
 * bound is theirs: mostly enough others fit. */
static void judge_postings(struct search *q, struct frontier_node at)
{
	const struct leaf *leaf = at.node;
	const struct posting *p = leaf_entry(&q->ix->waiting[0], leaf, 0);
	bool is_first = at.bound < ORDER_UNFIT;
	bool comes_again = is_first && q->n_frontier < FRONTIER_MAX, some_put_off = false;
	uint64_t bounds[LEAF_MAX];
	uint8_t left[LEAF_MAX];
	size_t met = leaf_meets(leaf, q->query.marks, left), n = 0;

	for (size_t i = 0; i < met; i++) {
		const struct posting *one = &p[left[i]];

		if ((comes_again || q->limit < ORDER_UNFIT) &&
		    !is_able(&q->query, one->skills, one->months)) {
			some_put_off = true;
			continue;
		}
		if (cell_bound(&q->query, one->cell) > q->limit)
			continue;
		bounds[n] = posting_entry_bound(&q->query, one);
		if (bounds[n] > q->limit)
			continue;
		if (bounds[n] >= ORDER_UNFIT && comes_again) {
			some_put_off = true;
			continue;
		}
		if (bounds[n] < ORDER_UNFIT && !is_first)
			continue; /* judged the first time */
		__builtin_prefetch(seeker_at(q->ix, one->entry));
		left[n++] = left[i];
	}
	for (size_t i = 0; i < n; i++) {
		if (bounds[i] <= q->limit)
			judge_seeker(q, &p[left[i]]);
	}
	at.bound = ORDER_UNFIT | at.unfit;
	if (comes_again && some_put_off && at.bound <= q->limit)
		frontier_push(q, at);
}

static struct frontier_node frontier_pop(struct search *q)
{
	struct frontier_node first = q->frontier[0], last = q->frontier[--q->n_frontier];
	size_t at = 0;

	for (size_t child; (child = 2 * at + 1) < q->n_frontier; at = child) {
		if (child + 1 < q->n_frontier &&
		    q->frontier[child + 1].bound < q->frontier[child].bound)
			child++;
		if (last.bound <= q->frontier[child].bound)
			break;
		q->frontier[at] = q->frontier[child];
	}
	q->frontier[at] = last;
	return first;
}

static const struct tree *tree_of(const struct search *q, unsigned class)
{
	return q->query.seeker ? &q->ix->posts : &q->ix->waiting[class];
}

/* Fit, unfit and widened are the highest bits of a key, and each part of a list. */
static unsigned part_of(uint64_t bound)
{
	return (unsigned)(bound >> 62);
}

/* What is of a later part of the list is put off together, with the branch: mostly it is not
 * reached. */
static void look_below(struct search *q, struct frontier_node v)
{
	const struct tree *tree = tree_of(q, v.class);
	const struct branch *b = v.node;
	unsigned part = part_of(v.bound);
	bool comes_again = q->n_frontier < FRONTIER_MAX;
	uint64_t put_off = ORDER_NONE;

	for (size_t i = 0; i < b->n; i++) {
		const void *below = branch_summary(tree, b, i);
		struct frontier_node next = { .node = b->below[i],
			.height = (uint8_t)(v.height - 1),
			.class = v.class };

		next.bound = q->query.seeker ? vacancy_bound(&q->query, below)
					     : posting_bound(&q->query, below, &next.unfit);
		if (next.bound > q->limit || part_of(next.bound) < part)
			continue;
		if (part_of(next.bound) > part && comes_again)
			put_off = next.bound < put_off ? next.bound : put_off;
		else if (q->n_frontier < FRONTIER_MAX)
			frontier_push(q, next);
		else
			look_into(q, next);
	}
	v.bound = put_off;
	if (put_off <= q->limit)
		frontier_push(q, v);
}

static void look_into(struct search *q, struct frontier_node v)
{
	if (v.height) {
		look_below(q, v);
		return;
	}
	if (q->query.seeker)
		judge_vacancies(q, v.node);
	else
		judge_postings(q, v);
}

static void begin(struct search *q, unsigned class)
{
	const struct tree *tree = tree_of(q, class);

	if (tree->root)
		frontier_push(q, (struct frontier_node){ .node = tree->root,
				     .height = (uint8_t)tree->height,
				     .class = (uint8_t) class });
}

static void find_best(struct search *q)
{
	while (q->k > 0 && q->n_frontier > 0) {
		struct frontier_node v = frontier_pop(q);

		if (v.bound > q->limit)
			break;
		if (q->n_frontier)
			node_fetch(q->frontier[0].node);
		if (q->query.best_rank != (enum rank)(RANK_P1 + v.class)) {
			q->query.best_rank = (enum rank)(RANK_P1 + v.class);
			q->query.cell.at = CELL_NONE; /* its bound was another class's */
		}
		look_into(q, v);
	}
}

/* Not `= { 0 }`: the frontier alone is many pages. */
static void prepare(struct search *q, const struct index *ix, size_t k)
{
	q->ix = ix;
	q->n = q->n_frontier = 0;
	q->k = k < K_MAX ? k : K_MAX;
	q->limit = ORDER_NONE - 1;
}

static size_t give(const struct search *q, struct match *out)
{
	for (size_t i = 0; i < q->n; i++)
		out[i] = q->slots[q->best[i].slot];
	return q->n;
}

size_t best_vacancies(const struct index *ix, const struct terms *t, const struct seeker *s,
    struct match *out, size_t k)
{
	struct search q;

	prepare(&q, ix, k);
	query_as_seeker(&q.query, t, s);
	begin(&q, 0);
	find_best(&q);
	return give(&q, out);
}

size_t best_seekers(const struct index *ix, const struct terms *t, const struct vacancy *v,
    struct match *out, size_t k)
{
	struct search q;

	prepare(&q, ix, k);
	query_as_vacancy(&q.query, t, v);
	for (unsigned class = 0; class < CLASSES; class ++)
		begin(&q, class);
	find_best(&q);
	return give(&q, out);
}
