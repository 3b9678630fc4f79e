/*
 * Where a pair stands: how many of all who are eligible come before it, in the order of the
 * list and by score alone, counted exactly and in one walk.
 *
 * Whoever is left out by a bound comes after it in both.  Of the others what the tree holds
 * mostly says everything: whether they are eligible, and between which keys theirs lies; only
 * where the pair's key lies between them too is a person's own record read.  Nobody is met
 * twice: a wish says whether another may be nearer.
 */
#include "matcher/bounds.h"
#include "matcher/index.h"
#include "matcher/order.h"
#include "matcher/pair.h"

#include <string.h>

struct count {
	const struct index *ix;
	struct query query;
	struct match of; /* whose place is asked */
	uint64_t key;    /* theirs */
	struct position before;
	/* The months of the asker in the minor group that was looked at last. */
	occupation_t months_in;
	uint32_t months;
};

static void note(struct count *c, uint64_t id, uint64_t key, unsigned total)
{
	c->before.by_order += key != c->key ? key < c->key : id < c->of.id;
	c->before.by_score += total > c->of.score.total;
}

/* A score in the cell that is being looked at, of its other components. */
static unsigned total_of(const struct query *q, unsigned skills, unsigned pay,
    unsigned experience, unsigned freshness)
{
	const struct policy *p = q->terms->policy;

	return p->occupation[q->cell.level] + p->area[q->cell.far] + skills + pay + experience +
	       freshness;
}

static uint32_t months_here(struct count *c)
{
	occupation_t o = cell_occupation(c->query.cell.at);

	if (o / 100 != c->months_in) {
		c->months_in = o / 100;
		c->months = months_of(c->query.seeker, o);
	}
	return c->months;
}

static bool may_hold(const struct query *q, const struct vacancy_entry *e, const uint8_t *ids)
{
	const struct seeker *s = q->seeker;

	if (q->today > e->valid_until || (e->reserved && s->rank > RANK_P3 &&
					     (s->rank > RANK_P5 || q->today < e->released_on)))
		return false;
	for (unsigned i = 0; i < e->n_licences; i++) {
		if (!has_id(s->licences, s->n_licences, ids[i]))
			return false;
	}
	return true;
}

static void count_vacancy(struct count *c, const struct vacancy_entry *e)
{
	struct query *q = &c->query;
	const struct policy *p = q->terms->policy;
	const uint8_t *ids = vacancy_ids(e, &c->ix->more);
	uint8_t required = 0, wished = 0, n = (uint8_t)(e->n_required + e->n_wished);
	unsigned total;

	if (cell_bound(q, e->cell) == ORDER_NONE || !may_hold(q, e, ids + n))
		return;
	for (unsigned i = 0; i < n; i++) {
		required += i < e->n_required && q->has[ids[i]];
		wished += i >= e->n_required && q->has[ids[i]];
	}
	total = total_of(q, skill_points(p, e->n_required, e->n_wished, required, wished),
	    pay_points(p, e->pay_max, q->seeker->pay_wish),
	    experience_points(p, e->experience_months ? months_here(c) : 0,
		e->experience_months),
	    freshness_points(p, days_since(day_long(e->posted_on), q->terms->today)));
	note(c, e->id,
	    order_by_score(total, e->posted_on) |
		(q->cell.level == OCC_MAJOR ? ORDER_WIDENED : 0),
	    total);
}

/* Between which keys, and scores, somebody's lie. */
struct between {
	uint64_t first, last;
	unsigned most, least;
};

/* The last that the shuffle may make of a key. */
static uint64_t shuffled_last(const struct terms *t, uint64_t key)
{
	bool is_shuffled = t->order == ORDER_ONE_SET && t->policy->priority != PRIORITY_OFF;

	return is_shuffled ? key | ((UINT64_C(1) << SHUFFLE_BITS) - 1) : key;
}

