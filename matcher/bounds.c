/*
 * The summaries of both sides, and the bounds that follow from them.
 *
 * Every component of a score is bounded as score.c computes it, in whole
 * numbers, from the best that is below; a rule of eligible.c refuses a summary
 * only when it would refuse every entry.  Nothing here decides anything: a bound
 * that is too loose costs time, and one that is too tight would be a wrong
 * answer, which the tests against the slow twin would show.
 */
#include "matcher/bounds.h"

#include "matcher/order.h"
#include "matcher/pair.h"

static uint32_t best_grades(uint32_t a, uint32_t b)
{
	uint32_t best = 0;

	for (uint32_t hour = 0xf; hour; hour <<= 4)
		best |= (a & hour) > (b & hour) ? a & hour : b & hour;
	return best;
}

/* Grades are 1 to 8, so that a sum with what is not needed has its fourth bit or not. */
static bool has_grade(const struct query *q, uint32_t grades)
{
	return ((grades + 0x11111111u * (8u - q->grade)) & q->hours & 0x88888888u) != 0;
}

static struct span span_of(uint64_t cell)
{
	occupation_t occupation = cell_occupation(cell);
	place_t place = cell_place(cell);

	return (struct span){ occupation, occupation, place, place, community_bit(place),
		street_bit(place) };
}

static void widen_span(struct span *s, const struct span *by)
{
	if (by->from_occupation < s->from_occupation)
		s->from_occupation = by->from_occupation;
	if (by->to_occupation > s->to_occupation)
		s->to_occupation = by->to_occupation;
	if (by->from_place < s->from_place)
		s->from_place = by->from_place;
	if (by->to_place > s->to_place)
		s->to_place = by->to_place;
	s->communities |= by->communities;
	s->streets |= by->streets;
}

/* One id may be named more than once. */
static void note_skills(const uint8_t *ids, unsigned n_required, unsigned n,
    uint64_t out[SHARES])
{
	unsigned all = n_required + n;

	for (unsigned i = 0; i < n; i++) {
		unsigned weight = 0;

		for (unsigned j = 0; j < n; j++)
			weight += ids[j] == ids[i] ? (j < n_required ? 2u : 1u) : 0u;
		out[2 * weight > all   ? SHARE_WHOLE
		    : 3 * weight > all ? SHARE_HALF
		    : 5 * weight > all ? SHARE_THIRD
				       : SHARE_FIFTH] |= folded(&ids[i], 1, SKILL_BITS);
	}
}

void vacancy_summarise(const struct vacancy_entry *e, const struct more_ids *more,
    struct vacancy_bounds *out)
{
	const uint8_t *ids = vacancy_ids(e, more);
	uint8_t skills = (uint8_t)(e->n_required + e->n_wished);

	*out = (struct vacancy_bounds){
		.span = span_of(e->cell),
		.licences = (uint32_t)folded(ids + skills, e->n_licences, LICENCE_BITS),
		.pay_max = e->pay_max,
		.oldest = e->posted_on,
		.newest = e->posted_on,
		.valid_until = e->valid_until,
		.released_on = e->released_on,
		.experience_months = e->experience_months,
		.grades = spread(hours_of(e->shift, e->form)) * (8u - e->education_min),
		.any_unstated = skills == 0,
		.any_unreserved = !e->reserved,
		.any_piece = e->pay_max == 0,
	};
	note_skills(ids, e->n_required, skills, out->skills);
}

#define LOWER(field)                                                                           \
	do {                                                                                   \
		if (by->field < b->field)                                                      \
			b->field = by->field;                                                  \
	} while (0)
#define HIGHER(field)                                                                          \
	do {                                                                                   \
		if (by->field > b->field)                                                      \
			b->field = by->field;                                                  \
	} while (0)