/* In the cell that is being looked at.  A skill that seems to be there may be another. */
static struct between posting_between(const struct query *q, const struct posting *one)
{
	const struct vacancy *v = q->vacancy;
	const struct policy *p = q->terms->policy;
	enum occupation_level level = q->cell.level;
	uint64_t later = level == OCC_MAJOR ? ORDER_UNFIT | ORDER_WIDENED : ORDER_UNFIT;
	uint16_t since = order_since(q->terms, one->waiting_since);
	bool may_fit = level <= OCC_MINOR && is_able(q, one->skills, one->months);
	unsigned all = 2u * v->n_required + v->n_wished;
	unsigned met = 2u * bits_met(v->required, v->n_required, one->skills) +
		       bits_met(v->wished, v->n_wished, one->skills);
	unsigned pay = pay_points(p, v->pay_max, one->pay_wish);
	unsigned pay_least =
	    one->pay_wish < PAY_MOST ? pay : pay_points(p, v->pay_max, UINT32_MAX);
	unsigned months = 0, months_most = p->experience;
	struct between b;

	if (level <= OCC_MINOR || v->experience_months == 0)
		months = months_most = experience_points(p, one->months, v->experience_months);
	b.most = total_of(q, query_skill_points(q, all, met), pay, months_most, q->freshness);
	b.least = total_of(q, query_skill_points(q, all, 0), pay_least, months, q->freshness);
	b.first = may_fit ? order_by_priority(q->terms, q->best_rank, b.most, since)
			  : order_by_score(b.most, since) | later;
	b.last = may_fit && v->n_required == 0
		     ? shuffled_last(q->terms,
			   order_by_priority(q->terms, q->best_rank, b.least, since))
		     : order_by_score(b.least, since) | later;
	return b;
}

static bool is_released(const struct query *q, const struct posting *one)
{
	const struct vacancy *v = q->vacancy;

	return !v->reserved || rank_has_priority(q->best_rank) ||
	       (!one->is_last_rank && q->terms->today >= v->released_on);
}

/* True: only the record can say. */
static bool count_posting(struct count *c, const struct posting *one)
{
	struct query *q = &c->query;
	struct between b;
	bool in_order, in_score;

	if (cell_bound(q, one->cell) == ORDER_NONE ||
	    q->cell.far > (enum area_level)one->farthest ||
	    (q->licences & ~(uint32_t)one->licences) || !is_released(q, one) ||
	    one->earlier <= q->cell.level)
		return false;
	b = posting_between(q, one);
	if (b.first > c->key && b.most <= c->of.score.total)
		return false;
	in_order = b.last < c->key;
	in_score = b.least > c->of.score.total;
	if (q->vacancy->n_licences || posting_has_rival(one, q->cell.level) ||
	    (!in_order && b.first <= c->key) || (!in_score && b.most > c->of.score.total))
		return true;
	c->before.by_order += in_order;
	c->before.by_score += in_score;
	return false;
}

/* Whether a wish other than the one that stands here is nearer, or as near and before it. */
static bool is_met_elsewhere(const struct query *q, const struct seeker_entry *e, uint8_t wish)
{
	for (uint8_t i = 0; i < e->n_wishes; i++) {
		enum occupation_level level =
		    occupation_level(get24(e->wishes[i]), q->vacancy->occupation);

		if (level < q->cell.level || (level == q->cell.level && i < wish))
			return true;
	}
	return false;
}

static uint32_t months_in_group(const struct seeker_entry *e, occupation_t occupation)
{
	uint32_t all = 0;

	for (unsigned i = 0; i < e->n_experience; i++) {
		uint16_t months;

		memcpy(&months, e->experience[i] + 3, sizeof(months));
		all += get24(e->experience[i]) / 100 == occupation / 100 ? months : 0;
	}
	return all;
}

/* What a posting left open, from the record as it is kept. */
static void count_seeker(struct count *c, const struct posting *at)
{
	struct query *q = &c->query;
	const struct vacancy *v = q->vacancy;
	const struct policy *p = q->terms->policy;
	const struct seeker_entry *e = seeker_at(c->ix, at->entry);
	struct match m = { .id = e->id, .rank = e->rank, .since = day_long(e->waiting_since) };
	uint8_t required = 0, wished = 0;
	uint32_t months = 0;

	(void)cell_bound(q, at->cell);
	if (is_met_elsewhere(q, e, at->wish))
		return;
	for (uint8_t i = 0; i < v->n_licences; i++) {
		if (!has_id(e->licences, (uint8_t)e->n_licences, v->licences[i]))
			return;
	}
	for (uint8_t i = 0; i < v->n_required; i++)
		required += has_id(e->skills, (uint8_t)e->n_skills, v->required[i]);
	for (uint8_t i = 0; i < v->n_wished; i++)
		wished += has_id(e->skills, (uint8_t)e->n_skills, v->wished[i]);
	if (v->experience_months)
		months = months_in_group(e, v->occupation);
	m.score.total =
	    (uint16_t)total_of(q, skill_points(p, v->n_required, v->n_wished, required, wished),
		pay_points(p, v->pay_max, e->pay_wish),
		experience_points(p, months, v->experience_months), q->freshness);
	m.score.fit = q->cell.level <= OCC_MINOR && required == v->n_required &&
		      months >= v->experience_months;
	m.widened = q->cell.level == OCC_MAJOR;
	note(c, m.id, order_of_seeker(q->terms, v->id, &m), m.score.total);
}