void vacancy_widen(struct vacancy_bounds *b, const struct vacancy_bounds *by)
{
	widen_span(&b->span, &by->span);
	for (unsigned i = 0; i < SHARES; i++)
		b->skills[i] |= by->skills[i];
	b->licences &= by->licences;
	HIGHER(pay_max);
	LOWER(oldest);
	HIGHER(newest);
	HIGHER(valid_until);
	LOWER(released_on);
	LOWER(experience_months);
	b->grades = best_grades(b->grades, by->grades);
	b->any_unstated |= by->any_unstated;
	b->any_unreserved |= by->any_unreserved;
	b->any_piece |= by->any_piece;
}

/* Each of her skills brings what it brings to whichever values it most. */
static unsigned skill_points_at_best(const struct query *q, const struct vacancy_bounds *b)
{
	const struct policy *p = q->terms->policy;
	unsigned points = 0;

	for (uint8_t i = 0; i < q->seeker->n_skills; i++) {
		unsigned best = 0;

		for (unsigned share = SHARES; share-- > 0;)
			best = b->skills[share] & q->skills[i] ? q->share_points[share] : best;
		points += best;
	}
	if (points > p->skills)
		points = p->skills;
	return b->any_unstated && p->skills_unstated > points ? p->skills_unstated : points;
}

static unsigned pay_points_at_best(const struct query *q, const struct vacancy_bounds *b)
{
	unsigned points = query_pay_points(q, b->pay_max);
	unsigned piece = b->any_piece ? query_pay_points(q, 0) : 0;

	return points > piece ? points : piece;
}

static bool is_ruled_out(const struct query *q, const struct vacancy_bounds *b)
{
	const struct seeker *s = q->seeker;
	bool reserved_only = !b->any_unreserved && s->rank > RANK_P3;

	return !has_grade(q, b->grades) || (b->licences & ~q->licences) ||
	       b->valid_until < q->today ||
	       (reserved_only && (s->rank > RANK_P5 || q->today < b->released_on));
}

uint64_t vacancy_bound(struct query *q, const struct vacancy_bounds *b)
{
	const struct policy *p = q->terms->policy;
	enum occupation_level level;
	enum area_level far;
	unsigned points;

	if (is_ruled_out(q, b) || (level = query_level(q, &b->span)) == OCC_NONE)
		return ORDER_NONE;
	far = query_far(q, &b->span);
	if (far == AREA_NONE || far > (enum area_level)q->seeker->farthest)
		return ORDER_NONE;
	points = q->area[far] + skill_points_at_best(q, b) + pay_points_at_best(q, b) +
		 experience_points(p, q->months, b->experience_months) +
		 query_freshness(q, b->newest);
	return query_key(q, level, true, points, b->oldest);
}

/* n of 0 to 7. */
static uint64_t low_bytes(unsigned n)
{
	return (UINT64_C(1) << 8 * n) - 1;
}

static unsigned sum_of_bytes(uint64_t x)
{
	return (unsigned)(x * UINT64_C(0x0101010101010101) >> 56);
}

/* The skills named that she has, a required one twice. */
static unsigned weight_met(const struct query *q, const struct vacancy_entry *e,
    const struct more_ids *more)
{
	const uint8_t *ids = vacancy_ids(e, more);
	unsigned n = e->n_required + e->n_wished;
	uint64_t has = 0;

	if (ids != e->ids) {
		for (unsigned i = 0; i < n; i++)
			has += (uint64_t)q->has[ids[i]] << (i < e->n_required);
		return (unsigned)has;
	}
	for (unsigned i = 0; i < IDS_INLINE; i++)
		has |= (uint64_t)q->has[ids[i]] << 8 * i;
	return sum_of_bytes(has & low_bytes(n)) + sum_of_bytes(has & low_bytes(e->n_required));
}