static void count_leaf(struct count *c, const struct tree *t, const struct leaf *l)
{
	uint8_t left[LEAF_MAX];
	size_t met = leaf_meets(l, c->query.marks, left), n = 0;

	for (size_t i = 0; i < met; i++) {
		const struct posting *one;

		if (c->query.seeker) {
			count_vacancy(c, leaf_entry(t, l, left[i]));
			continue;
		}
		one = leaf_entry(t, l, left[i]);
		if (!count_posting(c, one))
			continue;
		__builtin_prefetch(seeker_at(c->ix, one->entry));
		left[n++] = left[i];
	}
	for (size_t i = 0; i < n; i++)
		count_seeker(c, leaf_entry(t, l, left[i]));
}

/* Whether anything below may come before. */
static bool may_come_before(struct count *c, const void *below)
{
	uint32_t by_score = 0;
	uint64_t first = c->query.seeker ? vacancy_bound(&c->query, below)
					 : posting_bound(&c->query, below, &by_score);

	if (c->query.seeker)
		by_score = (uint32_t)first;
	return first != ORDER_NONE &&
	       (first <= c->key || by_score < order_by_score(c->of.score.total, 0));
}

static void count_below(struct count *c, const struct tree *t, const void *node,
    unsigned height)
{
	const struct branch *b = node;
	const void *left[BRANCH_MAX];
	size_t n = 0;

	if (height == 0) {
		count_leaf(c, t, node);
		return;
	}
	for (size_t i = 0; i < b->n; i++) {
		left[n] = b->below[i];
		n += may_come_before(c, branch_summary(t, b, i));
	}
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n)
			node_fetch(left[i + 1]);
		count_below(c, t, left[i], height - 1);
	}
}

static struct match match_of(const struct pair *p, bool of_vacancy)
{
	return (struct match){ .id = of_vacancy ? p->v->id : p->s->id,
		.score = pair_score(p),
		.rank = of_vacancy ? 0 : p->s->rank,
		.widened = p->near == OCC_MAJOR,
		.since = of_vacancy ? p->v->posted_on : p->s->waiting_since };
}

static struct position place_of(const struct count *c)
{
	return (struct position){ c->before.by_order + 1, c->before.by_score + 1 };
}

struct position position_of_vacancy(const struct index *ix, const struct terms *t,
    const struct seeker *s, const struct vacancy *v)
{
	struct pair p = pair_of(t, s, v);
	struct count c = { .ix = ix, .of = match_of(&p, true) };

	query_as_seeker(&c.query, t, s);
	c.key = order_of_vacancy(&c.of);
	if (ix->posts.root)
		count_below(&c, &ix->posts, ix->posts.root, ix->posts.height);
	return place_of(&c);
}

struct position position_of_seeker(const struct index *ix, const struct terms *t,
    const struct vacancy *v, const struct seeker *s)
{
	struct pair p = pair_of(t, s, v);
	struct count c = { .ix = ix, .of = match_of(&p, false) };

	query_as_vacancy(&c.query, t, v);
	c.key = order_of_seeker(t, v->id, &c.of);
	for (unsigned class = 0; class < CLASSES; class ++) {
		const struct tree *tree = &ix->waiting[class];

		c.query.best_rank = (enum rank)(RANK_P1 + class);
		c.query.cell.at = CELL_NONE; /* its bound was another class's */
		if (tree->root)
			count_below(&c, tree, tree->root, tree->height);
	}
	return place_of(&c);
}