uint64_t vacancy_entry_bound(const struct query *q, const struct vacancy_entry *e,
    const struct more_ids *more, uint64_t limit)
{
	const struct policy *p = q->terms->policy;
	unsigned all = 2u * e->n_required + e->n_wished;
	unsigned points = q->area[q->cell.far] + query_pay_points(q, e->pay_max) +
			  experience_points(p, q->months, e->experience_months) +
			  query_freshness(q, e->posted_on);
	uint64_t at_best = query_key(q, q->cell.level, true,
	    points + (all ? p->skills : p->skills_unstated), e->posted_on);

	/* Few are left whose skills have to be looked at. */
	if (!all || at_best > limit)
		return at_best;
	return query_key(q, q->cell.level, true,
	    points + query_skill_points(q, all, weight_met(q, e, more)), e->posted_on);
}

void posting_summarise(const struct posting *p, struct posting_bounds *out)
{
	*out = (struct posting_bounds){
		.span = span_of(p->cell),
		.skills = p->skills,
		.licences = (uint32_t)p->licences,
		.pay_wish = p->pay_wish,
		.oldest = p->waiting_since,
		.months = p->months,
		.farthest = p->farthest,
	};
	for (unsigned i = 0; i <= tenure_of(p->months); i++)
		out->grades[i] = spread(p->takes) * (p->education + 1u);
}

void posting_widen(struct posting_bounds *b, const struct posting_bounds *by)
{
	widen_span(&b->span, &by->span);
	b->skills |= by->skills;
	b->licences |= by->licences;
	LOWER(pay_wish);
	LOWER(oldest);
	HIGHER(months);
	for (unsigned i = 0; i < TENURES; i++)
		b->grades[i] = best_grades(b->grades[i], by->grades[i]);
	HIGHER(farthest);
}

/* What the vacancy's asker is given of skills, pay and experience. */
static unsigned person_points(const struct query *q, uint64_t skills, uint32_t pay_wish,
    uint32_t months)
{
	const struct vacancy *v = q->vacancy;
	const struct policy *p = q->terms->policy;

	return query_skill_points(q, 2u * v->n_required + v->n_wished,
		   2u * bits_met(v->required, v->n_required, skills) +
		       bits_met(v->wished, v->n_wished, skills)) +
	       pay_points(p, v->pay_max, pay_wish) +
	       experience_points(p, months, v->experience_months) + q->freshness;
}

uint64_t posting_bound(struct query *q, const struct posting_bounds *b, uint32_t *by_score)
{
	const struct vacancy *v = q->vacancy;
	uint32_t months = UINT32_MAX;
	enum occupation_level level;
	enum area_level far;
	unsigned points;

	if (!has_grade(q, b->grades[0]) || (q->licences & ~b->licences) ||
	    (v->reserved && q->best_rank > RANK_P3 && q->terms->today < v->released_on) ||
	    (level = query_level(q, &b->span)) == OCC_NONE)
		return ORDER_NONE;
	far = query_far(q, &b->span);
	if (far == AREA_NONE || far > (enum area_level)b->farthest)
		return ORDER_NONE;
	/* Their months are those in their own minor group. */
	if (b->span.from_occupation / 100 == v->occupation / 100 &&
	    b->span.to_occupation / 100 == v->occupation / 100)
		months = b->months;
	points = q->area[far] + person_points(q, b->skills, b->pay_wish, months);
	*by_score = (uint32_t)order_by_score(q->occupation[level] + points, b->oldest);
	/* Who fits wishes that minor group, so their months are among these. */
	return query_key(q, level,
	    has_grade(q, b->grades[q->tenure]) && is_able(q, b->skills, b->months), points,
	    b->oldest);
}

uint64_t posting_entry_bound(const struct query *q, const struct posting *p)
{
	bool is_near = cell_occupation(p->cell) / 100 == q->vacancy->occupation / 100;

	if (q->cell.far > (enum area_level)p->farthest || (q->licences & ~p->licences))
		return ORDER_NONE;
	return query_key(q, q->cell.level, is_able(q, p->skills, p->months),
	    q->area[q->cell.far] +
		person_points(q, p->skills, p->pay_wish, is_near ? p->months : UINT32_MAX),
	    p->waiting_since);
}
